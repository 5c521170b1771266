//! Private keys that sign: made, kept as PKCS#8, loaded, never shown.

use std::fmt;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use zeroize::Zeroizing;

use super::{
    Ed25519Public, Jwk, JwkError, KeyAlgorithm, P256Public, PublicKey, RsaPublic, Usage,
    VerificationKey,
};
use crate::algorithm::Algorithm;
use crate::der::rsa_public;

/// What kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// For [`Algorithm::Es256`].
    Es256,
    /// For [`Algorithm::EdDsa`].
    EdDsa,
    /// For [`Algorithm::Rs256`], 2048 bits.
    Rs256Bits2048,
    /// For [`Algorithm::Rs256`], 3072 bits.
    Rs256Bits3072,
    /// For [`Algorithm::Ps256`], 2048 bits.
    Ps256Bits2048,
    /// For [`Algorithm::Ps256`], 3072 bits.
    Ps256Bits3072,
}

impl KeyKind {
    /// The algorithm that such a key signs with.
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::Es256,
            Self::EdDsa => Algorithm::EdDsa,
            Self::Rs256Bits2048 | Self::Rs256Bits3072 => Algorithm::Rs256,
            Self::Ps256Bits2048 | Self::Ps256Bits3072 => Algorithm::Ps256,
        }
    }
}

/// What can go wrong with a private key. Says nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// The library could not make a key or a signature (no randomness).
    #[error("the cryptographic library failed")]
    Library,
    /// The bytes are no PKCS#8 key of the asked algorithm.
    #[error("the bytes aren't a private key of the asked algorithm")]
    Rejected,
    /// The key is one of the kind, but outside the limits of [`JwkError`].
    #[error(transparent)]
    Limits(#[from] JwkError),
}

/// A private key that signs with one algorithm.
pub struct SigningKey {
    algorithm: Algorithm,
    kid: String,
    public: PublicKey,
    pair: Pair,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(Box<RsaKeyPair>),
}

impl SigningKey {
    /// Makes a key; its `kid` is its thumbprint. Takes under a millisecond for ES256 and EdDSA, up
    /// to seconds for RSA; the first key of a process tens of milliseconds more, while the library
    /// gathers randomness.
    pub fn generate(kind: KeyKind) -> Result<Self, SigningKeyError> {
        let rsa = |size| RsaKeyPair::generate(size).map(|pair| Pair::Rsa(Box::new(pair)));
        let pair = match kind {
            KeyKind::Es256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::P256)
            }
            KeyKind::EdDsa => Ed25519KeyPair::generate().map(Pair::Ed25519),
            KeyKind::Rs256Bits2048 | KeyKind::Ps256Bits2048 => rsa(KeySize::Rsa2048),
            KeyKind::Rs256Bits3072 | KeyKind::Ps256Bits3072 => rsa(KeySize::Rsa3072),
        };
        let pair = pair.map_err(|_| SigningKeyError::Library)?;
        Self::new(kind.algorithm(), pair)
    }

    /// Loads a key from PKCS#8 (RFC 5208, RFC 5958) in DER; its `kid` is its thumbprint.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, SigningKeyError> {
        let pair = match algorithm {
            Algorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(Pair::P256)
            }
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(der).map(Pair::Ed25519),
            Algorithm::Rs256 | Algorithm::Ps256 => {
                RsaKeyPair::from_pkcs8(der).map(|pair| Pair::Rsa(Box::new(pair)))
            }
        };
        let pair = pair.map_err(|_| SigningKeyError::Rejected)?;
        Self::new(algorithm, pair)
    }

    fn new(algorithm: Algorithm, pair: Pair) -> Result<Self, SigningKeyError> {
        let public = match &pair {
            Pair::P256(pair) => {
                PublicKey::P256(P256Public::from_uncompressed(pair.public_key().as_ref())?)
            }
            Pair::Ed25519(pair) => {
                let x = pair.public_key().as_ref().try_into();
                PublicKey::Ed25519(Ed25519Public::new(x.map_err(|_| JwkError::Point)?)?)
            }
            Pair::Rsa(pair) => {
                let numbers = rsa_public(pair.public_key().as_ref());
                let (n, e) = numbers.ok_or(SigningKeyError::Rejected)?;
                PublicKey::Rsa(RsaPublic::new(n, e)?)
            }
        };
        Ok(Self {
            algorithm,
            kid: public.thumbprint(),
            public,
            pair,
        })
    }

    /// The same key under another `kid`.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = kid.into();
        self
    }

    /// The key as PKCS#8 version 1 in DER, unencrypted, wiped when dropped: encrypt it at rest.
    /// Which algorithm it is for isn't in it where RSA allows two.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningKeyError> {
        let bytes = match &self.pair {
            Pair::P256(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let der: Result<Pkcs8V1Der<'_>, _> = pair.as_der();
                der.map(|der| der.as_ref().to_vec())
            }
        };
        bytes
            .map(Zeroizing::new)
            .map_err(|_| SigningKeyError::Library)
    }

    /// The one algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its name among its owner's keys.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its public numbers.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The public key to publish, with `kid`, `alg` and `use`.
    pub fn jwk(&self) -> Jwk {
        Jwk {
            key: self.public.clone(),
            kid: Some(self.kid.clone()),
            algorithm: Some(KeyAlgorithm::Signature(self.algorithm)),
            usage: Some(Usage::Signature),
        }
    }

    /// What verifies this key's signatures.
    pub fn verification_key(&self) -> Result<VerificationKey, JwkError> {
        VerificationKey::new(&self.jwk(), self.algorithm)
    }

    /// The signature of `message`, in the form of RFC 7518 section 3: for protocols that sign other
    /// things than tokens (RFC 9421).
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningKeyError> {
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::P256(pair) => pair.sign(&random, message).map(|one| one.as_ref().to_vec()),
            Pair::Ed25519(pair) => pair.try_sign(message).map(|one| one.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let padding: &'static dyn RsaEncoding = match self.algorithm {
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature)
                    .map(|()| signature)
            }
        };
        signature.map_err(|_| SigningKeyError::Library)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
