//! Time, randomness and identifiers, handed to the rest of the house as a parameter; and the
//! deadlines that French law counts in it.
//!
//! Nothing else in the workspace reads a clock or draws randomness: `clippy.toml` bans it. A test
//! passes [`Source::fixed`] and gets the same instants, ids and tokens at every run.
//!
//! Deadlines read no clock: [`deadline`] and [`LegalClock`] are arithmetic on civil dates, those of
//! [`Source::today`].

mod days;
mod error;
mod holidays;
mod legal;
mod source;
mod suspension;

pub use days::{
    add_working_days, is_open_day, is_working_day, next_working_day, working_days_between,
};
pub use error::{ClockError, LegalError};
pub use holidays::{
    Holiday, HolidayKind, Territory, YEAR_MAX, YEAR_MIN, easter_sunday, holidays, is_holiday,
};
pub use legal::{Computation, DAYS_MAX, Extension, Period, deadline};
pub use source::{Clock, FixedClock, PARIS, Randomness, Source, SystemClock, day_in_paris};
pub use suspension::{ClockEvent, ClockState, LegalClock};
