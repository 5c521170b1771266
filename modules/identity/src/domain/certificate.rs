//! Certificates of services (RFC 8705), as a proxy of ours hands them over.

use core::net::IpAddr; // a value: core does no I/O

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jose::jwk::{Ed25519Public, JwkSet, P256Public, PublicKey, RsaPublic};
use sha2::{Digest as _, Sha256};
use x509_cert::der::asn1::UintRef;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Reader as _, SliceReader};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

/// Longest header, in bytes.
const HEADER_BYTES_MAX: usize = 16 << 10;
/// Longest certificate, in bytes.
const DER_BYTES_MAX: usize = 8 << 10;
/// Most names of a certificate that are looked at.
const NAMES_MAX: usize = 100;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// A certificate whose key the caller proved to hold, in the connection to our proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of it, in base64url: what tokens are bound to by `cnf.x5t#S256`.
    pub thumbprint: String,
    /// Whether the proxy says that an authority of ours vouches for it.
    pub is_vouched_for: bool,
    names: Vec<CertificateName>,
    key: Option<PublicKey>,
    valid: (i64, i64),
}

/// By what a certificate is recognised when an authority vouches for it (RFC 8705, section 2.1.2):
/// exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateName {
    /// The distinguished name, as RFC 4514 writes it.
    Subject(String),
    /// A name of the DNS.
    Dns(String),
    /// An address.
    Uri(String),
    /// An address of the IP, as 16 or 4 bytes.
    Ip(IpAddr),
    /// A mailbox.
    Email(String),
}

impl CertificateName {
    /// Reads `dns:a.example`, `uri:https://a.example`, `ip:192.0.2.1`, `email:a@b.example`, or a
    /// distinguished name such as `CN=a,O=b,C=FR`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let found = match text.split_once(':') {
            Some(("dns", name)) if !name.is_empty() => Self::Dns(name.to_ascii_lowercase()),
            Some(("uri", name)) if !name.is_empty() => Self::Uri(name.to_owned()),
            Some(("ip", name)) => Self::Ip(name.parse().ok()?),
            Some(("email", name)) if name.contains('@') => Self::Email(name.to_owned()),
            _ => {
                let name: Name = without_blanks(text).parse().ok()?;
                // An empty name would be that of every certificate without one.
                if name.is_empty() {
                    return None;
                }
                Self::Subject(name.to_string())
            }
        };
        Some(found)
    }
}

/// A distinguished name without the blanks that people write after commas.
fn without_blanks(name: &str) -> String {
    let mut plain = String::new();
    let (mut is_escaped, mut is_after_comma) = (false, false);
    for c in name.chars() {
        if c == ' ' && is_after_comma {
            continue;
        }
        is_after_comma = c == ',' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        plain.push(c);
    }
    plain
}

impl std::fmt::Display for CertificateName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Subject(name) => f.write_str(name),
            Self::Dns(name) => write!(f, "dns:{name}"),
            Self::Uri(name) => write!(f, "uri:{name}"),
            Self::Ip(address) => write!(f, "ip:{address}"),
            Self::Email(name) => write!(f, "email:{name}"),
        }
    }
}

impl Certificate {
    /// Reads a header: `:base64:` (RFC 9440), or PEM with percent-encoding (nginx's
    /// `$ssl_client_escaped_cert`). `None` for whatever isn't one certificate.
    pub fn from_header(value: &str, is_vouched_for: bool) -> Option<Self> {
        let value = value.trim();
        if value.len() > HEADER_BYTES_MAX {
            return None;
        }
        let encoded = match value.strip_prefix(':') {
            Some(rest) => rest.strip_suffix(':')?.to_owned(),
            None => {
                // A plus is a plus there: it is the form encoding that makes it a blank.
                let escaped = format!("v={}", value.replace('+', "%2B"));
                let (_, pem) = form_urlencoded::parse(escaped.as_bytes()).next()?;
                let body = pem
                    .trim()
                    .strip_prefix("-----BEGIN CERTIFICATE-----")?
                    .strip_suffix("-----END CERTIFICATE-----")?;
                body.split_ascii_whitespace().collect()
            }
        };
        Self::from_der(&STANDARD.decode(encoded).ok()?, is_vouched_for)
    }

