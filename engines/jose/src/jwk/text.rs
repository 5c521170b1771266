//! One public key as JSON.

use serde_json::Value;

use super::{Ed25519Public, JwkError, P256Public, PublicKey, RsaPublic};
use crate::algorithm::{Algorithm, KeyManagement};
use crate::encoding::decode;
use crate::json::{Object, object};

/// Most bytes of a `kid`.
pub const KID_BYTES_MAX: usize = 256;

/// What a key is for, RFC 7517 section 4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// `sig`.
    Signature,
    /// `enc`.
    Encryption,
}

/// The one algorithm that a key says it is for, RFC 7517 section 4.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// It verifies signatures.
    Signature(Algorithm),
    /// It encrypts keys.
    Management(KeyManagement),
}

impl KeyAlgorithm {
    /// Its name in `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature(one) => one.name(),
            Self::Management(one) => one.name(),
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let signature = Algorithm::from_name(name).map(Self::Signature);
        signature.or_else(|| KeyManagement::from_name(name).map(Self::Management))
    }

    fn fits(self, key: &PublicKey) -> bool {
        match self {
            Self::Signature(one) => one.fits(key),
            Self::Management(one) => one.fits(key),
        }
    }

    fn usage(self) -> Usage {
        match self {
            Self::Signature(_) => Usage::Signature,
            Self::Management(_) => Usage::Encryption,
        }
    }
}

impl Algorithm {
    /// Whether keys of this kind make such signatures.
    pub(crate) fn fits(self, key: &PublicKey) -> bool {
        match self {
            Self::Es256 => matches!(key, PublicKey::P256(_)),
            Self::EdDsa => matches!(key, PublicKey::Ed25519(_)),
            Self::Rs256 | Self::Ps256 => matches!(key, PublicKey::Rsa(_)),
        }
    }
}

impl KeyManagement {
    /// Whether keys of this kind are used so.
    pub(crate) fn fits(self, key: &PublicKey) -> bool {
        match self {
            Self::RsaOaep256 => matches!(key, PublicKey::Rsa(_)),
            Self::EcdhEs | Self::EcdhEsA256Kw => matches!(key, PublicKey::P256(_)),
        }
    }
}

/// A public key with what is said about it, RFC 7517 section 4. Members not listed are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwk {
    /// Its numbers.
    pub key: PublicKey,
    /// `kid`: 1..=[`KID_BYTES_MAX`] bytes.
    pub kid: Option<String>,
    /// `alg`; always one that fits the key.
    pub algorithm: Option<KeyAlgorithm>,
    /// `use`, or what `key_ops` says; agrees with `algorithm`.
    pub usage: Option<Usage>,
}

/// Private members of every registered kind, RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1; RFC 9964
/// adds `priv`.
const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

impl Jwk {
    /// A key of which nothing is said.
    pub fn new(key: PublicKey) -> Self {
        Self {
            key,
            kid: None,
            algorithm: None,
            usage: None,
        }
    }

    /// Reads the text of one key.
    pub fn parse(text: &[u8]) -> Result<Self, JwkError> {
        Self::from_members(&object(text)?)
    }

    /// Reads an object that is already parsed. The first thing refused is a private member.
    pub fn from_members(members: &Object) -> Result<Self, JwkError> {
        if let Some(name) = PRIVATE.into_iter().find(|name| members.contains_key(*name)) {
            return Err(JwkError::Private { name });
        }
        let key = key(members)?;
        let kid = optional(members, "kid")?.map(str::to_owned);
        if kid
            .as_ref()
            .is_some_and(|kid| kid.is_empty() || kid.len() > KID_BYTES_MAX)
        {
            return Err(JwkError::Malformed { name: "kid" });
        }
        let algorithm = match optional(members, "alg")? {
            None => None,
            Some(name) => {
                Some(KeyAlgorithm::from_name(name).ok_or(JwkError::Unsupported { name: "alg" })?)
            }
        };
        let usage = usage(members)?;
        if let Some(algorithm) = algorithm
            && (!algorithm.fits(&key) || usage.is_some_and(|usage| usage != algorithm.usage()))
        {
            return Err(JwkError::Unfit);
        }
        Ok(Self {
            key,
            kid,
            algorithm,
            usage,
        })
    }

