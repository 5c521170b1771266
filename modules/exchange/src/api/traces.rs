//! Calls that were traced, for the producer whose data was asked for and for the requester that asked.

use std::collections::BTreeMap;

use kit_http::{ApiQuery, Cx, Failure, JsonAnswer, State, described, optional};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::Period;
use super::acts::{limit_of, limits, next_of, siret, sirets};
use crate::pages::{instants, trace_cursor, trace_place};
use crate::traces::sirets as bodies_of;
use crate::{Exchange, KeptTrace, Side, TraceFilter};

/// Longest code of a purpose that is looked for, in characters.
const PURPOSE_CHARS_MAX: usize = 100;

/// A call that was traced.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TracedCallAnswer {
    /// When the request came.
    at: String,
    /// The id of the request: its `X-Request-Id`.
    request: Uuid,
    /// The accreditation; none when no valid one was shown.
    accreditation: Option<Uuid>,
    /// Its version.
    accreditation_version: Option<u32>,
    /// The SIRET number of who was accredited.
    requester: Option<String>,
    /// Its name.
    requester_name: Option<String>,
    /// The SIRET number of the editor that called for it.
    editor: Option<String>,
    /// The SIRET number of the body for which the data was.
    recipient: Option<String>,
    /// Its name.
    recipient_name: Option<String>,
    /// Whose data it was: an organisation's id.
    producer: Uuid,
    /// The API.
    api: Uuid,
    /// Its name.
    api_name: Option<String>,
    /// The operation.
    operation: Uuid,
    /// The code of the purpose.
    purpose: Option<String>,
    /// What the call was for, in the requester's words.
    object: Option<String>,
    /// The legal basis, in words.
    legal_basis: Option<String>,
    /// The pseudonym of the person asked about, which producers alone are told.
    subject: Option<String>,
    /// The status that was answered.
    status: u16,
    /// Why it was refused: the code of the problem.
    problem: Option<String>,
    /// From the request's arrival to the answer's readiness, in microseconds.
    latency_us: u64,
    /// Bytes of data answered.
    bytes: u64,
    /// Pieces of information that nobody was asked for again.
    pieces_saved: u32,
    /// Until when the person doesn't see it.
    hidden_until: Option<String>,
    /// Whether it was made on behalf of a citizen who had signed in.
    on_behalf: bool,
    /// The name of the log in which it stands.
    log: String,
    /// Its place in that log.
    log_index: i64,
}

/// The names that a page of calls tells.
struct Names {
    bodies: BTreeMap<String, String>,
    apis: BTreeMap<Uuid, String>,
}

impl TracedCallAnswer {
    fn of(names: &Names, kept: KeptTrace) -> Self {
        let body = |siret: &Option<String>| siret.as_ref().and_then(|one| names.bodies.get(one));
        let trace = kept.trace;
        Self {
            at: trace.at.to_string(),
            request: trace.request,
            accreditation: trace.accreditation.map(|(id, _)| id),
            accreditation_version: trace.accreditation.map(|(_, version)| version),
            requester_name: body(&trace.requester).cloned(),
            requester: trace.requester,
            editor: trace.editor,
            recipient_name: body(&trace.recipient).cloned(),
            recipient: trace.recipient,
            producer: trace.producer,
            api: trace.api,
            api_name: names.apis.get(&trace.api).cloned(),
            operation: trace.operation,
            purpose: trace.purpose,
            object: trace.object,
            legal_basis: trace.legal_basis,
            subject: trace.subject,
            status: trace.status,
            problem: trace.problem,
            latency_us: trace.latency_us,
            bytes: trace.bytes,
            pieces_saved: trace.pieces_saved,
            hidden_until: trace.hidden_until.map(|until| until.to_string()),
            on_behalf: trace.on_behalf,
            log: kept.log,
            log_index: kept.index,
        }
    }
}

