//! CSV: encoding and delimiter are found out.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::limits::{Limits, TabularError};
use crate::sheet::{Builder, Cell, Format, Sheet};

/// Beginnings of files that are no text, and what they are.
const KNOWN: [(&[u8], &str); 8] = [
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel or Word file (XLS, DOC): save it as XLSX",
    ),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x7fELF", "a program"),
];

pub(crate) fn read(
    bytes: &[u8],
    limits: &Limits,
    is_header: &dyn Fn(&[String]) -> bool,
) -> Result<Sheet, TabularError> {
    if let Some((_, what)) = KNOWN.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(TabularError::NotATable { what });
    }
    let (text, encoding) = decode(bytes)?;
    let start: String = text.trim_start().chars().take(200).collect();
    if start.to_lowercase().starts_with("<!doctype") || start.to_lowercase().starts_with("<html") {
        return Err(TabularError::NotATable { what: "a web page" });
    }
    let delimiter = delimiter(&text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut builder = Builder::new(limits, is_header);
    let mut record = csv::StringRecord::new();
    let mut lines = Lines {
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
    };
    loop {
        let more = reader
            .read_record(&mut record)
            .map_err(|error| TabularError::Damaged {
                problem: error.to_string(),
            })?;
        if !more {
            break;
        }
        let line = lines.line_of(record.position().map_or(0, csv::Position::byte));
        let cells = record
            .iter()
            .map(|cell| Cell::Text(cell.trim().to_owned()))
            .collect();
        builder.push(line, cells)?;
    }
    builder.finish(Format::Csv {
        encoding,
        delimiter: char::from(delimiter),
    })
}

/// Counts the file's lines: the reader's own count lags where lines end by CR LF, because it takes
/// the LF for the beginning of the next record.
struct Lines<'t> {
    bytes: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line on which the record that begins at `byte` holds its first character.
    fn line_of(&mut self, byte: u64) -> u64 {
        let start = usize::try_from(byte)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        let breaks = self.bytes[start..]
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .count();
        let start = start + breaks;
        let passed = self.bytes.get(self.at..start).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = start;
        self.line
    }
}

fn decode(bytes: &[u8]) -> Result<(String, &'static str), TabularError> {
    for (mark, encoding) in [(&b"\xff\xfe"[..], UTF_16LE), (&b"\xfe\xff"[..], UTF_16BE)] {
        if bytes.starts_with(mark) {
            let (text, _, broken) = encoding.decode(bytes);
            if broken {
                return Err(TabularError::Damaged {
                    problem: "invalid UTF-16".to_owned(),
                });
            }
            return Ok((text.into_owned(), "UTF-16"));
        }
    }
    // No text of any of these encodings holds control characters other than blanks.
    let control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c);
    if bytes.iter().find(control).is_some() {
        return Err(TabularError::NotATable {
            what: "binary data",
        });
    }
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(unmarked) {
        Ok(text) => Ok((text.to_owned(), "UTF-8")),
        // A file that says it is UTF-8 and isn't, or that holds much valid UTF-8 beside the fault,
        // was damaged: reading it as Latin-1 would store mojibake.
        Err(error) if unmarked.len() < bytes.len() || multibyte_count(unmarked) > 0 => {
            let problem = format!("invalid UTF-8 at byte {}", error.valid_up_to());
            Err(TabularError::Damaged { problem })
        }
        Err(_) => {
            let (text, _, _) = WINDOWS_1252.decode(unmarked);
            Ok((text.into_owned(), "Windows-1252"))
        }
    }
}

/// How many valid sequences of two bytes and more there are.
fn multibyte_count(bytes: &[u8]) -> usize {
    bytes
        .utf8_chunks()
        .map(|chunk| chunk.valid().chars().filter(|c| c.len_utf8() > 1).count())
        .sum()
}

/// The delimiter that cuts the first line most often, outside quotes.
fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted && counts.iter().any(|(_, count)| *count > 0) => break,
            _ if quoted => {}
            _ => {
                if let Some((_, count)) =
                    counts.iter_mut().find(|(delimiter, _)| *delimiter == byte)
                {
                    *count += 1;
                }
            }
        }
    }
    // The first of equals: commas.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(delimiter, _)| *delimiter)
}
