//! The file of a report: a document that people read, told by its content and not by its name.

/// Most bytes of a report's file.
pub const REPORT_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFile {
    /// Portable Document Format.
    Pdf,
    /// `OpenDocument` text.
    Odt,
    /// Office Open XML text.
    Docx,
}

impl ReportFile {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Odt, Self::Docx];

    /// The end of its name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Odt => "odt",
            Self::Docx => "docx",
        }
    }

    /// Its media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }

    /// The kind of an extension.
    pub fn parse(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.extension() == extension)
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What a file is by its first bytes, and by the names in it where it is an archive; `None` when it
/// is none of the three.
pub fn report_file(bytes: &[u8]) -> Option<ReportFile> {
    if bytes.starts_with(b"%PDF-") {
        return Some(ReportFile::Pdf);
    }
    if !bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    // An OpenDocument's first entry is its media type, stored as it is.
    let head = &bytes[..bytes.len().min(200)];
    if holds(head, b"mimetypeapplication/vnd.oasis.opendocument.text") {
        return Some(ReportFile::Odt);
    }
    holds(bytes, b"word/document.xml").then_some(ReportFile::Docx)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_holds() {
        let odt = [
            b"PK\x03\x04".as_slice(),
            &[0; 26],
            b"mimetypeapplication/vnd.oasis.opendocument.text",
        ]
        .concat();
        let docx = [b"PK\x03\x04".as_slice(), &[0; 300], b"word/document.xml"].concat();
        assert_eq!(report_file(b"%PDF-1.7 ..."), Some(ReportFile::Pdf));
        assert_eq!(report_file(&odt), Some(ReportFile::Odt));
        assert_eq!(report_file(&docx), Some(ReportFile::Docx));
        for other in [
            b"".as_slice(),
            b"<!doctype html>",
            b"PK\x03\x04xl/workbook.xml",
            b"MZ\x90",
        ] {
            assert_eq!(report_file(other), None);
        }
    }
}
