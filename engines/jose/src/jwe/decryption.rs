//! Private keys that decrypt: made, kept as PKCS#8, loaded, never shown.

use std::fmt;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap as _};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use zeroize::Zeroizing;

use super::JweError;
use super::encryption::random;
use super::kdf::{Purpose, derive};
use crate::algorithm::{ContentEncryption, KeyManagement};
use crate::compact::Header;
use crate::der::rsa_public;
use crate::encoding::decode;
use crate::jwk::{Jwk, KeyAlgorithm, P256Public, PublicKey, RsaPublic, Usage};

/// What kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecryptionKind {
    /// For [`KeyManagement::RsaOaep256`], 2048 bits.
    RsaOaep256Bits2048,
    /// For [`KeyManagement::RsaOaep256`], 3072 bits.
    RsaOaep256Bits3072,
    /// For [`KeyManagement::EcdhEs`].
    EcdhEs,
    /// For [`KeyManagement::EcdhEsA256Kw`].
    EcdhEsA256Kw,
}

/// A private key that decrypts what was encrypted to it in one way.
pub struct DecryptionKey {
    management: KeyManagement,
    kid: String,
    public: PublicKey,
    private: Private,
}

enum Private {
    Rsa {
        key: PrivateDecryptingKey,
        oaep: OaepPrivateDecryptingKey,
    },
    P256(PrivateKey),
}

impl DecryptionKey {
    /// Makes a key; its `kid` is its thumbprint.
    pub fn generate(kind: DecryptionKind) -> Result<Self, JweError> {
        let rsa = |size| {
            let key = PrivateDecryptingKey::generate(size).map_err(|_| JweError::Library)?;
            Self::rsa(key)
        };
        let p256 = |management| {
            let key = PrivateKey::generate(&ECDH_P256).map_err(|_| JweError::Library)?;
            Self::p256(management, key)
        };
        match kind {
            DecryptionKind::RsaOaep256Bits2048 => rsa(KeySize::Rsa2048),
            DecryptionKind::RsaOaep256Bits3072 => rsa(KeySize::Rsa3072),
            DecryptionKind::EcdhEs => p256(KeyManagement::EcdhEs),
            DecryptionKind::EcdhEsA256Kw => p256(KeyManagement::EcdhEsA256Kw),
        }
    }

    /// Loads a key from PKCS#8 in DER; its `kid` is its thumbprint.
    pub fn from_pkcs8(management: KeyManagement, der: &[u8]) -> Result<Self, JweError> {
        match management {
            KeyManagement::RsaOaep256 => {
                Self::rsa(PrivateDecryptingKey::from_pkcs8(der).map_err(|_| JweError::Rejected)?)
            }
            KeyManagement::EcdhEs | KeyManagement::EcdhEsA256Kw => {
                let key = PrivateKey::from_private_key_der(&ECDH_P256, der);
                Self::p256(management, key.map_err(|_| JweError::Rejected)?)
            }
        }
    }

    fn rsa(key: PrivateDecryptingKey) -> Result<Self, JweError> {
        let der = pkcs8(&key)?;
        let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_| JweError::Rejected)?;
        let (n, e) = rsa_public(pair.public_key().as_ref()).ok_or(JweError::Rejected)?;
        let public = PublicKey::Rsa(RsaPublic::new(n, e)?);
        let oaep = OaepPrivateDecryptingKey::new(key.clone()).map_err(|_| JweError::Rejected)?;
        Ok(Self {
            management: KeyManagement::RsaOaep256,
            kid: public.thumbprint(),
            public,
            private: Private::Rsa { key, oaep },
        })
    }

    fn p256(management: KeyManagement, key: PrivateKey) -> Result<Self, JweError> {
        let point = key.compute_public_key().map_err(|_| JweError::Rejected)?;
        let public = PublicKey::P256(P256Public::from_uncompressed(point.as_ref())?);
        Ok(Self {
            management,
            kid: public.thumbprint(),
            public,
            private: Private::P256(key),
        })
    }

    /// The same key under another `kid`.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = kid.into();
        self
    }

    /// The key as PKCS#8 version 1 in DER, unencrypted, wiped when dropped: encrypt it at rest.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, JweError> {
        match &self.private {
            Private::Rsa { key, .. } => pkcs8(key),
            Private::P256(key) => pkcs8(key),
        }
    }

    /// The one way in which it is used.
    pub fn management(&self) -> KeyManagement {
        self.management
    }

    /// Its name among its owner's keys.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key to publish, with `kid`, `alg` and `use`.
    pub fn jwk(&self) -> Jwk {
        Jwk {
            key: self.public.clone(),
            kid: Some(self.kid.clone()),
            algorithm: Some(KeyAlgorithm::Management(self.management)),
            usage: Some(Usage::Encryption),
        }
    }

    /// The key of a token's content.
    ///
    /// A key that can't be recovered is replaced by a random one, so that the content is tried all
    /// the same and time tells nothing (RFC 7516 section 11.5).
    pub(super) fn content_key(
        &self,
        header: &Header,
        encryption: ContentEncryption,
        encrypted_key: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, JweError> {
        let found = match &self.private {
            Private::Rsa { oaep, .. } => unseal(oaep, encrypted_key),
            Private::P256(key) => self.agree_with(key, header, encryption, encrypted_key),
        };
        let substitute = random(encryption.key_bytes())?;
        Ok(found
            .filter(|key| key.len() == encryption.key_bytes())
            .unwrap_or(substitute))
    }

    fn agree_with(
        &self,
        key: &PrivateKey,
        header: &Header,
        encryption: ContentEncryption,
        encrypted_key: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let PublicKey::P256(point) = Jwk::from_members(header.object("epk")?).ok()?.key else {
            return None;
        };
        let information = |name| decode(header.text(name).unwrap_or_default());
        let (apu, apv) = (information("apu")?, information("apv")?);
        let theirs = UnparsedPublicKey::new(&ECDH_P256, point.uncompressed());
        let purpose = Purpose::of(self.management, encryption);
        let derived = agree(key, theirs, (), |secret| {
            Ok(derive(secret, purpose, &apu, &apv))
        });
        let derived = derived.ok()?;
        if self.management == KeyManagement::EcdhEsA256Kw {
            unwrap(&derived, encrypted_key)
        } else {
            encrypted_key.is_empty().then_some(derived)
        }
    }
}

fn pkcs8(key: &impl AsDer<Pkcs8V1Der<'static>>) -> Result<Zeroizing<Vec<u8>>, JweError> {
    let der = key.as_der().map_err(|_| JweError::Library)?;
    Ok(Zeroizing::new(der.as_ref().to_vec()))
}

fn unseal(oaep: &OaepPrivateDecryptingKey, encrypted_key: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut key = Zeroizing::new(vec![0; oaep.min_output_size()]);
    let length = oaep
        .decrypt(&OAEP_SHA256_MGF1SHA256, encrypted_key, &mut key, None)
        .ok()?
        .len();
    key.truncate(length);
    Some(key)
}

/// AES Key Unwrap, RFC 3394.
fn unwrap(wrapping_key: &[u8], encrypted_key: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut key = Zeroizing::new(vec![0; encrypted_key.len().checked_sub(8)?]);
    let kek = AesKek::new(&AES_256, wrapping_key).ok()?;
    let length = kek.unwrap(encrypted_key, &mut key).ok()?.len();
    key.truncate(length);
    Some(key)
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DecryptionKey")
            .field("management", &self.management)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
