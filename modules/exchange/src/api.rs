//! The JSON API of the exchange: open data, and how flows are watched.

mod acts;
mod alerts;
mod contests;
mod documents;
mod rules;
mod stops;
mod traces;
mod watch;

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_http::{
    ApiQuery, Body, Cx, Download, Failure, IntoResponse, JsonAnswer, ModuleRoutes, Path, Response,
    Routes, State, described, optional,
};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::READ;
use crate::catalogue::WholeApi;
use crate::domain::{Api, ApiStatus, Sensitivity};
use crate::figures::SavedLine;
use crate::store::list::ApiFilter;
use crate::{Exchange, ExchangeError};

/// Most APIs on one page.
const PAGE_MAX: u32 = 200;
/// Longest text that is looked for, in characters.
const WORDS_CHARS_MAX: usize = 200;
/// Longest period of figures, in days.
pub(crate) const PERIOD_DAYS_MAX: i64 = 366;

pub(crate) fn routes(exchange: Exchange) -> ModuleRoutes {
    watch::routes(Routes::new("exchange"))
        .get("/api/v1/exchange/apis", &READ, list)
        .get("/api/v1/exchange/apis/{id}", &READ, find)
        .get("/api/v1/exchange/accreditations", &READ, accreditations)
        .get("/api/v1/exchange/once-only", &READ, once_only)
        .get("/exchange/apis/{id}/openapi.json", &READ, documents::own)
        .get(
            "/exchange/apis/{id}/gateway.json",
            &READ,
            documents::of_gateways,
        )
        .get("/exchange/accreditations.csv", &READ, accreditations_csv)
        .get("/exchange/dcat.jsonld", &READ, dcat)
        .with_state(exchange)
}

/// An API in short.
#[derive(Debug, Serialize, ToSchema)]
struct ApiAnswer {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// Whose data it gives: a name.
    producer: String,
    /// The first two segments of its paths.
    prefix: String,
    /// The version of its document.
    version: String,
    /// `published`, `deprecated` or `withdrawn`.
    status: &'static str,
    /// `open`, `personal` or `special`.
    sensitivity: &'static str,
    /// The legal basis that it offers.
    legal_basis: String,
    /// Most calls in a minute of one accreditation.
    per_minute: u32,
    /// Most calls in a day of one accreditation.
    per_day: u64,
}

impl ApiAnswer {
    fn of(api: Api, producer: String) -> Self {
        Self {
            id: api.id,
            name: api.profile.name,
            description: api.profile.description,
            producer,
            prefix: api.prefix,
            version: api.version,
            status: api.status.code(),
            sensitivity: api.profile.sensitivity.code(),
            legal_basis: api.profile.legal_text,
            per_minute: api.profile.per_minute,
            per_day: api.profile.per_day,
        }
    }
}

/// A page of APIs.
#[derive(Debug, Serialize, ToSchema)]
struct ApisAnswer {
    /// By name.
    apis: Vec<ApiAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// An API whole.
#[derive(Debug, Serialize, ToSchema)]
struct WholeApiAnswer {
    /// The API.
    api: ApiAnswer,
    /// What can be asked.
    operations: Vec<OperationAnswer>,
    /// What can be asked for.
    scopes: Vec<ScopeAnswer>,
}

/// An operation.
#[derive(Debug, Serialize, ToSchema)]
struct OperationAnswer {
    /// Its name.
    name: String,
    /// `GET` or `POST`.
    method: String,
    /// Its path, below the API's prefix.
    path: String,
    /// What it gives.
    summary: String,
    /// The paths of the fields of its answer.
    fields: Vec<String>,
    /// Whether it is called on behalf of citizens who signed in: `closed`, `open` or `only`.
    citizen_calls: &'static str,
    /// How surely they must be who they say, by eIDAS: 1 to 3; 0 where it isn't called so.
    level_min: u8,
}

/// A scope.
#[derive(Debug, Serialize, ToSchema)]
struct ScopeAnswer {
    /// Its code.
    code: String,
    /// Its name.
    label: String,
    /// What it opens: operation and field path, joined by a space.
    fields: Vec<String>,
    /// Whether the producer is told, with it, who the citizen is on whose behalf it is asked.
    tells_identity: bool,
}

/// How the catalogue is asked for; the page and the API share it.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Words of the name, the description or the producer.
    #[serde(default)]
    #[param(required = false, schema_with = words)]
    pub(crate) q: String,
    /// Only of this producer.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    pub(crate) producer: String,
    /// Only of this status.
    #[serde(default)]
    #[param(required = false, schema_with = statuses)]
    pub(crate) status: String,
    /// Only of this sensitivity.
    #[serde(default)]
    #[param(required = false, schema_with = sensitivities)]
    pub(crate) sensitivity: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    pub(crate) after: String,
    /// APIs on the page; 50 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = limits)]
    pub(crate) limit: String,
}

