//! Steering on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod acts;
mod attacks;
mod conference_pages;
mod conference_world;
mod conferences;
mod decisions;
mod pages;
mod recommendations;
mod reviews;
mod watch;
mod words;
mod world;
