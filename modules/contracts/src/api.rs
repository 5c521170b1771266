//! The JSON API: contracts, tranches and their release, funds.

use jiff::civil::Date;
use kit_http::{
    ApiQuery, Cx, Failure, Json, JsonAnswer, ModuleRoutes, Path, Routes, State, described, optional,
};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::{READ, READ_PUBLIC, RELEASE};
use crate::domain::{Kind, ReasonForm, State as ContractState, TrancheState};
use crate::reading::{ContractFilter, latest_first};
use crate::store::contracts::StoredContract;
use crate::{Contracts, Fund, TrancheStanding};

/// Rows on one page.
const PAGE_ROWS: u32 = 100;

pub(crate) fn routes(contracts: Contracts) -> ModuleRoutes {
    Routes::new("contracts")
        .get("/api/v1/contracts/published", &READ_PUBLIC, published)
        .get("/api/v1/contracts", &READ, contracts_list)
        .get("/api/v1/contracts/{id}", &READ, contract)
        .get("/api/v1/contracts/{id}/tranches", &READ, tranches)
        .post(
            "/api/v1/contracts/{id}/tranches/{number}/release",
            &RELEASE,
            release,
        )
        .get("/api/v1/funds", &READ, funds)
        .with_state(contracts)
}

/// A contract.
#[derive(Debug, Serialize, ToSchema)]
struct ContractAnswer {
    /// Its id.
    id: Uuid,
    /// The product's id.
    product: Uuid,
    /// The product's name.
    product_title: String,
    /// What is given.
    kind: Kind,
    /// Where it stands.
    state: ContractState,
    /// Its title.
    title: String,
    /// The number of its latest text.
    latest_version: i64,
    /// The number of the text in force.
    in_force_version: Option<i64>,
    /// In cents of euros.
    amount_cents: i64,
    /// Its last day: year, month, day.
    ends_on: Option<String>,
    /// When its next review is due.
    next_review_on: Option<String>,
}

impl From<&StoredContract> for ContractAnswer {
    fn from(one: &StoredContract) -> Self {
        let day = |on: Option<Date>| on.map(|on| on.to_string());
        Self {
            id: one.id,
            product: one.product,
            product_title: one.product_title.clone(),
            kind: one.kind,
            state: one.state,
            title: one.title.clone(),
            latest_version: one.latest,
            in_force_version: one.in_force,
            amount_cents: one.amount_cents,
            ends_on: day(one.ends_on),
            next_review_on: day(one.next_review_on),
        }
    }
}

