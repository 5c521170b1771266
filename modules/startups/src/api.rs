//! The JSON API of start-ups: what is published for anybody, the rest for those who may read it.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_http::{
    ApiQuery, Cx, Failure, JsonAnswer, ModuleRoutes, Path, Routes, State, described, optional,
};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::{READ, READ_PUBLIC};
use crate::domain::{DecisionKind, Gap, Level, ReviewState, reached};
use crate::reading::latest_first;
use crate::{PriorityFile, Startups, StoredDecision, StoredReview};

/// Rows on one page.
const PAGE_ROWS: u32 = 100;

pub(crate) fn routes(startups: Startups) -> ModuleRoutes {
    Routes::new("startups")
        .get(
            "/api/v1/start-ups/published/decisions",
            &READ_PUBLIC,
            published,
        )
        .get(
            "/api/v1/start-ups/published/decisions/{id}",
            &READ_PUBLIC,
            published_one,
        )
        .get("/api/v1/start-ups/reviews", &READ, reviews)
        .get("/api/v1/start-ups/decisions", &READ, decisions)
        .get("/api/v1/start-ups/priorities", &READ, priorities)
        .with_state(startups)
}

/// A level as a team told it.
#[derive(Debug, Serialize, ToSchema)]
struct StartupLevelAnswer {
    /// Which.
    level: Level,
    /// Whether it is reached.
    is_reached: bool,
    /// The id of the indicator that shows it.
    indicator: Option<Uuid>,
    /// How it shows it.
    comment: String,
}

/// A six-monthly review.
#[derive(Debug, Serialize, ToSchema)]
struct StartupReviewAnswer {
    /// Its id.
    id: Uuid,
    /// The start-up's id.
    product: Uuid,
    /// The start-up's name.
    product_title: String,
    /// When it is due: year, month, day.
    due_on: String,
    /// Where it stands.
    state: ReviewState,
    /// Whether it is late today.
    is_overdue: bool,
    /// The highest level that is reached.
    level: Option<Level>,
    /// The levels, in order.
    levels: Vec<StartupLevelAnswer>,
    /// What was learnt.
    learnt: String,
    /// How many people use it.
    users: Option<i64>,
    /// What was spent since the last review, in cents of euros.
    spent_cents: Option<i64>,
    /// What is planned for the next six months.
    plan: String,
    /// The indicators as they stood when the committee got the review.
    #[schema(value_type = Option<Object>)]
    figures: Option<serde_json::Value>,
    /// When the committee got it: year, month, day.
    submitted_on: Option<String>,
    /// When it ended: year, month, day.
    decided_on: Option<String>,
}

fn told(one: &StoredReview, today: Date) -> StartupReviewAnswer {
    let levels = one.prepared.levels.iter().map(|one| StartupLevelAnswer {
        level: one.level,
        is_reached: one.is_reached,
        indicator: one.indicator,
        comment: one.comment.clone(),
    });
    StartupReviewAnswer {
        id: one.id,
        product: one.product,
        product_title: one.product_title.clone(),
        due_on: one.due_on.to_string(),
        state: one.state,
        is_overdue: one.is_overdue(today),
        level: reached(&one.prepared.levels),
        levels: levels.collect(),
        learnt: one.prepared.learnt.clone(),
        users: one.prepared.users,
        spent_cents: one.prepared.spent_cents,
        plan: one.prepared.plan.clone(),
        figures: one.figures.clone(),
        submitted_on: one.submitted_on.map(|on| on.to_string()),
        decided_on: one.decided_on.map(|on| on.to_string()),
    }
}

