//! Which service calls, and its proof.

use jose::Limits;
use jose::claims::Rules;
use jose::jws::Unverified;
use jose::pairwise::constant_time_eq;

use crate::domain::{
    AuthMethod, Certificate, Client, Demand, ErrorCode, OAuthError, Params, hash_of,
};
use crate::store::requests;
use crate::{Identity, IdentityError};

/// The only type of assertion that is taken (RFC 7523).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Most seconds that an assertion may be good for: what was used is remembered for as long.
const ASSERTION_SECONDS_MAX: i64 = 300;
/// Seconds by which the clocks of a service and ours may differ.
const LEEWAY_SECONDS: i64 = 10;

/// The name and the secret of an `Authorization: Basic` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Basic {
    pub(crate) client_id: String,
    pub(crate) secret: String,
}

impl Basic {
    /// Reads a header's value; both halves are percent-encoded (RFC 6749, section 2.3.1).
    pub(crate) fn parse(header: &str) -> Option<Self> {
        use base64::Engine as _;
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(encoded.trim())
            .ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (name, secret) = text.split_once(':')?;
        let decoded = |half: &str| {
            let pair = format!("v={half}");
            let mut read = form_urlencoded::parse(pair.as_bytes());
            read.next().map(|(_, value)| value.into_owned())
        };
        Some(Self {
            client_id: decoded(name)?,
            secret: decoded(secret)?,
        })
    }
}

/// Refused: it never says whether the service is unknown or its proof wrong.
fn unknown() -> IdentityError {
    OAuthError::new(
        ErrorCode::InvalidClient,
        "the client isn't known, or hasn't proved who it is by the method registered for it",
    )
    .into()
}

/// The proof that came, of which there must be one at most (RFC 6749, section 2.3).
enum Proof<'p> {
    Secret(AuthMethod, String, String),
    Assertion(&'p str),
    /// Nothing in the request: a certificate, or nothing at all.
    Beside(String),
}

fn proof_of(basic: Option<Basic>, params: &Params) -> Result<Proof<'_>, IdentityError> {
    let post = params.get("client_secret");
    let assertion = params.get("client_assertion");
    let count = [basic.is_some(), post.is_some(), assertion.is_some()]
        .into_iter()
        .filter(|is_there| *is_there)
        .count();
    if count > 1 {
        let told = "prove who you are by one method, not by several";
        return Err(OAuthError::request(told).into());
    }
    let named = params.get("client_id");
    if let Some(basic) = basic {
        if named.is_some_and(|named| named != basic.client_id) {
            return Err(unknown());
        }
        let method = AuthMethod::SecretBasic;
        return Ok(Proof::Secret(method, basic.client_id, basic.secret));
    }
    if let Some(assertion) = assertion {
        if params.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            let told = format!("client_assertion_type must be {ASSERTION_TYPE}");
            return Err(OAuthError::request(told).into());
        }
        return Ok(Proof::Assertion(assertion));
    }
    let named = named.ok_or_else(unknown)?.to_owned();
    Ok(match post {
        Some(secret) => Proof::Secret(AuthMethod::SecretPost, named, secret.to_owned()),
        None => Proof::Beside(named),
    })
}

impl Identity {
    /// The service that calls an address of ours, once it has proved who it is by its registered
    /// method. A suspended one is refused.
    pub(crate) async fn authenticate_client(
        &self,
        basic: Option<Basic>,
        params: &Params,
        called: &str,
        certificate: Option<&Certificate>,
    ) -> Result<Client, IdentityError> {
        let client = match proof_of(basic, params)? {
            Proof::Secret(method, named, secret) => {
                self.client_by_secret(method, &named, &secret).await?
            }
            Proof::Assertion(assertion) => {
                self.client_by_assertion(params.get("client_id"), assertion, called)
                    .await?
            }
            Proof::Beside(named) => self.client_by_certificate(&named, certificate).await?,
        };
        if client.suspended {
            return Err(unknown());
        }
        Ok(client)
    }

    async fn client_by_secret(
        &self,
        method: AuthMethod,
        named: &str,
        secret: &str,
    ) -> Result<Client, IdentityError> {
        let given = hash_of(secret);
        let client = self
            .known(named)
            .await?
            .filter(|known| known.client.draft.auth_method == method)
            .ok_or_else(unknown)?;
        let now = self.source.now();
        let mut secrets = client.secrets.iter();
        if secrets.any(|secret| secret.works(now) && constant_time_eq(&secret.hash, &given)) {
            Ok(client.client.clone())
        } else {
            Err(unknown())
        }
    }

