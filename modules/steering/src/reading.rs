//! Lists that the actor may read, and what needs the directorate today.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kit_access::{Actor, Reach};
use kit_db::Value;
use kit_db::list::{Scope, page};
use ports::IndicatorProgress;
use uuid::Uuid;

use crate::access::READ;
use crate::domain::{Axis, ConferenceState, DecisionKind, ReviewKind, ReviewState, Rule, Status};
use crate::store::agenda::{self, AgendaPoint};
use crate::store::alerts::{self, Alert};
use crate::store::conferences::{self, Conference};
use crate::store::decisions::{self, StoredDecision};
use crate::store::events;
use crate::store::list;
use crate::store::products::{self, StoredProduct};
use crate::store::recommendations::{self, Recommendation};
use crate::store::reviews::{self, StoredReview};
use crate::{Event, Steering, SteeringError};

/// Rows of each part of the morning page.
const MORNING_ROWS: u32 = 10;

/// What a list of reviews is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ReviewFilter {
    pub(crate) state: Option<ReviewState>,
    pub(crate) kind: Option<ReviewKind>,
    pub(crate) ministry: Option<Uuid>,
    pub(crate) product: Option<Uuid>,
}

/// What a list of recommendations is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RecommendationFilter {
    pub(crate) status: Option<Status>,
    pub(crate) axis: Option<Axis>,
    pub(crate) ministry: Option<Uuid>,
    pub(crate) is_overdue: bool,
    pub(crate) product: Option<Uuid>,
    pub(crate) review: Option<Uuid>,
    /// Only what anybody may read on this day.
    pub(crate) public_on: Option<Date>,
}

/// What needs the directorate today.
#[derive(Debug)]
pub(crate) struct Morning {
    pub(crate) totals: BTreeMap<String, i64>,
    pub(crate) clocks: Vec<StoredReview>,
    pub(crate) bare: Vec<StoredReview>,
    pub(crate) overdue: Vec<Recommendation>,
    pub(crate) claimed: Vec<Recommendation>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) unexplained: Vec<Alert>,
    pub(crate) at_risk: Vec<StoredProduct>,
    pub(crate) held: Vec<StoredProduct>,
    pub(crate) decisions: Vec<StoredDecision>,
    pub(crate) promises: Vec<IndicatorProgress>,
}

fn code(value: Option<&'static str>) -> Option<Value> {
    value.map(Into::into)
}

fn id(value: Option<Uuid>) -> Option<Value> {
    value.map(Into::into)
}

/// The place before everything, of a list that runs from the latest day.
pub(crate) fn latest_first() -> (Date, Uuid) {
    (Date::MAX, Uuid::max())
}

impl Steering {
    /// Over which ministries the actor's lists run; narrowed to one when it is asked for.
    async fn scope(&self, actor: &Actor, ministry: Option<Uuid>) -> Result<Scope, SteeringError> {
        match actor.reach(&READ) {
            Reach::State => Ok(Scope::All),
            Reach::Organisations(ids) => {
                if let Some(one) = ministry {
                    actor.demand(&READ, Some(one))?;
                    return Ok(Scope::Of(vec![vec![one]]));
                }
                let mut all = products::ministries(&self.db).await?;
                all.retain(|one| ids.contains(one));
                Ok(Scope::Of(vec![all]))
            }
        }
    }

    /// The ministries that the actor can narrow a list to.
    pub(crate) async fn known_ministries(&self, actor: &Actor) -> Result<Vec<Uuid>, SteeringError> {
        let mut all = products::ministries(&self.db).await?;
        all.retain(|one| actor.may(&READ, Some(*one)));
        Ok(all)
    }

