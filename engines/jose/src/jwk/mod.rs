//! Keys as JSON, RFC 7517: public ones read and printed, private ones made and kept.
//!
//! Three kinds are used: P-256, Ed25519 and RSA. A key that is put to work becomes a
//! [`VerificationKey`], a [`SigningKey`], or one of the keys of [`crate::jwe`]; each of these
//! carries the one algorithm that it may be used with, so a token's header never chooses it.

mod public;
mod set;
mod signing;
mod text;
mod verification;

pub use public::{Ed25519Public, P256Public, PublicKey, RSA_BITS_MAX, RSA_BITS_MIN, RsaPublic};
pub use set::{JwkSet, SET_BYTES_MAX, SET_KEYS_MAX, SetError, Skipped};
pub use signing::{KeyKind, SigningKey, SigningKeyError};
pub use text::{Jwk, KID_BYTES_MAX, KeyAlgorithm, Usage};
pub use verification::VerificationKey;

use crate::json::JsonError;

/// Why a key isn't used. No variant holds a value of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// The text isn't an object that is read here.
    #[error("the key can't be read: {0}")]
    Json(#[from] JsonError),
    /// A private or symmetric member stands where a public key belongs: the key must be replaced.
    #[error("the key holds the private member `{name}`")]
    Private {
        /// The member.
        name: &'static str,
    },
    /// A member is absent.
    #[error("the key has no `{name}`")]
    Missing {
        /// The member.
        name: &'static str,
    },
    /// A member has another type or length than its RFC says, or isn't canonical base64url.
    #[error("the key's `{name}` is malformed")]
    Malformed {
        /// The member.
        name: &'static str,
    },
    /// A kind, curve, algorithm or use that isn't known here.
    #[error("the key's `{name}` isn't one that is used here")]
    Unsupported {
        /// The member.
        name: &'static str,
    },
    /// An RSA modulus outside [`RSA_BITS_MIN`]..=[`RSA_BITS_MAX`] or even.
    #[error("the modulus has {bits} bits or is even; {RSA_BITS_MIN} to {RSA_BITS_MAX} are used")]
    Modulus {
        /// Its length.
        bits: usize,
    },
    /// An RSA exponent under 65537, over 33 bits or even.
    #[error("the exponent must be odd, at least 65537 and at most 33 bits long")]
    Exponent,
    /// The point isn't on its curve, or generates next to nothing.
    #[error("the point isn't one of its curve's main group")]
    Point,
    /// The key's kind, `alg`, `use` or `key_ops` doesn't allow the asked algorithm.
    #[error("the key isn't one for the asked algorithm")]
    Unfit,
}
