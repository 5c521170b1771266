//! Steering.

pub mod domain;
