//! Proofs that the sender of a request holds a key: DPoP, RFC 9449.

mod url;

use crate::algorithm::Algorithm;
use crate::claims::{ClaimError, Claims, ClaimsError, id};
use crate::compact::{FormatError, Limits};
use crate::hashes::access_token_hash;
use crate::jwk::VerificationKey;
use crate::jwk::{Jwk, JwkError, SigningKey, SigningKeyError};
use crate::jws::{JwsError, Signing, Typ, Unverified, sign};
use crate::pairwise::constant_time_eq;

pub use url::{UrlError, normalised};

/// `typ` of a proof.
pub const TYP: &str = "dpop+jwt";

/// A proof has no reason to be long: 8 KiB holds an RSA key of 8192 bits and its signature.
pub const LIMITS: Limits = Limits {
    token_bytes_max: 8 << 10,
    header_bytes_max: 4 << 10,
};

/// Why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DpopError {
    /// It isn't a token that is read here.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// `alg` isn't one of those accepted.
    #[error("the proof's algorithm isn't an accepted one")]
    Algorithm,
    /// `jwk` is absent, private, or no key for `alg`.
    #[error("the proof's key is refused: {0}")]
    Key(#[from] JwkError),
    /// The signature or `typ` is wrong.
    #[error("the proof doesn't hold: {0}")]
    Jws(#[from] JwsError),
    /// Its claims can't be read.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// A claim is absent or malformed.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// `htm` is another method.
    #[error("the proof is for another method")]
    Method,
    /// `htu` is another address.
    #[error("the proof is for another address")]
    Address,
    /// The address to compare with, or the one to prove, isn't one of HTTP.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// `iat` is outside the window.
    #[error("the proof wasn't made just now")]
    Time,
    /// `ath` is absent, or of another access token.
    #[error("the proof is for another access token")]
    AccessToken,
    /// `nonce` is absent or isn't the current one: answer with `use_dpop_nonce` (section 8).
    #[error("the proof doesn't hold the server's nonce")]
    Nonce,
    /// The key isn't the one that the access token, code or request is bound to.
    #[error("the proof is by another key")]
    Thumbprint,
}

/// What a proof must be for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The request's method, as it came.
    pub method: &'a str,
    /// The request's address as the client sees it; query and fragment are left out.
    pub url: &'a str,
    /// Seconds since 1970.
    pub now: i64,
    /// Seconds that `iat` may lie in the past, such as 60. Keep a `jti` for at least this long and
    /// [`Expected::ahead_seconds`] more.
    pub age_seconds_max: i64,
    /// Seconds that `iat` may lie in the future, such as 5: clocks differ.
    pub ahead_seconds: i64,
    /// The access token that comes with the request, at a resource; `None` at the token endpoint.
    pub access_token: Option<&'a str>,
    /// The nonces that count now, the current one and the former; empty when none is demanded.
    pub nonces: &'a [&'a str],
    /// The thumbprint that something is bound to already (`cnf.jkt`, `dpop_jkt`).
    pub thumbprint: Option<&'a str>,
    /// The algorithms taken, as the metadata publishes them.
    pub algorithms: &'a [Algorithm],
}

/// A proof that holds. It is good once: refuse a `jti` that the same key used before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Thumbprint of the key that made it: what tokens are bound to by `cnf.jkt`.
    pub thumbprint: String,
    /// Its id, 1..=256 bytes.
    pub jti: String,
    /// When it was made, in seconds since 1970.
    pub issued_at: i64,
}

