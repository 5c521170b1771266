//! The JSON API of impact: open data with a stable schema, and figures that programs record.

mod polls;

use jiff::civil::Date;
use kit_http::{
    ApiQuery, Cx, Failure, HeaderMap, IntoResponse, Json, JsonAnswer, Method, ModuleRoutes, Path,
    Response, Routes, State, StatusCode, described, optional,
};
use ports::Standing;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::{EDIT, OBSERVE, PUSH, READ};
use crate::domain::observation::ObservationForm;
use crate::domain::{Indicator, Level, Observation};
use crate::store::list::ListFilter;
use crate::{Impact, ImpactError, Recorded};

/// Most rows on one page.
const PAGE_MAX: u32 = 500;

pub(crate) fn routes(impact: Impact) -> ModuleRoutes {
    Routes::new("impact")
        .get("/api/v1/indicators", &READ, list)
        .get("/api/v1/indicators/{id}", &READ, find)
        .get("/api/v1/indicators/{id}/observations", &READ, observations)
        .post("/api/v1/indicators/{id}/observations", &OBSERVE, observe)
        .protocol(Method::POST, "/api/v1/indicators/{id}/figures", &PUSH, push)
        .get("/api/v1/indicators/{id}/poll", &READ, polls::find)
        .route(
            Method::PUT,
            "/api/v1/indicators/{id}/poll",
            &EDIT,
            polls::set,
        )
        .post("/api/v1/indicators/{id}/poll/stop", &EDIT, polls::remove)
        .post("/api/v1/indicators/{id}/poll/try", &EDIT, polls::try_now)
        .with_state(impact)
}

/// An indicator with its latest figure. Quantities are decimals as texts: exact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IndicatorAnswer {
    /// Its id.
    id: Uuid,
    /// The product of which it tells.
    product_id: Uuid,
    /// The product's name.
    product: String,
    /// The organisation that is the product's ministry.
    ministry_id: Option<Uuid>,
    /// Its name.
    name: String,
    /// What is measured.
    measured: String,
    /// The unit.
    unit: String,
    /// `more` or `less`.
    better: &'static str,
    /// `usable`, `used`, `useful`, `impactful` or `efficient`.
    level: &'static str,
    /// `weekly`, `monthly`, `quarterly`, `half-yearly` or `yearly`.
    rhythm: &'static str,
    /// `hand`, or what the platform counts: `sign-ins`, `calls`, `pieces-saved`,
    /// `files-decided`, `decision-days`, `reviews`, `satisfaction`.
    origin: &'static str,
    /// How it is computed.
    formula: String,
    /// Where its figures come from.
    source: String,
    /// How it is measured.
    method: String,
    /// Who answers for it.
    owner: String,
    /// The figure before.
    baseline: Option<String>,
    /// Of when it is (ISO 8601).
    baseline_on: Option<String>,
    /// The promised figure.
    target: Option<String>,
    /// When it is due.
    due_on: Option<String>,
    /// What counts as success once the date has passed.
    threshold: Option<String>,
    /// The latest figure.
    latest: Option<String>,
    /// Of when it is.
    latest_on: Option<String>,
    /// `measured`, `estimated` or `declared`.
    latest_quality: Option<&'static str>,
    /// Its standard error.
    latest_standard_error: Option<String>,
    /// `reached`, `on-track`, `behind`, `missed` or `unknown`, today.
    standing: &'static str,
    /// Whether it is in use.
    in_use: bool,
}

