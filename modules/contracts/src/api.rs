//! The JSON API.
use kit_http::{ModuleRoutes, Routes};
use crate::Contracts;
pub(crate) fn routes(contracts: Contracts) -> ModuleRoutes {
    Routes::new("contracts").with_state(contracts)
}
/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    utoipa::openapi::OpenApi::default()
}
