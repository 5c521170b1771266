//! Tranches: whether the condition is met is computed, released by a person, once.

use std::collections::BTreeMap;

use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{READ, RELEASE};
use crate::domain::{
    CheckState, Condition, Doctrine, Figure, PaymentForm, Reading, ReasonForm, Side, Terms,
    TrancheAct, TrancheState, read,
};
use crate::mails::News;
use crate::store::contracts::StoredContract;
use crate::store::{applications, contracts, follow_up, funds, tranches, versions};
use crate::{Contracts, ContractsError, Signature, Tranche};

/// A tranche with how its condition stands today.
#[derive(Debug, Clone, PartialEq)]
pub struct TrancheStanding {
    /// It.
    pub tranche: Tranche,
    /// How its condition stands, with the figure that says so; once released: as it stood then.
    pub reading: Reading,
}

impl Contracts {
    /// How conditions stand, read in a transaction: figures as they are, compared with the signed text.
    pub(crate) async fn readings_in(
        &self,
        tx: &mut Tx,
        terms: &Terms,
        contract: Uuid,
        conditions: &[Condition],
    ) -> Result<Vec<Reading>, ContractsError> {
        let today = self.source.today();
        let mut figures: BTreeMap<Uuid, Figure> = BTreeMap::new();
        for condition in conditions {
            let Condition::Indicator { indicator, .. } = condition else {
                continue;
            };
            let progress = &self.ports.progress;
            let found = progress.indicator_in(&mut *tx, *indicator, today).await?;
            let Some(found) = found.filter(|_| !figures.contains_key(indicator)) else {
                continue;
            };
            let Some((value, as_of)) = found.latest else {
                continue;
            };
            let source = progress.source_in(&mut *tx, *indicator, today).await?;
            let figure = Figure {
                value,
                as_of,
                source: source.unwrap_or(found.source),
                automatic: found.automatic,
                unit: found.unit,
            };
            figures.insert(*indicator, figure);
        }
        let found = follow_up::checks(tx, contract).await?;
        let checks: BTreeMap<Doctrine, CheckState> =
            found.iter().map(|one| (one.doctrine, one.state)).collect();
        let all = conditions
            .iter()
            .map(|condition| read(condition, &terms.indicators, &figures, &checks, today));
        Ok(all.collect())
    }