/// A page of reviews.
#[derive(Debug, Serialize, ToSchema)]
struct StartupReviewsAnswer {
    /// The latest due first.
    reviews: Vec<StartupReviewAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// A decision on a start-up.
#[derive(Debug, Serialize, ToSchema)]
struct StartupDecisionAnswer {
    /// Its id.
    id: Uuid,
    /// The start-up's id.
    product: Uuid,
    /// The start-up's name.
    product_title: String,
    /// What was decided.
    kind: DecisionKind,
    /// On which day: year, month, day.
    on: String,
    /// The phase before.
    phase_before: String,
    /// The phase after.
    phase_after: String,
    /// Who decided.
    committee: String,
    /// Why.
    reasons: String,
    /// On which conditions.
    conditions: String,
    /// What must happen.
    next: String,
    /// By when: year, month, day.
    next_by: Option<String>,
    /// Who takes it over: of a transfer.
    receiver: String,
    /// What isn't spent, in cents of euros: of a stop.
    avoided_cents: Option<i64>,
    /// What is kept: of a stop.
    kept_assets: String,
    /// The figures as they stood.
    #[schema(value_type = Object)]
    figures: serde_json::Value,
    /// When what must happen was seen done: year, month, day.
    done_on: Option<String>,
    /// What came of it.
    outcome: String,
    /// From which day anybody reads it: year, month, day.
    public_on: String,
    /// When it was recorded.
    #[schema(value_type = String)]
    recorded_at: Timestamp,
}

impl From<&StoredDecision> for StartupDecisionAnswer {
    fn from(one: &StoredDecision) -> Self {
        let taken = &one.decision;
        let done = one.done.clone();
        Self {
            id: one.id,
            product: one.product,
            product_title: one.product_title.clone(),
            kind: taken.kind,
            on: taken.on.to_string(),
            phase_before: one.phases.0.clone(),
            phase_after: one.phases.1.clone(),
            committee: taken.committee.clone(),
            reasons: taken.reasons.clone(),
            conditions: taken.conditions.clone(),
            next: taken.next.clone(),
            next_by: taken.next_by.map(|on| on.to_string()),
            receiver: taken.receiver.clone(),
            avoided_cents: taken.avoided_cents,
            kept_assets: taken.kept_assets.clone(),
            figures: one.figures.clone(),
            done_on: done.as_ref().map(|(on, _)| on.to_string()),
            outcome: done.map(|(_, outcome)| outcome).unwrap_or_default(),
            public_on: one.publication.on.to_string(),
            recorded_at: one.at,
        }
    }
}

/// A page of decisions.
#[derive(Debug, Serialize, ToSchema)]
struct StartupDecisionsAnswer {
    /// The latest first.
    decisions: Vec<StartupDecisionAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// What a priority lacks.
#[derive(Debug, Serialize, ToSchema)]
struct PriorityGapAnswer {
    /// What.
    gap: Gap,
    /// The names of the products that it is about.
    products: Vec<String>,
}

/// A priority of the Government.
#[derive(Debug, Serialize, ToSchema)]
struct PriorityAnswer {
    /// Its id.
    id: Uuid,
    /// Its name.
    title: String,
    /// What it is for.
    description: String,
    /// The ministry's id; none: the whole Government.
    ministry: Option<Uuid>,
    /// From which day: year, month, day.
    from_on: String,
    /// To which day: year, month, day.
    to_on: Option<String>,
    /// The ids of the products that serve it.
    products: Vec<Uuid>,
    /// What it lacks today.
    gaps: Vec<PriorityGapAnswer>,
}

impl From<&PriorityFile> for PriorityAnswer {
    fn from(file: &PriorityFile) -> Self {
        let one = &file.one.priority;
        let gaps = file.gaps.iter().map(|(gap, products)| PriorityGapAnswer {
            gap: *gap,
            products: products.clone(),
        });
        Self {
            id: file.one.id,
            title: one.title.clone(),
            description: one.description.clone(),
            ministry: one.ministry,
            from_on: one.from_on.to_string(),
            to_on: one.to_on.map(|on| on.to_string()),
            products: file.products.iter().map(|(one, _)| one.id).collect(),
            gaps: gaps.collect(),
        }
    }
}

/// A page of priorities.
#[derive(Debug, Serialize, ToSchema)]
struct PrioritiesAnswer {
    /// The latest first.
    priorities: Vec<PriorityAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AfterQuery {
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StartupReviewsQuery {
    /// Only in this state.
    #[serde(default)]
    #[param(required = false, schema_with = states)]
    state: String,
    /// Only of this ministry.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    ministry: String,
    /// Only of this incubator.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    incubator: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StartupDecisionsQuery {
    /// Only of this kind.
    #[serde(default)]
    #[param(required = false, schema_with = kinds)]
    kind: String,
    /// Only of this ministry.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    ministry: String,
    /// Only of this incubator.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    incubator: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

fn states() -> Schema {
    described::codes(ReviewState::ALL.iter().map(|one| one.code()))
}

fn kinds() -> Schema {
    described::codes(DecisionKind::ALL.iter().map(|one| one.code()))
}

fn id(text: &str) -> Option<Uuid> {
    text.parse().ok()
}

/// Where a list goes on; a cursor that somebody changed counts as none.
fn place(text: &str) -> (Date, Uuid) {
    let read = text
        .split_once('~')
        .and_then(|(value, id)| Some((value.parse().ok()?, id.parse().ok()?)));
    read.unwrap_or_else(latest_first)
}

/// The cursor after a full page.
fn next<T>(rows: &[T], place: impl Fn(&T) -> (Date, Uuid)) -> Option<String> {
    let last = rows.last().filter(|_| rows.len() == PAGE_ROWS as usize)?;
    let (day, id) = place(last);
    Some(format!("{day}~{id}"))
}

/// Published decisions on start-ups, page by page.
#[utoipa::path(get, path = "/api/v1/start-ups/published/decisions", tag = "start-ups",
    params(AfterQuery),
    responses((status = 200, body = StartupDecisionsAnswer),
              (status = 422, description = "A parameter is wrong")))]
async fn published(
    State(startups): State<Startups>,
    ApiQuery(query): ApiQuery<AfterQuery>,
) -> Result<JsonAnswer<StartupDecisionsAnswer>, Failure> {
    let before = place(&query.after);
    let found = startups.published_decisions(before, PAGE_ROWS).await?;
    let next = next(&found, |one| (one.publication.on, one.id));
    let decisions = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(StartupDecisionsAnswer { decisions, next }))
}

/// A published decision on a start-up.
#[utoipa::path(get, path = "/api/v1/start-ups/published/decisions/{id}", tag = "start-ups",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = StartupDecisionAnswer),
              (status = 404, description = "Not found")))]
