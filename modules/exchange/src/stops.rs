//! Stopping flows and letting them go on: a producer for its data, the directorate for all.

use kit_access::Actor;
use kit_journal::Change;
use ports::exchange::StopTarget;
use serde_json::json;
use uuid::Uuid;

use crate::access::{READ_STOPS, STOP, STOP_ALL};
use crate::domain::{ReadStop, StopForm, Version};
use crate::mails::Told;
use crate::store::accreditations::{self, Accreditation};
use crate::store::stops::{self as store, StoredStop};
use crate::store::{apis, head, operations};
use crate::{Exchange, ExchangeError};

/// Longest reason of a resumption, in characters.
pub(crate) const REASON_CHARS_MAX: usize = 1_000;

impl Exchange {
    fn demand_stop(actor: &Actor, producer: Option<Uuid>) -> Result<(), ExchangeError> {
        match producer {
            Some(producer) => actor.demand(&STOP, Some(producer))?,
            None => actor.demand(&STOP_ALL, None)?,
        }
        Ok(())
    }

    /// Stops a flow: in force on every gateway as soon as it hears of it. Gives its id.
    pub async fn stop(&self, actor: &Actor, form: &StopForm) -> Result<Uuid, ExchangeError> {
        let ReadStop {
            producer,
            target,
            api,
            reason,
        } = form.check().map_err(ExchangeError::Mistakes)?;
        Self::demand_stop(actor, producer)?;
        let target_name = self.stoppable(producer, &target).await?;
        if let Some(api) = api {
            self.check_narrowed(producer, &target, api).await?;
        }
        let stop = StoredStop {
            id: self.source.new_id(),
            producer,
            target,
            target_name,
            api,
            reason,
            since: self.source.now(),
            stopped_by: actor.name().to_owned(),
            ended: None,
        };
        let told = self.told_of_stop(&stop).await?;
        let live = store::live(&self.db).await?;
        let is_same = |one: &&StoredStop| {
            let reaches = one.api.is_none() || one.api == api;
            one.producer == producer && one.target == stop.target && reaches
        };
        if live.iter().any(|one| is_same(&one)) {
            return Err(ExchangeError::mistake(
                "target",
                "exchange-mistake-stopped",
                "",
            ));
        }
        let mut tx = self.db.begin().await?;
        store::insert(&mut tx, &stop).await?;
        self.mail_of_stop(&mut tx, told, &stop, "exchange-told-stop", &stop.reason)
            .await?;
        let change = Change::new("exchange.flow.stop", "stop", stop.id)
            .of(producer)
            .after(told_stop(&stop));
        self.finish(tx, actor, change).await?;
        Ok(stop.id)
    }

    /// Lets a flow go on that the actor may stop.
    pub async fn resume(&self, actor: &Actor, id: Uuid, reason: &str) -> Result<(), ExchangeError> {
        let (stop, told) = self.resumable(actor, id).await?;
        let reason = reason_of(reason)?;
        let mut tx = self.db.begin().await?;
        let change = self.end_stop(&mut tx, actor, (&stop, told), reason).await?;
        self.finish(tx, actor, change).await
    }

    /// A stop that the actor may end, and those who hear of it.
    pub(crate) async fn resumable(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(StoredStop, Told), ExchangeError> {
        let found = store::find(&self.db, id).await?;
        let stop = found.ok_or(ExchangeError::NotFound)?;
        Self::demand_stop(actor, stop.producer)?;
        let told = self.told_of_stop(&stop).await?;
        Ok((stop, told))
    }

    /// Ends a stop and tells it, in a transaction that goes on with the change that is given.
    pub(crate) async fn end_stop(
        &self,
        tx: &mut kit_db::Tx,
        actor: &Actor,
        (stop, told): (&StoredStop, Told),
        reason: &str,
    ) -> Result<Change<'static>, ExchangeError> {
        let now = self.source.now();
        if !store::end(tx, stop.id, now, actor.name(), reason).await? {
            return Err(ExchangeError::Stale);
        }
        self.mail_of_stop(tx, told, stop, "exchange-told-resume-flow", reason)
            .await?;
        Ok(Change::new("exchange.flow.resume", "stop", stop.id)
            .of(stop.producer)
            .before(told_stop(stop))
            .after(json!({ "reason": reason })))
    }

