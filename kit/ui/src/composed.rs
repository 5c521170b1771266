//! A page put together from components in order: what most pages are. It takes only what escapes
//! by itself ([`askama::filters::HtmlSafe`]), so that no text comes out raw.

use std::any::Any;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::form::{ErrorSummary, Field};
use crate::rows::Rows;
use crate::shell::Shell;
use crate::table::Table;

/// A page of components. `Page(Composed::new(shell).with(figures).with(table))`.
#[derive(Debug, Clone, Template)]
#[template(path = "composed.html")]
pub struct Composed {
    shell: Shell,
    parts: Vec<String>,
    tables: Vec<Table>,
}

impl Composed {
    /// A page with nothing below its title yet.
    pub fn new(shell: Shell) -> Self {
        Self {
            shell,
            parts: Vec::new(),
            tables: Vec::new(),
        }
    }

    /// A page for visitors who have no account and need none: nothing of agents around it.
    #[must_use]
    pub fn for_visitors(mut self) -> Self {
        self.shell.navigation.clear();
        self.shell.person = None;
        self.shell.without_account = true;
        self
    }

    /// Adds a component. A table is offered as files too, see [`Composed::take_tables`].
    #[must_use]
    pub fn with<P: HtmlSafe + 'static>(mut self, mut part: P) -> Self {
        if let Some(table) = (&mut part as &mut dyn Any).downcast_mut::<Table>() {
            table.offer(&self.shell.path);
        }
        self.parts.push(part.to_string());
        if let Ok(table) = (Box::new(part) as Box<dyn Any>).downcast::<Table>()
            && table.is_offered
        {
            self.tables.push(*table);
        }
        self
    }

    /// The tables that are offered as files, for whoever writes them.
    pub fn take_tables(&mut self) -> Vec<Table> {
        std::mem::take(&mut self.tables)
    }

    /// Adds a component when there is one.
    #[must_use]
    pub fn maybe(self, part: Option<impl HtmlSafe + 'static>) -> Self {
        match part {
            Some(part) => self.with(part),
            None => self,
        }
    }

    /// Adds a heading below the title.
    #[must_use]
    pub fn heading(self, text: impl Into<String>) -> Self {
        self.with(Heading { text: text.into() })
    }

    /// Adds a link on a line of its own: what can be done beside the page's own matter.
    #[must_use]
    pub fn link(self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.with(Link {
            text: text.into(),
            href: href.into(),
        })
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(Paragraph { text: text.into() })
    }
}

/// A heading of the second level.
#[derive(Debug, Clone, Template)]
#[template(source = "<h2>{{ text }}</h2>", ext = "html")]
struct Heading {
    text: String,
}

impl HtmlSafe for Heading {}

/// A paragraph.
#[derive(Debug, Clone, Template)]
#[template(source = "<p>{{ text }}</p>", ext = "html")]
struct Paragraph {
    text: String,
}

impl HtmlSafe for Paragraph {}

/// A link on a line of its own.
#[derive(Debug, Clone, Template)]
#[template(
    source = "<p><a class=\"fr-link\" href=\"{{ href }}\">{{ text }}</a></p>",
    ext = "html"
)]
struct Link {
    text: String,
    href: String,
}

impl HtmlSafe for Link {}

/// Links that do something, side by side: label and address, the first one the main one.
#[derive(Debug, Clone, Template)]
#[template(path = "components/actions.html")]
pub struct Actions(pub Vec<(String, String)>);

impl HtmlSafe for Actions {}

/// A choice between equals: of each its label, its address, and what to know before choosing it.
#[derive(Debug, Clone, Template)]
#[template(path = "components/choices.html")]
pub struct Choices(pub Vec<(String, String, String)>);

impl HtmlSafe for Choices {}

