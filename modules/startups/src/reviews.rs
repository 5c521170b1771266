//! Acts on six-monthly reviews.

use kit_access::Actor;
use kit_acts::Happening;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{DECIDE, PREPARE, READ, demand};
use crate::domain::{PreparationForm, ReviewAct, reached};
use crate::mails::News;
use crate::store::products;
use crate::store::reviews::{self as store, StoredReview};
use crate::store::{decisions, events};
use crate::{Event, Startups, StartupsError};

impl Startups {
    /// Opens the review of a live start-up before it is announced; gives the one that is open when
    /// there is one.
    pub async fn open_review(&self, actor: &Actor, product: Uuid) -> Result<Uuid, StartupsError> {
        let mut tx = self.db.begin().await?;
        let kept = self.product_in(&mut tx, product).await?;
        demand(actor, &PREPARE, (kept.ministry, kept.incubator))?;
        if let Some(open) = store::open(&mut tx, kept.id).await? {
            return Ok(open.id);
        }
        if !kept.is_startup || !kept.is_live {
            return Err(StartupsError::Impossible);
        }
        let review = self.begin_review(&mut tx, actor, &kept).await?;
        tx.commit().await?;
        Ok(review.id)
    }

    /// A review with what happened to it and the decision in which it ended.
    pub async fn review(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(StoredReview, Vec<Event>, Option<Uuid>), StartupsError> {
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(StartupsError::NotFound)?;
        demand(actor, &READ, (one.ministry, one.incubator))?;
        let all = events::EVENTS.of_subject(&self.db, id).await?;
        let decision = decisions::of_review(&self.db, id).await?;
        Ok((one, all, decision))
    }

    /// The product of a review; asked before a transaction, to read its indicators.
    pub(crate) async fn product_of_review(&self, id: Uuid) -> Result<Uuid, StartupsError> {
        let found = store::find(&self.db, id).await?;
        Ok(found.ok_or(StartupsError::NotFound)?.product)
    }

    /// Keeps what the team writes, as far as it got.
    pub async fn prepare(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &PreparationForm,
    ) -> Result<(), StartupsError> {
        let product = self.product_of_review(id).await?;
        let indicators = self.indicators(product).await?;
        let mut tx = self.db.begin().await?;
        let kept = self.product_in(&mut tx, product).await?;
        demand(actor, &PREPARE, (kept.ministry, kept.incubator))?;
        let found = store::find(&mut tx, id).await?;
        let mut one = found.ok_or(StartupsError::NotFound)?;
        let ids: Vec<Uuid> = indicators.iter().map(|one| one.id).collect();
        let prepared = form.read(&ids)?;
        step(&mut one, version, ReviewAct::Prepare)?;
        let before = std::mem::replace(&mut one.prepared, prepared);
        if !store::save(&mut tx, &one, version).await? {
            return Err(StartupsError::Stale);
        }
        self.review_happened(&mut tx, actor, &one, "prepare", "")
            .await?;
        let change = Change::new("startups.review.prepare", "startup-review", id)
            .of(kept.ministry)
            .before(json!({ "prepared": before }))
            .after(json!({ "prepared": one.prepared }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Hands a complete review to the committee: the product's figures are frozen.
    pub async fn submit(&self, actor: &Actor, id: Uuid, version: i64) -> Result<(), StartupsError> {
        let product = self.product_of_review(id).await?;
        let indicators = self.indicators(product).await?;
        // Who is told is read before the transaction, which holds a connection.
        let known = products::find(&self.db, product).await?;
        let told = self
            .tell_committee(&known.ok_or(StartupsError::NotFound)?)
            .await?;
        let today = self.source.today();
        let mut tx = self.db.begin().await?;
        let mut kept = self.product_in(&mut tx, product).await?;
        demand(actor, &PREPARE, (kept.ministry, kept.incubator))?;
        let found = store::find(&mut tx, id).await?;
        let mut one = found.ok_or(StartupsError::NotFound)?;
        step(&mut one, version, ReviewAct::Submit)?;
        let lacks = one.prepared.lacks();
        if !lacks.is_empty() {
            return Err(StartupsError::Mistakes(lacks));
        }
        one.figures = Some(json!({ "as_of": today, "indicators": indicators }));
        one.submitted_on = Some(today);
        if !store::save(&mut tx, &one, version).await? {
            return Err(StartupsError::Stale);
        }
        kept.spent_cents = store::spent(&mut tx, kept.id).await?;
        products::save(&mut tx, &kept).await?;
        self.review_happened(&mut tx, actor, &one, "submit", "")
            .await?;
        let change = Change::new("startups.review.submit", "startup-review", id)
            .of(kept.ministry)
            .after(json!({
                "level": reached(&one.prepared.levels), "spent_cents": one.prepared.spent_cents,
                "figures": one.figures,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        let path = format!("/start-ups/reviews/{id}");
        let news = News {
            key: "startups-told-submitted",
            product: &kept.title,
            about: "",
            reason: "",
            path: &path,
            due: Some(one.due_on),
        };
        self.mail(&mut tx, told, news).await?;
        Ok(tx.commit().await?)
    }

    /// Gives a review back to the team, with what is missing.
    pub async fn give_back(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        reason: &str,
    ) -> Result<(), StartupsError> {
        let product = self.product_of_review(id).await?;
        let known = products::find(&self.db, product).await?;
        let told = self
            .tell_team(&known.ok_or(StartupsError::NotFound)?)
            .await?;
        let mut tx = self.db.begin().await?;
        let mut kept = self.product_in(&mut tx, product).await?;
        demand(actor, &DECIDE, (kept.ministry, kept.incubator))?;
        let found = store::find(&mut tx, id).await?;
        let mut one = found.ok_or(StartupsError::NotFound)?;
        let reason = crate::domain::read_reason(reason)?;
        step(&mut one, version, ReviewAct::GiveBack)?;
        one.figures = None;
        one.submitted_on = None;
        if !store::save(&mut tx, &one, version).await? {
            return Err(StartupsError::Stale);
        }
        kept.spent_cents = store::spent(&mut tx, kept.id).await?;
        products::save(&mut tx, &kept).await?;
        self.review_happened(&mut tx, actor, &one, "give-back", &reason)
            .await?;
        let change = Change::new("startups.review.give_back", "startup-review", id)
            .of(kept.ministry)
            .after(json!({ "reason": reason }));
        self.journal.append(&mut tx, actor, change).await?;
        let path = format!("/start-ups/reviews/{id}");
        let news = News {
            key: "startups-told-given-back",
            product: &kept.title,
            about: "",
            reason: &reason,
            path: &path,
            due: Some(one.due_on),
        };
        self.mail(&mut tx, told, news).await?;
        Ok(tx.commit().await?)
    }

    pub(crate) async fn review_happened(
        &self,
        tx: &mut kit_db::Tx,
        actor: &Actor,
        one: &StoredReview,
        act: &str,
        reason: &str,
    ) -> Result<(), StartupsError> {
        let what = Happening {
            product: Some(one.product),
            subject: ("review", one.id),
            act,
            on: self.source.today(),
            reason,
        };
        self.happened(tx, actor, what).await
    }
}

/// Takes a step, when the review is as the person saw it and the step is possible.
pub(crate) fn step(
    one: &mut StoredReview,
    version: i64,
    act: ReviewAct,
) -> Result<(), StartupsError> {
    if one.version != version {
        return Err(StartupsError::Stale);
    }
    one.state = act.after(one.state).ok_or(StartupsError::Impossible)?;
    Ok(())
}
