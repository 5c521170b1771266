//! The algorithms that are used, each by its registered name. What isn't here can't be used.

use std::fmt;

/// A signature algorithm, RFC 7518 section 3 and RFC 8037 section 3.1.
///
/// `none` is absent, so no token without a signature can pass. HS256 and its kin are absent too: a
/// shared secret would have to be kept readable for every client, anyone who can check such a token
/// can also make it, and a verifier that knows both kinds is how a public key comes to be used as a
/// secret. Clients that authenticate by a secret send it; those that want more have a key pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519. The name EdDSA allows Ed448 as well, which no key here has.
    EdDsa,
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rs256,
    /// RSA PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes.
    Ps256,
}

impl Algorithm {
    /// Every one, the preferred first.
    pub const ALL: [Self; 4] = [Self::Es256, Self::EdDsa, Self::Ps256, Self::Rs256];

    /// Its name in `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    /// The one of this exact name (names are case-sensitive); `None` for all that isn't used here.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How the key of an encrypted token is agreed or carried, RFC 7518 section 4.
///
/// `RSA1_5` (Bleichenbacher's oracle) and RSA-OAEP with SHA-1 are absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyManagement {
    /// RSA-OAEP with SHA-256 and MGF1 with SHA-256, section 4.3.
    RsaOaep256,
    /// ECDH-ES on P-256, whose result is the key of the content, section 4.6.
    EcdhEs,
    /// ECDH-ES on P-256, whose result wraps the key of the content, section 4.6.
    EcdhEsA256Kw,
}

impl KeyManagement {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::EcdhEs, Self::EcdhEsA256Kw, Self::RsaOaep256];

    /// Its name in `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }

    /// The one of this exact name; `None` for all that isn't used here.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

impl fmt::Display for KeyManagement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How the content of an encrypted token is encrypted, RFC 7518 section 5.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentEncryption {
    /// AES-GCM with a key of 128 bits.
    A128Gcm,
    /// AES-GCM with a key of 256 bits.
    A256Gcm,
}

impl ContentEncryption {
    /// Every one, the preferred first.
    pub const ALL: [Self; 2] = [Self::A256Gcm, Self::A128Gcm];

    /// Its name in `enc`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The one of this exact name; `None` for all that isn't used here.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Bytes of its key.
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A256Gcm => 32,
        }
    }
}

impl fmt::Display for ContentEncryption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        for one in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(one.name()), Some(one));
        }
        for one in KeyManagement::ALL {
            assert_eq!(KeyManagement::from_name(one.name()), Some(one));
        }
        for one in ContentEncryption::ALL {
            assert_eq!(ContentEncryption::from_name(one.name()), Some(one));
        }
        for wrong in [
            "none", "None", "HS256", "es256", "ES256 ", "RS512", "", "RSA1_5", "dir",
        ] {
            assert_eq!(Algorithm::from_name(wrong), None);
            assert_eq!(KeyManagement::from_name(wrong), None);
        }
    }
}
