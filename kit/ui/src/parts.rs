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
/// it. Its page needs [`Shell::with_charts`](crate::Shell::with_charts). Texts are those of the
/// table; positions are the raw values of its cells ([`Cell::number`](crate::Cell::number),
/// [`Cell::value`](crate::Cell::value)): numbers with a point, dates as `2026-03-03` or `2026-03`.
/// A cell without raw value isn't drawn; an empty table hides the picture.
///
/// Settings name columns by their place, from 0. Every kind takes `format`: `number` (default),
/// `percent` (values are fractions), `points` (fractions, shown as points), `millions` (values are
/// cents); and `unit`, written after the numbers of the axis.
///
/// | kind | what it shows | settings (default) |
/// |---|---|---|
/// | `dot-plot` | values around zero; a swarm above 40 rows, counts when even that is too many | `x` (1), `low`, `high`, `rule` (a value to mark), `rule-label` |
/// | `waterfall` | parts that add up | `y` (1), `totals` (`last`; `first`, `last` or places, by commas) |
/// | `gantt` | phases; rows with the same first cell share a line | `start` (1), `end` (2; without value: it lasts), `category`, `today` (a date), `today-label` |
/// | `funnel` | steps and what passes | `y` (1), `conversion` (2 when there is one) |
/// | `survival` | step curves from 1 to 0, their band, the number at risk | `x` (0), `y` (1), `low` (2), `high` (3), `at-risk` (4), `series` |
/// | `bars` | bars from zero | `y` (1, or several by commas), `low`, `high` |
/// | `line` | a series; a text in the column `breaks` cuts it | `x` (0), `y` (1), `low`, `high`, `series`, `breaks` |
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
    /// Where it is shown; its title leads there.
    pub href: Option<String>,
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

/// A text that programs read, kept as it is: an answer, a command.
#[derive(Debug, Clone, Template)]
#[template(path = "components/code.html")]
pub struct Code {
    /// Its id in the page.
    pub id: &'static str,
    /// What it is.
    pub label: String,
    /// The text.
    pub text: String,
    copy: String,
    copied: String,
}

impl askama::filters::HtmlSafe for Code {}

impl Code {
    /// A text.
    pub fn new(id: &'static str, label: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id,
            label: label.into(),
            text: text.into(),
            copy: String::new(),
            copied: String::new(),
        }
    }

    /// With a button that copies it, and what the button says then.
    #[must_use]
    pub fn copied_by(mut self, copy: impl Into<String>, copied: impl Into<String>) -> Self {
        self.copy = copy.into();
        self.copied = copied.into();
        self
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
