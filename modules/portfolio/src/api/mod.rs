//! The JSON API of the portfolio: open data with a stable schema.

mod product;

use jiff::civil::Date;
use kit_http::{Cx, Failure, JsonAnswer, ModuleRoutes, Path, Query, Routes, State};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::READ;
use crate::domain::{Outlook, Phase, ProductKind, Report};
use crate::store::list::{self, ListFilter, Sort};
use crate::{Portfolio, PortfolioError};

pub(crate) use product::ProductAnswer;

/// Most products on one page.
const PAGE_MAX: u32 = 500;

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
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    pub(crate) q: String,
    #[serde(default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) organisation: String,
    #[serde(default)]
    pub(crate) ministry: String,
    #[serde(default)]
    pub(crate) incubator: String,
    #[serde(default)]
    pub(crate) phase: String,
    #[serde(default)]
    pub(crate) area: String,
    #[serde(default)]
    pub(crate) sort: String,
    #[serde(default)]
    pub(crate) order: String,
    #[serde(default)]
    pub(crate) after: String,
    #[serde(default)]
    pub(crate) limit: String,
}

impl ListQuery {
    /// The filter; a value that means nothing names its field.
    pub(crate) fn filter(&self) -> Result<ListFilter, Failure> {
        fn one<T>(
            field: &str,
            text: &str,
            parse: impl FnOnce(&str) -> Option<T>,
        ) -> Result<Option<T>, Failure> {
            match text.trim() {
                "" => Ok(None),
                text => parse(text).map(Some).ok_or_else(|| {
                    Failure::field(field, "unknown", format!("unknown value: {text:?}"))
                }),
            }
        }
        let id = |text: &str| text.parse::<Uuid>().ok();
        if self.q.chars().count() > 200 {
            return Err(Failure::field("q", "too-long", "at most 200 characters"));
        }
        Ok(ListFilter {
            text: names::normalise(&self.q),
            kind: one("kind", &self.kind, ProductKind::parse)?,
            ministry_id: one("ministry", &self.ministry, id)?,
            incubator_id: one("incubator", &self.incubator, id)?,
            phase: one("phase", &self.phase, Phase::parse)?,
            area: one("area", &self.area, |text| Some(text.to_owned()))?,
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
    params(
        ("q" = Option<String>, Query, description = "Words of the name"),
        ("kind" = Option<String>, Query, description = "large-project, product or start-up"),
        ("ministry" = Option<Uuid>, Query, description = "Organisation"),
        ("incubator" = Option<Uuid>, Query, description = "Organisation"),
        ("phase" = Option<String>, Query, description = "Phase"),
        ("area" = Option<String>, Query, description = "Functional area"),
        ("sort" = Option<String>, Query, description = "title, cost, slip, delay or estimated"),
        ("order" = Option<String>, Query, description = "asc or desc"),
        ("after" = Option<String>, Query, description = "Cursor of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 500; 100 when none is given")),
    responses((status = 200, body = ProductsAnswer),
              (status = 422, description = "A parameter is wrong, as problem+json")))]
async fn list_products(
    State(portfolio): State<Portfolio>,
    Query(query): Query<ListQuery>,
) -> Result<JsonAnswer<ProductsAnswer>, Failure> {
    let limit = match query.limit.as_str() {
        "" => 100,
        text => text
            .parse()
            .ok()
            .filter(|limit| (1..=PAGE_MAX).contains(limit))
            .ok_or_else(|| Failure::field("limit", "out-of-range", "1 to 500"))?,
    };
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
    responses((status = 200, body = Object, description = "`{formula_version, cost, duration, \
                end}`; costs in cents, durations in days, uplifts as fractions; `null` when the \
                product has ended or nothing was estimated"),
              (status = 404, description = "Not found, as problem+json")))]
async fn forecast(
    State(portfolio): State<Portfolio>,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<Option<Outlook>>, Failure> {
    Ok(JsonAnswer(portfolio.outlook(id).await?))
}

#[derive(Debug, Deserialize)]
struct Between {
    from: String,
    to: String,
}

/// Slips between two dates.
#[utoipa::path(get, path = "/api/v1/reports/slips", tag = "portfolio",
    params(("from" = String, Query, description = "First date (ISO 8601)"),
           ("to" = String, Query, description = "Second date, not before the first")),
    responses((status = 200, description = "The report; rates are fractions", body = Object),
              (status = 422, description = "A date is wrong, as problem+json")))]
async fn slips_report(
    State(portfolio): State<Portfolio>,
    _: Cx,
    Query(between): Query<Between>,
) -> Result<JsonAnswer<Report>, Failure> {
    let date = |field, text: &str| {
        text.parse::<Date>()
            .map_err(|_| Failure::field(field, "not-a-date", "a date such as 2017-06-01"))
    };
    let (from, to) = (date("from", &between.from)?, date("to", &between.to)?);
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
        product::EventAnswer
    ))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
