//! Who calls: a token (RFC 9068) with what binds it to its sender, or a key in its place.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName};
use jiff::Timestamp;
use jose::claims::ClaimError;
use jose::dpop::{self, Expected};
use jose::jws::{self, Typ};
use jose::pairwise::constant_time_eq;
use jose::{Algorithm, Limits};

use crate::domain::{Binding, Code, Presented, Problem, TokenMistake, presented, rules};
use crate::state::{InForce, Proofs, Used};

/// Most bytes of a token.
const LIMITS: Limits = Limits {
    token_bytes_max: 8 << 10,
    header_bytes_max: 2 << 10,
};
/// Seconds that a proof of possession is good for.
const PROOF_SECONDS_MAX: i64 = 60;
/// Seconds by which a proof may come from the future.
const PROOF_AHEAD_SECONDS: i64 = 10;
/// Algorithms of proofs: each of them is strong, and the key is bound to the one it chose.
pub(crate) const PROOF_ALGORITHMS: [Algorithm; 3] =
    [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256];

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// A request, as far as it matters to who makes it.
pub(crate) struct Shown<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) method: &'a str,
    /// The address that was called, without query.
    pub(crate) url: &'a str,
    /// Thumbprint of the certificate of the connection.
    pub(crate) certificate: Option<&'a str>,
    pub(crate) now: Timestamp,
    pub(crate) bound_only: bool,
}

/// How a token is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

/// What the caller's token, or key, gives access to.
pub(crate) fn authenticate(
    in_force: &InForce,
    proofs: &Proofs,
    shown: &Shown<'_>,
) -> Result<Arc<Presented>, Problem> {
    let (scheme, token) = sent(shown.headers)?;
    if !token.contains('.') {
        return of_key(in_force, scheme, token);
    }
    let presented = match in_force.known(token) {
        Some(presented) if presented.expires > shown.now.as_second() => presented,
        Some(_) => return Err(expired()),
        None => {
            let presented = Arc::new(verified(in_force, token, shown.now)?);
            in_force.remember(token, presented.clone());
            presented
        }
    };
    match (&presented.binding, scheme) {
        (Binding::Key(thumbprint), Scheme::Dpop) => prove(proofs, shown, token, thumbprint)?,
        (Binding::Key(_), Scheme::Bearer) => {
            let told = "the token is bound to a key: send it by the scheme DPoP, with a proof";
            return Err(Problem::new(Code::ProofInvalid, told));
        }
        (Binding::None | Binding::Certificate(_), Scheme::Dpop) => {
            return Err(invalid(
                "the token isn't bound to a key: send it by the scheme Bearer",
            ));
        }
        (Binding::Certificate(thumbprint), Scheme::Bearer) => {
            let holds = shown
                .certificate
                .is_some_and(|held| constant_time_eq(held.as_bytes(), thumbprint.as_bytes()));
            if !holds {
                let told = "the token is bound to a certificate that isn't the connection's";
                return Err(Problem::new(Code::ProofInvalid, told));
            }
        }
        (Binding::None, Scheme::Bearer) if shown.bound_only => {
            return Err(invalid(
                "tokens must be bound to a key or a certificate here",
            ));
        }
        (Binding::None, Scheme::Bearer) => {}
    }
    Ok(presented)
}

fn invalid(told: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
    Problem::new(Code::TokenInvalid, told)
}

fn expired() -> Problem {
    Problem::new(
        Code::TokenExpired,
        "ask for a new one: it lives for minutes",
    )
}

fn sent(headers: &HeaderMap) -> Result<(Scheme, &str), Problem> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = all.next() else {
        let told = "send it in the header Authorization, by the scheme Bearer or DPoP";
        return Err(Problem::new(Code::TokenMissing, told));
    };
    if all.next().is_some() {
        return Err(invalid("the header Authorization stands more than once"));
    }
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    let Some((scheme, token)) = parts else {
        return Err(invalid("the header Authorization can't be read"));
    };
    let scheme = if scheme.eq_ignore_ascii_case("bearer") {
        Scheme::Bearer
    } else if scheme.eq_ignore_ascii_case("dpop") {
        Scheme::Dpop
    } else {
        return Err(invalid("the scheme must be Bearer or DPoP"));
    };
    let token = token.trim();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || token.len() > LIMITS.token_bytes_max || !token.bytes().all(is_token) {
        return Err(invalid(
            "the token is empty, too long, or holds other than its characters",
        ));
    }
    Ok((scheme, token))
}

fn of_key(in_force: &InForce, scheme: Scheme, key: &str) -> Result<Arc<Presented>, Problem> {
    let hash: Option<[u8; 32]> = digest(&SHA256, key.as_bytes()).as_ref().try_into().ok();
    // Found by its hash: how long that takes says nothing of a key.
    let accreditation = hash.and_then(|hash| in_force.book.of_key(&hash));
    match accreditation {
        Some(accreditation) if scheme == Scheme::Bearer => Ok(Arc::new(Presented {
            accreditation,
            version: None,
            client: None,
            expires: i64::MAX,
            binding: Binding::None,
            citizen: None,
        })),
        _ => Err(invalid("no accreditation in force has this key")),
    }
}

fn verified(in_force: &InForce, token: &str, now: Timestamp) -> Result<Presented, Problem> {
    let book = &in_force.book;
    let verified = jws::verify_any(token, &book.keys, Typ::Exactly("at+jwt"), &LIMITS)
        .map_err(|error| invalid(error.to_string()))?;
    let claims = verified
        .claims()
        .map_err(|error| invalid(error.to_string()))?;
    match rules(&book.issuer, &book.audience).check(&claims, now.as_second()) {
        Ok(()) => {}
        Err(ClaimError::Expired) => return Err(expired()),
        Err(error) => return Err(invalid(error.to_string())),
    }
    presented(&claims, &book.environment)
        .map_err(|mistake: TokenMistake| invalid(mistake.to_string()))
}

fn prove(proofs: &Proofs, shown: &Shown<'_>, token: &str, thumbprint: &str) -> Result<(), Problem> {
    let wrong = |told: String| Problem::new(Code::ProofInvalid, told);
    let mut all = shown.headers.get_all(DPOP).iter();
    let proof = all.next().and_then(|value| value.to_str().ok());
    let (Some(proof), None) = (proof, all.next()) else {
        return Err(wrong("one header DPoP must hold a proof".to_owned()));
    };
    let expected = Expected {
        method: shown.method,
        url: shown.url,
        now: shown.now.as_second(),
        age_seconds_max: PROOF_SECONDS_MAX,
        ahead_seconds: PROOF_AHEAD_SECONDS,
        access_token: Some(token),
        nonces: &[],
        thumbprint: Some(thumbprint),
        algorithms: &PROOF_ALGORITHMS,
    };
    let proved = dpop::verify(proof, &expected).map_err(|error| wrong(error.to_string()))?;
    let named = format!("{}\u{1f}{}", proved.thumbprint, proved.jti);
    let hash = digest(&SHA256, named.as_bytes());
    let half = hash.as_ref().first_chunk().copied().unwrap_or_default();
    match proofs.use_once(half, shown.now) {
        Used::First => Ok(()),
        Used::Again => Err(wrong("the proof was used before".to_owned())),
        Used::Full => {
            let told = "too many proofs of possession came within a minute";
            Err(Problem::new(Code::Full, told).after_seconds(60))
        }
    }
}
