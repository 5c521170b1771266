//! Costs over a product's whole life, agents against contractors, and what moves the answer.
//!
//! Money is whole cents (`i64`), rates are basis points (10 000 = 100 %). Everything is integer
//! arithmetic in 128 bits: no float takes part. **Rounding**: an amount is rounded to the cent once,
//! halves away from zero, where a part of one year is known; sums are sums of rounded parts, so that
//! what a table shows adds up exactly. Growth and discounting keep nine digits below the cent and cut
//! what lies below them, then round. Each step grows with what it is given, so that more cost never
//! lowers a total.
//!
//! A function gives `None` when a number leaves its limits or 64 bits.

mod comparison;
mod sensitivity;
mod whole_life;

pub use comparison::{Answer, Comparison, Input, Inputs, PARTS, PartCost, compare};
pub use sensitivity::{Range, Swing, swing};
pub use whole_life::{Cost, DISCOUNT_BP_MAX, WholeLife, YEARS_MAX, per, proportion, whole_life};

/// The version of the definitions in this crate: results of different versions don't compare.
pub const FORMULA_VERSION: &str = "ownership-1";

/// Digits that growth and discounting keep below the cent.
const FINE: i128 = 1_000_000_000;
/// Basis points of one.
const ONE_BP: i128 = 10_000;

/// A quotient of which the divisor is above zero, rounded to the nearest, halves away from zero.
fn rounded(dividend: i128, divisor: i128) -> Option<i64> {
    let half = divisor / 2;
    let moved = if dividend < 0 {
        dividend.checked_sub(half)?
    } else {
        dividend.checked_add(half)?
    };
    i64::try_from(moved / divisor).ok()
}

/// An amount after some years at a yearly rate: `years` times multiplied by 1 + rate, fine.
fn grown(fine: i128, growth_bp: i64, years: u32) -> Option<i128> {
    (0..years).try_fold(fine, |fine, _| {
        Some(fine.checked_mul(ONE_BP + i128::from(growth_bp))? / ONE_BP)
    })
}

/// An amount of some years ahead as it counts today: `years` times divided by 1 + rate. At 0 % it is
/// the amount itself.
fn discounted(cents: i64, rate_bp: i64, years: u32) -> Option<i64> {
    let fine = i128::from(cents) * FINE;
    let fine = (0..years).try_fold(fine, |fine, _| {
        Some(fine.checked_mul(ONE_BP)? / (ONE_BP + i128::from(rate_bp)))
    })?;
    rounded(fine, FINE)
}
