//! The code that a person copies from a device (RFC 8628, section 6.1).

/// Letters that nobody takes for another one, and that make no word.
const LETTERS: [u8; 20] = *b"BCDFGHJKLMNPQRSTVWXZ";
/// Letters of a code: 25 thousand million codes.
const LENGTH: usize = 8;

/// A code: eight letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// A code from random bytes; `None` in the rare case that too few of them can be used.
    pub fn new(random: [u8; 32]) -> Option<Self> {
        // Bytes over the last whole multiple are passed over: each letter is as likely.
        let limit = u8::MAX - u8::MAX % LETTERS.len() as u8;
        let letters: String = random
            .into_iter()
            .filter(|byte| *byte < limit)
            .take(LENGTH)
            .map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]))
            .collect();
        (letters.len() == LENGTH).then_some(Self(letters))
    }

    /// What a person typed: small letters, blanks, dashes and dots are forgiven.
    pub fn parse(typed: &str) -> Option<Self> {
        let letters: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !"-.·_–—\u{2011}".contains(*c))
            .take(LENGTH + 1)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let is_code =
            letters.len() == LENGTH && letters.bytes().all(|letter| LETTERS.contains(&letter));
        is_code.then_some(Self(letters))
    }

    /// Its letters, as they are compared.
    pub fn letters(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for UserCode {
    /// In two halves: `BCDF-GHJK`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (first, second) = self.0.split_at(LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = UserCode::parse("BCDFGHJK").unwrap();
        for typed in ["bcdf-ghjk", " BCDF GHJK ", "b c d f.g h j k", "BCDF–GHJK"] {
            assert_eq!(UserCode::parse(typed), Some(code.clone()), "{typed}");
        }
        for wrong in [
            "",
            "BCDFGHJ",
            "BCDFGHJKL",
            "BCDFGHJA",
            "1CDFGHJK",
            "éCDFGHJK",
        ] {
            assert_eq!(UserCode::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read(random: [u8; 32]) {
            if let Some(code) = UserCode::new(random) {
                prop_assert_eq!(UserCode::parse(&code.to_string()), Some(code));
            }
        }
    }
}
