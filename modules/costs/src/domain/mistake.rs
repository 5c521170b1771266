//! A mistake in what somebody told.

/// A mistake: the field, and in a table the line and column; the key of its words and what they name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field, as the form names it; in a table the column's code.
    pub field: String,
    /// The line in the table, from 1, when it is one.
    pub line: Option<u64>,
    /// The key of its words, `costs-mistake-…`.
    pub key: &'static str,
    /// What the words name: what is allowed, or what stood there.
    pub value: String,
}

impl Mistake {
    /// A mistake in a field, whose words name a value.
    pub fn new(field: impl Into<String>, key: &'static str, value: impl ToString) -> Self {
        Self {
            field: field.into(),
            line: None,
            key,
            value: value.to_string(),
        }
    }

    /// The same on a line of a table.
    #[must_use]
    pub fn on_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// Its stable code in answers of the API: the key without what all keys have.
    pub fn code(&self) -> &'static str {
        self.key.strip_prefix("costs-mistake-").unwrap_or(self.key)
    }
}
