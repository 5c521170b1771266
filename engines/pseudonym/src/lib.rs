//! Names of people in traces, from which nobody is known again without the producer's key.
//!
//! Whoever holds the key and knows how a person is named (by which parameters, with which values)
//! makes the same pseudonym again: the gateway when it traces a call, the control plane when that
//! person asks who looked at its data.

mod behalf;

use aws_lc_rs::hmac;
use unicode_normalization::UnicodeNormalization as _;

pub use behalf::BehalfKey;

/// The key of a producer's pseudonyms.
#[derive(Clone)]
pub struct PseudonymKey(hmac::Key);

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PseudonymKey")
    }
}

/// What comes first, so that the key gives nothing that means something elsewhere.
const DOMAIN: &[u8] = b"gouvernail-subject-v1";
/// The same, of a citizen who signed in.
const CITIZEN_DOMAIN: &[u8] = b"gouvernail-citizen-v1";

impl PseudonymKey {
    /// Reads 32 bytes in hexadecimal; `None` when they aren't.
    pub fn parse(hex: &str) -> Option<Self> {
        let bytes = from_hex::<32>(hex)?;
        Some(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The pseudonym of whom these parameters name, 32 bytes; `None` when none of them has a value.
    ///
    /// It is HMAC-SHA-256 over the canonical form: the text `gouvernail-subject-v1`, then for each
    /// parameter, in the order of the operation's description: its name, how many values it has (32
    /// bits), and the values in their order. Each text is preceded by its length in bytes (32 bits);
    /// numbers are big-endian. Values are in normal form C (Unicode, annex 15) and lower case, white
    /// space around them is left out and white space within them is one blank, so that two ways to
    /// write one name give one pseudonym. With the lengths no two lists of parameters give the same
    /// bytes.
    pub fn pseudonym(&self, parameters: &[(&str, Vec<String>)]) -> Option<[u8; 32]> {
        let mut bytes = DOMAIN.to_vec();
        let mut is_named = false;
        for (name, values) in parameters {
            put(&mut bytes, name);
            bytes.extend((values.len() as u32).to_be_bytes());
            for value in values {
                let value = canonical(value);
                is_named |= !value.is_empty();
                put(&mut bytes, &value);
            }
        }
        let tag = is_named.then(|| hmac::sign(&self.0, &bytes))?;
        tag.as_ref().try_into().ok()
    }

    /// The pseudonym of a citizen who signed in to the service that calls, by the 16 bytes of its id:
    /// the same construction behind the text `gouvernail-citizen-v1`, so that no parameters give it.
    pub fn citizen(&self, id: &[u8; 16]) -> [u8; 32] {
        let tag = hmac::sign(&self.0, &[CITIZEN_DOMAIN, id].concat());
        tag.as_ref().try_into().unwrap_or_default()
    }
}

fn put(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u32).to_be_bytes());
    bytes.extend(text.as_bytes());
}

fn canonical(value: &str) -> String {
    // Numbers and names without accents are in normal form C already.
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return value.to_ascii_lowercase();
    }
    let words: Vec<&str> = value.split_whitespace().collect();
    words.join(" ").nfc().flat_map(char::to_lowercase).collect()
}

/// Bytes of a text of twice as many hexadecimal digits.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    let pairs = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)]);
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parameters: &[(&str, &[&str])]) -> Option<String> {
        let key = PseudonymKey::parse(&"0b".repeat(32)).unwrap();
        let owned: Vec<(&str, Vec<String>)> = parameters
            .iter()
            .map(|(name, values)| (*name, values.iter().map(|one| (*one).to_owned()).collect()))
            .collect();
        key.pseudonym(&owned).map(|bytes| hex(&bytes))
    }

    #[test]
    fn one_person_written_in_two_ways_is_one() {
        let plain = of(&[("nom", &["dupont"]), ("prenoms", &["jean", "hélène"])]);
        let other = of(&[
            ("nom", &["  DUPONT "]),
            ("prenoms", &["Jean", "HE\u{301}LÈNE"]),
        ]);
        assert_eq!(plain, other);
        assert!(plain.is_some());
    }

    #[test]
    fn other_parameters_are_another_person() {
        let all = [
            of(&[("a", &["bc"])]),
            of(&[("ab", &["c"])]),
            of(&[("a", &["b", "c"])]),
            of(&[("a", &["b"]), ("c", &[])]),
            of(&[("a", &["b c"])]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| other != one));
        }
        assert_eq!(of(&[("a", &[" "]), ("b", &[])]), None);
    }

    #[test]
    fn the_canonical_form_does_not_change() {
        // HMAC-SHA-256 under 32 bytes 0x0b of "gouvernail-subject-v1" 00000006 "numero" 00000001
        // 00000001 "1", computed with Python's hmac.
        let expected = "c76af54ca00f989a6227af27f0a6fc141a995167f6d6c3e89a48b110b2a7caad";
        assert_eq!(of(&[("numero", &["1"])]).as_deref(), Some(expected));
    }

    #[test]
    fn a_key_is_32_bytes_in_hexadecimal() {
        assert!(PseudonymKey::parse("00").is_none());
        assert!(PseudonymKey::parse(&"0g".repeat(32)).is_none());
        assert!(PseudonymKey::parse(&"+1".repeat(32)).is_none());
        assert!(PseudonymKey::parse(&"é".repeat(32)).is_none());
    }
}
