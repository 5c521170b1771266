//! What shows that the sender of a request holds a key: proofs of possession (DPoP, RFC 9449) and
//! certificates (RFC 8705). A token that is bound to a key is of no use to who stole it.

use jose::dpop::{DpopError, Expected, verify};
use jose::pairwise::{PairwiseKey, constant_time_eq};

use crate::domain::{Binding, Certificate, Client, Demand, ErrorCode, OAuthError};
use crate::store::requests;
use crate::{Identity, IdentityError};

/// Seconds that a proof is good for.
const AGE_SECONDS_MAX: i64 = 60;
/// Seconds by which a proof may come from the future.
const AHEAD_SECONDS: i64 = 10;
/// Seconds for which we hand out one nonce; it is taken for as long again.
const NONCE_SECONDS: i64 = 300;

/// What a sender shows of its keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sender {
    /// The header `DPoP`.
    pub(crate) proof: Option<String>,
    /// The certificate of its connection.
    pub(crate) certificate: Option<Certificate>,
}

/// Where a proof is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// The request's method.
    pub(crate) method: &'a str,
    /// The path that was called.
    pub(crate) path: &'a str,
    /// The access token that came with it, at a resource.
    pub(crate) access_token: Option<&'a str>,
    /// The key that something is bound to already.
    pub(crate) bound: Option<&'a str>,
}

fn refused(told: impl Into<String>) -> IdentityError {
    OAuthError::new(ErrorCode::InvalidDpopProof, told).into()
}

impl Identity {
    /// The thumbprint of the key whose proof came; `None` when none came and none is needed.
    pub(crate) async fn check_proof(
        &self,
        client: &Client,
        proof: Option<&str>,
        shown: Shown<'_>,
    ) -> Result<Option<String>, IdentityError> {
        let Some(proof) = proof else {
            return match shown.bound {
                None => Ok(None),
                Some(_) => Err(refused("a proof of possession is missing")),
            };
        };
        let url = self.url(shown.path);
        let nonces = if client.demands(Demand::DpopNonce) {
            self.nonces().await?
        } else {
            Vec::new()
        };
        let nonces: Vec<&str> = nonces.iter().map(String::as_str).collect();
        let expected = Expected {
            method: shown.method,
            url: &url,
            now: self.now_seconds(),
            age_seconds_max: AGE_SECONDS_MAX,
            ahead_seconds: AHEAD_SECONDS,
            access_token: shown.access_token,
            nonces: &nonces,
            thumbprint: shown.bound,
            algorithms: client.algorithms(),
        };
        let proved = verify(proof, &expected).map_err(|error| match error {
            DpopError::Nonce => {
                let told = "use the nonce of the header DPoP-Nonce";
                OAuthError::new(ErrorCode::UseDpopNonce, told).into()
            }
            error => refused(error.to_string()),
        })?;
        let kept = AGE_SECONDS_MAX + 2 * AHEAD_SECONDS;
        let until = self.source.now() + jiff::SignedDuration::from_secs(kept);
        let id = format!("{}\u{1f}{}", proved.thumbprint, proved.jti);
        if !requests::use_once(&self.db, "dpop", &id, until).await? {
            return Err(refused("the proof was used before"));
        }
        Ok(Some(proved.thumbprint))
    }

    /// The nonces that count now, the current one first (RFC 9449, section 8). They are made from
    /// the time under a secret of the platform: nothing is kept, and every process knows them.
    pub(crate) async fn nonces(&self) -> Result<Vec<String>, IdentityError> {
        let made: [u8; 32] = self.source.random();
        let secret = crate::store::keys::secret_or(&self.db, "dpop-nonce", made.to_vec()).await?;
        let key = PairwiseKey::new(&secret).map_err(IdentityError::key)?;
        let window = self.now_seconds().div_euclid(NONCE_SECONDS);
        let nonce = |window: i64| key.subject("dpop-nonce", &window.to_string());
        Ok(vec![nonce(window), nonce(window - 1)])
    }

    /// What tokens of a service are bound to, by what it shows at the token endpoint and by what it
    /// demands.
    pub(crate) async fn binding(
        &self,
        client: &Client,
        sender: &Sender,
    ) -> Result<Binding, IdentityError> {
        let shown = Shown {
            method: "POST",
            path: crate::protocol::TOKEN,
            access_token: None,
            bound: None,
        };
        let proof = sender.proof.as_deref();
        let dpop_jkt = self.check_proof(client, proof, shown).await?;
        if client.demands(Demand::Dpop) && dpop_jkt.is_none() {
            return Err(refused(
                "a proof of possession is missing: this client demands it",
            ));
        }
        let is_fapi = client.demands(Demand::Fapi2);
        let by_certificate = client.demands(Demand::Certificate) || (is_fapi && dpop_jkt.is_none());
        let certificate = match &sender.certificate {
            Some(certificate) if by_certificate => Some(certificate.thumbprint.clone()),
            None if client.demands(Demand::Certificate) => {
                let told = "no certificate came: this client's tokens are bound to it";
                return Err(OAuthError::request(told).into());
            }
            None if is_fapi && dpop_jkt.is_none() => {
                let told = "FAPI 2.0 binds tokens to a key: send a proof of possession or a \
                            certificate";
                return Err(OAuthError::request(told).into());
            }
            _ => None,
        };
        Ok(Binding {
            dpop_jkt,
            certificate,
        })
    }
}

impl Sender {
    /// Whether the certificate is the one that something is bound to, if it is bound to one.
    pub(crate) fn holds_certificate(&self, binding: &Binding) -> bool {
        match &binding.certificate {
            None => true,
            Some(bound) => self.certificate.as_ref().is_some_and(|shown| {
                constant_time_eq(shown.thumbprint.as_bytes(), bound.as_bytes())
            }),
        }
    }
}
