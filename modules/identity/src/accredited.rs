//! Tokens for the data exchange: access tokens that gateways check by themselves (RFC 9068).
//!
//! They aren't kept: they live for five minutes, and an accreditation that ends, ends them at every
//! gateway at once. Userinfo and introspection don't know them.

use jose::Algorithm;
use jose::claims::Claims;
use ports::exchange::{Accreditations, ScopeTold, TokenGrant};
use serde_json::json;
use uuid::Uuid;

use crate::domain::{
    AuthMethod, Binding, Client, ErrorCode, OAuthError, Params, Scopes, is_exchange_scope,
};
use crate::proof::Sender;
use crate::tokens::TokenAnswer;
use crate::{Identity, IdentityError};

/// Seconds that such a token lives.
pub(crate) const ACCREDITED_SECONDS: i64 = 300;
/// What gateways verify fastest of what every client can read.
const ALGORITHM: Algorithm = Algorithm::Es256;

pub(crate) fn invalid_target(told: &'static str) -> IdentityError {
    OAuthError::new(ErrorCode::InvalidTarget, told).into()
}

impl Identity {
    /// Whether a token is asked for the data exchange: for it alone, or in one list with others, which
    /// is refused.
    pub(crate) fn is_for_exchange(&self, params: &Params) -> Result<bool, IdentityError> {
        let Some(accreditations) = &self.accreditations else {
            return Ok(false);
        };
        let audience = accreditations.audience();
        if !params.all("resource").any(|one| one == audience) {
            return Ok(false);
        }
        if params.all("resource").any(|one| one != audience) {
            let told = "a token for the data exchange is for nothing else";
            return Err(invalid_target(told));
        }
        Ok(true)
    }

