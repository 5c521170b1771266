//! What modules say to each other: typed ids, roles, traits. No logic.

mod accounts;
mod acts;
mod citizens;
pub mod exchange;
mod ids;
mod impact;
mod issuer;
mod organisations;
mod parties;
mod products;
mod proofs;
pub mod roles;
mod sign_in;
mod startups;

pub use accounts::{
    AccountOrganisation, AccountSummary, Accounts, BegunSession, BrokeredSession, DEVICE_COOKIE,
    NewAccount, NewSession, SeenBrowser, SessionSummary,
};
pub use acts::{
    ActEntry, Audience, BrigadeCall, BrigadeCalls, FundingHold, FundingHolds, Need,
    NewRecommendation, ProductActs, ProductFact, RecommendationSummary, Recommending,
};
pub use citizens::{
    CITIZEN_COOKIE, CITIZEN_SIGN_IN, CITIZEN_SPACE, CitizenIdentity, Citizens, TraceProof,
    TraceProofs,
};
pub use ids::{OrganisationId, PersonId, ProductId};
pub use impact::{ImpactGap, ImpactGate, IndicatorProgress, Progress, Standing};
pub use issuer::{IssuerClient, TokenIssuer};
pub use organisations::{
    Answered, NewOrganisation, OrganisationKind, OrganisationSummary, Organisations, PortError,
};
pub use parties::{Addressee, PARTIES_AT_ONCE_MAX, Parties};
pub use products::{ProductSummary, Products, ProductsPage, Slipping};
pub use proofs::{LogProof, ProofAnswer, REPORT_PROOFS_MAX};
pub use sign_in::{SignInChoices, SignInWay};
pub use startups::{PhaseChange, PhaseRefusal, PhaseSpell, ProductRecord, StartupPath, Startups};
