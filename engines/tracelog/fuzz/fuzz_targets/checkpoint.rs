//! A checkpoint that is read is written as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracelog::Checkpoint;

fuzz_target!(|text: &str| {
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_string(), text);
    }
});
