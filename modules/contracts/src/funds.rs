//! Funds, their calls, and applications to them.

use kit_access::{Actor, Permission};
use kit_acts::Happening;
use kit_journal::Change;
use ports::ProductId;
use serde_json::json;
use uuid::Uuid;

use crate::access::{APPLY, FUND};
use crate::domain::{
    ApplicationAct, ApplicationForm, ApplicationState, CallForm, DecisionForm, FundForm,
};
use crate::mails::News;
use crate::store::{applications, funds};
use crate::{Application, Call, Contracts, ContractsError, Fund};

/// Who may do an act to an application.
pub(crate) fn permission(act: ApplicationAct) -> &'static Permission {
    match act {
        ApplicationAct::Withdraw => &APPLY,
        _ => &FUND,
    }
}

impl Contracts {
    /// Opens a fund.
    pub async fn open_fund(&self, actor: &Actor, form: &FundForm) -> Result<Uuid, ContractsError> {
        actor.demand(&FUND, None)?;
        let (name, purpose, envelope_cents) = form.read()?;
        let fund = Fund {
            id: self.source.new_id(),
            name,
            purpose,
            envelope_cents,
            committed_cents: 0,
            paid_cents: 0,
            opened_on: self.source.today(),
        };
        let mut tx = self.db.begin().await?;
        funds::insert(&mut tx, &fund).await?;
        let change = Change::new("contracts.fund.open", "fund", fund.id)
            .public()
            .after(json!({ "name": fund.name, "envelope_cents": envelope_cents }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(fund.id)
    }

    /// Opens a call of a fund.
    pub async fn open_call(
        &self,
        actor: &Actor,
        fund: Uuid,
        form: &CallForm,
    ) -> Result<Uuid, ContractsError> {
        actor.demand(&FUND, None)?;
        let (title, criteria, opens_on, closes_on) = form.read()?;
        let mut tx = self.db.begin().await?;
        let known = funds::find(&mut tx, fund).await?;
        let fund = known.ok_or(ContractsError::NotFound)?;
        let call = Call {
            id: self.source.new_id(),
            fund: fund.id,
            title,
            criteria,
            opens_on,
            closes_on,
        };
        funds::insert_call(&mut tx, &call).await?;
        let change = Change::new("contracts.call.open", "call", call.id)
            .public()
            .after(json!({
                "fund": fund.id, "title": call.title, "opens_on": opens_on, "closes_on": closes_on,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(call.id)
    }

    /// Applies to a call for a product of the actor's ministry: with an indicator that has a baseline, a
    /// target and a date.
    pub async fn apply(
        &self,
        actor: &Actor,
        call: Uuid,
        product: Uuid,
        form: &ApplicationForm,
    ) -> Result<Uuid, ContractsError> {
        let today = self.source.today();
        let indicators = self.indicators_of(product).await?;
        let found = self.ports.products.product(ProductId(product)).await?;
        let ministry = found.ok_or(ContractsError::NotFound)?.ministry;
        let told = self.tell_directorate(ministry.map(|one| one.0)).await?;
        let mut tx = self.db.begin().await?;
        let (_, kept) = self.product_in(&mut tx, product).await?;
        actor.demand(&APPLY, kept.ministry)?;
        let found = funds::find_call(&mut tx, call).await?;
        let call = found.ok_or(ContractsError::NotFound)?;
        if today < call.opens_on {
            let key = "contracts-mistake-call-not-open";
            return Err(ContractsError::mistake("amount", key, call.opens_on));
        }
        if today > call.closes_on {
            let key = "contracts-mistake-call-closed";
            return Err(ContractsError::mistake("amount", key, call.closes_on));
        }
        let (asked_cents, contribution, indicator) = form.read(&indicators)?;
        let one = Application {
            id: self.source.new_id(),
            call: call.id,
            fund: call.fund,
            product: kept.id,
            product_title: kept.title.clone(),
            ministry: kept.ministry,
            state: ApplicationState::Submitted,
            asked_cents,
            contribution,
            indicator,
            applied_on: today,
            applied_by: actor.name().to_owned(),
            granted_cents: 0,
            committed_cents: 0,
            paid_cents: 0,
            decided: None,
            reasons: String::new(),
            contract: None,
            version: 1,
        };
        if !applications::insert(&mut tx, &one).await? {
            let key = "contracts-mistake-applied";
            return Err(ContractsError::mistake("amount", key, ""));
        }
        let what = Happening {
            product: Some(one.product),
            subject: ("application", one.id),
            act: "apply",
            on: today,
            reason: &one.contribution,
        };
        self.happened(&mut tx, actor, what).await?;
        let path = format!("/applications/{}", one.id);
        let news = News {
            key: "contracts-told-apply",
            product: &one.product_title,
            about: &call.title,
            reason: &one.contribution,
            path: &path,
            due: None,
        };
        self.mail(&mut tx, &told, news).await?;
        let change = Change::new("contracts.application.send", "application", one.id)
            .of(one.ministry)
            .after(json!({
                "call": call.id, "product": one.product, "asked_cents": asked_cents,
                "indicator": one.indicator,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(one.id)
    }

    /// Decides on an application, takes it back, or gives the money of a selected one back while it has
    /// no contract. A selection commits the money: what the envelope does not hold is refused.
    pub async fn decide(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        act: ApplicationAct,
        form: &DecisionForm,
    ) -> Result<(), ContractsError> {
        let today = self.source.today();
        let found = applications::find(&self.db, id).await?;
        let known = found.ok_or(ContractsError::NotFound)?;
        let told = self.tell_both(known.ministry).await?;
        let mut tx = self.db.begin().await?;
        self.product_in(&mut tx, known.product).await?;
        let found = applications::find(&mut tx, id).await?;
        let mut one = found.ok_or(ContractsError::NotFound)?;
        actor.demand(permission(act), one.ministry)?;
        let next = one.state.after(act).ok_or(ContractsError::Impossible)?;
        if one.version != version {
            return Err(ContractsError::Stale);
        }
        let found = funds::find_call(&mut tx, one.call).await?;
        let call = found.ok_or(ContractsError::NotFound)?;
        let is_decision = matches!(act, ApplicationAct::Select | ApplicationAct::Refuse);
        if is_decision && today <= call.closes_on {
            // All that apply in time are judged together.
            let key = "contracts-mistake-call-runs";
            return Err(ContractsError::mistake("reason", key, call.closes_on));
        }
        if act == ApplicationAct::Lapse && one.contract.is_some() {
            // With a contract it is the contract that is withdrawn or terminated.
            return Err(ContractsError::Impossible);
        }
        let asked = (act == ApplicationAct::Select).then_some(one.asked_cents);
        let (reasons, granted) = form.read(asked)?;
        let before = one.committed_cents;
        match act {
            ApplicationAct::Select => {
                one.granted_cents = granted;
                one.committed_cents = granted;
            }
            ApplicationAct::Lapse => one.committed_cents = one.paid_cents,
            ApplicationAct::Refuse | ApplicationAct::Withdraw => {}
        }
        let change = one.committed_cents - before;
        if change != 0 && !funds::commit(&mut tx, one.fund, change).await? {
            let envelope = funds::find(&mut tx, one.fund).await?;
            let left = envelope.ok_or(ContractsError::NotFound)?.left_cents();
            let left = format!("{},{:02}\u{a0}€", left / 100, left % 100);
            let key = "contracts-mistake-left";
            return Err(ContractsError::mistake("granted", key, left));
        }
        one.state = next;
        one.decided = Some((today, actor.name().to_owned()));
        one.reasons.clone_from(&reasons);
        if !applications::save(&mut tx, &one, version).await? {
            return Err(ContractsError::Stale);
        }
        let what = Happening {
            product: Some(one.product),
            subject: ("application", id),
            act: act.code(),
            on: today,
            reason: &reasons,
        };
        self.happened(&mut tx, actor, what).await?;
        let path = format!("/applications/{id}");
        let news = News {
            key: match act {
                ApplicationAct::Select => "contracts-told-select",
                ApplicationAct::Refuse => "contracts-told-refuse",
                ApplicationAct::Withdraw => "contracts-told-take-back",
                ApplicationAct::Lapse => "contracts-told-lapse",
            },
            product: &one.product_title,
            about: &call.title,
            reason: &reasons,
            path: &path,
            due: None,
        };
        self.mail(&mut tx, &told, news).await?;
        let change = Change::new("contracts.application.decide", "application", id)
            .of(one.ministry)
            .before(json!({ "committed_cents": before }))
            .after(json!({
                "state": one.state, "granted_cents": one.granted_cents,
                "committed_cents": one.committed_cents, "reasons": reasons,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }
}
