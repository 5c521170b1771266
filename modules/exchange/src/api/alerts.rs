//! What rules and gateways raised.

use kit_http::{ApiQuery, Cx, Failure, Json, JsonAnswer, Path, State, described, optional};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::acts::{limit_of, limits, next_of, siret, sirets, told_in};
use crate::domain::Handled;
use crate::pages::{cursor, place};
use crate::watch::why;
use crate::{AlertFilter, AlertSide, AlertSource, Exchange, ExchangeError, KeptAlert};

/// What fired.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FlowAlertAnswer {
    /// Its id.
    id: Uuid,
    /// Who raised it: `rule`, or a gateway by itself (`many-people`, `suspended`).
    source: &'static str,
    /// The rule.
    rule: Option<Uuid>,
    /// What the rule was called then.
    rule_name: Option<String>,
    /// Whose data; none: everybody's.
    producer: Option<Uuid>,
    /// Which API.
    api: Option<Uuid>,
    /// Which operation alone.
    operation: Option<Uuid>,
    /// Whose calls: an accreditation.
    accreditation: Uuid,
    /// The SIRET number of who was accredited; may be empty.
    requester: String,
    /// The first instant of the window in which they were counted.
    window_from: String,
    /// The first instant after it.
    window_to: String,
    /// Calls that were counted in it when it fired.
    calls: u64,
    /// Those that were refused.
    refused: u64,
    /// What the rule compared with its limit, in the limit's unit.
    value: u64,
    /// Why, and what was stopped, in the reader's words.
    why: String,
    /// When it fired.
    fired_at: String,
    /// What it stopped, or found stopped already.
    stop: Option<Uuid>,
    /// `open` or `handled`.
    state: &'static str,
    /// What became of it: `kept`, `resumed` or `closed`.
    handled_as: Option<&'static str>,
    /// When.
    handled_at: Option<String>,
    /// By whom.
    handled_by: Option<String>,
    /// The reason or the note.
    note: Option<String>,
}

impl FlowAlertAnswer {
    fn of(cx: &Cx, alert: KeptAlert) -> Self {
        let words = cx.words();
        let told = why(
            &words,
            cx.locale,
            &alert.source,
            &alert.measured,
            alert.window,
        );
        let producer = alert.source.producer();
        let (source, rule, name, api, operation) = match alert.source {
            AlertSource::Rule {
                id,
                rule,
                api,
                operation,
                ..
            } => ("rule", Some(id), Some(rule.name), Some(api), operation),
            AlertSource::Gateway(sign) => (sign.code(), None, None, None, None),
        };
        let handled = alert.handled.as_ref();
        Self {
            id: alert.id,
            source,
            rule,
            rule_name: name,
            producer,
            api,
            operation,
            accreditation: alert.accreditation,
            requester: alert.requester,
            window_from: alert.window.0.to_string(),
            window_to: alert.window.1.to_string(),
            calls: alert.measured.calls,
            refused: alert.measured.refused,
            value: alert.measured.value,
            why: told,
            fired_at: alert.fired_at.to_string(),
            stop: alert.stop,
            state: if handled.is_some() { "handled" } else { "open" },
            handled_as: handled.map(|(how, ..)| how.code()),
            handled_at: handled.map(|(_, at, ..)| at.to_string()),
            handled_by: handled.map(|(_, _, by, _)| by.clone()),
            note: handled.map(|(.., note)| note.clone()),
        }
    }
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FlowAlertsAnswer {
    /// The latest first.
    alerts: Vec<FlowAlertAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// How alerts are asked for: as a producer, as a requester, or as who keeps the rules of all.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FlowAlertsQuery {
    /// Those about this producer's data.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    producer: String,
    /// Those about the calls of this body, by its SIRET number; not with `producer`.
    #[serde(default)]
    #[param(required = false, schema_with = sirets)]
    own: String,
    /// Only of this API.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    api: String,
    /// Only of this requester, by its SIRET number.
    #[serde(default)]
    #[param(required = false, schema_with = sirets)]
    requester: String,
    /// Only those that are open, or those that were handled.
    #[serde(default)]
    #[param(required = false, schema_with = states)]
    state: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
    /// Alerts on the page; 50 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = limits)]
    limit: String,
}

fn states() -> Schema {
    described::codes(["open", "handled"])
}

impl FlowAlertsQuery {
    fn side(&self) -> Result<AlertSide, Failure> {
        let producer = optional("producer", &self.producer, |text| text.parse().ok())?;
        let own = siret("own", &self.own)?;
        match (producer, own) {
            (None, None) => Ok(AlertSide::All),
            (Some(producer), None) => Ok(AlertSide::Producer(producer)),
            (None, Some(own)) => Ok(AlertSide::Requester(own)),
            (Some(_), Some(_)) => Err(Failure::field("own", "too-many", "not with producer")),
        }
    }