    /// The key as JSON members. What `key_ops` said is printed as `use` (RFC 7517 section 4.3: one
    /// of the two is enough).
    pub fn to_members(&self) -> Object {
        let mut members = Object::new();
        for (name, value) in self.key.members() {
            members.insert(name.to_owned(), Value::String(value));
        }
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), Value::String(value.to_owned()));
            }
        };
        put("kid", self.kid.as_deref());
        put("alg", self.algorithm.map(KeyAlgorithm::name));
        put(
            "use",
            self.usage.map(|usage| match usage {
                Usage::Signature => "sig",
                Usage::Encryption => "enc",
            }),
        );
        members
    }

    /// Whether the key may be put to this work.
    pub(crate) fn allows(&self, algorithm: KeyAlgorithm) -> bool {
        algorithm.fits(&self.key)
            && self.algorithm.is_none_or(|one| one == algorithm)
            && self.usage.is_none_or(|one| one == algorithm.usage())
    }
}

fn key(members: &Object) -> Result<PublicKey, JwkError> {
    match (text(members, "kty")?, optional(members, "crv")?) {
        ("EC", Some("P-256")) => {
            let point = P256Public::new(fixed(members, "x")?, fixed(members, "y")?)?;
            Ok(PublicKey::P256(point))
        }
        ("OKP", Some("Ed25519")) => {
            let point = Ed25519Public::new(fixed(members, "x")?)?;
            Ok(PublicKey::Ed25519(point))
        }
        ("RSA", _) => {
            let rsa = RsaPublic::new(&bytes(members, "n")?, &bytes(members, "e")?)?;
            Ok(PublicKey::Rsa(rsa))
        }
        ("EC" | "OKP", None) => Err(JwkError::Missing { name: "crv" }),
        ("EC" | "OKP", Some(_)) => Err(JwkError::Unsupported { name: "crv" }),
        _ => Err(JwkError::Unsupported { name: "kty" }),
    }
}

/// What `use` and `key_ops` say together; a key for both works is refused, as one that says two
/// different things is.
fn usage(members: &Object) -> Result<Option<Usage>, JwkError> {
    let stated = match optional(members, "use")? {
        None => None,
        Some("sig") => Some(Usage::Signature),
        Some("enc") => Some(Usage::Encryption),
        Some(_) => return Err(JwkError::Unsupported { name: "use" }),
    };
    let malformed = JwkError::Malformed { name: "key_ops" };
    let operations = match members.get("key_ops") {
        None => return Ok(stated),
        Some(Value::Array(operations)) => operations,
        Some(_) => return Err(malformed),
    };
    let mut seen = None;
    for operation in operations {
        let usage = match operation.as_str().ok_or(malformed)? {
            "verify" => Usage::Signature,
            "encrypt" | "wrapKey" | "deriveKey" | "deriveBits" => Usage::Encryption,
            _ => return Err(JwkError::Unsupported { name: "key_ops" }),
        };
        if *seen.get_or_insert(usage) != usage {
            return Err(JwkError::Unfit);
        }
    }
    match (stated, seen) {
        (_, None) => Err(malformed),
        (Some(stated), Some(seen)) if stated != seen => Err(JwkError::Unfit),
        (_, seen) => Ok(seen),
    }
}

fn optional<'a>(members: &'a Object, name: &'static str) -> Result<Option<&'a str>, JwkError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwkError::Malformed { name }),
    }
}

fn text<'a>(members: &'a Object, name: &'static str) -> Result<&'a str, JwkError> {
    optional(members, name)?.ok_or(JwkError::Missing { name })
}

fn bytes(members: &Object, name: &'static str) -> Result<Vec<u8>, JwkError> {
    decode(text(members, name)?).ok_or(JwkError::Malformed { name })
}

fn fixed(members: &Object, name: &'static str) -> Result<[u8; 32], JwkError> {
    let bytes = bytes(members, name)?;
    bytes.try_into().map_err(|_| JwkError::Malformed { name })
}
