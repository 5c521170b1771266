//! The form that asks a browser for a passkey.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::form::Field;
use crate::shell::Shell;

/// What the browser does with a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    /// It makes one.
    Create,
    /// It uses one.
    Get,
}

/// A form whose button asks the browser for a passkey, by a script of ours: `POST` to `options`
/// answers what to ask for (JSON, bytes in base64url); the browser's answer is sent to `action` in
/// the field `answer` (JSON). Without a script, `without` stands in its place. Write it in a template
/// as `{{ passkey }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "components/passkey.html")]
pub struct Passkey {
    /// What the browser does.
    pub ceremony: Ceremony,
    /// Where the script asks what to ask for.
    pub options: String,
    /// Where the answer goes.
    pub action: String,
    /// The button's label.
    pub submit: String,
    /// What is read where no script runs, and what to do then.
    pub without: String,
    /// What is read when the browser gave nothing, and what to do then.
    pub failed: String,
    csrf_token: String,
    hidden: Vec<(String, String)>,
    fields: Vec<Field>,
}

impl HtmlSafe for Passkey {}

impl Passkey {
    /// A form of the page of `shell`. Texts: see the fields.
    pub fn new(
        shell: &Shell,
        ceremony: Ceremony,
        [options, action]: [&str; 2],
        [submit, without, failed]: [String; 3],
    ) -> Self {
        Self {
            ceremony,
            options: options.to_owned(),
            action: action.to_owned(),
            submit,
            without,
            failed,
            csrf_token: shell.csrf_token.clone(),
            hidden: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// Adds a value that isn't shown.
    #[must_use]
    pub fn hidden(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    fn code(&self) -> &'static str {
        match self.ceremony {
            Ceremony::Create => "create",
            Ceremony::Get => "get",
        }
    }

    fn class(&self) -> &'static str {
        match self.ceremony {
            Ceremony::Create => "fr-btn",
            Ceremony::Get => "fr-btn fr-btn--secondary",
        }
    }
}
