//! Any bytes, cut anywhere: the filter never panics, says the same however the text is cut, and what
//! it lets through is JSON that another reader takes.
//!
//! `cargo +nightly fuzz run mask -- -max_total_time=60` in `engines/mask`.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use mask::{Fields, Mask};

fn masked(fields: &Arc<Fields>, text: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut mask = Mask::new(fields.clone());
    let mut out = Vec::new();
    for chunk in text.chunks(size) {
        mask.push(chunk, &mut out).ok()?;
    }
    mask.finish(&mut out).ok()?;
    Some(out)
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, text) = input;
    for fields in [
        Fields::all(),
        Fields::new(["a", "b.*.c", "*.a"]).expect("these are paths"),
    ] {
        let fields = Arc::new(fields);
        let whole = masked(&fields, text, text.len().max(1));
        assert_eq!(whole, masked(&fields, text, usize::from(size).max(1)));
        if let Some(out) = whole {
            let read = serde_json::from_slice::<serde_json::Value>(&out);
            assert!(read.is_ok() || read.is_err_and(|error| error.to_string().contains("range")));
        }
    }
});
