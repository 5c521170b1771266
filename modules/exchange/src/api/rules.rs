//! The rules by which flows are watched.

use kit_http::{
    ApiQuery, Cx, Failure, IntoResponse, Json, JsonAnswer, Path, Response, State, StatusCode,
    described, optional,
};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::acts::{limit_of, limits, next_of, told_in};
use crate::domain::RuleForm;
use crate::pages::{cursor, place};
use crate::{Exchange, KeptRule, RuleFilter};

/// What a rule says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FlowRuleAnswer {
    /// Its id.
    id: Uuid,
    /// Whose data it watches: an organisation's id.
    producer: Uuid,
    /// Which API.
    api: Uuid,
    /// Which operation alone; none: all of the API.
    operation: Option<Uuid>,
    /// What people call it.
    name: String,
    /// `volume`, `hours`, `errors` or `enumeration`.
    kind: &'static str,
    /// `hour` or `day`.
    window: &'static str,
    /// It fires above: calls, calls outside of the hours, percent of the calls, people.
    limit: u64,
    /// Below so many calls in the window a share says nothing; 0 for other kinds.
    calls_min: u64,
    /// For `hours`: the first one, in Paris.
    from_hour: Option<u8>,
    /// For `hours`: when they end.
    to_hour: Option<u8>,
    /// For `hours`: 1 (Monday) to 7.
    days: Vec<u8>,
    /// For `hours`: whether public holidays are days as others.
    holidays: bool,
    /// `alert`; `suspend-api`: the calls of the accreditation to this API are stopped as well;
    /// `suspend`: those for all of the producer's data.
    effect: &'static str,
    /// Since when it acts; none: it is off.
    on_since: Option<String>,
    /// Who changed it last.
    changed_by: String,
    /// When it was changed last.
    updated_at: String,
    /// What to send back when changing it.
    version: i64,
}

impl FlowRuleAnswer {
    fn of(kept: KeptRule) -> Self {
        let rule = kept.rule;
        let days = rule.hours.map_or([false; 7], |hours| hours.days);
        let allowed = (1..=7).zip(days).filter(|(_, is_allowed)| *is_allowed);
        Self {
            id: kept.id,
            producer: kept.producer,
            api: kept.api,
            operation: kept.operation,
            name: rule.name,
            kind: rule.kind.code(),
            window: rule.window.code(),
            limit: rule.limit,
            calls_min: rule.calls_min,
            from_hour: rule.hours.map(|hours| hours.from),
            to_hour: rule.hours.map(|hours| hours.to),
            days: allowed.map(|(day, _)| day).collect(),
            holidays: rule.hours.is_some_and(|hours| hours.holidays),
            effect: rule.effect.code(),
            on_since: kept.on_since.map(|at| at.to_string()),
            changed_by: kept.changed_by,
            updated_at: kept.updated_at.to_string(),
            version: kept.row_version,
        }
    }
}

/// A page of rules.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FlowRulesAnswer {
    /// The latest first.
    rules: Vec<FlowRuleAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// How rules are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FlowRulesQuery {
    /// Only those that watch this producer's data; needed unless one keeps the rules of all.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    producer: String,
    /// Only those that watch this API.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    api: String,
    /// Only those that act (`on`), or those that don't (`off`).
    #[serde(default)]
    #[param(required = false, schema_with = switches)]
    state: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
    /// Rules on the page; 50 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = limits)]
    limit: String,
}

fn switches() -> Schema {
    described::codes(["on", "off"])
}

/// Rules by which flows are watched.
#[utoipa::path(get, path = "/api/v1/exchange/rules", tag = "exchange",
    params(FlowRulesQuery),
    responses((status = 200, body = FlowRulesAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not the keeper of these rules"),
              (status = 422, description = "An unknown value")))]
pub(super) async fn flow_rules(
    State(exchange): State<Exchange>,
    cx: Cx,
    ApiQuery(query): ApiQuery<FlowRulesQuery>,
) -> Result<JsonAnswer<FlowRulesAnswer>, Failure> {
    let id = |text: &str| text.parse().ok();
    let filter = RuleFilter {
        producer: optional("producer", &query.producer, id)?,
        api: optional("api", &query.api, id)?,
        is_on: optional("state", &query.state, |text| Some(text == "on"))?,
    };
    let limit = limit_of(&query.limit);
    let found = exchange.rules(&cx.actor, &filter, place(&query.after), limit + 1);
    let mut found = found.await?;
    let next = next_of(&mut found, limit, |last| cursor(last.created_at, last.id));
    Ok(JsonAnswer(FlowRulesAnswer {
        rules: found.into_iter().map(FlowRuleAnswer::of).collect(),
        next,
    }))
}

/// One rule.
#[utoipa::path(get, path = "/api/v1/exchange/rules/{id}", tag = "exchange",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = FlowRuleAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not the keeper of this rule"),
              (status = 404, description = "Not found")))]
