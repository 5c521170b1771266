//! The exchange on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod accreditations;
mod attacks;
mod catalogue;
mod gateways;
mod notices;
mod pages;
mod snapshot;
mod stops;
mod traces;
mod trials;
mod usage;
mod uses;
mod words;
mod world;
