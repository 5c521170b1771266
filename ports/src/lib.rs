//! What modules say to each other: typed ids, roles, traits. No logic.

mod accounts;
pub mod exchange;
mod ids;
mod issuer;
mod organisations;
mod parties;
pub mod roles;
mod sign_in;

pub use accounts::{
    AccountOrganisation, AccountSummary, Accounts, BegunSession, BrokeredSession, DEVICE_COOKIE,
    NewAccount, NewSession, SeenBrowser, SessionSummary,
};
pub use ids::{OrganisationId, PersonId, ProductId};
pub use issuer::{IssuerClient, TokenIssuer};
pub use organisations::{
    Answered, NewOrganisation, OrganisationKind, OrganisationSummary, Organisations, PortError,
};
pub use parties::{Addressee, Parties};
pub use sign_in::{SignInChoices, SignInWay};
