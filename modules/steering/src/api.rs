//! The JSON API of steering: what is published for anybody, the rest for those who may read it.

mod answers;
mod conferences;

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
use crate::domain::{Axis, ReviewKind, ReviewState, Rule, Status, Verdict};
use crate::reading::{RecommendationFilter, ReviewFilter, latest_first};
use crate::{Event, Steering};

use answers::{DecisionAnswer, RecommendationAnswer, ReviewAnswer};

/// Rows on one page.
const PAGE_ROWS: u32 = 100;

pub(crate) fn routes(steering: Steering) -> ModuleRoutes {
    Routes::new("steering")
        .get(
            "/api/v1/steering/published/reviews",
            &READ_PUBLIC,
            published_reviews,
        )
        .get(
            "/api/v1/steering/published/reviews/{id}",
            &READ_PUBLIC,
            published_review,
        )
        .get(
            "/api/v1/steering/published/decisions",
            &READ_PUBLIC,
            published_decisions,
        )
        .get("/api/v1/steering/reviews", &READ, reviews)
        .get("/api/v1/steering/recommendations", &READ, recommendations)
        .get("/api/v1/steering/alerts", &READ, alerts)
        .get(
            "/api/v1/steering/conferences",
            &READ,
            conferences::conferences,
        )
        .get(
            "/api/v1/steering/conferences/{id}",
            &READ,
            conferences::conference,
        )
        .get(
            "/api/v1/steering/conferences/{id}/agenda",
            &READ,
            conferences::conference_agenda,
        )
        .get(
            "/api/v1/steering/conferences/{id}/minutes",
            &READ,
            conferences::conference_minutes,
        )
        .get(
            "/api/v1/steering/products/{id}/events",
            &READ,
            product_events,
        )
        .with_state(steering)
}

