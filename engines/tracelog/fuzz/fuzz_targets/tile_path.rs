//! A text that is taken as the path of a tile is the one text of that tile.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracelog::TilePath;

fuzz_target!(|text: &str| {
    if let Ok(path) = text.parse::<TilePath>() {
        assert_eq!(path.to_string(), text);
    }
});
