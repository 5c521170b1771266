//! Sign-in on both databases, through HTTP as browsers and services use it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod accredited;
mod attacks;
mod broker;
mod broker_logout;
mod certificates;
mod citizen_attacks;
mod citizen_world;
mod citizens;
mod conformance;
mod devices;
mod fapi2;
mod flows;
mod keyed;
mod logout;
mod mocks;
mod on_behalf;
mod operating;
mod operating_providers;
mod provider;
mod relying_party;
mod remote;
mod replays;
mod resources;
mod responses;
mod second_factor;
mod table;
mod upstream_attacks;
mod words;
mod world;
