//! The JSON API of the brigade.

use kit_http::{ModuleRoutes, Routes};

use crate::Brigade;

pub(crate) fn routes(brigade: Brigade) -> ModuleRoutes {
    Routes::new("brigade").with_state(brigade)
}

/// The description of the API.
pub fn openapi() {}
