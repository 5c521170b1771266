//! Calls on behalf of a citizen: who it is, sealed for gateways in a token that somebody else carries,
//! and the name by which each producer knows it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::from_hex;

/// What comes before a token's id, in the key that seals for it.
const SEAL: &[u8] = b"gouvernail-citizen-seal-v1";
/// What comes before a producer and a citizen, in the subject.
const SUBJECT: &[u8] = b"gouvernail-producer-subject-v1";

/// The key of calls on behalf of citizens: of the control plane, and of the gateways that it feeds.
#[derive(Clone)]
pub struct BehalfKey(hmac::Key);

impl std::fmt::Debug for BehalfKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BehalfKey")
    }
}

impl BehalfKey {
    /// Reads 32 bytes in hexadecimal; `None` when they aren't.
    pub fn parse(hex: &str) -> Option<Self> {
        let bytes = from_hex::<32>(hex)?;
        Some(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    fn keyed(&self, parts: &[&[u8]]) -> [u8; 32] {
        let tag = hmac::sign(&self.0, &parts.concat());
        tag.as_ref().try_into().unwrap_or_default()
    }

    /// Each token has a key of its own: what is sealed for one opens in no other.
    fn of_token(&self, token: &str) -> Option<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.keyed(&[SEAL, token.as_bytes()])).ok()
    }

    /// Seals content for the token of an id: AES-256-GCM under a key made from both, in base64url:
    /// nonce, content, tag. `None` when the library fails.
    pub fn seal(&self, token: &str, content: &[u8]) -> Option<String> {
        let mut bytes = content.to_vec();
        let key = self.of_token(token)?;
        let nonce = key
            .seal_in_place_append_tag(Aad::empty(), &mut bytes)
            .ok()?;
        Some(URL_SAFE_NO_PAD.encode([nonce.as_ref().as_slice(), &bytes].concat()))
    }

    /// What was sealed for the token of an id; `None` when it was sealed for another, or changed.
    pub fn open(&self, token: &str, sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut content = rest.to_vec();
        let key = self.of_token(token)?;
        let length = key
            .open_in_place(nonce, Aad::empty(), &mut content)
            .ok()?
            .len();
        content.truncate(length);
        Some(content)
    }

    /// The name by which a producer knows a citizen, 32 bytes: HMAC-SHA-256 over
    /// `gouvernail-producer-subject-v1` and the 16 bytes of both ids. No other producer's name, and no
    /// service's, tells it.
    pub fn subject(&self, producer: &[u8; 16], citizen: &[u8; 16]) -> [u8; 32] {
        self.keyed(&[SUBJECT, producer, citizen])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(hex: &str) -> BehalfKey {
        BehalfKey::parse(&hex.repeat(32)).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_token_alone() {
        let sealed = key("0b").seal("t1", b"somebody").unwrap();
        assert_eq!(
            key("0b").open("t1", &sealed).as_deref(),
            Some(&b"somebody"[..])
        );
        assert_eq!(key("0b").open("t2", &sealed), None, "another token's");
        assert_eq!(key("0c").open("t1", &sealed), None, "another key's");
        let mut changed = sealed.clone().into_bytes();
        changed[20] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(key("0b").open("t1", &changed), None);
        for short in ["", "AAAA", "é", &sealed[..16]] {
            assert_eq!(key("0b").open("t1", short), None, "{short}");
        }
        assert_ne!(key("0b").seal("t1", b"somebody").unwrap(), sealed);
    }

    #[test]
    fn each_producer_knows_a_citizen_by_a_name_of_its_own() {
        let subject = |hex, producer, citizen| key(hex).subject(&[producer; 16], &[citizen; 16]);
        let one = subject("0b", 1, 1);
        assert_eq!(one, subject("0b", 1, 1), "the same next year");
        for other in [
            subject("0b", 2, 1),
            subject("0b", 1, 2),
            subject("0c", 1, 1),
        ] {
            assert_ne!(one, other);
        }
    }
}
