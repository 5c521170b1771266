//! Codes, tokens and secrets: random, kept as hashes only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Thirty-two random bytes as 43 characters that every header and address takes.
pub fn new_secret(random: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(random)
}

/// What is kept of a secret. It has 256 bits of randomness: one round of SHA-256 is enough, as no
/// dictionary holds it.
pub fn hash_of(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_plain_and_its_hash_is_not_it() {
        let secret = new_secret([0xff; 32]);
        assert_eq!(secret.len(), 43);
        assert!(
            secret
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        );
        assert_eq!(hash_of(&secret).len(), 32);
        assert_ne!(hash_of(&secret), hash_of(&new_secret([0xfe; 32])));
    }
}
