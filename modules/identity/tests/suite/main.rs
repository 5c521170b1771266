//! Sign-in on both databases, through HTTP as browsers and services use it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod attacks;
mod broker;
mod certificates;
mod conformance;
mod devices;
mod fapi2;
mod flows;
mod keyed;
mod logout;
mod operating;
mod provider;
mod relying_party;
mod remote;
mod replays;
mod resources;
mod responses;
mod table;
mod words;
mod world;
