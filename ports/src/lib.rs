//! What modules say to each other: typed ids, roles, traits. No logic.

mod ids;
mod organisations;
pub mod roles;

pub use ids::{OrganisationId, PersonId, ProductId};
pub use organisations::{
    Answered, NewOrganisation, OrganisationKind, OrganisationSummary, Organisations, PortError,
};
