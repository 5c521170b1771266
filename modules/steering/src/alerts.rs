//! Acts on alerts.

use jiff::ToSpan as _;
use kit_access::{Actor, Permission};
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use ports::{BrigadeCall, ProductId};
use serde_json::json;
use uuid::Uuid;

use crate::access::{ANSWER, READ, WATCH};
use crate::agenda::NewPoint;
use crate::mails::{News, Told};
use crate::store::alerts::{self as store, Alert};
use crate::store::events;
use crate::store::products::{self, count, rules};
use crate::watch::is_drift;
use crate::{Event, Steering, SteeringError, WORDING};

kit_acts::coded! {
    /// What is done with an alert.
    AlertAct {
        /// The ministry is asked for an explanation.
        Ask = "ask",
        /// The ministry explains.
        Explain = "explain",
        /// The conference will speak of it.
        Agenda = "agenda",
        /// The brigade is sent.
        Brigade = "brigade",
        /// The project's funding is held.
        Hold = "hold",
        /// It is put aside, with a reason.
        Dismiss = "dismiss",
    }
}

impl AlertAct {
    /// Who may.
    pub(crate) fn permission(self) -> &'static Permission {
        match self {
            Self::Explain => &ANSWER,
            Self::Ask | Self::Agenda | Self::Brigade | Self::Hold | Self::Dismiss => &WATCH,
        }
    }

    /// Whether it can be done with an alert as it stands.
    pub(crate) fn is_possible(self, one: &Alert) -> bool {
        one.closed.is_none()
            && match self {
                Self::Ask => one.asked.is_none(),
                Self::Explain => one.asked.is_some() && one.explained.is_none(),
                Self::Agenda | Self::Brigade | Self::Hold | Self::Dismiss => true,
            }
    }
}

/// Whether the brigade was sent from an alert: it has one request of each.
pub(crate) fn was_sent(happened: &[Event]) -> bool {
    let code = AlertAct::Brigade.code();
    happened.iter().any(|event| event.act == code)
}

impl Steering {
    /// Whether something can be done with an alert as it stands, here.
    pub(crate) fn can_act(&self, act: AlertAct, one: &Alert) -> bool {
        act.is_possible(one) && (act != AlertAct::Brigade || self.brigade.is_some())
    }

