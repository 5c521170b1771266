//! Recovery codes: for whoever has lost the telephone.

/// How many an account has.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of one: 80 bits, which nobody finds from a hash. A slow hash would add nothing.
pub const RECOVERY_BYTES: usize = 10;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base 32 (RFC 4648 section 6) without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits) & 31) as usize]));
    }
    text
}

/// A code as it is shown: four groups of four letters and digits.
pub fn recovery_code(random: [u8; RECOVERY_BYTES]) -> String {
    let text = base32(&random);
    let groups: Vec<&str> = (0..4)
        .map(|group| &text[group * 4..group * 4 + 4])
        .collect();
    groups.join("-")
}

/// A code as it is compared, from what was typed: case, blanks and hyphens don't matter. `None`
/// when it can't be one.
pub fn typed_recovery_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(17)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let is_code = code.len() == 16 && code.bytes().all(|byte| ALPHABET.contains(&byte));
    is_code.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648 section 10.
    #[test]
    fn base_32_is_the_standards() {
        for (bytes, wanted) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), wanted);
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let shown = recovery_code([0xff; 10]);
        assert_eq!(shown, "7777-7777-7777-7777");
        let code = recovery_code(*b"abcdefghij");
        let wanted = code.replace('-', "");
        for typed in [code.clone(), code.to_lowercase(), code.replace('-', "  ")] {
            assert_eq!(typed_recovery_code(&typed), Some(wanted.clone()));
        }
        for wrong in [
            "",
            "7777-7777-7777",
            "7777-7777-7777-77771",
            "1777-7777-7777-7777",
            "é",
        ] {
            assert_eq!(typed_recovery_code(wrong), None, "{wrong}");
        }
    }
}
