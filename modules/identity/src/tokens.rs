//! Tokens for codes, for refresh tokens, and for a service itself.

use jiff::SignedDuration;
use jose::pkce::Challenge;
use serde::Serialize;

use crate::domain::{
    AuthMethod, Binding, Client, Demand, ErrorCode, GrantType, OAuthError, Params, Profile,
    Resources, Scopes,
};
use crate::proof::Sender;
use crate::store::authorizations::{self, Authorization};
use crate::store::figures;
use crate::store::tokens::{self, Kind, Token};
use crate::{Identity, IdentityError};

/// How long an access token lives.
const ACCESS_SECONDS: i64 = 600;
/// The same in the French profile.
const ACCESS_SECONDS_FRANCE: i64 = 60;
/// How long a refresh token lives without being used; each use gives a new one.
const REFRESH_LIVES: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What the token endpoint answers (RFC 6749, section 5.1).
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: String,
    pub(crate) token_type: &'static str,
    pub(crate) expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<String>,
    pub(crate) scope: String,
    /// Of an exchanged token (RFC 8693, section 2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issued_token_type: Option<&'static str>,
}

/// Refused in one way, whatever doesn't fit.
fn invalid_code() -> IdentityError {
    OAuthError::grant(
        "the code is unknown, over, used, or was given to another client, address or verifier",
    )
    .into()
}

fn invalid_refresh() -> IdentityError {
    OAuthError::grant("the refresh token is unknown, over, used, or another client's").into()
}

pub(crate) fn access_seconds(client: &Client) -> i64 {
    match client.draft.profile {
        Profile::Standard => ACCESS_SECONDS,
        Profile::France => ACCESS_SECONDS_FRANCE,
    }
}

