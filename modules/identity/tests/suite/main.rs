//! Sign-in on both databases, through HTTP as browsers and services use it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod attacks;
mod broker;
mod broker_logout;
mod conformance;
mod flows;
mod keyed;
mod operating;
mod operating_providers;
mod provider;
mod relying_party;
mod second_factor;
mod upstream_attacks;
mod words;
mod world;
