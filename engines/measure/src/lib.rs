//! Measured series: where a value should stand on its way to a target, how sure a reading is, how a
//! series moves, and what changed between two periods, with or without something to compare with.
//!
//! Everything here is arithmetic on numbers and days. Where too few values are known the answer is
//! [`TooLittle`], never a number with a false air of certainty. The formulas are versioned: a change
//! of any definition below is a new [`FORMULA_VERSION`].

mod compare;
mod path;
mod student;
mod trend;

pub use compare::{Effect, before_after, difference_in_differences};
pub use path::Path;
pub use student::Interval;
pub use trend::{Point, Trend, trend};

/// The version of the definitions in this crate.
pub const FORMULA_VERSION: &str = "measure-1";

/// Fewest values of one period of one group from which a comparison is computed: with two, one odd
/// value decides everything.
pub const VALUES_MIN: usize = 3;
/// Fewest points from which a trend is computed: with three, one degree of freedom is left and the
/// interval says nothing.
pub const POINTS_MIN: usize = 4;

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TooLittle {
    /// Fewer values than are needed.
    Values,
    /// The values don't vary, so that nothing tells how sure they are.
    Spread,
    /// A value isn't a finite number.
    NotFinite,
}

impl TooLittle {
    /// Its name in addresses, files and keys of words.
    pub fn code(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Spread => "spread",
            Self::NotFinite => "not-finite",
        }
    }
}