fn words() -> Schema {
    described::words(WORDS_CHARS_MAX)
}

fn statuses() -> Schema {
    described::codes(ApiStatus::ALL.iter().map(|one| one.code()))
}

fn sensitivities() -> Schema {
    described::codes(Sensitivity::ALL.iter().map(|one| one.code()))
}

fn limits() -> Schema {
    described::whole(1, PAGE_MAX.into())
}

impl ListQuery {
    /// The filter; a value that means nothing names its field.
    pub(crate) fn filter(&self) -> Result<ApiFilter, Failure> {
        Ok(ApiFilter {
            text: self.q.chars().take(WORDS_CHARS_MAX).collect(),
            producer: optional("producer", &self.producer, |text| text.parse().ok())?,
            status: optional("status", &self.status, ApiStatus::parse)?,
            sensitivity: optional("sensitivity", &self.sensitivity, Sensitivity::parse)?,
        })
    }

    /// Where the list goes on: id, a colon, name. Anything else begins at the first page.
    pub(crate) fn place(&self) -> (String, Uuid) {
        let cursor = self.after.split_once(':');
        let read = cursor.and_then(|(id, name)| Some((name.to_owned(), id.parse().ok()?)));
        read.unwrap_or_default()
    }
}

/// The cursor of an API.
pub(crate) fn cursor(api: &Api) -> String {
    format!("{}:{}", api.id, api.profile.name)
}

/// APIs by name.
#[utoipa::path(get, path = "/api/v1/exchange/apis", tag = "exchange",
    params(ListQuery),
    responses((status = 200, body = ApisAnswer),
              (status = 422, description = "An unknown value")))]
async fn list(
    State(exchange): State<Exchange>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<JsonAnswer<ApisAnswer>, Failure> {
    let filter = query.filter()?;
    // Within its limits, or absent.
    let limit = query.limit.parse().unwrap_or(50);
    let (name, id) = query.place();
    let mut found = exchange.apis(&filter, (&name, id), limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|(api, _)| cursor(api));
    let apis = found
        .into_iter()
        .map(|(api, producer)| ApiAnswer::of(api, producer));
    Ok(JsonAnswer(ApisAnswer {
        apis: apis.collect(),
        next,
    }))
}

/// One API with its operations and scopes.
#[utoipa::path(get, path = "/api/v1/exchange/apis/{id}", tag = "exchange",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = WholeApiAnswer),
              (status = 404, description = "Not found")))]
