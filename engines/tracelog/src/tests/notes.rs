//! Keys, notes, checkpoints, cosignatures.

use proptest::prelude::*;

use crate::{
    Checkpoint, CheckpointError, CosignError, KeyError, KeyKind, Note, NoteError, SIGNATURES_MAX,
    Signature, Signer, Verifier, VerifyError, cosign, leaf_hash, verify_cosignature,
};

fn signer(name: &str, seed: u8) -> Signer {
    Signer::from_seed(name, KeyKind::Note, &[seed; 32]).unwrap()
}

fn witness(name: &str, seed: u8) -> Signer {
    Signer::from_seed(name, KeyKind::Witness, &[seed; 32]).unwrap()
}

/// The example of Go's package golang.org/x/mod/sumdb/note.
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PETER_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn the_known_note_is_signed_and_read() {
    let key: Verifier = PETER.parse().unwrap();
    assert_eq!((key.name(), key.id()), ("PeterNeumann", 0xc74f_20a3));
    assert_eq!(key.to_string(), PETER);
    let note = Note::parse(PETER_NOTE.as_bytes()).unwrap();
    let keys = [key];
    assert_eq!(note.verify(&keys).unwrap(), [&keys[0]]);

    let signer = Signer::from_secret_text(PETER_SECRET).unwrap();
    assert_eq!(*signer.to_secret_text(), PETER_SECRET);
    let mut again = Note::new(note.text().to_owned()).unwrap();
    again.sign(&signer).unwrap();
    assert_eq!(again.to_string(), PETER_NOTE);
}

#[test]
fn a_secret_never_shows_itself() {
    let signer = Signer::from_secret_text(PETER_SECRET).unwrap();
    assert!(!format!("{signer:?}").contains("AYEKFALVFGyN"));
}

#[test]
fn keys_that_are_none_are_refused() {
    for (text, expected) in [
        ("", KeyError::Form),
        ("a+b", KeyError::Form),
        ("a b+c74f20a3+AQ==", KeyError::Name),
        ("+c74f20a3+AQ==", KeyError::Name),
        ("a+C74F20A3+AQ==", KeyError::Id),
        ("a+c74f20a+AQ==", KeyError::Id),
        ("a+c74f20a3+AQ", KeyError::Key),
        ("a+c74f20a3+AQ==", KeyError::Key),
        (
            "a+c74f20a3+AxpcwQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            KeyError::Key,
        ),
        (
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            KeyError::Id,
        ),
    ] {
        assert_eq!(text.parse::<Verifier>(), Err(expected), "{text}");
    }
    assert!("a".repeat(400).parse::<Verifier>().is_err());
}

#[test]
fn a_changed_note_is_refused() {
    let keys: [Verifier; 1] = [PETER.parse().unwrap()];
    let text = PETER_NOTE.replace("the answer", "an answer");
    let note = Note::parse(text.as_bytes()).unwrap();
    let wrong = NoteError::Wrong {
        name: "PeterNeumann".to_owned(),
    };
    assert_eq!(note.verify(&keys), Err(wrong));
    let others = [signer("other.example", 3).verifier().clone()];
    let note = Note::parse(PETER_NOTE.as_bytes()).unwrap();
    assert_eq!(note.verify(&others), Err(NoteError::Unsigned));
}

