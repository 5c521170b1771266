//! An authenticator of our own, attacks on what it makes, and any bytes at all.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;
use proptest::prelude::*;

use super::*;

const CHALLENGE: [u8; 32] = [7; 32];
/// Present, verified.
const FLAGS: u8 = 0x05;

fn party() -> RelyingParty {
    RelyingParty::of_address("https://g.example").unwrap()
}

enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

struct Authenticator {
    key: Key,
    count: u32,
}

fn map(members: Vec<(i64, Value)>) -> Value {
    let members = members
        .into_iter()
        .map(|(label, value)| (Value::from(label), value));
    Value::Map(members.collect())
}

fn written(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).unwrap();
    out
}

impl Authenticator {
    fn es256() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Self {
            key: Key::Es256(key),
            count: 0,
        }
    }

    fn all() -> [Self; 3] {
        let eddsa = Key::EdDsa(Ed25519KeyPair::generate().unwrap());
        let rs256 = Key::Rs256(RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
        [
            Self::es256(),
            Self {
                key: eddsa,
                count: 0,
            },
            Self {
                key: rs256,
                count: 0,
            },
        ]
    }

    fn public_key(&self) -> Vec<u8> {
        let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
        let number = |number: i64| Value::from(number);
        written(&match &self.key {
            Key::Es256(key) => {
                let point = key.public_key().as_ref();
                map(vec![
                    (1, number(2)),
                    (3, number(-7)),
                    (-1, number(1)),
                    (-2, bytes(&point[1..33])),
                    (-3, bytes(&point[33..])),
                ])
            }
            Key::EdDsa(key) => map(vec![
                (1, number(1)),
                (3, number(-8)),
                (-1, number(6)),
                (-2, bytes(key.public_key().as_ref())),
            ]),
            Key::Rs256(key) => {
                // RSAPublicKey of 2048 bits: the modulus stands after nine bytes of lengths.
                let n = &key.public_key().as_ref()[9..265];
                map(vec![
                    (1, number(3)),
                    (3, number(-257)),
                    (-1, bytes(n)),
                    (-2, bytes(&[1, 0, 1])),
                ])
            }
        })
    }

    fn data(&self, party: &RelyingParty, flags: u8, with_credential: bool) -> Vec<u8> {
        let mut data = party.hash().as_ref().to_vec();
        data.push(flags | if with_credential { 0x40 } else { 0 });
        data.extend_from_slice(&self.count.to_be_bytes());
        if with_credential {
            data.extend_from_slice(&[0; 16]);
            data.extend_from_slice(&[0, 4, 1, 2, 3, 4]);
            data.extend_from_slice(&self.public_key());
        }
        data
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Es256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Key::EdDsa(key) => key.sign(message).as_ref().to_vec(),
            Key::Rs256(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }

    fn asserts(&self, client_data: &[u8], flags: u8) -> (Vec<u8>, Vec<u8>) {
        let data = self.data(&party(), flags, false);
        let hash = client::sha256(client_data);
        let signature = self.sign(&[&data, hash.as_ref()].concat());
        (data, signature)
    }
}

fn client_data(ceremony: &str, challenge: &[u8], origin: &str) -> Vec<u8> {
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    format!(r#"{{"type":"{ceremony}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false,"other":1}}"#)
        .into_bytes()
}

fn created() -> Vec<u8> {
    client_data("webauthn.create", &CHALLENGE, "https://g.example")
}

fn got() -> Vec<u8> {
    client_data("webauthn.get", &CHALLENGE, "https://g.example")
}

fn attestation(data: Vec<u8>) -> Vec<u8> {
    let text = |text: &str| Value::Text(text.into());
    written(&Value::Map(vec![
        (text("fmt"), text("none")),
        (text("attStmt"), Value::Map(Vec::new())),
        (text("authData"), Value::Bytes(data)),
    ]))
}

fn registered(authenticator: &Authenticator) -> Registered {
    let object = attestation(authenticator.data(&party(), FLAGS, true));
    register(&party(), &CHALLENGE, &created(), &object).unwrap()
}

fn used(
    key: &[u8],
    client_data: &[u8],
    data: &[u8],
    signature: &[u8],
) -> Result<Asserted, Refused> {
    let assertion = Assertion {
        client_data,
        authenticator_data: data,
        signature,
    };
    assert(&party(), &CHALLENGE, key, &assertion)
}

#[test]
fn a_credential_is_made_and_used() {
    for mut authenticator in Authenticator::all() {
        let made = registered(&authenticator);
        assert_eq!(made.credential_id, [1, 2, 3, 4]);
        assert_eq!(made.public_key, authenticator.public_key());
        assert_eq!((made.sign_count, made.is_backup_eligible), (0, false));
        authenticator.count = 3;
        let (data, signature) = authenticator.asserts(&got(), FLAGS | 0x18);
        let told = used(&made.public_key, &got(), &data, &signature).unwrap();
        assert_eq!((told.sign_count, told.is_backup_eligible), (3, true));
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|c| Some(c.to_digit(16)? as u8))
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// The example "ES256 credential with self attestation" of the standard's level 3, section 16: not made
/// by us.
#[test]
fn the_example_of_the_standard_is_registered() {
    let client_data = unhex(
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22\
         65476e4374334c55745936366b336a506a796e6962506b31716e666644616966715a774c33417032392d55\
         222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967\
         696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d61792062\
         6520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675\
         747572652c207375636820617320746869733a205539685458764b453255526b4d6e625f3078594856673d\
         3d227d",
    );
    let object = unhex(
        "a363666d74667061636b65646761747453746d74a263616c67266373696758483046022100ae045923ded8\
         32b844cae4d5fc864277c0dc114ad713e271af0f0d371bd3ac540221009077a088ed51a673951ad3ba2673\
         d5029bab65b64f4ea67b234321f86fcfac5d68617574684461746158a4bfabc37432958b063360d3ad6461\
         c9c4735ae7f8edd46592a5e0f01452b2e4b55d00000000df850e09db6afbdfab51697791506cfc0020455e\
         f34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58ca5010203262001215820eb151c\
         8176b225cc651559fecf07af450fd85802046656b34c18f6cf193843c5225820927b8aa427a2be1b8834d2\
         33a2d34f61f13bfd44119c325d5896e183fee484f2",
    );
    let party = RelyingParty::of_address("https://example.org").unwrap();
    let challenge = URL_SAFE_NO_PAD
        .decode("eGnCt3LUtY66k3jPjynibPk1qnffDaifqZwL3Ap29-U")
        .unwrap();
    let challenge = challenge.try_into().unwrap();
    let made = register(&party, &challenge, &client_data, &object).unwrap();
    assert_eq!(made.credential_id[..4], unhex("455ef34e"));
    assert_eq!((made.sign_count, made.is_backup_eligible), (0, true));
    let unverified = {
        let mut object = object;
        let flags = object.len() - 0xa4 + 32;
        object[flags] &= !0x04;
        object
    };
    let refused = register(&party, &challenge, &client_data, &unverified);
    assert_eq!(refused, Err(Refused::NotVerified));
}

#[test]
fn the_words_of_the_browser_are_compared() {
    let authenticator = Authenticator::es256();
    let key = registered(&authenticator).public_key;
    let origin = "https://g.example";
    for (client_data, refused) in [
        (
            client_data("webauthn.create", &CHALLENGE, origin),
            Refused::Ceremony,
        ),
        (
            client_data("webauthn.get", &[8; 32], origin),
            Refused::Challenge,
        ),
        (
            client_data("webauthn.get", &CHALLENGE[..31], origin),
            Refused::Challenge,
        ),
        (
            client_data("webauthn.get", &CHALLENGE, "https://evil.example"),
            Refused::Origin,
        ),
        (
            client_data("webauthn.get", &CHALLENGE, "http://g.example"),
            Refused::Origin,
        ),
        (
            client_data("webauthn.get", &CHALLENGE, "https://g.example.evil.example"),
            Refused::Origin,
        ),
        (
            String::from_utf8(got())
                .unwrap()
                .replace("false", "true")
                .into_bytes(),
            Refused::Origin,
        ),
        (b"{}".to_vec(), Refused::Unreadable("clientDataJSON")),
        (
            String::from_utf8(got())
                .unwrap()
                .replace("\"other\"", "\"origin\":\"https://evil.example\",\"other\"")
                .into_bytes(),
            Refused::Unreadable("clientDataJSON"),
        ),
    ] {
        let (data, signature) = authenticator.asserts(&client_data, FLAGS);
        assert_eq!(used(&key, &client_data, &data, &signature), Err(refused));
    }
}

#[test]
fn a_credential_of_another_relying_party_is_refused() {
    let authenticator = Authenticator::es256();
    let key = registered(&authenticator).public_key;
    let other = RelyingParty::of_address("https://evil.example").unwrap();
    let data = authenticator.data(&other, FLAGS, false);
    let hash = client::sha256(&got());
    let signature = authenticator.sign(&[&data, hash.as_ref()].concat());
    let refused = used(&key, &got(), &data, &signature);
    assert_eq!(refused, Err(Refused::RelyingParty));
}

#[test]
fn a_user_who_was_not_verified_is_refused() {
    let authenticator = Authenticator::es256();
    let key = registered(&authenticator).public_key;
    for flags in [0x00, 0x01, 0x04] {
        let (data, signature) = authenticator.asserts(&got(), flags);
        let refused = used(&key, &got(), &data, &signature);
        assert_eq!(refused, Err(Refused::NotVerified));
        let object = attestation(authenticator.data(&party(), flags, true));
        let refused = register(&party(), &CHALLENGE, &created(), &object);
        assert_eq!(refused, Err(Refused::NotVerified));
    }
    let (data, signature) = authenticator.asserts(&got(), FLAGS | 0x10);
    assert_eq!(used(&key, &got(), &data, &signature), Err(Refused::Flags));
}

#[test]
fn another_keys_signature_is_refused() {
    let key = registered(&Authenticator::es256()).public_key;
    let (data, signature) = Authenticator::es256().asserts(&got(), FLAGS);
    let refused = used(&key, &got(), &data, &signature);
    assert_eq!(refused, Err(Refused::Signature));
    for authenticator in Authenticator::all() {
        let (mut data, signature) = authenticator.asserts(&got(), FLAGS);
        data[36] ^= 1;
        let refused = used(&authenticator.public_key(), &got(), &data, &signature);
        assert_eq!(refused, Err(Refused::Signature), "the counter is signed");
    }
}

#[test]
fn keys_of_no_kind_that_was_offered_are_refused() {
    let number = |number: i64| Value::from(number);
    let x = || Value::Bytes(vec![1; 32]);
    for members in [
        // Off the curve.
        vec![
            (1, number(2)),
            (3, number(-7)),
            (-1, number(1)),
            (-2, x()),
            (-3, x()),
        ],
        // A compressed point.
        vec![
            (1, number(2)),
            (3, number(-7)),
            (-1, number(1)),
            (-2, x()),
            (-3, Value::Bool(true)),
        ],
        // P-384 by its name, ES256 by its algorithm.
        vec![
            (1, number(2)),
            (3, number(-7)),
            (-1, number(2)),
            (-2, x()),
            (-3, x()),
        ],
        // The algorithm of another kind.
        vec![(1, number(1)), (3, number(-7)), (-1, number(6)), (-2, x())],
        // A symmetric key.
        vec![(1, number(4)), (3, number(5)), (-1, x())],
        // RSA of 1024 bits.
        vec![
            (1, number(3)),
            (3, number(-257)),
            (-1, Value::Bytes(vec![0xff; 128])),
            (-2, Value::Bytes(vec![1, 0, 1])),
        ],
        // A member that stands twice.
        vec![
            (1, number(1)),
            (3, number(-8)),
            (-1, number(6)),
            (-2, x()),
            (-2, x()),
        ],
    ] {
        let key = written(&map(members));
        let refused = CredentialKey::read(&key).and_then(|key| key.parse().map(drop));
        assert_eq!(refused, Err(Refused::Key));
    }
}

#[test]
fn every_limit_is_named() {
    let long = vec![0; ATTESTATION_BYTES_MAX + 1];
    let limit = |result: Result<Registered, Refused>| match result {
        Err(Refused::TooLong { name, .. }) => name,
        _ => "",
    };
    assert_eq!(
        limit(register(&party(), &CHALLENGE, &long, &[])),
        "clientDataJSON"
    );
    assert_eq!(
        limit(register(&party(), &CHALLENGE, &created(), &long)),
        "attestationObject"
    );
    let big = attestation(vec![0; AUTHENTICATOR_DATA_BYTES_MAX + 1]);
    assert_eq!(
        limit(register(&party(), &CHALLENGE, &created(), &big)),
        "authData"
    );
    for (client_data, data, signature) in [
        (&long[..], &[][..], &[][..]),
        (&[], &long, &[]),
        (&[], &[], &long),
    ] {
        let refused = used(&[], client_data, data, signature);
        assert!(matches!(refused, Err(Refused::TooLong { .. })));
    }
}

#[test]
fn nested_bytes_end_at_their_limit() {
    let deep = vec![0x81; 10_000];
    let refused = register(&party(), &CHALLENGE, &created(), &deep);
    assert_eq!(refused, Err(Refused::Unreadable("attestationObject")));
    // An array that says it holds 2^60 values.
    let bomb = [0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0];
    let refused = register(&party(), &CHALLENGE, &created(), &bomb);
    assert_eq!(refused, Err(Refused::Unreadable("attestationObject")));
}

#[test]
fn a_counter_that_does_not_grow_is_noticed() {
    assert!(!count_went_back(0, 0), "it doesn't count");
    assert!(!count_went_back(0, 1) && !count_went_back(4, 5));
    assert!(count_went_back(4, 4) && count_went_back(4, 3) && count_went_back(1, 0));
}

proptest! {
    #[test]
    fn no_bytes_make_a_panic(
        client_data in prop::collection::vec(any::<u8>(), 0..200),
        object in prop::collection::vec(any::<u8>(), 0..400),
        signature in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let _ = register(&party(), &CHALLENGE, &client_data, &object);
        let _ = register(&party(), &CHALLENGE, &created(), &object);
        let _ = used(&object, &got(), &object, &signature);
        let _ = AuthenticatorData::read(&object);
        let _ = CredentialKey::read(&object);
        let _ = RelyingParty::of_address(&String::from_utf8_lossy(&object));
    }

    #[test]
    fn a_changed_byte_registers_nothing_else(at in 0_usize..300, by in 1_u8..=255) {
        let authenticator = Authenticator::es256();
        let honest = registered(&authenticator);
        let mut object = attestation(authenticator.data(&party(), FLAGS, true));
        let at = at % object.len();
        object[at] ^= by;
        if let Ok(made) = register(&party(), &CHALLENGE, &created(), &object) {
            // What a statement would have covered may change: it is the authenticator's own word.
            prop_assert!(!made.credential_id.is_empty());
            prop_assert!(CredentialKey::read(&made.public_key).unwrap().parse().is_ok());
        }
        prop_assert_eq!(honest.credential_id.len(), 4);
    }

    #[test]
    fn a_changed_byte_proves_nothing(which in 0_u8..3, at in any::<usize>(), by in 1_u8..=255) {
        let authenticator = Authenticator::es256();
        let key = authenticator.public_key();
        let mut client_data = got();
        let (mut data, mut signature) = authenticator.asserts(&client_data, FLAGS);
        let changed = match which {
            0 => &mut client_data,
            1 => &mut data,
            _ => &mut signature,
        };
        let at = at % changed.len();
        changed[at] ^= by;
        prop_assert!(used(&key, &client_data, &data, &signature).is_err());
    }
}
