//! Proofs of possession: the examples of RFC 9449, and attacks by name.

use super::key;
use crate::algorithm::Algorithm;
use crate::claims::{ClaimError, Claims};
use crate::dpop::{DpopError, Expected, NewProof, TYP, create, verify};
use crate::encoding::encode;
use crate::jwk::{Jwk, JwkError};
use crate::jws::{JwsError, Signing, sign, sign_with_header};

const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

/// RFC 9449 section 5, figure 5.
const AT_TOKEN_ENDPOINT: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik\
    VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR\
    nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE\
    QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIj\
    oiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia\
    WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg\
    4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

/// RFC 9449 section 7.1, figure 13.
const AT_RESOURCE: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik\
    VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR\
    nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE\
    QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIj\
    oiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z\
    WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNF\
    c05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71E\
    OptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";

const AT_TOKEN: Expected<'_> = Expected {
    method: "POST",
    url: "https://server.example.com/token",
    now: 1_562_262_616,
    age_seconds_max: 60,
    ahead_seconds: 5,
    access_token: None,
    nonces: &[],
    thumbprint: None,
    algorithms: &Algorithm::ALL,
};

#[test]
fn rfc_9449_5_token_request() {
    let proof = verify(AT_TOKEN_ENDPOINT, &AT_TOKEN).unwrap();
    assert_eq!(proof.thumbprint, JKT);
    assert_eq!(proof.jti, "-BwC3ESc6acc2lTc");
    assert_eq!(proof.issued_at, 1_562_262_616);
}

#[test]
fn rfc_9449_7_1_resource_request() {
    let expected = Expected {
        method: "GET",
        url: "https://resource.example.org/protectedresource",
        now: 1_562_262_620,
        access_token: Some("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
        thumbprint: Some(JKT),
        ..AT_TOKEN
    };
    assert_eq!(
        verify(AT_RESOURCE, &expected).unwrap().jti,
        "e1j3V_bKic8-LAEB"
    );
    let other = Expected {
        access_token: Some("another"),
        ..expected
    };
    assert_eq!(verify(AT_RESOURCE, &other), Err(DpopError::AccessToken));
}

const NEW: NewProof<'_> = NewProof {
    method: "POST",
    url: "https://server.example.com/token?x=1#y",
    jti: "j",
    now: 1_562_262_616,
    access_token: None,
    nonce: None,
};

#[test]
fn a_made_proof_verifies_with_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let proof = create(key(algorithm), &NEW).unwrap();
        let verified = verify(&proof, &AT_TOKEN).unwrap();
        assert_eq!(verified.thumbprint, key(algorithm).public().thumbprint());
        let others: Vec<Algorithm> = Algorithm::ALL
            .into_iter()
            .filter(|other| *other != algorithm)
            .collect();
        let expected = Expected {
            algorithms: &others,
            ..AT_TOKEN
        };
        assert_eq!(verify(&proof, &expected), Err(DpopError::Algorithm));
    }
    let wrong = NewProof {
        url: "/token",
        ..NEW
    };
    assert!(create(key(Algorithm::Es256), &wrong).is_err());
}

#[test]
fn a_proof_for_another_request_is_refused() {
    let refused = |expected: Expected<'_>| verify(AT_TOKEN_ENDPOINT, &expected).unwrap_err();
    assert_eq!(
        refused(Expected {
            method: "GET",
            ..AT_TOKEN
        }),
        DpopError::Method
    );
    assert_eq!(
        refused(Expected {
            method: "post",
            ..AT_TOKEN
        }),
        DpopError::Method
    );
    for url in [
        "http://server.example.com/token",
        "https://server.example.com/Token",
        "https://server.example.com/token/",
        "https://evil.example/token",
        "https://server.example.com:444/token",
        "https://server.example.com.evil.example/token",
    ] {
        assert_eq!(
            refused(Expected { url, ..AT_TOKEN }),
            DpopError::Address,
            "{url}"
        );
    }
    assert!(matches!(
        refused(Expected {
            url: "/token",
            ..AT_TOKEN
        }),
        DpopError::Url(_)
    ));
    for url in [
        "HTTPS://Server.Example.com:443/token?a=b",
        "https://server.example.com/%74oken#x",
    ] {
        assert!(
            verify(AT_TOKEN_ENDPOINT, &Expected { url, ..AT_TOKEN }).is_ok(),
            "{url}"
        );
    }
}

