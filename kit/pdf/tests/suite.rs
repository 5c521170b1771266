//! Documents as people and programs read them.

use jiff::civil::date;
use kit_pdf::{Block, Document, Language, PdfError, render};

fn sample() -> Document {
    Document {
        identifier: "opinion-1".into(),
        title: "Avis sur le projet « Boussole »".into(),
        subtitle: "Article 3 du décret n° 2019-1088".into(),
        author: "Direction interministérielle du numérique".into(),
        description: "L’avis, ses axes et ses recommandations.".into(),
        language: Language::French,
        date: date(2026, 3, 1),
        blocks: vec![
            Block::Heading {
                level: 1,
                text: "Avis".into(),
            },
            Block::Paragraph {
                text: "Défavorable : le coût de 12 M€ n’est pas couvert. #strong[Rien] *n’est* lu $x$ \
                       comme du balisage ; <b>rien</b>. Un glyphe absent : 漢 \u{7} fin."
                    .into(),
            },
            Block::Facts {
                facts: vec![("Ministère".into(), "Affaires générales".into())],
            },
            Block::Heading {
                level: 2,
                text: "Axes".into(),
            },
            Block::Table {
                caption: "Note de chaque axe".into(),
                head: vec!["Axe".into(), "Note".into()],
                rows: vec![
                    vec!["Stratégie".into(), "2".into()],
                    vec!["Finances".into(), "1".into()],
                ],
                numeric: vec![1],
                widths: vec![3, 1],
            },
            Block::Numbered {
                items: vec!["Revoir le plan.".into(), "Nommer un responsable.".into()],
            },
            Block::List {
                items: vec!["Un point".into()],
            },
        ],
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_document_is_tagged_and_says_its_language() {
    let bytes = render(&sample()).unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7"));
    let text = text(&bytes);
    assert!(text.contains("/Lang") && text.contains("/MarkInfo"));
    assert!(text.contains("pdfuaid:part"));
}

#[test]
fn the_same_document_is_the_same_bytes() {
    let (one, two) = (render(&sample()).unwrap(), render(&sample()).unwrap());
    assert!(one == two);
    let mut other = sample();
    other.subtitle.push('!');
    assert!(render(&other).unwrap() != one);
}

#[test]
fn a_long_table_goes_over_pages() {
    let mut long = sample();
    let row = |n: usize| vec![format!("Ligne {n}"), n.to_string()];
    long.blocks = vec![Block::Table {
        caption: "Longue".into(),
        head: vec!["Nom".into(), "Nombre".into()],
        rows: (0..500).map(row).collect(),
        numeric: vec![1],
        widths: vec![],
    }];
    let bytes = render(&long).unwrap();
    // Ten rows take more than a kilobyte of tags and text: five hundred of them are on pages of their own.
    assert!(bytes.len() > 100_000, "{}", bytes.len());
    let pages = text(&bytes);
    let count = pages
        .split("/Count ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    let count: Option<u32> = count.and_then(|count| count.parse().ok());
    assert!(count.is_some_and(|pages| pages > 5), "{count:?}");
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let with = |blocks: Vec<Block>| render(&Document { blocks, ..sample() });
    let heading = |level: u8| Block::Heading {
        level,
        text: "x".into(),
    };
    let table = |head: usize, row: usize| Block::Table {
        caption: "x".into(),
        head: vec!["x".into(); head],
        rows: vec![vec!["x".into(); row]],
        numeric: vec![],
        widths: vec![],
    };
    let paragraph = Block::Paragraph {
        text: "x".repeat(1_000_001),
    };
    for (refused, field) in [
        (with(vec![heading(2)]), "heading"),
        (with(vec![heading(1), heading(3)]), "heading"),
        (with(vec![heading(0)]), "heading"),
        (with(vec![table(2, 1)]), "table"),
        (with(vec![table(0, 0)]), "table"),
        (with(vec![table(13, 13)]), "table"),
        (with(vec![Block::List { items: vec![] }]), "list"),
        (with(vec![paragraph]), "blocks"),
        (
            render(&Document {
                title: " ".into(),
                ..sample()
            }),
            "title",
        ),
    ] {
        assert!(matches!(refused, Err(PdfError::Limit { field: named, .. }) if named == field));
    }
    assert!(with(vec![]).is_ok(), "a title alone is a document");
}
