//! A mistake in what somebody told.

use std::borrow::Cow;

/// A mistake: the field, the key of its words and the value that they name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field, as the form names it.
    pub field: Cow<'static, str>,
    /// The key of its words, `impact-mistake-…`.
    pub key: &'static str,
    /// What the words name: what is allowed, or what stood there.
    pub value: String,
}

impl Mistake {
    /// A mistake in a field.
    pub fn new(field: impl Into<Cow<'static, str>>, key: &'static str) -> Self {
        Self::with(field, key, String::new())
    }

    /// A mistake in a field, whose words name a value.
    pub fn with(
        field: impl Into<Cow<'static, str>>,
        key: &'static str,
        value: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            key,
            value: value.into(),
        }
    }

    /// Its stable code in answers of the API: the key without what all keys have.
    pub fn code(&self) -> &'static str {
        self.key.strip_prefix("impact-mistake-").unwrap_or(self.key)
    }
}
