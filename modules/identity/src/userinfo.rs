//! What a service may know of a person, for an access token.

use std::sync::Arc;

use jose::claims::Claims;
use jose::pairwise::constant_time_eq;

use crate::domain::{ErrorCode, OAuthError, Person};
use crate::known::Known;
use crate::proof::{Sender, Shown};
use crate::store::authorizations::Authorization;
use crate::store::tokens::{self, Kind, Token};
use crate::{Identity, IdentityError};

/// An access token as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Presented {
    pub(crate) token: String,
    /// Whether it came as `DPoP` and not as `Bearer`.
    pub(crate) is_bound: bool,
}

/// What userinfo answers.
#[derive(Debug)]
pub(crate) enum Userinfo {
    /// As JSON.
    Json(Claims),
    /// As a token: signed, encrypted, or signed and then encrypted, as the service registered.
    Token(String),
}

/// A token that holds, and whose it is.
pub(crate) struct LiveToken {
    pub(crate) access: Token,
    pub(crate) client: Arc<Known>,
    /// Whose data it opens; none for a token that a service asked for itself.
    pub(crate) person: Option<(Authorization, Person)>,
}

fn invalid_token() -> IdentityError {
    let told = "the access token is unknown, over or revoked";
    OAuthError::new(ErrorCode::InvalidToken, told).into()
}

impl Identity {
    /// A token that holds now: its time, its service, its person's agreement.
    pub(crate) async fn live_token(
        &self,
        secret: &str,
    ) -> Result<Option<LiveToken>, IdentityError> {
        let now = self.source.now();
        let found = tokens::find(&self.db, Kind::Access, secret, now).await?;
        let Some((access, authorization)) = found else {
            return Ok(None);
        };
        let client = self.of_id(access.client).await?;
        let Some(client) = client.filter(|client| !client.client.suspended) else {
            return Ok(None);
        };
        let person = match (&access.authorization, authorization) {
            (None, _) => None,
            // Its history was forgotten: so is what it opened.
            (Some(_), None) => return Ok(None),
            (Some(_), Some(authorization)) => {
                // An exchanged token ends with the service to which the person signed in, and
                // stays with the people whom that one signs in.
                let first = if authorization.client == access.client {
                    Some(client.clone())
                } else {
                    self.of_id(authorization.client).await?
                };
                let audience = client.client.draft.audience;
                let first = first.filter(|first| {
                    !first.client.suspended && first.client.draft.audience == audience
                });
                let Some(first) = first else {
                    return Ok(None);
                };
                match self.person_of(&first.client, &authorization).await? {
                    None => return Ok(None),
                    Some(person) => Some((authorization, person)),
                }
            }
        };
        Ok(Some(LiveToken {
            access,
            client,
            person,
        }))
    }

    /// What the bearer of a token may know.
    pub(crate) async fn userinfo(
        &self,
        presented: &Presented,
        sender: &Sender,
        method: &str,
    ) -> Result<Userinfo, IdentityError> {
        let live = self.live_token(&presented.token).await?;
        let live = live.ok_or_else(invalid_token)?;
        // A token for other resources opens nothing here (RFC 8707, section 2).
        let resources = &live.access.resources;
        if !resources.is_empty() && !resources.has(&self.issuer) {
            return Err(invalid_token());
        }
        if !sender.holds_certificate(&live.access.bound) {
            return Err(invalid_token());
        }
        // A bound token without its proof is a stolen one; a plain one shown as bound would make
        // its holder believe in a protection that isn't there.
        match &live.access.bound.dpop_jkt {
            None if presented.is_bound => return Err(invalid_token()),
            None => {}
            Some(_) if !presented.is_bound => return Err(invalid_token()),
            Some(bound) => {
                let shown = Shown {
                    method,
                    path: "/api/v2/userinfo",
                    access_token: Some(&presented.token),
                    bound: Some(bound),
                };
                let proof = sender.proof.as_deref();
                let key = self.check_proof(&live.client.client, proof, shown).await?;
                let key = key.unwrap_or_default();
                if !constant_time_eq(key.as_bytes(), bound.as_bytes()) {
                    return Err(invalid_token());
                }
            }
        }
        let opened = live.person.filter(|_| live.access.scopes.is_openid());
        let Some((authorization, person)) = opened else {
            let told = "the token wasn't given for a person's data: scope openid is missing";
            return Err(OAuthError::new(ErrorCode::InsufficientScope, told).into());
        };
        let client = &live.client.client;
        let subject = self.subject(client, authorization.person).await?;
        let asked = &authorization.claims.userinfo;
        let told = person
            .claims(&live.access.scopes, asked, &client.draft.scopes)
            .subject(&subject);
        let management = client.draft.advanced.userinfo_encryption;
        if client.draft.userinfo_algorithm.is_none() && management.is_none() {
            return Ok(Userinfo::Json(told));
        }
        let told = told
            .issuer(&self.issuer)
            .audience(&client.client_id)
            .with("iat", self.now_seconds());
        match client.draft.userinfo_algorithm {
            // Encrypted without a signature: the claims themselves are inside (OpenID Connect Core
            // 5.3.2). A way is named, so that a key that can't be had is a refusal.
            None => {
                let content = told.to_bytes();
                let sealed = self.seal_for(client, management, None, &content).await?;
                let sealed = sealed.ok_or_else(|| IdentityError::key("no key to encrypt to"))?;
                Ok(Userinfo::Token(sealed))
            }
            Some(algorithm) => {
                let signed = self.sign(algorithm, Some("JWT"), &told).await?;
                let token = self.encrypt_for(client, management, signed).await?;
                Ok(Userinfo::Token(token))
            }
        }
    }
}
