//! Pages of the portfolio.

mod cohorts;
mod downloads;
mod forecast;
mod history;
mod imports;
mod organisation;
mod overview;
mod product;
mod product_form;
mod products;
mod runs;
mod startups;
mod words;

use kit_http::{Extension, Failure, FieldError, ModuleRoutes, Routes, UploadLimit};

use crate::access::{ADD_ESTIMATE, EDIT_PRODUCT, IMPORT, READ, REBASELINE, SAVE_VIEW};
use crate::{Portfolio, PortfolioError};

pub(crate) fn routes(portfolio: Portfolio, upload_bytes_max: u64) -> ModuleRoutes {
    let mut routes = Routes::new("portfolio")
        .get("/", &READ, overview::show)
        .get("/products", &READ, products::list)
        .get("/products.csv", &READ, downloads::csv)
        .get("/products.xlsx", &READ, downloads::xlsx)
        .get("/products.json", &READ, downloads::json)
        .post("/products/views", &SAVE_VIEW, products::save_view)
        .post("/products/views/remove", &SAVE_VIEW, products::remove_view)
        .get("/products/new", &EDIT_PRODUCT, product_form::show_new)
        .post("/products", &EDIT_PRODUCT, product_form::add)
        .get("/products/{id}", &READ, product::show)
        .get(
            "/products/{id}/edit",
            &EDIT_PRODUCT,
            product_form::show_edit,
        )
        .post("/products/{id}/edit", &EDIT_PRODUCT, product_form::edit)
        .post(
            "/products/{id}/give-back",
            &EDIT_PRODUCT,
            product_form::give_back,
        )
        .get(
            "/products/{id}/estimates/new",
            &ADD_ESTIMATE,
            product::show_estimate,
        )
        .post(
            "/products/{id}/estimates",
            &ADD_ESTIMATE,
            product::add_estimate,
        )
        .get(
            "/products/{id}/baseline",
            &REBASELINE,
            product::show_rebaseline,
        )
        .post("/products/{id}/baseline", &REBASELINE, product::rebaseline)
        .get("/cohorts", &READ, cohorts::show)
        .get("/slips", &READ, cohorts::show_groups)
        .get("/slips/history", &READ, history::show)
        .get("/forecasts", &READ, forecast::show)
        .get("/ministries/{id}", &READ, organisation::show_ministry)
        .get("/incubators/{id}", &READ, organisation::show_incubator)
        .get("/start-ups", &READ, startups::show)
        .get("/imports", &IMPORT, imports::show)
        .post("/imports", &IMPORT, imports::upload)
        .post("/imports/near", &IMPORT, imports::answer)
        .get("/imports/{id}", &IMPORT, runs::show)
        .get("/imports/{id}/rejected.csv", &IMPORT, runs::rejected)
        .with_state(portfolio);
    // A file that no reader would take is refused as it comes, by the smaller limit's name.
    let limit = upload_bytes_max.min(tabular::Limits::default().bytes_max as u64);
    routes.router = routes.router.layer(Extension(UploadLimit(limit)));
    routes
}

impl From<PortfolioError> for Failure {
    fn from(error: PortfolioError) -> Self {
        match error {
            PortfolioError::NotFound => Self::NotFound,
            PortfolioError::Denied(denied) => denied.into(),
            PortfolioError::Stale => Self::Conflict(String::new()),
            PortfolioError::Mistakes(mistakes) => Self::Invalid(
                mistakes
                    .into_iter()
                    .map(|mistake| FieldError::new(mistake.field, "invalid", mistake.key))
                    .collect(),
            ),
            PortfolioError::Edition(error) => Self::field("file", "unreadable", error.to_string()),
            PortfolioError::Archive(error) => Self::field("file", "unreadable", error.to_string()),
            PortfolioError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}
