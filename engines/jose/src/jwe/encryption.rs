//! Public keys put to work on encryption.

use std::fmt;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap as _};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::RsaPublicKeyComponents;
use zeroize::Zeroizing;

use super::JweError;
use super::kdf::{Purpose, derive};
use crate::algorithm::{ContentEncryption, KeyManagement};
use crate::jwk::{Jwk, JwkError, KeyAlgorithm, P256Public, PublicKey, RsaPublic};

/// A key to encrypt to, in one way and no other.
pub struct EncryptionKey {
    management: KeyManagement,
    kid: Option<String>,
    public: Public,
}

enum Public {
    Rsa(OaepPublicEncryptingKey),
    P256(P256Public),
}

/// The key of one content, and how its recipient gets it.
pub(super) struct Agreed {
    pub(super) content_key: Zeroizing<Vec<u8>>,
    pub(super) encrypted_key: Vec<u8>,
    pub(super) ephemeral: Option<Jwk>,
}

impl EncryptionKey {
    /// Binds a key to the algorithm that its owner registered. [`JwkError::Unfit`] when the key is
    /// of another kind, or says that it is for something else.
    pub fn new(jwk: &Jwk, management: KeyManagement) -> Result<Self, JwkError> {
        if !jwk.allows(KeyAlgorithm::Management(management)) {
            return Err(JwkError::Unfit);
        }
        let public = match &jwk.key {
            PublicKey::P256(point) => Public::P256(point.clone()),
            PublicKey::Rsa(key) => Public::Rsa(rsa(key)?),
            PublicKey::Ed25519(_) => return Err(JwkError::Unfit),
        };
        Ok(Self {
            management,
            kid: jwk.kid.clone(),
            public,
        })
    }

    /// The one way to encrypt to it.
    pub fn management(&self) -> KeyManagement {
        self.management
    }

    /// Its name among its owner's keys.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Makes the key of one content.
    pub(super) fn make(&self, encryption: ContentEncryption) -> Result<Agreed, JweError> {
        match &self.public {
            Public::Rsa(key) => {
                let content_key = random(encryption.key_bytes())?;
                let mut encrypted_key = vec![0; key.ciphertext_size()];
                key.encrypt(
                    &OAEP_SHA256_MGF1SHA256,
                    &content_key,
                    &mut encrypted_key,
                    None,
                )
                .map_err(|_| JweError::Library)?;
                Ok(Agreed {
                    content_key,
                    encrypted_key,
                    ephemeral: None,
                })
            }
            Public::P256(point) => self.agree_with(point, encryption),
        }
    }

    fn agree_with(
        &self,
        point: &P256Public,
        encryption: ContentEncryption,
    ) -> Result<Agreed, JweError> {
        let own = PrivateKey::generate(&ECDH_P256).map_err(|_| JweError::Library)?;
        let public = own.compute_public_key().map_err(|_| JweError::Library)?;
        let public = P256Public::from_uncompressed(public.as_ref())?;
        let purpose = Purpose::of(self.management, encryption);
        let theirs = UnparsedPublicKey::new(&ECDH_P256, point.uncompressed());
        let derived = agree(&own, theirs, JweError::Library, |secret| {
            Ok(derive(secret, purpose, &[], &[]))
        })?;
        let (content_key, encrypted_key) = if self.management == KeyManagement::EcdhEsA256Kw {
            let content_key = random(encryption.key_bytes())?;
            let encrypted_key = wrap(&derived, &content_key)?;
            (content_key, encrypted_key)
        } else {
            (derived, Vec::new())
        };
        Ok(Agreed {
            content_key,
            encrypted_key,
            ephemeral: Some(Jwk::new(PublicKey::P256(public))),
        })
    }
}

fn rsa(key: &RsaPublic) -> Result<OaepPublicEncryptingKey, JwkError> {
    let malformed = JwkError::Malformed { name: "n" };
    let components = RsaPublicKeyComponents {
        n: key.n(),
        e: key.e(),
    };
    let key: Result<PublicEncryptingKey, _> = components.try_into();
    OaepPublicEncryptingKey::new(key.map_err(|_| malformed)?).map_err(|_| malformed)
}

/// AES Key Wrap, RFC 3394: eight bytes longer than the key.
fn wrap(wrapping_key: &[u8], content_key: &[u8]) -> Result<Vec<u8>, JweError> {
    let mut wrapped = vec![0; content_key.len() + 8];
    let kek = AesKek::new(&AES_256, wrapping_key).map_err(|_| JweError::Library)?;
    let length = kek
        .wrap(content_key, &mut wrapped)
        .map_err(|_| JweError::Library)?
        .len();
    wrapped.truncate(length);
    Ok(wrapped)
}

/// Random bytes for a key.
pub(super) fn random(bytes: usize) -> Result<Zeroizing<Vec<u8>>, JweError> {
    let mut key = Zeroizing::new(vec![0; bytes]);
    rand::fill(&mut key).map_err(|_| JweError::Library)?;
    Ok(key)
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EncryptionKey")
            .field("management", &self.management)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
