//! What people contest of calls to a producer's data. Who contests isn't told.

use kit_http::{ApiQuery, Cx, Failure, Json, JsonAnswer, Path, State, described, optional};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::acts::{limit_of, limits, next_of, told_in};
use crate::Exchange;
use crate::pages::{cursor, place};
use crate::store::contests::Contest;

/// A call that somebody contests.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FlowContestAnswer {
    /// Its id.
    id: Uuid,
    /// Whose data was asked for.
    producer: Uuid,
    /// The API.
    api: Uuid,
    /// The operation.
    operation: Uuid,
    /// The SIRET number of who asked; empty when nobody was known.
    requester: String,
    /// The code of the purpose; may be empty.
    purpose: String,
    /// When it was called.
    called_at: String,
    /// The log in which the call stands.
    log: String,
    /// Its place in it.
    log_index: i64,
    /// What the person says.
    body: String,
    /// When it was made.
    created_at: String,
    /// Whether the person is told of the answer by mail as well.
    is_mailed: bool,
    /// `open`, `founded` or `unfounded`.
    state: &'static str,
    /// The answer.
    answer: Option<String>,
    /// Who gave it.
    answered_by: Option<String>,
    /// When.
    answered_at: Option<String>,
}

impl FlowContestAnswer {
    fn of(one: Contest) -> Self {
        let answer = one.answer.as_ref();
        Self {
            id: one.id,
            producer: one.producer,
            api: one.api,
            operation: one.operation,
            requester: one.requester,
            purpose: one.purpose,
            called_at: one.called_at.to_string(),
            log: one.log,
            log_index: one.index,
            body: one.body,
            created_at: one.created_at.to_string(),
            is_mailed: !one.mail.is_empty(),
            state: one.state.code(),
            answer: answer.map(|(answer, ..)| answer.clone()),
            answered_by: answer.map(|(_, by, _)| by.clone()),
            answered_at: answer.map(|(.., at)| at.to_string()),
        }
    }
}

/// A page of contests.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FlowContestsAnswer {
    /// The latest first.
    contests: Vec<FlowContestAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// How contests are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FlowContestsQuery {
    /// The producer of the data; the first by name of those for whom one answers when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    producer: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
    /// Contests on the page; 50 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = limits)]
    limit: String,
}

/// What people contest of calls to a producer's data.
#[utoipa::path(get, path = "/api/v1/exchange/contests", tag = "exchange",
    params(FlowContestsQuery),
    responses((status = 200, body = FlowContestsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not who answers for this producer"),
              (status = 422, description = "An unknown value")))]
pub(super) async fn flow_contests(
    State(exchange): State<Exchange>,
    cx: Cx,
    ApiQuery(query): ApiQuery<FlowContestsQuery>,
) -> Result<JsonAnswer<FlowContestsAnswer>, Failure> {
    let asked = optional("producer", &query.producer, |text| text.parse().ok())?;
    let first = match asked {
        Some(producer) => Some(producer),
        None => {
            let all = exchange.contested_producers(&cx.actor).await?;
            all.first().map(|(id, _)| *id)
        }
    };
    let Some(producer) = first else {
        return Ok(JsonAnswer(FlowContestsAnswer {
            contests: Vec::new(),
            next: None,
        }));
    };
    let limit = limit_of(&query.limit);
    let found = exchange.contests(&cx.actor, producer, place(&query.after), limit + 1);
    let mut found = found.await?;
    let next = next_of(&mut found, limit, |last| cursor(last.created_at, last.id));
    Ok(JsonAnswer(FlowContestsAnswer {
        contests: found.into_iter().map(FlowContestAnswer::of).collect(),
        next,
    }))
}

/// One contest.
#[utoipa::path(get, path = "/api/v1/exchange/contests/{id}", tag = "exchange",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = FlowContestAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Nobody's contests are yours to answer"),
              (status = 404, description = "Not found, or another producer's")))]
pub(super) async fn flow_contest(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<FlowContestAnswer>, Failure> {
    let contest = exchange.contest_of(&cx.actor, id).await?;
    Ok(JsonAnswer(FlowContestAnswer::of(contest)))
}

/// An answer to a contest.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowContestToAnswer {
    /// `founded` or `unfounded`.
    #[schema(pattern = "^(founded|unfounded)$")]
    state: String,
    /// Why, which the person reads.
    #[schema(min_length = 1, max_length = 2000)]
    answer: String,
}

/// Answers a contest that waits.
#[utoipa::path(post, path = "/api/v1/exchange/contests/{id}/answer", tag = "exchange",
    params(("id" = Uuid, Path, description = "Its id")),
    request_body = FlowContestToAnswer,
    responses((status = 200, body = FlowContestAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Nobody's contests are yours to answer"),
              (status = 404, description = "Not found, or another producer's"),
              (status = 409, description = "It was answered already"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
pub(super) async fn answer_flow_contest(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Json(sent): Json<FlowContestToAnswer>,
) -> Result<JsonAnswer<FlowContestAnswer>, Failure> {
    let answered = exchange.answer_contest(&cx.actor, id, &sent.state, &sent.answer);
    told_in("", &cx, answered.await)?;
    let contest = exchange.contest_of(&cx.actor, id).await?;
    Ok(JsonAnswer(FlowContestAnswer::of(contest)))
}

#[derive(OpenApi)]
#[openapi(
    paths(flow_contests, flow_contest, answer_flow_contest),
    components(schemas(FlowContestAnswer, FlowContestsAnswer, FlowContestToAnswer))
)]
struct Documentation;

pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
