//! What modules say to each other: typed ids, roles, traits. No logic.

mod accounts;
mod ids;
mod organisations;
pub mod roles;

pub use accounts::{AccountOrganisation, AccountSummary, Accounts, SessionSummary};
pub use ids::{OrganisationId, PersonId, ProductId};
pub use organisations::{
    Answered, NewOrganisation, OrganisationKind, OrganisationSummary, Organisations, PortError,
};
