//! Keys read, printed, stored and refused.

use super::vectors::{P256, RSA, RSA_PKCS8};
use super::{KEYS, check, key, signed};
use crate::algorithm::Algorithm;
use crate::encoding::{decode, encode};
use crate::json::JsonError;
use crate::jwk::{
    Ed25519Public, Jwk, JwkError, JwkSet, KeyKind, P256Public, PublicKey, RsaPublic, SET_KEYS_MAX,
    SetError, SigningKey,
};

fn with(key: &str, member: &str) -> String {
    key.replacen('{', &format!("{{{member},"), 1)
}

fn refused(text: &str) -> JwkError {
    Jwk::parse(text.as_bytes()).unwrap_err()
}

#[test]
fn a_key_is_printed_as_it_was_read() {
    for key in KEYS.iter() {
        let text = serde_json::Value::Object(key.jwk().to_members()).to_string();
        assert_eq!(Jwk::parse(text.as_bytes()).unwrap(), key.jwk());
        assert!(text.contains("\"use\":\"sig\""));
    }
}

#[test]
fn private_keys_survive_storage_and_are_never_shown() {
    for key in KEYS.iter() {
        let der = key.to_pkcs8().unwrap();
        let loaded = SigningKey::from_pkcs8(key.algorithm(), &der).unwrap();
        assert_eq!(loaded.jwk(), key.jwk());
        check(
            &signed(key.algorithm()),
            &loaded.verification_key().unwrap(),
        )
        .unwrap();
        let shown = format!("{:?}", loaded.with_kid("k"));
        let algorithm = format!("{:?}", key.algorithm());
        assert_eq!(
            shown,
            format!("SigningKey {{ algorithm: {algorithm}, kid: \"k\", .. }}")
        );
    }
    let der = key(Algorithm::Es256).to_pkcs8().unwrap();
    assert!(SigningKey::from_pkcs8(Algorithm::EdDsa, &der).is_err());
    assert!(SigningKey::from_pkcs8(Algorithm::Rs256, &der).is_err());
    assert!(SigningKey::from_pkcs8(Algorithm::Es256, &der[..der.len() - 1]).is_err());
}

#[test]
fn rsa_keys_are_made_in_two_lengths() {
    let length = |kind| match SigningKey::generate(kind).unwrap().public() {
        PublicKey::Rsa(key) => key.n().len() * 8,
        _ => 0,
    };
    assert_eq!(length(KeyKind::Rs256Bits2048), 2048);
    assert_eq!(length(KeyKind::Ps256Bits3072), 3072);
}

#[test]
fn private_members_are_refused() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        for key in [P256, RSA, "{\"kty\":\"oct\"}", "{\"x\":1}"] {
            let text = with(key, &format!("\"{name}\":\"AA\""));
            assert_eq!(refused(&text), JwkError::Private { name });
            let set = JwkSet::parse(format!("{{\"keys\":[{P256},{text}]}}").as_bytes());
            assert_eq!(set, Err(SetError::Private { index: 1, name }));
        }
    }
}

