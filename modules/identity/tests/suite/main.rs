//! Sign-in on both databases, through HTTP as browsers and services use it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod attacks;
mod broker;
mod broker_logout;
mod conformance;
mod flows;
mod keyed;
mod operating;
mod provider;
mod relying_party;
mod upstream_attacks;
mod words;
mod world;
