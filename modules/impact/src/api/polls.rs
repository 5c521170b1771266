//! The statistics page that is read for an indicator.

use kit_http::{Cx, Failure, IntoResponse, Json, JsonAnswer, Path, Response, State, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::refused;
use crate::domain::poll::{PollFailure, PollForm};
use crate::polls::failure_sentence;
use crate::store::polls::Poll;
use crate::{Impact, ImpactError};

/// A page that is read, and how it went.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PollAnswer {
    /// Its address.
    url: String,
    /// Where the value stands (RFC 6901); empty: the whole document.
    value_pointer: String,
    /// Where its date stands.
    date_pointer: Option<String>,
    /// Where its unit stands.
    unit_pointer: Option<String>,
    /// `hourly`, `daily`, `weekly` or `monthly`.
    rhythm: &'static str,
    /// What the page's number is multiplied by, a decimal.
    factor: String,
    /// What to send back when changing it.
    version: i64,
    /// When it is read next.
    due_at: String,
    /// When a figure was last read.
    succeeded_at: Option<String>,
    /// `new`, `same`, `changed`, or `corrected` when somebody's correction stays.
    outcome: Option<String>,
    /// The figure that was last read, a decimal.
    value: Option<String>,
    /// The day of which it is.
    as_of: Option<String>,
    /// When reading last failed.
    failed_at: Option<String>,
    /// Why: a stable code.
    failure: Option<&'static str>,
    /// Why, in the reader's words.
    failure_told: Option<String>,
    /// Failures since the last success.
    failures: i64,
}

impl PollAnswer {
    fn of(cx: &Cx, poll: &Poll) -> Self {
        let words = cx.words();
        let settings = &poll.settings;
        let success = poll.success.as_ref();
        let failure = poll.failure.as_ref();
        Self {
            url: settings.url.clone(),
            value_pointer: settings.value_pointer.clone(),
            date_pointer: settings.date_pointer.clone(),
            unit_pointer: settings.unit_pointer.clone(),
            rhythm: settings.rhythm.code(),
            factor: settings.factor.to_string(),
            version: poll.version,
            due_at: poll.due_at.to_string(),
            succeeded_at: success.map(|one| one.at.to_string()),
            outcome: success.map(|one| one.code.clone()),
            value: success.map(|one| one.reading.value.to_string()),
            as_of: success.map(|one| one.reading.as_of.to_string()),
            failed_at: failure.map(|(at, _)| at.to_string()),
            failure: failure.map(|(_, failure)| failure.code),
            failure_told: failure.map(|(_, failure)| failure_sentence(&words, failure)),
            failures: poll.failures,
        }
    }
}

/// The page that is read for an indicator.
#[utoipa::path(get, path = "/api/v1/indicators/{id}/poll", tag = "impact",
    params(("id" = Uuid, Path, description = "The indicator's id")),
    responses((status = 200, body = PollAnswer),
              (status = 404, description = "Not found, or no page is read for it")))]
pub(super) async fn find(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<PollAnswer>, Failure> {
    let poll = impact.poll(id).await?.ok_or(Failure::NotFound)?;
    Ok(JsonAnswer(PollAnswer::of(&cx, &poll)))
}

/// A page to read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PollToSet {
    /// Its address, `https` only.
    #[schema(min_length = 1, max_length = 2048)]
    url: String,
    /// Where the value stands (RFC 6901); the whole document when empty.
    #[schema(max_length = 500, pattern = "^(/([^~/\\x00]|~[01])*)*$")]
    value_pointer: String,
    /// Where its date stands; the day of the reading when it isn't told.
    #[serde(default)]
    #[schema(max_length = 500)]
    date_pointer: Option<String>,
    /// Where its unit stands; it must then be the indicator's.
    #[serde(default)]
    #[schema(max_length = 500)]
    unit_pointer: Option<String>,
    /// `hourly`, `daily`, `weekly` or `monthly`.
    #[schema(pattern = "^(hourly|daily|weekly|monthly)$")]
    rhythm: String,
    /// What the page's number is multiplied by, a decimal other than 0; 1 when it isn't told.
    #[serde(default)]
    #[schema(example = "0.001")]
    factor: Option<String>,
    /// The version that was read; 0 when no page is read yet.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    version: i64,
}

