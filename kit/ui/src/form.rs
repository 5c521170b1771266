//! Forms: label above, hint below it, mistake above the field and in a summary that takes the
//! focus; what was typed is never lost.

use askama::Template;

use crate::words::Words;

/// Characters that one line takes unless the field says otherwise.
const LINE_LENGTH_MAX: u32 = 2_000;
/// Characters that several lines take unless the field says otherwise.
const LINES_LENGTH_MAX: u32 = 10_000;

/// What kind of control a field is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// One line; the HTML type (`text`, `email`, `password`, `url`, `search`, `number`).
    Line(&'static str),
    /// Several lines.
    Lines(u32),
    /// Day, month and year, sent as `NAME-day`, `NAME-month` and `NAME-year`.
    Date {
        /// What was typed as the day.
        day: String,
        /// What was typed as the month.
        month: String,
        /// What was typed as the year.
        year: String,
    },
    /// One of a list: value and label.
    Select(Vec<(String, String)>),
    /// One of a few: value and label.
    Radios(Vec<(String, String)>),
    /// Any of a few: value, label and whether it is ticked.
    Boxes(Vec<(String, String, bool)>),
    /// A file, with the types that it may have.
    File(&'static str),
    /// No control: the heading of the fields that follow.
    Section,
}

/// One field. Write it in a template as `{{ field }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "components/field.html")]
pub struct Field {
    /// Its name, as sent; also its id.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What it is for, or how to write it.
    pub hint: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What was typed or stored.
    pub value: String,
    /// The control.
    pub control: Control,
    /// What browsers may fill in (WHATWG autofill names).
    pub autocomplete: &'static str,
    /// The unit after the control.
    pub unit: String,
    /// Which keyboard a phone shows (HTML `inputmode`); empty for the usual one.
    pub inputmode: &'static str,
    /// How many characters it takes at most.
    pub length_max: u32,
    /// Whether it must be filled in.
    pub required: bool,
    /// The words for day, month and year.
    pub date_words: [String; 3],
}

impl askama::filters::HtmlSafe for Field {}

impl Field {
    fn new(control: Control, name: &str, label: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            label: label.into(),
            hint: String::new(),
            error: None,
            value: String::new(),
            control,
            autocomplete: "off",
            unit: String::new(),
            inputmode: "",
            length_max: LINE_LENGTH_MAX,
            required: false,
            date_words: Default::default(),
        }
    }

    /// One line of text.
    pub fn text(name: &str, label: impl Into<String>) -> Self {
        Self::new(Control::Line("text"), name, label)
    }

    /// One line of another HTML type.
    pub fn line(kind: &'static str, name: &str, label: impl Into<String>) -> Self {
        Self::new(Control::Line(kind), name, label)
    }

    /// Several lines of text.
    pub fn lines(rows: u32, name: &str, label: impl Into<String>) -> Self {
        let mut field = Self::new(Control::Lines(rows), name, label);
        field.length_max = LINES_LENGTH_MAX;
        field
    }

    /// An amount in millions of euros, typed as people write it: comma or point, spaces, "M€".
    pub fn amount(words: &Words, name: &str, label: impl Into<String>) -> Self {
        let mut field = Self::new(Control::Line("text"), name, label);
        field.inputmode = "decimal";
        field.unit = words.text("amount-unit");
        field.hint = words.text("amount-hint");
        field
    }

    /// A date in three fields; `date` is filled in when given.
    pub fn date(
        words: &Words,
        name: &str,
        label: impl Into<String>,
        date: Option<jiff::civil::Date>,
    ) -> Self {
        let parts = date.map_or_else(Default::default, |date| {
            [
                date.day().to_string(),
                date.month().to_string(),
                date.year().to_string(),
            ]
        });
        Self::date_typed(words, name, label, parts)
    }

    /// A date in three fields with what was typed in them.
    pub fn date_typed(
        words: &Words,
        name: &str,
        label: impl Into<String>,
        [day, month, year]: [String; 3],
    ) -> Self {
        let mut field = Self::new(Control::Date { day, month, year }, name, label);
        field.date_words = ["date-day", "date-month", "date-year"].map(|key| words.text(key));
        field.hint = words.text("date-hint");
        field
    }

    /// One of a list.
    pub fn select(name: &str, label: impl Into<String>, options: Vec<(String, String)>) -> Self {
        Self::new(Control::Select(options), name, label)
    }

    /// One of a few.
    pub fn radios(name: &str, label: impl Into<String>, options: Vec<(String, String)>) -> Self {
        Self::new(Control::Radios(options), name, label)
    }

    /// Any of a few.
    pub fn boxes(
        name: &str,
        label: impl Into<String>,
        options: Vec<(String, String, bool)>,
    ) -> Self {
        Self::new(Control::Boxes(options), name, label)
    }

    /// A file; `accept` lists extensions and media types.
    pub fn file(name: &str, label: impl Into<String>, accept: &'static str) -> Self {
        Self::new(Control::File(accept), name, label)
    }

    /// The heading of the fields that follow it in a long form.
    pub fn section(label: impl Into<String>) -> Self {
        Self::new(Control::Section, "", label)
    }

    /// Fills it in.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Says what it is for.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Says what is wrong.
    #[must_use]
    pub fn error(mut self, error: Option<impl Into<String>>) -> Self {
        self.error = error.map(Into::into);
        self
    }

    /// Tells browsers what may be filled in.
    #[must_use]
    pub fn autocomplete(mut self, autocomplete: &'static str) -> Self {
        self.autocomplete = autocomplete;
        self
    }

    /// Adds a unit after the control.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Says how many characters it takes at most.
    #[must_use]
    pub fn length_max(mut self, characters: u32) -> Self {
        self.length_max = characters;
        self
    }

    /// Says that it must be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }

    fn is_group(&self) -> bool {
        matches!(
            self.control,
            Control::Date { .. } | Control::Radios(_) | Control::Boxes(_)
        )
    }

    /// The id that the summary of mistakes links to.
    pub fn focus_id(&self) -> String {
        match &self.control {
            Control::Date { .. } => format!("{}-day", self.name),
            Control::Radios(_) | Control::Boxes(_) => format!("{}-0", self.name),
            _ => self.name.clone(),
        }
    }
}

/// The mistakes of a form, above it. Write it in a template as `{{ summary }}`: it is nothing when
/// there are none.
#[derive(Debug, Clone, Template)]
#[template(path = "components/error_summary.html")]
pub struct ErrorSummary {
    words: Words,
    /// The id to go to, and what is wrong there.
    pub mistakes: Vec<(String, String)>,
}

impl askama::filters::HtmlSafe for ErrorSummary {}

impl ErrorSummary {
    /// The mistakes of these fields.
    pub fn of(words: &Words, fields: &[&Field]) -> Self {
        let mistakes = fields
            .iter()
            .filter_map(|field| Some((field.focus_id(), field.error.clone()?)))
            .collect();
        Self {
            words: words.clone(),
            mistakes,
        }
    }

    /// A mistake of no field in particular.
    pub fn general(words: &Words, message: impl Into<String>) -> Self {
        Self {
            words: words.clone(),
            mistakes: vec![(String::new(), message.into())],
        }
    }

    fn title(&self) -> String {
        self.words.count(
            "form-mistakes",
            i64::try_from(self.mistakes.len()).unwrap_or(i64::MAX),
        )
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.mistakes.is_empty()
    }
}