impl IndicatorAnswer {
    pub(crate) fn of(indicator: &Indicator, today: Date) -> Self {
        let described = &indicator.description;
        let promise = &described.promise;
        let text = |quantity: Option<crate::domain::Quantity>| quantity.map(|q| q.to_string());
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        let latest = indicator.latest;
        Self {
            id: indicator.id,
            product_id: indicator.product_id,
            product: indicator.product_title.clone(),
            ministry_id: indicator.ministry_id,
            name: described.name.clone(),
            measured: described.measured.clone(),
            unit: described.unit.clone(),
            better: if promise.more_is_better {
                "more"
            } else {
                "less"
            },
            level: described.level.code(),
            rhythm: described.rhythm.code(),
            origin: described.origin.code(),
            formula: described.formula.clone(),
            source: described.source.clone(),
            method: described.method.clone(),
            owner: described.owner.clone(),
            baseline: text(promise.baseline.map(|(value, _)| value)),
            baseline_on: day(promise.baseline.map(|(_, on)| on)),
            target: text(promise.target),
            due_on: day(promise.due_on),
            threshold: text(promise.threshold),
            latest: text(latest.map(|figure| figure.value)),
            latest_on: day(latest.map(|figure| figure.as_of)),
            latest_quality: latest.map(|figure| figure.quality.code()),
            latest_standard_error: text(latest.and_then(|figure| figure.standard_error)),
            standing: indicator.standing(today).code(),
            in_use: indicator.in_use,
        }
    }
}

/// A page of indicators.
#[derive(Debug, Serialize, ToSchema)]
struct IndicatorsAnswer {
    /// By product, level and name.
    indicators: Vec<IndicatorAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// How a list is asked for; the page and its downloads share it.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Only of this product.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    pub(crate) product: String,
    /// Only of this ministry's products.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    pub(crate) ministry: String,
    /// Only of this level.
    #[serde(default)]
    #[param(required = false, schema_with = levels)]
    pub(crate) level: String,
    /// Only what stands so today.
    #[serde(default)]
    #[param(required = false, schema_with = standings)]
    pub(crate) standing: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    pub(crate) after: String,
    /// Indicators on the page; 100 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = limits)]
    pub(crate) limit: String,
}

fn levels() -> Schema {
    described::codes(Level::ALL.map(Level::code))
}

fn standings() -> Schema {
    described::codes(Standing::ALL.map(Standing::code))
}

fn limits() -> Schema {
    described::whole(1, PAGE_MAX.into())
}

impl ListQuery {
    /// The filter; a value that means nothing names its field.
    pub(crate) fn filter(&self) -> Result<ListFilter, Failure> {
        let id = |text: &str| text.parse::<Uuid>().ok();
        Ok(ListFilter {
            product_id: optional("product", &self.product, id)?,
            ministry_id: optional("ministry", &self.ministry, id)?,
            level: optional("level", &self.level, Level::parse)?,
            standing: optional("standing", &self.standing, Standing::parse)?,
            with_retired: false,
        })
    }

    /// The cursor.
    pub(crate) fn cursor(&self) -> Option<&str> {
        (!self.after.is_empty()).then_some(self.after.as_str())
    }
}

/// Indicators in use, page by page.
#[utoipa::path(get, path = "/api/v1/indicators", tag = "impact",
    params(ListQuery),
    responses((status = 200, body = IndicatorsAnswer),
              (status = 422, description = "A parameter is wrong")))]
async fn list(
    State(impact): State<Impact>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<JsonAnswer<IndicatorsAnswer>, Failure> {
    // Within its limits, or absent.
    let limit = query.limit.parse().unwrap_or(100);
    let page = impact.list(&query.filter()?, query.cursor(), limit).await?;
    let today = impact.source.today();
    let indicators = page.indicators.iter();
    Ok(JsonAnswer(IndicatorsAnswer {
        indicators: indicators
            .map(|one| IndicatorAnswer::of(one, today))
            .collect(),
        next: page.next,
    }))
}

/// One indicator.
#[utoipa::path(get, path = "/api/v1/indicators/{id}", tag = "impact",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = IndicatorAnswer),
              (status = 404, description = "Not found")))]
