//! Public keys of credentials (`COSE_Key`: RFC 9052 section 7, RFC 9053, RFC 8230).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use ciborium::Value;

use crate::Refused;

/// The algorithms that are offered, by their numbers in the register of COSE, the preferred first:
/// `EdDSA`, ES256, RS256.
pub const ALGORITHMS: [i64; 3] = [-8, -7, -257];

/// Bytes of a modulus: 2048 to 8192 bits.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// Deepest nesting of CBOR: what authenticators write has three levels.
const DEPTH_MAX: usize = 16;

/// The first value of `bytes`, which then begin after it.
pub(crate) fn read_value(bytes: &mut &[u8]) -> Option<Value> {
    ciborium::de::from_reader_with_recursion_limit(bytes, DEPTH_MAX).ok()
}

/// A key that verifies signatures of one algorithm.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CredentialKey {
    /// ECDSA on P-256 with SHA-256: the point, uncompressed.
    Es256([u8; 65]),
    /// Ed25519: the point.
    EdDsa([u8; 32]),
    /// RSASSA-PKCS1-v1_5 with SHA-256: modulus and exponent.
    Rs256(Vec<u8>, Vec<u8>),
}

/// Labels of a key's members.
const KIND: i64 = 1;
const ALGORITHM: i64 = 3;
const FIRST: i64 = -1;
const SECOND: i64 = -2;
const THIRD: i64 = -3;

struct Members(Vec<(i64, Value)>);

impl Members {
    fn one(&self, label: i64) -> Option<&Value> {
        let mut all = self.0.iter().filter(|(known, _)| *known == label);
        match (all.next(), all.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    fn number(&self, label: i64) -> Option<i64> {
        i64::try_from(i128::from(self.one(label)?.as_integer()?)).ok()
    }

    fn bytes(&self, label: i64) -> Option<&[u8]> {
        self.one(label)?.as_bytes().map(Vec::as_slice)
    }

    fn bytes_of<const N: usize>(&self, label: i64) -> Option<[u8; N]> {
        self.bytes(label)?.try_into().ok()
    }
}

impl CredentialKey {
    /// Reads a key of one of [`ALGORITHMS`]; each of its members must stand once.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Refused> {
        Self::read_members(bytes).ok_or(Refused::Key)
    }

    fn read_members(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let Value::Map(members) = read_value(&mut rest)? else {
            return None;
        };
        if !rest.is_empty() {
            return None;
        }
        let members = members
            .into_iter()
            .map(|(label, value)| {
                let label = i64::try_from(i128::from(label.as_integer()?)).ok()?;
                Some((label, value))
            })
            .collect::<Option<Vec<_>>>()?;
        let members = Members(members);
        match (members.number(KIND)?, members.number(ALGORITHM)?) {
            // EC2 on P-256. A compressed point has a truth value in place of y: not accepted
            // (section 5.8.5).
            (2, -7) if members.number(FIRST)? == 1 => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&members.bytes_of::<32>(SECOND)?);
                point[33..].copy_from_slice(&members.bytes_of::<32>(THIRD)?);
                Some(Self::Es256(point))
            }
            // OKP on Ed25519.
            (1, -8) if members.number(FIRST)? == 6 => Some(Self::EdDsa(members.bytes_of(SECOND)?)),
            (3, -257) => Some(Self::Rs256(
                members.bytes(FIRST)?.to_vec(),
                members.bytes(SECOND)?.to_vec(),
            )),
            _ => None,
        }
    }

    /// Puts the key to work: a point off its curve, a modulus under 2048 bits are refused.
    pub(crate) fn parse(&self) -> Result<ParsedPublicKey, Refused> {
        match self {
            Self::Es256(point) => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).map_err(|_| Refused::Key)
            }
            Self::EdDsa(point) => ParsedPublicKey::new(&ED25519, point).map_err(|_| Refused::Key),
            Self::Rs256(n, e) => {
                let [first, ..] = n.as_slice() else {
                    return Err(Refused::Key);
                };
                let is_sized = RSA_BYTES.contains(&n.len()) && (1..=4).contains(&e.len());
                if *first == 0 || !is_sized {
                    return Err(Refused::Key);
                }
                RsaPublicKeyComponents { n, e }
                    .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
                    .map_err(|_| Refused::Key)
            }
        }
    }
}
