//! The JSON API of costs: the comparison for anybody, the costs of products for those who may read
//! them.

use kit_http::{
    ApiQuery, Cx, Failure, FieldError, JsonAnswer, ModuleRoutes, Path, Routes, State, described,
    optional,
};
use ownership::Input;
use ports::ProductId;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::{READ, READ_PUBLIC};
use crate::domain::calculator::{self, Compared};
use crate::domain::stale_before;
use crate::pages::sentence;
use crate::{Costs, CostsError, File, ListFilter, Told, Version};

/// Most rows on one page.
const PAGE_MAX: u32 = 500;

pub(crate) fn routes(costs: Costs) -> ModuleRoutes {
    Routes::new("costs")
        .get("/api/v1/costs", &READ, list)
        .get("/api/v1/costs/comparison", &READ_PUBLIC, comparison)
        .get("/api/v1/products/{id}/costs", &READ, versions)
        .get("/api/v1/products/{id}/costs/{number}", &READ, version)
        .with_state(costs)
}

/// The inputs of the comparison, as people write them: euros, percentages, whole numbers. What isn't
/// told stands for an order of magnitude.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ComparisonQuery {
    /// Days of work that are needed in a year.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    days_per_year: String,
    /// Years.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    years: String,
    /// Gross salary of an agent in a year, in euros.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    gross_salary: String,
    /// The employer's contributions, in percent of the gross salary.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    contributions: String,
    /// Workplace and equipment of an agent in a year, in euros.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    workplace: String,
    /// Recruiting and training an agent, once, in euros.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    recruitment: String,
    /// Days that an agent works in a year.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    worked_days: String,
    /// Growth of salaries, in percent a year.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    salary_growth: String,
    /// Daily rate of a contractor without tax, in euros.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    daily_rate: String,
    /// Value added tax, in percent.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    vat: String,
    /// Revision of the daily rate, in percent a year.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    rate_revision: String,
    /// What agents spend to steer the contract, in percent of its price.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    steering: String,
    /// Days of the contractor to hand over at the end.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    handover_days: String,
    /// Discount rate, in percent a year.
    #[serde(default)]
    #[param(required = false, schema_with = number)]
    discount: String,
    /// How far each input is moved, in percent: 1 to 90.
    #[serde(default)]
    #[param(required = false, schema_with = spread)]
    spread: String,
}

fn number() -> Schema {
    described::words(20)
}

fn spread() -> Schema {
    described::whole(1, calculator::SPREAD_MAX)
}

impl ComparisonQuery {
    fn text(&self, name: &str) -> &str {
        match name {
            "days_per_year" => &self.days_per_year,
            "years" => &self.years,
            "gross_salary" => &self.gross_salary,
            "contributions" => &self.contributions,
            "workplace" => &self.workplace,
            "recruitment" => &self.recruitment,
            "worked_days" => &self.worked_days,
            "salary_growth" => &self.salary_growth,
            "daily_rate" => &self.daily_rate,
            "vat" => &self.vat,
            "rate_revision" => &self.rate_revision,
            "steering" => &self.steering,
            "handover_days" => &self.handover_days,
            "discount" => &self.discount,
            "spread" => &self.spread,
            _ => "",
        }
    }
}

/// An input with its value: euros, percent or a whole number, a decimal as a text.
#[derive(Debug, Serialize, ToSchema)]
struct InputAnswer {
    /// Its name, as in the query.
    name: &'static str,
    /// Its value.
    value: String,
}

/// A part of the cost of one way, discounted.
#[derive(Debug, Serialize, ToSchema)]
struct PartAnswer {
    /// Its name.
    name: &'static str,
    /// `agents` or `contractors`.
    way: &'static str,
    /// By year, in cents.
    by_year_cents: Vec<i64>,
    /// The sum, in cents.
    cents: i64,
}

/// What moving one input alone does to the difference (contractors less agents), in cents.
#[derive(Debug, Serialize, ToSchema)]
struct SwingAnswer {
    /// The input.
    name: &'static str,
    /// Its low value.
    low: String,
    /// The difference there.
    at_low_cents: i64,
    /// Its high value.
    high: String,
    /// The difference there.
    at_high_cents: i64,
    /// The value from which the answer is another one; none within the input's limits.
    flips_at: Option<String>,
}

