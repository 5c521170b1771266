//! What the mock providers answer to programs.

use jose::claims::Claims;
use jose::jwk::JwkSet;
use jose::jws::Signing;
use jose::pairwise::{PairwiseKey, constant_time_eq};
use jose::pkce::Challenge;
use kit_http::{
    Failure, Fields, HeaderMap, IntoResponse, Path, Query, Response, State, StatusCode,
};
use serde_json::json;

use super::people::{Case, Invented, levels};
use super::ticket::{Kind, Ticket};
use super::{CLIENT_ID, MockKeys, code_of};
use crate::domain::{Audience, ErrorCode, OAuthError, Params, with_query};
use crate::protocol::{basic_of, json_answer, params_of, public_json, refused, token_answer};
use crate::store::requests;
use crate::{Identity, IdentityError};

/// Seconds that a code is good for.
pub(super) const CODE_SECONDS: i64 = 30;
/// Seconds that an access token is good for.
const ACCESS_SECONDS: i64 = 60;
/// Seconds that an identity token is good for.
const ID_TOKEN_SECONDS: i64 = 60;

/// The audience of an address, if the mock providers run.
pub(super) fn audience(identity: &Identity, code: &str) -> Result<Audience, Failure> {
    identity.mock_back()?;
    Audience::parse(code).ok_or(Failure::NotFound)
}

/// The platform's secret with the provider of an audience.
pub(super) fn secret(seal: &PairwiseKey, audience: Audience) -> String {
    seal.subject("gouvernail.mock.client", audience.code())
}

/// Where the provider of an audience may send browsers back to.
pub(super) fn return_address(identity: &Identity, audience: Audience) -> String {
    identity.return_address(code_of(audience))
}

pub(super) async fn description(
    State(identity): State<Identity>,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let audience = audience(&identity, &code)?;
    let issuer = identity.mock_issuer(audience);
    let scopes: Vec<_> = audience.scopes().iter().map(|(scope, _)| *scope).collect();
    Ok(public_json(&json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/session/end"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "scopes_supported": scopes,
        "acr_values_supported": levels(audience),
        "id_token_signing_alg_values_supported": ["ES256"],
        "userinfo_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })))
}

pub(super) async fn jwks(
    State(identity): State<Identity>,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    audience(&identity, &code)?;
    let keys = identity.mock_keys().await?;
    let set = JwkSet {
        keys: vec![keys.signing.jwk()],
        skipped: Vec::new(),
    };
    Ok(public_json(&set.to_json()))
}

fn grant() -> IdentityError {
    OAuthError::grant("the code is unknown, over, used, or doesn't fit what came with it").into()
}

pub(super) async fn token(
    State(identity): State<Identity>,
    Path(code): Path<String>,
    headers: HeaderMap,
    fields: Result<Fields, Failure>,
) -> Result<Response, Failure> {
    let audience = audience(&identity, &code)?;
    let answered = exchange(&identity, audience, &headers, fields).await;
    Ok(answered.unwrap_or_else(refused))
}

async fn exchange(
    identity: &Identity,
    audience: Audience,
    headers: &HeaderMap,
    fields: Result<Fields, Failure>,
) -> Result<Response, IdentityError> {
    let params = params_of(fields)?;
    let keys = identity.mock_keys().await?;
    let (named, proof) = match basic_of(headers)? {
        Some(basic) => (basic.client_id, basic.secret),
        None => {
            let text = |name| params.get(name).unwrap_or_default().to_owned();
            (text("client_id"), text("client_secret"))
        }
    };
    let expected = secret(&keys.seal, audience);
    if named != CLIENT_ID || !constant_time_eq(expected.as_bytes(), proof.as_bytes()) {
        let told = "the client isn't known, or its secret is wrong";
        return Err(OAuthError::new(ErrorCode::InvalidClient, told).into());
    }
    if params.get("grant_type") != Some("authorization_code") {
        let told = "grant_type must be authorization_code";
        return Err(OAuthError::new(ErrorCode::UnsupportedGrantType, told).into());
    }
    let code = params.get("code").unwrap_or_default();
    let now = identity.now_seconds();
    let ticket = Ticket::open(code, Kind::Code, &keys.seal, now).ok_or_else(grant)?;
    let until = identity.source.now() + jiff::SignedDuration::from_secs(2 * CODE_SECONDS);
    let is_first = requests::use_once(&identity.db, "mock-code", &ticket.id, until).await?;
    let verifier = params.get("code_verifier").unwrap_or_default();
    let challenge = Challenge::parse(Some("S256"), &ticket.challenge);
    let fits = challenge.is_ok_and(|challenge| challenge.verify(verifier).is_ok());
    let is_right = is_first
        && fits
        && ticket.audience == audience.code()
        && params.get("redirect_uri") == Some(ticket.redirect_uri.as_str());
    if !is_right {
        return Err(grant());
    }
    let access = Ticket {
        expires_at: now + ACCESS_SECONDS,
        ..ticket.clone()
    };
    let access = access.seal(Kind::Access, &keys.seal);
    let id_token = id_token(identity, &keys, audience, &ticket, &access)?;
    Ok(json_answer(
        StatusCode::OK,
        &json!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "id_token": id_token,
            "scope": ticket.scope,
        }),
    ))
}

