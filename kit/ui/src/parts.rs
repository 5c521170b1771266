//! The smaller parts of a page: figures, charts, histories, facts.

use askama::Template;

use crate::shell::Tone;
use crate::words::Words;

/// A figure with what it needs to be understood.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    /// What it measures.
    pub label: String,
    /// Its value, formatted.
    pub value: String,
    /// Of what, as of when, from where.
    pub note: String,
    /// The rows that it comes from.
    pub href: Option<String>,
    /// How it is computed.
    pub formula: String,
    /// Whether it needs attention.
    pub tone: Option<Tone>,
}

impl Figure {
    /// A figure.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            ..Self::default()
        }
    }

    /// Of what, as of when, from where.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The rows that it comes from.
    #[must_use]
    pub fn to(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    /// How it is computed.
    #[must_use]
    pub fn formula(mut self, formula: impl Into<String>) -> Self {
        self.formula = formula.into();
        self
    }

    /// Whether it needs attention.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }
}

/// A row of figures. Write it in a template as `{{ figures }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "components/figures.html")]
pub struct Figures {
    words: Words,
    /// The figures, the most important first.
    pub figures: Vec<Figure>,
}

impl askama::filters::HtmlSafe for Figures {}

impl Figures {
    /// A row of figures.
    pub fn new(words: &Words, figures: Vec<Figure>) -> Self {
        Self {
            words: words.clone(),
            figures,
        }
    }
}

/// A picture drawn in the reader's browser from a table of the page, which says the same without
/// it. Kinds: `dot-plot`, `waterfall`, `gantt`, `funnel`, `survival`, `bars`, `line`.
#[derive(Debug, Clone, Template)]
#[template(path = "components/chart.html")]
pub struct Chart {
    /// The kind of picture.
    pub kind: &'static str,
    /// The id of the table.
    pub table: String,
    /// What the picture shows.
    pub caption: String,
    /// Where its figures come from and how they are computed.
    pub source: String,
    /// Further settings, as `data-` attributes: name and value.
    pub settings: Vec<(&'static str, String)>,
}

impl askama::filters::HtmlSafe for Chart {}

impl Chart {
    /// A picture of a table.
    pub fn new(
        kind: &'static str,
        table: impl Into<String>,
        caption: impl Into<String>,
        source: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            table: table.into(),
            caption: caption.into(),
            source: source.into(),
            settings: Vec::new(),
        }
    }

    /// Adds a setting: `name` becomes the attribute `data-NAME`.
    #[must_use]
    pub fn setting(mut self, name: &'static str, value: impl ToString) -> Self {
        self.settings.push((name, value.to_string()));
        self
    }
}

/// One event of a history.
#[derive(Debug, Clone, Default)]
pub struct TimelineEvent {
    /// When, formatted.
    pub when: String,
    /// When, for programs (ISO 8601).
    pub datetime: String,
    /// What happened.
    pub title: String,
    /// Who did it, and why.
    pub detail: String,
    /// Whether it needs attention.
    pub tone: Option<Tone>,
}

/// A history, newest first. Write it in a template as `{{ timeline }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "components/timeline.html")]
pub struct Timeline {
    /// The events.
    pub events: Vec<TimelineEvent>,
    /// What is read when there are none.
    pub empty: String,
}

impl askama::filters::HtmlSafe for Timeline {}

/// One fact: its name and its values.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Its name.
    pub name: String,
    /// Its values, each with the address that it leads to.
    pub values: Vec<(String, Option<String>)>,
}

/// A list of facts. Write it in a template as `{{ facts }}`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "components/facts.html")]
pub struct Facts {
    /// The facts.
    pub facts: Vec<Fact>,
}

impl askama::filters::HtmlSafe for Facts {}

impl Facts {
    /// Adds a fact; an empty text adds nothing.
    #[must_use]
    pub fn text(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.facts.push(Fact {
                name: name.into(),
                values: vec![(value, None)],
            });
        }
        self
    }

    /// Adds a fact that leads somewhere; an empty text adds nothing.
    #[must_use]
    pub fn link(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
        href: impl Into<String>,
    ) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.facts.push(Fact {
                name: name.into(),
                values: vec![(value, Some(href.into()))],
            });
        }
        self
    }

    /// Adds a fact with several values; an empty list adds nothing.
    #[must_use]
    pub fn list(mut self, name: impl Into<String>, values: Vec<(String, Option<String>)>) -> Self {
        if !values.is_empty() {
            self.facts.push(Fact {
                name: name.into(),
                values,
            });
        }
        self
    }
}

/// A message that stands in the page.
#[derive(Debug, Clone, Template)]
#[template(path = "components/notice.html")]
pub struct Notice {
    /// How serious it is.
    pub tone: Tone,
    /// Its title, which may be empty.
    pub title: String,
    /// What it says.
    pub text: String,
}

impl askama::filters::HtmlSafe for Notice {}

impl Notice {
    /// A message.
    pub fn new(tone: Tone, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            tone,
            title: title.into(),
            text: text.into(),
        }
    }
}

/// How far a long work is.
#[derive(Debug, Clone, Template)]
#[template(path = "components/progress.html")]
pub struct Progress {
    /// What is under way.
    pub label: String,
    /// Steps done.
    pub done: i64,
    /// Steps in all; 0 when not known.
    pub total: i64,
    /// Counts and remaining time, in words.
    pub text: String,
}

impl askama::filters::HtmlSafe for Progress {}