impl Identity {
    /// Answers a request for tokens by a service that has proved who it is. `sender` is what it shows
    /// of its keys.
    pub(crate) async fn token(
        &self,
        client: &Client,
        params: &Params,
        sender: &Sender,
    ) -> Result<TokenAnswer, IdentityError> {
        let Some(grant_type) = params.get("grant_type") else {
            return Err(OAuthError::request("grant_type is missing").into());
        };
        let Some(grant_type) = GrantType::parse(grant_type) else {
            let told = "grant_type is one of grant_types_supported in the discovery document";
            return Err(OAuthError::new(ErrorCode::UnsupportedGrantType, told).into());
        };
        if !client.draft.grant_types.contains(&grant_type) {
            let told = "this client isn't registered for this grant_type";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, told).into());
        }
        let answered = match grant_type {
            GrantType::AuthorizationCode => self.for_code(client, params, sender).await,
            GrantType::RefreshToken => self.for_refresh(client, params, sender).await,
            GrantType::ClientCredentials => self.for_itself(client, params, sender).await,
            GrantType::TokenExchange => self.for_token(client, params, sender).await,
            GrantType::DeviceCode => self.for_device(client, params, sender).await,
        };
        if let Err(IdentityError::Refused(_)) = answered {
            figures::count(&self.db, self.source.now(), client.id, "invalid").await?;
        }
        answered
    }

    async fn for_code(
        &self,
        client: &Client,
        params: &Params,
        sender: &Sender,
    ) -> Result<TokenAnswer, IdentityError> {
        let secret = params
            .get("code")
            .ok_or_else(|| OAuthError::request("code is missing"))?;
        let bound = self.binding(client, sender).await?;
        let now = self.source.now();
        let (authorization, code) = authorizations::of_code(&self.db, secret)
            .await?
            .filter(|(authorization, _)| authorization.client == client.id)
            .ok_or_else(invalid_code)?;
        let is_right = code.used_at.is_none()
            && code.expires_at > now
            && params.get("redirect_uri") == Some(code.redirect_uri.as_str())
            && verifier_fits(code.challenge.as_deref(), params.get("code_verifier"))
            && (code.dpop_jkt.is_none() || code.dpop_jkt == bound.dpop_jkt);
        let id = authorization.id;
        let prepared = if is_right {
            let resources = Resources::asked(params, "resource")?;
            let wanted = Wanted {
                scopes: authorization.scopes.clone(),
                resources: resources.narrowed(&authorization.resources)?,
                bound,
            };
            self.prepare(client, authorization, wanted).await?
        } else {
            None
        };
        // A wrong try uses the code up too, so that nobody tries twice.
        let using = authorizations::using(secret, now);
        if !self.keep_for(using, prepared.as_ref()).await? {
            // Somebody has a code that isn't his: what the first one got, or is about to get, ends
            // (RFC 6749, 4.1.2).
            self.revoke_sign_in(id).await?;
            tracing::warn!(client = %client.client_id, "identity.code.reuse");
            return Err(invalid_code());
        }
        prepared.map(answered).ok_or_else(invalid_code)
    }

    async fn for_refresh(
        &self,
        client: &Client,
        params: &Params,
        sender: &Sender,
    ) -> Result<TokenAnswer, IdentityError> {
        let secret = params
            .get("refresh_token")
            .ok_or_else(|| OAuthError::request("refresh_token is missing"))?;
        let bound = self.binding(client, sender).await?;
        let now = self.source.now();
        let found = tokens::find(&self.db, Kind::Refresh, secret, now).await?;
        let (token, authorization) = found
            .filter(|(token, _)| token.client == client.id)
            .ok_or_else(invalid_refresh)?;
        let is_its_key = token.bound.dpop_jkt.is_none() || token.bound.dpop_jkt == bound.dpop_jkt;
        if !is_its_key || !sender.holds_certificate(&token.bound) {
            return Err(invalid_refresh());
        }
        let authorization = authorization.ok_or_else(invalid_refresh)?;
        let asked = params.get("scope").map(Scopes::parse);
        if let Some(asked) = &asked
            && !asked.are_in(&authorization.scopes)
        {
            let told = "scope holds more than the person agreed to";
            return Err(OAuthError::new(ErrorCode::InvalidScope, told).into());
        }
        let id = authorization.id;
        let resources = Resources::asked(params, "resource")?;
        let wanted = Wanted {
            scopes: asked.unwrap_or_else(|| authorization.scopes.clone()),
            resources: resources.narrowed(&authorization.resources)?,
            bound,
        };
        let prepared = match token.used_at {
            None => {
                // Its nonce belongs to the first identity token (OpenID Connect Core 12.2).
                let authorization = Authorization {
                    nonce: None,
                    ..authorization
                };
                self.prepare(client, authorization, wanted).await?
            }
            Some(_) => None,
        };
        // FAPI 2.0 (5.3.2.1, point 13) keeps the same one: whoever copied it can't use it without
        // the client's keys, and an answer lost on the way locks nobody out.
        if client.demands(Demand::Fapi2) && token.used_at.is_none() {
            let mut prepared = prepared.ok_or_else(invalid_refresh)?;
            prepared.refresh = None;
            return self.keep(prepared).await;
        }
        let using = tokens::using(secret, now);
        if !self.keep_for(using, prepared.as_ref()).await? {
            // It was copied: neither its thief nor its owner goes on (RFC 9700, 4.14.2).
            self.revoke_sign_in(id).await?;
            tracing::warn!(client = %client.client_id, "identity.refresh.reuse");
            return Err(invalid_refresh());
        }
        prepared.map(answered).ok_or_else(invalid_refresh)
    }

    async fn for_itself(
        &self,
        client: &Client,
        params: &Params,
        sender: &Sender,
    ) -> Result<TokenAnswer, IdentityError> {
        if client.draft.auth_method == AuthMethod::None {
            let told = "a client without proof gets no token for itself";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, told).into());
        }
        if self.is_for_exchange(params)? {
            return self.for_accreditation(client, params, sender).await;
        }
        let bound = self.binding(client, sender).await?;
        let resources =
            Resources::asked(params, "resource")?.within(&client.targets(&self.issuer))?;
        let asked = Scopes::parse(params.get("scope").unwrap_or_default());
        if asked.is_openid() || !asked.are_in(&client.draft.scopes) {
            let told = "scope holds what this client isn't registered for, or openid, which is for \
                        people";
            return Err(OAuthError::new(ErrorCode::InvalidScope, told).into());
        }
        let now = self.source.now();
        let seconds = access_seconds(client);
        let secret = self.new_secret();
        let token = Token {
            is_refresh: false,
            used_at: None,
            authorization: None,
            client: client.id,
            scopes: asked,
            resources,
            bound,
            exchanged: None,
            created_at: now,
            expires_at: now + SignedDuration::from_secs(seconds),
        };
        tokens::add(&self.db, (&secret, &token), None).await?;
        Ok(answer_of(&token, secret, seconds, None, None))
    }

    /// Uses a code or a refresh token and keeps what comes of it, both or neither: nobody is left
    /// with a used one and nothing for it. Gives whether it was the first use. If the authorization
    /// was revoked while the tokens were made, they are worth nothing: it is asked at each use.
    async fn keep_for(
        &self,
        using: kit_db::Query<'static>,
        prepared: Option<&Prepared>,
    ) -> Result<bool, IdentityError> {
        let mut statements = vec![using];
        statements.extend(prepared.map(|prepared| {
            let access = (prepared.access_secret.as_str(), &prepared.access);
            let refresh = prepared.refresh.as_ref();
            tokens::adding(
                access,
                refresh.map(|(secret, token)| (secret.as_str(), token)),
            )
        }));
        Ok(self.db.all_or_none(statements).await?)
    }

    /// Keeps tokens. If the authorization was revoked while they were made, they are worth nothing:
    /// it is asked at each use.
    pub(crate) async fn keep(&self, prepared: Prepared) -> Result<TokenAnswer, IdentityError> {
        let access = (prepared.access_secret.as_str(), &prepared.access);
        let refresh = prepared.refresh.as_ref();
        let refresh = refresh.map(|(secret, token)| (secret.as_str(), token));
        tokens::add(&self.db, access, refresh).await?;
        Ok(answered(prepared))
    }

    /// Makes tokens, without keeping them yet; `None` when the authorization holds no more.
    pub(crate) async fn prepare(
        &self,
        client: &Client,
        authorization: Authorization,
        wanted: Wanted,
    ) -> Result<Option<Prepared>, IdentityError> {
        let Some(person) = self.person_of(client, &authorization).await? else {
            return Ok(None);
        };
        let now = self.source.now();
        let seconds = access_seconds(client);
        let access_secret = self.new_secret();
        let id_token = self
            .id_token(client, &authorization, &person, &access_secret)
            .await?;
        let is_public = client.draft.auth_method == AuthMethod::None;
        let refreshes = client.draft.grant_types.contains(&GrantType::RefreshToken);
        let refresh = refreshes.then(|| {
            let token = Token {
                is_refresh: true,
                authorization: Some(authorization.id),
                client: client.id,
                scopes: authorization.scopes.clone(),
                resources: authorization.resources.clone(),
                // A client that proves who it is needs no key for that (RFC 9449, section 5; RFC
                // 8705, section 4).
                bound: if is_public {
                    wanted.bound.clone()
                } else {
                    Binding::default()
                },
                exchanged: None,
                created_at: now,
                expires_at: now + REFRESH_LIVES,
                used_at: None,
            };
            (self.new_secret(), token)
        });
        Ok(Some(Prepared {
            access: Token {
                is_refresh: false,
                used_at: None,
                authorization: Some(authorization.id),
                client: client.id,
                scopes: wanted.scopes,
                resources: wanted.resources,
                bound: wanted.bound,
                exchanged: None,
                created_at: now,
                expires_at: now + SignedDuration::from_secs(seconds),
            },
            access_secret,
            seconds,
            refresh,
            id_token,
        }))
    }
}

