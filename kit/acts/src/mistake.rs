//! Mistakes in what a person filled in.

/// A mistake in one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field's name, as sent.
    pub field: String,
    /// The key of its words.
    pub key: &'static str,
    /// What the words name: the value that is wrong, or the limit.
    pub value: String,
}

impl Mistake {
    /// A mistake whose words name a value.
    pub fn about(field: impl Into<String>, key: &'static str, value: impl ToString) -> Self {
        Self {
            field: field.into(),
            key,
            value: value.to_string(),
        }
    }
}