    /// The name of what would be stopped, which must be there and be the producer's.
    pub(crate) async fn stoppable(
        &self,
        producer: Option<Uuid>,
        target: &StopTarget,
    ) -> Result<String, ExchangeError> {
        let wrong = |what: &str| ExchangeError::mistake("target", "exchange-mistake-target", what);
        let is_theirs = |of: Uuid| producer.is_none_or(|producer| producer == of);
        match target {
            StopTarget::Api(id) => {
                let api = apis::find(&self.db, *id).await?;
                let api = api.filter(|api| is_theirs(api.producer));
                Ok(api.ok_or_else(|| wrong(&id.to_string()))?.profile.name)
            }
            StopTarget::Operation(id) => {
                let operation = operations::find(&self.db, *id).await?;
                let operation = operation.ok_or_else(|| wrong(&id.to_string()))?;
                let api = apis::find(&self.db, operation.api).await?;
                let api = api.filter(|api| is_theirs(api.producer));
                let api = api.ok_or_else(|| wrong(&id.to_string()))?;
                Ok(format!(
                    "{}\u{a0}: {}",
                    api.profile.name, operation.described.name
                ))
            }
            StopTarget::Accreditation(id) => {
                let one = accreditations::find(&self.db, *id).await?;
                let one = one.ok_or_else(|| wrong(&id.to_string()))?;
                let producers = accreditations::producers(&self.db, *id).await?;
                if !producers.iter().any(|of| is_theirs(*of)) {
                    return Err(wrong(&id.to_string()));
                }
                Ok(format!("n° {} {}", one.number, one.title))
            }
            StopTarget::Requester(siret) => {
                let known = self.parties.party_of_siret(siret).await?;
                Ok(known.map(|party| party.name).unwrap_or_default())
            }
            StopTarget::Purpose(code) => Ok(code.clone()),
        }
    }

    /// Refuses unless the API is the producer's and, of an accreditation, one that it names.
    async fn check_narrowed(
        &self,
        producer: Option<Uuid>,
        target: &StopTarget,
        id: Uuid,
    ) -> Result<(), ExchangeError> {
        let api = apis::find(&self.db, id).await?;
        let api = api.filter(|api| producer.is_none_or(|producer| producer == api.producer));
        let is_named = match target {
            StopTarget::Accreditation(one) => {
                accreditations::apis(&self.db, *one).await?.contains(&id)
            }
            _ => true,
        };
        match api.filter(|_| is_named) {
            Some(_) => Ok(()),
            None => Err(ExchangeError::mistake(
                "api",
                "exchange-mistake-stop-api",
                "",
            )),
        }
    }

    /// The accreditations in force that a stop touches.
    async fn touched(
        &self,
        stop: &StoredStop,
    ) -> Result<Vec<(Accreditation, Version)>, ExchangeError> {
        let mut active = self.active().await?;
        let of_operation = match &stop.target {
            StopTarget::Operation(id) => operations::find(&self.db, *id).await?.map(|one| one.api),
            _ => None,
        };
        active.retain(|(one, version)| {
            let asks = |api: Uuid| version.apis.iter().any(|granted| granted.api == api);
            let is_of_producer = stop
                .producer
                .is_none_or(|of| version.apis.iter().any(|granted| granted.producer == of));
            let is_touched = match &stop.target {
                StopTarget::Api(api) => asks(*api),
                StopTarget::Operation(_) => of_operation.is_some_and(asks),
                StopTarget::Requester(siret) => version.requester.siret == *siret,
                StopTarget::Accreditation(id) => one.id == *id,
                StopTarget::Purpose(code) => version
                    .content
                    .purposes
                    .iter()
                    .any(|purpose| purpose.code == *code),
            };
            is_of_producer && is_touched && stop.api.is_none_or(asks)
        });
        Ok(active)
    }

    async fn told_of_stop(&self, stop: &StoredStop) -> Result<Told, ExchangeError> {
        let mut told = Told::default();
        for (one, _) in self.touched(stop).await? {
            self.tell_contacts(&mut told, &one).await?;
        }
        self.tell_instructors(&mut told, None).await?;
        Ok(told)
    }

