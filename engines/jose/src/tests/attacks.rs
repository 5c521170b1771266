//! Attacks on signed tokens, each by its name.

use aws_lc_rs::hmac;

use super::vectors::{P256, RSA};
use super::{ANY, PAYLOAD, check, key, public, signed};
use crate::algorithm::Algorithm;
use crate::compact::{FormatError, Limits};
use crate::encoding::{decode, encode};
use crate::json::JsonError;
use crate::jwk::{Jwk, VerificationKey};
use crate::jws::{JwsError, Signing, Typ, Unverified, sign, sign_with_header, verify, verify_any};

/// A token with a true signature under this header.
fn under(header: &str) -> String {
    sign_with_header(key(Algorithm::Es256), header, PAYLOAD).unwrap()
}

fn refusal(token: &str) -> JwsError {
    check(token, &public(Algorithm::Es256)).unwrap_err()
}

fn format_of(token: &str) -> FormatError {
    match refusal(token) {
        JwsError::Format(format) => format,
        other => panic!("{other:?}"),
    }
}

#[test]
fn alg_none_is_refused() {
    for name in ["none", "None", "NONE", "nOnE"] {
        let header = encode(format!("{{\"alg\":\"{name}\"}}").as_bytes());
        for signature in ["", "AA"] {
            let token = format!("{header}.{}.{signature}", encode(PAYLOAD));
            for algorithm in Algorithm::ALL {
                let refused = check(&token, &public(algorithm)).unwrap_err();
                assert_eq!(refused, JwsError::Algorithm);
            }
        }
    }
    let empty = format!("{}.{}.", encode(b"{\"alg\":\"\"}"), encode(PAYLOAD));
    assert_eq!(format_of(&empty), FormatError::Parameter { name: "alg" });
    let absent = format!("{}.{}.", encode(b"{}"), encode(PAYLOAD));
    assert_eq!(format_of(&absent), FormatError::Parameter { name: "alg" });
    let list = format!("{}.{}.", encode(b"{\"alg\":[\"ES256\"]}"), encode(PAYLOAD));
    assert_eq!(format_of(&list), FormatError::Parameter { name: "alg" });
}

#[test]
fn a_stripped_signature_is_refused() {
    for algorithm in Algorithm::ALL {
        let token = signed(algorithm);
        let (text, _) = token.rsplit_once('.').unwrap();
        let refused = check(&format!("{text}."), &public(algorithm)).unwrap_err();
        assert_eq!(refused, JwsError::Signature);
    }
}

