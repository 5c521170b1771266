//! SIRET numbers.

/// La Poste numbers its post offices so that the digits' plain sum is a multiple of five.
const LA_POSTE: &str = "356000000";

/// Whether a text is a SIRET number: 14 digits without blanks, the last one checking (Luhn, ISO/IEC
/// 7812-1, but for the establishments of La Poste).
pub fn is_siret(text: &str) -> bool {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let digits = || text.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let luhn: u32 = digits()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    let plain: u32 = digits().sum();
    luhn.is_multiple_of(10) || (text.starts_with(LA_POSTE) && plain.is_multiple_of(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_checks() {
        assert!(is_siret("13002526500013"));
        assert!(is_siret("35600000000048"), "La Poste");
        for wrong in [
            "13002526500014",
            "31002526500013",
            "1300252650001",
            "130 025 265 00013",
            "",
            "1300252650001é",
        ] {
            assert!(!is_siret(wrong), "{wrong}");
        }
    }
}