async fn find(
    State(impact): State<Impact>,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<IndicatorAnswer>, Failure> {
    let indicator = impact.indicator(id).await?;
    let today = impact.source.today();
    Ok(JsonAnswer(IndicatorAnswer::of(&indicator, today)))
}

/// An observation, or the correction of one.
#[derive(Debug, Serialize, ToSchema)]
struct ObservationAnswer {
    /// Its number among those of the indicator, from 1.
    number: i64,
    /// The value, a decimal; none when a correction takes the figure away.
    value: Option<String>,
    /// The day of which it is (ISO 8601).
    as_of: String,
    /// Where it was read.
    source: String,
    /// `measured`, `estimated` or `declared`.
    quality: &'static str,
    /// Its standard error.
    standard_error: Option<String>,
    /// The number of the one that it corrects.
    corrects: Option<i64>,
    /// Why.
    reason: String,
    /// Who recorded it.
    author: String,
    /// When.
    recorded_at: String,
    /// Whether nothing corrects it.
    counts: bool,
}

impl From<Observation> for ObservationAnswer {
    fn from(row: Observation) -> Self {
        Self {
            number: row.number,
            value: row.value.map(|value| value.to_string()),
            as_of: row.as_of.to_string(),
            source: row.source,
            quality: row.quality.code(),
            standard_error: row.standard_error.map(|error| error.to_string()),
            corrects: row.corrects,
            reason: row.reason,
            author: row.author,
            recorded_at: row.recorded_at.to_string(),
            counts: row.counts,
        }
    }
}

/// A page of observations.
#[derive(Debug, Serialize, ToSchema)]
struct ObservationsAnswer {
    /// The indicator's unit.
    unit: String,
    /// In the order in which they were recorded.
    observations: Vec<ObservationAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// The number that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = numbers)]
    after: String,
    /// Observations on the page; 100 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = limits)]
    limit: String,
}

fn numbers() -> Schema {
    described::whole(0, 1_000_000_000_000)
}

/// What was recorded of an indicator, with what was corrected.
#[utoipa::path(get, path = "/api/v1/indicators/{id}/observations", tag = "impact",
    params(("id" = Uuid, Path, description = "The indicator's id"), PageQuery),
    responses((status = 200, body = ObservationsAnswer),
              (status = 404, description = "Not found"),
              (status = 422, description = "A parameter is wrong")))]
