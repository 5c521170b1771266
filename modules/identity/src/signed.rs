//! Tokens that we sign, and how a service knows a person.

use jose::claims::{Claims, Rules};
use jose::jwe::Encrypting;
use jose::jwk::{JwkSet, Usage};
use jose::jws::{Signing, Typ};
use jose::{Algorithm, ContentEncryption, KeyManagement, Limits};
use uuid::Uuid;

use crate::domain::{Client, ErrorCode, OAuthError, Person, SubjectType};
use crate::store::authorizations::Authorization;
use crate::{Identity, IdentityError};

/// Seconds that an identity token lives: it is read at once.
const ID_TOKEN_SECONDS: i64 = 300;
/// Oldest identity token that still hints at a person, in seconds: longer than any session.
const HINT_AGE_SECONDS_MAX: i64 = 30 * 24 * 3_600;

/// What an identity token of ours says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    pub(crate) client_id: String,
    pub(crate) subject: String,
    pub(crate) session: Option<Uuid>,
}

impl Identity {
    /// The name by which a service knows a person.
    pub(crate) async fn subject(
        &self,
        client: &Client,
        person: Uuid,
    ) -> Result<String, IdentityError> {
        Ok(match client.draft.subject_type {
            SubjectType::Public => person.to_string(),
            SubjectType::Pairwise => {
                let keys = self.keys().await?;
                keys.pairwise()
                    .subject(client.sector(), &person.to_string())
            }
        })
    }

    /// Signs claims.
    pub(crate) async fn sign(
        &self,
        algorithm: Algorithm,
        typ: Option<&str>,
        claims: &Claims,
    ) -> Result<String, IdentityError> {
        let keys = self.keys_for(algorithm).await?;
        let key = keys
            .signing(algorithm, self.source.now())
            .ok_or_else(|| IdentityError::key("no key signs with this algorithm"))?;
        let signing = Signing {
            typ,
            ..Signing::default()
        };
        jose::jws::sign(key, &signing, &claims.to_bytes()).map_err(IdentityError::key)
    }

    /// Encrypts a signed token to a service: by `management`, or, when none is named, by the
    /// encryption key that it registered, if any; others get it as it is.
    pub(crate) async fn encrypt_for(
        &self,
        client: &Client,
        management: Option<KeyManagement>,
        signed: String,
    ) -> Result<String, IdentityError> {
        let sealed = self
            .seal_for(client, management, Some("JWT"), signed.as_bytes())
            .await?;
        Ok(sealed.unwrap_or(signed))
    }

    /// Encrypts bytes to a service; `None` when no way is named and it registered no key.
    pub(crate) async fn seal_for(
        &self,
        client: &Client,
        management: Option<KeyManagement>,
        content_type: Option<&str>,
        content: &[u8],
    ) -> Result<Option<String>, IdentityError> {
        let set = self.keys_of(client, false).await.unwrap_or_default();
        let found = match management {
            Some(management) => set.encryption_key(management),
            None => {
                let keys = set.keys.into_iter();
                let set = JwkSet {
                    keys: keys
                        .filter(|key| key.usage == Some(Usage::Encryption))
                        .collect(),
                    skipped: Vec::new(),
                };
                KeyManagement::ALL
                    .into_iter()
                    .find_map(|management| set.encryption_key(management))
            }
        };
        let Some(key) = found else {
            // What was to be encrypted isn't sent in the clear because a key is out of reach.
            let wants = management.is_some()
                || (client.draft.advanced.jwks_uri.is_some()
                    && self.keys_of(client, false).await.is_none());
            if wants {
                let told = "no key of this client to encrypt to can be had";
                return Err(OAuthError::new(ErrorCode::TemporarilyUnavailable, told).into());
            }
            return Ok(None);
        };
        let encrypting = Encrypting {
            content_type,
            ..Encrypting::default()
        };
        jose::jwe::encrypt(&key, ContentEncryption::A256Gcm, &encrypting, content)
            .map(Some)
            .map_err(IdentityError::key)
    }

    /// The identity token of a sign-in.
    pub(crate) async fn id_token(
        &self,
        client: &Client,
        authorization: &Authorization,
        person: &Person,
        access_token: &str,
    ) -> Result<String, IdentityError> {
        let subject = self.subject(client, authorization.person).await?;
        let algorithm = client.draft.id_token_algorithm;
        // Scopes are answered by userinfo (OpenID Connect Core 5.4); here only what was asked for by
        // name.
        let mut claims = person
            .claims(
                &crate::domain::Scopes::default(),
                &authorization.claims.id_token,
                &client.draft.scopes,
            )
            .issuer(&self.issuer)
            .subject(&subject)
            .audience(&client.client_id)
            .lifetime(self.now_seconds(), ID_TOKEN_SECONDS)
            .with("auth_time", authorization.auth_time)
            .with("acr", authorization.acr.as_str())
            .with("amr", authorization.amr.clone())
            .with("sid", authorization.session.to_string())
            .with("at_hash", jose::hashes::half_hash(algorithm, access_token));
        if let Some(nonce) = &authorization.nonce {
            claims = claims.nonce(nonce);
        }
        let signed = self.sign(algorithm, None, &claims).await?;
        match client.draft.advanced.id_token_encryption {
            None => Ok(signed),
            some => self.encrypt_for(client, some, signed).await,
        }
    }

    /// What an identity token of ours says, even if its time is over; `None` when it isn't ours.
    pub(crate) async fn read_hint(&self, token: &str) -> Result<Option<Hint>, IdentityError> {
        let keys = self.shown_keys().await?.public();
        let all: Vec<_> = Algorithm::ALL
            .into_iter()
            .flat_map(|algorithm| keys.verification_keys(algorithm))
            .collect();
        let Ok(verified) =
            jose::jws::verify_any(token, &all, Typ::AbsentOr(&["JWT"]), &Limits::SIGNED)
        else {
            return Ok(None);
        };
        let Ok(claims) = verified.claims() else {
            return Ok(None);
        };
        let Some(client_id) = claims
            .audiences()
            .and_then(|audiences| audiences.first().map(|one| (*one).to_owned()))
        else {
            return Ok(None);
        };
        // Its end doesn't matter: it says who somebody was, and opens nothing.
        let Ok(issued) = claims.instant("iat") else {
            return Ok(None);
        };
        let at = issued.unwrap_or_default();
        let rules = Rules::new().issuer(&self.issuer).audience(&client_id);
        let is_recent = self.now_seconds() - at < HINT_AGE_SECONDS_MAX;
        if !is_recent || rules.check(&claims, at).is_err() {
            return Ok(None);
        }
        Ok(claims.text("sub").map(|subject| Hint {
            client_id: client_id.clone(),
            subject: subject.to_owned(),
            session: claims.text("sid").and_then(|sid| sid.parse().ok()),
        }))
    }
}