    /// By its certificate (RFC 8705, section 2), or, when it is registered so, by nothing.
    async fn client_by_certificate(
        &self,
        named: &str,
        certificate: Option<&Certificate>,
    ) -> Result<Client, IdentityError> {
        let known = self.known(named).await?.ok_or_else(unknown)?;
        let client = &known.client;
        let is_proved = match (client.draft.auth_method, certificate) {
            (AuthMethod::None, _) => true,
            (AuthMethod::TlsClientAuth, Some(certificate)) => {
                let name = client.draft.advanced.certificate_name.as_ref();
                name.is_some_and(|name| certificate.is_vouched_for_as(name))
            }
            (AuthMethod::SelfSignedTlsClientAuth, Some(certificate)) => {
                let known = self.keys_of(client, false).await;
                known.is_some_and(|keys| certificate.has_key_of(&keys))
                    || (client.draft.advanced.jwks_uri.is_some()
                        && self
                            .keys_of(client, true)
                            .await
                            .is_some_and(|keys| certificate.has_key_of(&keys)))
            }
            _ => false,
        };
        if is_proved {
            Ok(client.clone())
        } else {
            Err(unknown())
        }
    }

    async fn client_by_assertion(
        &self,
        named: Option<&str>,
        assertion: &str,
        called: &str,
    ) -> Result<Client, IdentityError> {
        let token = Unverified::parse(assertion, &Limits::SIGNED).map_err(|_| unknown())?;
        // Who it says that it is tells only whose keys to try.
        let claimed = token.claims_unproved().map_err(|_| unknown())?;
        let issuer = claimed.text("iss").ok_or_else(unknown)?.to_owned();
        if named.is_some_and(|named| named != issuer) {
            return Err(unknown());
        }
        let client = self
            .known(&issuer)
            .await?
            .filter(|known| known.client.draft.auth_method == AuthMethod::PrivateKeyJwt)
            .map(|known| known.client.clone())
            .ok_or_else(unknown)?;
        let typ = ["JWT", "client-authentication+jwt"];
        let verified = self.signed_by(&client, assertion, &typ).await;
        let claims = verified
            .ok_or_else(unknown)?
            .claims()
            .map_err(|_| unknown())?;
        let called = self.url(called);
        let rules = Rules::new()
            .issuer(&issuer)
            .subject(&issuer)
            .audience(&self.issuer);
        // FAPI 2.0 (5.3.2.1, point 8): the issuer and nothing else, so that an assertion meant for
        // one address of one provider is no good at another.
        let rules = if client.demands(Demand::Fapi2) {
            rules.sole_audience()
        } else {
            rules.audience(&called)
        };
        let rules = rules
            .with_id()
            .leeway_seconds(LEEWAY_SECONDS)
            .lifetime_seconds_max(ASSERTION_SECONDS_MAX);
        rules
            .check(&claims, self.now_seconds())
            .map_err(|_| unknown())?;
        let until = self.source.now()
            + jiff::SignedDuration::from_secs(ASSERTION_SECONDS_MAX + 2 * LEEWAY_SECONDS);
        let id = format!("{issuer}\u{1f}{}", claims.text("jti").unwrap_or_default());
        if !requests::use_once(&self.db, "assertion", &id, until).await? {
            return Err(unknown());
        }
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_of_a_basic_header_are_decoded() {
        // "a%3Ab:c+d%25"
        let basic = Basic::parse("Basic YSUzQWI6YytkJTI1").unwrap();
        assert_eq!(
            (basic.client_id.as_str(), basic.secret.as_str()),
            ("a:b", "c d%")
        );
        for wrong in ["Basic", "Basic ####", "Bearer YTpi", "Basic YWI="] {
            assert_eq!(Basic::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_proof_at_a_time() {
        let params = Params::parse(b"client_id=c&client_secret=s&client_assertion=x");
        assert!(proof_of(None, &params).is_err());
        let basic = Basic {
            client_id: "other".into(),
            secret: "s".into(),
        };
        assert!(proof_of(Some(basic), &Params::parse(b"client_id=c")).is_err());
    }
}
