//! The public numbers of a key, checked when they are read.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use super::JwkError;
use crate::encoding::encode;

/// Least bits of an RSA modulus, RFC 7518 section 3.3.
pub const RSA_BITS_MIN: usize = 2048;
/// Most bits of an RSA modulus: a longer one is only good for keeping the verifier busy.
pub const RSA_BITS_MAX: usize = 8192;

/// A public key of a kind that is used here, RFC 7518 section 6 and RFC 8037 section 2.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PublicKey {
    /// `kty` EC, `crv` P-256.
    P256(P256Public),
    /// `kty` RSA.
    Rsa(RsaPublic),
    /// `kty` OKP, `crv` Ed25519.
    Ed25519(Ed25519Public),
}

/// A point of P-256.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct P256Public {
    x: [u8; 32],
    y: [u8; 32],
}

impl P256Public {
    /// From its coordinates, big-endian. [`JwkError::Point`] when it isn't on the curve.
    pub fn new(x: [u8; 32], y: [u8; 32]) -> Result<Self, JwkError> {
        let point = Self { x, y };
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.uncompressed())
            .parse()
            .map_err(|_| JwkError::Point)?;
        Ok(point)
    }

    /// From the uncompressed form of SEC 1 section 2.3.3: 0x04, x, y.
    pub(crate) fn from_uncompressed(bytes: &[u8]) -> Result<Self, JwkError> {
        let (x, y) = match bytes {
            [4, rest @ ..] => rest.split_at_checked(32).ok_or(JwkError::Point)?,
            _ => return Err(JwkError::Point),
        };
        let fixed = |bytes: &[u8]| bytes.try_into().map_err(|_| JwkError::Point);
        Self::new(fixed(x)?, fixed(y)?)
    }

    /// 0x04, x, y.
    pub(crate) fn uncompressed(&self) -> Vec<u8> {
        [&[4][..], &self.x, &self.y].concat()
    }

    pub(crate) fn x(&self) -> &[u8] {
        &self.x
    }

    pub(crate) fn y(&self) -> &[u8] {
        &self.y
    }
}

/// An RSA modulus and exponent, big-endian without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RsaPublic {
    n: Vec<u8>,
    e: Vec<u8>,
}

impl RsaPublic {
    /// From its numbers, big-endian without leading zeros.
    ///
    /// [`JwkError::Modulus`] outside 2048..=8192 bits, [`JwkError::Exponent`] when even, under
    /// 65537 or over 33 bits (what the library takes; all exponents in use are shorter).
    pub fn new(n: &[u8], e: &[u8]) -> Result<Self, JwkError> {
        let bits = bits(n).ok_or(JwkError::Malformed { name: "n" })?;
        let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
        if !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) || !odd(n) {
            return Err(JwkError::Modulus { bits });
        }
        if self::bits(e).ok_or(JwkError::Malformed { name: "e" })? > 33 || !odd(e) {
            return Err(JwkError::Exponent);
        }
        let exponent = e
            .iter()
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        if exponent < 65_537 {
            return Err(JwkError::Exponent);
        }
        let (n, e) = (n.to_vec(), e.to_vec());
        Ok(Self { n, e })
    }

    pub(crate) fn n(&self) -> &[u8] {
        &self.n
    }

    pub(crate) fn e(&self) -> &[u8] {
        &self.e
    }
}

/// The length of a number in bits; `None` when it is empty or starts with a zero byte.
fn bits(number: &[u8]) -> Option<usize> {
    let first = number.first().filter(|first| **first != 0)?;
    Some(number.len() * 8 - first.leading_zeros() as usize)
}

/// A point of Ed25519 as RFC 8032 section 5.1.2 encodes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ed25519Public {
    x: [u8; 32],
}

impl Ed25519Public {
    /// From its encoding. [`JwkError::Point`] for an encoding that isn't the shortest one of its
    /// point, which would give one key two thumbprints, and for the points of small order, under
    /// which one signature holds for many messages.
    pub fn new(x: [u8; 32]) -> Result<Self, JwkError> {
        let mut y = x;
        if let Some(last) = y.last_mut() {
            *last &= 0x7f;
        }
        if over_field(&y) || SMALL_ORDER.contains(&y) {
            return Err(JwkError::Point);
        }
        Ok(Self { x })
    }

    pub(crate) fn x(&self) -> &[u8] {
        &self.x
    }
}

/// Whether a little-endian number of 255 bits is 2^255 - 19 or more.
fn over_field(y: &[u8; 32]) -> bool {
    matches!(y, [0xed..=0xff, middle @ .., 0x7f] if middle.iter().all(|byte| *byte == 0xff))
}

/// The y of the points whose order divides 8: 0, 1, -1, and the two of the points of order 8.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = [0xff; 32];
        minus_one[0] = 0xec;
        minus_one[31] = 0x7f;
        minus_one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

impl PublicKey {
    /// The members that define the key, by name in lexical order: what is hashed and printed.
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::P256(point) => vec![
                ("crv", "P-256".to_owned()),
                ("kty", "EC".to_owned()),
                ("x", encode(point.x())),
                ("y", encode(point.y())),
            ],
            Self::Rsa(rsa) => vec![
                ("e", encode(rsa.e())),
                ("kty", "RSA".to_owned()),
                ("n", encode(rsa.n())),
            ],
            Self::Ed25519(point) => vec![
                ("crv", "Ed25519".to_owned()),
                ("kty", "OKP".to_owned()),
                ("x", encode(point.x())),
            ],
        }
    }

    /// The key's thumbprint with SHA-256, in base64url: 43 characters (RFC 7638; `jkt` of DPoP).
    pub fn thumbprint(&self) -> String {
        // No value needs escaping: each is a fixed name or base64url.
        let members: Vec<String> = self
            .members()
            .iter()
            .map(|(name, value)| format!("\"{name}\":\"{value}\""))
            .collect();
        let text = format!("{{{}}}", members.join(","));
        encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
    }

    /// The thumbprint as a URI, RFC 9278.
    pub fn thumbprint_uri(&self) -> String {
        format!(
            "urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}",
            self.thumbprint()
        )
    }
}
