//! Vectors of the RFCs, and tokens of another library.

use super::vectors::{
    A256GCM_KEY, A256GCM_TOKEN, ECDH_ES_A128GCM_TOKEN, ECDH_ES_A256KW_TOKEN, ECDH_ES_TOKEN,
    ES256_TOKEN, P256, P256_PKCS8, PS256_TOKEN, RS256_TOKEN, RSA, RSA_OAEP_256_TOKEN, RSA_PKCS8,
};
use super::{ANY, check};
use crate::algorithm::{Algorithm, ContentEncryption, KeyManagement};
use crate::compact::Limits;
use crate::encoding::decode;
use crate::hashes::{access_token_hash, half_hash, half_hash_matches};
use crate::jwe::{DecryptionKey, decrypt};
use crate::jwk::{Jwk, SigningKey, VerificationKey};
use crate::jws::{Signing, Unverified, sign, sign_with_header};

const CLAIMS: &[u8] =
    b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

fn jwk(text: &str) -> Jwk {
    Jwk::parse(text.as_bytes()).unwrap()
}

fn bound(text: &str, algorithm: Algorithm) -> VerificationKey {
    VerificationKey::new(&jwk(text), algorithm).unwrap()
}

#[test]
fn rfc_7515_a_2_rs256() {
    let verified = check(RS256_TOKEN, &bound(RSA, Algorithm::Rs256)).unwrap();
    assert_eq!(verified.payload, CLAIMS);
    let key = SigningKey::from_pkcs8(Algorithm::Rs256, &decode(RSA_PKCS8).unwrap()).unwrap();
    let token = sign_with_header(&key, r#"{"alg":"RS256"}"#, CLAIMS).unwrap();
    assert_eq!(token, RS256_TOKEN, "these signatures are deterministic");
    assert_eq!(key.public(), &jwk(RSA).key);
}

#[test]
fn rfc_7515_a_3_es256() {
    let verified = check(ES256_TOKEN, &bound(P256, Algorithm::Es256)).unwrap();
    assert_eq!(verified.payload, CLAIMS);
    let claims = verified.claims().unwrap();
    assert_eq!(claims.text("iss"), Some("joe"));
    assert_eq!(claims.instant("exp"), Ok(Some(1_300_819_380)));
    let key = SigningKey::from_pkcs8(Algorithm::Es256, &decode(P256_PKCS8).unwrap()).unwrap();
    assert_eq!(key.public(), &jwk(P256).key);
}

/// RFC 8037 appendix A.2.
const ED25519: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

#[test]
fn rfc_8037_a_4_and_a_5_ed25519() {
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1\
                 PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let payload = b"Example of Ed25519 signing";
    let verified = check(token, &bound(ED25519, Algorithm::EdDsa)).unwrap();
    assert_eq!(verified.payload, payload);
    // The private key of appendix A.1 behind the fixed start of its PKCS#8.
    let mut der = decode("MC4CAQAwBQYDK2VwBCIEIA").unwrap();
    der.extend(decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap());
    let key = SigningKey::from_pkcs8(Algorithm::EdDsa, &der).unwrap();
    assert_eq!(
        sign_with_header(&key, r#"{"alg":"EdDSA"}"#, payload).unwrap(),
        token
    );
}

#[test]
fn rfc_8037_a_3_thumbprint() {
    let key = jwk(ED25519).key;
    assert_eq!(
        key.thumbprint(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn rfc_7638_3_1_thumbprint() {
    let key = jwk(
        r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#,
    );
    let thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    assert_eq!(key.key.thumbprint(), thumbprint);
    assert_eq!(
        key.key.thumbprint_uri(),
        format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{thumbprint}")
    );
}

#[test]
fn rfc_7516_a_1_content() {
    let parts: Vec<&str> = A256GCM_TOKEN.split('.').collect();
    let content = crate::jwe::open_for_tests(
        ContentEncryption::A256Gcm,
        &decode(A256GCM_KEY).unwrap(),
        parts[0].as_bytes(),
        [parts[2], parts[3], parts[4]].map(|part| decode(part).unwrap()),
    );
    assert_eq!(
        content.unwrap().as_slice(),
        b"The true sign of intelligence is not knowledge but imagination."
    );
}

#[test]
fn tokens_encrypted_by_another_library_are_decrypted() {
    let (rsa, p256) = (decode(RSA_PKCS8).unwrap(), decode(P256_PKCS8).unwrap());
    for (token, management, der) in [
        (RSA_OAEP_256_TOKEN, KeyManagement::RsaOaep256, &rsa),
        (ECDH_ES_TOKEN, KeyManagement::EcdhEs, &p256),
        (ECDH_ES_A128GCM_TOKEN, KeyManagement::EcdhEs, &p256),
        (ECDH_ES_A256KW_TOKEN, KeyManagement::EcdhEsA256Kw, &p256),
    ] {
        let key = DecryptionKey::from_pkcs8(management, der).unwrap();
        let all = ContentEncryption::ALL;
        let decrypted = decrypt(token, &[&key], &all, &Limits::ENCRYPTED).unwrap();
        assert_eq!(
            decrypted.content.as_slice(),
            b"made elsewhere",
            "{management}"
        );
    }
}

#[test]
fn a_token_signed_by_another_library_with_ps256_verifies() {
    let verified = check(PS256_TOKEN, &bound(RSA, Algorithm::Ps256)).unwrap();
    assert_eq!(verified.payload, br#"{"a":1}"#);
}

#[test]
fn openid_connect_core_a_3_and_a_4_hashes() {
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(half_hash(Algorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    assert!(half_hash_matches(
        "LDktKdoQak3Pk0cnXxCltA",
        Algorithm::Rs256,
        code
    ));
    assert!(!half_hash_matches(
        "LDktKdoQak3Pk0cnXxCltB",
        Algorithm::Rs256,
        code
    ));
    assert!(!half_hash_matches("", Algorithm::Rs256, code));
    let of_sha_512 = "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM";
    assert_eq!(half_hash(Algorithm::EdDsa, token), of_sha_512);
    assert_eq!(
        half_hash(Algorithm::Es256, token),
        half_hash(Algorithm::Ps256, token)
    );
}

#[test]
fn rfc_9449_7_1_access_token_hash() {
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    assert_eq!(
        access_token_hash(token),
        "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
    );
}

#[test]
fn a_signed_token_says_what_the_caller_wanted_in_its_header() {
    let key = SigningKey::from_pkcs8(Algorithm::Es256, &decode(P256_PKCS8).unwrap()).unwrap();
    let key = key.with_kid("2026-11");
    let signing = Signing {
        typ: Some("JWT"),
        content_type: Some("text/plain"),
        embedded_key: None,
    };
    let token = sign(&key, &signing, b"{}").unwrap();
    let read = Unverified::parse(&token, &Limits::SIGNED).unwrap();
    assert_eq!(read.header().algorithm(), "ES256");
    assert_eq!(read.header().kid(), Some("2026-11"));
    assert_eq!(read.header().typ(), Some("JWT"));
    assert_eq!(read.header().content_type(), Some("text/plain"));
    assert!(read.claims_unproved().unwrap().members().is_empty());
    assert!(read.verify(&key.verification_key().unwrap(), ANY).is_ok());
}
