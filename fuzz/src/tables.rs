//! Answers of producers through the mask, and files that people send.

use std::sync::{Arc, LazyLock};

use mask::{Fields, Mask};
use serde_json::Value;
use tabular::Limits;

use crate::Target;

fn masked(fields: &Arc<Fields>, text: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut mask = Mask::new(fields.clone());
    let mut out = Vec::new();
    for chunk in text.chunks(size) {
        mask.push(chunk, &mut out).ok()?;
    }
    mask.finish(&mut out).ok()?;
    Some(out)
}

/// Says the same however the text is cut, and what it lets through is JSON that another reader
/// takes.
pub(crate) const MASK: Target = Target {
    name: "mask",
    check: |bytes| {
        static FIELDS: LazyLock<[Arc<Fields>; 2]> = LazyLock::new(|| {
            let some = Fields::new(["a", "b.*.c", "*.a"]).expect("these are paths");
            [Arc::new(Fields::all()), Arc::new(some)]
        });
        let (size, text) = bytes
            .split_first()
            .map_or((1, bytes), |(size, text)| (*size, text));
        for fields in &*FIELDS {
            let whole = masked(fields, text, text.len().max(1));
            assert_eq!(whole, masked(fields, text, usize::from(size).max(1)));
            if let Some(out) = whole {
                let read = serde_json::from_slice::<Value>(&out);
                // A number may be too large for the other reader.
                assert!(
                    read.is_ok() || read.is_err_and(|error| error.to_string().contains("range"))
                );
            }
        }
    },
    words: &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\":",
        "\"b\":",
        "\"c\":",
        "\\u0061",
        "\\ud83d\\ude00",
        "1e9",
        "-0",
        "true",
        "null",
        "\\\"",
        " ",
    ],
};

/// A table within small limits, or a refusal that names one.
pub(crate) const TABLE: Target = Target {
    name: "table",
    check: |bytes| {
        let limits = Limits {
            bytes_max: 1 << 20,
            unpacked_bytes_max: 1 << 20,
            columns_max: 20,
            rows_max: 500,
            cell_chars_max: 200,
        };
        match tabular::read(bytes, &limits, &|row| row.iter().any(|cell| cell == "Nom")) {
            Ok(sheet) => {
                assert!(sheet.rows.len() <= limits.rows_max);
                assert!(
                    sheet
                        .rows
                        .iter()
                        .all(|row| row.cells.len() <= limits.columns_max)
                );
            }
            Err(error) => assert!(!error.code().is_empty()),
        }
    },
    words: &[
        "Nom",
        ";",
        ",",
        "\t",
        "\"",
        "\"\"",
        "\r\n",
        "\n",
        "\u{feff}",
        "=1+1",
        "PK\u{3}\u{4}",
        "<row r=\"",
        "<c t=\"s\">",
        "<v>",
        "</v>",
        "99999999",
    ],
};
