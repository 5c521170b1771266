//! One product, whole: what it is, what was estimated of it, what it is compared with.

use jiff::civil::Date;
use kit_http::{Failure, JsonAnswer, Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Estimate, Phase, Rebaseline};
use crate::store::products::Details;
use crate::store::{estimates, products};
use crate::{Portfolio, PortfolioError, Product};

/// A product.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductAnswer {
    /// Its id.
    id: Uuid,
    /// `large-project`, `product` or `start-up`.
    kind: &'static str,
    /// Its name.
    title: String,
    /// What it is for.
    mission: String,
    /// The organisation that is its ministry.
    ministry_id: Option<Uuid>,
    /// The organisation that is its incubator.
    incubator_id: Option<Uuid>,
    /// Its functional area.
    area: String,
    /// Where it stands.
    phase: Option<&'static str>,
    /// Its first baseline, in cents of euros.
    baseline_cost_cents: Option<i64>,
    /// Its latest cost, in cents of euros.
    cost_cents: Option<i64>,
    /// The slip of its cost against the first baseline, a fraction.
    cost_slip_rate: Option<f64>,
    /// The slip of its duration, a fraction.
    duration_slip_rate: Option<f64>,
    /// The date of its latest estimate (ISO 8601).
    estimated_on: Option<String>,
    /// Its page.
    link: String,
    /// Since when it is in its phase (ISO 8601).
    phase_since: Option<String>,
    /// Whether it serves several ministries.
    interministerial: bool,
    /// The Government's priority that it serves.
    policy_priority: String,
    /// Where its source code is.
    repository: String,
    /// Its statistics page.
    stats_url: String,
    /// Its budget page.
    budget_url: String,
    /// Its impact page.
    impact_url: String,
    /// What it says of its accessibility.
    accessibility: String,
}

fn iso(date: Date) -> String {
    date.to_string()
}

/// Days, from seconds of years of 365 days.
fn days(seconds: i64) -> f64 {
    seconds as f64 / 86_400.0
}

impl From<&Product> for ProductAnswer {
    fn from(product: &Product) -> Self {
        let described = &product.description;
        Self {
            id: product.id,
            kind: described.kind.code(),
            title: described.title.clone(),
            mission: described.mission.clone(),
            ministry_id: described.ministry_id,
            incubator_id: described.incubator_id,
            area: described.area.clone(),
            phase: described.phase.map(Phase::code),
            baseline_cost_cents: product.baseline_cents,
            cost_cents: product.cost_cents,
            cost_slip_rate: product.cost_slip,
            duration_slip_rate: product.duration_slip,
            estimated_on: product.estimated_on.map(iso),
            link: described.link.clone(),
            phase_since: described.phase_since.map(iso),
            interministerial: described.interministerial,
            policy_priority: described.policy_priority.clone(),
            repository: described.repository.clone(),
            stats_url: described.stats_url.clone(),
            budget_url: described.budget_url.clone(),
            impact_url: described.impact_url.clone(),
            accessibility: described.accessibility.clone(),
        }
    }
}

/// An estimate.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EstimateAnswer {
    /// The date that it speaks of.
    as_of: String,
    /// In cents of euros.
    cost_cents: Option<i64>,
    /// In days.
    duration_days: Option<f64>,
    /// The phase at that date.
    phase: Option<&'static str>,
    /// Whether it can be a baseline or be compared with one.
    counts: bool,
    /// Where it was read.
    source: String,
    /// Who told it.
    author: String,
}

impl From<Estimate> for EstimateAnswer {
    fn from(estimate: Estimate) -> Self {
        Self {
            as_of: iso(estimate.as_of),
            cost_cents: estimate.cost_cents,
            duration_days: estimate.duration_seconds.map(days),
            phase: estimate.phase.map(Phase::code),
            counts: estimate.counts(),
            source: estimate.source,
            author: estimate.author,
        }
    }
}

