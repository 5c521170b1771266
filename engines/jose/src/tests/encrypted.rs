//! Attacks on encrypted tokens, each by its name, and the keys behind them.

use std::sync::LazyLock;

use super::vectors::{P256, RSA, RSA_PKCS8};
use crate::algorithm::{ContentEncryption, KeyManagement};
use crate::compact::{FormatError, Limits};
use crate::encoding::{decode, encode};
use crate::jwe::{
    Decrypted, DecryptionKey, DecryptionKind, Encrypting, EncryptionKey, JweError, decrypt, encrypt,
};
use crate::jwk::{Jwk, JwkError, JwkSet};

/// One key of each kind.
pub(super) static KEYS: LazyLock<[DecryptionKey; 3]> = LazyLock::new(|| {
    let rsa = decode(RSA_PKCS8).unwrap();
    [
        DecryptionKey::from_pkcs8(KeyManagement::RsaOaep256, &rsa).unwrap(),
        DecryptionKey::generate(DecryptionKind::EcdhEs).unwrap(),
        DecryptionKey::generate(DecryptionKind::EcdhEsA256Kw).unwrap(),
    ]
});

fn seal(key: &DecryptionKey) -> String {
    let public = EncryptionKey::new(&key.jwk(), key.management()).unwrap();
    let encrypting = Encrypting {
        typ: None,
        content_type: Some("JWT"),
    };
    encrypt(&public, ContentEncryption::A256Gcm, &encrypting, b"content").unwrap()
}

fn open(token: &str) -> Result<Decrypted, JweError> {
    let keys: Vec<&DecryptionKey> = KEYS.iter().collect();
    decrypt(token, &keys, &ContentEncryption::ALL, &Limits::ENCRYPTED)
}

/// The token with one of its five parts changed.
fn changed(token: &str, part: usize, change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[part] = encode(&change(decode(&parts[part]).unwrap()));
    parts.join(".")
}

/// The token with a change in its header's text.
fn reheaded(token: &str, from: &str, to: &str) -> String {
    changed(token, 0, |header| {
        let text = String::from_utf8(header).unwrap();
        assert!(text.contains(from), "{text}");
        text.replace(from, to).into_bytes()
    })
}

#[test]
fn each_key_opens_what_was_encrypted_to_it() {
    for key in KEYS.iter() {
        let opened = open(&seal(key)).unwrap();
        assert_eq!(opened.content.as_slice(), b"content");
        assert_eq!(opened.header.content_type(), Some("JWT"));
        assert_eq!(opened.header.kid(), Some(key.kid()));
    }
}

#[test]
fn without_a_kid_every_key_of_the_kind_is_tried() {
    let other = DecryptionKey::generate(DecryptionKind::EcdhEs).unwrap();
    let nameless = Jwk::new(KEYS[1].jwk().key);
    let public = EncryptionKey::new(&nameless, KeyManagement::EcdhEs).unwrap();
    let enc = ContentEncryption::A128Gcm;
    let token = encrypt(&public, enc, &Encrypting::default(), b"content").unwrap();
    let open = |keys: &[&DecryptionKey]| decrypt(&token, keys, &[enc], &Limits::ENCRYPTED);
    assert!(open(&[&KEYS[0], &other, &KEYS[1]]).is_ok());
    assert_eq!(open(&[&other]), Err(JweError::Undecryptable));
    assert_eq!(open(&[&KEYS[2]]), Err(JweError::NoKey));
}

#[test]
fn a_truncated_gcm_tag_is_refused() {
    for key in KEYS.iter() {
        let token = seal(key);
        for length in [0, 1, 4, 12, 15] {
            let cut = changed(&token, 4, |tag| tag[..length].to_vec());
            assert_eq!(open(&cut), Err(JweError::Undecryptable));
        }
        let long = changed(&token, 4, |tag| [tag, vec![0]].concat());
        assert_eq!(open(&long), Err(JweError::Undecryptable));
    }
}

#[test]
fn moving_the_border_of_ciphertext_and_tag_is_refused() {
    for key in KEYS.iter() {
        let token = seal(key);
        let parts: Vec<&str> = token.split('.').collect();
        let (text, tag) = (decode(parts[3]).unwrap(), decode(parts[4]).unwrap());
        let both = [text.as_slice(), &tag].concat();
        for border in (0..both.len()).filter(|border| *border != text.len()) {
            let (text, tag) = both.split_at(border);
            let token = changed(&token, 3, |_| text.to_vec());
            let token = changed(&token, 4, |_| tag.to_vec());
            assert_eq!(open(&token), Err(JweError::Undecryptable), "{border}");
        }
    }
}

#[test]
fn every_failure_behind_the_key_is_the_same() {
    for key in KEYS.iter() {
        let token = seal(key);
        for part in 1..5 {
            for change in [
                |bytes: Vec<u8>| [bytes, vec![1]].concat(),
                |bytes: Vec<u8>| bytes.iter().map(|byte| byte ^ 1).chain([0]).collect(),
                |bytes: Vec<u8>| bytes.iter().skip(1).copied().chain([0]).collect(),
            ] {
                let refused = open(&changed(&token, part, change));
                assert_eq!(
                    refused,
                    Err(JweError::Undecryptable),
                    "{} {part}",
                    key.management()
                );
            }
        }
    }
}

#[test]
fn a_compressed_token_is_refused() {
    for key in KEYS.iter() {
        let token = reheaded(&seal(key), "{", "{\"zip\":\"DEF\",");
        assert_eq!(open(&token), Err(FormatError::Compressed.into()));
    }
}