    fn from_der(der: &[u8], is_vouched_for: bool) -> Option<Self> {
        if der.len() > DER_BYTES_MAX {
            return None;
        }
        let read = x509_cert::Certificate::from_der(der).ok()?;
        let body = read.tbs_certificate();
        let mut names = Vec::new();
        if !body.subject().is_empty() {
            names.push(CertificateName::Subject(body.subject().to_string()));
        }
        let others = body.get_extension::<SubjectAltName>().ok()?;
        if let Some((_, SubjectAltName(others))) = others {
            names.extend(others.iter().take(NAMES_MAX).filter_map(name_of));
        }
        let validity = body.validity();
        let seconds = |time: x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
        };
        let key = body.subject_public_key_info();
        Some(Self {
            thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(der)),
            is_vouched_for,
            names,
            key: key
                .subject_public_key
                .as_bytes()
                .and_then(|bits| key_of(key.algorithm.oid, bits)),
            valid: (seconds(validity.not_before), seconds(validity.not_after)),
        })
    }

    /// Whether its time has come and isn't over, in seconds since 1970.
    pub fn is_valid_at(&self, now: i64) -> bool {
        self.valid.0 <= now && now <= self.valid.1
    }

    /// Whether an authority of ours vouches that its holder has this name.
    pub fn is_vouched_for_as(&self, name: &CertificateName) -> bool {
        self.is_vouched_for && self.names.contains(name)
    }

    /// Whether its key is one of a set: what a certificate that nobody vouches for proves.
    pub fn has_key_of(&self, set: &JwkSet) -> bool {
        self.key
            .as_ref()
            .is_some_and(|key| set.keys.iter().any(|one| one.key == *key))
    }
}

fn name_of(name: &GeneralName) -> Option<CertificateName> {
    Some(match name {
        GeneralName::DnsName(name) => CertificateName::Dns(name.as_str().to_ascii_lowercase()),
        GeneralName::UniformResourceIdentifier(name) => {
            CertificateName::Uri(name.as_str().to_owned())
        }
        GeneralName::Rfc822Name(name) => CertificateName::Email(name.as_str().to_owned()),
        GeneralName::IpAddress(bytes) => {
            let bytes = bytes.as_bytes();
            let v4 = <[u8; 4]>::try_from(bytes).ok().map(Into::into);
            let v6 = || <[u8; 16]>::try_from(bytes).ok().map(Into::into);
            CertificateName::Ip(v4.or_else(v6)?)
        }
        _ => return None,
    })
}

/// The key inside, if it is of a kind that is used here.
fn key_of(algorithm: ObjectIdentifier, bits: &[u8]) -> Option<PublicKey> {
    if algorithm == RSA {
        let mut reader = SliceReader::new(bits).ok()?;
        let (n, e) = reader
            .sequence(|inner| {
                let n = UintRef::decode(inner)?;
                let e = UintRef::decode(inner)?;
                Ok::<_, x509_cert::der::Error>((n.as_bytes().to_vec(), e.as_bytes().to_vec()))
            })
            .ok()?;
        return RsaPublic::new(&n, &e).ok().map(PublicKey::Rsa);
    }
    if algorithm == EC {
        // Another curve's point has another length, or isn't on this one.
        let [4, rest @ ..] = bits else { return None };
        let (x, y) = rest.split_at_checked(32)?;
        let point = P256Public::new(x.try_into().ok()?, y.try_into().ok()?);
        return point.ok().map(PublicKey::P256);
    }
    if algorithm == ED25519 {
        let point = Ed25519Public::new(bits.try_into().ok()?);
        return point.ok().map(PublicKey::Ed25519);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_alike() {
        for text in [
            "dns:a.example",
            "uri:https://a.example/x",
            "ip:192.0.2.1",
            "email:a@b.example",
        ] {
            assert_eq!(CertificateName::parse(text).unwrap().to_string(), text);
        }
        let name = CertificateName::parse("CN=guichet, O=Ministère, C=FR").unwrap();
        assert_eq!(CertificateName::parse(&name.to_string()), Some(name));
        for wrong in ["", "ip:a", "dns:", "email:a", "guichet"] {
            assert_eq!(CertificateName::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        let long = format!(":{}:", "A".repeat(HEADER_BYTES_MAX));
        for wrong in [
            "",
            ":",
            "::",
            ":!:",
            ":AAAA:",
            "AAAA",
            "-----BEGIN%20CERTIFICATE-----%0AAAAA%0A-----END%20CERTIFICATE-----",
            &long,
        ] {
            assert_eq!(Certificate::from_header(wrong, true), None, "{wrong}");
        }
    }
}
