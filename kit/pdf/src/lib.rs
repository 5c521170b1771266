//! Accessible documents: headings, texts, facts and tables in, PDF/UA-1 (ISO 14289-1) bytes out.
//!
//! The file is tagged, has a title, a language and an outline; a table has its header cells and its
//! caption. The same [`Document`] gives the same bytes, so that the hash of what was signed can be
//! compared with what is printed again. Nothing of a document's text is read as markup.
//!
//! ```text
//!   Document ──JSON──▶ document.typ (typst) ──▶ PDF/UA-1
//! ```

mod document;
mod world;

pub use document::{Block, Document, LIMITS, Language, Limits};

use tokio::sync::Semaphore;
use typst::foundations::Smart;
use typst::layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::world::DocumentWorld;

/// A document that can't be set.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// It is too large, or holds a date, level or row that doesn't fit.
    #[error("{field}: {limit}")]
    Limit {
        /// Which part of the document.
        field: &'static str,
        /// What it may be.
        limit: String,
    },
    /// The library refused it: a defect of this crate.
    #[error("the document can't be set: {0}")]
    Library(String),
}

/// One document is set at a time: each takes a processor and some megabytes meanwhile.
static SETTING: Semaphore = Semaphore::const_new(1);

/// Sets a document beside the threads that answer requests, when those that wait before it are set.
pub async fn render_in_turn(document: Document) -> Result<Vec<u8>, PdfError> {
    // The turn is never closed: without one the document would be set all the same.
    let turn = SETTING.acquire().await.ok();
    let set = tokio::task::spawn_blocking(move || render(&document)).await;
    drop(turn);
    set.unwrap_or_else(|error| Err(PdfError::Library(error.to_string())))
}

/// Sets a document. It takes tens of milliseconds and as many megabytes while it goes on: not on a
/// thread that answers requests.
pub fn render(document: &Document) -> Result<Vec<u8>, PdfError> {
    document.check(&LIMITS)?;
    let world = DocumentWorld::new(document)?;
    let library = |errors: &[typst::diag::SourceDiagnostic]| {
        let told: Vec<String> = errors.iter().map(|one| one.message.to_string()).collect();
        PdfError::Library(told.join("; "))
    };
    let set = typst::compile::<PagedDocument>(&world).output;
    let set = set.map_err(|errors| library(&errors));
    let written = set.and_then(|set| {
        let standards = PdfStandards::new(&[PdfStandard::Ua_1])
            .map_err(|error| PdfError::Library(error.to_string()))?;
        let options = PdfOptions {
            ident: Smart::Custom(&document.identifier),
            standards,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&set, &options).map_err(|errors| library(&errors))
    });
    // What the library remembers between documents is of no use to the next one.
    typst::comemo::evict(0);
    written
}
