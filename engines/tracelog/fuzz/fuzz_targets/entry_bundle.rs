//! A sound bundle is written as it was; other bytes end the entries.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracelog::{EntryBundle, push_entry};

fuzz_target!(|bytes: &[u8]| {
    let mut bundle = EntryBundle::new(bytes);
    let entries: Vec<&[u8]> = bundle.by_ref().collect();
    if bundle.is_whole() {
        let mut written = Vec::new();
        for entry in entries {
            push_entry(&mut written, entry).expect("it fitted before");
        }
        assert_eq!(written, bytes);
    }
});