/// A new baseline, which stands beside the first one and never replaces it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BaselineAnswer {
    /// From when it is in force.
    effective_on: String,
    /// In cents of euros.
    cost_cents: Option<i64>,
    /// In days.
    duration_days: Option<f64>,
    /// Why.
    reason: String,
    /// Who decided it.
    author: String,
}

impl From<Rebaseline> for BaselineAnswer {
    fn from(act: Rebaseline) -> Self {
        Self {
            effective_on: iso(act.effective_on),
            cost_cents: act.cost_cents,
            duration_days: act.duration_seconds.map(days),
            reason: act.reason,
            author: act.author,
        }
    }
}

/// A phase that the product was or is in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PhaseAnswer {
    /// Its code.
    phase: &'static str,
    /// Its first day.
    started_on: String,
    /// The day on which it ended; none while it goes on.
    ended_on: Option<String>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventAnswer {
    /// What.
    name: String,
    /// When.
    happened_on: String,
    /// What was said of it.
    comment: String,
}

/// A product, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProductHistoryAnswer {
    /// The product, as lists give it.
    product: ProductAnswer,
    /// What it is for, at length.
    description: String,
    /// The budget's programmes that pay for it.
    programmes: Vec<String>,
    /// Who asked for it.
    sponsors: Vec<String>,
    /// For whom it is.
    users: Vec<String>,
    /// What it is about.
    themes: Vec<String>,
    /// What it is made with.
    technologies: Vec<String>,
    /// In their order.
    phases: Vec<PhaseAnswer>,
    /// In their order.
    events: Vec<EventAnswer>,
    /// By date.
    estimates: Vec<EstimateAnswer>,
    /// By date; the first baseline is the first estimate that counts.
    new_baselines: Vec<BaselineAnswer>,
}

impl ProductHistoryAnswer {
    fn new(
        product: &Product,
        details: Details,
        told: Vec<Estimate>,
        acts: Vec<Rebaseline>,
    ) -> Self {
        let named = |kind: &str| {
            let of_kind = details.attributes.iter().filter(|(of, _)| of == kind);
            of_kind.map(|(_, value)| value.clone()).collect()
        };
        Self {
            description: product.description.description.clone(),
            programmes: named("programme"),
            sponsors: named("sponsor"),
            users: named("user"),
            themes: named("theme"),
            technologies: named("technology"),
            product: product.into(),
            phases: details
                .phases
                .into_iter()
                .map(|(phase, start, end)| PhaseAnswer {
                    phase: phase.code(),
                    started_on: iso(start),
                    ended_on: end.map(iso),
                })
                .collect(),
            events: details
                .events
                .into_iter()
                .map(|(name, on, comment)| EventAnswer {
                    name,
                    happened_on: iso(on),
                    comment,
                })
                .collect(),
            estimates: told.into_iter().map(Into::into).collect(),
            new_baselines: acts.into_iter().map(Into::into).collect(),
        }
    }
}

/// One product with its whole history.
#[utoipa::path(get, path = "/api/v1/products/{id}", tag = "portfolio",
    operation_id = "find_product",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = ProductHistoryAnswer),
              (status = 404, description = "Not found")))]
pub(super) async fn find(
    State(portfolio): State<Portfolio>,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<ProductHistoryAnswer>, Failure> {
    let answer = portfolio.whole(id).await?;
    Ok(JsonAnswer(answer.ok_or(Failure::NotFound)?))
}

impl Portfolio {
    async fn whole(&self, id: Uuid) -> Result<Option<ProductHistoryAnswer>, PortfolioError> {
        let mut tx = self.db.begin_snapshot().await?;
        let Some(product) = products::find(&mut tx, id).await? else {
            return Ok(None);
        };
        let details = products::details(&mut tx, id).await?;
        let told = estimates::of_product(&mut tx, id).await?;
        let acts = estimates::rebaselines(&mut tx, id).await?;
        Ok(Some(ProductHistoryAnswer::new(
            &product, details, told, acts,
        )))
    }
}
