//! Encrypted tokens in the compact form, RFC 7516 section 7.1.
//!
//! As with signatures, the key decides how it is used; the caller says which encryptions of the
//! content it takes. Compressed tokens are refused. An encrypted token proves nothing of who made
//! it: what is inside is to be a signed one (`cty` JWT).

mod content;
mod decryption;
mod encryption;
mod kdf;

use std::fmt;

use serde_json::Value;
use zeroize::Zeroizing;

pub use decryption::{DecryptionKey, DecryptionKind};
pub use encryption::EncryptionKey;

use crate::algorithm::ContentEncryption;
use crate::compact::{FormatError, Header, Limits, parts};
use crate::encoding::{decode, encode};
use crate::json::Object;
use crate::jwk::JwkError;

/// Why an encrypted token is refused, or can't be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JweError {
    /// It isn't a token that is read here.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// No key of those given has the token's `alg` and `kid`.
    #[error("no key is for the token's algorithm and `kid`")]
    NoKey,
    /// `enc` isn't one that the caller takes.
    #[error("the token's content encryption isn't an accepted one")]
    ContentEncryption,
    /// Whatever goes wrong once a private key is in play: one error for all of it, so that nobody
    /// learns from answers how far a made-up token got (RFC 7516 section 11.5).
    #[error("the token can't be decrypted")]
    Undecryptable,
    /// The library could not encrypt (no randomness).
    #[error("the cryptographic library failed")]
    Library,
    /// The bytes are no PKCS#8 key of the asked kind.
    #[error("the bytes aren't a private key of the asked kind")]
    Rejected,
    /// The key is outside the limits of [`JwkError`].
    #[error(transparent)]
    Key(#[from] JwkError),
}

/// What was inside a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Decrypted {
    /// The header, which the encryption protects.
    pub header: Header,
    /// The content, wiped when dropped.
    pub content: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It was encrypted so that few would read it; a log is no such few.
        formatter
            .debug_struct("Decrypted")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// What a header says beside `alg` and `enc`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Encrypting<'a> {
    /// `typ`.
    pub typ: Option<&'a str>,
    /// `cty`: `JWT` when the content is a signed token.
    pub content_type: Option<&'a str>,
}

/// Encrypts `content` to a key.
pub fn encrypt(
    key: &EncryptionKey,
    encryption: ContentEncryption,
    encrypting: &Encrypting<'_>,
    content: &[u8],
) -> Result<String, JweError> {
    let agreed = key.make(encryption)?;
    let mut header = Object::new();
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            header.insert(name.to_owned(), Value::String(value.to_owned()));
        }
    };
    put("alg", Some(key.management().name()));
    put("enc", Some(encryption.name()));
    put("kid", key.kid());
    put("typ", encrypting.typ);
    put("cty", encrypting.content_type);
    if let Some(ephemeral) = agreed.ephemeral {
        header.insert("epk".to_owned(), Value::Object(ephemeral.to_members()));
    }
    let header = encode(Value::Object(header).to_string().as_bytes());
    let sealed = content::seal(encryption, &agreed.content_key, header.as_bytes(), content)?;
    Ok(format!(
        "{header}.{}.{}.{}.{}",
        encode(&agreed.encrypted_key),
        encode(&sealed.nonce),
        encode(&sealed.ciphertext),
        encode(&sealed.tag),
    ))
}

/// Decrypts a token with whichever of `keys` it was encrypted to: those of its `alg` and, when it
/// names one, its `kid`. Each of them may be tried, so give few. `accepted` are the values of `enc`
/// that are taken.
pub fn decrypt(
    token: &str,
    keys: &[&DecryptionKey],
    accepted: &[ContentEncryption],
    limits: &Limits,
) -> Result<Decrypted, JweError> {
    let [encoded, encrypted_key, nonce, ciphertext, tag] = parts(token, limits)?;
    let header = Header::parse(encoded, limits)?;
    let encryption = header.text("enc").and_then(ContentEncryption::from_name);
    let encryption = encryption
        .filter(|encryption| accepted.contains(encryption))
        .ok_or(JweError::ContentEncryption)?;
    let fits = |key: &&&DecryptionKey| {
        key.management().name() == header.algorithm()
            && header.kid().is_none_or(|kid| kid == key.kid())
    };
    let keys: Vec<&&DecryptionKey> = keys.iter().filter(fits).collect();
    if keys.is_empty() {
        return Err(JweError::NoKey);
    }
    let read = |text: &str, part| decode(text).ok_or(FormatError::Encoding { part });
    let encrypted_key = read(encrypted_key, "encrypted key")?;
    let sealed = content::Sealed {
        nonce: read(nonce, "initialization vector")?,
        ciphertext: read(ciphertext, "ciphertext")?,
        tag: read(tag, "authentication tag")?,
    };
    for key in keys {
        let content_key = key.content_key(&header, encryption, &encrypted_key)?;
        let opened = content::open(encryption, &content_key, encoded.as_bytes(), &sealed);
        if let Some(content) = opened {
            return Ok(Decrypted { header, content });
        }
    }
    Err(JweError::Undecryptable)
}

/// Opens a content under a known key: for the vector of RFC 7516 appendix A.1.
#[cfg(test)]
pub(crate) fn open_for_tests(
    encryption: ContentEncryption,
    key: &[u8],
    associated: &[u8],
    [nonce, ciphertext, tag]: [Vec<u8>; 3],
) -> Option<Zeroizing<Vec<u8>>> {
    let sealed = content::Sealed {
        nonce,
        ciphertext,
        tag,
    };
    content::open(encryption, key, associated, &sealed)
}
