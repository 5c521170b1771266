//! Types and decisions of sign-in. Pure.

mod agent;
mod client;
mod decide;
mod error;
mod level;
mod provider;
mod provider_form;
mod redirect;
mod request;
mod scope;
mod secret;
mod upstream;

pub use agent::{Candidate, Settled, ToldAgent, settle, told_agent};
pub use client::{
    AuthMethod, Client, ClientDraft, ClientForm, GrantType, Mistake, Profile, SubjectType,
};
pub use decide::{Interaction, SignedInPerson, Step, decide};
pub use error::{ErrorCode, OAuthError};
pub use level::{LEVELS, Level};
pub use provider::{
    Audience, EmailVerdict, Endpoints, ForeignDomain, LevelClaim, LevelRule, Provider,
    ProviderAuth, ProviderDraft, ProviderProfile, Route, domain_of, judge_email, route,
};
pub use provider_form::ProviderForm;
pub(crate) use provider_form::{level_rules, told_rules};
pub use redirect::{RedirectMistake, check_redirect, host_of, with_query};
pub use request::{
    AuthorizationRequest, ClaimsRequest, Params, Prompts, Refusal, RequestedClaim, read_request,
};
pub use scope::{PersonClaims, SCOPES, Scopes, claims_of};
pub use secret::{hash_of, new_secret};
pub use upstream::{
    CLOCKS_DIFFER_SECONDS, ExpectedToken, LogoutMeans, Metadata, TokenRefusal, UpstreamCause,
    UpstreamFailure, UpstreamIdentity, description_address, judge_id_token, judge_logout_token,
    judge_userinfo, signed_claims, subject_of,
};

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
        },
        suspended: false,
        version: 1,
    }
}