#[test]
fn an_old_or_early_proof_is_refused() {
    let at = |now: i64| verify(AT_TOKEN_ENDPOINT, &Expected { now, ..AT_TOKEN }).map(|_| ());
    let made = AT_TOKEN.now;
    assert_eq!(at(made + 60), Ok(()));
    assert_eq!(at(made + 61), Err(DpopError::Time));
    assert_eq!(at(made - 5), Ok(()));
    assert_eq!(at(made - 6), Err(DpopError::Time));
    assert_eq!(at(i64::MAX), Err(DpopError::Time));
    assert_eq!(at(i64::MIN), Err(DpopError::Time));
}

#[test]
fn a_proof_without_the_nonce_is_refused() {
    let expected = Expected {
        nonces: &["new", "old"],
        ..AT_TOKEN
    };
    assert_eq!(verify(AT_TOKEN_ENDPOINT, &expected), Err(DpopError::Nonce));
    for (nonce, good) in [("new", true), ("old", true), ("older", false), ("", false)] {
        let nonce = Some(nonce);
        let proof = create(key(Algorithm::Es256), &NewProof { nonce, ..NEW }).unwrap();
        assert_eq!(verify(&proof, &expected).is_ok(), good);
    }
}

#[test]
fn a_proof_by_another_key_is_refused() {
    let expected = Expected {
        thumbprint: Some(JKT),
        ..AT_TOKEN
    };
    let proof = create(key(Algorithm::Es256), &NEW).unwrap();
    assert_eq!(verify(&proof, &expected), Err(DpopError::Thumbprint));
}

#[test]
fn a_token_taken_for_a_proof_is_refused() {
    let public = Jwk::new(key(Algorithm::Es256).public().clone());
    for typ in [None, Some("JWT"), Some("at+jwt")] {
        let signing = Signing {
            typ,
            content_type: None,
            embedded_key: Some(&public),
        };
        let token = sign(key(Algorithm::Es256), &signing, b"{}").unwrap();
        assert_eq!(verify(&token, &AT_TOKEN), Err(JwsError::Type.into()));
    }
}

#[test]
fn an_embedded_private_or_symmetric_key_is_refused() {
    let with = |jwk: &str| {
        let header = format!("{{\"typ\":\"{TYP}\",\"alg\":\"ES256\",\"jwk\":{jwk}}}");
        let token = sign_with_header(key(Algorithm::Es256), &header, b"{}").unwrap();
        verify(&token, &AT_TOKEN).unwrap_err()
    };
    let private = DpopError::Key(JwkError::Private { name: "d" });
    assert_eq!(with(r#"{"kty":"EC","d":"AA"}"#), private);
    let secret = DpopError::Key(JwkError::Private { name: "k" });
    assert_eq!(with(r#"{"kty":"oct","k":"AA"}"#), secret);
    let missing = DpopError::Key(JwkError::Missing { name: "jwk" });
    assert_eq!(with("null"), missing);
    let other = serde_json::Value::Object(key(Algorithm::EdDsa).jwk().to_members());
    assert_eq!(with(&other.to_string()), DpopError::Key(JwkError::Unfit));
}

#[test]
fn none_and_hs256_prove_nothing() {
    for name in ["none", "HS256", "ES384"] {
        let header = format!("{{\"typ\":\"{TYP}\",\"alg\":\"{name}\",\"jwk\":{{}}}}");
        let token = format!("{}.{}.", encode(header.as_bytes()), encode(b"{}"));
        assert_eq!(verify(&token, &AT_TOKEN), Err(DpopError::Algorithm));
    }
}

#[test]
fn claims_of_a_proof_are_demanded() {
    let key = key(Algorithm::Es256);
    let public = Jwk::new(key.public().clone());
    let signing = Signing {
        typ: Some(TYP),
        content_type: None,
        embedded_key: Some(&public),
    };
    let good = Claims::new()
        .id("j")
        .with("htm", AT_TOKEN.method)
        .with("htu", AT_TOKEN.url)
        .with("iat", AT_TOKEN.now);
    let verified = |claims: &Claims| {
        verify(&sign(key, &signing, &claims.to_bytes()).unwrap(), &AT_TOKEN).map(|_| ())
    };
    assert_eq!(verified(&good), Ok(()));
    for name in ["jti", "htm", "htu", "iat"] {
        let mut without = good.clone().into_members();
        without.remove(name);
        assert_eq!(
            verified(&without.into()),
            Err(ClaimError::Missing { name }.into())
        );
        let wrong = good.clone().with(name, true);
        assert_eq!(verified(&wrong), Err(ClaimError::Malformed { name }.into()));
    }
    let long = good.clone().id(&"a".repeat(257));
    assert_eq!(
        verified(&long),
        Err(ClaimError::Malformed { name: "jti" }.into())
    );
}
