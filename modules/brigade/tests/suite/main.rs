//! The brigade on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod attacks;
mod missions;
mod others;
mod pages;
mod requests;
mod words;
mod world;