/// Links to other views of the same thing: label, address, and whether it is the current one.
#[derive(Debug, Clone, Template)]
#[template(path = "components/views.html")]
pub struct Views {
    /// What the links are, for screen readers.
    pub label: String,
    /// The links.
    pub views: Vec<(String, String, bool)>,
}

impl HtmlSafe for Views {}

/// A form.
#[derive(Debug, Clone, Template)]
#[template(path = "components/form.html")]
pub struct Form {
    action: String,
    method: &'static str,
    csrf_token: String,
    hidden: Vec<(String, String)>,
    fields: Vec<Field>,
    submit: String,
    summary: Option<ErrorSummary>,
    class: &'static str,
    is_upload: bool,
    is_danger: bool,
    is_sent_at_once: bool,
    rows: Option<Rows>,
    more: Option<More>,
}

/// The button with which somebody asks for more rows: it sends the form as it stands, and the answer is
/// shown from the first new row on.
#[derive(Debug, Clone)]
struct More {
    name: String,
    label: String,
    anchor: String,
}

impl HtmlSafe for Form {}

impl Form {
    /// A form that changes something, sent to `action`.
    pub fn post(shell: &Shell, action: impl Into<String>, submit: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            method: "post",
            csrf_token: shell.csrf_token.clone(),
            hidden: Vec::new(),
            fields: Vec::new(),
            submit: submit.into(),
            summary: None,
            class: "gv-form",
            is_upload: false,
            is_danger: false,
            is_sent_at_once: false,
            rows: None,
            more: None,
        }
    }

    /// A form that carries values to another site, which must not get our proof of origin. It is
    /// sent at once where scripts run.
    pub fn elsewhere(action: impl Into<String>, submit: impl Into<String>) -> Self {
        Self {
            method: "post",
            class: "gv-form",
            is_sent_at_once: true,
            ..Self::filters(action, submit)
        }
    }

    /// A form that narrows what is shown: its fields go into the address.
    pub fn filters(action: impl Into<String>, submit: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            method: "get",
            csrf_token: String::new(),
            hidden: Vec::new(),
            fields: Vec::new(),
            submit: submit.into(),
            summary: None,
            class: "gv-filters",
            is_upload: false,
            is_danger: false,
            is_sent_at_once: false,
            rows: None,
            more: None,
        }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.is_upload |= matches!(field.control, crate::form::Control::File(_));
        self.fields.push(field);
        self
    }

    /// Adds fields.
    #[must_use]
    pub fn fields(self, fields: impl IntoIterator<Item = Field>) -> Self {
        fields.into_iter().fold(self, Self::field)
    }

    /// Adds rows of fields, after all other fields.
    #[must_use]
    pub fn rows(mut self, rows: Rows) -> Self {
        self.rows = Some(rows);
        self
    }

    /// Adds a button after the one that sends the form, which sends it under a name to get more rows.
    /// The answer is shown from the element of this id on.
    #[must_use]
    pub fn more(
        mut self,
        name: impl Into<String>,
        label: impl Into<String>,
        anchor: impl Into<String>,
    ) -> Self {
        self.more = Some(More {
            name: name.into(),
            label: label.into(),
            anchor: anchor.into(),
        });
        self
    }

    /// Adds a value that isn't shown.
    #[must_use]
    pub fn hidden(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }

    /// Shows the mistakes of its fields above it.
    #[must_use]
    pub fn summary(mut self, words: &crate::words::Words) -> Self {
        let of_rows = self.rows.iter().flat_map(|rows| &rows.rows);
        let of_rows = of_rows.flat_map(|(_, fields)| fields);
        let fields: Vec<&Field> = self.fields.iter().chain(of_rows).collect();
        self.summary = Some(ErrorSummary::of(words, &fields)).filter(|s| !s.is_empty());
        self
    }

    /// A small form in a line, such as one button.
    #[must_use]
    pub fn inline(mut self) -> Self {
        self.class = "gv-form-inline";
        self
    }

    /// Its button takes something away.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.is_danger = true;
        self
    }
}
