//! Hashes that tie one token to another.

use aws_lc_rs::digest::{self, SHA256, SHA512};

use crate::algorithm::Algorithm;
use crate::encoding::encode;
use crate::pairwise::constant_time_eq;

/// The left half of the hash of `value`, in base64url: `at_hash` of an access token, `c_hash` of a
/// code (OpenID Connect Core sections 3.1.3.6 and 3.3.2.11), `s_hash` of a state (FAPI 1.0 part 2).
///
/// `algorithm` is the one of the ID token's signature: SHA-256 and 22 characters for ES256, RS256
/// and PS256; SHA-512 and 43 characters for EdDSA, whose Ed25519 hashes with it.
pub fn half_hash(algorithm: Algorithm, value: &str) -> String {
    let hash = match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 | Algorithm::Ps256 => &SHA256,
        Algorithm::EdDsa => &SHA512,
    };
    let digest = digest::digest(hash, value.as_bytes());
    let (half, _) = digest.as_ref().split_at(digest.as_ref().len() / 2);
    encode(half)
}

/// Whether a claim is the [`half_hash`] of `value`, in constant time.
pub fn half_hash_matches(claim: &str, algorithm: Algorithm, value: &str) -> bool {
    constant_time_eq(claim.as_bytes(), half_hash(algorithm, value).as_bytes())
}

/// `ath` of DPoP: SHA-256 of the access token in base64url, 43 characters (RFC 9449 section 4.2).
pub fn access_token_hash(access_token: &str) -> String {
    encode(digest::digest(&SHA256, access_token.as_bytes()).as_ref())
}
