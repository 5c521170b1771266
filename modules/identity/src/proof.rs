//! Proofs of possession (DPoP, RFC 9449): a stolen token is of no use without its key.

use jose::Algorithm;
use jose::dpop::{Expected, verify};

use crate::domain::{ErrorCode, OAuthError};
use crate::store::requests;
use crate::{Identity, IdentityError};

/// Seconds that a proof is good for.
const AGE_SECONDS_MAX: i64 = 60;
/// Seconds by which a proof may come from the future.
const AHEAD_SECONDS: i64 = 10;

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

impl Identity {
    /// The thumbprint of the key whose proof came; `None` when none came and none is needed.
    pub(crate) async fn check_proof(
        &self,
        proof: Option<&str>,
        shown: Shown<'_>,
    ) -> Result<Option<String>, IdentityError> {
        let refused = |told: String| OAuthError::new(ErrorCode::InvalidDpopProof, told);
        let Some(proof) = proof else {
            return match shown.bound {
                None => Ok(None),
                Some(_) => Err(refused("a proof of possession is missing".into()).into()),
            };
        };
        let url = self.url(shown.path);
        let proved = verify(
            proof,
            &Expected {
                method: shown.method,
                url: &url,
                now: self.now_seconds(),
                age_seconds_max: AGE_SECONDS_MAX,
                ahead_seconds: AHEAD_SECONDS,
                access_token: shown.access_token,
                nonces: &[],
                thumbprint: shown.bound,
                algorithms: &Algorithm::ALL,
            },
        )
        .map_err(|error| refused(error.to_string()))?;
        let kept = AGE_SECONDS_MAX + 2 * AHEAD_SECONDS;
        let until = self.source.now() + jiff::SignedDuration::from_secs(kept);
        let id = format!("{}\u{1f}{}", proved.thumbprint, proved.jti);
        if !requests::use_once(&self.db, "dpop", &id, until).await? {
            return Err(refused("the proof was used before".into()).into());
        }
        Ok(Some(proved.thumbprint))
    }
}
