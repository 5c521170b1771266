//! A mistake in what somebody typed.

use std::borrow::Cow;

/// A mistake in a form: the field and the key of its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field, as the form names it.
    pub field: Cow<'static, str>,
    /// The key of its words, `portfolio-mistake-…`.
    pub key: &'static str,
}

impl Mistake {
    /// A mistake in a field.
    pub fn new(field: impl Into<Cow<'static, str>>, key: &'static str) -> Self {
        Self {
            field: field.into(),
            key,
        }
    }
}
