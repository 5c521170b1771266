//! Sign-in on both databases, through HTTP as browsers and services use it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod attacks;
mod broker;
mod conformance;
mod flows;
mod keyed;
mod operating;
mod provider;
mod relying_party;
mod resources;
mod words;
mod world;