/// A page of reviews.
#[derive(Debug, Serialize, ToSchema)]
struct ReviewsAnswer {
    /// The latest first.
    reviews: Vec<ReviewAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// A published review with its recommendations.
#[derive(Debug, Serialize, ToSchema)]
struct PublishedReviewAnswer {
    /// The review.
    review: ReviewAnswer,
    /// The first due first.
    recommendations: Vec<RecommendationAnswer>,
}

/// A page of recommendations.
#[derive(Debug, Serialize, ToSchema)]
struct RecommendationsAnswer {
    /// The first due first.
    recommendations: Vec<RecommendationAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// A page of decisions.
#[derive(Debug, Serialize, ToSchema)]
struct DecisionsAnswer {
    /// The latest first.
    decisions: Vec<DecisionAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// An alert.
#[derive(Debug, Serialize, ToSchema)]
struct AlertAnswer {
    /// Its id.
    id: Uuid,
    /// The product's id.
    product: Uuid,
    /// The product's name.
    product_title: String,
    /// Which rule found it.
    rule: Rule,
    /// The figures that say so.
    #[schema(value_type = Object)]
    finding: serde_json::Value,
    /// The product's cost, in cents of euros.
    cost_cents: i64,
    /// Since when.
    #[schema(value_type = String)]
    opened_at: Timestamp,
}

/// A page of open alerts.
#[derive(Debug, Serialize, ToSchema)]
struct AlertsAnswer {
    /// The costliest product first.
    alerts: Vec<AlertAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
struct SteeringEventAnswer {
    /// `review`, `recommendation`, `decision`, `alert`, `agenda` or `product`.
    subject_kind: String,
    /// Of what.
    subject: Uuid,
    /// What.
    act: String,
    /// On which day it takes effect: year, month, day.
    on: String,
    /// When it was recorded.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Why.
    reason: String,
}

impl From<&Event> for SteeringEventAnswer {
    fn from(one: &Event) -> Self {
        Self {
            subject_kind: one.subject_kind.clone(),
            subject: one.subject,
            act: one.act.clone(),
            on: one.on.to_string(),
            at: one.at,
            reason: one.reason.clone(),
        }
    }
}

/// What happened to a product.
#[derive(Debug, Serialize, ToSchema)]
struct EventsAnswer {
    /// The latest first.
    events: Vec<SteeringEventAnswer>,
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
struct ReviewsQuery {
    /// Only in this state.
    #[serde(default)]
    #[param(required = false, schema_with = states)]
    state: String,
    /// Only by this article.
    #[serde(default)]
    #[param(required = false, schema_with = kinds)]
    kind: String,
    /// Only of this ministry.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    ministry: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RecommendationsQuery {
    /// Only with this status.
    #[serde(default)]
    #[param(required = false, schema_with = statuses)]
    status: String,
    /// Only on this axis.
    #[serde(default)]
    #[param(required = false, schema_with = axes)]
    axis: String,
    /// Only of this ministry.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    ministry: String,
    /// Only overdue ones.
    #[serde(default)]
    #[param(required = false, schema_with = yes)]
    overdue: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AlertsQuery {
    /// Only of this rule.
    #[serde(default)]
    #[param(required = false, schema_with = rules)]
    rule: String,
    /// Only of this ministry.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    ministry: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

fn states() -> Schema {
    described::codes(ReviewState::ALL.iter().map(|one| one.code()))
}

fn kinds() -> Schema {
    described::codes(ReviewKind::ALL.iter().map(|one| one.code()))
}

fn statuses() -> Schema {
    described::codes(Status::ALL.iter().map(|one| one.code()))
}

fn axes() -> Schema {
    described::codes(Axis::ALL.iter().map(|one| one.code()))
}

fn rules() -> Schema {
    described::codes(Rule::ALL.iter().map(|one| one.code()))
}

fn yes() -> Schema {
    described::codes(["yes"])
}

fn id(text: &str) -> Option<Uuid> {
    text.parse().ok()
}

/// Where a list goes on; a cursor that somebody changed counts as none.
fn place<T: std::str::FromStr>(text: &str, first: (T, Uuid)) -> (T, Uuid) {
    let read = text
        .split_once('~')
        .and_then(|(value, id)| Some((value.parse().ok()?, id.parse().ok()?)));
    read.unwrap_or(first)
}

/// The cursor after a full page.
fn next<T>(rows: &[T], place: impl Fn(&T) -> Option<(String, Uuid)>) -> Option<String> {
    let last = rows.last().filter(|_| rows.len() == PAGE_ROWS as usize)?;
    let (value, id) = place(last)?;
    Some(format!("{value}~{id}"))
}

/// Published opinions, page by page.
#[utoipa::path(get, path = "/api/v1/steering/published/reviews", tag = "steering",
    params(AfterQuery),
    responses((status = 200, body = ReviewsAnswer),
              (status = 422, description = "A parameter is wrong")))]
async fn published_reviews(
    State(steering): State<Steering>,
    ApiQuery(query): ApiQuery<AfterQuery>,
) -> Result<JsonAnswer<ReviewsAnswer>, Failure> {
    let before = place(&query.after, latest_first());
    let found = steering.published_reviews(before, PAGE_ROWS).await?;
    let next = next(&found, |one| {
        let planned = one.publication.as_ref()?;
        Some((planned.on.to_string(), one.id))
    });
    let reviews = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(ReviewsAnswer { reviews, next }))
}

/// A published opinion with its recommendations and where they stand.
#[utoipa::path(get, path = "/api/v1/steering/published/reviews/{id}", tag = "steering",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = PublishedReviewAnswer),
              (status = 404, description = "Not found")))]
async fn published_review(
    State(steering): State<Steering>,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<PublishedReviewAnswer>, Failure> {
    let (one, given) = steering.published_review(id).await?;
    Ok(JsonAnswer(PublishedReviewAnswer {
        review: (&one).into(),
        recommendations: given.iter().map(Into::into).collect(),
    }))
}

/// Published decisions, page by page.
#[utoipa::path(get, path = "/api/v1/steering/published/decisions", tag = "steering",
    params(AfterQuery),
    responses((status = 200, body = DecisionsAnswer),
              (status = 422, description = "A parameter is wrong")))]
async fn published_decisions(
    State(steering): State<Steering>,
    ApiQuery(query): ApiQuery<AfterQuery>,
) -> Result<JsonAnswer<DecisionsAnswer>, Failure> {
    let before = place(&query.after, latest_first());
    let found = steering.published_decisions(before, PAGE_ROWS).await?;
    let next = next(&found, |one| {
        let planned = one.publication.as_ref()?;
        Some((planned.on.to_string(), one.id))
    });
    let decisions = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(DecisionsAnswer { decisions, next }))
}

