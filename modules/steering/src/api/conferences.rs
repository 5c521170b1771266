//! Conferences for programs: the list, one, its agenda, its minutes.

use jiff::civil::Date;
use kit_http::{ApiQuery, Cx, Failure, JsonAnswer, Path, State, described, optional};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answers::{DecisionAnswer, RecommendationAnswer};
use super::{PAGE_ROWS, id, next, place};
use crate::Steering;
use crate::domain::{ConferenceKind, ConferenceState, Reason};
use crate::reading::latest_first;
use crate::store::conferences::{Conference, ConferencePoint};

/// A conference.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConferenceAnswer {
    /// Its id.
    id: Uuid,
    /// The ministry's id.
    ministry: Uuid,
    /// The ministry's name, as it was.
    ministry_name: String,
    /// Whether it is the year's.
    kind: ConferenceKind,
    /// Where it stands.
    state: ConferenceState,
    /// Its day in Paris: year, month, day.
    day: String,
    /// Its hour in Paris: hours, minutes.
    hour: String,
    /// Where.
    place: String,
    /// When its files were frozen.
    frozen_on: Option<String>,
    /// When both sides had adopted its minutes.
    closed_on: Option<String>,
    /// From which day its minutes are public.
    public_on: Option<String>,
}

fn text(on: Option<Date>) -> Option<String> {
    on.map(|on| on.to_string())
}

impl From<&Conference> for ConferenceAnswer {
    fn from(one: &Conference) -> Self {
        Self {
            id: one.id,
            ministry: one.ministry,
            ministry_name: one.ministry_name.clone(),
            kind: one.kind,
            state: one.life.state,
            day: one.life.day.to_string(),
            hour: one.hour.clone(),
            place: one.place.clone(),
            frozen_on: text(one.life.frozen_on),
            closed_on: text(one.life.closed_on),
            public_on: text(one.publication.as_ref().map(|planned| planned.on)),
        }
    }
}

/// A page of conferences.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConferencesAnswer {
    /// The latest first.
    conferences: Vec<ConferenceAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// A point of an agenda.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConferencePointAnswer {
    /// Its id.
    id: Uuid,
    /// The product's id.
    product: Uuid,
    /// The product's name.
    product_title: String,
    /// Why the data proposes it, with figures.
    #[schema(value_type = Vec<Object>)]
    why: Vec<Reason>,
    /// Why an officer added it.
    note: String,
    /// When it was taken off: year, month, day.
    dropped_on: Option<String>,
    /// Why it was taken off.
    dropped_because: String,
    /// Its file as it stood, once frozen.
    #[schema(value_type = Option<Object>)]
    file: Option<serde_json::Value>,
}

impl From<&ConferencePoint> for ConferencePointAnswer {
    fn from(one: &ConferencePoint) -> Self {
        Self {
            id: one.id,
            product: one.product,
            product_title: one.product_title.clone(),
            why: one.why.clone(),
            note: one.note.clone(),
            dropped_on: text(one.dropped.as_ref().map(|(on, _)| *on)),
            dropped_because: one.dropped.clone().map(|(_, why)| why).unwrap_or_default(),
            file: (one.file.as_ref()).and_then(|file| serde_json::to_value(file).ok()),
        }
    }
}

/// The agenda of a conference.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConferenceAgendaAnswer {
    /// In order; those that were taken off stand among them.
    points: Vec<ConferencePointAnswer>,
}

/// The minutes of a point.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConferenceMinutesPoint {
    /// The point's id.
    point: Uuid,
    /// The product's id.
    product: Uuid,
    /// What was said.
    discussion: String,
    /// Why nothing was decided; empty when something was, or isn't yet.
    undecided: String,
    /// What was decided.
    decision: Option<DecisionAnswer>,
}

/// What was added to adopted minutes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConferenceAddition {
    /// When: year, month, day.
    on: String,
    /// What.
    text: String,
}

