//! Sign-in on both databases, through HTTP as browsers and services use it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod attacks;
mod conformance;
mod flows;
mod keyed;
mod operating;
mod relying_party;
mod second_factor;
mod words;
mod world;
