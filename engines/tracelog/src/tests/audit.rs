//! A whole log is read, and the first wrong place is named.

use super::{Shelf, entries};
use crate::{Breach, TilePath, audit};

fn audited(shelf: &Shelf, whole: &Shelf, with_entries: bool) -> Result<(), Breach<String>> {
    let read = |path: &TilePath| {
        let found = shelf.tiles.get(&path.to_string());
        found.cloned().ok_or_else(|| "absent".to_owned())
    };
    audit(whole.size, &whole.root(), with_entries, &read).map(drop)
}

#[test]
fn a_sound_log_is_read_whole() {
    for size in [0, 1, 255, 256, 257, 66_000] {
        let shelf = Shelf::of(&entries(size), size);
        let read = |path: &TilePath| shelf.tile(path);
        let done = audit(shelf.size, &shelf.root(), true, &read).unwrap();
        assert_eq!(done.entries, size as u64);
    }
}

#[test]
fn a_flipped_bit_in_any_tile_is_named_by_position() {
    let whole = Shelf::of(&entries(66_000), 66_000);
    for (path, byte, told) in [
        (
            "tile/0/007",
            17 * 32 + 3,
            "tile/0/007 (entries 1792 to 2047) isn't what the root was made of: its hash number 17 is wrong",
        ),
        (
            "tile/0/257.p/208",
            207 * 32,
            "tile/0/257.p/208 (entries 65792 to 65999) isn't what the root was made of: its hash number 207 is wrong",
        ),
        (
            "tile/1/000",
            200 * 32,
            "tile/1/000 (entries 0 to 65535) isn't what the root was made of: its hash number 200 is wrong",
        ),
        (
            "tile/2/000.p/1",
            0,
            "tile/2/000.p/1 (entries 0 to 65535) isn't what the root was made of: its hash number 0 is wrong",
        ),
    ] {
        let mut broken = whole.clone();
        broken.tiles.get_mut(path).unwrap()[byte] ^= 4;
        let breach = audited(&broken, &whole, false).unwrap_err();
        assert_eq!(breach.to_string(), told);
    }
}

#[test]
fn a_flipped_bit_in_an_entry_is_named_by_position() {
    let whole = Shelf::of(&entries(600), 600);
    let mut broken = whole.clone();
    // The first entry of the second bundle: two bytes of length, then its bytes.
    broken.tiles.get_mut("tile/entries/001").unwrap()[3] ^= 1;
    assert!(
        audited(&broken, &whole, false).is_ok(),
        "hashes alone are sound"
    );
    let breach = audited(&broken, &whole, true).unwrap_err();
    assert_eq!(
        breach.to_string(),
        "tile/entries/001: entry 256 isn't the one that was sealed"
    );
}

#[test]
fn a_truncated_log_is_named_by_position() {
    let whole = Shelf::of(&entries(600), 600);
    for (path, told) in [
        (
            "tile/0/001",
            "tile/0/001 (entries 256 to 511) has 8160 bytes instead of 8192",
        ),
        (
            "tile/0/002.p/88",
            "tile/0/002.p/88 (entries 512 to 599) has 2784 bytes instead of 2816",
        ),
        (
            "tile/entries/001",
            "tile/entries/001 (entries 256 to 511) holds 253 whole entries and then something else",
        ),
    ] {
        let mut broken = whole.clone();
        let bytes = broken.tiles.get_mut(path).unwrap();
        bytes.truncate(bytes.len() - 32);
        let breach = audited(&broken, &whole, true).unwrap_err();
        assert_eq!(breach.to_string(), told);
        broken.tiles.remove(path);
        let breach = audited(&broken, &whole, true).unwrap_err();
        assert!(
            matches!(&breach, Breach::Unreadable { path: gone, .. } if gone.to_string() == path)
        );
    }
}

#[test]
fn a_reordered_log_is_named_by_position() {
    let whole = Shelf::of(&entries(600), 600);
    let mut broken = whole.clone();
    let one = broken.tiles["tile/entries/000"].clone();
    let other = broken
        .tiles
        .insert("tile/entries/001".to_owned(), one)
        .unwrap();
    broken.tiles.insert("tile/entries/000".to_owned(), other);
    let breach = audited(&broken, &whole, true).unwrap_err();
    assert_eq!(
        breach.to_string(),
        "tile/entries/000: entry 0 isn't the one that was sealed"
    );

    // Two entries of one bundle that have changed places.
    let mut broken = whole.clone();
    let bundle = broken.tiles.get_mut("tile/entries/002.p/88").unwrap();
    let all: Vec<Vec<u8>> = crate::EntryBundle::new(bundle)
        .map(<[u8]>::to_vec)
        .collect();
    let mut swapped = all.clone();
    swapped.swap(10, 20);
    let mut made = Vec::new();
    for entry in &swapped {
        crate::push_entry(&mut made, entry).unwrap();
    }
    *bundle = made;
    let breach = audited(&broken, &whole, true).unwrap_err();
    assert_eq!(
        breach.to_string(),
        "tile/entries/002.p/88: entry 522 isn't the one that was sealed; what stands there is entry 532"
    );
}

#[test]
fn a_log_of_another_size_is_refused() {
    let whole = Shelf::of(&entries(600), 600);
    let read = |path: &TilePath| whole.tile(path);
    assert!(audit(599, &whole.root(), false, &read).is_err());
    assert!(audit(601, &whole.root(), false, &read).is_err());
}
