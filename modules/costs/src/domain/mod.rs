//! Costs, assumptions and what they say: pure.

pub mod calculator;
mod content;
mod decimal;
pub mod form;
mod kind;
mod mistake;
pub mod publication;
pub mod tables;

pub use content::{Assumption, Beside, Content, Count, CountOf, Drives, Line, Moved, Summary};
pub use decimal::{Decimal, amount_cents};
pub use kind::Kind;
pub use mistake::Mistake;

/// From how many cents a product's cost must be recent: 9 M€, the threshold of article 3.
pub const LARGE_CENTS: i64 = 900_000_000;

/// The day before which a version made on it is older than twelve months.
pub fn stale_before(today: jiff::civil::Date) -> jiff::civil::Date {
    use jiff::ToSpan as _;
    today.saturating_sub(12.months())
}
