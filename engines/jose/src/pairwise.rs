//! Subjects that differ from one sector to the next, OpenID Connect Core section 8.1.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};

use crate::encoding::encode;

/// Least bytes of a key.
pub const PAIRWISE_KEY_BYTES_MIN: usize = 32;

/// A key is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key has {bytes} bytes; at least {PAIRWISE_KEY_BYTES_MIN} are needed")]
pub struct KeyTooShort {
    /// Its length.
    pub bytes: usize,
}

/// The secret behind pairwise subjects. Whoever has it can tell which subjects are one person; a
/// new one gives everybody new subjects, so it is kept for as long as the subjects are.
pub struct PairwiseKey(hmac::Key);

impl PairwiseKey {
    /// From random bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, KeyTooShort> {
        if bytes.len() < PAIRWISE_KEY_BYTES_MIN {
            return Err(KeyTooShort { bytes: bytes.len() });
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// The subject of a person in a sector, 43 characters:
    /// base64url(HMAC-SHA-256(key, length of `sector` || `sector` || 0x1F || `local_subject`)), the
    /// length in bytes as 64 bits, big-endian.
    ///
    /// With the length in front no two pairs give the same text, whatever they contain. The local
    /// subject is to be an id that never changes, never the person's data: corrections of a name or
    /// a date of birth leave the subject as it is.
    pub fn subject(&self, sector: &str, local_subject: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&(sector.len() as u64).to_be_bytes());
        context.update(sector.as_bytes());
        context.update(&[0x1f]);
        context.update(local_subject.as_bytes());
        encode(context.sign().as_ref())
    }
}

impl fmt::Debug for PairwiseKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PairwiseKey(…)")
    }
}

/// Whether both are equal, in a time that depends on their lengths only.
pub fn constant_time_eq(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_differ_by_sector_person_and_key() {
        let key = PairwiseKey::new(&[7; 32]).unwrap();
        let other = PairwiseKey::new(&[8; 32]).unwrap();
        let subject = key.subject("a.example", "1");
        assert_eq!(subject.len(), 43);
        assert_eq!(subject, key.subject("a.example", "1"));
        assert_ne!(subject, key.subject("b.example", "1"));
        assert_ne!(subject, key.subject("a.example", "2"));
        assert_ne!(subject, other.subject("a.example", "1"));
    }

    #[test]
    fn moving_the_separator_gives_another_subject() {
        let key = PairwiseKey::new(&[7; 32]).unwrap();
        assert_ne!(key.subject("a\u{1f}b", "c"), key.subject("a", "b\u{1f}c"));
        assert_ne!(key.subject("ab", "c"), key.subject("a", "bc"));
    }

    #[test]
    fn a_short_key_is_refused_and_none_is_shown() {
        assert_eq!(PairwiseKey::new(&[1; 31]).unwrap_err().bytes, 31);
        assert_eq!(
            format!("{:?}", PairwiseKey::new(&[1; 32]).unwrap()),
            "PairwiseKey(…)"
        );
    }

    #[test]
    fn equality_needs_equal_lengths() {
        assert!(constant_time_eq(b"ab", b"ab"));
        assert!(constant_time_eq(b"", b""));
        assert!(!constant_time_eq(b"ab", b"abc"));
        assert!(!constant_time_eq(b"ab", b"ac"));
    }
}
