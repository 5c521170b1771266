//! Types and decisions of sign-in. Pure.

mod advanced;
mod agent;
mod audience;
mod cause;
mod certificate;
mod citizen;
mod client;
mod decide;
mod department;
mod error;
mod exchange;
mod level;
mod person;
mod pivot;
mod provider;
mod provider_form;
mod redirect;
mod request;
mod resource;
mod response;
mod scope;
mod secret;
mod upstream;
mod user_code;

pub use advanced::{Advanced, AdvancedForm, Demand};
pub use agent::{Candidate, Settled, ToldAgent, settle, told_agent};
pub use audience::Audience;
pub use cause::{UpstreamCause, UpstreamFailure};
pub use certificate::{Certificate, CertificateName};
pub use citizen::{
    CITIZEN_SCOPES, CITIZEN_SESSION_IDLE, CITIZEN_SESSION_LIVES, CitizenClaims, Recognised,
    recognise, session_lasts,
};
pub use client::{
    AuthMethod, Client, ClientDraft, ClientForm, GrantType, Mistake, Profile, SubjectType,
};
pub use decide::{Interaction, SignedInPerson, Step, decide};
pub(crate) use department::department_of;
pub use error::{ErrorCode, OAuthError};
pub use exchange::{Acting, Binding, Exchanged, exchanged_scopes};
pub use level::{LEVELS, Level};
pub use person::Person;
pub use pivot::{FRANCE, Gender, Pivot, PivotMistake, subject_hash};
pub use provider::{
    EmailVerdict, Endpoints, ForeignDomain, LevelClaim, LevelRule, Provider, ProviderAuth,
    ProviderDraft, ProviderProfile, Route, domain_of, judge_email, route,
};
pub use provider_form::ProviderForm;
pub(crate) use provider_form::{level_rules, told_rules};
pub use redirect::{RedirectMistake, check_redirect, host_of, with_query};
pub use request::{
    AuthorizationRequest, ClaimsRequest, Params, Prompts, Refusal, RequestedClaim, VALUE_BYTES_MAX,
    read_request,
};
pub use resource::Resources;
pub use response::{ResponseMode, ReturnTo};
pub use scope::{PersonClaims, SCOPES, Scopes, claims_of, is_exchange_scope};
pub use secret::{hash_of, new_secret};
pub use upstream::{
    CLOCKS_DIFFER_SECONDS, ExpectedToken, LogoutMeans, Metadata, TokenRefusal, UpstreamIdentity,
    description_address, judge_id_token, judge_logout_token, judge_userinfo, levels_asked,
    signed_claims, subject_of,
};
pub use user_code::UserCode;

/// A service for tests: confidential, pairwise, asks for consent.
#[cfg(test)]
pub(crate) fn test_client() -> Client {
    Client {
        id: uuid::Uuid::from_u128(9),
        client_id: "c".into(),
        draft: ClientDraft {
            name: "Guichet".into(),
            purpose: "Suivre ses demandes".into(),
            organisation_id: None,
            audience: Audience::Agents,
            profile: Profile::Standard,
            auth_method: AuthMethod::SecretBasic,
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            redirect_uris: vec!["https://s.example/cb".into()],
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            scopes: Scopes::parse("openid profile email offline_access"),
            subject_type: SubjectType::Pairwise,
            id_token_algorithm: jose::Algorithm::Es256,
            userinfo_algorithm: None,
            jwks: None,
            needs_pkce: false,
            asks_consent: true,
            introspects: false,
            advanced: Advanced::default(),
        },
        suspended: false,
        version: 1,
    }
}
