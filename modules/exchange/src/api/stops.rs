//! Flows that are stopped and that were; stopping one, letting it go on.

use kit_http::{
    ApiQuery, Cx, Failure, IntoResponse, Json, JsonAnswer, Path, Response, State, StatusCode,
    described,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::acts::{limit_of, limits, next_of, told_in};
use crate::domain::{StopForm, StopKind};
use crate::pages::{cursor, place};
use crate::{Exchange, StoredStop};

/// A flow that is or was stopped.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FlowStopAnswer {
    /// Its id.
    id: Uuid,
    /// Whose data: an organisation's id; none: everybody's, by the directorate.
    producer: Option<Uuid>,
    /// What is stopped: `api`, `operation`, `requester`, `accreditation` or `purpose`.
    kind: &'static str,
    /// Which one: an id, a SIRET number or the code of a purpose.
    target: String,
    /// Its name when it was stopped; may be empty.
    target_name: String,
    /// Of the target's calls, those to this API alone; none: those for all of the producer's data.
    api: Option<Uuid>,
    /// Why.
    reason: String,
    /// Since when.
    since: String,
    /// Who stopped it.
    stopped_by: String,
    /// When it went on; none: it is stopped.
    ended_at: Option<String>,
    /// Who let it go on.
    ended_by: Option<String>,
    /// Why.
    end_reason: Option<String>,
}

impl FlowStopAnswer {
    fn of(stop: StoredStop) -> Self {
        let (kind, target) = StopKind::of(&stop.target);
        let ended = stop.ended.as_ref();
        Self {
            id: stop.id,
            producer: stop.producer,
            kind: kind.code(),
            target,
            target_name: stop.target_name,
            api: stop.api,
            reason: stop.reason,
            since: stop.since.to_string(),
            stopped_by: stop.stopped_by,
            ended_at: ended.map(|(at, ..)| at.to_string()),
            ended_by: ended.map(|(_, by, _)| by.clone()),
            end_reason: ended.map(|(.., why)| why.clone()),
        }
    }
}

/// A page of stops.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FlowStopsAnswer {
    /// The latest first.
    stops: Vec<FlowStopAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// How stops are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FlowStopsQuery {
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
    /// Stops on the page; 50 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = limits)]
    limit: String,
}

/// Flows that are or were stopped. A requester reads those that may touch it.
#[utoipa::path(get, path = "/api/v1/exchange/stops", tag = "exchange",
    params(FlowStopsQuery),
    responses((status = 200, body = FlowStopsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Neither a producer, a requester nor the directorate"),
              (status = 422, description = "An unknown value")))]
pub(super) async fn flow_stops(
    State(exchange): State<Exchange>,
    cx: Cx,
    ApiQuery(query): ApiQuery<FlowStopsQuery>,
) -> Result<JsonAnswer<FlowStopsAnswer>, Failure> {
    let limit = limit_of(&query.limit);
    let found = exchange.stops(&cx.actor, place(&query.after), limit + 1);
    let mut found = found.await?;
    let next = next_of(&mut found, limit, |last| cursor(last.since, last.id));
    Ok(JsonAnswer(FlowStopsAnswer {
        stops: found.into_iter().map(FlowStopAnswer::of).collect(),
        next,
    }))
}

/// One stop.
#[utoipa::path(get, path = "/api/v1/exchange/stops/{id}", tag = "exchange",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = FlowStopAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Neither a producer, a requester nor the directorate"),
              (status = 404, description = "Not found, or it doesn't touch one")))]
pub(super) async fn flow_stop(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<FlowStopAnswer>, Failure> {
    let stop = exchange.stop_of(&cx.actor, id).await?;
    Ok(JsonAnswer(FlowStopAnswer::of(stop)))
}

/// A flow to stop.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowToStop {
    /// Whose data; everybody's when it isn't told, which the directorate alone may stop.
    #[serde(default)]
    producer: Option<Uuid>,
    /// `api`, `operation`, `requester`, `accreditation` or `purpose`.
    #[schema(pattern = "^(api|operation|requester|accreditation|purpose)$")]
    kind: String,
    /// Which one: an id, a SIRET number or the code of a purpose.
    #[schema(min_length = 1, max_length = 100)]
    target: String,
    /// Of an accreditation, a requester or a purpose: the one API whose calls are stopped. All of the
    /// producer's data when it isn't told.
    #[serde(default)]
    api: Option<Uuid>,
    /// Why, which the requesters concerned read.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// Stops a flow at every gateway, and tells those whom it concerns.
#[utoipa::path(post, path = "/api/v1/exchange/stops", tag = "exchange",
    request_body = FlowToStop,
    responses((status = 201, body = FlowStopAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not one's flow to stop"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong, or the flow is stopped already: each mistake names its field")))]
pub(super) async fn stop_flow(
    State(exchange): State<Exchange>,
    cx: Cx,
    Json(sent): Json<FlowToStop>,
) -> Result<Response, Failure> {
    let text = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let form = StopForm {
        producer: text(sent.producer),
        kind: sent.kind,
        target: sent.target,
        api: text(sent.api),
        reason: sent.reason,
    };
    let id = told_in("", &cx, exchange.stop(&cx.actor, &form).await)?;
    let stop = exchange.stop_of(&cx.actor, id).await?;
    let answer = JsonAnswer(FlowStopAnswer::of(stop));
    Ok((StatusCode::CREATED, answer).into_response())
}

/// Why a flow goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowToResume {
    /// The reason, which the requesters concerned read.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// Lets a stopped flow go on.
#[utoipa::path(post, path = "/api/v1/exchange/stops/{id}/resume", tag = "exchange",
    params(("id" = Uuid, Path, description = "Its id")),
    request_body = FlowToResume,
    responses((status = 200, body = FlowStopAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not one's flow to let go on"),
              (status = 404, description = "Not found"),
              (status = 409, description = "It goes on already"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
pub(super) async fn resume_flow(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Json(sent): Json<FlowToResume>,
) -> Result<JsonAnswer<FlowStopAnswer>, Failure> {
    let resumed = exchange.resume(&cx.actor, id, &sent.reason).await;
    told_in("", &cx, resumed)?;
    let stop = exchange.stop_of(&cx.actor, id).await?;
    Ok(JsonAnswer(FlowStopAnswer::of(stop)))
}

#[derive(OpenApi)]
#[openapi(
    paths(flow_stops, flow_stop, stop_flow, resume_flow),
    components(schemas(FlowStopAnswer, FlowStopsAnswer, FlowToStop, FlowToResume))
)]
struct Documentation;

pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