/// The minutes of a conference.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConferenceMinutesAnswer {
    /// When the directorate adopted them.
    adopted_by_directorate_on: Option<String>,
    /// When the ministry did.
    adopted_by_ministry_on: Option<String>,
    /// In the order of the agenda.
    points: Vec<ConferenceMinutesPoint>,
    /// The recommendations that followed, as they stand now.
    recommendations: Vec<RecommendationAnswer>,
    /// What was added since.
    additions: Vec<ConferenceAddition>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ConferencesQuery {
    /// Only in this state.
    #[serde(default)]
    #[param(required = false, schema_with = states)]
    state: String,
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
    described::codes(ConferenceState::ALL.iter().map(|one| one.code()))
}

/// Conferences that the caller may read, page by page.
#[utoipa::path(get, path = "/api/v1/steering/conferences", tag = "steering",
    params(ConferencesQuery),
    responses((status = 200, body = ConferencesAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
pub(super) async fn conferences(
    State(steering): State<Steering>,
    cx: Cx,
    ApiQuery(query): ApiQuery<ConferencesQuery>,
) -> Result<JsonAnswer<ConferencesAnswer>, Failure> {
    let state = optional("state", &query.state, ConferenceState::parse)?;
    let ministry = optional("ministry", &query.ministry, id)?;
    let after = place(&query.after, latest_first());
    let found = steering
        .conferences(&cx.actor, (state, ministry), after, PAGE_ROWS)
        .await?;
    let next = next(&found, |one| Some((one.life.day.to_string(), one.id)));
    let conferences = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(ConferencesAnswer { conferences, next }))
}

/// A conference.
#[utoipa::path(get, path = "/api/v1/steering/conferences/{id}", tag = "steering",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = ConferenceAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 404, description = "Not found")))]
pub(super) async fn conference(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<ConferenceAnswer>, Failure> {
    let (one, ..) = steering.conference(&cx.actor, id).await?;
    Ok(JsonAnswer((&one).into()))
}

/// The agenda of a conference, with the files as they stood when it was prepared.
#[utoipa::path(get, path = "/api/v1/steering/conferences/{id}/agenda", tag = "steering",
    params(("id" = Uuid, Path, description = "The conference's id")),
    responses((status = 200, body = ConferenceAgendaAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 404, description = "Not found")))]
pub(super) async fn conference_agenda(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<ConferenceAgendaAnswer>, Failure> {
    let (_, points, _) = steering.conference(&cx.actor, id).await?;
    let points = points.iter().map(Into::into).collect();
    Ok(JsonAnswer(ConferenceAgendaAnswer { points }))
}

/// The minutes of a conference, with what became of its decisions and recommendations.
#[utoipa::path(get, path = "/api/v1/steering/conferences/{id}/minutes", tag = "steering",
    params(("id" = Uuid, Path, description = "The conference's id")),
    responses((status = 200, body = ConferenceMinutesAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 404, description = "Not found")))]
pub(super) async fn conference_minutes(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<ConferenceMinutesAnswer>, Failure> {
    let (one, points, steps) = steering.conference(&cx.actor, id).await?;
    let life = one.life.clone();
    let outcome = steering.outcome(one, &points).await?;
    let taken = points.iter().filter(|point| point.dropped.is_none());
    let points = taken.map(|point| {
        let decided = outcome.decisions.iter();
        let mut decided = decided.filter(|one| Some(one.id) == point.decision);
        ConferenceMinutesPoint {
            point: point.id,
            product: point.product,
            discussion: point.discussion.clone(),
            undecided: point.undecided.clone(),
            decision: decided.next().map(Into::into),
        }
    });
    let added = steps.iter().filter(|step| step.act == "add");
    Ok(JsonAnswer(ConferenceMinutesAnswer {
        adopted_by_directorate_on: text(life.directorate.map(|one| one.on)),
        adopted_by_ministry_on: text(life.ministry.map(|one| one.on)),
        points: points.collect(),
        recommendations: outcome.recommendations.iter().map(Into::into).collect(),
        additions: added
            .map(|step| ConferenceAddition {
                on: step.on.to_string(),
                text: step.reason.clone(),
            })
            .collect(),
    }))
}
