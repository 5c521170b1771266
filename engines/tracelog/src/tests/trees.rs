//! Trees, tiles and proofs.

use proptest::prelude::*;

use super::{Shelf, entries};
use crate::{
    Appender, Digest, EdgeError, EntryBundle, ProofError, TileError, TileKind, TilePath, Tiles,
    empty_root, hash_width, leaf_hash, node_hash, prove_consistency, prove_inclusion, push_entry,
    root, verify_consistency, verify_inclusion,
};

/// MTH of RFC 6962, section 2.1, to the letter.
fn naive_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        leaves => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
        }
    }
}

/// PATH of RFC 6962, section 2.1.1.
fn naive_path(index: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let mut k = 1;
    while k * 2 < leaves.len() {
        k *= 2;
    }
    let (left, right) = leaves.split_at(k);
    let (mut path, other) = if index < k {
        (naive_path(index, left), right)
    } else {
        (naive_path(index - k, right), left)
    };
    path.push(naive_root(other));
    path
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .map(|byte| (byte as char).to_digit(16).unwrap() as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

fn digest(text: &str) -> Digest {
    Digest::from_slice(&hex(text)).unwrap()
}

/// The tree of the tests of Certificate Transparency's own implementations.
const KNOWN_LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const KNOWN_ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn known_roots_come_out() {
    assert_eq!(
        empty_root(),
        digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    let leaves: Vec<Vec<u8>> = KNOWN_LEAVES.iter().map(|leaf| hex(leaf)).collect();
    let shelf = Shelf::of(&leaves, 1);
    for (size, expected) in KNOWN_ROOTS.iter().enumerate() {
        assert_eq!(shelf.roots[size + 1], digest(expected), "size {}", size + 1);
    }
}

#[test]
fn every_tree_to_some_hundred_is_the_naive_one() {
    let entries = entries(600);
    let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let shelf = Shelf::of(&entries, 1);
    let read = |path: &TilePath| shelf.tile(path);
    for size in 0..=entries.len() {
        let expected = naive_root(&leaves[..size]);
        assert_eq!(shelf.roots[size], expected, "the appender's, {size}");
        assert_eq!(root(size as u64, &read).unwrap(), expected, "{size}");
    }
}

#[test]
fn every_proof_of_inclusion_is_the_naive_one_and_holds() {
    let entries = entries(520);
    let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let shelf = Shelf::of(&entries, 1);
    let read = |path: &TilePath| shelf.tile(path);
    let sizes = (1..=80).chain([127, 128, 129, 255, 256, 257, 300, 511, 512, 513, 520]);
    for size in sizes {
        let tiles = Tiles::new(size as u64, &read);
        for index in 0..size {
            let proof = prove_inclusion(&tiles, index as u64).unwrap();
            assert_eq!(
                proof,
                naive_path(index, &leaves[..size]),
                "{index} of {size}"
            );
            let root = &shelf.roots[size];
            let (index, size) = (index as u64, size as u64);
            verify_inclusion(&leaves[index as usize], index, size, &proof, root).unwrap();
        }
    }
}

#[test]
fn every_proof_of_consistency_holds() {
    let shelf = Shelf::of(&entries(530), 1);
    let read = |path: &TilePath| shelf.tile(path);
    for size in (0..=70_u64).chain([255, 256, 257, 511, 512, 513, 530]) {
        let tiles = Tiles::new(size, &read);
        for before in 0..=size {
            let proof = prove_consistency(&tiles, before).unwrap();
            let (old, new) = (&shelf.roots[before as usize], &shelf.roots[size as usize]);
            verify_consistency(before, old, size, new, &proof).unwrap();
        }
    }
}

#[test]
fn the_batches_change_nothing() {
    let entries = entries(70_000);
    let one = Shelf::of(&entries, 70_000);
    for batch in [1_000, 257, 4_096] {
        let other = Shelf::of(&entries, batch);
        assert_eq!(other.root(), one.root());
        for (path, bytes) in &one.tiles {
            assert_eq!(other.tiles.get(path), Some(bytes), "{path}");
        }
    }
    assert!(one.tiles.contains_key("tile/1/000"));
    assert!(one.tiles.contains_key("tile/2/000.p/1"));
    assert!(one.tiles.contains_key("tile/0/273.p/112"));
}

#[test]
fn an_edge_is_read_back_and_goes_on() {
    let all = entries(1_300);
    let whole = Shelf::of(&all, 1_300);
    for cut in [0, 1, 255, 256, 257, 511, 512, 1_000, 1_299] {
        let shelf = Shelf::of(&all[..cut], 97);
        let read = |path: &TilePath| shelf.tile(path);
        let root = shelf.root();
        let mut appender = Appender::load(cut as u64, &root, &read).unwrap();
        assert_eq!(appender.root(), root);
        let added = appender
            .append(all[cut..].iter().map(Vec::as_slice))
            .unwrap();
        assert_eq!(added.root, whole.root(), "{cut}");
    }
}

#[test]
fn a_damaged_edge_is_refused() {
    let shelf = Shelf::of(&entries(300), 300);
    for (path, expected) in [
        ("tile/0/001.p/44", "root"),
        ("tile/entries/001.p/44", "bundle"),
    ] {
        let mut broken = shelf.clone();
        broken.tiles.get_mut(path).unwrap()[5] ^= 1;
        let read = |path: &TilePath| broken.tile(path);
        let refused = Appender::load(300, &shelf.root(), &read).unwrap_err();
        match (expected, refused) {
            // The hashes are compared with the bundle first.
            (_, EdgeError::Bundle { path }) => assert_eq!(path.index(), 1),
            (expected, other) => panic!("{expected}: {other}"),
        }
    }
    let read = |path: &TilePath| shelf.tile(path);
    let other = Appender::load(300, &empty_root(), &read);
    assert!(matches!(other, Err(EdgeError::Root { .. })));
}

#[test]
fn what_is_not_in_the_tree_has_no_proof() {
    let shelf = Shelf::of(&entries(10), 10);
    let read = |path: &TilePath| shelf.tile(path);
    let tiles = Tiles::new(10, &read);
    assert_eq!(
        prove_inclusion(&tiles, 10),
        Err(TileError::OutOfTree { size: 10 })
    );
    assert_eq!(
        prove_consistency(&tiles, 11),
        Err(TileError::OutOfTree { size: 10 })
    );
    let leaf = leaf_hash(b"x");
    let outside = verify_inclusion(&leaf, 10, 10, &[], &shelf.root());
    assert_eq!(outside, Err(ProofError::OutOfTree));
    let outside = verify_consistency(11, &leaf, 10, &leaf, &[]);
    assert_eq!(outside, Err(ProofError::OutOfTree));
}

#[test]
fn an_older_tree_is_read_from_the_tiles_of_a_newer_one() {
    // Written in one go: no tile of an older size was ever there.
    let whole = Shelf::of(&entries(700), 700);
    let each = Shelf::of(&entries(700), 1);
    let read = |path: &TilePath| {
        let found = whole.tiles.get(&path.to_string());
        found.cloned().ok_or_else(|| format!("{path} is absent"))
    };
    for size in [0_u64, 1, 5, 255, 256, 257, 300, 512, 600, 699, 700] {
        let tiles = Tiles::of_first(size, 700, &read);
        assert_eq!(tiles.root().unwrap(), each.roots[size as usize]);
        let proof = prove_consistency(&tiles, size / 2).unwrap();
        let (old, new) = (&each.roots[size as usize / 2], &each.roots[size as usize]);
        verify_consistency(size / 2, old, size, new, &proof).unwrap();
    }
}

#[test]
fn a_short_tile_is_told() {
    let short = |_: &TilePath| Ok::<_, String>(vec![0; 31]);
    let told = root(3, &short).unwrap_err();
    assert_eq!(
        told.to_string(),
        "tile/0/000.p/3 has 31 bytes instead of 96"
    );
}

#[test]
fn widths_follow_the_size() {
    assert_eq!(hash_width(1_000, 0, 3), 232);
    assert_eq!(hash_width(1_000, 0, 4), 0);
    assert_eq!(hash_width(70_000, 1, 0), 256);
    assert_eq!(hash_width(70_000, 1, 1), 17);
    assert_eq!(hash_width(u64::MAX, 63, 0), 0);
}

proptest! {
    /// Nothing but the true leaf, place, size, root and hashes passes.
    #[test]
    fn a_proof_that_was_touched_proves_nothing(
        size in 1_usize..300, pick in any::<prop::sample::Index>(), flip in any::<(prop::sample::Index, u8)>(),
    ) {
        let all = entries(size);
        let shelf = Shelf::of(&all, size);
        let read = |path: &TilePath| shelf.tile(path);
        let index = pick.index(size);
        let tiles = Tiles::new(size as u64, &read);
        let (at, total) = (index as u64, size as u64);
        let proof = prove_inclusion(&tiles, at).unwrap();
        let (leaf, root) = (leaf_hash(&all[index]), shelf.root());
        prop_assert_eq!(verify_inclusion(&leaf, at, total, &proof, &root), Ok(()));
        let other = leaf_hash(b"another");
        prop_assert!(verify_inclusion(&other, at, total, &proof, &root).is_err());
        prop_assert!(verify_inclusion(&leaf, at, total, &proof, &other).is_err());
        prop_assert!(verify_inclusion(&leaf, at + 1, total, &proof, &root).is_err());
        let longer = [&proof[..], &[other]].concat();
        prop_assert!(verify_inclusion(&leaf, at, total, &longer, &root).is_err());
        if !proof.is_empty() {
            prop_assert!(verify_inclusion(&leaf, at, total, &proof[1..], &root).is_err());
            let mut touched = proof.clone();
            let which = flip.0.index(touched.len());
            touched[which].0[usize::from(flip.1) % 32] ^= 1 << (flip.1 % 8);
            prop_assert!(verify_inclusion(&leaf, at, total, &touched, &root).is_err());
        }
    }

    /// A log that changed its past has no proof.
    #[test]
    fn a_changed_past_is_not_consistent(
        before in 1_usize..200, more in 1_usize..200, pick in any::<prop::sample::Index>(),
    ) {
        let mut all = entries(before + more);
        let old = Shelf::of(&all[..before], before);
        all[pick.index(before)].push(b'!');
        let new = Shelf::of(&all, before + more);
        let read = |path: &TilePath| new.tile(path);
        let tiles = Tiles::new(new.size, &read);
        let proof = prove_consistency(&tiles, before as u64).unwrap();
        let checked = verify_consistency(before as u64, &old.root(), new.size, &new.root(), &proof);
        prop_assert!(checked.is_err());
    }

    /// Any hashes at all: an answer, never a panic.
    #[test]
    fn no_proof_makes_a_panic(
        index in any::<u64>(), size in any::<u64>(), before in any::<u64>(),
        proof in prop::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        let proof: Vec<Digest> = proof.into_iter().map(Digest).collect();
        let hash = leaf_hash(b"x");
        let _ = verify_inclusion(&hash, index, size, &proof, &hash);
        let _ = verify_consistency(before, &hash, size, &hash, &proof);
        let _ = verify_consistency(before, &empty_root(), size, &hash, &proof);
    }

    /// What a bundle was made of comes out; nothing else is a bundle.
    #[test]
    fn bundles_come_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
        let mut bundle = Vec::new();
        for entry in &entries {
            push_entry(&mut bundle, entry).unwrap();
        }
        prop_assert_eq!(EntryBundle::exactly(&bundle, entries.len()), Some(entries.iter().map(Vec::as_slice).collect()));
        prop_assert_eq!(EntryBundle::exactly(&bundle, entries.len() + 1), None);
        bundle.push(0);
        prop_assert_eq!(EntryBundle::exactly(&bundle, entries.len()), None);
    }

    /// A path has one text, and a text one path.
    #[test]
    fn a_path_has_one_text(level in 0_u8..64, index in any::<u64>(), width in 1_u16..=256, entries in any::<bool>()) {
        let kind = if entries { TileKind::Entries } else { TileKind::Hashes(level) };
        let path = TilePath::new(kind, index, width).unwrap();
        prop_assert_eq!(path.to_string().parse::<TilePath>(), Ok(path));
    }

    /// Texts near a path: the same text comes out, or it is refused.
    #[test]
    fn a_text_that_is_taken_is_the_one_text(text in "tile/(entries|[0-9]{1,3})/(x?[0-9]{2,4}/){0,3}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(path) = text.parse::<TilePath>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }
}

#[test]
fn paths_are_those_of_the_specification() {
    let path = TilePath::new(TileKind::Hashes(0), 1_234_067, 256).unwrap();
    assert_eq!(path.to_string(), "tile/0/x001/x234/067");
    for good in [
        "tile/0/000",
        "tile/63/999.p/255",
        "tile/entries/x001/000.p/1",
    ] {
        assert_eq!(good.parse::<TilePath>().unwrap().to_string(), good);
    }
    for bad in [
        "",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/0",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1/2",
        "tile/0/../000",
        "tile/data/000",
        "/tile/0/000",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(bad.parse::<TilePath>().is_err(), "{bad}");
    }
}
