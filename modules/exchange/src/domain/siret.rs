//! SIRET numbers: nine digits of SIREN, five of establishment, the last one checking.

/// La Poste numbers its post offices so that the digits' plain sum is a multiple of five.
const LA_POSTE: &str = "356000000";

/// The fourteen digits of a SIRET whose check digit is right; blanks are ignored. The check is
/// Luhn's (ISO/IEC 7812-1), except for the establishments of La Poste (INSEE's exception).
pub fn siret(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 14 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
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
    let fits = luhn.is_multiple_of(10) || (digits.starts_with(LA_POSTE) && plain.is_multiple_of(5));
    fits.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_found() {
        assert!(siret("130 025 265 00013").is_some());
        assert!(siret("35600000049837").is_some());
        for wrong in [
            "13002526500031",
            "13002526500014",
            "1300252650001",
            "",
            "1300252650001٣",
        ] {
            assert_eq!(siret(wrong), None, "{wrong}");
        }
    }
}