    async fn mail_of_stop(
        &self,
        tx: &mut kit_db::Tx,
        told: Told,
        stop: &StoredStop,
        key: &'static str,
        reason: &str,
    ) -> Result<(), ExchangeError> {
        let what = self.mail_words.text(key);
        let producer = match stop.producer {
            Some(id) => head::party(&mut *tx, id).await?.map(|party| party.name),
            None => None,
        };
        let producer = producer.unwrap_or_else(|| self.mail_words.text("exchange-all-producers"));
        let mut about = format!("{producer}\u{a0}: {}", stop.target_name);
        if let Some(api) = stop.api {
            let api = apis::find(&mut *tx, api).await?;
            let name = api.map(|api| api.profile.name).unwrap_or_default();
            let args = [("name", crate::mails::plain(&name).into())];
            let alone = self.mail_words.text_with("exchange-stop-one-api", &args);
            about = format!("{about}, {alone}");
        }
        let link = format!("{}/exchange/stops", self.settings.public_url);
        let text = self.mail_text(&what, &crate::mails::plain(&about), reason, &link);
        self.enqueue(tx, told, &what, &text).await
    }

    /// Stops before a place, the latest first, that the actor may read: a requester sees those that
    /// may touch it without the names of other requesters.
    pub(crate) async fn stops(
        &self,
        actor: &Actor,
        before: (jiff::Timestamp, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredStop>, ExchangeError> {
        actor.demand_somewhere(&READ_STOPS)?;
        if Self::reads_all_stops(actor) {
            return Ok(store::latest(&self.db, before, limit).await?);
        }
        let mut before = before;
        let mut kept = Vec::new();
        loop {
            let found = store::latest(&self.db, before, limit).await?;
            let is_last = found.len() < limit as usize;
            for stop in found {
                before = (stop.since, stop.id);
                if self.may_read_stop(actor, &stop).await? {
                    kept.push(stop);
                }
                if kept.len() == limit as usize {
                    return Ok(kept);
                }
            }
            if is_last {
                return Ok(kept);
            }
        }
    }

    /// A stop that the actor may read.
    pub async fn stop_of(&self, actor: &Actor, id: Uuid) -> Result<StoredStop, ExchangeError> {
        actor.demand_somewhere(&READ_STOPS)?;
        let found = store::find(&self.db, id).await?;
        let stop = found.ok_or(ExchangeError::NotFound)?;
        if !Self::reads_all_stops(actor) && !self.may_read_stop(actor, &stop).await? {
            // That there is one isn't told.
            return Err(ExchangeError::NotFound);
        }
        Ok(stop)
    }

    fn reads_all_stops(actor: &Actor) -> bool {
        actor.may_somewhere(&STOP) || actor.may_somewhere(&STOP_ALL)
    }

    /// Whether a requester may read a stop: not one of another requester or accreditation.
    async fn may_read_stop(&self, actor: &Actor, stop: &StoredStop) -> Result<bool, ExchangeError> {
        Ok(match &stop.target {
            StopTarget::Requester(siret) => {
                let party = self.parties.party_of_siret(siret).await?;
                party.is_some_and(|party| actor.may(&crate::access::ASK, Some(party.id)))
            }
            StopTarget::Accreditation(id) => self.seen(actor, *id).await.is_ok(),
            StopTarget::Api(_) | StopTarget::Operation(_) | StopTarget::Purpose(_) => true,
        })
    }

    /// Whether the actor may let a stopped flow go on.
    pub(crate) fn may_resume(actor: &Actor, stop: &StoredStop) -> bool {
        stop.ended.is_none() && Self::demand_stop(actor, stop.producer).is_ok()
    }
}

/// A reason without surrounding blanks, within its limit.
pub(crate) fn reason_of(reason: &str) -> Result<&str, ExchangeError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(ExchangeError::mistake(
            "reason",
            "exchange-mistake-missing",
            "",
        ));
    }
    if reason.contains('\0') {
        return Err(ExchangeError::mistake("reason", "exchange-mistake-nul", ""));
    }
    if reason.chars().count() > REASON_CHARS_MAX {
        let key = "exchange-mistake-long";
        return Err(ExchangeError::mistake("reason", key, REASON_CHARS_MAX));
    }
    Ok(reason)
}

/// What the journal keeps of a stop.
pub(crate) fn told_stop(stop: &StoredStop) -> serde_json::Value {
    json!({
        "producer": stop.producer,
        "target": stop.target,
        "api": stop.api,
        "reason": stop.reason,
        "since": stop.since.to_string(),
    })
}
