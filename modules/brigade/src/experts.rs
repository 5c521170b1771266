//! Acts on experts: officers of the directorate alone.

use std::collections::BTreeSet;

use kit_access::Actor;
use kit_db::Handle;
use kit_journal::Change;
use ports::{Addressee, PersonId};
use serde_json::json;
use uuid::Uuid;

use crate::access::STAFF;
use crate::domain::{ExpertForm, ExpertRead, ExpertiseForm, PeriodForm};
use crate::store::experts::{self as store, Expert, Expertise};
use crate::store::missions::{self, Mission};
use crate::{Brigade, BrigadeError};

/// What the journal keeps of an expert: neither its address nor when it is away.
fn told(one: &ExpertRead) -> serde_json::Value {
    json!({
        "name": one.name, "employer": one.employer, "lender": one.lender,
        "half_days_week": one.availability.half_days_week, "skills": one.skills,
        "in_use": one.in_use,
    })
}

/// The codes of trades.
pub(crate) async fn codes(on: impl Into<Handle<'_>>) -> Result<BTreeSet<String>, BrigadeError> {
    let all = store::expertises(on).await?;
    Ok(all.into_iter().map(|one| one.code).collect())
}

impl Brigade {
    /// Trades, in the order in which pages offer them.
    pub async fn expertises(&self) -> Result<Vec<Expertise>, BrigadeError> {
        Ok(store::expertises(&self.db).await?)
    }

