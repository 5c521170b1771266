//! Pages of contracts.
use kit_http::{ModuleRoutes, Routes};
use crate::Contracts;
pub(crate) fn routes(contracts: Contracts) -> ModuleRoutes {
    Routes::new("contracts").with_state(contracts)
}
