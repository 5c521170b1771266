//! Properties over random inputs.

use proptest::prelude::*;

use super::encrypted::KEYS;
use super::{check, key, public};
use crate::algorithm::{Algorithm, ContentEncryption};
use crate::claims::{Claims, Rules};
use crate::compact::Limits;
use crate::dpop;
use crate::encoding::{decode, encode};
use crate::jwe::{self, Encrypting, EncryptionKey};
use crate::jwk::{Jwk, JwkSet, SigningKey};
use crate::jws::{Signing, Unverified, sign};

fn algorithms() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(Algorithm::ALL.to_vec())
}

/// The token with one bit of one part's bytes flipped, the text still canonical.
fn flipped(token: &str, at: prop::sample::Index) -> String {
    let mut parts: Vec<Vec<u8>> = token.split('.').map(|part| decode(part).unwrap()).collect();
    let mut bit = at.index(parts.iter().map(|part| part.len() * 8).sum());
    for part in &mut parts {
        if bit < part.len() * 8 {
            part[bit / 8] ^= 1 << (bit % 8);
            break;
        }
        bit -= part.len() * 8;
    }
    let parts: Vec<String> = parts.iter().map(|part| encode(part)).collect();
    parts.join(".")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_signed_verifies_and_no_bit_can_change(
        algorithm in algorithms(),
        payload in prop::collection::vec(any::<u8>(), 0..200),
        at in any::<prop::sample::Index>(),
    ) {
        let token = sign(key(algorithm), &Signing::default(), &payload).unwrap();
        let verified = check(&token, &public(algorithm)).unwrap();
        prop_assert_eq!(verified.payload, payload);
        prop_assert!(check(&flipped(&token, at), &public(algorithm)).is_err());
    }

    #[test]
    fn what_is_encrypted_decrypts_and_no_bit_can_change(
        index in 0..3_usize,
        encryption in prop::sample::select(ContentEncryption::ALL.to_vec()),
        content in prop::collection::vec(any::<u8>(), 0..200),
        at in any::<prop::sample::Index>(),
    ) {
        let private = &KEYS[index];
        let public = EncryptionKey::new(&private.jwk(), private.management()).unwrap();
        let token = jwe::encrypt(&public, encryption, &Encrypting::default(), &content).unwrap();
        let open = |token: &str| {
            jwe::decrypt(token, &[private], &ContentEncryption::ALL, &Limits::ENCRYPTED)
        };
        let opened = open(&token).unwrap();
        prop_assert_eq!(opened.content.as_slice(), content);
        prop_assert!(open(&flipped(&token, at)).is_err());
    }
}

proptest! {
    #[test]
    fn no_parser_panics_on_arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let _ = Jwk::parse(&bytes);
        let _ = JwkSet::parse(&bytes);
        let _ = Claims::parse(&bytes);
        let _ = crate::der::rsa_public(&bytes);
        let _ = dpop::normalised(&text);
        let _ = dpop::normalised(&format!("https://{text}"));
        for algorithm in Algorithm::ALL {
            let _ = SigningKey::from_pkcs8(algorithm, &bytes);
        }
        let header = encode(&bytes);
        for token in [text.clone(), format!("{header}.{text}.{header}"), format!("{header}.e30.")] {
            let _ = Unverified::parse(&token, &Limits::SIGNED);
            let _ = jwe::decrypt(&token, &[], &ContentEncryption::ALL, &Limits::ENCRYPTED);
        }
    }

    #[test]
    fn no_parser_panics_on_what_looks_right(
        name in "alg|enc|epk|kid|typ|jwk|kty|crv|x|n|e|aud|exp|iat|nbf|keys|use|key_ops",
        value in r#"-?[0-9]{1,25}|"[a-zA-Z0-9_-]{0,60}"|\[("a"|1|null){0,1}\]|\{"kty":"(EC|RSA)"\}|null|1e300"#,
        now in any::<i64>(),
    ) {
        let text = format!("{{\"alg\":\"ES256\",\"kty\":\"EC\",\"{name}\":{value}}}");
        let _ = Jwk::parse(text.as_bytes());
        let _ = JwkSet::parse(format!("{{\"keys\":[{text}]}}").as_bytes());
        let claims = format!("{{\"{name}\":{value}}}");
        if let Ok(claims) = Claims::parse(claims.as_bytes()) {
            let rules = Rules::new().audience("a").age_seconds_max(i64::MAX).leeway_seconds(60);
            let _ = rules.check(&claims, now);
        }
        let token = format!("{}.{}.AA", encode(text.as_bytes()), encode(claims.as_bytes()));
        let _ = check(&token, &public(Algorithm::Es256));
    }
}
