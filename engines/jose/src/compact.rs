//! What signed and encrypted tokens share: limits, parts between dots, and the header.

use serde_json::Value;

use crate::encoding::decode;
use crate::json::{JsonError, Object, object};
use crate::jwk::KID_BYTES_MAX;

/// Limits of a token, checked before anything is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole token.
    pub token_bytes_max: usize,
    /// Bytes of its header, decoded.
    pub header_bytes_max: usize,
}

impl Limits {
    /// For signed tokens: 32 KiB, 4 KiB of header.
    pub const SIGNED: Self = Self {
        token_bytes_max: 32 << 10,
        header_bytes_max: 4 << 10,
    };
    /// For encrypted tokens, which may hold a signed one: 64 KiB, 4 KiB of header.
    pub const ENCRYPTED: Self = Self {
        token_bytes_max: 64 << 10,
        header_bytes_max: 4 << 10,
    };
}

impl Default for Limits {
    /// [`Limits::SIGNED`].
    fn default() -> Self {
        Self::SIGNED
    }
}

/// Why a text isn't a token that is read here. Everything in it was visible to whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Over [`Limits::token_bytes_max`].
    #[error("the token has {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Over [`Limits::header_bytes_max`].
    #[error("the token's header has more than {limit} bytes")]
    HeaderTooLarge {
        /// The limit.
        limit: usize,
    },
    /// Other than three parts when signed, five when encrypted.
    #[error("the token doesn't have {expected} parts")]
    Parts {
        /// How many it should have.
        expected: usize,
    },
    /// A part isn't canonical base64url without padding.
    #[error("the token's {part} isn't canonical base64url")]
    Encoding {
        /// Which.
        part: &'static str,
    },
    /// The header isn't an object that is read here.
    #[error("the token's header can't be read: {0}")]
    Header(JsonError),
    /// A parameter of the header is absent, or of another type or length than its RFC says.
    #[error("the header's `{name}` is absent or malformed")]
    Parameter {
        /// Which.
        name: &'static str,
    },
    /// `crit` is there: it demands an extension, and none is known here (RFC 7515 section 4.1.11).
    #[error("the token demands an extension by `crit`")]
    Critical,
    /// `b64` is there: the payload might not be what its text says (RFC 7797).
    #[error("the token asks for an unencoded payload by `b64`")]
    Unencoded,
    /// `zip` is there: what is small here may be huge when unpacked (RFC 8725 section 3.6).
    #[error("the token is compressed")]
    Compressed,
}

/// The header of a token. `jku`, `x5u`, `x5c` and `jwk` never choose a key: they are ignored, but
/// for `jwk`, which [`crate::dpop`] reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    members: Object,
}

impl Header {
    /// Reads the encoded header of a token.
    pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Self, FormatError> {
        let limit = limits.header_bytes_max;
        if text.len() > (limit * 4).div_ceil(3) {
            return Err(FormatError::HeaderTooLarge { limit });
        }
        let bytes = decode(text).ok_or(FormatError::Encoding { part: "header" })?;
        let members = object(&bytes).map_err(FormatError::Header)?;
        for (name, refusal) in [
            ("crit", FormatError::Critical),
            ("b64", FormatError::Unencoded),
            ("zip", FormatError::Compressed),
        ] {
            if members.contains_key(name) {
                return Err(refusal);
            }
        }
        for name in ["alg", "kid", "typ", "cty", "enc", "apu", "apv"] {
            if members.get(name).is_some_and(|value| !value.is_string()) {
                return Err(FormatError::Parameter { name });
            }
        }
        let header = Self { members };
        if header.algorithm().is_empty() {
            return Err(FormatError::Parameter { name: "alg" });
        }
        if header.kid().is_some_and(|kid| kid.len() > KID_BYTES_MAX) {
            return Err(FormatError::Parameter { name: "kid" });
        }
        Ok(header)
    }

    /// `alg`, as the token's maker wrote it: it names keys to try, and decides nothing.
    pub fn algorithm(&self) -> &str {
        self.text("alg").unwrap_or_default()
    }

    /// `kid`: at most [`KID_BYTES_MAX`] bytes.
    pub fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// `typ`.
    pub fn typ(&self) -> Option<&str> {
        self.text("typ")
    }

    /// `cty`: `JWT` says that the content is itself a token.
    pub fn content_type(&self) -> Option<&str> {
        self.text("cty")
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    pub(crate) fn object(&self, name: &str) -> Option<&Object> {
        self.members.get(name).and_then(Value::as_object)
    }
}

/// The parts of a token, exactly `N`.
pub(crate) fn parts<'a, const N: usize>(
    token: &'a str,
    limits: &Limits,
) -> Result<[&'a str; N], FormatError> {
    if token.len() > limits.token_bytes_max {
        return Err(FormatError::TooLarge {
            bytes: token.len(),
            limit: limits.token_bytes_max,
        });
    }
    // One more than wanted shows that there are too many, without splitting a text full of dots.
    let found: Vec<&str> = token.splitn(N + 1, '.').collect();
    found
        .try_into()
        .map_err(|_| FormatError::Parts { expected: N })
}