/// Verifies a proof, RFC 9449 section 4.3. That there was one `DPoP` header and not several is the
/// caller's to see.
pub fn verify(proof: &str, expected: &Expected<'_>) -> Result<Proof, DpopError> {
    let token = Unverified::parse(proof, &LIMITS)?;
    // The header chooses among asymmetric algorithms that are equally good, and the key is bound to
    // the one it chose: nothing is won by choosing.
    let algorithm = Algorithm::from_name(token.header().algorithm())
        .filter(|algorithm| expected.algorithms.contains(algorithm))
        .ok_or(DpopError::Algorithm)?;
    let members = token.header().object("jwk");
    let jwk = Jwk::from_members(members.ok_or(JwkError::Missing { name: "jwk" })?)?;
    let key = VerificationKey::new(&jwk, algorithm)?;
    let claims = token.verify(&key, Typ::Exactly(TYP))?.claims()?;
    check(&claims, expected)?;
    let thumbprint = jwk.key.thumbprint();
    if let Some(bound) = expected.thumbprint
        && !constant_time_eq(bound.as_bytes(), thumbprint.as_bytes())
    {
        return Err(DpopError::Thumbprint);
    }
    Ok(Proof {
        thumbprint,
        jti: id(&claims)?.to_owned(),
        issued_at: required_instant(&claims)?,
    })
}

fn check(claims: &Claims, expected: &Expected<'_>) -> Result<(), DpopError> {
    if required(claims, "htm")? != expected.method {
        return Err(DpopError::Method);
    }
    let address = normalised(required(claims, "htu")?).map_err(|_| DpopError::Address)?;
    if address != normalised(expected.url)? {
        return Err(DpopError::Address);
    }
    let issued = required_instant(claims)?;
    let oldest = expected.now.saturating_sub(expected.age_seconds_max);
    let newest = expected.now.saturating_add(expected.ahead_seconds);
    if !(oldest..=newest).contains(&issued) {
        return Err(DpopError::Time);
    }
    let same = |found: Option<&str>, wanted: &str| {
        found.is_some_and(|found| constant_time_eq(found.as_bytes(), wanted.as_bytes()))
    };
    if let Some(token) = expected.access_token
        && !same(claims.text("ath"), &access_token_hash(token))
    {
        return Err(DpopError::AccessToken);
    }
    let nonce = claims.text("nonce");
    let current = expected.nonces.iter().any(|wanted| same(nonce, wanted));
    if !expected.nonces.is_empty() && !current {
        return Err(DpopError::Nonce);
    }
    Ok(())
}

fn required<'a>(claims: &'a Claims, name: &'static str) -> Result<&'a str, ClaimError> {
    match claims.get(name) {
        None => Err(ClaimError::Missing { name }),
        Some(value) => value.as_str().ok_or(ClaimError::Malformed { name }),
    }
}

fn required_instant(claims: &Claims) -> Result<i64, ClaimError> {
    let name = "iat";
    claims.instant(name)?.ok_or(ClaimError::Missing { name })
}

/// What to prove.
#[derive(Debug, Clone, Copy)]
pub struct NewProof<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's address; query and fragment are left out.
    pub url: &'a str,
    /// An id that never comes twice: 16 random bytes in text, or a UUID.
    pub jti: &'a str,
    /// Seconds since 1970.
    pub now: i64,
    /// The access token that goes with the request.
    pub access_token: Option<&'a str>,
    /// The nonce that the server gave.
    pub nonce: Option<&'a str>,
}

/// Why a proof can't be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NewProofError {
    /// The address isn't one of HTTP.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The library failed.
    #[error(transparent)]
    Key(#[from] SigningKeyError),
}

/// Makes a proof, RFC 9449 section 4.2.
pub fn create(key: &SigningKey, proof: &NewProof<'_>) -> Result<String, NewProofError> {
    let claims = Claims::new()
        .id(proof.jti)
        .with("htm", proof.method)
        .with("htu", normalised(proof.url)?)
        .with("iat", proof.now)
        .with_optional("ath", proof.access_token.map(access_token_hash))
        .with_optional("nonce", proof.nonce);
    let signing = Signing {
        typ: Some(TYP),
        content_type: None,
        embedded_key: Some(&Jwk::new(key.public().clone())),
    };
    Ok(sign(key, &signing, &claims.to_bytes())?)
}
