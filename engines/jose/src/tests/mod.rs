//! Tests of the whole: published vectors, attacks by name, properties.

mod attacks;
mod claims;
mod dpop;
mod encrypted;
mod keys;
mod known;
mod properties;
mod vectors;

use std::sync::LazyLock;

use crate::Limits;
use crate::algorithm::Algorithm;
use crate::encoding::decode;
use crate::jwk::{KeyKind, SigningKey, VerificationKey};
use crate::jws::{JwsError, Signing, Typ, Verified, sign, verify};

/// What most tests sign.
const PAYLOAD: &[u8] = br#"{"sub":"1"}"#;

/// No demand on `typ`, as far as there is such a thing.
const ANY: Typ<'_> = Typ::AbsentOr(&["JWT"]);

/// One key of each algorithm; RSA keys take long to make, so it is the one of RFC 7515.
static KEYS: LazyLock<[SigningKey; 4]> = LazyLock::new(|| {
    let rsa = decode(vectors::RSA_PKCS8).unwrap();
    [
        SigningKey::generate(KeyKind::Es256).unwrap(),
        SigningKey::generate(KeyKind::EdDsa).unwrap(),
        SigningKey::from_pkcs8(Algorithm::Rs256, &rsa).unwrap(),
        SigningKey::from_pkcs8(Algorithm::Ps256, &rsa).unwrap(),
    ]
});

fn key(algorithm: Algorithm) -> &'static SigningKey {
    KEYS.iter()
        .find(|key| key.algorithm() == algorithm)
        .unwrap()
}

fn public(algorithm: Algorithm) -> VerificationKey {
    key(algorithm).verification_key().unwrap()
}

fn signed(algorithm: Algorithm) -> String {
    sign(key(algorithm), &Signing::default(), PAYLOAD).unwrap()
}

fn check(token: &str, key: &VerificationKey) -> Result<Verified, JwsError> {
    verify(token, key, ANY, &Limits::SIGNED)
}