pub(super) async fn flow_rule(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<FlowRuleAnswer>, Failure> {
    let kept = exchange.rule(&cx.actor, id).await?;
    Ok(JsonAnswer(FlowRuleAnswer::of(kept)))
}

/// What a rule shall say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowRuleToKeep {
    /// The operation that it watches alone; all of the API when it isn't told.
    #[serde(default)]
    operation: Option<Uuid>,
    /// What people call it.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// `volume`, `hours`, `errors` or `enumeration`.
    #[schema(pattern = "^(volume|hours|errors|enumeration)$")]
    kind: String,
    /// `hour` or `day`.
    #[schema(pattern = "^(hour|day)$")]
    window: String,
    /// It fires above: calls, calls outside of the hours, percent of the calls (1 to 99), people.
    #[schema(minimum = 0, maximum = 100_000_000)]
    limit: u64,
    /// For `errors`: the fewest calls.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000_000)]
    calls_min: Option<u64>,
    /// For `hours`: the first one, in Paris.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 23)]
    from_hour: Option<u8>,
    /// For `hours`: when they end.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 24)]
    to_hour: Option<u8>,
    /// For `hours`: 1 (Monday) to 7.
    #[serde(default)]
    #[schema(schema_with = weekdays)]
    days: Vec<u8>,
    /// For `hours`: whether public holidays are days as others.
    #[serde(default)]
    holidays: bool,
    /// `alert`, `suspend-api` or `suspend`.
    #[schema(pattern = "^(alert|suspend-api|suspend)$")]
    effect: String,
}

fn weekdays() -> Schema {
    let day = ObjectBuilder::new().schema_type(Type::Integer);
    let day = day.minimum(Some(1)).maximum(Some(7));
    ArrayBuilder::new()
        .items(day)
        .max_items(Some(7))
        .build()
        .into()
}

/// A rule to add to those of an API.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowRuleToAdd {
    /// The API that it watches.
    api: Uuid,
    /// What it says.
    rule: FlowRuleToKeep,
}

/// A rule to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowRuleToChange {
    /// The version that was read.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    version: i64,
    /// What it says from then on.
    rule: FlowRuleToKeep,
}

/// Whether a rule shall act.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowRuleToSwitch {
    /// The version that was read.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    version: i64,
    /// Whether it acts from then on.
    on: bool,
}

impl FlowRuleToKeep {
    fn form(self, api: Option<Uuid>) -> RuleForm {
        let text = |number: Option<u64>| number.map(|one| one.to_string()).unwrap_or_default();
        RuleForm {
            api: api.map(|id| id.to_string()).unwrap_or_default(),
            operation: self.operation.map(|id| id.to_string()).unwrap_or_default(),
            name: self.name,
            kind: self.kind,
            window: self.window,
            limit: self.limit.to_string(),
            calls_min: text(self.calls_min),
            from_hour: text(self.from_hour.map(Into::into)),
            to_hour: text(self.to_hour.map(Into::into)),
            days: self.days.iter().map(ToString::to_string).collect(),
            holidays: self.holidays,
            effect: self.effect,
        }
    }
}

/// Adds a rule to those of an API, off at first.
#[utoipa::path(post, path = "/api/v1/exchange/rules", tag = "exchange",
    request_body = FlowRuleToAdd,
    responses((status = 201, body = FlowRuleAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not the keeper of this API's rules"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
pub(super) async fn add_flow_rule(
    State(exchange): State<Exchange>,
    cx: Cx,
    Json(sent): Json<FlowRuleToAdd>,
) -> Result<Response, Failure> {
    let form = sent.rule.form(Some(sent.api));
    let id = told_in("rule.", &cx, exchange.add_rule(&cx.actor, &form).await)?;
    let kept = exchange.rule(&cx.actor, id).await?;
    let answer = JsonAnswer(FlowRuleAnswer::of(kept));
    Ok((StatusCode::CREATED, answer).into_response())
}

/// Changes what a rule says. It stays with its API.
#[utoipa::path(put, path = "/api/v1/exchange/rules/{id}", tag = "exchange",
    params(("id" = Uuid, Path, description = "Its id")),
    request_body = FlowRuleToChange,
    responses((status = 200, body = FlowRuleAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not the keeper of this rule"),
              (status = 404, description = "Not found"),
              (status = 409, description = "Somebody changed it first"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
pub(super) async fn change_flow_rule(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Json(sent): Json<FlowRuleToChange>,
) -> Result<JsonAnswer<FlowRuleAnswer>, Failure> {
    let form = sent.rule.form(None);
    let changed = exchange.change_rule(&cx.actor, id, sent.version, &form);
    told_in("rule.", &cx, changed.await)?;
    let kept = exchange.rule(&cx.actor, id).await?;
    Ok(JsonAnswer(FlowRuleAnswer::of(kept)))
}

/// Switches a rule on or off.
#[utoipa::path(post, path = "/api/v1/exchange/rules/{id}/switch", tag = "exchange",
    params(("id" = Uuid, Path, description = "Its id")),
    request_body = FlowRuleToSwitch,
    responses((status = 200, body = FlowRuleAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not the keeper of this rule"),
              (status = 404, description = "Not found"),
              (status = 409, description = "Somebody changed it first"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
pub(super) async fn switch_flow_rule(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Json(sent): Json<FlowRuleToSwitch>,
) -> Result<JsonAnswer<FlowRuleAnswer>, Failure> {
    let switched = exchange.switch_rule(&cx.actor, id, sent.version, sent.on);
    told_in("rule.", &cx, switched.await)?;
    let kept = exchange.rule(&cx.actor, id).await?;
    Ok(JsonAnswer(FlowRuleAnswer::of(kept)))
}

#[derive(OpenApi)]
#[openapi(
    paths(
        flow_rules,
        flow_rule,
        add_flow_rule,
        change_flow_rule,
        switch_flow_rule
    ),
    components(schemas(
        FlowRuleAnswer,
        FlowRulesAnswer,
        FlowRuleToKeep,
        FlowRuleToAdd,
        FlowRuleToChange,
        FlowRuleToSwitch
    ))
)]
struct Documentation;

pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
