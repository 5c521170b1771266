//! What programs ask first: where everything is, what is supported, the public keys.

use jose::Algorithm;
use kit_http::{Failure, Response, State};
use serde_json::{Value, json};

use super::answers::public_json;
use super::{
    AUTHORIZE, DEVICE, END_SESSION, INTROSPECTION, JWKS, PUSHED, REVOCATION, TOKEN, USERINFO,
};
use crate::Identity;
use crate::domain::{AuthMethod, GrantType, LEVELS, ResponseMode, SCOPES, SubjectType};

/// The platform's description for programs: OpenID Connect Discovery 1.0, RFC 8414.
fn description(identity: &Identity) -> Value {
    let algorithms = Algorithm::ALL.map(Algorithm::name);
    let encryption = jose::KeyManagement::ALL.map(jose::KeyManagement::name);
    let has_certificates = identity.certificates.is_some();
    let methods: Vec<_> = AuthMethod::ALL
        .into_iter()
        .filter(|method| has_certificates || !method.is_certificate())
        .map(AuthMethod::code)
        .collect();
    let with_proof: Vec<_> = methods.iter().filter(|method| **method != "none").collect();
    let scopes: Vec<_> = SCOPES
        .iter()
        .map(|(scope, _)| *scope)
        .chain(["offline_access"])
        .collect();
    let claims: Vec<_> = SCOPES.iter().flat_map(|(_, claims)| *claims).collect();
    let mut all = json!({
        "issuer": &*identity.issuer,
        "authorization_endpoint": identity.url(AUTHORIZE),
        "token_endpoint": identity.url(TOKEN),
        "userinfo_endpoint": identity.url(USERINFO),
        "jwks_uri": identity.url(JWKS),
        "introspection_endpoint": identity.url(INTROSPECTION),
        "revocation_endpoint": identity.url(REVOCATION),
        "pushed_authorization_request_endpoint": identity.url(PUSHED),
        "end_session_endpoint": identity.url(END_SESSION),
    });
    let capabilities = json!({
        "response_types_supported": ["code"],
        "device_authorization_endpoint": identity.url(DEVICE),
        "response_modes_supported": ResponseMode::ALL.map(|(name, _)| name),
        "authorization_signing_alg_values_supported": algorithms,
        "grant_types_supported": GrantType::ALL.map(GrantType::code),
        "subject_types_supported": SubjectType::ALL.map(SubjectType::code),
        "scopes_supported": scopes,
        "claims_supported": claims,
        "claim_types_supported": ["normal"],
        "acr_values_supported": LEVELS.map(|(name, _)| name),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "id_token_signing_alg_values_supported": algorithms,
        "id_token_encryption_alg_values_supported": encryption,
        "id_token_encryption_enc_values_supported": ["A256GCM"],
        "userinfo_signing_alg_values_supported": algorithms,
        "userinfo_encryption_alg_values_supported": encryption,
        "userinfo_encryption_enc_values_supported": ["A256GCM"],
        "introspection_signing_alg_values_supported": algorithms,
        "introspection_encryption_alg_values_supported": encryption,
        "introspection_encryption_enc_values_supported": ["A256GCM"],
        "request_object_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": with_proof,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": false,
        "require_pushed_authorization_requests": false,
        "authorization_response_iss_parameter_supported": true,
        "tls_client_certificate_bound_access_tokens": has_certificates,
        "frontchannel_logout_supported": false,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "ui_locales_supported": ["fr", "en"],
        "service_documentation": identity.url("/api"),
    });
    if let (Some(all), Value::Object(capabilities)) = (all.as_object_mut(), capabilities) {
        all.extend(capabilities);
    }
    all
}

pub(super) async fn show(State(identity): State<Identity>) -> Response {
    public_json(&description(&identity))
}

pub(super) async fn jwks(State(identity): State<Identity>) -> Result<Response, Failure> {
    // There is one before anybody asks.
    identity.keys_for(Algorithm::Es256).await?;
    let keys = identity.shown_keys().await?;
    Ok(public_json(&keys.public().to_json()))
}
