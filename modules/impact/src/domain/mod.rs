//! Promises, figures and what they say: pure.

mod comparing;
pub mod form;
pub mod import;
mod indicator;
mod mistake;
pub mod observation;
pub mod poll;
mod quantity;
mod rhythm;
mod series;
mod standing;

pub use comparing::{Comparison, compare};
pub use indicator::{Description, Indicator, Level, Origin, Promise};
pub use mistake::Mistake;
pub(crate) use observation::day_of;
pub use observation::{Figure, Observation, Quality};
pub use quantity::{DECIMALS, Quantity, QuantityError};
pub use rhythm::Rhythm;
pub use series::{Gap, Reading, gaps, read};
pub use standing::{Doubt, Met, Verdict, doubts, judge, standing};

use jiff::civil::Date;

/// Days since 1970, as the path to a target counts them.
pub(crate) fn day_number(date: Date) -> i64 {
    let origin = jiff::civil::date(1970, 1, 1);
    i64::from((date - origin).get_days())
}
