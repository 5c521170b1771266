//! What a document holds.

use jiff::civil::Date;
use serde::Serialize;

use crate::PdfError;

/// How large a document may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Blocks.
    pub blocks_max: usize,
    /// Bytes of all texts together, in UTF-8.
    pub text_bytes_max: usize,
    /// Rows of one table.
    pub rows_max: usize,
    /// Columns of a table.
    pub columns_max: usize,
}

/// The limits of every document: some 300 pages.
pub const LIMITS: Limits = Limits {
    blocks_max: 5_000,
    text_bytes_max: 1_000_000,
    rows_max: 5_000,
    columns_max: 12,
};

/// The language of a document, by which a screen reader speaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Language {
    /// French.
    #[serde(rename = "fr")]
    French,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What identifies it for good, such as the id of a contract and its version.
    pub identifier: String,
    /// Its title, on the first page, at the head of the others, and in the window of a reader.
    pub title: String,
    /// A line below the title; may be empty.
    pub subtitle: String,
    /// Who wrote it.
    pub author: String,
    /// What it is about, in a sentence, for catalogues.
    pub description: String,
    /// Its language.
    pub language: Language,
    /// Its date: that of what it tells, not of the day when it is printed.
    pub date: Date,
    /// What it holds, in order.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Block {
    /// A heading. Levels begin at 1 and go down one by one.
    Heading {
        /// From 1 to 4.
        level: u8,
        /// Its words.
        text: String,
    },
    /// A paragraph.
    Paragraph {
        /// Its words.
        text: String,
    },
    /// Points in no order.
    List {
        /// Them.
        items: Vec<String>,
    },
    /// Points in their order.
    Numbered {
        /// Them.
        items: Vec<String>,
    },
    /// Terms, each with what it is.
    Facts {
        /// Term and value.
        facts: Vec<(String, String)>,
    },
    /// A table.
    Table {
        /// What it shows.
        caption: String,
        /// The header cell of each column.
        head: Vec<String>,
        /// Rows of as many cells.
        rows: Vec<Vec<String>>,
        /// Columns of numbers, from 0, which stand on the right.
        numeric: Vec<usize>,
        /// How wide each column is beside the others; empty when all are alike.
        widths: Vec<u32>,
    },
}

/// A document as the page reads it.
#[derive(Serialize)]
pub(crate) struct Told<'d> {
    title: String,
    subtitle: String,
    author: String,
    description: String,
    language: Language,
    date: (i16, i8, i8),
    blocks: Vec<&'d Block>,
}

fn wrong(field: &'static str, limit: impl Into<String>) -> PdfError {
    PdfError::Limit {
        field,
        limit: limit.into(),
    }
}

impl Block {
    /// Every text in it, to be counted or cleaned.
    fn each_text(&mut self, on: &mut impl FnMut(&mut String)) {
        match self {
            Self::Heading { text, .. } | Self::Paragraph { text } => on(text),
            Self::List { items } | Self::Numbered { items } => items.iter_mut().for_each(on),
            Self::Facts { facts } => {
                for (term, value) in facts {
                    on(term);
                    on(value);
                }
            }
            Self::Table {
                caption,
                head,
                rows,
                ..
            } => {
                on(caption);
                head.iter_mut().for_each(&mut *on);
                rows.iter_mut().flatten().for_each(on);
            }
        }
    }

    fn check(&self, limits: &Limits) -> Result<(), PdfError> {
        match self {
            Self::Heading { level, text } => {
                if !(1..=4).contains(level) {
                    return Err(wrong("heading", "its level is from 1 to 4"));
                }
                if text.trim().is_empty() {
                    return Err(wrong("heading", "it has words"));
                }
            }
            Self::List { items } | Self::Numbered { items } => {
                if items.is_empty() {
                    return Err(wrong("list", "it has a point at least"));
                }
            }
            Self::Facts { facts } => {
                if facts.is_empty() || facts.iter().any(|(term, _)| term.trim().is_empty()) {
                    return Err(wrong("facts", "there is one at least, and each has a term"));
                }
            }
            Self::Table {
                caption,
                head,
                rows,
                widths,
                ..
            } => {
                if caption.trim().is_empty() {
                    return Err(wrong("table", "its caption has words"));
                }
                if head.is_empty() || head.len() > limits.columns_max {
                    let told = format!("it has 1 to {} columns", limits.columns_max);
                    return Err(wrong("table", told));
                }
                if rows.len() > limits.rows_max {
                    return Err(wrong("table", format!("at most {} rows", limits.rows_max)));
                }
                if rows.iter().any(|row| row.len() != head.len()) {
                    return Err(wrong("table", "each row has as many cells as the head"));
                }
                let fits = widths.len() == head.len() && widths.iter().all(|one| *one > 0);
                if !widths.is_empty() && !fits {
                    return Err(wrong("table", "a width above 0 for each column, or none"));
                }
            }
            Self::Paragraph { .. } => {}
        }
        Ok(())
    }
}

impl Document {
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), PdfError> {
        if self.title.trim().is_empty() {
            return Err(wrong("title", "it has words"));
        }
        if self.identifier.is_empty() {
            return Err(wrong("identifier", "it isn't empty"));
        }
        if self.date.year() < 1 {
            return Err(wrong("date", "its year is from 1 on"));
        }
        if self.blocks.len() > limits.blocks_max {
            return Err(wrong("blocks", format!("at most {}", limits.blocks_max)));
        }
        let mut characters = 0;
        let mut above = 0;
        for block in &self.blocks {
            block.check(limits)?;
            let count = |text: &mut String| characters += text.len();
            block.clone().each_text(&mut { count });
            if let Block::Heading { level, .. } = block {
                if *level > above + 1 {
                    return Err(wrong("heading", "levels go down one by one"));
                }
                above = *level;
            }
        }
        if characters > limits.text_bytes_max {
            let told = format!("its texts have at most {} bytes", limits.text_bytes_max);
            return Err(wrong("blocks", told));
        }
        Ok(())
    }

    /// The document as JSON, each character replaced that no font has.
    pub(crate) fn told(&self, has_glyph: impl Fn(char) -> bool) -> Result<Vec<u8>, PdfError> {
        let clean = |text: &str| -> String {
            let shown = |c: char| match c {
                '\n' => '\n',
                '\t' | '\r' => ' ',
                c if c.is_control() => ' ',
                c if has_glyph(c) => c,
                _ => '?',
            };
            text.chars().map(shown).collect()
        };
        let mut blocks = self.blocks.clone();
        for block in &mut blocks {
            block.each_text(&mut |text| *text = clean(text));
        }
        let date = self.date;
        let told = Told {
            title: clean(&self.title),
            subtitle: clean(&self.subtitle),
            author: clean(&self.author),
            description: clean(&self.description),
            language: self.language,
            date: (date.year(), date.month(), date.day()),
            blocks: blocks.iter().collect(),
        };
        serde_json::to_vec(&told).map_err(|error| PdfError::Library(error.to_string()))
    }
}