    /// An alert and what happened to it, which the actor may read.
    pub async fn alert(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(Alert, Vec<Event>), SteeringError> {
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(SteeringError::NotFound)?;
        actor.demand(&READ, one.ministry)?;
        let all = events::EVENTS.of_subject(&self.db, id).await?;
        Ok((one, all))
    }

    /// An alert in a transaction that holds its product.
    pub(crate) async fn alert_in(&self, tx: &mut Tx, id: Uuid) -> Result<Alert, SteeringError> {
        let found = store::find(&mut *tx, id).await?;
        let product = found.ok_or(SteeringError::NotFound)?.product;
        self.product_in(tx, product).await?;
        let found = store::find(&mut *tx, id).await?;
        found.ok_or(SteeringError::NotFound)
    }

    /// Does something with an alert of that version.
    pub async fn act_on_alert(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        act: AlertAct,
        reason: &str,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let mut one = self.alert_in(&mut tx, id).await?;
        actor.demand(act.permission(), one.ministry)?;
        if one.version != version {
            return Err(SteeringError::Stale);
        }
        if !self.can_act(act, &one) {
            return Err(SteeringError::Impossible);
        }
        let mut reader = WORDING.reader();
        let reason = reader.needed("reason", reason, 4_000);
        let reason = reader.done(reason)?;
        let today = self.source.today();
        match act {
            AlertAct::Dismiss => {
                one.closed = Some((today, act.code().to_owned(), reason.clone()));
                self.close_alert(&mut tx, actor, &one, act.code(), &reason)
                    .await?;
                return Ok(tx.commit().await?);
            }
            AlertAct::Ask => {
                let days = rules(&mut tx).await?.explanation_days;
                one.asked = Some((today, today.saturating_add(days.days())));
            }
            AlertAct::Explain => one.explained = Some((today, reason.clone())),
            AlertAct::Agenda => {
                let point = NewPoint {
                    product: one.product,
                    ministry: one.ministry,
                    subject: ("alert", one.id),
                    reason: &reason,
                };
                if !self.put_on_agenda(&mut tx, actor, point).await? {
                    return Err(SteeringError::Impossible);
                }
            }
            AlertAct::Brigade => {
                let happened = events::EVENTS.of_subject(&mut tx, one.id).await?;
                if was_sent(&happened) {
                    return Err(SteeringError::Impossible);
                }
                let brigade = self.brigade.as_ref().ok_or(SteeringError::Impossible)?;
                let call = BrigadeCall {
                    product: ProductId(one.product),
                    reason: reason.clone(),
                    origin: ("alert", one.id),
                };
                brigade.call_in(&mut tx, actor, call).await?;
            }
            AlertAct::Hold => {
                let found = products::find(&mut tx, one.product).await?;
                let mut kept = found.ok_or(SteeringError::NotFound)?;
                if kept.held.is_some() {
                    return Err(SteeringError::Impossible);
                }
                kept.held = Some((today, reason.clone()));
                products::save(&mut tx, kept).await?;
            }
        }
        if !store::save(&mut tx, &one, version).await? {
            return Err(SteeringError::Stale);
        }
        self.alert_happened(&mut tx, actor, &one, act.code(), &reason)
            .await?;
        let (key, told_to) = match act {
            AlertAct::Ask => (
                "steering-told-ask-explanation",
                self.tell_ministry(&mut tx, one.ministry).await?,
            ),
            AlertAct::Explain => (
                "steering-told-explain",
                self.tell_directorate(&mut tx, one.ministry).await?,
            ),
            AlertAct::Agenda => (
                "steering-told-agenda",
                self.tell_ministry(&mut tx, one.ministry).await?,
            ),
            AlertAct::Brigade => (
                "steering-told-brigade",
                self.tell_ministry(&mut tx, one.ministry).await?,
            ),
            AlertAct::Hold => (
                "steering-told-hold",
                self.tell_ministry(&mut tx, one.ministry).await?,
            ),
            AlertAct::Dismiss => ("steering-told-dismiss", Told::default()),
        };
        let path = format!("/steering/alerts/{id}");
        let news = News {
            key,
            product: &one.product_title,
            about: "",
            reason: &reason,
            path: &path,
            due: None,
        };
        self.mail(&mut tx, told_to, news).await?;
        let change = Change::new("steering.alert.act", "alert", id)
            .of(one.ministry)
            .after(json!({ "act": act, "product": one.product }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Saves an alert that is closed, and what follows from it.
    pub(crate) async fn close_alert(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &Alert,
        act: &'static str,
        reason: &str,
    ) -> Result<(), SteeringError> {
        if !store::save(tx, one, one.version).await? {
            return Err(SteeringError::Stale);
        }
        if is_drift(one.finding.rule())
            && let Some(mut kept) = products::find(&mut *tx, one.product).await?
        {
            kept.open_alerts = (kept.open_alerts - 1).max(0);
            products::save(tx, kept).await?;
        }
        count(tx, "alerts-open", -1).await?;
        self.alert_happened(tx, actor, one, act, reason).await?;
        let change = Change::new("steering.alert.close", "alert", one.id)
            .of(one.ministry)
            .after(json!({ "how": act, "reason": reason }));
        self.journal.append(tx, actor, change).await?;
        Ok(())
    }

    async fn alert_happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &Alert,
        act: &str,
        reason: &str,
    ) -> Result<(), SteeringError> {
        let what = Happening {
            product: Some(one.product),
            subject: ("alert", one.id),
            act,
            on: self.source.today(),
            reason,
        };
        self.happened(tx, actor, what).await
    }
}
