//! What a token says, RFC 7519 section 4, and whether it may be believed now.
//!
//! Instants are seconds since 1970 in UTC. `now` is always given.

use serde_json::Value;

use crate::json::{JsonError, Object, object};

mod rules;

pub(crate) use rules::id;
pub use rules::{ClaimError, JTI_BYTES_MAX, LEEWAY_SECONDS_MAX, Rules};

/// Why a content isn't claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// It isn't canonical base64url.
    #[error("the claims aren't canonical base64url")]
    Encoding,
    /// It isn't an object that is read here.
    #[error("the claims can't be read: {0}")]
    Json(#[from] JsonError),
}

/// The claims of a token: JSON members by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    members: Object,
}

impl Claims {
    /// No claims, to which [`Claims::with`] adds.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads them strictly; the token's limit bounds their length.
    pub fn parse(bytes: &[u8]) -> Result<Self, ClaimsError> {
        Ok(Self {
            members: object(bytes)?,
        })
    }

    /// These claims and one more; a claim that was there is replaced.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// The same, when there is a value.
    #[must_use]
    pub fn with_optional(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// `iss`.
    #[must_use]
    pub fn issuer(self, value: &str) -> Self {
        self.with("iss", value)
    }

    /// `sub`.
    #[must_use]
    pub fn subject(self, value: &str) -> Self {
        self.with("sub", value)
    }

    /// `aud` with one party, as a text.
    #[must_use]
    pub fn audience(self, value: &str) -> Self {
        self.with("aud", value)
    }

    /// `iat` and `exp`, `seconds` later.
    #[must_use]
    pub fn lifetime(self, now: i64, seconds: i64) -> Self {
        self.with("iat", now)
            .with("exp", now.saturating_add(seconds))
    }

    /// `jti`.
    #[must_use]
    pub fn id(self, value: &str) -> Self {
        self.with("jti", value)
    }

    /// `nonce`.
    #[must_use]
    pub fn nonce(self, value: &str) -> Self {
        self.with("nonce", value)
    }

    /// A claim; `None` when absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// A claim that is a text; `None` when absent or of another type.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// `aud` as a list; `None` when absent or anything but a text or texts.
    pub fn audiences(&self) -> Option<Vec<&str>> {
        match self.get("aud")? {
            Value::String(one) => Some(vec![one]),
            Value::Array(several) => several.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }

    /// An instant; `None` when absent, and [`ClaimError::Malformed`] when it isn't a number of
    /// seconds that fits (RFC 7519 section 2 allows fractions: they are cut off towards the past).
    pub fn instant(&self, name: &'static str) -> Result<Option<i64>, ClaimError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let whole = value.as_i64();
        let cut = || value.as_f64().filter(|seconds| seconds.abs() < 1e15);
        whole
            .or_else(|| cut().map(|seconds| seconds.floor() as i64))
            .map(Some)
            .ok_or(ClaimError::Malformed { name })
    }

    /// All members.
    pub fn members(&self) -> &Object {
        &self.members
    }

    /// The members, given away.
    pub fn into_members(self) -> Object {
        self.members
    }

    /// The claims as JSON, to sign.
    pub fn to_bytes(&self) -> Vec<u8> {
        Value::Object(self.members.clone()).to_string().into_bytes()
    }
}

impl From<Object> for Claims {
    fn from(members: Object) -> Self {
        Self { members }
    }
}
