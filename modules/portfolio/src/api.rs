//! The JSON API of the portfolio: open data with a stable schema.

use jiff::civil::Date;
use kit_http::{Cx, Failure, JsonAnswer, ModuleRoutes, Path, Query, Routes, State};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use crate::access::READ;
use crate::domain::{Estimate, Outlook, Phase, ProductKind, Report};
use crate::store::list::{self, ListFilter, Sort};
use crate::store::{estimates, products};
use crate::{Portfolio, PortfolioError, Product};

/// Most products on one page.
const PAGE_MAX: u32 = 500;

pub(crate) fn routes(portfolio: Portfolio) -> ModuleRoutes {
    Routes::new("portfolio")
        .get("/api/v1/products", &READ, list_products)
        .get("/api/v1/products/{id}", &READ, find_product)
        .get("/api/v1/products/{id}/forecast", &READ, forecast)
        .get("/api/v1/reports/slips", &READ, slips_report)
        .with_state(portfolio)
}

/// A product.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductAnswer {
    /// Its id.
    id: Uuid,
    /// `large-project`, `product` or `start-up`.
    kind: &'static str,
    /// Its name.
    title: String,
    /// What it is for.
    mission: String,
    /// The organisation that is its ministry.
    ministry_id: Option<Uuid>,
    /// The organisation that is its incubator.
    incubator_id: Option<Uuid>,
    /// Its functional area.
    area: String,
    /// Where it stands.
    phase: Option<&'static str>,
    /// Its first baseline, in cents of euros.
    baseline_cost_cents: Option<i64>,
    /// Its latest cost, in cents of euros.
    cost_cents: Option<i64>,
    /// The slip of its cost against the first baseline, a fraction.
    cost_slip_rate: Option<f64>,
    /// The slip of its duration, a fraction.
    duration_slip_rate: Option<f64>,
    /// The date of its latest estimate (ISO 8601).
    estimated_on: Option<String>,
    /// Its page.
    link: String,
}

impl From<&Product> for ProductAnswer {
    fn from(product: &Product) -> Self {
        let described = &product.description;
        Self {
            id: product.id,
            kind: described.kind.code(),
            title: described.title.clone(),
            mission: described.mission.clone(),
            ministry_id: described.ministry_id,
            incubator_id: described.incubator_id,
            area: described.area.clone(),
            phase: described.phase.map(Phase::code),
            baseline_cost_cents: product.baseline_cents,
            cost_cents: product.cost_cents,
            cost_slip_rate: product.cost_slip,
            duration_slip_rate: product.duration_slip,
            estimated_on: product.estimated_on.map(|date| date.to_string()),
            link: described.link.clone(),
        }
    }
}

/// A page of products.
#[derive(Debug, Serialize, ToSchema)]
struct ProductsAnswer {
    /// In the order asked for.
    products: Vec<ProductAnswer>,
    /// What to send as `after` for the next page; none on the last one.
    next: Option<String>,
}

/// An estimate.
#[derive(Debug, Serialize, ToSchema)]
struct EstimateAnswer {
    /// The date that it speaks of.
    as_of: String,
    /// In cents of euros.
    cost_cents: Option<i64>,
    /// In days.
    duration_days: Option<f64>,
    /// The phase at that date.
    phase: Option<&'static str>,
    /// Where it was read.
    source: String,
    /// Who told it.
    author: String,
}

impl From<Estimate> for EstimateAnswer {
    fn from(estimate: Estimate) -> Self {
        Self {
            as_of: estimate.as_of.to_string(),
            cost_cents: estimate.cost_cents,
            duration_days: estimate
                .duration_seconds
                .map(|seconds| seconds as f64 / 86_400.0),
            phase: estimate.phase.map(Phase::code),
            source: estimate.source,
            author: estimate.author,
        }
    }
}

/// A product with its estimates.
#[derive(Debug, Serialize, ToSchema)]
struct ProductHistoryAnswer {
    /// The product.
    product: ProductAnswer,
    /// By date.
    estimates: Vec<EstimateAnswer>,
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

/// One product with its estimates.
#[utoipa::path(get, path = "/api/v1/products/{id}", tag = "portfolio",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = ProductHistoryAnswer),
              (status = 404, description = "Not found, as problem+json")))]
async fn find_product(
    State(portfolio): State<Portfolio>,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<ProductHistoryAnswer>, Failure> {
    let product = products::find(&portfolio.db, id)
        .await
        .map_err(PortfolioError::from)?
        .ok_or(Failure::NotFound)?;
    let estimates = estimates::of_product(&portfolio.db, id)
        .await
        .map_err(PortfolioError::from)?;
    Ok(JsonAnswer(ProductHistoryAnswer {
        product: (&product).into(),
        estimates: estimates.into_iter().map(Into::into).collect(),
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
    paths(list_products, find_product, forecast, slips_report),
    components(schemas(ProductsAnswer, ProductAnswer, ProductHistoryAnswer, EstimateAnswer))
)]
struct Documentation;

/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documentation::openapi()
}
