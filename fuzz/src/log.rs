//! The texts and tiles of sealed logs.

use tracelog::{
    Checkpoint, ConsistencyText, Digest, EntryBundle, InclusionText, Note, Signer, TilePath,
    Verifier, push_entry, verify_consistency, verify_inclusion,
};

use crate::{Target, number, text};

/// A note that is read is written as it was; keys too.
pub(crate) const NOTE: Target = Target {
    name: "note",
    check: |bytes| {
        if let Ok(note) = Note::parse(bytes) {
            assert_eq!(Note::parse(note.to_string().as_bytes()), Ok(note));
        }
        if let Ok(key) = text(bytes).parse::<Verifier>() {
            assert_eq!(key.to_string(), text(bytes));
        }
        if let Ok(signer) = Signer::from_secret_text(text(bytes)) {
            assert_eq!(*signer.to_secret_text(), text(bytes));
        }
    },
    words: &[
        "\n\n",
        "\u{2014} ",
        "log.example",
        "+",
        "AAAA",
        "\n",
        "PRIVATE+KEY+",
    ],
};

/// A checkpoint that is read is written as it was.
pub(crate) const CHECKPOINT: Target = Target {
    name: "checkpoint",
    check: |bytes| {
        if let Ok(checkpoint) = text(bytes).parse::<Checkpoint>() {
            assert_eq!(checkpoint.to_string(), text(bytes));
        }
    },
    words: &["\n", "0", "18446744073709551615", "log.example/", "=", "+"],
};

/// Any text and any hashes have an answer, and a wrong proof proves nothing.
pub(crate) const PROOF: Target = Target {
    name: "proof",
    check: |bytes| {
        if let Ok(read) = InclusionText::parse(bytes) {
            assert_eq!(InclusionText::parse(read.to_string().as_bytes()), Ok(read));
        }
        if let Ok(read) = ConsistencyText::parse(bytes) {
            assert_eq!(
                ConsistencyText::parse(read.to_string().as_bytes()),
                Ok(read)
            );
        }
        let (first, rest) = number(bytes);
        let (second, rest) = number(rest);
        let proof: Vec<Digest> = rest.chunks(32).filter_map(Digest::from_slice).collect();
        let hash = Digest([7; 32]);
        assert!(verify_inclusion(&hash, first, second, &proof, &hash).is_err() || second == 1);
        let _ = verify_consistency(first, &hash, second, &hash, &proof);
    },
    words: &[
        "c2sp.org/tlog-proof@v1\n",
        "index ",
        "extra ",
        "\n\n",
        "\u{2014} ",
        "0",
        "1",
    ],
};

/// A text that is taken as the path of a tile is the one text of that tile.
pub(crate) const TILE_PATH: Target = Target {
    name: "tile_path",
    check: |bytes| {
        if let Ok(path) = text(bytes).parse::<TilePath>() {
            assert_eq!(path.to_string(), text(bytes));
            assert!(!path.full().is_partial());
        }
    },
    words: &[
        "tile/", "entries/", "x001/", "000", ".p/", "255", "256", "63",
    ],
};

/// A sound bundle is written as it was; other bytes end the entries.
pub(crate) const ENTRIES: Target = Target {
    name: "entries",
    check: |bytes| {
        let mut bundle = EntryBundle::new(bytes);
        let entries: Vec<&[u8]> = bundle.by_ref().collect();
        if bundle.is_whole() {
            let mut written = Vec::new();
            for entry in &entries {
                push_entry(&mut written, entry).expect("it fitted before");
            }
            assert_eq!(written, bytes);
            assert_eq!(EntryBundle::exactly(bytes, entries.len()), Some(entries));
        }
    },
    words: &["\0\0", "\0\u{1}", "{}"],
};
