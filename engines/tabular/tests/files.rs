//! Whole files: as they come, and as somebody who means harm would make them.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::io::Write as _;

use jiff::civil::date;
use proptest::prelude::*;
use tabular::{Cell, Format, Limits, Sheet, TabularError, Value, read, write_csv, write_xlsx};

fn has_name(row: &[String]) -> bool {
    row.iter().any(|cell| names::normalise(cell) == "nom")
}

fn table(bytes: &[u8]) -> Result<Sheet, TabularError> {
    read(bytes, &Limits::default(), &has_name)
}

fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

#[test]
fn a_csv_is_read_whatever_its_dress() {
    let plain = "Nom,Coût\nÉté,\"1,5\"\n";
    let latin = encoding_rs::WINDOWS_1252.encode(plain).0.into_owned();
    let marked = [b"\xef\xbb\xbf", plain.as_bytes()].concat();
    let utf16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(plain.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (bytes, name) in [
        (plain.as_bytes(), "UTF-8"),
        (&latin, "Windows-1252"),
        (&marked, "UTF-8"),
        (&utf16, "UTF-16"),
    ] {
        let sheet = table(bytes).unwrap();
        assert_eq!(
            sheet.format,
            Format::Csv {
                encoding: name,
                delimiter: ','
            }
        );
        assert_eq!(sheet.headers, ["Nom", "Coût"]);
        assert_eq!(sheet.rows[0].cells, [text("Été"), text("1,5")]);
    }
    let semicolons = table(b"Nom ; Cout\r\n\"a;b\" ; 1,5\r\n").unwrap();
    assert_eq!(semicolons.headers, ["Nom", "Cout"]);
}

#[test]
fn lines_are_those_of_the_file() {
    let file = "Titre du fichier\n\nNom,Texte,,,\nA,\"deux\nlignes\",,,\n,,,,\nB,x,,,\n";
    let sheet = table(file.as_bytes()).unwrap();
    let lines: Vec<_> = sheet
        .rows
        .iter()
        .map(|row| (row.line, row.cells.len()))
        .collect();
    assert_eq!(lines, [(4, 2), (7, 2)]);
    assert_eq!(sheet.blank_rows, 1);
    assert_eq!(sheet.headers.len(), 2);
    let sheet = table(file.replace('\n', "\r\n").as_bytes()).unwrap();
    let lines: Vec<_> = sheet.rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [4, 7], "lines may end by CR LF");
}

#[test]
fn what_is_no_table_is_named() {
    for (bytes, what) in [
        (&b"%PDF-1.7"[..], "a PDF document"),
        (b"\x89PNG\r\n", "a PNG image"),
        (
            b"\xd0\xcf\x11\xe0abc",
            "an old Excel or Word file (XLS, DOC): save it as XLSX",
        ),
        (b"Nom\0,x", "binary data"),
        (b"<!DOCTYPE html><html>", "a web page"),
    ] {
        assert_eq!(table(bytes), Err(TabularError::NotATable { what }));
    }
    assert_eq!(table(b""), Err(TabularError::Empty));
    assert_eq!(table(b"\n\n"), Err(TabularError::Empty));
    let wrong = table(b"a,b\n1,2\n");
    assert_eq!(
        wrong,
        Err(TabularError::NoHeader {
            first_row: "a | b".into()
        })
    );
    let broken = table("Nom,Été\nx\u{e9}".as_bytes());
    assert!(broken.is_ok());
    let damaged = table(b"Nom,\xc3\x89t\xc3\xa9\n\xff\xfe,x\n");
    assert_eq!(
        damaged,
        Err(TabularError::Damaged {
            problem: "invalid UTF-8 at byte 10".into()
        })
    );
}

#[test]
fn every_limit_is_named() {
    let limits = Limits {
        bytes_max: 400,
        columns_max: 3,
        rows_max: 2,
        cell_chars_max: 10,
        ..Limits::default()
    };
    let read = |file: &str| read(file.as_bytes(), &limits, &has_name);
    assert_eq!(
        read(&"x".repeat(401)),
        Err(TabularError::TooLarge {
            bytes: 401,
            limit: 400
        })
    );
    assert_eq!(
        read("Nom\na,b,c,d\n"),
        Err(TabularError::TooManyColumns { line: 2, limit: 3 })
    );
    assert_eq!(
        read("Nom\na\nb\nc\n"),
        Err(TabularError::TooManyRows { limit: 2 })
    );
    assert_eq!(
        read("Nom\naaaaaaaaaaa\n"),
        Err(TabularError::CellTooLong { line: 2, limit: 10 })
    );
    let wide = format!("Nom{}\n", ",x".repeat(1_000));
    assert_eq!(
        table(wide.as_bytes()),
        Err(TabularError::TooManyColumns {
            line: 1,
            limit: 256
        })
    );
}

