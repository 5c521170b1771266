//! What other modules do for products, as steering shows it; and what steering gives them.

use jiff::civil::Date;
use kit_access::Actor;
use kit_db::Tx;
use kit_ui::Locale;
use ports::{
    ActEntry, Answered, Audience, FundingHold, FundingHolds, Need, NewRecommendation,
    OrganisationId, PortError, ProductFact, ProductId, RecommendationSummary, Recommending,
};
use uuid::Uuid;

use crate::access::RECOMMEND;
use crate::domain::{Axis, Publication, Reoriented};
use crate::recommendations::Given;
use crate::store::recommendations as store;
use crate::{Steering, SteeringError, WORDING};

/// Most entries that each module gives a timeline.
const TIMELINE_MAX: u32 = 100;
/// Most needs that each module gives, and that are shown.
const NEEDS_MAX: u32 = 50;
/// Longest text of a recommendation, in characters.
const TEXT_CHARS: std::ops::RangeInclusive<usize> = 10..=2_000;
/// Longest name of an owner, in characters.
const OWNER_CHARS_MAX: usize = 200;

impl Steering {
    /// What other modules did for a product on a day or before, the latest first; at most 100 of each.
    pub(crate) async fn acts_timeline(
        &self,
        product: ProductId,
        audience: Audience,
        locale: Locale,
        until: Date,
    ) -> Result<Vec<ActEntry>, SteeringError> {
        let mut all = Vec::new();
        for acts in &*self.acts {
            all.extend(
                acts.timeline(product, audience, locale, until, TIMELINE_MAX)
                    .await?,
            );
        }
        all.sort_by_key(|one| std::cmp::Reverse(one.on));
        Ok(all)
    }

    /// What waits in other modules, the earliest due first, what has no day last; at most 50.
    pub(crate) async fn acts_needs(
        &self,
        ministry: Option<OrganisationId>,
        locale: Locale,
        today: Date,
    ) -> Result<Vec<Need>, SteeringError> {
        let mut all = Vec::new();
        for acts in &*self.acts {
            all.extend(acts.needs(ministry, locale, today, NEEDS_MAX).await?);
        }
        all.sort_by_key(|one| one.due.unwrap_or(Date::MAX));
        all.truncate(NEEDS_MAX as usize);
        Ok(all)
    }

    /// What other modules know of a product, as it stands.
    pub(crate) async fn acts_facts(
        &self,
        product: ProductId,
        locale: Locale,
        today: Date,
    ) -> Result<Vec<ProductFact>, SteeringError> {
        let mut all = Vec::new();
        for acts in &*self.acts {
            all.extend(acts.facts(product, locale, today).await?);
        }
        Ok(all)
    }

    /// What money is held, for those who pay.
    pub fn holds_port(&self) -> FundingHoldsPort {
        FundingHoldsPort(self.clone())
    }

    /// Recommendations, for those who give them elsewhere than in a review.
    pub fn recommending_port(&self) -> RecommendingPort {
        RecommendingPort(self.clone())
    }

    /// Gives a recommendation that rests on something else than a review.
    pub(crate) async fn recommend_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        new: NewRecommendation,
    ) -> Result<Uuid, SteeringError> {
        let (_, kept) = self.product_in(tx, new.product.0).await?;
        actor.demand(&RECOMMEND, kept.ministry)?;
        let today = self.source.today();
        let mut reader = WORDING.reader();
        let text = reader.needed("text", &new.text, *TEXT_CHARS.end());
        if !text.is_empty() && text.chars().count() < *TEXT_CHARS.start() {
            reader.wrong("text", "steering-mistake-short", TEXT_CHARS.start());
        }
        let axis = reader.code("axis", new.axis, Axis::parse);
        let owner = reader.text("owner", &new.owner, OWNER_CHARS_MAX);
        if new.due < today {
            reader.wrong("due", "steering-mistake-past", today);
        }
        let given = Given {
            review: None,
            origin: Some((new.origin.0.to_owned(), new.origin.1)),
            text,
            axis: axis.unwrap_or(Axis::Strategy),
            owner,
            owner_id: None,
            due_on: new.due,
            public_on: Publication::usual(today).on,
        };
        let given = reader.done(given)?;
        self.give(tx, actor, kept, given).await
    }
}

fn port(error: SteeringError) -> PortError {
    match error {
        SteeringError::Port(error) => error,
        other => PortError(Box::new(other)),
    }
}

/// What money is held.
#[derive(Debug, Clone)]
pub struct FundingHoldsPort(Steering);

impl FundingHolds for FundingHoldsPort {
    fn hold_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        product: ProductId,
    ) -> Answered<'f, Option<FundingHold>> {
        Box::pin(async move {
            // Waits for whoever holds or releases it now: what is read stands until the payment does.
            let found = self.0.product_in(tx, product.0).await;
            let (_, kept) = found.map_err(port)?;
            Ok(kept
                .held
                .map(|(since, reason)| FundingHold { since, reason }))
        })
    }
}

/// Recommendations, given elsewhere than in a review.
#[derive(Debug, Clone)]
pub struct RecommendingPort(Steering);

impl Recommending for RecommendingPort {
    fn recommend_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        actor: &'f Actor,
        new: NewRecommendation,
    ) -> Answered<'f, Uuid> {
        Box::pin(async move { self.0.recommend_in(tx, actor, new).await.map_err(port) })
    }

    fn resting_on(&self, origin: (&'static str, Uuid)) -> Answered<'_, Vec<RecommendationSummary>> {
        Box::pin(async move {
            let found = store::resting_on(&self.0.db, origin).await;
            let all = found.map_err(|error| port(error.into()))?;
            let summary = |one: store::Recommendation| RecommendationSummary {
                id: one.id,
                text: one.text,
                status: one.status.code(),
                due: one.due_on,
                reoriented: match one.reoriented {
                    Some(Reoriented::Yes | Reoriented::Partly) => Some(true),
                    Some(Reoriented::No) => Some(false),
                    Some(Reoriented::TooEarly) | None => None,
                },
            };
            Ok(all.into_iter().map(summary).collect())
        })
    }
}