async fn find(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<WholeApiAnswer>, Failure> {
    let WholeApi {
        api,
        producer_name,
        operations,
        scopes,
    } = exchange.whole_api(&cx.actor, id).await?;
    let name = |id: Uuid| {
        let found = operations.iter().find(|one| one.id == id);
        found
            .map(|one| one.described.name.clone())
            .unwrap_or_default()
    };
    let scopes = scopes
        .into_iter()
        .map(|scope| ScopeAnswer {
            fields: scope
                .fields
                .iter()
                .map(|(operation, path)| format!("{} {path}", name(*operation)))
                .collect(),
            code: scope.code,
            label: scope.label,
            tells_identity: scope.tells_identity,
        })
        .collect();
    let operations = operations
        .iter()
        .filter(|operation| !operation.is_removed)
        .map(|operation| OperationAnswer {
            name: operation.described.name.clone(),
            method: operation.described.method.clone(),
            path: operation.described.path.clone(),
            summary: operation.described.summary.clone(),
            fields: operation
                .described
                .fields
                .iter()
                .map(|field| field.path.clone())
                .collect(),
            citizen_calls: operation.citizen_calls.code(),
            level_min: operation.level_min,
        })
        .collect();
    Ok(JsonAnswer(WholeApiAnswer {
        api: ApiAnswer::of(api, producer_name),
        operations,
        scopes,
    }))
}

/// An accreditation in force: no person is named in it.
#[derive(Debug, Serialize, ToSchema)]
struct AccreditationAnswer {
    /// Its number.
    number: i64,
    /// The version in force.
    version: u32,
    /// The SIRET number of who was accredited.
    requester_siret: String,
    /// Its name.
    requester_name: String,
    /// The editor that may act for it: a name.
    editor: Option<String>,
    /// What it is called.
    title: String,
    /// The purposes, in words.
    purposes: Vec<String>,
    /// The legal basis.
    legal_basis: String,
    /// The APIs, each with its scopes.
    apis: Vec<GrantedAnswer>,
    /// Since when.
    approved_on: String,
    /// Until when.
    valid_until: String,
}

/// What was granted of an API.
#[derive(Debug, Serialize, ToSchema)]
struct GrantedAnswer {
    /// Its name.
    api: String,
    /// Its producer: a name.
    producer: String,
    /// The scopes, by code.
    scopes: Vec<String>,
}

/// The accreditations in force.
#[derive(Debug, Serialize, ToSchema)]
struct AccreditationsAnswer {
    /// By number.
    accreditations: Vec<AccreditationAnswer>,
}

async fn active(exchange: &Exchange) -> Result<Vec<AccreditationAnswer>, ExchangeError> {
    let all = exchange.active().await?;
    let answer =
        |(one, version): (crate::Accreditation, crate::domain::Version)| AccreditationAnswer {
            number: one.number,
            version: version.number,
            requester_siret: version.requester.siret,
            requester_name: version.requester.name,
            editor: version
                .editor
                .filter(|of| Some(of.id) == one.editor)
                .map(|of| of.name),
            title: version.content.title,
            purposes: version
                .content
                .purposes
                .into_iter()
                .map(|one| one.words)
                .collect(),
            legal_basis: version.content.legal_text,
            apis: version
                .apis
                .into_iter()
                .map(|one| GrantedAnswer {
                    api: one.name,
                    producer: one.producer_name,
                    scopes: one.scopes.into_iter().map(|(code, _)| code).collect(),
                })
                .collect(),
            approved_on: version.approved_at.to_string(),
            valid_until: version.valid_until.to_string(),
        };
    Ok(all.into_iter().map(answer).collect())
}

/// The accreditations in force, by number.
#[utoipa::path(get, path = "/api/v1/exchange/accreditations", tag = "exchange",
    responses((status = 200, body = AccreditationsAnswer)))]
async fn accreditations(
    State(exchange): State<Exchange>,
) -> Result<JsonAnswer<AccreditationsAnswer>, Failure> {
    Ok(JsonAnswer(AccreditationsAnswer {
        accreditations: active(&exchange).await?,
    }))
}

/// The same as CSV: one line for each API.
#[utoipa::path(get, path = "/exchange/accreditations.csv", tag = "exchange",
    responses((status = 200, body = String, content_type = "text/csv")))]
async fn accreditations_csv(State(exchange): State<Exchange>) -> Result<Download, Failure> {
    const COLUMNS: [&str; 12] = [
        "number",
        "version",
        "requester_siret",
        "requester_name",
        "editor",
        "title",
        "purposes",
        "legal_basis",
        "producer",
        "api",
        "scopes",
        "valid_until",
    ];
    let mut rows = Vec::new();
    for one in active(&exchange).await? {
        for api in &one.apis {
            rows.push(vec![
                one.number.to_string().into(),
                one.version.to_string().into(),
                one.requester_siret.as_str().into(),
                one.requester_name.as_str().into(),
                one.editor.clone().into(),
                one.title.as_str().into(),
                one.purposes.join(" | ").into(),
                one.legal_basis.as_str().into(),
                api.producer.as_str().into(),
                api.api.as_str().into(),
                api.scopes.join(" ").into(),
                one.valid_until.as_str().into(),
            ]);
        }
    }
    let mut file = Vec::new();
    tabular::write_csv(&mut file, &COLUMNS, rows).map_err(Failure::internal)?;
    Ok(Download {
        file_name: "accreditations.csv".into(),
        content_type: "text/csv; charset=utf-8",
        body: Body::from(file),
    })
}

/// A period of figures.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Period {
    /// The first day; 29 days before the last when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = described::day)]
    pub(crate) from: String,
    /// The last day, 366 days after the first at most; today when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = described::day)]
    pub(crate) to: String,
}

impl Period {
    /// The days, the last thirty unless told; at most a year.
    pub(crate) fn days(&self, today: Date) -> Result<(Date, Date), Failure> {
        let read = |field: &'static str, text: &str, otherwise: Date| match text.trim() {
            "" => Ok(otherwise),
            text => text
                .parse::<Date>()
                .map_err(|_| Failure::field(field, "unreadable", "a date such as 2026-03-01")),
        };
        let to = read("to", &self.to, today)?;
        let from = read("from", &self.from, to.saturating_sub(29.days()))?;
        let longest = to.saturating_sub(PERIOD_DAYS_MAX.days());
        if from > to || from < longest {
            let limit = format!("at most {PERIOD_DAYS_MAX} days, the first not after the last");
            return Err(Failure::field("from", "range", limit));
        }
        Ok((from, to))
    }
}