    /// The tranches of a contract that the actor may read, each with how its condition stands.
    pub async fn standings(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Vec<TrancheStanding>, ContractsError> {
        let one = self.known(id).await?;
        actor.demand(&READ, one.ministry)?;
        self.standings_of(&one).await
    }

    pub(crate) async fn standings_of(
        &self,
        one: &StoredContract,
    ) -> Result<Vec<TrancheStanding>, ContractsError> {
        let Some(number) = one.in_force else {
            return Ok(Vec::new());
        };
        let mut tx = self.db.begin_snapshot().await?;
        let text = self.text_in(&mut tx, one.id, number).await?;
        let all = tranches::of_contract(&mut tx, one.id).await?;
        let conditions: Vec<Condition> = all.iter().map(|one| one.condition).collect();
        let readings = self
            .readings_in(&mut tx, &text.terms, one.id, &conditions)
            .await?;
        let told = all.into_iter().zip(readings).map(|(tranche, reading)| {
            let reading = tranche.basis.clone().unwrap_or(reading);
            TrancheStanding { tranche, reading }
        });
        Ok(told.collect())
    }

    /// A tranche in the transaction that acts on it.
    async fn tranche_in(
        &self,
        tx: &mut Tx,
        (one, number): (&StoredContract, i64),
        act: TrancheAct,
    ) -> Result<Tranche, ContractsError> {
        let all = tranches::of_contract(tx, one.id).await?;
        let found = all.into_iter().find(|tranche| tranche.number == number);
        let mut tranche = found.ok_or(ContractsError::NotFound)?;
        let Some(next) = tranche.state.after(act) else {
            let key = match tranche.state {
                TrancheState::Released | TrancheState::Paid if act == TrancheAct::Release => {
                    "contracts-mistake-released"
                }
                TrancheState::Paid => "contracts-mistake-paid",
                TrancheState::Held if act == TrancheAct::Release => "contracts-mistake-held",
                _ => return Err(ContractsError::Impossible),
            };
            return Err(ContractsError::mistake("tranche", key, &tranche.reason));
        };
        tranche.state = next;
        Ok(tranche)
    }

    /// Refuses while the product's funding is held.
    async fn demand_unheld(&self, tx: &mut Tx, product: Uuid) -> Result<(), ContractsError> {
        let Some(holds) = &self.holds else {
            return Ok(());
        };
        match holds.hold_in(tx, ports::ProductId(product)).await? {
            None => Ok(()),
            Some(hold) => {
                let key = "contracts-mistake-funding-held";
                Err(ContractsError::mistake("tranche", key, hold.reason))
            }
        }
    }

    /// Releases a tranche whose condition is met: a person of the directorate, not the ministry's
    /// signatory.
    pub async fn release(
        &self,
        actor: &Actor,
        id: Uuid,
        number: i64,
        version: i64,
        form: &ReasonForm,
    ) -> Result<(), ContractsError> {
        let known = self.known(id).await?;
        let told = self.tell_both(known.ministry).await?;
        let mut tx = self.db.begin().await?;
        let (one, signatures) = self.contract_in(&mut tx, (id, known.product)).await?;
        actor.demand(&RELEASE, one.ministry)?;
        let Some(person) = actor.person_id() else {
            // Computed by the platform, released by a person.
            return Err(ContractsError::Impossible);
        };
        let in_force = one.in_force.filter(|_| one.state.is_in_force());
        let in_force = in_force.ok_or(ContractsError::Impossible)?;
        if signed_for_the_ministry(&signatures, in_force, person) {
            let key = "contracts-mistake-own-ministry";
            return Err(ContractsError::mistake("tranche", key, ""));
        }
        let note = form.read()?;
        let mut tranche = self
            .tranche_in(&mut tx, (&one, number), TrancheAct::Release)
            .await?;
        let text = self.text_in(&mut tx, id, in_force).await?;
        let conditions = [tranche.condition];
        let readings = self
            .readings_in(&mut tx, &text.terms, id, &conditions)
            .await?;
        let reading = readings.into_iter().next().filter(Reading::is_met);
        let Some(reading) = reading else {
            return Err(ContractsError::mistake(
                "tranche",
                "contracts-mistake-unmet",
                "",
            ));
        };
        self.demand_unheld(&mut tx, one.product).await?;
        tranche.released = Some((self.source.today(), actor.name().to_owned()));
        tranche.reason.clone_from(&note);
        tranche.basis = Some(reading.clone());
        if !tranches::save(&mut tx, &tranche, version).await? {
            return Err(ContractsError::Stale);
        }
        let told_to = (&one, &tranche, "release", note.as_str());
        self.tranche_happened(&mut tx, actor, told_to, json!({ "basis": reading }))
            .await?;
        self.mail_tranche(&mut tx, &told, "contracts-told-release", told_to)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Holds a tranche, or lets it go on; with a reason.
    pub async fn hold(
        &self,
        actor: &Actor,
        id: Uuid,
        number: i64,
        version: i64,
        act: TrancheAct,
        form: &ReasonForm,
    ) -> Result<(), ContractsError> {
        if !matches!(act, TrancheAct::Hold | TrancheAct::Unhold) {
            return Err(ContractsError::Impossible);
        }
        let known = self.known(id).await?;
        let told = self.tell_both(known.ministry).await?;
        let mut tx = self.db.begin().await?;
        let (one, _) = self.contract_in(&mut tx, (id, known.product)).await?;
        actor.demand(&RELEASE, one.ministry)?;
        let mut tranche = self.tranche_in(&mut tx, (&one, number), act).await?;
        let reason = form.needed()?;
        tranche.reason = if act == TrancheAct::Hold {
            reason.clone()
        } else {
            String::new()
        };
        if !tranches::save(&mut tx, &tranche, version).await? {
            return Err(ContractsError::Stale);
        }
        let told_to = (&one, &tranche, act.code(), reason.as_str());
        self.tranche_happened(&mut tx, actor, told_to, json!({}))
            .await?;
        let key = if act == TrancheAct::Hold {
            "contracts-told-hold"
        } else {
            "contracts-told-unhold"
        };
        self.mail_tranche(&mut tx, &told, key, told_to).await?;
        Ok(tx.commit().await?)
    }

    /// Records the payment of a tranche that was released.
    pub async fn pay(
        &self,
        actor: &Actor,
        id: Uuid,
        number: i64,
        version: i64,
        form: &PaymentForm,
    ) -> Result<(), ContractsError> {
        let known = self.known(id).await?;
        let told = self.tell_both(known.ministry).await?;
        let mut tx = self.db.begin().await?;
        let (one, _) = self.contract_in(&mut tx, (id, known.product)).await?;
        actor.demand(&RELEASE, one.ministry)?;
        let mut tranche = self
            .tranche_in(&mut tx, (&one, number), TrancheAct::Pay)
            .await?;
        let released_on = tranche.released.as_ref().map(|(on, _)| *on);
        let released_on = released_on.ok_or(ContractsError::Impossible)?;
        let (on, reference) = form.read(released_on, self.source.today())?;
        self.demand_unheld(&mut tx, one.product).await?;
        if tranches::is_taken(&mut tx, &reference).await? {
            let key = "contracts-mistake-reference";
            return Err(ContractsError::mistake("reference", key, &reference));
        }
        tranche.paid_on = Some(on);
        tranche.reference.clone_from(&reference);
        if !tranches::save(&mut tx, &tranche, version).await? {
            return Err(ContractsError::Stale);
        }
        if let Some(id) = one.application {
            let found = applications::find(&mut tx, id).await?;
            let mut application = found.ok_or(ContractsError::NotFound)?;
            application.paid_cents += tranche.amount_cents;
            if !funds::pay(&mut tx, application.fund, tranche.amount_cents).await? {
                return Err(ContractsError::Impossible);
            }
            if !applications::save(&mut tx, &application, application.version).await? {
                return Err(ContractsError::Stale);
            }
        }
        let told_to = (&one, &tranche, "pay", reference.as_str());
        let after = json!({ "on": on, "reference": reference });
        self.tranche_happened(&mut tx, actor, told_to, after)
            .await?;
        self.mail_tranche(&mut tx, &told, "contracts-told-pay", told_to)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Keeps what happened to a tranche in the events of its contract and in the journal.
    async fn tranche_happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        (one, tranche, act, reason): (&StoredContract, &Tranche, &str, &str),
        mut after: serde_json::Value,
    ) -> Result<(), ContractsError> {
        let mut told = format!("{}.\u{a0}{}", tranche.number, tranche.label);
        if !reason.is_empty() {
            told.push_str(&format!(" — {reason}"));
        }
        self.contract_happened(&mut *tx, actor, one, (act, &told))
            .await?;
        after["tranche"] = json!(tranche.number);
        after["state"] = json!(tranche.state);
        after["amount_cents"] = json!(tranche.amount_cents);
        after["reason"] = json!(reason);
        let action = match act {
            "release" => "contracts.tranche.release",
            "pay" => "contracts.tranche.pay",
            _ => "contracts.tranche.hold",
        };
        let change = Change::new(action, "contract", one.id)
            .of(one.ministry)
            .after(after);
        Ok(self.journal.append(tx, actor, change).await.map(drop)?)
    }

    async fn mail_tranche(
        &self,
        tx: &mut Tx,
        told: &crate::mails::Told,
        key: &'static str,
        (one, tranche, _, reason): (&StoredContract, &Tranche, &str, &str),
    ) -> Result<(), ContractsError> {
        let path = format!("/contracts/{}", one.id);
        let news = News {
            key,
            product: &one.product_title,
            about: &tranche.label,
            reason,
            path: &path,
            due: None,
        };
        self.mail(tx, told, news).await
    }

    /// The contract of a tranche and its text in force, for the watch.
    pub(crate) async fn of_tranche(
        &self,
        tx: &mut Tx,
        tranche: &Tranche,
    ) -> Result<Option<(StoredContract, Terms)>, ContractsError> {
        let found = contracts::find(&mut *tx, tranche.contract).await?;
        let Some(one) = found.filter(|one| one.state.is_in_force()) else {
            return Ok(None);
        };
        let Some(number) = one.in_force else {
            return Ok(None);
        };
        let text = versions::find(tx, one.id, number).await?;
        Ok(text.map(|text| (one, text.terms)))
    }
}

/// Whether a person signed the text in force for the ministry.
fn signed_for_the_ministry(signatures: &[Signature], in_force: i64, person: Uuid) -> bool {
    signatures.iter().any(|one| {
        one.number == in_force
            && one.side == Side::Ministry
            && one.voided.is_none()
            && one.person == person
    })
}
