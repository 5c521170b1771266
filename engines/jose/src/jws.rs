//! Signed tokens in the compact form, RFC 7515 section 7.1.
//!
//! The key decides the algorithm. A header that names another one, `none` included, is refused
//! before the signature is looked at.

use serde_json::Value;

use crate::claims::{Claims, ClaimsError};
use crate::compact::{FormatError, Header, Limits, parts};
use crate::encoding::{decode, encode};
use crate::json::Object;
use crate::jwk::{Jwk, SigningKey, SigningKeyError, VerificationKey};

/// What the caller expects in `typ`: explicit typing, RFC 8725 section 3.11. Names are compared as
/// media types: without regard to case, `application/` left out (RFC 7515 section 4.1.9).
#[derive(Debug, Clone, Copy)]
pub enum Typ<'a> {
    /// This one, such as `at+jwt`: what every kind of token designed since 2020 has.
    Exactly(&'a str),
    /// None, or one of these: for ID tokens, `AbsentOr(&["JWT"])`.
    AbsentOr(&'a [&'a str]),
}

impl Typ<'_> {
    fn accepts(self, found: Option<&str>) -> bool {
        match (self, found) {
            (Self::Exactly(one), Some(found)) => same_type(one, found),
            (Self::Exactly(_), None) => false,
            (Self::AbsentOr(_), None) => true,
            (Self::AbsentOr(ones), Some(found)) => ones.iter().any(|one| same_type(one, found)),
        }
    }
}

fn same_type(one: &str, other: &str) -> bool {
    fn bare(name: &str) -> &str {
        const PREFIX: &str = "application/";
        match name.split_at_checked(PREFIX.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => {
                rest
            }
            _ => name,
        }
    }
    bare(one).eq_ignore_ascii_case(bare(other))
}

/// Why a signed token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// It isn't a token that is read here.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// `alg` isn't the algorithm of a key that was to be tried.
    #[error("the token's algorithm isn't the one of the key")]
    Algorithm,
    /// No key of those given has the token's `kid`.
    #[error("no key has the token's `kid`")]
    UnknownKey,
    /// `typ` isn't what was expected.
    #[error("the token isn't of the expected type")]
    Type,
    /// The signature isn't one of this key, or the token was changed.
    #[error("the signature doesn't hold")]
    Signature,
}

/// A token that was read, of which nothing is proved yet.
#[derive(Debug, Clone)]
pub struct Unverified<'a> {
    header: Header,
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

/// A token whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its header, which the signature covers.
    pub header: Header,
    /// Its content.
    pub payload: Vec<u8>,
}

impl Verified {
    /// The content as claims, which are still to be judged: see [`crate::claims::Rules`].
    pub fn claims(&self) -> Result<Claims, ClaimsError> {
        Claims::parse(&self.payload)
    }
}

impl<'a> Unverified<'a> {
    /// Reads a token's parts.
    pub fn parse(token: &'a str, limits: &Limits) -> Result<Self, FormatError> {
        let [encoded, payload, signature] = parts(token, limits)?;
        let header = Header::parse(encoded, limits)?;
        let signature = decode(signature).ok_or(FormatError::Encoding { part: "signature" })?;
        let signed = token
            .get(..encoded.len() + 1 + payload.len())
            .ok_or(FormatError::Parts { expected: 3 })?;
        Ok(Self {
            header,
            signed,
            payload,
            signature,
        })
    }

    /// The header, as anyone may have written it.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims, as anyone may have written them: good for finding whose key to verify with (the
    /// `iss` of a client's assertion), and for nothing else.
    pub fn claims_unproved(&self) -> Result<Claims, ClaimsError> {
        Claims::parse(&decode(self.payload).ok_or(ClaimsError::Encoding)?)
    }

    /// Verifies with one key.
    pub fn verify(self, key: &VerificationKey, typ: Typ<'_>) -> Result<Verified, JwsError> {
        if self.header.algorithm() != key.algorithm().name() {
            return Err(JwsError::Algorithm);
        }
        if !typ.accepts(self.header.typ()) {
            return Err(JwsError::Type);
        }
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            return Err(JwsError::Signature);
        }
        let payload = decode(self.payload).ok_or(FormatError::Encoding { part: "payload" })?;
        Ok(Verified {
            header: self.header,
            payload,
        })
    }

    /// Verifies with whichever of these keys made it: those of the token's `kid`, or all when it
    /// names none. Bound the keys (a set holds at most 64): each of them may be tried.
    pub fn verify_any(self, keys: &[VerificationKey], typ: Typ<'_>) -> Result<Verified, JwsError> {
        let kid = self.header.kid();
        let named = |key: &&VerificationKey| kid.is_none() || key.kid() == kid;
        let keys: Vec<&VerificationKey> = keys.iter().filter(named).collect();
        let mut refusal = JwsError::UnknownKey;
        for key in keys {
            match self.clone().verify(key, typ) {
                // A key of another algorithm says less than one whose signature doesn't hold.
                Err(JwsError::Algorithm) if refusal == JwsError::Signature => {}
                Err(found @ (JwsError::Algorithm | JwsError::Signature)) => refusal = found,
                decided => return decided,
            }
        }
        Err(refusal)
    }
}

/// Reads and verifies a token with one key.
pub fn verify(
    token: &str,
    key: &VerificationKey,
    typ: Typ<'_>,
    limits: &Limits,
) -> Result<Verified, JwsError> {
    Unverified::parse(token, limits)?.verify(key, typ)
}

/// Reads a token and verifies it with whichever of these keys made it, see
/// [`Unverified::verify_any`].
pub fn verify_any(
    token: &str,
    keys: &[VerificationKey],
    typ: Typ<'_>,
    limits: &Limits,
) -> Result<Verified, JwsError> {
    Unverified::parse(token, limits)?.verify_any(keys, typ)
}

/// What a header says beside `alg`, which the key decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signing<'a> {
    /// `typ`, without `application/`.
    pub typ: Option<&'a str>,
    /// `cty`.
    pub content_type: Option<&'a str>,
    /// The public key itself instead of its `kid`, as DPoP wants it.
    pub embedded_key: Option<&'a Jwk>,
}

/// Signs `payload`; the header has `alg`, `kid` unless the key is embedded, and what `signing` says.
pub fn sign(
    key: &SigningKey,
    signing: &Signing<'_>,
    payload: &[u8],
) -> Result<String, SigningKeyError> {
    let mut header = Object::new();
    let mut put = |name: &str, value: &str| {
        header.insert(name.to_owned(), Value::String(value.to_owned()));
    };
    put("alg", key.algorithm().name());
    if let Some(typ) = signing.typ {
        put("typ", typ);
    }
    if let Some(content_type) = signing.content_type {
        put("cty", content_type);
    }
    match signing.embedded_key {
        None => put("kid", key.kid()),
        Some(jwk) => {
            header.insert("jwk".to_owned(), Value::Object(jwk.to_members()));
        }
    }
    sign_with_header(key, &Value::Object(header).to_string(), payload)
}

/// Signs under this very header, which tests make wrong.
pub(crate) fn sign_with_header(
    key: &SigningKey,
    header: &str,
    payload: &[u8],
) -> Result<String, SigningKeyError> {
    let signed = format!("{}.{}", encode(header.as_bytes()), encode(payload));
    let signature = key.sign(signed.as_bytes())?;
    Ok(format!("{signed}.{}", encode(&signature)))
}