    fn filter(&self) -> Result<AlertFilter, Failure> {
        Ok(AlertFilter {
            api: optional("api", &self.api, |text| text.parse().ok())?,
            requester: siret("requester", &self.requester)?,
            is_open: optional("state", &self.state, |text| Some(text == "open"))?,
        })
    }
}

/// What rules and gateways raised.
#[utoipa::path(get, path = "/api/v1/exchange/alerts", tag = "exchange",
    params(FlowAlertsQuery),
    responses((status = 200, body = FlowAlertsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Neither one's data nor one's calls"),
              (status = 404, description = "No body has the number in `own`"),
              (status = 422, description = "An unknown value")))]
pub(super) async fn flow_alerts(
    State(exchange): State<Exchange>,
    cx: Cx,
    ApiQuery(query): ApiQuery<FlowAlertsQuery>,
) -> Result<JsonAnswer<FlowAlertsAnswer>, Failure> {
    let (side, filter) = (query.side()?, query.filter()?);
    let limit = limit_of(&query.limit);
    let found = exchange.alerts(&cx.actor, &side, &filter, place(&query.after), limit + 1);
    let mut found = found.await?;
    let next = next_of(&mut found, limit, |last| cursor(last.fired_at, last.id));
    let alerts = found.into_iter().map(|one| FlowAlertAnswer::of(&cx, one));
    Ok(JsonAnswer(FlowAlertsAnswer {
        alerts: alerts.collect(),
        next,
    }))
}

/// One alert.
#[utoipa::path(get, path = "/api/v1/exchange/alerts/{id}", tag = "exchange",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = FlowAlertAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Neither one's data nor one's calls"),
              (status = 404, description = "Not found")))]
pub(super) async fn flow_alert(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<FlowAlertAnswer>, Failure> {
    let alert = exchange.alert(&cx.actor, id).await?;
    Ok(JsonAnswer(FlowAlertAnswer::of(&cx, alert)))
}

/// What becomes of an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowAlertToHandle {
    /// `kept`: the flow stays stopped; `resumed`: it goes on; `closed`: it was looked at.
    #[schema(pattern = "^(kept|resumed|closed)$")]
    how: String,
    /// The reason, which the requester reads, or a note; needed but for `kept`.
    #[serde(default)]
    #[schema(max_length = 1000)]
    reason: Option<String>,
}

/// Says what becomes of an alert that is open.
#[utoipa::path(post, path = "/api/v1/exchange/alerts/{id}/handle", tag = "exchange",
    params(("id" = Uuid, Path, description = "Its id")),
    request_body = FlowAlertToHandle,
    responses((status = 200, body = FlowAlertAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not the keeper of the rule, or of the flow"),
              (status = 404, description = "Not found"),
              (status = 409, description = "It was handled already"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "The body is wrong: each mistake names its field")))]
pub(super) async fn handle_flow_alert(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Json(sent): Json<FlowAlertToHandle>,
) -> Result<JsonAnswer<FlowAlertAnswer>, Failure> {
    let reason = sent.reason.unwrap_or_default();
    let handled = match Handled::parse(&sent.how) {
        Some(how) => exchange.handle_alert(&cx.actor, id, how, &reason).await,
        None => Err(ExchangeError::mistake("how", "exchange-mistake-choice", "")),
    };
    told_in("", &cx, handled)?;
    let alert = exchange.alert(&cx.actor, id).await?;
    Ok(JsonAnswer(FlowAlertAnswer::of(&cx, alert)))
}

#[derive(OpenApi)]
#[openapi(
    paths(flow_alerts, flow_alert, handle_flow_alert),
    components(schemas(FlowAlertAnswer, FlowAlertsAnswer, FlowAlertToHandle))
)]
struct Documentation;

pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