/// The provider's name of a person.
fn subject(keys: &MockKeys, audience: Audience, person: &str) -> String {
    let context = format!("gouvernail.mock.subject.{}", audience.code());
    keys.seal.subject(&context, person)
}

fn sign(keys: &MockKeys, typ: Option<&str>, claims: &Claims) -> Result<String, IdentityError> {
    let signing = Signing {
        typ,
        ..Signing::default()
    };
    jose::jws::sign(&keys.signing, &signing, &claims.to_bytes()).map_err(IdentityError::key)
}

fn id_token(
    identity: &Identity,
    keys: &MockKeys,
    audience: Audience,
    ticket: &Ticket,
    access_token: &str,
) -> Result<String, IdentityError> {
    let has_two = ["eidas2", "eidas3", "eidas0-mfa", "eidas1-mfa"].contains(&&*ticket.level);
    let methods: &[&str] = if has_two {
        &["pwd", "otp", "mfa"]
    } else {
        &["pwd"]
    };
    let algorithm = keys.signing.algorithm();
    let claims = Claims::new()
        .issuer(&identity.mock_issuer(audience))
        .subject(&subject(keys, audience, &ticket.person))
        .audience(CLIENT_ID)
        .lifetime(identity.now_seconds(), ID_TOKEN_SECONDS)
        .nonce(&ticket.nonce)
        .with("auth_time", ticket.auth_time)
        .with("acr", ticket.level.as_str())
        .with("amr", json!(methods))
        .with("at_hash", jose::hashes::half_hash(algorithm, access_token));
    sign(keys, None, &claims)
}

pub(super) async fn userinfo(
    State(identity): State<Identity>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let audience = audience(&identity, &code)?;
    let keys = identity.mock_keys().await?;
    let header = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    let now = identity.now_seconds();
    let ticket = token.and_then(|token| Ticket::open(token, Kind::Access, &keys.seal, now));
    let ticket = ticket.filter(|ticket| ticket.audience == audience.code());
    let known = ticket.as_ref().and_then(|ticket| {
        let person = Invented::named(audience, &ticket.person)?;
        let case = Case::parse(audience, &ticket.case)?;
        Some((ticket, person, case))
    });
    let Some((ticket, person, case)) = known else {
        let told = "the access token is unknown or over";
        return Ok(refused(
            OAuthError::new(ErrorCode::InvalidToken, told).into(),
        ));
    };
    let scopes: Vec<&str> = ticket.scope.split_whitespace().collect();
    let told = person
        .told(audience, case, &scopes)
        .issuer(&identity.mock_issuer(audience))
        .audience(CLIENT_ID)
        .subject(&subject(&keys, audience, person.code))
        .with("iat", now);
    let told = if told.get("email").is_some() {
        told.with("email_verified", true)
    } else {
        told
    };
    Ok(token_answer(
        "application/jwt",
        sign(&keys, Some("JWT"), &told)?,
    ))
}

/// Nobody stays signed in at a mock provider: there is nothing to end, and the browser goes on.
pub(super) async fn end(
    State(identity): State<Identity>,
    Path(code): Path<String>,
    query: Result<Query<Vec<(String, String)>>, Failure>,
) -> Result<Response, Failure> {
    audience(&identity, &code)?;
    let params = Params(query.map(|Query(pairs)| pairs).unwrap_or_default());
    let home = identity.url("/");
    let wanted = params.get("post_logout_redirect_uri").unwrap_or(&home);
    // Only back to the platform.
    let is_ours = wanted
        .strip_prefix(&*identity.issuer)
        .is_some_and(|rest| rest.starts_with('/'));
    let wanted = if is_ours { wanted } else { &home };
    let address = match params.get("state") {
        Some(state) => with_query(wanted, &[("state", state)]),
        None => wanted.to_owned(),
    };
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(address) = address.parse() {
        response.headers_mut().insert("location", address);
    }
    Ok(response)
}