/// Both ways side by side.
#[derive(Debug, Serialize, ToSchema)]
struct ComparisonAnswer {
    /// The version of the formulas.
    formula: &'static str,
    /// Every input, those that stood for an order of magnitude too.
    inputs: Vec<InputAnswer>,
    /// `agents`, `contractors` or `equal`: which way costs less.
    answer: &'static str,
    /// What agents cost, in cents.
    agents_cents: i64,
    /// What contractors cost, in cents.
    contractors_cents: i64,
    /// What contractors cost more, in cents; below zero when they cost less.
    difference_cents: i64,
    /// The parts: they add up to the totals exactly.
    parts: Vec<PartAnswer>,
    /// The widest first.
    sensitivity: Vec<SwingAnswer>,
}

fn answered(compared: &Compared) -> ComparisonAnswer {
    let value = |input: Input, value: i64| calculator::typed(input, value).replace(',', ".");
    let both = &compared.both;
    ComparisonAnswer {
        formula: ownership::FORMULA_VERSION,
        inputs: Input::ALL
            .into_iter()
            .map(|input| InputAnswer {
                name: input.code(),
                value: value(input, compared.inputs.get(input)),
            })
            .collect(),
        answer: compared.answer().code(),
        agents_cents: both.agents_cents,
        contractors_cents: both.contractors_cents,
        difference_cents: both.difference_cents(),
        parts: both
            .parts
            .iter()
            .map(|part| PartAnswer {
                name: part.name,
                way: if part.is_of_agents {
                    "agents"
                } else {
                    "contractors"
                },
                by_year_cents: part.by_year_cents.clone(),
                cents: part.cents,
            })
            .collect(),
        sensitivity: compared
            .swings
            .iter()
            .map(|(input, low, high, swing)| SwingAnswer {
                name: input.code(),
                low: value(*input, *low),
                at_low_cents: swing.at_low,
                high: value(*input, *high),
                at_high_cents: swing.at_high,
                flips_at: swing.flips_at.map(|at| value(*input, at)),
            })
            .collect(),
    }
}

/// The same work done by agents or by contractors.
#[utoipa::path(get, path = "/api/v1/costs/comparison", tag = "costs",
    params(ComparisonQuery),
    responses((status = 200, body = ComparisonAnswer),
              (status = 422, description = "An input is wrong: each mistake names it and its limits")))]
async fn comparison(
    State(_): State<Costs>,
    cx: Cx,
    ApiQuery(query): ApiQuery<ComparisonQuery>,
) -> Result<JsonAnswer<ComparisonAnswer>, Failure> {
    let compared = calculator::read(|name| query.text(name)).map_err(|wrong| {
        let words = cx.words();
        let fields = wrong.iter().map(|mistake| {
            let told = sentence(&words, mistake);
            FieldError::new(mistake.field.clone(), mistake.code(), told)
        });
        Failure::Invalid(fields.collect())
    })?;
    Ok(JsonAnswer(answered(&compared)))
}

/// A product's cost in short: its latest version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileAnswer {
    /// The product.
    product_id: Uuid,
    /// Its name.
    product: String,
    /// The organisation that is its ministry.
    ministry_id: Option<Uuid>,
    /// The number of the latest version.
    version: i64,
    /// Of when it is (ISO 8601).
    as_of: String,
    /// The cost of the whole life, in cents.
    total_cents: i64,
    /// By year, in cents.
    per_year_cents: i64,
    /// Whether it is older than twelve months.
    is_stale: bool,
}

impl FileAnswer {
    pub(crate) fn of(file: &File, stale_before: jiff::civil::Date) -> Self {
        Self {
            product_id: file.product,
            product: file.title.clone(),
            ministry_id: file.ministry,
            version: file.latest,
            as_of: file.as_of.to_string(),
            total_cents: file.total_cents,
            per_year_cents: file.per_year_cents,
            is_stale: file.as_of < stale_before,
        }
    }
}

/// A page of products with a cost.
#[derive(Debug, Serialize, ToSchema)]
struct FilesAnswer {
    /// By name.
    costs: Vec<FileAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only of this ministry's products.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    ministry: String,
    /// `yes`: only those older than twelve months.
    #[serde(default)]
    #[param(required = false, schema_with = yes)]
    stale: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    after: String,
    /// Products on the page; 100 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = limits)]
    limit: String,
}

