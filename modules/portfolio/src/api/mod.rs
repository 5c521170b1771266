//! The JSON API of the portfolio: open data with a stable schema.

mod product;

use jiff::civil::Date;
use kit_http::{
    ApiQuery, Cx, Failure, JsonAnswer, ModuleRoutes, Path, Routes, State, described, optional,
};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::READ;
use crate::domain::{Outlook, Phase, ProductKind, Report};
use crate::store::list::{self, ListFilter, Sort};
use crate::{Portfolio, PortfolioError};

pub(crate) use product::ProductAnswer;

/// Most products on one page.
const PAGE_MAX: u32 = 500;
/// Longest text that is looked for, in characters.
const WORDS_CHARS_MAX: usize = 200;

pub(crate) fn routes(portfolio: Portfolio) -> ModuleRoutes {
    Routes::new("portfolio")
        .get("/api/v1/products", &READ, list_products)
        .get("/api/v1/products/{id}", &READ, product::find)
        .get("/api/v1/products/{id}/forecast", &READ, forecast)
        .get("/api/v1/reports/slips", &READ, slips_report)
        .with_state(portfolio)
}

/// A page of products.
#[derive(Debug, Serialize, ToSchema)]
struct ProductsAnswer {
    /// In the order asked for.
    products: Vec<ProductAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// How a list is asked for; the page and its downloads share it.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Words of the name.
    #[serde(default)]
    #[param(required = false, schema_with = words)]
    pub(crate) q: String,
    /// Only this kind.
    #[serde(default)]
    #[param(required = false, schema_with = kinds)]
    pub(crate) kind: String,
    // The page's one field for both of the next.
    #[serde(default)]
    #[param(ignore)]
    pub(crate) organisation: String,
    /// Only of this ministry.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    pub(crate) ministry: String,
    /// Only of this incubator.
    #[serde(default)]
    #[param(required = false, schema_with = described::id)]
    pub(crate) incubator: String,
    /// Only in this phase.
    #[serde(default)]
    #[param(required = false, schema_with = phases)]
    pub(crate) phase: String,
    /// Only of this functional area.
    #[serde(default)]
    #[param(required = false, schema_with = words)]
    pub(crate) area: String,
    /// By what the list is sorted; by name when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = sorts)]
    pub(crate) sort: String,
    /// Upwards when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = orders)]
    pub(crate) order: String,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    #[param(required = false, schema_with = described::cursor)]
    pub(crate) after: String,
    /// Products on the page; 100 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = limits)]
    pub(crate) limit: String,
}

fn words() -> Schema {
    described::words(WORDS_CHARS_MAX)
}

fn kinds() -> Schema {
    described::codes(ProductKind::ALL.map(ProductKind::code))
}

fn phases() -> Schema {
    let all = Phase::OF_PROJECTS.into_iter().chain(Phase::OF_STARTUPS);
    described::codes(all.map(Phase::code))
}

fn sorts() -> Schema {
    described::codes(Sort::ALL.map(Sort::code))
}

fn orders() -> Schema {
    described::codes(["asc", "desc"])
}

fn limits() -> Schema {
    described::whole(1, PAGE_MAX.into())
}

impl ListQuery {
    /// The filter; a value that means nothing names its field.
    pub(crate) fn filter(&self) -> Result<ListFilter, Failure> {
        let id = |text: &str| text.parse::<Uuid>().ok();
        if self.q.chars().count() > WORDS_CHARS_MAX {
            return Err(Failure::field("q", "too-long", "at most 200 characters"));
        }
        Ok(ListFilter {
            text: names::normalise(&self.q),
            kind: optional("kind", &self.kind, ProductKind::parse)?,
            ministry_id: optional("ministry", &self.ministry, id)?,
            incubator_id: optional("incubator", &self.incubator, id)?,
            phase: optional("phase", &self.phase, Phase::parse)?,
            area: optional("area", &self.area, |text| Some(text.to_owned()))?,
        })
    }

    /// The order; by name when none is asked for.
    pub(crate) fn sort(&self) -> (Sort, bool) {
        let sort = Sort::parse(&self.sort).unwrap_or_default();
        (sort, self.order == "desc")
    }

    /// The cursor.
    pub(crate) fn cursor(&self) -> Option<&str> {
        (!self.after.is_empty()).then_some(self.after.as_str())
    }
}

/// Products, page by page.
#[utoipa::path(get, path = "/api/v1/products", tag = "portfolio",
    params(ListQuery),
    responses((status = 200, body = ProductsAnswer),
              (status = 422, description = "A parameter is wrong")))]
async fn list_products(
    State(portfolio): State<Portfolio>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<JsonAnswer<ProductsAnswer>, Failure> {
    // Within its limits, or absent.
    let limit = query.limit.parse().unwrap_or(100);
    let filter = query.filter()?;
    let page = list::page(&portfolio.db, &filter, query.sort(), query.cursor(), limit)
        .await
        .map_err(PortfolioError::from)?;
    let products = page.products.iter().map(Into::into).collect();
    Ok(JsonAnswer(ProductsAnswer {
        products,
        next: page.next,
    }))
}

/// What is forecast of one product: final cost and end, as likely exceeded as not (P50) and exceeded
/// by one in five (P80).
#[utoipa::path(get, path = "/api/v1/products/{id}/forecast", tag = "portfolio",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = Option<Outlook>, description = "Costs in cents, durations in \
                days, uplifts as fractions; `null` when the product has ended or nothing was \
                estimated"),
              (status = 404, description = "Not found")))]
async fn forecast(
    State(portfolio): State<Portfolio>,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<Option<Outlook>>, Failure> {
    Ok(JsonAnswer(portfolio.outlook(id).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Between {
    /// The first date.
    #[param(schema_with = described::day)]
    from: Date,
    /// The second date, not before the first.
    #[param(schema_with = described::day)]
    to: Date,
}

/// Slips between two dates.
#[utoipa::path(get, path = "/api/v1/reports/slips", tag = "portfolio",
    params(Between),
    responses((status = 200, description = "The report; rates are fractions", body = Report),
              (status = 422, description = "A date is wrong")))]
async fn slips_report(
    State(portfolio): State<Portfolio>,
    _: Cx,
    ApiQuery(Between { from, to }): ApiQuery<Between>,
) -> Result<JsonAnswer<Report>, Failure> {
    if to < from {
        return Err(Failure::field("to", "before-from", "not before `from`"));
    }
    Ok(JsonAnswer(portfolio.report(from, to).await?))
}

#[derive(OpenApi)]
#[openapi(
    paths(list_products, product::find, forecast, slips_report),
    components(schemas(
        ProductsAnswer,
        ProductAnswer,
        product::ProductHistoryAnswer,
        product::EstimateAnswer,
        product::BaselineAnswer,
        product::PhaseAnswer,
        product::EventAnswer,
        Outlook,
        Report
    ))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