/// A page of contracts.
#[derive(Debug, Serialize, ToSchema)]
struct ContractsAnswer {
    /// The latest first.
    contracts: Vec<ContractAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// A contract with the text in force, else the latest.
#[derive(Debug, Serialize, ToSchema)]
struct ContractFileAnswer {
    /// It.
    contract: ContractAnswer,
    /// What it says.
    #[schema(value_type = Object)]
    terms: serde_json::Value,
    /// The SHA-256 of the text that is kept, in hexadecimal digits: what signatures name.
    sha256: String,
    /// Who signed that text.
    signatures: Vec<SignatureAnswer>,
}

/// A signature that stands.
#[derive(Debug, Serialize, ToSchema)]
struct SignatureAnswer {
    /// `directorate` or `ministry`.
    side: crate::domain::Side,
    /// Whose.
    name: String,
    /// In which role.
    role: String,
    /// The SHA-256 of the text that was signed.
    sha256: String,
    /// When.
    #[schema(value_type = String)]
    at: jiff::Timestamp,
}

/// A tranche with how its condition stands.
#[derive(Debug, Serialize, ToSchema)]
struct TrancheAnswer {
    /// Its number, from 1.
    number: i64,
    /// What it pays for.
    label: String,
    /// In cents of euros.
    amount_cents: i64,
    /// Where it stands.
    state: TrancheState,
    /// When it is released.
    #[schema(value_type = Object)]
    condition: serde_json::Value,
    /// Whether that is so.
    is_met: bool,
    /// The figures that say so, with their day and source.
    #[schema(value_type = Object)]
    reading: serde_json::Value,
    /// The version that a release names.
    version: i64,
}

impl From<&TrancheStanding> for TrancheAnswer {
    fn from(one: &TrancheStanding) -> Self {
        Self {
            number: one.tranche.number,
            label: one.tranche.label.clone(),
            amount_cents: one.tranche.amount_cents,
            state: one.tranche.state,
            condition: serde_json::to_value(one.tranche.condition).unwrap_or_default(),
            is_met: one.reading.is_met(),
            reading: serde_json::to_value(&one.reading).unwrap_or_default(),
            version: one.tranche.version,
        }
    }
}

/// A contract's tranches.
#[derive(Debug, Serialize, ToSchema)]
struct TranchesAnswer {
    /// By number.
    tranches: Vec<TrancheAnswer>,
}

/// A release.
#[derive(Debug, Deserialize, ToSchema)]
struct ReleaseRequest {
    /// The version of the tranche that was seen.
    version: i64,
    /// What is said of it; may be empty.
    #[serde(default)]
    note: String,
}

/// A fund.
#[derive(Debug, Serialize, ToSchema)]
struct FundAnswer {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// Its envelope, in cents of euros.
    envelope_cents: i64,
    /// What is committed, in cents of euros.
    committed_cents: i64,
    /// What is paid, in cents of euros.
    paid_cents: i64,
    /// What can still be committed, in cents of euros.
    left_cents: i64,
}

impl From<&Fund> for FundAnswer {
    fn from(one: &Fund) -> Self {
        Self {
            id: one.id,
            name: one.name.clone(),
            envelope_cents: one.envelope_cents,
            committed_cents: one.committed_cents,
            paid_cents: one.paid_cents,
            left_cents: one.left_cents(),
        }
    }
}

/// A page of funds.
#[derive(Debug, Serialize, ToSchema)]
struct FundsAnswer {
    /// The latest first.
    funds: Vec<FundAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AfterQuery {
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ContractsQuery {
    /// Only in this state.
    #[serde(default)]
    #[param(required = false, schema_with = states)]
    state: String,
    /// Only of this kind.
    #[serde(default)]
    #[param(required = false, schema_with = kinds)]
    kind: String,
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
    described::codes(ContractState::ALL.iter().map(|one| one.code()))
}

fn kinds() -> Schema {
    described::codes(Kind::ALL.iter().map(|one| one.code()))
}

/// Where a list goes on; a cursor that somebody changed counts as none.
fn place(text: &str) -> (Date, Uuid) {
    let read = text
        .split_once('~')
        .and_then(|(value, id)| Some((value.parse().ok()?, id.parse().ok()?)));
    read.unwrap_or_else(latest_first)
}

/// The cursor after a full page.
fn next<T>(rows: &[T], place: impl Fn(&T) -> Option<(Date, Uuid)>) -> Option<String> {
    let last = rows.last().filter(|_| rows.len() == PAGE_ROWS as usize)?;
    let (value, id) = place(last)?;
    Some(format!("{value}~{id}"))
}

/// Published contracts, page by page.
#[utoipa::path(get, path = "/api/v1/contracts/published", tag = "contracts",
    params(AfterQuery),
    responses((status = 200, body = ContractsAnswer),
              (status = 422, description = "A parameter is wrong")))]
async fn published(
    State(contracts): State<Contracts>,
    ApiQuery(query): ApiQuery<AfterQuery>,
) -> Result<JsonAnswer<ContractsAnswer>, Failure> {
    let found = contracts
        .published_list(place(&query.after), PAGE_ROWS)
        .await?;
    let next = next(&found, |one| Some((one.publication.as_ref()?.on, one.id)));
    let contracts = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(ContractsAnswer { contracts, next }))
}

