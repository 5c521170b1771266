//! Impact on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod automatic;
mod gate;
mod indicators;
mod observations;
mod support;
