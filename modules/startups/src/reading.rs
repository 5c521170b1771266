//! Lists that the actor may read, and all of one start-up.

use jiff::civil::Date;
use kit_access::{Actor, Reach};
use kit_db::Value;
use kit_db::list::{Scope, page};
use ports::{IndicatorProgress, OrganisationSummary, StartupPath};
use uuid::Uuid;

use crate::access::{READ, demand};
use crate::domain::{DecisionKind, ReviewState};
use crate::store::decisions::{self, StoredDecision};
use crate::store::events;
use crate::store::investments::{self, StoredInvestment};
use crate::store::list;
use crate::store::priorities::StoredPriority;
use crate::store::products::{self, StoredProduct};
use crate::store::reviews::{self, StoredReview};
use crate::{Event, NationalFile, Startups, StartupsError};

/// Pages of the portfolio that a list follows before it is shown: what just changed.
const FOLLOWED_PAGES: u32 = 2;

/// What the list of live start-ups is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct StartupFilter {
    pub(crate) ministry: Option<Uuid>,
    pub(crate) incubator: Option<Uuid>,
    pub(crate) phase: Option<&'static str>,
    pub(crate) is_overdue: bool,
}

/// All of a start-up.
#[derive(Debug, Clone, PartialEq)]
pub struct StartupFile {
    /// The product.
    pub product: StoredProduct,
    /// Its reviews, the latest first.
    pub reviews: Vec<StoredReview>,
    /// Its decisions, the latest first.
    pub decisions: Vec<StoredDecision>,
    /// Its investments, the latest first.
    pub investments: Vec<StoredInvestment>,
    /// Its indicators.
    pub indicators: Vec<IndicatorProgress>,
    /// Its test of national impact.
    pub national: NationalFile,
    /// The priorities that it serves.
    pub priorities: Vec<StoredPriority>,
    /// What happened, the latest first.
    pub events: Vec<Event>,
}

/// The place before everything, of a list that runs from the latest day.
pub(crate) fn latest_first() -> (Date, Uuid) {
    (Date::MAX, Uuid::max())
}

/// A day as a place in a list; the first of the calendar stands before all.
fn place(day: Date) -> Value {
    if day == Date::MIN {
        "".into()
    } else {
        day.into()
    }
}

fn id(value: Option<Uuid>) -> Option<Value> {
    value.map(Into::into)
}

impl Startups {
    /// Over whose products the actor's lists run.
    async fn scope(&self, actor: &Actor) -> Result<Scope, StartupsError> {
        match actor.reach(&READ) {
            Reach::State => Ok(Scope::All),
            Reach::Organisations(ids) => {
                let (mut ministries, mut incubators) = products::organisations(&self.db).await?;
                ministries.retain(|one| ids.contains(one));
                incubators.retain(|one| ids.contains(one));
                Ok(Scope::Of(vec![ministries, incubators]))
            }
        }
    }

    /// The ministries and the incubators of start-ups, by name.
    pub(crate) async fn owners(
        &self,
    ) -> Result<(Vec<OrganisationSummary>, Vec<OrganisationSummary>), StartupsError> {
        let (ministries, incubators) = products::organisations(&self.db).await?;
        let all = self.organisations.all(None).await?;
        let of = |ids: &[Uuid]| {
            let found = all.iter().filter(|one| ids.contains(&one.id.0));
            found.cloned().collect()
        };
        Ok((of(&ministries), of(&incubators)))
    }

    /// Live start-ups, the first due first.
    pub(crate) async fn startups(
        &self,
        actor: &Actor,
        filter: &StartupFilter,
        after: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredProduct>, StartupsError> {
        self.follow(FOLLOWED_PAGES).await?;
        let scope = self.scope(actor).await?;
        let today = self.source.today();
        let values = vec![
            id(filter.ministry),
            id(filter.incubator),
            filter.phase.map(Into::into),
            filter.is_overdue.then(|| today.into()),
        ];
        let asked = ((place(after.0), after.1), values, limit);
        let key = |one: &StoredProduct| (one.due_on, one.id);
        Ok(page(
            &self.db,
            &list::STARTUPS,
            &scope,
            asked,
            products::read,
            key,
        )
        .await?)
    }

    /// Reviews, the latest due first.
    pub(crate) async fn reviews(
        &self,
        actor: &Actor,
        (state, ministry, incubator): (Option<ReviewState>, Option<Uuid>, Option<Uuid>),
        before: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredReview>, StartupsError> {
        let scope = self.scope(actor).await?;
        let state = state.map(|state| state.code().into());
        let values = vec![id(ministry), id(incubator), state];
        let asked = ((place(before.0), before.1), values, limit);
        let key = |one: &StoredReview| (one.due_on, one.id);
        Ok(page(&self.db, &list::REVIEWS, &scope, asked, reviews::read, key).await?)
    }

    /// Decisions, the latest first.
    pub(crate) async fn decisions(
        &self,
        actor: &Actor,
        (kind, ministry, incubator): (Option<DecisionKind>, Option<Uuid>, Option<Uuid>),
        before: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredDecision>, StartupsError> {
        let scope = self.scope(actor).await?;
        let kind = kind.map(|kind| kind.code().into());
        let values = vec![id(ministry), id(incubator), kind];
        let asked = ((place(before.0), before.1), values, limit);
        let key = |one: &StoredDecision| (one.decision.on, one.id);
        Ok(page(
            &self.db,
            &list::DECISIONS,
            &scope,
            asked,
            decisions::read,
            key,
        )
        .await?)
    }

    /// All of a start-up.
    pub async fn startup(
        &self,
        actor: &Actor,
        product: Uuid,
    ) -> Result<StartupFile, StartupsError> {
        self.follow(FOLLOWED_PAGES).await?;
        let found = products::find(&self.db, product).await?;
        let kept = found.filter(|one| one.is_startup);
        let kept = kept.ok_or(StartupsError::NotFound)?;
        demand(actor, &READ, (kept.ministry, kept.incubator))?;
        let national = self.national_of(kept.clone()).await?;
        let today = self.source.today();
        Ok(StartupFile {
            reviews: reviews::of_product(&self.db, kept.id).await?,
            decisions: decisions::of_product(&self.db, kept.id).await?,
            investments: investments::of_product(&self.db, kept.id).await?,
            indicators: national.indicators.clone(),
            national,
            priorities: self.served_by(&kept).await?,
            events: events::of_product(&self.db, kept.id, today, 100).await?,
            product: kept,
        })
    }

    /// The histories of all start-ups: open data of the portfolio.
    pub(crate) async fn paths(&self, actor: &Actor) -> Result<Vec<StartupPath>, StartupsError> {
        actor.demand_somewhere(&READ)?;
        Ok(self.products.paths().await?)
    }
}
