//! Sign-in on both databases, through HTTP as browsers and services use it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod attacks;
mod broker;
mod broker_logout;
mod citizen_attacks;
mod citizens;
mod conformance;
mod flows;
mod keyed;
mod mocks;
mod operating;
mod operating_providers;
mod provider;
mod relying_party;
mod second_factor;
mod upstream_attacks;
mod words;
mod world;
