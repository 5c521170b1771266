//! Exact decimals: what is measured is told as it was written, and money is never a float.

use serde::{Serialize, Serializer};
use tabular::Cell;

/// Decimals that are kept.
pub const DECIMALS: u32 = 6;
const SCALE: i64 = 10_i64.pow(DECIMALS);
/// Largest whole part: a thousand billion.
const WHOLE_MAX: i64 = 1_000_000_000_000;

/// A decimal with at most six decimals, from −10¹² to 10¹².
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(i64);

/// Why a text is no quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// It isn't a decimal number.
    #[error("not a decimal number")]
    NotANumber,
    /// It has more than six decimals.
    #[error("more than six decimals")]
    TooFine,
    /// It lies outside −10¹² to 10¹².
    #[error("beyond a thousand billion")]
    TooLarge,
}

impl Quantity {
    /// From millionths; `None` beyond the limits.
    pub fn of_millionths(millionths: i64) -> Option<Self> {
        (millionths.unsigned_abs() <= (WHOLE_MAX * SCALE).unsigned_abs())
            .then_some(Self(millionths))
    }

    /// From a whole number; `None` beyond the limits.
    pub fn whole(number: i64) -> Option<Self> {
        Self::of_millionths(number.checked_mul(SCALE)?)
    }

    /// Millionths of the unit.
    pub fn millionths(self) -> i64 {
        self.0
    }

    /// The nearest float, for statistics and pictures only.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / SCALE as f64
    }

    /// Whether it is a whole number of hundredths: an amount in euros is.
    pub fn is_cents(self) -> bool {
        self.0 % (SCALE / 100) == 0
    }

    /// Reads what a person typed: comma or point as the decimal mark, blanks between groups.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let text = text.trim();
        let known = |c: char| {
            c.is_ascii_digit()
                || c.is_whitespace()
                || matches!(c, ',' | '.' | '-' | '+' | '\'' | '−')
        };
        if !text.chars().any(|c| c.is_ascii_digit()) || !text.chars().all(known) {
            return Err(QuantityError::NotANumber);
        }
        let fraction = text.rsplit_once([',', '.']).map_or("", |(_, after)| after);
        if fraction.trim_end_matches('0').chars().count() > DECIMALS as usize {
            return Err(QuantityError::TooFine);
        }
        let digits = text.chars().filter(char::is_ascii_digit).count();
        if digits > 13 + DECIMALS as usize {
            return Err(QuantityError::TooLarge);
        }
        // Never through a float: texts are read digit by digit.
        match tabular::amount_cents(&Cell::Text(text.to_owned()), SCALE) {
            Some(millionths) => Self::of_millionths(millionths).ok_or(QuantityError::TooLarge),
            None if digits > 12 => Err(QuantityError::TooLarge),
            None => Err(QuantityError::NotANumber),
        }
    }

    /// Reads a cell of a table. A number of a spreadsheet is binary: what lies beyond the sixth
    /// decimal is what binary adds, and is rounded away.
    pub fn of_cell(cell: &Cell) -> Result<Self, QuantityError> {
        match cell {
            Cell::Text(text) => Self::parse(text),
            Cell::Number(number) if number.is_finite() => Self::parse(&format!("{number:.6}")),
            Cell::Number(_) | Cell::Date(_) => Err(QuantityError::NotANumber),
        }
    }

    /// Whole part and decimals without trailing zeros, without sign.
    pub fn parts(self) -> (u64, String) {
        let (scale, size) = (SCALE.unsigned_abs(), self.0.unsigned_abs());
        let decimals = format!("{:06}", size % scale);
        (size / scale, decimals.trim_end_matches('0').to_owned())
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }
}

/// As programs read it: `-1234.5`.
impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        match self.parts() {
            (whole, decimals) if decimals.is_empty() => write!(f, "{sign}{whole}"),
            (whole, decimals) => write!(f, "{sign}{whole}.{decimals}"),
        }
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<String, QuantityError> {
        Quantity::parse(text).map(|quantity| quantity.to_string())
    }

    #[test]
    fn what_people_type_is_read_exactly() {
        for (typed, is) in [
            ("12", "12"),
            ("12,5", "12.5"),
            ("1\u{202f}234,50", "1234.5"),
            ("1.234.567", "1234567"),
            ("1,234,567.25", "1234567.25"),
            ("-0,000001", "-0.000001"),
            ("\u{2212}3", "-3"),
            ("1000000000000", "1000000000000"),
            ("0,1000000", "0.1"),
        ] {
            assert_eq!(read(typed).as_deref(), Ok(is), "{typed}");
        }
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        use QuantityError::{NotANumber, TooFine, TooLarge};
        for (typed, why) in [
            ("", NotANumber),
            ("douze", NotANumber),
            ("NaN", NotANumber),
            ("inf", NotANumber),
            ("1e3", NotANumber),
            ("3 M€", NotANumber),
            ("1,2,3", NotANumber),
            ("0,0000001", TooFine),
            ("1000000000001", TooLarge),
            ("99999999999999999999999", TooLarge),
        ] {
            assert_eq!(read(typed), Err(why), "{typed}");
        }
        for number in [f64::NAN, f64::INFINITY] {
            assert_eq!(Quantity::of_cell(&Cell::Number(number)), Err(NotANumber));
        }
        // What binary adds to 52.3.
        let cell = Quantity::of_cell(&Cell::Number(52.300_000_000_000_004));
        assert_eq!(cell.map(|q| q.to_string()).as_deref(), Ok("52.3"));
    }

    #[test]
    fn euros_are_cents() {
        assert!(Quantity::parse("12,34").unwrap().is_cents());
        assert!(!Quantity::parse("12,345").unwrap().is_cents());
    }

    proptest! {
        #[test]
        fn a_quantity_comes_back_as_it_went(
            millionths in -WHOLE_MAX * SCALE..=WHOLE_MAX * SCALE,
        ) {
            let quantity = Quantity::of_millionths(millionths).unwrap();
            prop_assert_eq!(Quantity::parse(&quantity.to_string()), Ok(quantity));
        }

        #[test]
        fn no_text_finds_a_panic(text in ".{0,40}") {
            let _ = Quantity::parse(&text);
        }
    }
}
