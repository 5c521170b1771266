//! Proofs as texts.

use proptest::prelude::*;

use crate::{
    Checkpoint, ConsistencyText, InclusionText, KeyKind, Note, ProofTextError, Signer, leaf_hash,
};

fn checkpoint() -> Note {
    let signer = Signer::from_seed("log.example", KeyKind::Note, &[1; 32]).unwrap();
    let checkpoint = Checkpoint::new("log.example", 9, leaf_hash(b"x"));
    checkpoint.signed(&[&signer]).unwrap()
}

#[test]
fn texts_come_back() {
    for hashes in 0..4_u8 {
        let proof: Vec<_> = (0..hashes).map(|at| leaf_hash(&[at])).collect();
        let text = InclusionText {
            extra: vec![7; usize::from(hashes)],
            index: 5,
            proof: proof.clone(),
            checkpoint: checkpoint(),
        };
        assert_eq!(InclusionText::parse(text.to_string().as_bytes()), Ok(text));
        let text = ConsistencyText {
            before: 5,
            proof,
            checkpoint: checkpoint(),
        };
        assert_eq!(
            ConsistencyText::parse(text.to_string().as_bytes()),
            Ok(text)
        );
    }
}

#[test]
fn texts_that_are_none_are_refused() {
    let note = checkpoint().to_string();
    let hash = leaf_hash(b"x");
    let head = "c2sp.org/tlog-proof@v1";
    for (text, expected) in [
        (String::new(), ProofTextError::Form),
        (format!("{head}\nindex 1\n"), ProofTextError::Form),
        (
            format!("c2sp.org/tlog-proof@v2\nindex 1\n\n{note}"),
            ProofTextError::Header,
        ),
        (format!("{head}\n{hash}\n\n{note}"), ProofTextError::Header),
        (
            format!("{head}\nindex 01\n\n{note}"),
            ProofTextError::Number,
        ),
        (
            format!("{head}\nindex 1\nAAAA\n\n{note}"),
            ProofTextError::Hash { line: 3 },
        ),
        (
            format!(
                "{head}\nindex 1\n{}\n{note}",
                format!("{hash}\n").repeat(66)
            ),
            ProofTextError::Hash { line: 68 },
        ),
    ] {
        assert_eq!(
            InclusionText::parse(text.as_bytes()),
            Err(expected),
            "{text:.80}"
        );
    }
    for extra in ["", "x", "AAAA\n", "AA"] {
        let text = format!("{head}\nextra {extra}\nindex 1\n\n{note}");
        assert!(InclusionText::parse(text.as_bytes()).is_err(), "{extra}");
    }
    let cut = format!("{head}\nindex 1\n\nlog.example\n");
    assert!(matches!(
        InclusionText::parse(cut.as_bytes()),
        Err(ProofTextError::Note(_))
    ));
    assert_eq!(
        ConsistencyText::parse(format!("older 1\n\n{note}").as_bytes()),
        Err(ProofTextError::Header)
    );
}

proptest! {
    #[test]
    fn no_bytes_make_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = InclusionText::parse(&bytes);
        let _ = ConsistencyText::parse(&bytes);
    }
}