/// Reviews that the caller may read, page by page.
#[utoipa::path(get, path = "/api/v1/steering/reviews", tag = "steering",
    params(ReviewsQuery),
    responses((status = 200, body = ReviewsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn reviews(
    State(steering): State<Steering>,
    cx: Cx,
    ApiQuery(query): ApiQuery<ReviewsQuery>,
) -> Result<JsonAnswer<ReviewsAnswer>, Failure> {
    let filter = ReviewFilter {
        state: optional("state", &query.state, ReviewState::parse)?,
        kind: optional("kind", &query.kind, ReviewKind::parse)?,
        ministry: optional("ministry", &query.ministry, id)?,
        product: None,
    };
    let after = place(&query.after, latest_first());
    let found = steering
        .reviews(&cx.actor, filter, after, PAGE_ROWS)
        .await?;
    let next = next(&found, |one| Some((one.announced_on.to_string(), one.id)));
    let reviews = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(ReviewsAnswer { reviews, next }))
}

/// Recommendations that the caller may read, page by page.
#[utoipa::path(get, path = "/api/v1/steering/recommendations", tag = "steering",
    params(RecommendationsQuery),
    responses((status = 200, body = RecommendationsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn recommendations(
    State(steering): State<Steering>,
    cx: Cx,
    ApiQuery(query): ApiQuery<RecommendationsQuery>,
) -> Result<JsonAnswer<RecommendationsAnswer>, Failure> {
    let filter = RecommendationFilter {
        status: optional("status", &query.status, Status::parse)?,
        axis: optional("axis", &query.axis, Axis::parse)?,
        ministry: optional("ministry", &query.ministry, id)?,
        is_overdue: query.overdue == "yes",
        ..RecommendationFilter::default()
    };
    let after = place(&query.after, (Date::MIN, Uuid::nil()));
    let found = steering
        .recommendations(&cx.actor, filter, after, PAGE_ROWS)
        .await?;
    let next = next(&found, |one| Some((one.due_on.to_string(), one.id)));
    let recommendations = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(RecommendationsAnswer {
        recommendations,
        next,
    }))
}

/// Open alerts that the caller may read, page by page.
#[utoipa::path(get, path = "/api/v1/steering/alerts", tag = "steering",
    params(AlertsQuery),
    responses((status = 200, body = AlertsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn alerts(
    State(steering): State<Steering>,
    cx: Cx,
    ApiQuery(query): ApiQuery<AlertsQuery>,
) -> Result<JsonAnswer<AlertsAnswer>, Failure> {
    let rule = optional("rule", &query.rule, Rule::parse)?;
    let ministry = optional("ministry", &query.ministry, id)?;
    let after = place(&query.after, (i64::MAX, Uuid::max()));
    let filter = (rule, ministry);
    let found = steering.alerts(&cx.actor, filter, after, PAGE_ROWS).await?;
    let next = next(&found, |one| Some((one.cost_cents.to_string(), one.id)));
    let alerts = found.iter().map(|one| AlertAnswer {
        id: one.id,
        product: one.product,
        product_title: one.product_title.clone(),
        rule: one.finding.rule(),
        finding: serde_json::to_value(&one.finding).unwrap_or_default(),
        cost_cents: one.cost_cents,
        opened_at: one.opened_at,
    });
    Ok(JsonAnswer(AlertsAnswer {
        alerts: alerts.collect(),
        next,
    }))
}

/// What happened to a product, page by page, the latest first.
#[utoipa::path(get, path = "/api/v1/steering/products/{id}/events", tag = "steering",
    params(("id" = Uuid, Path, description = "The product's id"), AfterQuery),
    responses((status = 200, body = EventsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 404, description = "Not found"),
              (status = 422, description = "A parameter is wrong")))]
async fn product_events(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    ApiQuery(query): ApiQuery<AfterQuery>,
) -> Result<JsonAnswer<EventsAnswer>, Failure> {
    let before = place(&query.after, (Timestamp::MAX, Uuid::max()));
    let found = steering.timeline(&cx.actor, id, before, PAGE_ROWS).await?;
    let next = next(&found, |one| Some((one.at.to_string(), one.id)));
    let events = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(EventsAnswer { events, next }))
}

#[derive(OpenApi)]
#[openapi(
    paths(
        published_reviews,
        published_review,
        published_decisions,
        reviews,
        recommendations,
        alerts,
        product_events,
        conferences::conferences,
        conferences::conference,
        conferences::conference_agenda,
        conferences::conference_minutes
    ),
    components(schemas(
        ReviewAnswer,
        RecommendationAnswer,
        DecisionAnswer,
        AlertAnswer,
        SteeringEventAnswer,
        Verdict
    ))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
