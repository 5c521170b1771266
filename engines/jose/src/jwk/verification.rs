//! A public key put to work on signatures.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
};

use super::{Jwk, JwkError, KeyAlgorithm, PublicKey, RsaPublic};
use crate::algorithm::Algorithm;

/// A key that verifies signatures of one algorithm and of no other.
#[derive(Clone)]
pub struct VerificationKey {
    algorithm: Algorithm,
    kid: Option<String>,
    parsed: ParsedPublicKey,
}

impl VerificationKey {
    /// Binds a key to the algorithm that its owner registered. [`JwkError::Unfit`] when the key is
    /// of another kind, or says that it is for something else.
    pub fn new(jwk: &Jwk, algorithm: Algorithm) -> Result<Self, JwkError> {
        if !jwk.allows(KeyAlgorithm::Signature(algorithm)) {
            return Err(JwkError::Unfit);
        }
        let parsed = match (&jwk.key, algorithm) {
            (PublicKey::P256(point), Algorithm::Es256) => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.uncompressed())
                    .map_err(|_| JwkError::Point)?
            }
            (PublicKey::Ed25519(point), Algorithm::EdDsa) => {
                ParsedPublicKey::new(&ED25519, point.x()).map_err(|_| JwkError::Point)?
            }
            (PublicKey::Rsa(key), Algorithm::Rs256) => rsa(key, &RSA_PKCS1_2048_8192_SHA256)?,
            (PublicKey::Rsa(key), Algorithm::Ps256) => rsa(key, &RSA_PSS_2048_8192_SHA256)?,
            _ => return Err(JwkError::Unfit),
        };
        Ok(Self {
            algorithm,
            kid: jwk.kid.clone(),
            parsed,
        })
    }

    /// The one algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its name among its owner's keys.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether `signature` is one of `message` by this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

fn rsa(key: &RsaPublic, parameters: &'static RsaParameters) -> Result<ParsedPublicKey, JwkError> {
    let components = RsaPublicKeyComponents {
        n: key.n(),
        e: key.e(),
    };
    components
        .to_parsed_public_key(parameters)
        .map_err(|_| JwkError::Malformed { name: "n" })
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerificationKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