    /// Adds a trade.
    pub async fn add_expertise(
        &self,
        actor: &Actor,
        form: &ExpertiseForm,
    ) -> Result<(), BrigadeError> {
        actor.demand(&STAFF, None)?;
        let read = form.read()?;
        let mut tx = self.db.begin().await?;
        if !store::add_expertise(&mut tx, &read).await? {
            let taken = "brigade-mistake-code-taken";
            return Err(BrigadeError::mistake("code", taken, &read.code));
        }
        let id = self.source.new_id();
        let change = Change::new("brigade.expertise.add", "expertise", id)
            .after(json!({ "code": read.code, "name": read.name_fr }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Experts by name after a place, those who know an expertise when it is given.
    pub async fn experts(
        &self,
        actor: &Actor,
        expertise: Option<&str>,
        after: (&str, Uuid),
        limit: u32,
    ) -> Result<Vec<Expert>, BrigadeError> {
        actor.demand(&STAFF, None)?;
        Ok(store::page(&self.db, expertise, after, limit).await?)
    }

    /// An expert with its periods, and its missions of the last year and to come.
    pub async fn expert(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(Expert, Vec<Mission>), BrigadeError> {
        actor.demand(&STAFF, None)?;
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(BrigadeError::NotFound)?;
        let since = self
            .source
            .today()
            .saturating_sub(jiff::Span::new().years(1));
        let missions = missions::of_expert(&self.db, id, since).await?;
        Ok((one, missions))
    }

    /// The open account of an expert, by name and address; none when it has none, or it was closed.
    pub async fn account_of(
        &self,
        actor: &Actor,
        one: &Expert,
    ) -> Result<Option<Addressee>, BrigadeError> {
        actor.demand(&STAFF, None)?;
        match one.person {
            Some(person) => Ok(self.parties.addressee(PersonId(person)).await?),
            None => Ok(None),
        }
    }

    /// What a form says, and the account that it names. Who calls has shown that it keeps experts:
    /// the answer tells whether an address has an account.
    async fn expert_form(
        &self,
        form: &ExpertForm,
    ) -> Result<(ExpertRead, Option<Uuid>), BrigadeError> {
        let read = form.read(&codes(&self.db).await?)?;
        let Some(email) = &read.account else {
            return Ok((read, None));
        };
        let found = self.parties.addressee_of_email(email).await?;
        let Some(account) = found else {
            let key = "brigade-mistake-account";
            return Err(BrigadeError::mistake("account", key, email));
        };
        Ok((read, Some(account.id.0)))
    }

    /// Adds an expert.
    pub async fn add_expert(&self, actor: &Actor, form: &ExpertForm) -> Result<Uuid, BrigadeError> {
        actor.demand(&STAFF, None)?;
        let (read, person) = self.expert_form(form).await?;
        let mut tx = self.db.begin().await?;
        let id = self.source.new_id();
        self.refuse_known(&mut tx, id, &read.email, person).await?;
        store::insert(&mut tx, id, (&read, person), self.source.now()).await?;
        let change = Change::new("brigade.expert.add", "expert", id).after(told(&read));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// An address and an account belong to one expert.
    async fn refuse_known(
        &self,
        tx: &mut kit_db::Tx,
        id: Uuid,
        email: &str,
        person: Option<Uuid>,
    ) -> Result<(), BrigadeError> {
        let of_email = store::of_email(&mut *tx, email).await?;
        if of_email.is_some_and(|other| other != id) {
            let key = "brigade-mistake-email-taken";
            return Err(BrigadeError::mistake("email", key, email));
        }
        if let Some(person) = person {
            let other = store::of_person(tx, person).await?;
            if let Some(other) = other.filter(|other| other.id != id) {
                let key = "brigade-mistake-account-taken";
                return Err(BrigadeError::mistake("account", key, other.name));
            }
        }
        Ok(())
    }

    /// Changes an expert of that version.
    pub async fn change_expert(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &ExpertForm,
    ) -> Result<(), BrigadeError> {
        actor.demand(&STAFF, None)?;
        let (read, mut person) = self.expert_form(form).await?;
        let mut tx = self.db.begin().await?;
        let found = store::hold(&mut tx, id).await?;
        let before = found.ok_or(BrigadeError::NotFound)?;
        // The form can't show the address of a closed account: leaving its field empty takes nothing away.
        if let (None, Some(known)) = (person, before.person) {
            let open = self.parties.addressee_in(&mut tx, PersonId(known)).await?;
            if open.is_none() {
                person = Some(known);
            }
        }
        self.refuse_known(&mut tx, id, &read.email, person).await?;
        if !store::save(&mut tx, id, version, (&read, person)).await? {
            return Err(BrigadeError::Stale);
        }
        let change = Change::new("brigade.expert.change", "expert", id)
            .before(json!({
                "name": before.name, "employer": before.employer, "lender": before.lender,
                "half_days_week": before.availability.half_days_week, "skills": before.skills,
                "in_use": before.in_use,
            }))
            .after(told(&read));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Says that an expert works less for a time. What missions took already stays: the board then
    /// shows that it is too much.
    pub async fn add_period(
        &self,
        actor: &Actor,
        expert: Uuid,
        form: &PeriodForm,
    ) -> Result<Uuid, BrigadeError> {
        actor.demand(&STAFF, None)?;
        let period = form.read()?;
        let mut tx = self.db.begin().await?;
        let found = store::hold(&mut tx, expert).await?;
        let one = found.ok_or(BrigadeError::NotFound)?;
        if one.period_ids.len() >= 1_000 {
            return Err(BrigadeError::mistake("from", "brigade-mistake-many", 1_000));
        }
        let id = self.source.new_id();
        store::add_period(&mut tx, id, expert, period).await?;
        // Which days somebody is away stays out of the journal.
        let change =
            Change::new("brigade.expert.period", "expert", expert).after(json!({ "period": id }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Takes a period away.
    pub async fn remove_period(
        &self,
        actor: &Actor,
        expert: Uuid,
        period: Uuid,
    ) -> Result<(), BrigadeError> {
        actor.demand(&STAFF, None)?;
        let mut tx = self.db.begin().await?;
        store::hold(&mut tx, expert)
            .await?
            .ok_or(BrigadeError::NotFound)?;
        if !store::remove_period(&mut tx, period, expert).await? {
            return Err(BrigadeError::NotFound);
        }
        let change = Change::new("brigade.expert.period", "expert", expert)
            .before(json!({ "period": period }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }
}
