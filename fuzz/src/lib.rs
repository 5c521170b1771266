//! What must hold of each parser that strangers reach, whatever the bytes: no panic, no endless work,
//! and that what is read is written as it was.
//!
//! Each target is one function. `cargo test -p fuzz` gives it changed seeds for a short bounded time
//! with the house's compiler; `fuzz/libfuzzer` gives the same functions to cargo-fuzz
//! ([why](../../docs/decisions/0011-fuzzing.md)).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a finding is a panic

mod gateway_calls;
mod log;
mod mutate;
mod tables;
mod tokens;

pub use mutate::Mutator;

/// A parser and what must hold of it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: that of its folder of seeds and of its binary for cargo-fuzz.
    pub name: &'static str,
    /// Panics when something doesn't hold of these bytes.
    pub check: fn(&[u8]),
    /// Words of its language, for changes that mean something.
    pub words: &'static [&'static str],
}

/// Every target.
pub const TARGETS: &[Target] = &[
    log::NOTE,
    log::CHECKPOINT,
    log::PROOF,
    log::TILE_PATH,
    log::ENTRIES,
    tokens::JWS,
    tokens::JWE,
    tokens::KEYS,
    tokens::DPOP,
    gateway_calls::REQUEST,
    gateway_calls::SNAPSHOT,
    tables::MASK,
    tables::TABLE,
];

/// Checks bytes against the target of a name.
///
/// # Panics
///
/// When something doesn't hold, and when no target is called so.
pub fn check(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of this name").check)(bytes);
}

fn text(bytes: &[u8]) -> &str {
    // The beginning that is a text: most of a changed seed still is.
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// A number from the first bytes, and the rest.
fn number(bytes: &[u8]) -> (u64, &[u8]) {
    match bytes.split_first_chunk::<8>() {
        Some((first, rest)) => (u64::from_be_bytes(*first), rest),
        None => (bytes.len() as u64, &[]),
    }
}
