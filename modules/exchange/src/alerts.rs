//! What rules and gateways raised, and what people do about it.

use jiff::Timestamp;
use kit_access::Actor;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{EDIT_RULES, READ_OWN};
use crate::domain::{Handled, HourCount, Mistake};
use crate::stops::reason_of;
use crate::store::alerts::{self as store, AlertFilter, AlertSide, AlertSource, KeptAlert};
use crate::store::stops::{self, StoredStop};
use crate::{Exchange, ExchangeError};

/// An alert with what its page shows.
#[derive(Debug)]
pub(crate) struct WholeAlert {
    pub(crate) alert: KeptAlert,
    /// What it stopped, as it stands now.
    pub(crate) stop: Option<StoredStop>,
    /// The calls of its window by hour, as counted until now.
    pub(crate) hours: Vec<HourCount>,
}

impl Exchange {
    async fn demand_alert_side(
        &self,
        actor: &Actor,
        side: &AlertSide,
    ) -> Result<(), ExchangeError> {
        match side {
            AlertSide::All => actor.demand(&EDIT_RULES, None)?,
            AlertSide::Producer(id) => actor.demand(&EDIT_RULES, Some(*id))?,
            AlertSide::Requester(siret) => {
                let party = self.parties.party_of_siret(siret).await?;
                let party = party.ok_or(ExchangeError::NotFound)?;
                actor.demand(&READ_OWN, Some(party.id))?;
            }
        }
        Ok(())
    }

    /// Alerts before a place, the latest first, at most `limit`.
    pub async fn alerts(
        &self,
        actor: &Actor,
        side: &AlertSide,
        filter: &AlertFilter,
        before: (Timestamp, Uuid),
        limit: u32,
    ) -> Result<Vec<KeptAlert>, ExchangeError> {
        self.demand_alert_side(actor, side).await?;
        Ok(store::page(&self.db, side, filter, before, limit).await?)
    }

    /// An alert about the actor's data, or about its calls.
    pub async fn alert(&self, actor: &Actor, id: Uuid) -> Result<KeptAlert, ExchangeError> {
        let found = store::find(&self.db, id).await?;
        let alert = found.ok_or(ExchangeError::NotFound)?;
        if !Self::may_handle(actor, &alert) {
            let side = AlertSide::Requester(alert.requester.clone());
            self.demand_alert_side(actor, &side).await?;
        }
        Ok(alert)
    }

    /// Whether the actor may say what becomes of an alert.
    pub(crate) fn may_handle(actor: &Actor, alert: &KeptAlert) -> bool {
        actor.may(&EDIT_RULES, alert.source.producer())
    }

    pub(crate) async fn whole_alert(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<WholeAlert, ExchangeError> {
        let alert = self.alert(actor, id).await?;
        let stop = match alert.stop {
            Some(stop) => stops::find(&self.db, stop).await?,
            None => None,
        };
        let hours = match &alert.source {
            AlertSource::Rule { api, operation, .. } => {
                let of = (*api, *operation);
                crate::store::rules::hours(&self.db, of, alert.accreditation, alert.window).await?
            }
            AlertSource::Gateway(_) => Vec::new(),
        };
        Ok(WholeAlert { alert, stop, hours })
    }

    /// Says what becomes of an alert that is open, otherwise [`ExchangeError::Stale`]: the stop is kept,
    /// the flow goes on, or it was looked at. What goes on needs a reason, which the requester reads.
    pub async fn handle_alert(
        &self,
        actor: &Actor,
        id: Uuid,
        how: Handled,
        note: &str,
    ) -> Result<(), ExchangeError> {
        let alert = self.alert(actor, id).await?;
        actor.demand(&EDIT_RULES, alert.source.producer())?;
        let note = match (how, note.trim()) {
            // Who keeps a stop has its reason already.
            (Handled::Kept, "") => "",
            _ => reason_of(note)?,
        };
        let nothing_stopped = || {
            let key = "exchange-mistake-nothing-stopped";
            ExchangeError::Mistakes(vec![Mistake::new("how", key)])
        };
        let resumed = match (how, alert.stop) {
            (Handled::Closed, _) | (Handled::Kept, Some(_)) => None,
            (Handled::Resumed, Some(stop)) => Some(self.resumable(actor, stop).await?),
            (Handled::Kept | Handled::Resumed, None) => return Err(nothing_stopped()),
        };
        let mut tx = self.db.begin().await?;
        let now = (how, self.source.now());
        if !store::handle(&mut tx, id, now, actor.name(), note).await? {
            return Err(ExchangeError::Stale);
        }
        let change = Change::new("exchange.alert.handle", "alert", id)
            .of(alert.source.producer())
            .after(json!({ "as": how, "note": note }));
        if let Some((stop, told)) = resumed {
            let resumption = self.end_stop(&mut tx, actor, (&stop, told), note).await?;
            // Before the journal is locked, as every act does.
            crate::store::head::bump(&mut tx).await?;
            self.journal.append(&mut tx, actor, resumption).await?;
        }
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }
}
