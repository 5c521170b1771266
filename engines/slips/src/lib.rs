//! Slips: how far estimates have moved from their baselines, one by one and together, and what
//! moved the published mean.
//!
//! Everything here is arithmetic on pairs of integers (cents, days). The formula is versioned: a
//! change of any definition below is a new [`FORMULA_VERSION`], shown as a break in every series.

mod cohort;
mod summary;

pub use cohort::{Decomposition, decompose};
pub use summary::{Summary, percentile, slip_rate, summarise};

/// The version of the definitions in this crate.
pub const FORMULA_VERSION: &str = "slip-1";
