//! Data tables: a caption, scopes, units in the headers, sort links that work without script, an
//! empty state, pages by cursor, downloads. Charts draw from them.

use askama::Template;

use crate::shell::Tone;
use crate::words::Words;

/// A column.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Its words, unit included.
    pub label: String,
    /// Whether it holds numbers: aligned to the right.
    pub numeric: bool,
    /// Where a click on the header leads, when it sorts.
    pub sort_href: Option<String>,
    /// `ascending` or `descending` when the table is sorted by it.
    pub sorted: Option<&'static str>,
}

impl Column {
    /// A column of texts.
    pub fn text(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    /// A column of numbers.
    pub fn number(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            numeric: true,
            ..Self::default()
        }
    }

    /// Makes its header sort.
    #[must_use]
    pub fn sort(mut self, href: impl Into<String>, sorted: Option<&'static str>) -> Self {
        self.sort_href = Some(href.into());
        self.sorted = sorted;
        self
    }
}

/// A cell.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// What is read.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// The raw value, for charts.
    pub value: Option<String>,
    /// A status: its sign and colour stand beside the text.
    pub tone: Option<Tone>,
    /// A second line, smaller.
    pub note: Option<String>,
}

impl Cell {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A link.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: Some(href.into()),
            ..Self::default()
        }
    }

    /// A figure: what is read and its raw value.
    pub fn number(text: impl Into<String>, value: impl ToString) -> Self {
        Self {
            text: text.into(),
            value: Some(value.to_string()),
            ..Self::default()
        }
    }

    /// A status.
    pub fn status(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tone: Some(tone),
            ..Self::default()
        }
    }

    /// A value that isn't known.
    pub fn unknown() -> Self {
        Self::text("—")
    }

    /// Adds a second line.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Makes it a link.
    #[must_use]
    pub fn to(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    /// Gives its raw value to charts.
    #[must_use]
    pub fn value(mut self, value: impl ToString) -> Self {
        self.value = Some(value.to_string());
        self
    }
}

/// Where the reader is in a long list.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
}

/// A table. Write it in a template as `{{ table }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "components/table.html")]
pub struct Table {
    words: Words,
    /// Its id in the page, unique.
    pub id: String,
    /// What it holds.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows; the first cell names the row.
    pub rows: Vec<Vec<Cell>>,
    /// What is read when it is empty: what to do next.
    pub empty: String,
    /// How many rows there are in all, when known.
    pub total: Option<i64>,
    /// Where the reader is.
    pub pages: Pages,
    /// Downloads: label and address.
    pub downloads: Vec<(&'static str, String)>,
    /// Whether a page offers its rows as files when it has no downloads of its own.
    pub is_offered: bool,
}

impl askama::filters::HtmlSafe for Table {}

impl Table {
    /// A table without rows yet.
    pub fn new(
        words: &Words,
        id: impl Into<String>,
        caption: impl Into<String>,
        columns: Vec<Column>,
    ) -> Self {
        Self {
            words: words.clone(),
            id: id.into(),
            caption: caption.into(),
            columns,
            rows: Vec::new(),
            empty: words.text("table-empty"),
            total: None,
            pages: Pages::default(),
            downloads: Vec::new(),
            is_offered: true,
        }
    }

    /// Not for taking away: a few lines to read before a decision.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.is_offered = false;
        self
    }

    /// Offers its rows as files of the page at `path` (with its parameters), unless it has
    /// downloads of its own or nothing to offer.
    pub(crate) fn offer(&mut self, path: &str) {
        if !self.is_offered || self.rows.is_empty() || !self.downloads.is_empty() {
            return;
        }
        let join = if path.contains('?') { '&' } else { '?' };
        self.downloads = [("CSV", "csv"), ("XLSX", "xlsx"), ("JSON", "json")]
            .map(|(label, extension)| {
                let id = &self.id;
                (label, format!("{path}{join}download={id}.{extension}"))
            })
            .to_vec();
    }

    /// Adds rows.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// Says what to do when the table is empty.
    #[must_use]
    pub fn empty(mut self, text: impl Into<String>) -> Self {
        self.empty = text.into();
        self
    }

    /// Says how many rows there are in all.
    #[must_use]
    pub fn total(mut self, total: Option<i64>) -> Self {
        self.total = total;
        self
    }

    /// Says where the reader is.
    #[must_use]
    pub fn pages(mut self, pages: Pages) -> Self {
        self.pages = pages;
        self
    }

    /// Offers the rows as CSV, XLSX and JSON at `base` + `.csv`… + `query` (`?…` or nothing).
    #[must_use]
    pub fn downloads(mut self, base: &str, query: &str) -> Self {
        self.downloads = [("CSV", "csv"), ("XLSX", "xlsx"), ("JSON", "json")]
            .map(|(label, extension)| (label, format!("{base}.{extension}{query}")))
            .to_vec();
        self
    }

    fn count_text(&self, total: &i64) -> String {
        self.words.count("table-count", *total)
    }

    fn is_numeric(&self, at: &usize) -> bool {
        self.columns.get(*at).is_some_and(|column| column.numeric)
    }
}