#[test]
fn an_ephemeral_key_of_another_curve_is_refused() {
    let token = seal(&KEYS[1]);
    for curve in ["P-384", "P-521", "secp256k1", "X25519"] {
        assert_eq!(
            open(&reheaded(&token, "P-256", curve)),
            Err(JweError::Undecryptable)
        );
    }
    assert_eq!(
        open(&reheaded(&token, "\"EC\"", "\"OKP\"")),
        Err(JweError::Undecryptable)
    );
    assert_eq!(
        open(&reheaded(&token, "\"epk\"", "\"apk\"")),
        Err(JweError::Undecryptable)
    );
}

#[test]
fn an_ephemeral_point_off_the_curve_is_refused() {
    for key in &KEYS[1..] {
        let token = seal(key);
        for (x, y) in [
            ([0; 32], [0; 32]),
            ([1; 32], [1; 32]),
            ([0xff; 32], [0xff; 32]),
        ] {
            let epk = format!(
                "{{\"alg\":\"{}\",\"enc\":\"A256GCM\",\"epk\":{{\"kty\":\"EC\",\"crv\":\"P-256\",\
                 \"x\":\"{}\",\"y\":\"{}\"}}}}",
                key.management(),
                encode(&x),
                encode(&y)
            );
            let token = changed(&token, 0, |_| epk.clone().into_bytes());
            assert_eq!(open(&token), Err(JweError::Undecryptable));
        }
    }
}

#[test]
fn an_alg_or_enc_that_is_not_ours_is_refused() {
    let token = seal(&KEYS[0]);
    for name in [
        "RSA1_5",
        "RSA-OAEP",
        "dir",
        "none",
        "A256KW",
        "PBES2-HS256+A128KW",
        "ECDH-ES",
    ] {
        assert_eq!(
            open(&reheaded(&token, "RSA-OAEP-256", name)),
            Err(JweError::NoKey),
            "{name}"
        );
    }
    for name in ["A128CBC-HS256", "none", "", "A192GCM"] {
        let token = reheaded(&token, "A256GCM", name);
        assert_eq!(open(&token), Err(JweError::ContentEncryption), "{name}");
    }
    let keys = [&KEYS[0]];
    let only = [ContentEncryption::A128Gcm];
    let refused = decrypt(&token, &keys, &only, &Limits::ENCRYPTED);
    assert_eq!(refused, Err(JweError::ContentEncryption));
    assert_eq!(
        open(&reheaded(&token, "{", "{\"crit\":[\"x\"],")),
        Err(FormatError::Critical.into())
    );
    let kid = reheaded(&token, KEYS[0].kid(), "other");
    assert_eq!(open(&kid), Err(JweError::NoKey));
}

#[test]
fn an_oversized_or_misshapen_token_is_refused() {
    let limit = Limits::ENCRYPTED.token_bytes_max;
    let large = "a".repeat(limit + 1);
    let refused = FormatError::TooLarge {
        bytes: limit + 1,
        limit,
    };
    assert_eq!(open(&large), Err(refused.into()));
    let token = seal(&KEYS[0]);
    for wrong in [
        format!("{token}."),
        token.replace('.', ""),
        "a.b.c".to_owned(),
    ] {
        assert_eq!(open(&wrong), Err(FormatError::Parts { expected: 5 }.into()));
    }
    let refused = FormatError::Encoding {
        part: "authentication tag",
    };
    assert_eq!(open(&format!("{token}=")), Err(refused.into()));
}

#[test]
fn keys_survive_storage_and_are_never_shown() {
    for key in KEYS.iter() {
        let der = key.to_pkcs8().unwrap();
        let loaded = DecryptionKey::from_pkcs8(key.management(), &der).unwrap();
        assert_eq!(loaded.kid(), key.kid());
        let token = seal(key);
        assert!(
            decrypt(
                &token,
                &[&loaded],
                &ContentEncryption::ALL,
                &Limits::ENCRYPTED
            )
            .is_ok()
        );
        let shown = format!("{:?}", loaded.with_kid("k"));
        let management = format!("{:?}", key.management());
        assert_eq!(
            shown,
            format!("DecryptionKey {{ management: {management}, kid: \"k\", .. }}")
        );
    }
    assert!(
        DecryptionKey::from_pkcs8(KeyManagement::EcdhEs, &KEYS[0].to_pkcs8().unwrap()).is_err()
    );
    assert!(DecryptionKey::from_pkcs8(KeyManagement::RsaOaep256, b"x").is_err());
}

#[test]
fn a_key_to_encrypt_to_is_chosen_by_what_it_says() {
    let set = |keys: &[String]| {
        JwkSet::parse(format!("{{\"keys\":[{}]}}", keys.join(",")).as_bytes()).unwrap()
    };
    let with = |key: &str, member: &str| key.replacen('{', &format!("{{{member},"), 1);
    let keys = set(&[
        with(P256, r#""kid":"a","use":"sig""#),
        with(P256, r#""kid":"b""#),
        with(P256, r#""kid":"c","use":"enc""#),
        with(RSA, r#""kid":"d","alg":"RS256""#),
    ]);
    let chosen = keys.encryption_key(KeyManagement::EcdhEs).unwrap();
    assert_eq!(chosen.kid(), Some("c"));
    assert!(keys.encryption_key(KeyManagement::RsaOaep256).is_none());
    let rsa = Jwk::parse(RSA.as_bytes()).unwrap();
    let unfit = EncryptionKey::new(&rsa, KeyManagement::EcdhEs);
    assert_eq!(unfit.unwrap_err(), JwkError::Unfit);
}
