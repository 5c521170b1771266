//! Time, randomness and identifiers, handed to the rest of the house as a parameter.
//!
//! Nothing else in the workspace reads a clock or draws randomness: `clippy.toml` bans it. A test
//! passes [`Source::fixed`] and gets the same instants, ids and tokens at every run.

mod source;

pub use source::{Clock, FixedClock, PARIS, Randomness, Source, SystemClock};