/// What tokens are to be, within what the person agreed to.
pub(crate) struct Wanted {
    pub(crate) scopes: Scopes,
    pub(crate) resources: Resources,
    pub(crate) bound: Binding,
}

/// Tokens that aren't kept yet.
pub(crate) struct Prepared {
    access: Token,
    access_secret: String,
    seconds: i64,
    refresh: Option<(String, Token)>,
    id_token: String,
}

fn answered(prepared: Prepared) -> TokenAnswer {
    answer_of(
        &prepared.access,
        prepared.access_secret,
        prepared.seconds,
        prepared.refresh.map(|(secret, _)| secret),
        Some(prepared.id_token),
    )
}

pub(crate) fn answer_of(
    token: &Token,
    access_token: String,
    expires_in: i64,
    refresh_token: Option<String>,
    id_token: Option<String>,
) -> TokenAnswer {
    TokenAnswer {
        access_token,
        token_type: match token.bound.dpop_jkt {
            Some(_) => "DPoP",
            None => "Bearer",
        },
        expires_in,
        refresh_token,
        id_token,
        scope: token.scopes.to_string(),
        issued_token_type: None,
    }
}

/// PKCE: a challenge needs its verifier, and a verifier a challenge (RFC 9700, 4.8.2: else whoever
/// took the challenge out of the request would go unseen).
fn verifier_fits(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => Challenge::parse(Some("S256"), challenge)
            .is_ok_and(|challenge| challenge.verify(verifier).is_ok()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_without_challenge_is_as_wrong_as_none() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(verifier_fits(Some(challenge), Some(verifier)));
        assert!(verifier_fits(None, None));
        assert!(!verifier_fits(None, Some(verifier)), "PKCE downgrade");
        assert!(!verifier_fits(Some(challenge), None));
        assert!(!verifier_fits(
            Some(challenge),
            Some(&verifier.replace('d', "e"))
        ));
    }
}
