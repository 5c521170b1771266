//! Decimals and amounts as people write them, read digit by digit: nothing passes through a float.

use serde::{Deserialize, Serialize};
use tabular::Cell;

const SCALE: i64 = 1_000_000;
/// Largest whole part of a decimal: a thousand billion.
const WHOLE_MAX: i64 = 1_000_000_000_000;
/// Largest amount: a thousand billion euros, in cents.
const CENTS_MAX: i64 = 100_000_000_000_000;

/// A decimal from 0 to 10¹² with at most six decimals, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decimal(pub i64);

/// Whether a text holds digits and what stands between them only.
fn is_plain(text: &str) -> bool {
    let known = |c: char| {
        c.is_ascii_digit() || c.is_whitespace() || matches!(c, ',' | '.' | '\'' | '\u{202f}')
    };
    text.chars().any(|c| c.is_ascii_digit()) && text.chars().all(known)
}

/// The digits after the last mark.
fn decimals(text: &str) -> usize {
    let fraction = text
        .rsplit_once([',', '.'])
        .map_or("", |(_, after)| after.trim());
    fraction.trim_end_matches('0').chars().count()
}

impl Decimal {
    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self(number.saturating_mul(SCALE))
    }

    /// Reads what a person typed; `None` when it isn't such a decimal.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if !is_plain(text) || decimals(text) > 6 {
            return None;
        }
        let millionths = tabular::amount_cents(&Cell::Text(text.to_owned()), SCALE)?;
        (0..=WHOLE_MAX * SCALE)
            .contains(&millionths)
            .then_some(Self(millionths))
    }

    /// Reads a cell; what binary adds beyond the sixth decimal is rounded away.
    pub fn of_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Text(text) => Self::parse(text),
            Cell::Number(number) if number.is_finite() => Self::parse(&format!("{number:.6}")),
            Cell::Number(_) | Cell::Date(_) => None,
        }
    }

    /// In units of a part of it: 100 gives cents, 10 000 basis points of one; `None` when something
    /// is left below it.
    pub fn in_parts(self, of_one: i64) -> Option<i64> {
        let exact = i128::from(self.0) * i128::from(of_one);
        (exact % i128::from(SCALE) == 0).then(|| i64::try_from(exact / i128::from(SCALE)).ok())?
    }
}

/// As programs read it: `1234.5`.
impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, part) = (self.0 / SCALE, self.0 % SCALE);
        let part = format!("{part:06}");
        match part.trim_end_matches('0') {
            "" => write!(f, "{whole}"),
            part => write!(f, "{whole}.{part}"),
        }
    }
}

/// Reads an amount in euros of at most a thousand billion, 0 or more, `k€` and `M€` understood. The
/// error is the key of its words: another currency, more than two decimals, or no amount.
pub fn amount_cents(cell: &Cell) -> Result<i64, &'static str> {
    let text = match cell {
        Cell::Number(number) if number.is_finite() && *number >= 0.0 => format!("{number:.2}"),
        Cell::Number(number) if *number < 0.0 => return Err("costs-mistake-negative"),
        Cell::Number(_) | Cell::Date(_) => return Err("costs-mistake-amount"),
        Cell::Text(text) => text.trim().to_owned(),
    };
    if text.starts_with(['-', '\u{2212}']) {
        return Err("costs-mistake-negative");
    }
    let lower = text.to_lowercase();
    let known = ["m€", "k€", "€", "meur", "keur", "eur", "euros", "euro"];
    let unit = known.into_iter().find(|unit| lower.ends_with(unit));
    let digits = unit.map_or(lower.as_str(), |unit| &lower[..lower.len() - unit.len()]);
    if !is_plain(digits) {
        let is_other = text.chars().any(|c| c.is_ascii_digit())
            && text
                .chars()
                .any(|c| c.is_alphabetic() || matches!(c, '$' | '£' | '¥' | '₣' | '€'));
        return Err(if is_other {
            "costs-mistake-currency"
        } else {
            "costs-mistake-amount"
        });
    }
    let scale = match unit {
        Some("m€" | "meur") => 100_000_000,
        Some("k€" | "keur") => 100_000,
        _ => 100,
    };
    let finest = if scale == 100 { 2 } else { 8 };
    if decimals(digits) > finest {
        return Err("costs-mistake-decimals");
    }
    tabular::amount_cents(&Cell::Text(digits.to_owned()), scale)
        .filter(|cents| (0..=CENTS_MAX).contains(cents))
        .ok_or("costs-mistake-amount")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cents(text: &str) -> Result<i64, &'static str> {
        amount_cents(&Cell::Text(text.to_owned()))
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, is) in [
            ("12", 1_200),
            ("1 234,5", 123_450),
            ("1\u{202f}234,50 €", 123_450),
            ("12,3 M€", 1_230_000_000),
            ("0,5 k€", 50_000),
            ("100 EUR", 10_000),
            ("1,234,567.25", 123_456_725),
            ("0", 0),
        ] {
            assert_eq!(cents(text), Ok(is), "{text}");
        }
        assert_eq!(amount_cents(&Cell::Number(52.3)), Ok(5_230));
    }

    #[test]
    fn amounts_in_several_currencies_are_refused() {
        for text in ["12 $", "12 USD", "£12", "12 CHF", "12 francs", "$12", "¥1"] {
            assert_eq!(cents(text), Err("costs-mistake-currency"), "{text}");
        }
        assert_eq!(cents("beaucoup"), Err("costs-mistake-amount"));
        assert_eq!(cents("-3"), Err("costs-mistake-negative"));
        assert_eq!(cents("1,2345"), Err("costs-mistake-decimals"));
        assert_eq!(cents("1000000000001"), Err("costs-mistake-amount"));
    }

    #[test]
    fn decimals_become_whole_parts_or_nothing() {
        assert_eq!(Decimal::parse("2,5").unwrap().in_parts(100), Some(250));
        assert_eq!(Decimal::parse("2,555").unwrap().in_parts(100), None);
        for wrong in ["", "x", "-1", "1e3", "1000000000001", "0,0000001"] {
            assert_eq!(Decimal::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_decimal_comes_back(millionths in 0..=WHOLE_MAX * SCALE) {
            let decimal = Decimal(millionths);
            prop_assert_eq!(Decimal::parse(&decimal.to_string()), Some(decimal));
        }

        #[test]
        fn no_text_finds_a_panic(text in ".{0,30}") {
            let _ = (Decimal::parse(&text), cents(&text));
        }
    }
}
