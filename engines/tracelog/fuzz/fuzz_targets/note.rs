//! A note that is read is written as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracelog::{Note, Verifier};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        let written = note.to_string();
        assert_eq!(Note::parse(written.as_bytes()), Ok(note));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(key) = text.parse::<Verifier>()
    {
        assert_eq!(key.to_string(), text);
    }
});