async fn observations(
    State(impact): State<Impact>,
    Path(id): Path<Uuid>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<JsonAnswer<ObservationsAnswer>, Failure> {
    let limit: u32 = query.limit.parse().unwrap_or(100);
    let after = query.after.parse().unwrap_or(0);
    let unit = impact.indicator(id).await?.description.unit;
    let mut rows = impact.observations(id, after, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    Ok(JsonAnswer(ObservationsAnswer {
        unit,
        next: rows.last().filter(|_| more).map(|row| row.number),
        observations: rows.into_iter().map(Into::into).collect(),
    }))
}

/// A figure to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ObservationToAdd {
    /// The value: a decimal with at most six decimals, from −10¹² to 10¹².
    #[schema(pattern = r"^-?[0-9]{1,13}(\.[0-9]{1,6})?$", example = "1234.5")]
    value: String,
    /// The day of which it is, not in the future.
    #[schema(value_type = String, format = Date)]
    as_of: String,
    /// Where it was read, at most 200 characters: one figure a day and source.
    #[schema(min_length = 1, max_length = 200)]
    source: String,
    /// The unit in which it is told; refused when it isn't the indicator's.
    #[serde(default)]
    #[schema(max_length = 40)]
    unit: Option<String>,
    /// `measured` when it isn't told, or is empty.
    #[serde(default)]
    #[schema(pattern = "^(measured|estimated|declared)?$")]
    quality: Option<String>,
    /// Its standard error, a decimal.
    #[serde(default)]
    #[schema(pattern = r"^([0-9]{1,13}(\.[0-9]{1,6})?)?$")]
    standard_error: Option<String>,
}

impl From<ObservationToAdd> for ObservationForm {
    fn from(told: ObservationToAdd) -> Self {
        Self {
            value: told.value,
            unit: told.unit.unwrap_or_default(),
            as_of: told.as_of,
            source: told.source,
            quality: told.quality.unwrap_or_default(),
            standard_error: told.standard_error.unwrap_or_default(),
        }
    }
}

/// A recorded figure.
#[derive(Debug, Serialize, ToSchema)]
struct RecordedAnswer {
    /// Its number among those of the indicator.
    number: i64,
    /// Whether it is new: the same figure sent again is there once.
    is_new: bool,
}

/// Records a figure. The same figure of the same day and source may be sent again: it is there once.
/// Another one of that day and source is refused: a person corrects it, with a reason.
#[utoipa::path(post, path = "/api/v1/indicators/{id}/observations", tag = "impact",
    params(("id" = Uuid, Path, description = "The indicator's id")),
    request_body = ObservationToAdd,
    responses((status = 201, body = RecordedAnswer, description = "Recorded"),
              (status = 200, body = RecordedAnswer, description = "Known already"),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not allowed for this product"),
              (status = 404, description = "Not found"),
              (status = 409, description = "Another figure of that day and source is recorded, or \
                the indicator is retired or measured by the platform"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
async fn observe(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Json(told): Json<ObservationToAdd>,
) -> Result<Response, Failure> {
    let recorded = impact.add_observation(&cx.actor, id, &told.into()).await;
    answered(&cx, recorded)
}

/// Records a figure by the key of the indicator, in the header `Authorization: Bearer …`: for programs
/// that nobody signs in. It answers as the operation for people does.
#[utoipa::path(post, path = "/api/v1/indicators/{id}/figures", tag = "impact",
    params(("id" = Uuid, Path, description = "The indicator's id"),
           ("Authorization" = Option<String>, Header, description = "`Bearer` and the key")),
    request_body = ObservationToAdd,
    responses((status = 201, body = RecordedAnswer, description = "Recorded"),
              (status = 200, body = RecordedAnswer, description = "Known already"),
              (status = 401, description = "The key isn't one of this indicator"),
              (status = 404, description = "Not found"),
              (status = 409, description = "Another figure of that day and source is recorded, or \
                the indicator is retired or measured by the platform"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
async fn push(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(told): Json<ObservationToAdd>,
) -> Result<Response, Failure> {
    let sent = headers.get("authorization");
    let key = sent
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .ok_or(ImpactError::WrongKey)?;
    let recorded = impact.push_observation(key.trim(), id, &told.into()).await;
    answered(&cx, recorded)
}

fn answered(cx: &Cx, recorded: Result<Recorded, ImpactError>) -> Result<Response, Failure> {
    let recorded = match recorded {
        Ok(recorded) => recorded,
        Err(ImpactError::Mistakes(wrong)) => return Err(refused(cx, wrong)),
        Err(error) => return Err(error.into()),
    };
    let status = if recorded.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let answer = RecordedAnswer {
        number: recorded.number,
        is_new: recorded.is_new,
    };
    Ok((status, JsonAnswer(answer)).into_response())
}

/// Mistakes of the state of things are conflicts, those of what was sent name their field.
fn refused(cx: &Cx, wrong: Vec<crate::Mistake>) -> Failure {
    let words = cx.words();
    let of_state = wrong.iter().find(|mistake| {
        matches!(
            mistake.code(),
            "duplicate" | "retired" | "automatic" | "poll-automatic"
        )
    });
    if let Some(mistake) = of_state {
        return Failure::Conflict(crate::pages::sentence(&words, mistake));
    }
    let fields = wrong.iter().map(|mistake| {
        let told = crate::pages::sentence(&words, mistake);
        kit_http::FieldError::new(mistake.field.clone().into_owned(), mistake.code(), told)
    });
    Failure::Invalid(fields.collect())
}

#[derive(OpenApi)]
#[openapi(
    paths(list, find, observations, observe, push),
    components(schemas(
        IndicatorsAnswer,
        IndicatorAnswer,
        ObservationsAnswer,
        ObservationAnswer,
        ObservationToAdd,
        RecordedAnswer
    ))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut described = Documentation::openapi();
    described.merge(polls::openapi());
    described
}
