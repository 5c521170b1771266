//! JOSE and its kin for an OpenID provider and for the parties that rely on one: keys (JWK), signed
//! and encrypted tokens (JWS, JWE), their claims (JWT), proofs of possession (DPoP), PKCE, hashes
//! and pairwise subjects.
//!
//! Some mistakes can't be written down here. A key carries the one algorithm that it may be used
//! with, so a token's header never chooses how it is checked; `none` and the symmetric algorithms
//! have no name in [`Algorithm`]; claims come out of a token only behind its signature, or under a
//! name that says that nothing is proved.
//!
//! Bytes, texts and an instant in, values out: no I/O, no clock. Randomness is the cryptographic
//! library's, for keys and nonces of encryption; identifiers are given by the caller.

mod algorithm;
pub mod claims;
mod compact;
mod der;
pub mod dpop;
mod encoding;
pub mod hashes;
mod json;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod pairwise;
pub mod pkce;

#[cfg(test)]
mod tests;

pub use algorithm::{Algorithm, ContentEncryption, KeyManagement};
pub use compact::{FormatError, Header, Limits};
pub use json::{DEPTH_MAX, JsonError, Object};
