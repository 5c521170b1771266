//! SIRET numbers of establishments: nine digits of SIREN, five of the establishment, the last of which
//! checks.
//!
//! The check is Luhn's (ISO/IEC 7812-1), but for the establishments of La Poste, whose digits may
//! instead add up to a multiple of five (INSEE's documented exception).

use std::fmt;

/// Digits of a SIRET.
pub const DIGITS: usize = 14;
/// The SIREN of La Poste.
const LA_POSTE: &str = "356000000";

/// A SIRET whose check digit is right.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Siret(String);

/// Why a text is no SIRET.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SiretMistake {
    /// Not fourteen digits (blanks aside).
    #[error("a SIRET has 14 digits")]
    Length,
    /// The check digit doesn't fit: a digit is wrong or two are exchanged.
    #[error("the SIRET's check digit is wrong")]
    CheckDigit,
}

impl Siret {
    /// Reads a SIRET; blanks are ignored.
    pub fn parse(text: &str) -> Result<Self, SiretMistake> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if !has_its_digits(&digits) {
            return Err(SiretMistake::Length);
        }
        if !checks(&digits) {
            return Err(SiretMistake::CheckDigit);
        }
        Ok(Self(digits))
    }

    /// Its fourteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The fourteen digits of a SIRET that is read with blanks, when its check digit is right.
pub fn digits(text: &str) -> Option<String> {
    Siret::parse(text).ok().map(|siret| siret.0)
}

/// Whether a text is a SIRET, written without blanks, whose check digit is right.
pub fn is_siret(text: &str) -> bool {
    has_its_digits(text) && checks(text)
}

/// Whether a text has the form of a SIRET, fourteen digits without blanks, whatever the last one says.
pub fn has_its_digits(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the last of these digits checks.
fn checks(digits: &str) -> bool {
    let values = || digits.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let luhn: u32 = values()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    let plain: u32 = values().sum();
    luhn.is_multiple_of(10) || (digits.starts_with(LA_POSTE) && plain.is_multiple_of(5))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn real_numbers_pass_and_slips_of_the_pen_do_not() {
        // The digital directorate's own, and two post offices'.
        for right in ["130 025 265 00013", "35600000049837", "35600000000048"] {
            assert!(Siret::parse(right).is_ok(), "{right}");
        }
        let mistake = |text: &str| Siret::parse(text).unwrap_err();
        for wrong in ["13002526500031", "13002526500014", "31002526500013"] {
            assert_eq!(mistake(wrong), SiretMistake::CheckDigit, "{wrong}");
            assert!(!is_siret(wrong) && has_its_digits(wrong));
        }
        for wrong in [
            "1300252650001",
            "130025265000130",
            "1300252650001٣",
            "1300252650001é",
            "",
        ] {
            assert_eq!(mistake(wrong), SiretMistake::Length, "{wrong}");
            assert!(!is_siret(wrong) && !has_its_digits(wrong));
        }
        assert!(!is_siret("130 025 265 00013"), "blanks are for people");
        assert_eq!(digits("130 025 265 00013").unwrap(), "13002526500013");
    }

    proptest! {
        /// Of ten last digits one is right; at La Poste, those that five divides are as well.
        #[test]
        fn one_last_digit_checks(first in "[0-9]{13}") {
            let right: Vec<String> = (0..10)
                .map(|last| format!("{first}{last}"))
                .filter(|text| is_siret(text))
                .collect();
            if first.starts_with(LA_POSTE) {
                prop_assert!((2..=3).contains(&right.len()));
            } else {
                prop_assert_eq!(right.len(), 1);
            }
        }

        /// One digit that is written wrong is found.
        #[test]
        fn a_wrong_digit_is_found(first in "[0-9]{13}", at in 0_usize..14, by in 1_u8..10) {
            prop_assume!(!first.starts_with(LA_POSTE));
            let right = (0..10).map(|last| format!("{first}{last}")).find(|text| is_siret(text));
            let mut wrong = right.unwrap_or_default().into_bytes();
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            let wrong = String::from_utf8(wrong).unwrap_or_default();
            prop_assume!(!wrong.starts_with(LA_POSTE));
            prop_assert!(!is_siret(&wrong));
        }

        /// Two neighbours that are exchanged are found, but for 0 and 9, which Luhn's check can't tell.
        #[test]
        fn neighbours_that_are_exchanged_are_found(first in "[0-9]{13}", at in 0_usize..13) {
            prop_assume!(!first.starts_with(LA_POSTE));
            let right = (0..10).map(|last| format!("{first}{last}")).find(|text| is_siret(text));
            let mut exchanged = right.unwrap_or_default().into_bytes();
            exchanged.swap(at, at + 1);
            let pair = [exchanged[at], exchanged[at + 1]];
            prop_assume!(pair[0] != pair[1] && pair != *b"09" && pair != *b"90");
            let exchanged = String::from_utf8(exchanged).unwrap_or_default();
            prop_assume!(!exchanged.starts_with(LA_POSTE));
            prop_assert!(!is_siret(&exchanged));
        }

        /// Blanks change nothing, and no text makes a panic.
        #[test]
        fn what_is_read_is_a_siret(text in "\\PC{0,20}") {
            if let Some(found) = digits(&text) {
                prop_assert!(is_siret(&found));
            }
            let _ = (is_siret(&text), has_its_digits(&text));
        }
    }
}
