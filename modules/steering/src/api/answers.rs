//! What the API answers.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{
    Axis, DecisionKind, EscalationStep, Opinion, Reoriented, ReviewKind, ReviewState, Status,
    Verdict,
};
use crate::store::decisions::StoredDecision;
use crate::store::recommendations::Recommendation;
use crate::store::reviews::StoredReview;

/// A review.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewAnswer {
    /// Its id.
    pub(super) id: Uuid,
    /// The product's id.
    pub(super) product: Uuid,
    /// The product's name.
    pub(super) product_title: String,
    /// By which article.
    pub(super) kind: ReviewKind,
    /// Where it stands.
    pub(super) state: ReviewState,
    /// The opinion; favourable when it is tacit.
    pub(super) opinion: Option<Opinion>,
    /// Whether the opinion binds.
    pub(super) is_binding: bool,
    /// The foreseen cost, in cents of euros.
    pub(super) foreseen_cents: Option<i64>,
    /// A day: year, month, day.
    pub(super) announced_on: String,
    /// When the file was complete.
    pub(super) received_on: Option<String>,
    /// The last day, while the legal clock runs.
    pub(super) due_on: Option<String>,
    /// When it ended.
    pub(super) ended_on: Option<String>,
    /// The opinion in words, with its five axes; without what its authors hide when it is read by
    /// anybody.
    pub(super) verdict: Option<Verdict>,
    /// Why passages are hidden.
    pub(super) hidden_because: Vec<String>,
}

fn text(on: Option<Date>) -> Option<String> {
    on.map(|on| on.to_string())
}

impl From<&StoredReview> for ReviewAnswer {
    fn from(one: &StoredReview) -> Self {
        let hidden = one
            .publication
            .iter()
            .flat_map(|planned| &planned.redactions);
        Self {
            id: one.id,
            product: one.product,
            product_title: one.product_title.clone(),
            kind: one.kind,
            state: one.state,
            opinion: one.opinion,
            is_binding: one.is_binding,
            foreseen_cents: one.foreseen_cents,
            announced_on: one.announced_on.to_string(),
            received_on: text(one.received_on),
            due_on: text(one.due_on),
            ended_on: text(one.ended_on),
            verdict: one.verdict.clone(),
            hidden_because: hidden.map(|one| one.reason.clone()).collect(),
        }
    }
}

/// A recommendation.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecommendationAnswer {
    /// Its id.
    pub(super) id: Uuid,
    /// The product's id.
    pub(super) product: Uuid,
    /// The review's id.
    pub(super) review: Option<Uuid>,
    /// What is to be done.
    pub(super) text: String,
    /// On which axis.
    pub(super) axis: Axis,
    /// By when: year, month, day.
    pub(super) due_on: String,
    /// Where it stands.
    pub(super) status: Status,
    /// Whether it is owed and its day has passed.
    pub(super) is_overdue: bool,
    /// The last step of its escalation.
    pub(super) step: Option<EscalationStep>,
    /// Whether the project really changed its course.
    pub(super) reoriented: Option<Reoriented>,
    /// What changed.
    pub(super) reoriented_how: String,
}

impl From<&Recommendation> for RecommendationAnswer {
    fn from(one: &Recommendation) -> Self {
        Self {
            id: one.id,
            product: one.product,
            review: one.review,
            text: one.text.clone(),
            axis: one.axis,
            due_on: one.due_on.to_string(),
            status: one.status,
            is_overdue: one.is_overdue,
            step: one.step,
            reoriented: one.reoriented,
            reoriented_how: one.reoriented_how.clone(),
        }
    }
}

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionAnswer {
    /// Its id.
    pub(super) id: Uuid,
    /// The product's id.
    pub(super) product: Uuid,
    /// The product's name.
    pub(super) product_title: String,
    /// What was decided.
    pub(super) kind: DecisionKind,
    /// When: year, month, day.
    pub(super) decided_on: String,
    /// Why, without what its authors hide.
    pub(super) reasons: String,
    /// What must happen.
    pub(super) next: String,
    /// By when.
    pub(super) next_by: Option<String>,
    /// What isn't spent, in cents of euros: of a stop.
    pub(super) avoided_cents: Option<i64>,
    /// What is kept: of a stop.
    pub(super) kept_assets: String,
    /// When what must happen was seen done.
    pub(super) done_on: Option<String>,
    /// The figures as they stood.
    #[schema(value_type = Object)]
    pub(super) figures: serde_json::Value,
}

impl From<&StoredDecision> for DecisionAnswer {
    fn from(one: &StoredDecision) -> Self {
        Self {
            id: one.id,
            product: one.product,
            product_title: one.product_title.clone(),
            kind: one.kind,
            decided_on: one.on.to_string(),
            reasons: one.reasons.clone(),
            next: one.next.clone(),
            next_by: text(one.next_by),
            avoided_cents: one.avoided_cents,
            kept_assets: one.kept_assets.clone(),
            done_on: text(one.done.as_ref().map(|(on, _)| *on)),
            figures: one.figures.clone(),
        }
    }
}