/// Pieces of information that nobody was asked for again.
#[derive(Debug, Serialize, ToSchema)]
struct OnceOnlyAnswer {
    /// The first day.
    from: String,
    /// The last day.
    to: String,
    /// By API, requester and purpose, most first; at most 5,000. For one day: `from` and `to` the same.
    lines: Vec<SavedLine>,
}

/// Pieces of information that nobody was asked for again, by API, requester and purpose.
#[utoipa::path(get, path = "/api/v1/exchange/once-only", tag = "exchange",
    params(Period),
    responses((status = 200, body = OnceOnlyAnswer),
              (status = 422, description = "Not a period of at most 366 days")))]
async fn once_only(
    State(exchange): State<Exchange>,
    ApiQuery(period): ApiQuery<Period>,
) -> Result<JsonAnswer<OnceOnlyAnswer>, Failure> {
    let days = period.days(exchange.source.today())?;
    Ok(JsonAnswer(OnceOnlyAnswer {
        from: days.0.to_string(),
        to: days.1.to_string(),
        lines: exchange.saved(days).await?,
    }))
}

/// The catalogue in DCAT 3 (W3C), as JSON-LD: each API is a data service.
#[utoipa::path(get, path = "/exchange/dcat.jsonld", tag = "exchange", operation_id = "exchange_dcat",
    responses((status = 200, body = Object, content_type = "application/ld+json")))]
async fn dcat(State(exchange): State<Exchange>) -> Result<Response, Failure> {
    let base = &exchange.settings.public_url;
    let mut services = Vec::new();
    let mut place = (String::new(), Uuid::nil());
    loop {
        let filter = ApiFilter::default();
        let found = exchange
            .apis(&filter, (&place.0, place.1), PAGE_MAX)
            .await?;
        let is_last = found.len() < PAGE_MAX as usize;
        for (api, producer) in &found {
            place = (api.profile.name.clone(), api.id);
            if !api.status.is_called() {
                continue;
            }
            let page = format!("{base}/exchange/apis/{}", api.id);
            services.push(serde_json::json!({
                "@id": page,
                "@type": "dcat:DataService",
                "dct:title": [{ "@language": "fr", "@value": api.profile.name }],
                "dct:description": [{ "@language": "fr", "@value": api.profile.description }],
                "dct:publisher": { "@type": "foaf:Agent", "foaf:name": producer },
                "dct:accessRights": { "@id": access_right(api.profile.sensitivity) },
                "dcat:endpointURL": { "@id": format!("{base}/exchange/{}", api.prefix) },
                "dcat:endpointDescription": { "@id": format!("{page}/openapi.json") },
                "dcat:landingPage": { "@id": page },
                "dcat:version": api.version,
            }));
        }
        if is_last {
            break;
        }
    }
    let catalogue = serde_json::json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
        },
        "@id": format!("{base}/exchange/dcat.jsonld"),
        "@type": "dcat:Catalog",
        "dct:title": [{ "@language": "fr", "@value": "Gouvernail : données à échanger" }],
        "dcat:service": services,
    });
    let json = serde_json::to_vec_pretty(&catalogue).map_err(Failure::internal)?;
    Ok(([("content-type", "application/ld+json")], json).into_response())
}

/// Who may have the data, in the words of the European authority tables.
fn access_right(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Open => "http://publications.europa.eu/resource/authority/access-right/PUBLIC",
        Sensitivity::Personal | Sensitivity::Special => {
            "http://publications.europa.eu/resource/authority/access-right/RESTRICTED"
        }
    }
}

#[derive(OpenApi)]
#[openapi(
    paths(
        list,
        find,
        accreditations,
        once_only,
        documents::own,
        documents::of_gateways,
        dcat,
        accreditations_csv
    ),
    components(schemas(
        ApiAnswer,
        ApisAnswer,
        WholeApiAnswer,
        OperationAnswer,
        ScopeAnswer,
        AccreditationAnswer,
        AccreditationsAnswer,
        GrantedAnswer,
        OnceOnlyAnswer,
        SavedLine
    ))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut whole = Documentation::openapi();
    whole.merge(watch::openapi());
    whole
}