    pub(crate) async fn reviews(
        &self,
        actor: &Actor,
        filter: ReviewFilter,
        after: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredReview>, SteeringError> {
        let scope = self.scope(actor, filter.ministry).await?;
        let values = vec![
            code(filter.state.map(ReviewState::code)),
            code(filter.kind.map(ReviewKind::code)),
            id(filter.ministry),
            id(filter.product),
        ];
        let after = (place(after.0), after.1);
        let key = |one: &StoredReview| (one.announced_on, one.id);
        let asked = (after, values, limit);
        let shape = &list::REVIEWS;
        Ok(page(&self.db, shape, &scope, asked, reviews::read, key).await?)
    }

    pub(crate) async fn recommendations(
        &self,
        actor: &Actor,
        filter: RecommendationFilter,
        after: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<Recommendation>, SteeringError> {
        // What is public is everybody's.
        let scope = match filter.public_on {
            Some(_) => Scope::All,
            None => self.scope(actor, filter.ministry).await?,
        };
        let values = vec![
            code(filter.status.map(Status::code)),
            code(filter.axis.map(Axis::code)),
            id(filter.ministry),
            filter.is_overdue.then(|| true.into()),
            id(filter.product),
            id(filter.review),
            filter.public_on.map(Into::into),
        ];
        let after = (place(after.0), after.1);
        let key = |one: &Recommendation| (one.due_on, one.id);
        let asked = (after, values, limit);
        let shape = &list::RECOMMENDATIONS;
        Ok(page(&self.db, shape, &scope, asked, recommendations::read, key).await?)
    }

    pub(crate) async fn alerts(
        &self,
        actor: &Actor,
        (rule, ministry): (Option<Rule>, Option<Uuid>),
        after: (i64, Uuid),
        limit: u32,
    ) -> Result<Vec<Alert>, SteeringError> {
        let scope = self.scope(actor, ministry).await?;
        let values = vec![code(rule.map(Rule::code)), id(ministry)];
        let asked = (after, values, limit);
        let key = |one: &Alert| (one.cost_cents, one.id);
        let shape = &list::ALERTS;
        Ok(page(&self.db, shape, &scope, asked, alerts::read, key).await?)
    }

    pub(crate) async fn decisions(
        &self,
        actor: &Actor,
        (kind, ministry, product): (Option<DecisionKind>, Option<Uuid>, Option<Uuid>),
        after: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredDecision>, SteeringError> {
        let scope = self.scope(actor, ministry).await?;
        let values = vec![
            code(kind.map(DecisionKind::code)),
            id(ministry),
            id(product),
        ];
        let asked = ((place(after.0), after.1), values, limit);
        let key = |one: &StoredDecision| (one.on, one.id);
        let shape = &list::DECISIONS;
        Ok(page(&self.db, shape, &scope, asked, decisions::read, key).await?)
    }

    pub(crate) async fn agenda(
        &self,
        actor: &Actor,
        ministry: Option<Uuid>,
        after: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<AgendaPoint>, SteeringError> {
        let scope = self.scope(actor, ministry).await?;
        let asked = ((place(after.0), after.1), vec![id(ministry)], limit);
        let key = |one: &AgendaPoint| (one.added_on, one.id);
        let shape = &list::AGENDA;
        Ok(page(&self.db, shape, &scope, asked, agenda::read, key).await?)
    }

    pub(crate) async fn conferences(
        &self,
        actor: &Actor,
        (state, ministry): (Option<ConferenceState>, Option<Uuid>),
        after: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<Conference>, SteeringError> {
        let scope = self.scope(actor, ministry).await?;
        let values = vec![code(state.map(ConferenceState::code)), id(ministry)];
        let asked = ((place(after.0), after.1), values, limit);
        let key = |one: &Conference| (one.life.day, one.id);
        let shape = &list::CONFERENCES;
        Ok(page(&self.db, shape, &scope, asked, conferences::read, key).await?)
    }

    /// What happened to a product before a place, the latest first, which the actor may read.
    pub(crate) async fn timeline(
        &self,
        actor: &Actor,
        product: Uuid,
        before: (Timestamp, Uuid),
        limit: u32,
    ) -> Result<Vec<Event>, SteeringError> {
        self.known_product(actor, product).await?;
        Ok(events::of_product(&self.db, product, before, limit).await?)
    }

    /// What needs the directorate today: each part is the head of an index.
    pub(crate) async fn morning(&self, actor: &Actor) -> Result<Morning, SteeringError> {
        actor.demand(&crate::access::READ_MORNING, None)?;
        let (db, today, rows) = (&self.db, self.source.today(), MORNING_ROWS);
        let first = (Date::MIN, Uuid::nil());
        let recommendations = async |filter| self.recommendations(actor, filter, first, rows).await;
        let overdue = RecommendationFilter {
            is_overdue: true,
            ..RecommendationFilter::default()
        };
        let claimed = RecommendationFilter {
            status: Some(Status::Claimed),
            ..RecommendationFilter::default()
        };
        let alerts_after = (i64::MAX, Uuid::max());
        Ok(Morning {
            totals: products::totals(db).await?,
            clocks: reviews::due(db, Date::MAX, rows).await?,
            bare: reviews::bare(db, rows).await?,
            overdue: recommendations(overdue).await?,
            claimed: recommendations(claimed).await?,
            alerts: self.alerts(actor, (None, None), alerts_after, rows).await?,
            unexplained: alerts::unexplained(db, today, rows).await?,
            at_risk: products::at_risk(db, rows).await?,
            held: products::held(db, rows).await?,
            decisions: decisions::missed(db, today, rows).await?,
            promises: match &self.progress {
                Some(progress) => progress.wanting(today, rows).await?,
                None => Vec::new(),
            },
        })
    }
}

/// A day as a place in a list; the first and the last of the calendar stand before and after all.
fn place(day: Date) -> Value {
    if day == Date::MIN {
        "".into()
    } else {
        day.into()
    }
}
