//! HTTP, as every module uses it: routes that name their permission, a context for each request,
//! extractors whose mistakes name the field, failures that become pages or problems, and the stack
//! that carries identity, limits, security headers and proofs of origin.
//!
//! ```ignore
//! pub fn routes(state: Portfolio) -> ModuleRoutes {
//!     Routes::new("portfolio")
//!         .get("/products", &access::READ_PRODUCT, pages::list::show)
//!         .post("/products", &access::EDIT_PRODUCT, pages::edit::create)
//!         .with_state(state)
//! }
//!
//! async fn show(
//!     State(portfolio): State<Portfolio>,
//!     cx: Cx,
//!     Query(filter): Query<Filter>,
//! ) -> Result<Page<ListPage>, Failure> { … }
//! ```

mod assets;
mod authenticate;
pub mod cookies;
pub mod described;
mod extract;
mod failure;
mod limits;
mod origin;
mod peer;
mod respond;
mod routes;
mod serve;
mod show;
mod site;
mod stack;
mod tables;
pub mod testing;
mod upload;

pub use assets::assets;
pub use authenticate::{Authenticated, Authenticator, Credentials, NobodySignsIn, SESSION_COOKIE};
pub use described::ApiQuery;
pub use extract::{BODY_BYTES_MAX, Fields, Form, Json, Path, Query, optional};
pub use failure::{Failure, FieldError};
pub use limits::{RateLimits, subscriber};
pub use origin::TOKEN_FIELD;
pub use peer::Peer;
pub use respond::{Download, FormAgain, JsonAnswer, Page, SeeOther, local_path};
pub use routes::{ModuleRoutes, RouteInfo, Routes};
pub use serve::{asked_to_stop, serve};
pub use show::PROBLEM_TYPE;
pub use site::{Cx, Site};
pub use stack::{REQUEST_ID, allow_form_to, stack};
pub use tables::{NoTableFiles, TableFile, TableFileError, TableFiles};
pub use upload::{Upload, UploadLimit};

pub use axum::body::Body;
pub use axum::extract::State;
pub use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
pub use axum::response::{IntoResponse, Response};
pub use axum::{Extension, Router};
