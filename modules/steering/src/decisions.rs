//! Acts on decisions.

use jiff::civil::Date;
use kit_access::Actor;
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use ports::{IndicatorProgress, ProductId};
use serde_json::json;
use uuid::Uuid;

use crate::access::{DECIDE, READ};
use crate::domain::{DecisionForm, Publication, StepForm};
use crate::mails::News;
use crate::store::decisions::{self as store, StoredDecision};
use crate::store::{events, products, reviews};
use crate::{Event, Steering, SteeringError};

impl Steering {
    /// Records a decision on a product, which may rest on a review: with the figures as they stand.
    pub async fn decide(
        &self,
        actor: &Actor,
        product: Uuid,
        review: Option<Uuid>,
        form: &DecisionForm,
    ) -> Result<Uuid, SteeringError> {
        let indicators = self.indicators_of(product).await?;
        let mut tx = self.db.begin().await?;
        let id = self
            .decide_in(&mut tx, actor, (product, review), (form, None), indicators)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The indicators of a product, asked before the transaction that freezes them: it holds no row
    /// that they need.
    pub(crate) async fn indicators_of(
        &self,
        product: Uuid,
    ) -> Result<Vec<IndicatorProgress>, SteeringError> {
        match &self.progress {
            Some(progress) => {
                let today = self.source.today();
                Ok(progress.indicators(ProductId(product), today).await?)
            }
            None => Ok(Vec::new()),
        }
    }

    /// Records a decision in a transaction: not before a day, when one is given.
    pub(crate) async fn decide_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        (product, review): (Uuid, Option<Uuid>),
        (form, not_before): (&DecisionForm, Option<Date>),
        indicators: Vec<IndicatorProgress>,
    ) -> Result<Uuid, SteeringError> {
        let today = self.source.today();
        let (summary, kept) = self.product_in(&mut *tx, product).await?;
        actor.demand(&DECIDE, kept.ministry)?;
        let file_on = match review {
            Some(id) => {
                let found = reviews::find(&mut *tx, id).await?;
                let found = found.filter(|one| one.product == kept.id);
                Some(found.ok_or(SteeringError::NotFound)?.announced_on)
            }
            None => not_before,
        };
        let read = form.read(file_on, today)?;
        let figures = json!({
            "as_of": today, "product": summary, "indicators": indicators,
            "at_risk_cents": kept.at_risk_cents,
            "own_confidence": kept.ratings.own.map(|(rating, _)| rating),
            "independent_confidence": kept.ratings.independent.map(|(rating, _)| rating),
        });
        let one = StoredDecision {
            id: self.source.new_id(),
            product: kept.id,
            product_title: kept.title.clone(),
            ministry: kept.ministry,
            review,
            kind: read.kind,
            on: read.on,
            reasons: read.reasons,
            next: read.next,
            next_by: read.next_by,
            avoided_cents: read.avoided_cents,
            kept_assets: read.kept_assets,
            figures,
            by: actor.name().to_owned(),
            at: self.source.now(),
            done: None,
            publication: Some(Publication::usual(read.on)),
            version: 1,
        };
        store::insert(&mut *tx, &one).await?;
        let what = Happening {
            product: Some(one.product),
            subject: ("decision", one.id),
            act: one.kind.code(),
            on: one.on,
            reason: &one.reasons,
        };
        self.happened(&mut *tx, actor, what).await?;
        let told_to = self.tell_ministry(&mut *tx, one.ministry).await?;
        let path = format!("/steering/decisions/{}", one.id);
        let news = News {
            key: "steering-told-decide",
            product: &one.product_title,
            about: &one.next,
            reason: &one.reasons,
            path: &path,
            due: None,
        };
        self.mail(&mut *tx, told_to, news).await?;
        let change = Change::new("steering.decision.record", "decision", one.id)
            .of(one.ministry)
            .after(json!({
                "kind": one.kind, "product": one.product, "review": one.review, "on": one.on,
                "next_by": one.next_by, "avoided_cents": one.avoided_cents, "figures": one.figures,
            }));
        self.journal.append(&mut *tx, actor, change).await?;
        Ok(one.id)
    }

    /// A decision and what happened to it, which the actor may read.
    pub async fn decision(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(StoredDecision, Vec<Event>), SteeringError> {
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(SteeringError::NotFound)?;
        actor.demand(&READ, one.ministry)?;
        let all = events::EVENTS.of_subject(&self.db, id).await?;
        Ok((one, all))
    }

    /// Says that what had to happen was done, and what came of it.
    pub async fn follow_up(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &StepForm,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let found = store::find(&mut tx, id).await?;
        let one = found.ok_or(SteeringError::NotFound)?;
        let (_, kept) = self.product_in(&mut tx, one.product).await?;
        actor.demand(&DECIDE, kept.ministry)?;
        let (on, outcome) = form.read()?;
        if on < one.on {
            return Err(SteeringError::mistake(
                "on",
                "steering-mistake-before",
                one.on,
            ));
        }
        if on > self.source.today() {
            return Err(SteeringError::mistake("on", "steering-mistake-future", on));
        }
        if one.done.is_some() || one.next.is_empty() {
            return Err(SteeringError::Impossible);
        }
        if !store::follow(&mut tx, id, version, on, &outcome).await? {
            return Err(SteeringError::Stale);
        }
        let what = Happening {
            product: Some(one.product),
            subject: ("decision", id),
            act: "follow-up",
            on,
            reason: &outcome,
        };
        self.happened(&mut tx, actor, what).await?;
        let change = Change::new("steering.decision.follow", "decision", id)
            .of(kept.ministry)
            .after(json!({ "on": on, "outcome": outcome }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// What steering knows of a product that the actor may read.
    pub(crate) async fn known_product(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(ports::ProductSummary, Option<products::StoredProduct>), SteeringError> {
        let found = self.products.product(ProductId(id)).await?;
        let product = found.ok_or(SteeringError::NotFound)?;
        actor.demand(&READ, product.ministry.map(|ministry| ministry.0))?;
        let kept = products::find(&self.db, product.id.0).await?;
        Ok((product, kept))
    }
}
