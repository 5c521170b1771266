//! Sign-in on both databases, through HTTP as browsers and services use it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod attacks;
mod broker;
mod citizen_attacks;
mod citizens;
mod conformance;
mod flows;
mod keyed;
mod mocks;
mod operating;
mod provider;
mod relying_party;
mod words;
mod world;
