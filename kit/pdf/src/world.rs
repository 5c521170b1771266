//! What typst asks of its surroundings: one page, the fonts that come with it, and nothing else. No
//! file, no network, no clock.

use std::sync::OnceLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Dict, IntoValue as _};
use typst::syntax::{FileId, Source, VirtualPath};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};

use crate::{Document, PdfError};

const PAGE: &str = include_str!("document.typ");
/// Families that are used of those that come with typst.
const FAMILIES: [&str; 2] = ["Libertinus Serif", "DejaVu Sans Mono"];

struct Fonts {
    book: LazyHash<FontBook>,
    all: Vec<Font>,
}

/// Read once: they stand in the program's own bytes.
fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| {
        let all: Vec<Font> = typst_assets::fonts()
            .flat_map(|bytes| Font::iter(Bytes::new(bytes)))
            .filter(|font| FAMILIES.contains(&font.info().family.as_str()))
            .collect();
        Fonts {
            book: LazyHash::new(FontBook::from_fonts(&all)),
            all,
        }
    })
}

pub(crate) struct DocumentWorld {
    library: LazyHash<Library>,
    page: Source,
    fonts: &'static Fonts,
}

impl DocumentWorld {
    pub(crate) fn new(document: &Document) -> Result<Self, PdfError> {
        let fonts = fonts();
        let has_glyph = |c: char| {
            let mut all = fonts.all.iter();
            all.any(|font| font.info().coverage.contains(u32::from(c)))
        };
        let told = document.told(has_glyph)?;
        let told = String::from_utf8(told).map_err(|error| PdfError::Library(error.to_string()))?;
        let mut inputs = Dict::new();
        inputs.insert("document".into(), told.into_value());
        let library = Library::builder().with_inputs(inputs).build();
        let id = FileId::new(None, VirtualPath::new("document.typ"));
        Ok(Self {
            library: LazyHash::new(library),
            page: Source::new(id, PAGE.to_owned()),
            fonts,
        })
    }
}

impl World for DocumentWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.page.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.page.id() {
            Ok(self.page.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.all.get(index).cloned()
    }

    fn today(&self, _: Option<i64>) -> Option<Datetime> {
        None
    }
}