/// A page of calls.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TracedCallsAnswer {
    /// The first day that was looked at.
    from: String,
    /// The last day.
    to: String,
    /// The latest first.
    calls: Vec<TracedCallAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// How calls are asked for: as a producer, or as a requester.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TracedCallsQuery {
    /// Those to this producer's data; needed unless `own` is told.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    producer: String,
    /// Those of this body, by its SIRET number; not with `producer`.
    #[serde(default)]
    #[param(required = false, schema_with = sirets)]
    own: String,
    /// Only of this requester, by its SIRET number.
    #[serde(default)]
    #[param(required = false, schema_with = sirets)]
    requester: String,
    /// Only for the purpose of this code.
    #[serde(default)]
    #[param(required = false, schema_with = purposes)]
    purpose: String,
    /// Only to this API.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    api: String,
    /// Only about the person of this pseudonym; not with `own`.
    #[serde(default)]
    #[param(required = false, schema_with = pseudonyms)]
    subject: String,
    /// The first day, in Paris; 29 days before the last when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = described::day)]
    from: String,
    /// The last day, 366 days after the first at most; today when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = described::day)]
    to: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
    /// Calls on the page; 50 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = limits)]
    limit: String,
}

fn purposes() -> Schema {
    described::words(PURPOSE_CHARS_MAX)
}

fn pseudonyms() -> Schema {
    let digits = ObjectBuilder::new().schema_type(Type::String);
    let digits = digits.min_length(Some(64)).max_length(Some(64));
    digits.pattern(Some("^[0-9a-f]{64}$")).build().into()
}

impl TracedCallsQuery {
    fn side(&self) -> Result<Side, Failure> {
        let producer = optional("producer", &self.producer, |text| text.parse().ok())?;
        let own = siret("own", &self.own)?;
        match (producer, own) {
            (None, None) => Err(Failure::field("producer", "missing", "this, or own")),
            (Some(producer), None) => Ok(Side::Producer(producer)),
            (None, Some(_)) if !self.subject.is_empty() => {
                let told = "not with own: pseudonyms are the producer's";
                Err(Failure::field("subject", "too-many", told))
            }
            (None, Some(own)) => Ok(Side::Requester(own)),
            (Some(_), Some(_)) => Err(Failure::field("own", "too-many", "not with producer")),
        }
    }

    fn filter(&self) -> Result<TraceFilter, Failure> {
        let subject = optional("subject", &self.subject, |text| {
            pseudonym::from_hex::<32>(text)?;
            Some(text.to_owned())
        })?;
        let purpose = Some(self.purpose.clone()).filter(|code| !code.is_empty());
        Ok(TraceFilter {
            requester: siret("requester", &self.requester)?,
            purpose,
            api: optional("api", &self.api, |text| text.parse().ok())?,
            subject,
            from: None,
            to: None,
        })
    }
}

/// Calls that were traced, to a producer's data or of a requester.
#[utoipa::path(get, path = "/api/v1/exchange/traces", tag = "exchange",
    params(TracedCallsQuery),
    responses((status = 200, body = TracedCallsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Neither one's data nor one's calls"),
              (status = 404, description = "No body has the number in `own`"),
              (status = 422, description = "An unknown value, no side, or not a period of at most 366 days")))]
pub(super) async fn traced_calls(
    State(exchange): State<Exchange>,
    cx: Cx,
    ApiQuery(query): ApiQuery<TracedCallsQuery>,
) -> Result<JsonAnswer<TracedCallsAnswer>, Failure> {
    let (side, filter) = (query.side()?, query.filter()?);
    let period = Period {
        from: query.from.clone(),
        to: query.to.clone(),
    };
    let days = period.days(exchange.source.today())?;
    let (from, to) = instants(days);
    let filter = TraceFilter {
        from: Some(from),
        to: Some(to),
        ..filter
    };
    let limit = limit_of(&query.limit);
    let place = trace_place(&query.after);
    let found = exchange.search_traces(&cx.actor, &side, &filter, place, limit + 1);
    let mut found = found.await?;
    let next = next_of(&mut found, limit, trace_cursor);
    let names = Names {
        bodies: exchange
            .party_names(found.iter().flat_map(bodies_of))
            .await?,
        apis: exchange.api_names().await?,
    };
    let calls = found
        .into_iter()
        .map(|one| TracedCallAnswer::of(&names, one));
    Ok(JsonAnswer(TracedCallsAnswer {
        from: days.0.to_string(),
        to: days.1.to_string(),
        calls: calls.collect(),
        next,
    }))
}

#[derive(OpenApi)]
#[openapi(
    paths(traced_calls),
    components(schemas(TracedCallAnswer, TracedCallsAnswer))
)]
struct Documentation;

pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
