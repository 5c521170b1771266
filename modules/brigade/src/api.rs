//! The JSON API of the brigade.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kit_http::{
    ApiQuery, Cx, Failure, JsonAnswer, ModuleRoutes, Path, Routes, State, described, optional,
};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::{READ, STAFF};
use crate::domain::{MissionState, RequestOrigin, RequestState};
use crate::reading::{MissionFilter, RequestFilter};
use crate::store::missions::Mission;
use crate::store::requests::Request;
use crate::{Brigade, latest_first};

/// Rows on one page.
const PAGE_ROWS: u32 = 100;

pub(crate) fn routes(brigade: Brigade) -> ModuleRoutes {
    Routes::new("brigade")
        .get("/api/v1/brigade/requests", &READ, requests)
        .get("/api/v1/brigade/missions", &READ, missions)
        .get("/api/v1/brigade/missions/{id}", &READ, mission)
        .get("/api/v1/brigade/board", &STAFF, board)
        .with_state(brigade)
}

/// A request.
#[derive(Debug, Serialize, ToSchema)]
struct BrigadeRequestAnswer {
    /// Its id.
    id: Uuid,
    /// The product's id.
    product: Uuid,
    /// The product's name.
    product_title: String,
    /// What asked.
    origin: RequestOrigin,
    /// What is needed.
    need: String,
    /// The first day of the wished period: year, month, day.
    from: Option<String>,
    /// Its last day.
    to: Option<String>,
    /// What the mission must contribute.
    contribution: String,
    /// The impact target that it serves.
    impact: String,
    /// Where it stands.
    state: RequestState,
    /// When it was asked.
    asked_on: String,
    /// When it was answered.
    answered_on: Option<String>,
    /// The day to which it is put off.
    put_off_until: Option<String>,
}

fn text(on: Option<Date>) -> Option<String> {
    on.map(|on| on.to_string())
}

impl From<&Request> for BrigadeRequestAnswer {
    fn from(one: &Request) -> Self {
        Self {
            id: one.id,
            product: one.product,
            product_title: one.product_title.clone(),
            origin: one.origin,
            need: one.need.clone(),
            from: text(one.period.map(|(from, _)| from)),
            to: text(one.period.map(|(_, to)| to)),
            contribution: one.contribution.clone(),
            impact: one.impact.clone(),
            state: one.state,
            asked_on: one.asked_on.to_string(),
            answered_on: text(one.answered_on),
            put_off_until: text(one.put_off_until),
        }
    }
}