#[test]
fn notes_that_are_none_are_refused() {
    let long = format!("a\n\n\u{2014} k {}\n", "A".repeat(70_000));
    let many = format!(
        "a\n\n{}",
        "\u{2014} k AAAAAAA=\n".repeat(SIGNATURES_MAX + 1)
    );
    for (text, expected) in [
        ("", NoteError::Form),
        ("a\n", NoteError::Form),
        ("a\n\n", NoteError::Form),
        ("a\n\n\u{2014} k AAAAAAA=", NoteError::Form),
        ("a\n\n- k AAAAAAA=\n", NoteError::Signature { line: 1 }),
        (
            "a\n\n\u{2014} k AAAAAAA=\nx\n",
            NoteError::Signature { line: 2 },
        ),
        (
            "a\n\n\u{2014} k AAAAAA==\n",
            NoteError::Signature { line: 1 },
        ),
        ("a\n\n\u{2014} k A A\n", NoteError::Signature { line: 1 }),
        ("a\tb\n\n\u{2014} k AAAAAAA=\n", NoteError::Text),
        ("a\r\n\n\u{2014} k AAAAAAA=\n", NoteError::Text),
        (long.as_str(), NoteError::TooLong),
        (many.as_str(), NoteError::TooMany),
    ] {
        assert_eq!(Note::parse(text.as_bytes()), Err(expected), "{text:.60}");
    }
    assert_eq!(Note::parse(b"\xff\n\n"), Err(NoteError::Text));
    assert!(Note::new("no end".to_owned()).is_err());
}

#[test]
fn a_checkpoint_is_signed_by_its_log() {
    let (log, other) = (signer("log.example/traces", 1), signer("other.example", 2));
    let checkpoint = Checkpoint::new("log.example/traces", 42, leaf_hash(b"x"));
    let note = checkpoint.signed(&[&log]).unwrap();
    let read = Note::parse(note.to_string().as_bytes()).unwrap();
    let keys = [log.verifier().clone()];
    assert_eq!(Checkpoint::verified(&read, &keys).unwrap(), checkpoint);
    // Another log's key, though trusted, doesn't speak for this one.
    let note = checkpoint.signed(&[&other]).unwrap();
    let both = [log.verifier().clone(), other.verifier().clone()];
    let refused = Checkpoint::verified(&note, &both);
    assert!(matches!(refused, Err(VerifyError::Origin { .. })));
}

#[test]
fn a_key_is_changed_without_a_gap() {
    let (old, new) = (signer("log.example", 1), signer("log.example", 2));
    let checkpoint = Checkpoint::new("log.example", 7, leaf_hash(b"x"));
    let both = checkpoint.signed(&[&old, &new]).unwrap();
    // Who knows only the old key, only the new one, or both, reads it.
    for keys in [
        vec![old.verifier().clone()],
        vec![new.verifier().clone()],
        vec![old.verifier().clone(), new.verifier().clone()],
    ] {
        assert_eq!(Checkpoint::verified(&both, &keys).unwrap(), checkpoint);
    }
    let later = checkpoint.signed(&[&new]).unwrap();
    let old_only = [old.verifier().clone()];
    assert_eq!(
        Checkpoint::verified(&later, &old_only),
        Err(VerifyError::Note(NoteError::Unsigned))
    );
}

#[test]
fn checkpoints_that_are_none_are_refused() {
    let root = leaf_hash(b"x");
    for (text, expected) in [
        (String::new(), CheckpointError::Form),
        ("a\n1\n".to_owned(), CheckpointError::Form),
        (format!("a\n1\n{root}"), CheckpointError::Form),
        (format!("\n1\n{root}\n"), CheckpointError::Origin),
        (
            format!("{}\n1\n{root}\n", "a".repeat(256)),
            CheckpointError::Origin,
        ),
        (format!("a\n01\n{root}\n"), CheckpointError::Size),
        (format!("a\n-1\n{root}\n"), CheckpointError::Size),
        (
            format!("a\n9223372036854775808\n{root}\n"),
            CheckpointError::Size,
        ),
        ("a\n1\nAAAA\n".to_owned(), CheckpointError::Root),
        (format!("a\n1\n{root}\n\n"), CheckpointError::Extension),
        (
            format!("a\n1\n{root}\n{}", "x\n".repeat(17)),
            CheckpointError::Extension,
        ),
    ] {
        assert_eq!(text.parse::<Checkpoint>(), Err(expected), "{text:.60}");
    }
    let text = format!("a\n0\n{root}\nmore\n");
    assert_eq!(text.parse::<Checkpoint>().unwrap().to_string(), text);
}