#[test]
fn hs256_with_the_rsa_public_key_as_secret_is_refused() {
    let jwk = Jwk::parse(RSA.as_bytes()).unwrap();
    let secret = RSA.as_bytes();
    let text = format!("{}.{}", encode(br#"{"alg":"HS256"}"#), encode(PAYLOAD));
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    for header in ["HS256", "RS256"] {
        let text = if header == "HS256" {
            text.clone()
        } else {
            format!("{}.{}", encode(br#"{"alg":"RS256"}"#), encode(PAYLOAD))
        };
        let token = format!("{text}.{}", encode(mac.as_ref()));
        for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
            let key = VerificationKey::new(&jwk, algorithm).unwrap();
            assert!(check(&token, &key).is_err());
        }
    }
}

#[test]
fn a_header_whose_alg_differs_from_the_keys_is_refused() {
    for made in Algorithm::ALL {
        let token = signed(made);
        for asked in Algorithm::ALL.into_iter().filter(|asked| *asked != made) {
            let refused = check(&token, &public(asked)).unwrap_err();
            assert_eq!(refused, JwsError::Algorithm, "{made} {asked}");
        }
    }
    // The same RSA key under the other padding, with the header made to fit.
    let token = sign_with_header(key(Algorithm::Ps256), r#"{"alg":"RS256"}"#, PAYLOAD).unwrap();
    let refused = check(&token, &public(Algorithm::Rs256)).unwrap_err();
    assert_eq!(refused, JwsError::Signature);
}

#[test]
fn psychic_signatures_of_zeros_are_refused() {
    // CVE-2022-21449; the others are the group's order and more, which wrap around to zero.
    let order = decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE").unwrap();
    let text = format!("{}.{}", encode(br#"{"alg":"ES256"}"#), encode(PAYLOAD));
    for signature in [
        vec![0; 64],
        vec![0xff; 64],
        [order.clone(), order.clone()].concat(),
        [vec![0; 32], order].concat(),
        vec![0; 63],
        vec![0; 65],
        vec![0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00],
    ] {
        assert_eq!(
            refusal(&format!("{text}.{}", encode(&signature))),
            JwsError::Signature
        );
    }
}

#[test]
fn an_ecdsa_signature_in_der_is_refused() {
    let (text, signature) = {
        let token = under(r#"{"alg":"ES256"}"#);
        let (text, signature) = token.rsplit_once('.').unwrap();
        (text.to_owned(), decode(signature).unwrap())
    };
    let integer = |bytes: &[u8]| [&[2, 33, 0][..], bytes].concat();
    let (r, s) = signature.split_at(32);
    let der = [&[0x30, 70][..], &integer(r), &integer(s)].concat();
    assert_eq!(
        refusal(&format!("{text}.{}", encode(&der))),
        JwsError::Signature
    );
}

#[test]
fn base64_that_is_not_canonical_is_refused() {
    let token = signed(Algorithm::Es256);
    // 64 bytes leave four bits of the last character unused.
    let (start, last) = token.split_at(token.len() - 1);
    let next = char::from(last.as_bytes()[0] + 1);
    assert_eq!(
        format_of(&format!("{start}{next}")),
        FormatError::Encoding { part: "signature" }
    );
    for wrong in ["=", "==", "\n", " ", "+", "/", "é"] {
        let changed = format!("{token}{wrong}");
        assert_eq!(
            format_of(&changed),
            FormatError::Encoding { part: "signature" }
        );
        let changed = format!("{wrong}{token}");
        assert_eq!(
            format_of(&changed),
            FormatError::Encoding { part: "header" }
        );
    }
    let [header, payload, _] = parts(&token);
    let text = format!("{header}.{payload}=");
    let signature = key(Algorithm::Es256).sign(text.as_bytes()).unwrap();
    let changed = format!("{text}.{}", encode(&signature));
    assert_eq!(
        format_of(&changed),
        FormatError::Encoding { part: "payload" }
    );
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn trailing_data_is_refused() {
    let token = signed(Algorithm::Es256);
    let parts = FormatError::Parts { expected: 3 };
    for changed in [
        format!("{token}."),
        format!("{token}.AA"),
        format!(".{token}"),
        token.replace('.', ""),
        token.rsplit_once('.').unwrap().0.to_owned(),
        ".".repeat(30_000),
        String::new(),
    ] {
        assert_eq!(format_of(&changed), parts);
    }
    assert_eq!(
        format_of(&under(r#"{"alg":"ES256"}{}"#)),
        FormatError::Header(JsonError::Syntax)
    );
}

#[test]
fn duplicate_members_are_refused() {
    for header in [
        r#"{"alg":"none","alg":"ES256"}"#,
        r#"{"alg":"ES256","x":{"y":1,"\u0079":2}}"#,
    ] {
        assert_eq!(
            format_of(&under(header)),
            FormatError::Header(JsonError::Duplicate)
        );
    }
    let payload = br#"{"sub":"1","sub":"2"}"#;
    let token = sign(key(Algorithm::Es256), &Signing::default(), payload).unwrap();
    let verified = check(&token, &public(Algorithm::Es256)).unwrap();
    assert_eq!(verified.claims(), Err(JsonError::Duplicate.into()));
}

#[test]
fn crit_and_b64_are_refused() {
    for crit in [r#"["exp"]"#, r#"["b64"]"#, "[]", "null", r#""x""#] {
        let header = format!("{{\"alg\":\"ES256\",\"crit\":{crit},\"exp\":1,\"b64\":true}}");
        assert_eq!(format_of(&under(&header)), FormatError::Critical);
    }
    assert_eq!(
        format_of(&under(r#"{"alg":"ES256","b64":false}"#)),
        FormatError::Unencoded
    );
    assert_eq!(
        format_of(&under(r#"{"alg":"ES256","zip":"DEF"}"#)),
        FormatError::Compressed
    );
}

#[test]
fn an_oversized_token_is_refused_before_it_is_decoded() {
    let limit = Limits::SIGNED.token_bytes_max;
    let payload = "a".repeat(limit);
    let token = sign(
        key(Algorithm::Es256),
        &Signing::default(),
        payload.as_bytes(),
    )
    .unwrap();
    let bytes = token.len();
    assert_eq!(format_of(&token), FormatError::TooLarge { bytes, limit });
    let wide = Limits {
        token_bytes_max: bytes,
        ..Limits::SIGNED
    };
    assert!(verify(&token, &public(Algorithm::Es256), ANY, &wide).is_ok());
    let limit = Limits::SIGNED.header_bytes_max;
    let header = |bytes: usize| {
        let filling = bytes - r#"{"alg":"ES256","x":""}"#.len();
        format!("{{\"alg\":\"ES256\",\"x\":\"{}\"}}", "a".repeat(filling))
    };
    assert!(check(&under(&header(limit)), &public(Algorithm::Es256)).is_ok());
    for bytes in [limit + 1, limit + 2, limit + 3, limit + 100] {
        assert_eq!(
            format_of(&under(&header(bytes))),
            FormatError::HeaderTooLarge { limit }
        );
    }
}

#[test]
fn a_bomb_of_nested_arrays_is_refused() {
    let bomb = |open: &str, close: &str, levels: usize| {
        format!(
            "{{\"alg\":\"ES256\",\"x\":{}1{}}}",
            open.repeat(levels),
            close.repeat(levels)
        )
    };
    for bomb in [bomb("[", "]", 1_900), bomb("{\"a\":", "}", 600)] {
        assert_eq!(
            format_of(&under(&bomb)),
            FormatError::Header(JsonError::Depth)
        );
        let token = sign(key(Algorithm::Es256), &Signing::default(), bomb.as_bytes()).unwrap();
        let verified = check(&token, &public(Algorithm::Es256)).unwrap();
        assert_eq!(verified.claims(), Err(JsonError::Depth.into()));
    }
}

#[test]
fn a_key_brought_by_the_token_is_not_used() {
    let own = crate::jwk::SigningKey::generate(crate::jwk::KeyKind::Es256).unwrap();
    let signing = Signing {
        embedded_key: Some(&own.jwk()),
        ..Signing::default()
    };
    let token = sign(&own, &signing, PAYLOAD).unwrap();
    assert_eq!(refusal(&token), JwsError::Signature);
    let header = r#"{"alg":"ES256","jku":"https://evil.example/","x5u":"https://evil.example/","x5c":["AA"]}"#;
    let token = sign_with_header(&own, header, PAYLOAD).unwrap();
    assert_eq!(refusal(&token), JwsError::Signature);
}

#[test]
fn a_token_of_another_type_is_refused() {
    let token = |typ| {
        let signing = Signing {
            typ,
            ..Signing::default()
        };
        sign(key(Algorithm::Es256), &signing, PAYLOAD).unwrap()
    };
    let accepts = |found, typ| {
        verify(
            &token(found),
            &public(Algorithm::Es256),
            typ,
            &Limits::SIGNED,
        )
        .is_ok()
    };
    let at = Typ::Exactly("at+jwt");
    assert!(accepts(Some("at+jwt"), at));
    assert!(accepts(Some("application/AT+JWT"), at));
    assert!(!accepts(Some("JWT"), at));
    assert!(!accepts(Some("text/at+jwt"), at));
    assert!(!accepts(Some("application/application/at+jwt"), at));
    assert!(!accepts(None, at));
    assert!(accepts(None, ANY));
    assert!(accepts(Some("jwt"), ANY));
    assert!(!accepts(Some("at+jwt"), ANY));
    let typ = under(r#"{"alg":"ES256","typ":1}"#);
    assert_eq!(format_of(&typ), FormatError::Parameter { name: "typ" });
}

#[test]
fn a_kid_finds_its_key_and_no_other() {
    let (one, other) = (public(Algorithm::Es256), public(Algorithm::EdDsa));
    let any = |token: &str, keys: &[VerificationKey]| verify_any(token, keys, ANY, &Limits::SIGNED);
    let keys = [other.clone(), one.clone()];
    assert!(any(&signed(Algorithm::Es256), &keys).is_ok());
    assert!(any(&signed(Algorithm::EdDsa), &keys).is_ok());
    let unknown = any(&signed(Algorithm::Rs256), &keys);
    assert_eq!(unknown.unwrap_err(), JwsError::UnknownKey);
    assert!(
        any(&under(r#"{"alg":"ES256"}"#), &keys).is_ok(),
        "without kid all are tried"
    );
    let kid = format!("{{\"alg\":\"ES256\",\"kid\":\"{}\"}}", other.kid().unwrap());
    assert_eq!(any(&under(&kid), &keys).unwrap_err(), JwsError::Algorithm);
    let traversal = under(r#"{"alg":"ES256","kid":"../../dev/null"}"#);
    assert_eq!(any(&traversal, &keys).unwrap_err(), JwsError::UnknownKey);
    assert_eq!(
        any(&signed(Algorithm::Es256), &[]).unwrap_err(),
        JwsError::UnknownKey
    );
}

#[test]
fn a_key_for_something_else_verifies_nothing() {
    let with = |member: &str| {
        let text = P256.replacen('{', &format!("{{{member},"), 1);
        Jwk::parse(text.as_bytes())
    };
    let bind = |member| with(member).and_then(|jwk| VerificationKey::new(&jwk, Algorithm::Es256));
    assert!(bind(r#""use":"sig""#).is_ok());
    assert!(bind(r#""alg":"ES256""#).is_ok());
    assert!(bind(r#""key_ops":["verify"]"#).is_ok());
    for member in [
        r#""use":"enc""#,
        r#""alg":"ECDH-ES""#,
        r#""key_ops":["deriveBits"]"#,
        r#""alg":"RS256""#,
        r#""use":"enc","alg":"ES256""#,
        r#""use":"sig","key_ops":["deriveKey"]"#,
        r#""key_ops":["verify","wrapKey"]"#,
        r#""key_ops":[]"#,
        r#""key_ops":["sign"]"#,
    ] {
        assert!(bind(member).is_err(), "{member}");
    }
}

#[test]
fn what_is_read_before_the_proof_says_so() {
    let token = signed(Algorithm::Es256);
    let [header, _, signature] = parts(&token);
    let token = format!("{header}.{}.{signature}", encode(br#"{"sub":"2"}"#));
    let read = Unverified::parse(&token, &Limits::SIGNED).unwrap();
    assert_eq!(read.claims_unproved().unwrap().text("sub"), Some("2"));
    assert!(read.verify(&public(Algorithm::Es256), ANY).is_err());
}
