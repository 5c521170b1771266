//! What is published: planned by its authors, read by anybody.

use jiff::civil::Date;
use kit_access::Actor;
use kit_acts::Happening;
use kit_db::Value;
use kit_db::list::{Scope, page};
use kit_journal::Change;
use ports::ProductId;
use uuid::Uuid;

use crate::access::{CONDUCT, DECIDE};
use crate::domain::{Publication, PublicationForm, Redaction, redact};
use crate::store::decisions::StoredDecision;
use crate::store::list;
use crate::store::recommendations::Recommendation;
use crate::store::reviews::StoredReview;
use crate::store::{decisions, recommendations, reviews};
use crate::{Steering, SteeringError, WORDING};

/// Most recommendations of a review on its public page.
const RECOMMENDATIONS_MAX: u32 = 200;
/// Most reviews, recommendations and decisions on a product's public page.
const OF_PRODUCT_MAX: u32 = 50;

impl Steering {
    /// Plans when and how the opinion of a review is published, and its recommendations with it.
    pub async fn plan_review(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &PublicationForm,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let found = reviews::find(&mut tx, id).await?;
        let mut one = found.ok_or(SteeringError::NotFound)?;
        let (_, kept) = self.product_in(&mut tx, one.product).await?;
        actor.demand(&CONDUCT, kept.ministry)?;
        let (Some(planned), Some(ended_on)) = (&one.publication, one.ended_on) else {
            return Err(SteeringError::Impossible);
        };
        let before = planned.clone();
        let today = self.source.today();
        let next = form.read(&WORDING, ended_on, planned, today)?;
        one.publication = Some(next.clone());
        self.save_review(&mut tx, &one, version).await?;
        recommendations::publish_with(&mut tx, id, next.on).await?;
        self.review_happened(&mut tx, actor, &one, "plan", (today, &next.reason))
            .await?;
        let change = Change::new("steering.review.publish", "review", id)
            .of(one.ministry)
            .before(summary(&before))
            .after(summary(&next));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Plans when and how a decision is published.
    pub async fn plan_decision(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &PublicationForm,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let found = decisions::find(&mut tx, id).await?;
        let one = found.ok_or(SteeringError::NotFound)?;
        let (_, kept) = self.product_in(&mut tx, one.product).await?;
        actor.demand(&DECIDE, kept.ministry)?;
        let planned = one.publication.as_ref().ok_or(SteeringError::Impossible)?;
        let today = self.source.today();
        let next = form.read(&WORDING, one.on, planned, today)?;
        if !decisions::publish(&mut tx, id, version, &next).await? {
            return Err(SteeringError::Stale);
        }
        let what = Happening {
            product: Some(one.product),
            subject: ("decision", id),
            act: "plan",
            on: today,
            reason: &next.reason,
        };
        self.happened(&mut tx, actor, what).await?;
        let change = Change::new("steering.decision.publish", "decision", id)
            .of(kept.ministry)
            .before(summary(planned))
            .after(summary(&next));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// A published review with its recommendations, as anybody may read them.
    pub async fn published_review(
        &self,
        id: Uuid,
    ) -> Result<(StoredReview, Vec<Recommendation>), SteeringError> {
        let today = self.source.today();
        let found = reviews::find(&self.db, id).await?;
        let mut one = found
            .filter(|one| one.publication.as_ref().is_some_and(|p| p.is_open(today)))
            .ok_or(SteeringError::NotFound)?;
        let mut values: Vec<Option<Value>> = vec![None; 7];
        values[5] = Some(id.into());
        let mut given = page(
            &self.db,
            &list::RECOMMENDATIONS,
            &Scope::All,
            (("", Uuid::nil()), values, RECOMMENDATIONS_MAX),
            recommendations::read,
            |one| (one.due_on, one.id),
        )
        .await?;
        hide_review(&mut one);
        let hidden = one.publication.clone().map(|p| p.redactions);
        for recommendation in &mut given {
            hide_recommendation(recommendation, hidden.as_deref().unwrap_or_default());
        }
        forget(&mut one.publication);
        Ok((one, given))
    }

    /// A published decision, as anybody may read it.
    pub async fn published_decision(&self, id: Uuid) -> Result<StoredDecision, SteeringError> {
        let today = self.source.today();
        let found = decisions::find(&self.db, id).await?;
        let mut one = found
            .filter(|one| one.publication.as_ref().is_some_and(|p| p.is_open(today)))
            .ok_or(SteeringError::NotFound)?;
        hide_decision(&mut one);
        forget(&mut one.publication);
        Ok(one)
    }

    /// Published reviews before a place, the latest first.
    pub(crate) async fn published_reviews(
        &self,
        before: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredReview>, SteeringError> {
        let today = self.source.today();
        let mut all = reviews::published(&self.db, today, before, limit).await?;
        for one in &mut all {
            hide_review(one);
            forget(&mut one.publication);
        }
        Ok(all)
    }

    /// Published decisions before a place, the latest first.
    pub(crate) async fn published_decisions(
        &self,
        before: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredDecision>, SteeringError> {
        let today = self.source.today();
        let mut all = decisions::published(&self.db, today, before, limit).await?;
        for one in &mut all {
            hide_decision(one);
            forget(&mut one.publication);
        }
        Ok(all)
    }
}

/// What anybody may read of a product.
#[derive(Debug)]
pub(crate) struct PublishedProduct {
    /// Its id, whatever name of it was asked for.
    pub(crate) id: ProductId,
    pub(crate) title: String,
    /// Opinions with their recommendations, the latest announced first.
    pub(crate) reviews: Vec<(StoredReview, Vec<Recommendation>)>,
    /// Recommendations that don't come from a review, the first due first.
    pub(crate) recommendations: Vec<Recommendation>,
    /// Decisions, the latest first.
    pub(crate) decisions: Vec<StoredDecision>,
}

impl Steering {
    /// What is published of a product: at most 50 of each.
    pub(crate) async fn published_product(
        &self,
        id: Uuid,
    ) -> Result<PublishedProduct, SteeringError> {
        let found = self.products.product(ProductId(id)).await?;
        let product = found.ok_or(SteeringError::NotFound)?;
        let today = self.source.today();
        let is_open = |planned: &Option<Publication>| {
            planned
                .as_ref()
                .is_some_and(|planned| planned.is_open(today))
        };
        let last: Value = Date::MAX.into();
        let of_product = Some(Value::from(product.id.0));
        let values = vec![None, None, None, of_product.clone()];
        let asked = ((last.clone(), Uuid::max()), values, OF_PRODUCT_MAX);
        let key = |one: &StoredReview| (one.announced_on, one.id);
        let (db, all) = (&self.db, &Scope::All);
        let mut reviews = Vec::new();
        for one in page(db, &list::REVIEWS, all, asked, reviews::read, key).await? {
            if is_open(&one.publication) {
                reviews.push(self.published_review(one.id).await?);
            }
        }
        let asked = (
            (last, Uuid::max()),
            vec![None, None, of_product.clone()],
            OF_PRODUCT_MAX,
        );
        let key = |one: &StoredDecision| (one.on, one.id);
        let mut decisions = page(db, &list::DECISIONS, all, asked, decisions::read, key).await?;
        decisions.retain(|one| is_open(&one.publication));
        for one in &mut decisions {
            hide_decision(one);
            forget(&mut one.publication);
        }
        let public = Some(today.into());
        let values = vec![None, None, None, None, of_product, None, public];
        let asked = (("", Uuid::nil()), values, OF_PRODUCT_MAX);
        let key = |one: &Recommendation| (one.due_on, one.id);
        let shape = &list::RECOMMENDATIONS;
        let mut given = page(db, shape, all, asked, recommendations::read, key).await?;
        given.retain(|one| one.review.is_none());
        for one in &mut given {
            hide_recommendation(one, &[]);
        }
        Ok(PublishedProduct {
            id: product.id,
            title: product.title,
            reviews,
            recommendations: given,
            decisions,
        })
    }
}

/// What the journal holds of a plan: never the passages that are hidden.
pub(crate) fn summary(planned: &Publication) -> serde_json::Value {
    let reasons: Vec<&str> = planned
        .redactions
        .iter()
        .map(|one| one.reason.as_str())
        .collect();
    serde_json::json!({ "on": planned.on, "reason": planned.reason, "hidden_because": reasons })
}

/// Keeps why passages are hidden, not the passages.
pub(crate) fn forget(planned: &mut Option<Publication>) {
    for one in planned
        .iter_mut()
        .flat_map(|planned| &mut planned.redactions)
    {
        one.passage.clear();
    }
}

/// Hides what the authors hide.
fn hide_review(one: &mut StoredReview) {
    let Some(planned) = &one.publication else {
        return;
    };
    let hide = |text: &str| redact(text, &planned.redactions);
    if let Some(verdict) = &mut one.verdict {
        verdict.summary = hide(&verdict.summary);
        for score in &mut verdict.scores {
            score.comment = hide(&score.comment);
        }
    }
    one.asked_by = hide(&one.asked_by);
    // The file stays with those who may read it.
    one.file.clear();
}

pub(crate) fn hide_recommendation(one: &mut Recommendation, redactions: &[Redaction]) {
    one.text = redact(&one.text, redactions);
    one.reoriented_how = redact(&one.reoriented_how, redactions);
    // People and evidence stay with those who may read them.
    one.owner = String::new();
    one.owner_id = None;
    one.evidence = String::new();
    one.link = String::new();
    one.claimed_by = None;
}

fn hide_decision(one: &mut StoredDecision) {
    let Some(planned) = &one.publication else {
        return;
    };
    let hide = |text: &str| redact(text, &planned.redactions);
    one.reasons = hide(&one.reasons);
    one.next = hide(&one.next);
    one.kept_assets = hide(&one.kept_assets);
    one.done = one.done.take().map(|(on, outcome)| (on, hide(&outcome)));
}