#[test]
fn a_witness_adds_its_word() {
    let (log, first, second) = (
        signer("log.example", 1),
        witness("w1.example", 2),
        witness("w2.example", 3),
    );
    let checkpoint = Checkpoint::new("log.example", 7, leaf_hash(b"x"));
    let mut note = checkpoint.signed(&[&log]).unwrap();
    for (witness, at) in [(&first, 1_700_000_000), (&second, 1_700_000_001)] {
        let signature = cosign(&note, witness, at).unwrap();
        let added = note.add_cosignature(witness.verifier(), signature).unwrap();
        assert_eq!(added.at_seconds, at);
    }
    let read = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(read.signatures().len(), 3);
    assert_eq!(
        verify_cosignature(&read, first.verifier())
            .unwrap()
            .at_seconds,
        1_700_000_000
    );
    let keys = [log.verifier().clone(), first.verifier().clone()];
    assert_eq!(Checkpoint::verified(&read, &keys).unwrap(), checkpoint);
    // A later word of the same witness takes the place of the older one.
    let signature = cosign(&note, &first, 1_700_000_009).unwrap();
    note.add_cosignature(first.verifier(), signature).unwrap();
    assert_eq!(note.signatures().len(), 3);
}

#[test]
fn a_false_cosignature_is_refused() {
    let (log, witness, stranger) = (
        signer("log.example", 1),
        witness("w.example", 2),
        witness("s.example", 3),
    );
    let checkpoint = Checkpoint::new("log.example", 7, leaf_hash(b"x"));
    let mut note = checkpoint.signed(&[&log]).unwrap();
    let other = Checkpoint::new("log.example", 8, leaf_hash(b"x"))
        .signed(&[&log])
        .unwrap();
    let of_another = cosign(&other, &witness, 5).unwrap();
    let wrong = CosignError::Wrong {
        name: "w.example".to_owned(),
    };
    assert_eq!(
        note.add_cosignature(witness.verifier(), of_another),
        Err(wrong.clone())
    );
    let mut moved = cosign(&note, &witness, 5).unwrap();
    moved.bytes[7] ^= 1;
    assert_eq!(
        note.add_cosignature(witness.verifier(), moved),
        Err(wrong.clone())
    );
    let short = Signature {
        bytes: vec![0; 9],
        ..cosign(&note, &witness, 5).unwrap()
    };
    assert_eq!(note.add_cosignature(witness.verifier(), short), Err(wrong));
    let strange = cosign(&note, &stranger, 5).unwrap();
    assert!(note.add_cosignature(witness.verifier(), strange).is_err());
    assert!(
        cosign(&note, &log, 5).is_err(),
        "a log's key is no witness's"
    );
    assert!(
        note.sign(&witness).is_err(),
        "a witness's key signs no note"
    );
    assert_eq!(note.signatures().len(), 1);
}

proptest! {
    #[test]
    fn no_bytes_make_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Note::parse(&bytes);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let _ = text.parse::<Checkpoint>();
            let _ = text.parse::<Verifier>();
            let _ = Signer::from_secret_text(text);
        }
    }

    /// What is read is written as it was.
    #[test]
    fn a_note_that_is_read_is_written_the_same(text in "([a-z é+]{0,8}\n){1,4}", names in prop::collection::vec("[a-z.]{1,9}", 1..4)) {
        let mut note = Note::new(text).unwrap();
        for (seed, name) in names.iter().enumerate() {
            note.sign(&signer(name, seed as u8)).unwrap();
        }
        let written = note.to_string();
        let read = Note::parse(written.as_bytes()).unwrap();
        prop_assert_eq!(read.to_string(), written);
    }

    /// One flipped bit anywhere: refused, or it says the same.
    #[test]
    fn a_flipped_bit_never_changes_what_is_said(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let log = signer("log.example", 1);
        let checkpoint = Checkpoint::new("log.example", 7, leaf_hash(b"x"));
        let mut bytes = checkpoint.signed(&[&log]).unwrap().to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let keys = [log.verifier().clone()];
        if let Ok(note) = Note::parse(&bytes) && let Ok(said) = Checkpoint::verified(&note, &keys) {
            prop_assert_eq!(said, checkpoint);
        }
    }
}
