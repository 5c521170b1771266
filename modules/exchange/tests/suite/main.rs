//! The exchange on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod accreditations;
mod alerts;
mod attacks;
mod behalf;
mod catalogue;
mod citizen_world;
mod citizens;
mod contests;
mod flows;
mod gateways;
mod notices;
mod pages;
mod programs;
mod proofs;
mod reach;
mod rules;
mod snapshot;
mod stops;
mod traces;
mod trials;
mod usage;
mod uses;
mod words;
mod world;