impl PollToSet {
    fn form(&self) -> PollForm {
        PollForm {
            url: self.url.clone(),
            value_pointer: self.value_pointer.clone(),
            date_pointer: self.date_pointer.clone().unwrap_or_default(),
            unit_pointer: self.unit_pointer.clone().unwrap_or_default(),
            rhythm: self.rhythm.clone(),
            factor: self.factor.clone().unwrap_or_default(),
        }
    }
}

fn told<T>(cx: &Cx, outcome: Result<T, ImpactError>) -> Result<T, Failure> {
    outcome.map_err(|error| match error {
        ImpactError::Mistakes(wrong) => refused(cx, wrong),
        ImpactError::Stale => Failure::Conflict(cx.words().text("impact-stale-text")),
        error => error.into(),
    })
}

/// Has a page read for an indicator, in place of the one before.
#[utoipa::path(put, path = "/api/v1/indicators/{id}/poll", tag = "impact",
    params(("id" = Uuid, Path, description = "The indicator's id")),
    request_body = PollToSet,
    responses((status = 200, body = PollAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not allowed for this product"),
              (status = 404, description = "Not found"),
              (status = 409, description = "Somebody changed it first, or the indicator is retired \
                or measured by the platform"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
pub(super) async fn set(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Json(sent): Json<PollToSet>,
) -> Result<JsonAnswer<PollAnswer>, Failure> {
    let form = sent.form();
    let outcome = impact.set_poll(&cx.actor, id, sent.version, &form);
    told(&cx, outcome.await)?;
    let poll = impact.poll(id).await?.ok_or(Failure::NotFound)?;
    Ok(JsonAnswer(PollAnswer::of(&cx, &poll)))
}

/// What is stopped.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PollToStop {
    /// The version that was read.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    version: i64,
}

/// Stops reading the page of an indicator. Its figures stay.
#[utoipa::path(post, path = "/api/v1/indicators/{id}/poll/stop", tag = "impact",
    params(("id" = Uuid, Path, description = "The indicator's id")),
    request_body = PollToStop,
    responses((status = 204, description = "No page is read any more"),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not allowed for this product"),
              (status = 404, description = "Not found, or no page is read for it"),
              (status = 409, description = "Somebody changed it first"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
pub(super) async fn remove(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Json(sent): Json<PollToStop>,
) -> Result<Response, Failure> {
    told(&cx, impact.remove_poll(&cx.actor, id, sent.version).await)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What a page gives now; nothing of it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TriedAnswer {
    /// The figure, a decimal in the indicator's unit.
    value: Option<String>,
    /// The day of which it is.
    as_of: Option<String>,
    /// Why there is none: a stable code.
    failure: Option<&'static str>,
    /// Why, in the reader's words.
    failure_told: Option<String>,
}

/// Asks a page now, and says what would be read. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/indicators/{id}/poll/try", tag = "impact",
    params(("id" = Uuid, Path, description = "The indicator's id")),
    request_body = PollToSet,
    responses((status = 200, body = TriedAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not allowed for this product"),
              (status = 404, description = "Not found"),
              (status = 409, description = "The indicator is retired or measured by the platform"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
pub(super) async fn try_now(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Json(sent): Json<PollToSet>,
) -> Result<JsonAnswer<TriedAnswer>, Failure> {
    let outcome = told(&cx, impact.try_poll(&cx.actor, id, &sent.form()).await)?;
    let words = cx.words();
    let said = |failure: &PollFailure| failure_sentence(&words, failure);
    Ok(JsonAnswer(TriedAnswer {
        value: outcome.as_ref().ok().map(|one| one.value.to_string()),
        as_of: outcome.as_ref().ok().map(|one| one.as_of.to_string()),
        failure: outcome.as_ref().err().map(|failure| failure.code),
        failure_told: outcome.as_ref().err().map(said),
    }))
}

#[derive(OpenApi)]
#[openapi(
    paths(find, set, remove, try_now),
    components(schemas(PollAnswer, PollToSet, PollToStop, TriedAnswer))
)]
struct Documentation;

pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
