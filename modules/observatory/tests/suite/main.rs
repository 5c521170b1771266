//! The observatory on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod acts;
mod editions;
mod pages;
mod reviews;
mod statements;
mod words;
mod world;
