//! Contracts and funds on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod contracts;
mod funds;
mod pages;
mod tranches;
mod words;
mod world;
