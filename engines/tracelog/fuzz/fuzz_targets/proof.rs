//! Any text and any hashes have an answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracelog::{ConsistencyText, Digest, InclusionText, verify_consistency, verify_inclusion};

fuzz_target!(|input: (u64, u64, Vec<[u8; 32]>, &[u8])| {
    let (first, second, hashes, text) = input;
    let proof: Vec<Digest> = hashes.into_iter().map(Digest).collect();
    let hash = Digest([7; 32]);
    assert!(verify_inclusion(&hash, first, second, &proof, &hash).is_err() || second == 1);
    let _ = verify_consistency(first, &hash, second, &hash, &proof);
    if let Ok(read) = InclusionText::parse(text) {
        assert_eq!(InclusionText::parse(read.to_string().as_bytes()), Ok(read));
    }
    if let Ok(read) = ConsistencyText::parse(text) {
        assert_eq!(ConsistencyText::parse(read.to_string().as_bytes()), Ok(read));
    }
});
