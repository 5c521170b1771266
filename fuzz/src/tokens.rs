//! Tokens, keys and proofs of possession as strangers send them.

use std::sync::LazyLock;

use jose::claims::Claims;
use jose::dpop::{self, Expected};
use jose::jwe::{self, DecryptionKey, DecryptionKind};
use jose::jwk::{Jwk, JwkSet};
use jose::jws::{Typ, Unverified, verify_any};
use jose::{Algorithm, ContentEncryption, KeyManagement, Limits};

use crate::{Target, text};

const WORDS: &[&str] = &[
    ".",
    "..",
    "eyJ",
    "alg",
    "none",
    "ES256",
    "{\"alg\":\"ES256\"}",
    "eyJhbGciOiJFUzI1NiJ9",
    "kid",
    "crit",
    "jwk",
    "{}",
    "[]",
    "\"",
    "=",
    "-",
    "_",
    "A",
];

/// A token without its key proves nothing, and reading it makes no harm.
pub(crate) const JWS: Target = Target {
    name: "jws",
    check: |bytes| {
        let token = text(bytes);
        if let Ok(read) = Unverified::parse(token, &Limits::SIGNED) {
            assert!(!read.header().algorithm().is_empty());
            let _ = read.claims_unproved();
        }
        assert!(verify_any(token, &[], Typ::Exactly("at+jwt"), &Limits::SIGNED).is_err());
        if let Ok(claims) = Claims::parse(bytes) {
            let _ = gateway::domain::presented(&claims, "test");
        }
    },
    words: WORDS,
};

/// Nobody else's token is decrypted.
pub(crate) const JWE: Target = Target {
    name: "jwe",
    check: |bytes| {
        static KEY: LazyLock<DecryptionKey> =
            LazyLock::new(|| DecryptionKey::generate(DecryptionKind::EcdhEs).expect("a key"));
        let accepted = ContentEncryption::ALL;
        assert!(jwe::decrypt(text(bytes), &[&KEY], &accepted, &Limits::ENCRYPTED).is_err());
    },
    words: WORDS,
};

/// A set of keys that is read is read again from what it writes.
pub(crate) const KEYS: Target = Target {
    name: "keys",
    check: |bytes| {
        if let Ok(jwk) = Jwk::parse(bytes) {
            assert!(Jwk::from_members(&jwk.to_members()).is_ok());
        }
        if let Ok(set) = JwkSet::parse(bytes) {
            for algorithm in Algorithm::ALL {
                let _ = set.verification_keys(algorithm);
            }
            for management in KeyManagement::ALL {
                let _ = set.encryption_key(management);
            }
            assert!(JwkSet::parse(set.to_json().to_string().as_bytes()).is_ok());
        }
        let _ = gateway::control_keys(bytes);
    },
    words: &[
        "{\"keys\":[",
        "\"kty\":",
        "\"EC\"",
        "\"RSA\"",
        "\"OKP\"",
        "\"x\":\"",
        "\"n\":\"",
        "\"}",
        "AQAB",
    ],
};

/// A proof for another request holds for none; an address has one normal form.
pub(crate) const DPOP: Target = Target {
    name: "dpop",
    check: |bytes| {
        let expected = Expected {
            method: "POST",
            url: "https://echanges.example/token",
            now: 1_780_000_000,
            age_seconds_max: 60,
            ahead_seconds: 5,
            access_token: Some("token"),
            nonces: &[],
            thumbprint: Some("nobody's"),
            algorithms: &Algorithm::ALL,
        };
        assert!(dpop::verify(text(bytes), &expected).is_err());
        if let Ok(normal) = dpop::normalised(text(bytes)) {
            assert_eq!(dpop::normalised(&normal), Ok(normal));
        }
    },
    words: &[
        "https://", "HTTP://", "/../", "%2e", "%41", ":443", "?", "#", "[::1]", "@", ".", "eyJ",
    ],
};
