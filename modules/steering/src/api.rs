//! API.
use crate::Steering;
use kit_http::{ModuleRoutes, Routes};
pub(crate) fn routes(steering: Steering) -> ModuleRoutes {
    Routes::new("steering").with_state(steering)
}
#[derive(utoipa::OpenApi)]
struct Documentation;
/// The API's description, as a part of the program's.
pub fn openapi() -> utoipa::openapi::OpenApi {
    <Documentation as utoipa::OpenApi>::openapi()
}
