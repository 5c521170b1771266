//! Proof Key for Code Exchange, RFC 7636, with the method S256 only: `plain` shows the secret to
//! whoever sees the first request.

use aws_lc_rs::digest::{self, SHA256};

use crate::encoding::{decode, encode};
use crate::pairwise::constant_time_eq;

/// Why a challenge or its verifier is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkceError {
    /// `code_challenge_method` isn't `S256`; absent means `plain` (section 4.3).
    #[error("the method must be S256")]
    Method,
    /// The challenge isn't 43 characters of canonical base64url.
    #[error("the challenge isn't a SHA-256 in base64url")]
    Challenge,
    /// The verifier isn't 43..=128 characters of `A-Z a-z 0-9 - . _ ~` (section 4.1).
    #[error("the verifier must be 43 to 128 unreserved characters")]
    Verifier,
    /// The verifier isn't the challenge's.
    #[error("the verifier doesn't belong to the challenge")]
    Mismatch,
}

/// A challenge as the authorization request brought it, to be kept with the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// From `code_challenge_method` and `code_challenge`.
    pub fn parse(method: Option<&str>, challenge: &str) -> Result<Self, PkceError> {
        if method != Some("S256") {
            return Err(PkceError::Method);
        }
        match decode(challenge) {
            Some(hash) if hash.len() == 32 => Ok(Self(challenge.to_owned())),
            _ => Err(PkceError::Challenge),
        }
    }

    /// The one of a verifier.
    pub fn of(verifier: &str) -> Result<Self, PkceError> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
            return Err(PkceError::Verifier);
        }
        Ok(Self(encode(
            digest::digest(&SHA256, verifier.as_bytes()).as_ref(),
        )))
    }

    /// Its text: 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `verifier` is this challenge's, in constant time.
    pub fn verify(&self, verifier: &str) -> Result<(), PkceError> {
        let own = Self::of(verifier)?;
        if constant_time_eq(own.0.as_bytes(), self.0.as_bytes()) {
            Ok(())
        } else {
            Err(PkceError::Mismatch)
        }
    }
}

/// A verifier of 43 characters from 32 random bytes.
pub fn verifier(random: &[u8; 32]) -> String {
    encode(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn rfc_7636_appendix_b() {
        let random = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        assert_eq!(verifier(&random), VERIFIER);
        let challenge = Challenge::parse(Some("S256"), CHALLENGE).unwrap();
        assert_eq!(Challenge::of(VERIFIER).unwrap(), challenge);
        assert_eq!(challenge.as_str(), CHALLENGE);
        assert_eq!(challenge.verify(VERIFIER), Ok(()));
        assert_eq!(challenge.verify(CHALLENGE), Err(PkceError::Mismatch));
    }

    #[test]
    fn downgrading_to_plain_is_refused() {
        for method in [None, Some("plain"), Some("s256"), Some("")] {
            assert_eq!(Challenge::parse(method, CHALLENGE), Err(PkceError::Method));
        }
    }

    #[test]
    fn the_syntax_is_bounded() {
        for wrong in ["", "abc", &VERIFIER[1..], &CHALLENGE.replace('c', "=")] {
            assert_eq!(
                Challenge::parse(Some("S256"), wrong),
                Err(PkceError::Challenge)
            );
        }
        let of = |length: usize| Challenge::of(&"a".repeat(length));
        assert!(of(43).is_ok() && of(128).is_ok());
        assert_eq!(of(42), Err(PkceError::Verifier));
        assert_eq!(of(129), Err(PkceError::Verifier));
        for wrong in ["+", "/", "=", " ", "é"] {
            let text = format!("{wrong}{}", "a".repeat(60));
            assert_eq!(Challenge::of(&text), Err(PkceError::Verifier), "{wrong}");
        }
    }
}
