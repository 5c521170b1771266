//! SIRET numbers: nine digits of SIREN, five of establishment, the last one checking.

use std::fmt;

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

/// La Poste numbers its post offices so that the digits' plain sum is a multiple of five.
const LA_POSTE: &str = "356000000";

impl Siret {
    /// Reads a SIRET; blanks are ignored. The check is Luhn's (ISO/IEC 7812-1), except for the
    /// establishments of La Poste (INSEE's documented exception).
    pub fn parse(text: &str) -> Result<Self, SiretMistake> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 14 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SiretMistake::Length);
        }
        let values = || digits.bytes().rev().map(|b| u32::from(b - b'0'));
        let luhn: u32 = values()
            .enumerate()
            .map(|(at, digit)| match (at % 2, digit * 2) {
                (0, _) => digit,
                (_, doubled) if doubled > 9 => doubled - 9,
                (_, doubled) => doubled,
            })
            .sum();
        let plain: u32 = values().sum();
        let fits =
            luhn.is_multiple_of(10) || (digits.starts_with(LA_POSTE) && plain.is_multiple_of(5));
        if fits {
            Ok(Self(digits))
        } else {
            Err(SiretMistake::CheckDigit)
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_numbers_pass_and_slips_of_the_pen_do_not() {
        // The digital directorate's own, and a post office's.
        assert!(Siret::parse("130 025 265 00013").is_ok());
        assert!(Siret::parse("35600000049837").is_ok());
        assert_eq!(
            Siret::parse("13002526500031"),
            Err(SiretMistake::CheckDigit)
        );
        assert_eq!(
            Siret::parse("13002526500014"),
            Err(SiretMistake::CheckDigit)
        );
        assert_eq!(Siret::parse("1300252650001"), Err(SiretMistake::Length));
        assert_eq!(Siret::parse("1300252650001٣"), Err(SiretMistake::Length));
        assert_eq!(Siret::parse(""), Err(SiretMistake::Length));
    }
}
