//! The gateway on real connections, with a producer that answers whatever a test wants.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod attacks_by_callers;
mod attacks_by_producers;
mod attacks_on_the_wire;
mod behalf;
mod calls;
mod control;
mod proofs;
mod reports;
mod snapshots;
mod support;
mod tls;
mod tokens;
mod traces;
