//! The content itself: AES-GCM, RFC 7518 section 5.3.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use super::JweError;
use crate::algorithm::ContentEncryption;

/// The three parts that an encryption gives.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// 12 bytes.
    pub(crate) nonce: Vec<u8>,
    /// As long as the content.
    pub(crate) ciphertext: Vec<u8>,
    /// 16 bytes.
    pub(crate) tag: Vec<u8>,
}

const TAG_BYTES: usize = 16;

fn algorithm(encryption: ContentEncryption) -> &'static Algorithm {
    match encryption {
        ContentEncryption::A128Gcm => &AES_128_GCM,
        ContentEncryption::A256Gcm => &AES_256_GCM,
    }
}

/// Encrypts under a random nonce; every token has a key of its own, so none comes twice.
pub(crate) fn seal(
    encryption: ContentEncryption,
    key: &[u8],
    associated: &[u8],
    content: &[u8],
) -> Result<Sealed, JweError> {
    let key = RandomizedNonceKey::new(algorithm(encryption), key);
    let key = key.map_err(|_| JweError::Library)?;
    let mut ciphertext = content.to_vec();
    let (nonce, tag) = key
        .seal_in_place_separate_tag(Aad::from(associated), &mut ciphertext)
        .map_err(|_| JweError::Library)?;
    Ok(Sealed {
        nonce: nonce.as_ref().to_vec(),
        ciphertext,
        tag: tag.as_ref().to_vec(),
    })
}

/// Decrypts; `None` when anything was changed or has another length than it must have.
pub(crate) fn open(
    encryption: ContentEncryption,
    key: &[u8],
    associated: &[u8],
    sealed: &Sealed,
) -> Option<Zeroizing<Vec<u8>>> {
    // A shorter tag is easier to guess: RFC 7518 section 5.3 knows 128 bits only.
    if sealed.tag.len() != TAG_BYTES {
        return None;
    }
    let key = RandomizedNonceKey::new(algorithm(encryption), key).ok()?;
    let nonce = Nonce::try_assume_unique_for_key(&sealed.nonce).ok()?;
    let mut content = Zeroizing::new([sealed.ciphertext.as_slice(), &sealed.tag].concat());
    let length = key
        .open_in_place(nonce, Aad::from(associated), &mut content)
        .ok()?
        .len();
    content.truncate(length);
    Some(content)
}