    /// A token for the data exchange, of the accreditation that the request names or of the only one
    /// that the client has. A client that has proved itself by a secret alone gets none that isn't
    /// bound to a key: who read the secret on its way could ask for it from anywhere.
    pub(crate) async fn for_accreditation(
        &self,
        client: &Client,
        params: &Params,
        sender: &Sender,
    ) -> Result<TokenAnswer, IdentityError> {
        let bound = self.bound(client, sender).await?;
        if !proves_itself(client) && bound.dpop_jkt.is_none() && bound.certificate.is_none() {
            let told = "for the data exchange, authenticate by private_key_jwt or a certificate, or \
                        send a proof of possession (DPoP)";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, told).into());
        }
        let granted = self.accreditation_of(client, params).await?;
        let scope = granted.scopes.join(" ");
        let asked = params.get("scope").unwrap_or_default();
        let asked: Vec<&str> = asked.split_whitespace().collect();
        let is_all = granted
            .scopes
            .iter()
            .all(|one| asked.contains(&one.as_str()));
        if !asked.is_empty() && !is_all {
            let told = "leave scope out: a token for the data exchange has all scopes of its \
                        accreditation";
            return Err(OAuthError::new(ErrorCode::InvalidScope, told).into());
        }
        let claims = self
            .exchange_claims(client, &granted, &bound)?
            .subject(&client.client_id)
            .lifetime(self.now_seconds(), ACCREDITED_SECONDS)
            .id(&self.source.new_id().to_string());
        self.exchange_token(claims, &bound, scope, ACCREDITED_SECONDS)
            .await
    }

    /// What every token for the data exchange holds: from whom and for what it is, who asked for it, by
    /// which accreditation, in which environment, and to what it is bound.
    pub(crate) fn exchange_claims(
        &self,
        client: &Client,
        granted: &TokenGrant,
        bound: &Binding,
    ) -> Result<Claims, IdentityError> {
        let accreditations = self.exchange_desk()?;
        Ok(Claims::new()
            .issuer(&self.issuer)
            .audience(accreditations.audience())
            .with("client_id", client.client_id.as_str())
            .with("environment", accreditations.environment())
            .with(
                "accreditation",
                json!({ "id": granted.accreditation.to_string(), "version": granted.version }),
            )
            .with_optional("cnf", confirmation(bound)))
    }

    /// The answer with a token for the data exchange, signed.
    pub(crate) async fn exchange_token(
        &self,
        claims: Claims,
        bound: &Binding,
        scope: String,
        seconds: i64,
    ) -> Result<TokenAnswer, IdentityError> {
        let claims = claims.with("scope", scope.as_str());
        Ok(TokenAnswer {
            access_token: self.sign(ALGORITHM, Some("at+jwt"), &claims).await?,
            token_type: match bound.dpop_jkt {
                Some(_) => "DPoP",
                None => "Bearer",
            },
            expires_in: seconds,
            refresh_token: None,
            id_token: None,
            scope,
            issued_token_type: None,
        })
    }

    /// The data exchange, where there is one.
    pub(crate) fn exchange_desk(&self) -> Result<&dyn Accreditations, IdentityError> {
        let desk = self.accreditations.as_deref();
        desk.ok_or_else(|| invalid_target("no data exchange"))
    }

    /// Of these scopes, those of the data exchange, in words.
    pub(crate) async fn looked_up(&self, scopes: &Scopes) -> Result<Vec<ScopeTold>, IdentityError> {
        let of_exchange = scopes.iter().filter(|one| is_exchange_scope(one));
        let codes: Vec<String> = of_exchange.map(str::to_owned).collect();
        match &self.accreditations {
            Some(accreditations) if !codes.is_empty() => Ok(accreditations.scopes(&codes).await?),
            _ => Ok(Vec::new()),
        }
    }

    /// What a token for the data exchange is bound to.
    pub(crate) async fn bound(
        &self,
        client: &Client,
        sender: &Sender,
    ) -> Result<Binding, IdentityError> {
        let bound = self.binding(client, sender).await?;
        Ok(with_certificate(client, sender, bound))
    }

    /// The accreditation that a request names, or the only one that the client has.
    pub(crate) async fn accreditation_of(
        &self,
        client: &Client,
        params: &Params,
    ) -> Result<TokenGrant, IdentityError> {
        let named = match params.get("accreditation") {
            None => None,
            Some(text) => {
                let told = "accreditation must be its id: a UUID";
                let id = text.parse::<Uuid>();
                Some(id.map_err(|_| OAuthError::request(told))?)
            }
        };
        let granted = self
            .exchange_desk()?
            .of_client(&client.client_id, named)
            .await?;
        granted.ok_or_else(|| {
            invalid_target(match named {
                Some(_) => "this client has no accreditation of this id in force",
                None => {
                    "this client has no accreditation in force, or several: name one by the \
                     parameter accreditation"
                }
            })
        })
    }
}

/// Whether the client's method shows a key without sending it.
fn proves_itself(client: &Client) -> bool {
    matches!(
        client.draft.auth_method,
        AuthMethod::PrivateKeyJwt | AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth
    )
}

/// What came by a certificate is bound to it, unless a proof binds it to another key.
fn with_certificate(client: &Client, sender: &Sender, bound: Binding) -> Binding {
    let is_by_certificate = matches!(
        client.draft.auth_method,
        AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth
    );
    match &sender.certificate {
        Some(certificate) if is_by_certificate && bound.dpop_jkt.is_none() => Binding {
            certificate: Some(certificate.thumbprint.clone()),
            ..bound
        },
        _ => bound,
    }
}

/// `cnf`, of one member: a gateway demands all of what it names, so the proof goes before the
/// certificate.
fn confirmation(bound: &Binding) -> Option<serde_json::Value> {
    match (&bound.dpop_jkt, &bound.certificate) {
        (Some(key), _) => Some(json!({ "jkt": key })),
        (None, Some(certificate)) => Some(json!({ "x5t#S256": certificate })),
        (None, None) => None,
    }
}
