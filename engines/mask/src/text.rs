//! Texts between quotes, RFC 8259 section 7, byte by byte: escapes whole, surrogates in pairs, UTF-8
//! without overlong forms (Unicode, table 3-7).

/// What of a text was read, behind its opening quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// Between two characters.
    Plain,
    /// A backslash.
    Escape,
    /// Digits of `\u`: how many, their value, and the high surrogate that came before.
    Hex { digits: u8, value: u16, high: u16 },
    /// A high surrogate, behind which its backslash must stand.
    High(u16),
    /// The same and its backslash.
    HighEscape(u16),
    /// Within a character of several bytes: how many are left, and what the next one may be.
    Bytes { left: u8, low: u8, high: u8 },
}

/// What a byte does to a text.
pub(crate) enum Step {
    /// It belongs to it and gives nothing by itself.
    Goes(Text),
    /// It belongs to it and is one byte of its value.
    Byte(Text, u8),
    /// It ends an escape, which gives this character.
    Character(char),
    /// It closes the text.
    Ends,
    /// It may not stand there.
    Wrong,
}

/// Whether a byte stands for itself.
fn is_plain(byte: u8) -> bool {
    (0x20..0x80).contains(&byte) && byte != b'"' && byte != b'\\'
}

/// How many bytes stand for themselves before one that doesn't. Eight are looked at together.
pub(crate) fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;
    // The high bit of the first byte below `limit`, and maybe of later ones; no byte has it before.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGHS;
    let equal = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut run = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let other = below(word, 0x20) | equal(word, b'"') | equal(word, b'\\') | (word & HIGHS);
        if other != 0 {
            return run + other.trailing_zeros() as usize / 8;
        }
        run += 8;
    }
    let last = rest.iter().take_while(|byte| is_plain(**byte)).count();
    run + last
}

impl Text {
    pub(crate) fn step(self, byte: u8) -> Step {
        match self {
            Self::Plain => plain(byte),
            Self::Escape => escape(byte),
            Self::Hex {
                digits,
                value,
                high,
            } => hex(digits, value, high, byte),
            Self::High(high) if byte == b'\\' => Step::Goes(Self::HighEscape(high)),
            Self::HighEscape(high) if byte == b'u' => Step::Goes(Self::Hex {
                digits: 0,
                value: 0,
                high,
            }),
            Self::High(_) | Self::HighEscape(_) => Step::Wrong,
            Self::Bytes { left, low, high } => {
                if !(low..=high).contains(&byte) {
                    return Step::Wrong;
                }
                let next = match left {
                    1 => Self::Plain,
                    _ => Self::Bytes {
                        left: left - 1,
                        low: 0x80,
                        high: 0xBF,
                    },
                };
                Step::Byte(next, byte)
            }
        }
    }
}

fn plain(byte: u8) -> Step {
    let bytes = |left, low, high| Step::Byte(Text::Bytes { left, low, high }, byte);
    match byte {
        b'"' => Step::Ends,
        b'\\' => Step::Goes(Text::Escape),
        0x20..=0x7F => Step::Byte(Text::Plain, byte),
        0xC2..=0xDF => bytes(1, 0x80, 0xBF),
        0xE0 => bytes(2, 0xA0, 0xBF),
        0xED => bytes(2, 0x80, 0x9F),
        0xE1..=0xEF => bytes(2, 0x80, 0xBF),
        0xF0 => bytes(3, 0x90, 0xBF),
        0xF1..=0xF3 => bytes(3, 0x80, 0xBF),
        0xF4 => bytes(3, 0x80, 0x8F),
        _ => Step::Wrong,
    }
}

fn escape(byte: u8) -> Step {
    let character = match byte {
        b'"' | b'\\' | b'/' => char::from(byte),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            return Step::Goes(Text::Hex {
                digits: 0,
                value: 0,
                high: 0,
            });
        }
        _ => return Step::Wrong,
    };
    Step::Character(character)
}

fn hex(digits: u8, value: u16, high: u16, byte: u8) -> Step {
    let Some(digit) = char::from(byte).to_digit(16) else {
        return Step::Wrong;
    };
    let value = (value << 4) | digit as u16;
    if digits < 3 {
        return Step::Goes(Text::Hex {
            digits: digits + 1,
            value,
            high,
        });
    }
    match (high, value) {
        (0, 0xD800..=0xDBFF) => Step::Goes(Text::High(value)),
        (0, _) => char::from_u32(u32::from(value)).map_or(Step::Wrong, Step::Character),
        (high, 0xDC00..=0xDFFF) => {
            let pair = 0x1_0000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(value) - 0xDC00);
            char::from_u32(pair).map_or(Step::Wrong, Step::Character)
        }
        _ => Step::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_run_ends_where_the_first_byte_stands_for_something_else(
            bytes in prop::collection::vec(prop_oneof![
                8 => 0x20_u8..0x7f, 1 => prop::sample::select(&b"\"\\\x00\x1f\x20\x7f\x80\xff"[..]), 1 => any::<u8>(),
            ], 0..60),
        ) {
            let alone = bytes.iter().take_while(|byte| is_plain(**byte)).count();
            prop_assert_eq!(plain_run(&bytes), alone);
        }
    }
}