fn xlsx() -> Vec<u8> {
    let rows = [
        vec![
            Value::from("=1+1"),
            Value::Number(1.5),
            Value::Date(date(2013, 7, 1)),
        ],
        vec![Value::from("Été"), Value::Cents(-150), Value::Empty],
    ];
    write_xlsx("Feuille", &["Nom", "Coût", "Début"], rows).unwrap()
}

#[test]
fn a_workbook_is_read_back() {
    let sheet = table(&xlsx()).unwrap();
    assert_eq!(sheet.format, Format::Xlsx);
    assert_eq!(sheet.headers, ["Nom", "Coût", "Début"]);
    assert_eq!(
        sheet.rows[0].cells,
        [
            text("=1+1"),
            Cell::Number(1.5),
            Cell::Date(date(2013, 7, 1))
        ]
    );
    assert_eq!(
        (sheet.rows[1].line, &sheet.rows[1].cells[1]),
        (3, &Cell::Number(-1.5))
    );
}

#[test]
fn a_damaged_workbook_is_refused() {
    let bytes = xlsx();
    for cut in [10, 100, bytes.len() / 2, bytes.len() - 10] {
        assert!(
            matches!(table(&bytes[..cut]), Err(TabularError::Damaged { .. })),
            "{cut}"
        );
    }
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_zip_bomb_is_refused_before_it_bursts() {
    let bomb = archive(&[("xl/workbook.xml", &vec![b'0'; 3_000_000])]);
    assert!(bomb.len() < 10_000);
    let limits = Limits {
        unpacked_bytes_max: 1_000_000,
        ..Limits::default()
    };
    let refused = read(&bomb, &limits, &has_name);
    assert_eq!(
        refused,
        Err(TabularError::UnpacksTooLarge { limit: 1_000_000 })
    );
    let other = archive(&[("a.txt", b"x")]);
    let what = "an archive without a workbook";
    assert_eq!(table(&other), Err(TabularError::NotATable { what }));
}

#[test]
fn what_looks_like_a_formula_is_disarmed_in_csv() {
    let mut bytes = Vec::new();
    let rows = [
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@x",
        "\tx",
        "＝1",
        "plain",
    ]
    .map(|name| vec![Value::from(name), Value::Number(-2.0)]);
    write_csv(&mut bytes, &["Nom", "Coût"], rows).unwrap();
    let sheet = table(&bytes).unwrap();
    for row in &sheet.rows[..6] {
        assert!(row.cells[0].text().starts_with('\''), "{row:?}");
        assert_eq!(row.cells[1], text("-2"), "a number stays a number");
    }
    assert_eq!(sheet.rows[6].cells[0], text("plain"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = table(&bytes);
        let _ = table(&[b"PK\x03\x04", &bytes[..]].concat());
        let _ = table(&[b"Nom,x\n", &bytes[..]].concat());
    }

    #[test]
    fn a_spoilt_workbook_never_makes_it_panic(at in 0..4_000_usize, byte in any::<u8>()) {
        let mut bytes = xlsx();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = table(&bytes);
    }

    #[test]
    fn no_text_makes_a_parser_panic(written in ".{0,30}") {
        let cell = Cell::Text(written);
        let _ = (tabular::date(&cell), tabular::number(&cell), tabular::amount_cents(&cell, 100));
    }

    #[test]
    fn an_amount_reads_as_it_was_written(cents in -1_000_000_000_000_i64..1_000_000_000_000) {
        let mut bytes = Vec::new();
        write_csv(&mut bytes, &["Nom"], [vec![Value::Cents(cents)]]).unwrap();
        let sheet = table(&bytes).unwrap();
        prop_assert_eq!(tabular::amount_cents(&sheet.rows[0].cells[0], 100), Some(cents));
    }
}
