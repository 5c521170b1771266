//! The public keys that a party publishes, RFC 7517 section 5.

use serde_json::{Value, json};

use super::{Jwk, JwkError, KeyAlgorithm, VerificationKey};
use crate::algorithm::{Algorithm, KeyManagement};
use crate::json::{JsonError, object};
use crate::jwe::EncryptionKey;

/// Most bytes of a set.
pub const SET_BYTES_MAX: usize = 256 << 10;
/// Most keys of a set, which bounds how many a token without `kid` can be tried with.
pub const SET_KEYS_MAX: usize = 64;

/// The keys of a set that are used here, and why the others aren't.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwkSet {
    /// In the order of the set.
    pub keys: Vec<Jwk>,
    /// RFC 7517 section 5: what isn't understood is passed over.
    pub skipped: Vec<Skipped>,
}

/// A key that was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// Its place in the set, from 0.
    pub index: usize,
    /// Why.
    pub reason: JwkError,
}

/// Why a whole set is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// Over [`SET_BYTES_MAX`].
    #[error("the set of keys has {bytes} bytes; the limit is {SET_BYTES_MAX}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Over [`SET_KEYS_MAX`].
    #[error("the set has {keys} keys; the limit is {SET_KEYS_MAX}")]
    TooMany {
        /// How many.
        keys: usize,
    },
    /// The text isn't an object that is read here.
    #[error("the set of keys can't be read: {0}")]
    Json(#[from] JsonError),
    /// `keys` is absent or no array.
    #[error("the set has no array `keys`")]
    NoKeys,
    /// A secret was published: whoever owns the set must replace the key before any is trusted.
    #[error("key {index} of the set holds the private member `{name}`")]
    Private {
        /// Its place, from 0.
        index: usize,
        /// The member.
        name: &'static str,
    },
}

impl JwkSet {
    /// Reads a set.
    pub fn parse(text: &[u8]) -> Result<Self, SetError> {
        if text.len() > SET_BYTES_MAX {
            return Err(SetError::TooLarge { bytes: text.len() });
        }
        let members = object(text)?;
        let Some(Value::Array(keys)) = members.get("keys") else {
            return Err(SetError::NoKeys);
        };
        if keys.len() > SET_KEYS_MAX {
            return Err(SetError::TooMany { keys: keys.len() });
        }
        let mut set = Self::default();
        for (index, key) in keys.iter().enumerate() {
            let read = match key {
                Value::Object(members) => Jwk::from_members(members),
                _ => Err(JwkError::Json(JsonError::NotAnObject)),
            };
            match read {
                Ok(key) => set.keys.push(key),
                Err(JwkError::Private { name }) => return Err(SetError::Private { index, name }),
                Err(reason) => set.skipped.push(Skipped { index, reason }),
            }
        }
        Ok(set)
    }

    /// The set as JSON, such as a `jwks_uri` serves.
    pub fn to_json(&self) -> Value {
        let keys: Vec<Value> = self
            .keys
            .iter()
            .map(|key| Value::Object(key.to_members()))
            .collect();
        json!({ "keys": keys })
    }

    /// The keys that may verify signatures of this algorithm, bound to it.
    pub fn verification_keys(&self, algorithm: Algorithm) -> Vec<VerificationKey> {
        let keys = self.keys.iter();
        keys.filter_map(|key| VerificationKey::new(key, algorithm).ok())
            .collect()
    }

    /// The first key to encrypt to with this algorithm; one that says it is for that comes before
    /// one that says nothing.
    pub fn encryption_key(&self, management: KeyManagement) -> Option<EncryptionKey> {
        let wanted = KeyAlgorithm::Management(management);
        let mut fitting: Vec<&Jwk> = self.keys.iter().filter(|key| key.allows(wanted)).collect();
        fitting.sort_by_key(|key| (key.usage.is_none(), key.algorithm.is_none()));
        fitting
            .into_iter()
            .find_map(|key| EncryptionKey::new(key, management).ok())
    }
}
