//! What a ministry's conference will speak of, and funding that is held.

use kit_access::Actor;
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::WATCH;
use crate::store::agenda::{self as store, AgendaPoint};
use crate::store::products;
use crate::{Steering, SteeringError, WORDING};

/// A point that is about to be added.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewPoint<'p> {
    pub(crate) product: Uuid,
    pub(crate) ministry: Option<Uuid>,
    pub(crate) subject: (&'static str, Uuid),
    pub(crate) reason: &'p str,
}

impl Steering {
    /// Adds a point once; gives whether it wasn't there yet.
    pub(crate) async fn put_on_agenda(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        point: NewPoint<'_>,
    ) -> Result<bool, SteeringError> {
        let one = AgendaPoint {
            id: self.source.new_id(),
            product: point.product,
            product_title: String::new(),
            ministry: point.ministry,
            subject_kind: point.subject.0.to_owned(),
            subject: point.subject.1,
            reason: point.reason.to_owned(),
            added_on: self.source.today(),
            added_by: actor.name().to_owned(),
            closed: None,
        };
        Ok(store::add(tx, &one).await?)
    }

    /// Closes a point of the agenda with what came of it.
    pub async fn close_point(
        &self,
        actor: &Actor,
        id: Uuid,
        outcome: &str,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let found = store::find(&mut tx, id).await?;
        let one = found.ok_or(SteeringError::NotFound)?;
        let (_, kept) = self.product_in(&mut tx, one.product).await?;
        actor.demand(&WATCH, kept.ministry)?;
        let mut reader = WORDING.reader();
        let outcome = reader.needed("outcome", outcome, 4_000);
        let outcome = reader.done(outcome)?;
        let today = self.source.today();
        if !store::close(&mut tx, id, today, &outcome).await? {
            return Err(SteeringError::Stale);
        }
        let what = Happening {
            product: Some(one.product),
            subject: ("agenda", id),
            act: "close-point",
            on: today,
            reason: &outcome,
        };
        self.happened(&mut tx, actor, what).await?;
        let change = Change::new("steering.agenda.close", "agenda-point", id)
            .of(kept.ministry)
            .after(json!({ "outcome": outcome }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Lets the funding of a product go on.
    pub async fn release_funding(
        &self,
        actor: &Actor,
        product: Uuid,
        reason: &str,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let (_, mut kept) = self.product_in(&mut tx, product).await?;
        actor.demand(&WATCH, kept.ministry)?;
        let mut reader = WORDING.reader();
        let reason = reader.needed("reason", reason, 2_000);
        let reason = reader.done(reason)?;
        let Some((since, why)) = kept.held.take() else {
            return Err(SteeringError::Impossible);
        };
        let (id, ministry) = (kept.id, kept.ministry);
        products::save(&mut tx, kept).await?;
        let what = Happening {
            product: Some(id),
            subject: ("product", id),
            act: "release-funding",
            on: self.source.today(),
            reason: &reason,
        };
        self.happened(&mut tx, actor, what).await?;
        let change = Change::new("steering.funding.release", "product", id)
            .of(ministry)
            .before(json!({ "since": since, "reason": why }))
            .after(json!({ "reason": reason }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }
}