/// Contracts that the caller may read, page by page.
#[utoipa::path(get, path = "/api/v1/contracts", tag = "contracts",
    params(ContractsQuery),
    responses((status = 200, body = ContractsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn contracts_list(
    State(contracts): State<Contracts>,
    cx: Cx,
    ApiQuery(query): ApiQuery<ContractsQuery>,
) -> Result<JsonAnswer<ContractsAnswer>, Failure> {
    let filter = ContractFilter {
        state: optional("state", &query.state, ContractState::parse)?,
        kind: optional("kind", &query.kind, Kind::parse)?,
        ministry: optional("ministry", &query.ministry, |text| text.parse().ok())?,
        product: None,
    };
    let after = place(&query.after);
    let found = contracts
        .contracts(&cx.actor, filter, after, PAGE_ROWS)
        .await?;
    let next = next(&found, |one| Some((one.opened_on, one.id)));
    let contracts = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(ContractsAnswer { contracts, next }))
}

/// A contract with its text and who signed it.
#[utoipa::path(get, path = "/api/v1/contracts/{id}", tag = "contracts",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = ContractFileAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 404, description = "Not found")))]
async fn contract(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<ContractFileAnswer>, Failure> {
    let file = contracts.contract(&cx.actor, id).await?;
    let current = file.current().ok_or(Failure::NotFound)?;
    let signed = file.signatures.iter();
    let signed = signed.filter(|one| one.number == current.number && one.voided.is_none());
    Ok(JsonAnswer(ContractFileAnswer {
        contract: (&file.contract).into(),
        terms: serde_json::to_value(&current.terms).unwrap_or_default(),
        sha256: current.sha256.clone(),
        signatures: signed
            .map(|one| SignatureAnswer {
                side: one.side,
                name: one.name.clone(),
                role: one.role.clone(),
                sha256: one.sha256.clone(),
                at: one.at,
            })
            .collect(),
    }))
}

/// A contract's tranches, each with how its condition stands.
#[utoipa::path(get, path = "/api/v1/contracts/{id}/tranches", tag = "contracts",
    params(("id" = Uuid, Path, description = "The contract's id")),
    responses((status = 200, body = TranchesAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 404, description = "Not found")))]
async fn tranches(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<TranchesAnswer>, Failure> {
    let found = contracts.standings(&cx.actor, id).await?;
    let tranches = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(TranchesAnswer { tranches }))
}

/// Releases a tranche whose condition is met.
#[utoipa::path(post, path = "/api/v1/contracts/{id}/tranches/{number}/release", tag = "contracts",
    params(("id" = Uuid, Path, description = "The contract's id"),
           ("number" = i64, Path, description = "The tranche's number")),
    request_body = ReleaseRequest,
    responses((status = 200, body = TranchesAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 404, description = "Not found"),
              (status = 409, description = "Somebody changed it first, or not in this state"),
              (status = 413, description = "The body is too large"),
              (status = 415, description = "The body isn't JSON"),
              (status = 422, description = "Not met, held, released already, or a field is wrong")))]
async fn release(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, number)): Path<(Uuid, i64)>,
    Json(request): Json<ReleaseRequest>,
) -> Result<JsonAnswer<TranchesAnswer>, Failure> {
    let form = ReasonForm {
        reason: request.note,
    };
    let version = request.version;
    contracts
        .release(&cx.actor, id, number, version, &form)
        .await?;
    let found = contracts.standings(&cx.actor, id).await?;
    let tranches = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(TranchesAnswer { tranches }))
}

/// Funds, page by page.
#[utoipa::path(get, path = "/api/v1/funds", tag = "contracts",
    params(AfterQuery),
    responses((status = 200, body = FundsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not granted"),
              (status = 422, description = "A parameter is wrong")))]
async fn funds(
    State(contracts): State<Contracts>,
    cx: Cx,
    ApiQuery(query): ApiQuery<AfterQuery>,
) -> Result<JsonAnswer<FundsAnswer>, Failure> {
    let found = contracts
        .funds(&cx.actor, place(&query.after), PAGE_ROWS)
        .await?;
    let next = next(&found, |one| Some((one.opened_on, one.id)));
    let funds = found.iter().map(Into::into).collect();
    Ok(JsonAnswer(FundsAnswer { funds, next }))
}

#[derive(OpenApi)]
#[openapi(paths(published, contracts_list, contract, tranches, release, funds))]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