/// A page of requests.
#[derive(Debug, Serialize, ToSchema)]
struct BrigadeRequestsAnswer {
    /// The latest asked first.
    requests: Vec<BrigadeRequestAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// A mission.
#[derive(Debug, Serialize, ToSchema)]
struct MissionAnswer {
    /// Its id.
    id: Uuid,
    /// The request that it answers.
    request: Uuid,
    /// The product's id.
    product: Uuid,
    /// The product's name.
    product_title: String,
    /// Its title.
    title: String,
    /// What it must do.
    objective: String,
    /// By what it is seen to have succeeded.
    criterion: String,
    /// Its first day: year, month, day.
    from: String,
    /// Its last day.
    to: String,
    /// Where it stands.
    state: MissionState,
    /// What was found.
    findings: String,
    /// What was changed.
    changes: String,
}

impl From<&Mission> for MissionAnswer {
    fn from(one: &Mission) -> Self {
        Self {
            id: one.id,
            request: one.request,
            product: one.product,
            product_title: one.product_title.clone(),
            title: one.title.clone(),
            objective: one.objective.clone(),
            criterion: one.criterion.clone(),
            from: one.period.0.to_string(),
            to: one.period.1.to_string(),
            state: one.state,
            findings: one.findings.clone(),
            changes: one.changes.clone(),
        }
    }
}

/// A page of missions.
#[derive(Debug, Serialize, ToSchema)]
struct MissionsAnswer {
    /// The latest begun first.
    missions: Vec<MissionAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// Days of an expertise at a mission.
#[derive(Debug, Serialize, ToSchema)]
struct MissionDaysAnswer {
    /// The expertise's code.
    expertise: String,
    /// Half days that were agreed.
    agreed_half_days: u32,
    /// Half days that were spent.
    spent_half_days: u32,
}

/// A mission with its days.
#[derive(Debug, Serialize, ToSchema)]
struct MissionWithDaysAnswer {
    /// The mission.
    mission: MissionAnswer,
    /// Its days by expertise.
    days: Vec<MissionDaysAnswer>,
}

/// An expert on the board.
#[derive(Debug, Serialize, ToSchema)]
struct BoardRowAnswer {
    /// The expert's id.
    expert: Uuid,
    /// Its name.
    name: String,
    /// The codes of its expertises.
    expertises: Vec<String>,
    /// Half days that missions take, week by week.
    taken_half_days: Vec<u32>,
    /// Half days that it works, week by week.
    worked_half_days: Vec<u32>,
}

/// The planning board.
#[derive(Debug, Serialize, ToSchema)]
struct BoardAnswer {
    /// The Mondays of its weeks: year, month, day.
    weeks: Vec<String>,
    /// Experts by name.
    rows: Vec<BoardRowAnswer>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RequestsQuery {
    /// Only in this state.
    #[serde(default)]
    #[param(required = false, schema_with = request_states)]
    state: String,
    /// Only of this ministry.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    ministry: String,
    /// Only for this product.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    product: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MissionsQuery {
    /// Only in this state.
    #[serde(default)]
    #[param(required = false, schema_with = mission_states)]
    state: String,
    /// Only of this ministry.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    ministry: String,
    /// Only for this product.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    product: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BoardQuery {
    /// A day of the first week; this week when there is none.
    #[serde(default)]
    #[param(required = false, schema_with = described::day)]
    from: String,
}

fn request_states() -> Schema {
    described::codes(RequestState::ALL.iter().map(|one| one.code()))
}

fn mission_states() -> Schema {
    described::codes(MissionState::ALL.iter().map(|one| one.code()))
}

fn id(text: &str) -> Option<Uuid> {
    text.parse().ok()
}

/// Where a list goes on; a cursor that somebody changed counts as none.
fn place(text: &str) -> (Date, Uuid) {
    let read = text
        .split_once('~')
        .and_then(|(day, id)| Some((day.parse().ok()?, id.parse().ok()?)));
    read.unwrap_or_else(latest_first)
}

/// The cursor after a full page.
fn next<T>(rows: &[T], place: impl Fn(&T) -> (Date, Uuid)) -> Option<String> {
    let last = rows.last().filter(|_| rows.len() == PAGE_ROWS as usize)?;
    let (day, id) = place(last);
    Some(format!("{day}~{id}"))
}

/// Requests for the brigade that the caller may read, page by page.
#[utoipa::path(get, path = "/api/v1/brigade/requests", tag = "brigade",
    params(RequestsQuery),
    responses((status = 200, body = BrigadeRequestsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn requests(
    State(brigade): State<Brigade>,
    cx: Cx,
    ApiQuery(query): ApiQuery<RequestsQuery>,
) -> Result<JsonAnswer<BrigadeRequestsAnswer>, Failure> {
    let filter = RequestFilter {
        state: optional("state", &query.state, RequestState::parse)?,
        ministry: optional("ministry", &query.ministry, id)?,
        product: optional("product", &query.product, id)?,
        origin: None,
    };
    let after = place(&query.after);
    let found = brigade
        .requests(&cx.actor, filter, after, PAGE_ROWS)
        .await?;
    let next = next(&found, |one| (one.asked_on, one.id));
    let requests = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(BrigadeRequestsAnswer { requests, next }))
}

/// Missions of the brigade that the caller may read, page by page.
#[utoipa::path(get, path = "/api/v1/brigade/missions", tag = "brigade",
    params(MissionsQuery),
    responses((status = 200, body = MissionsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn missions(
    State(brigade): State<Brigade>,
    cx: Cx,
    ApiQuery(query): ApiQuery<MissionsQuery>,
) -> Result<JsonAnswer<MissionsAnswer>, Failure> {
    let filter = MissionFilter {
        state: optional("state", &query.state, MissionState::parse)?,
        ministry: optional("ministry", &query.ministry, id)?,
        product: optional("product", &query.product, id)?,
        expertise: None,
    };
    let after = place(&query.after);
    let found = brigade
        .missions(&cx.actor, &filter, after, PAGE_ROWS)
        .await?;
    let next = next(&found, |one| (one.period.0, one.id));
    let missions = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(MissionsAnswer { missions, next }))
}

/// A mission with its days by expertise.
#[utoipa::path(get, path = "/api/v1/brigade/missions/{id}", tag = "brigade",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = MissionWithDaysAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 404, description = "Not found")))]
async fn mission(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<MissionWithDaysAnswer>, Failure> {
    let view = brigade.mission(&cx.actor, id).await?;
    let mut days: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for goes in &view.assignments {
        let sum = days.entry(&goes.expertise).or_default();
        *sum = (sum.0 + goes.half_days, sum.1 + goes.spent);
    }
    let days = days
        .into_iter()
        .map(|(code, (agreed, spent))| MissionDaysAnswer {
            expertise: code.to_owned(),
            agreed_half_days: agreed,
            spent_half_days: spent,
        });
    Ok(JsonAnswer(MissionWithDaysAnswer {
        days: days.collect(),
        mission: (&view.mission).into(),
    }))
}

/// The planning board of twelve weeks, for officers of the directorate.
#[utoipa::path(get, path = "/api/v1/brigade/board", tag = "brigade",
    params(BoardQuery),
    responses((status = 200, body = BoardAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn board(
    State(brigade): State<Brigade>,
    cx: Cx,
    ApiQuery(query): ApiQuery<BoardQuery>,
) -> Result<JsonAnswer<BoardAnswer>, Failure> {
    let within = |day: &Date| (1990..=2099).contains(&day.year());
    let from: Option<Date> =
        optional("from", &query.from, |text| text.parse().ok().filter(within))?;
    let from = from.unwrap_or_else(|| brigade.source.today());
    let board = brigade.board(&cx.actor, from, None).await?;
    let rows = board.rows.into_iter().map(|row| BoardRowAnswer {
        expert: row.expert,
        name: row.name,
        expertises: row.expertises,
        taken_half_days: row.weeks.iter().map(|(taken, _)| *taken).collect(),
        worked_half_days: row.weeks.iter().map(|(_, works)| *works).collect(),
    });
    Ok(JsonAnswer(BoardAnswer {
        weeks: board.weeks.iter().map(ToString::to_string).collect(),
        rows: rows.collect(),
    }))
}

#[derive(OpenApi)]
#[openapi(
    paths(requests, missions, mission, board),
    components(schemas(BrigadeRequestAnswer, MissionAnswer, MissionDaysAnswer, BoardRowAnswer))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