fn yes() -> Schema {
    described::codes(["yes"])
}

fn limits() -> Schema {
    described::whole(1, PAGE_MAX.into())
}

/// Products with a cost that the actor may read, page by page.
#[utoipa::path(get, path = "/api/v1/costs", tag = "costs",
    params(ListQuery),
    responses((status = 200, body = FilesAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not allowed for this ministry"),
              (status = 422, description = "A parameter is wrong")))]
async fn list(
    State(costs): State<Costs>,
    cx: Cx,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<JsonAnswer<FilesAnswer>, Failure> {
    let filter = ListFilter {
        ministry: optional("ministry", &query.ministry, |text| text.parse().ok())?,
        is_stale: query.stale == "yes",
    };
    let limit = query.limit.parse().unwrap_or(100);
    let after = (!query.after.is_empty()).then_some(query.after.as_str());
    let (files, next) = costs.list(&cx.actor, filter, after, limit).await?;
    let before = stale_before(costs.source.today());
    let costs = files.iter().map(|file| FileAnswer::of(file, before));
    Ok(JsonAnswer(FilesAnswer {
        costs: costs.collect(),
        next,
    }))
}

/// A version in short.
#[derive(Debug, Serialize, ToSchema)]
struct VersionSummary {
    /// Its number, from 1.
    number: i64,
    /// Of when it is (ISO 8601).
    as_of: String,
    /// The cost of the whole life, in cents.
    total_cents: i64,
    /// Why it was made.
    reason: String,
    /// By whom.
    author: String,
    /// When.
    created_at: String,
}

impl From<&Version> for VersionSummary {
    fn from(version: &Version) -> Self {
        Self {
            number: version.number,
            as_of: version.content.as_of.to_string(),
            total_cents: version.total_cents,
            reason: version.reason.clone(),
            author: version.author.clone(),
            created_at: version.created_at.to_string(),
        }
    }
}

/// A page of versions.
#[derive(Debug, Serialize, ToSchema)]
struct VersionsAnswer {
    /// The latest first.
    versions: Vec<VersionSummary>,
    /// What to send as `before` for the next page; none on the last one.
    next: Option<i64>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VersionsQuery {
    /// Only versions before this number.
    #[serde(default)]
    #[param(required = false, schema_with = version_number)]
    before: String,
}

fn version_number() -> Schema {
    described::whole(1, 1_000_000_000)
}

/// The versions of a product's cost.
#[utoipa::path(get, path = "/api/v1/products/{id}/costs", tag = "costs",
    params(("id" = Uuid, Path, description = "The product's id"), VersionsQuery),
    responses((status = 200, body = VersionsAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not allowed for this product"),
              (status = 404, description = "Not found, or the product has no cost"),
              (status = 422, description = "A parameter is wrong")))]
async fn versions(
    State(costs): State<Costs>,
    cx: Cx,
    Path(id): Path<Uuid>,
    ApiQuery(query): ApiQuery<VersionsQuery>,
) -> Result<JsonAnswer<VersionsAnswer>, Failure> {
    let (_, file) = costs.file(&cx.actor, ProductId(id)).await?;
    let file = file.ok_or(CostsError::NotFound)?;
    let all = costs.versions(&file, query.before.parse().ok()).await?;
    let last = all.last().map(|version| version.number);
    Ok(JsonAnswer(VersionsAnswer {
        versions: all.iter().map(Into::into).collect(),
        next: last.filter(|last| *last > 1),
    }))
}

/// A cost of one year.
#[derive(Debug, Serialize, ToSchema)]
struct LineAnswer {
    /// What kind it is.
    kind: &'static str,
    /// The year in which it is paid.
    year: i16,
    /// What it is.
    label: String,
    /// How much, in cents.
    cents: i64,
}

/// What the lines rest on. Values are decimals as texts: exact.
#[derive(Debug, Serialize, ToSchema)]
struct AssumptionAnswer {
    /// What is assumed.
    name: String,
    /// The value.
    value: String,
    /// Its unit.
    unit: String,
    /// Where it comes from.
    source: String,
    /// The lowest that is thought likely.
    low: String,
    /// The highest.
    high: String,
    /// `nothing`, `everything`, or the kind of the lines that are proportional to it.
    drives: &'static str,
    /// The total at the low value, in cents; none when it drives nothing.
    total_at_low_cents: Option<i64>,
    /// The total at the high value, in cents.
    total_at_high_cents: Option<i64>,
}

/// A version with what it says.
#[derive(Debug, Serialize, ToSchema)]
struct VersionAnswer {
    /// The product.
    product_id: Uuid,
    /// It in short.
    version: VersionSummary,
    /// The first year of the life.
    first_year: i16,
    /// Years of the whole life.
    years: u16,
    /// By year of the life, in cents, rounded.
    per_year_cents: i64,
    /// As it counts in the first year, in cents.
    discounted_cents: i64,
    /// The discount rate, in basis points.
    discount_bp: i64,
    /// Building plus two years of running, in cents: what the portfolio's estimate covers.
    portfolio_scope_cents: i64,
    /// The portfolio's estimate when the version was made, in cents.
    estimate_cents: Option<i64>,
    /// `user` or `act`: what the cost of a year is divided by.
    counted: Option<&'static str>,
    /// The cost of a year by user or act, in cents; none when it isn't known.
    per_count_cents: Option<i64>,
    /// The costs.
    lines: Vec<LineAnswer>,
    /// What they rest on.
    assumptions: Vec<AssumptionAnswer>,
}

impl From<Told> for VersionAnswer {
    fn from(told: Told) -> Self {
        let content = &told.version.content;
        let moved = content.moved();
        let assumptions = content.assumptions.iter().enumerate().map(|(at, one)| {
            let moved = moved.iter().find(|moved| moved.at == at);
            AssumptionAnswer {
                name: one.name.clone(),
                value: one.value.to_string(),
                unit: one.unit.clone(),
                source: one.source.clone(),
                low: one.low.to_string(),
                high: one.high.to_string(),
                drives: one.drives.code(),
                total_at_low_cents: moved.map(|moved| moved.low_cents),
                total_at_high_cents: moved.map(|moved| moved.high_cents),
            }
        });
        let lines = content.lines.iter().map(|line| LineAnswer {
            kind: line.kind.code(),
            year: line.year,
            label: line.label.clone(),
            cents: line.cents,
        });
        Self {
            product_id: told.product.id.0,
            version: (&told.version).into(),
            first_year: content.first_year,
            years: content.years,
            per_year_cents: told.summary.life.per_year_cents,
            discounted_cents: told.summary.life.discounted_cents,
            discount_bp: content.discount_bp,
            portfolio_scope_cents: told.summary.portfolio_scope_cents,
            estimate_cents: told.version.estimate.map(|(cents, _)| cents),
            counted: told.per_count.as_ref().map(|per| per.of.code()),
            per_count_cents: told.per_count.as_ref().and_then(|per| per.cents),
            lines: lines.collect(),
            assumptions: assumptions.collect(),
        }
    }
}

/// A version of a product's cost.
#[utoipa::path(get, path = "/api/v1/products/{id}/costs/{number}", tag = "costs",
    params(("id" = Uuid, Path, description = "The product's id"),
           ("number" = i64, Path, description = "The version's number")),
    responses((status = 200, body = VersionAnswer),
              (status = 401, description = "Nobody is signed in"),
              (status = 403, description = "Not allowed for this product"),
              (status = 404, description = "Not found")))]
async fn version(
    State(costs): State<Costs>,
    cx: Cx,
    Path((id, number)): Path<(Uuid, i64)>,
) -> Result<JsonAnswer<VersionAnswer>, Failure> {
    let told = costs.told(&cx.actor, ProductId(id), Some(number)).await?;
    Ok(JsonAnswer(told.into()))
}

#[derive(OpenApi)]
#[openapi(
    paths(list, comparison, versions, version),
    components(schemas(
        FilesAnswer,
        FileAnswer,
        ComparisonAnswer,
        InputAnswer,
        PartAnswer,
        SwingAnswer,
        VersionsAnswer,
        VersionSummary,
        VersionAnswer,
        LineAnswer,
        AssumptionAnswer
    ))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