async fn published_one(
    State(startups): State<Startups>,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<StartupDecisionAnswer>, Failure> {
    let one = startups.published_decision(id).await?;
    Ok(JsonAnswer((&one).into()))
}

/// Six-monthly reviews that the caller may read, page by page.
#[utoipa::path(get, path = "/api/v1/start-ups/reviews", tag = "start-ups",
    params(StartupReviewsQuery),
    responses((status = 200, body = StartupReviewsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn reviews(
    State(startups): State<Startups>,
    cx: Cx,
    ApiQuery(query): ApiQuery<StartupReviewsQuery>,
) -> Result<JsonAnswer<StartupReviewsAnswer>, Failure> {
    let filter = (
        optional("state", &query.state, ReviewState::parse)?,
        optional("ministry", &query.ministry, id)?,
        optional("incubator", &query.incubator, id)?,
    );
    let before = place(&query.after);
    let found = startups
        .reviews(&cx.actor, filter, before, PAGE_ROWS)
        .await?;
    let next = next(&found, |one| (one.due_on, one.id));
    let today = startups.source.today();
    let reviews = found.iter().map(|one| told(one, today)).collect();
    Ok(JsonAnswer(StartupReviewsAnswer { reviews, next }))
}

/// Decisions on start-ups that the caller may read, page by page.
#[utoipa::path(get, path = "/api/v1/start-ups/decisions", tag = "start-ups",
    params(StartupDecisionsQuery),
    responses((status = 200, body = StartupDecisionsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn decisions(
    State(startups): State<Startups>,
    cx: Cx,
    ApiQuery(query): ApiQuery<StartupDecisionsQuery>,
) -> Result<JsonAnswer<StartupDecisionsAnswer>, Failure> {
    let filter = (
        optional("kind", &query.kind, DecisionKind::parse)?,
        optional("ministry", &query.ministry, id)?,
        optional("incubator", &query.incubator, id)?,
    );
    let before = place(&query.after);
    let found = startups
        .decisions(&cx.actor, filter, before, PAGE_ROWS)
        .await?;
    let next = next(&found, |one| (one.decision.on, one.id));
    let decisions = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(StartupDecisionsAnswer { decisions, next }))
}

/// Priorities of the Government with their products and gaps, page by page.
#[utoipa::path(get, path = "/api/v1/start-ups/priorities", tag = "start-ups",
    params(AfterQuery),
    responses((status = 200, body = PrioritiesAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn priorities(
    State(startups): State<Startups>,
    cx: Cx,
    ApiQuery(query): ApiQuery<AfterQuery>,
) -> Result<JsonAnswer<PrioritiesAnswer>, Failure> {
    let before = place(&query.after);
    let found = startups.priorities(&cx.actor, before, PAGE_ROWS).await?;
    let next = next(&found, |one| (one.one.priority.from_on, one.one.id));
    let priorities = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(PrioritiesAnswer { priorities, next }))
}

#[derive(OpenApi)]
#[openapi(
    paths(published, published_one, reviews, decisions, priorities),
    components(schemas(StartupReviewAnswer, StartupDecisionAnswer, PriorityAnswer))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