#[test]
fn unknown_keys_of_a_set_are_skipped_with_a_reason() {
    let text = format!(
        "{{\"keys\":[{},{P256},1,{},{},{},{}],\"other\":1}}",
        r#"{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}"#,
        r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#,
        with(RSA, r#""alg":"RS512""#),
        r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
        with(RSA, r#""kid":"r","alg":"RS256""#),
    );
    let set = JwkSet::parse(text.as_bytes()).unwrap();
    assert_eq!(set.keys.len(), 2);
    let reasons: Vec<(usize, JwkError)> = set
        .skipped
        .iter()
        .map(|one| (one.index, one.reason))
        .collect();
    assert_eq!(
        reasons,
        [
            (0, JwkError::Unsupported { name: "crv" }),
            (2, JwkError::Json(JsonError::NotAnObject)),
            (3, JwkError::Unsupported { name: "kty" }),
            (4, JwkError::Unsupported { name: "alg" }),
            (5, JwkError::Malformed { name: "x" }),
        ]
    );
    assert_eq!(set.verification_keys(Algorithm::Es256).len(), 1);
    assert_eq!(set.verification_keys(Algorithm::Rs256).len(), 1);
    assert_eq!(
        set.verification_keys(Algorithm::Ps256).len(),
        0,
        "it says that it is for RS256"
    );
    let printed = set.to_json().to_string();
    assert_eq!(JwkSet::parse(printed.as_bytes()).unwrap().keys, set.keys);
}

#[test]
fn a_set_is_bounded() {
    let many = format!("{{\"keys\":[{}]}}", vec!["{}"; SET_KEYS_MAX + 1].join(","));
    let keys = SET_KEYS_MAX + 1;
    assert_eq!(
        JwkSet::parse(many.as_bytes()),
        Err(SetError::TooMany { keys })
    );
    let large = vec![b' '; crate::jwk::SET_BYTES_MAX + 1];
    let bytes = large.len();
    assert_eq!(JwkSet::parse(&large), Err(SetError::TooLarge { bytes }));
    assert_eq!(JwkSet::parse(b"{}"), Err(SetError::NoKeys));
    assert_eq!(JwkSet::parse(b"{\"keys\":{}}"), Err(SetError::NoKeys));
    let twice = b"{\"keys\":[],\"keys\":[]}";
    assert_eq!(
        JwkSet::parse(twice),
        Err(SetError::Json(JsonError::Duplicate))
    );
}

#[test]
fn rsa_numbers_outside_the_limits_are_refused() {
    let modulus = |bytes: usize| {
        let mut n = vec![0xff; bytes];
        n[0] = 0x80;
        n
    };
    let e = [1, 0, 1];
    assert!(RsaPublic::new(&modulus(256), &e).is_ok());
    assert!(RsaPublic::new(&modulus(1024), &e).is_ok());
    assert_eq!(
        RsaPublic::new(&modulus(1025), &e),
        Err(JwkError::Modulus { bits: 8200 })
    );
    assert_eq!(
        RsaPublic::new(&modulus(255), &e),
        Err(JwkError::Modulus { bits: 2040 })
    );
    let mut short = modulus(256);
    short[0] = 0x7f;
    assert_eq!(
        RsaPublic::new(&short, &e),
        Err(JwkError::Modulus { bits: 2047 })
    );
    let mut even = modulus(256);
    even[255] = 2;
    assert_eq!(
        RsaPublic::new(&even, &e),
        Err(JwkError::Modulus { bits: 2048 })
    );
    let leading = [vec![0], modulus(256)].concat();
    assert_eq!(
        RsaPublic::new(&leading, &e),
        Err(JwkError::Malformed { name: "n" })
    );
    for wrong in [
        &[3][..],
        &[1],
        &[1, 0, 0],
        &[0xff, 0xff],
        &[2, 0, 0, 0, 1],
        &[1; 9],
    ] {
        assert_eq!(
            RsaPublic::new(&modulus(256), wrong),
            Err(JwkError::Exponent),
            "{wrong:?}"
        );
    }
    assert!(RsaPublic::new(&modulus(256), &[1, 0, 0, 0, 1]).is_ok());
}

#[test]
fn points_that_are_none_are_refused() {
    assert_eq!(P256Public::new([0; 32], [0; 32]), Err(JwkError::Point));
    assert_eq!(
        P256Public::new([0xff; 32], [0xff; 32]),
        Err(JwkError::Point)
    );
    assert_eq!(P256Public::from_uncompressed(&[]), Err(JwkError::Point));
    assert_eq!(
        P256Public::from_uncompressed(&[4; 64]),
        Err(JwkError::Point)
    );
    assert_eq!(
        P256Public::from_uncompressed(&[2; 33]),
        Err(JwkError::Point)
    );
    let bytes = |first: u8, middle: u8, last: u8| {
        let mut bytes = [middle; 32];
        bytes[0] = first;
        bytes[31] = last;
        bytes
    };
    for weak in [
        bytes(0, 0, 0),
        bytes(0, 0, 0x80),
        bytes(1, 0, 0),
        bytes(1, 0, 0x80),
        bytes(0xec, 0xff, 0x7f),
        bytes(0xec, 0xff, 0xff),
        bytes(0xed, 0xff, 0x7f),
        bytes(0xee, 0xff, 0xff),
        bytes(0xff, 0xff, 0xff),
    ] {
        assert_eq!(Ed25519Public::new(weak), Err(JwkError::Point), "{weak:?}");
    }
    for weak in [
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
    ] {
        let text = format!("{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{weak}\"}}");
        assert_eq!(refused(&text), JwkError::Point);
    }
}

#[test]
fn malformed_members_are_named() {
    let name = "kid";
    assert_eq!(
        refused(&with(P256, "\"kid\":1")),
        JwkError::Malformed { name }
    );
    assert_eq!(
        refused(&with(P256, "\"kid\":\"\"")),
        JwkError::Malformed { name }
    );
    let long = format!("\"kid\":\"{}\"", "a".repeat(257));
    assert_eq!(refused(&with(P256, &long)), JwkError::Malformed { name });
    assert_eq!(refused("{}"), JwkError::Missing { name: "kty" });
    assert_eq!(
        refused(r#"{"kty":"EC"}"#),
        JwkError::Missing { name: "crv" }
    );
    assert_eq!(refused(r#"{"kty":"RSA"}"#), JwkError::Missing { name: "n" });
    assert_eq!(
        refused(r#"{"kty":"RSA","n":"AQ=="}"#),
        JwkError::Malformed { name: "n" }
    );
    assert_eq!(
        refused(&with(P256, "\"use\":\"x\"")),
        JwkError::Unsupported { name: "use" }
    );
    assert_eq!(
        refused(&with(P256, "\"alg\":\"HS256\"")),
        JwkError::Unsupported { name: "alg" }
    );
    assert_eq!(
        refused(&with(P256, "\"alg\":\"none\"")),
        JwkError::Unsupported { name: "alg" }
    );
}

#[test]
fn what_is_no_der_of_two_numbers_is_refused() {
    let der = decode(RSA_PKCS8).unwrap();
    assert_eq!(crate::der::rsa_public(&der), None);
    let numbers = crate::der::rsa_public(&[0x30, 6, 2, 1, 5, 2, 1, 3]);
    assert_eq!(numbers, Some((&[5][..], &[3][..])));
    let padded = crate::der::rsa_public(&[0x30, 0x81, 7, 2, 2, 0, 0x85, 2, 1, 3]);
    assert_eq!(padded.map(|(n, _)| encode(n)), Some(encode(&[0x85])));
    for wrong in [
        &[][..],
        &[0x30],
        &[0x30, 6, 2, 1, 5, 2, 1],
        &[0x30, 3, 2, 1, 5],
        &[0x31, 6, 2, 1, 5, 2, 1, 3],
        &[0x30, 6, 2, 1, 0x85, 2, 1, 3],
        &[0x30, 6, 2, 1, 5, 2, 1, 3, 0],
        &[0x30, 0x85, 1, 1, 1, 1, 1],
        &[0x30, 0x82, 0xff],
    ] {
        assert_eq!(crate::der::rsa_public(wrong), None, "{wrong:?}");
    }
}
