//! Rows of fields: a small table that somebody fills in, line by line.

use askama::Template;

use crate::form::Field;

/// Rows of the same fields, one below the other. Where there is room the labels are seen above the
/// first row only; they are read aloud in each. Write it in a template as `{{ rows }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "components/rows.html")]
pub struct Rows {
    /// The id of the whole, from which those of its rows are made.
    pub id: String,
    /// What the rows are.
    pub label: String,
    /// How they are filled in; may be empty.
    pub hint: String,
    /// The name of each row, and its fields.
    pub rows: Vec<(String, Vec<Field>)>,
}

impl askama::filters::HtmlSafe for Rows {}

impl Rows {
    /// No rows yet.
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            hint: String::new(),
            rows: Vec::new(),
        }
    }

    /// Says how they are filled in.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Adds a row.
    #[must_use]
    pub fn row(mut self, name: impl Into<String>, fields: Vec<Field>) -> Self {
        self.rows.push((name.into(), fields));
        self
    }
}
