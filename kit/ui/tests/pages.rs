//! Each component with samples, and a whole page.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::Arc;

use askama::Template;
use kit_ui::{
    Catalogue, Cell, Chart, Column, ErrorSummary, Facts, Field, Figure, Figures, Locale,
    NavigationItem, NavigationSection, Notice, Pages, Progress, Shell, Table, Timeline,
    TimelineEvent, Tone, Words,
};

#[derive(Template)]
#[template(
    source = "{% extends \"layout.html\" %}{% block main %}{{ table }}{{ field }}{% endblock %}",
    ext = "html"
)]
struct SamplePage {
    shell: Shell,
    table: Table,
    field: Field,
}

fn words(locale: Locale) -> Words {
    Words::new(Arc::new(Catalogue::new([]).unwrap()), locale)
}

const HOSTILE: &str = "<script>alert('x')</script>\" onload=\"x";

fn table(words: &Words) -> Table {
    let columns = vec![
        Column::text("Nom"),
        Column::number("Coût (M€)").sort("?sort=cost", Some("ascending")),
    ];
    Table::new(words, "t", HOSTILE, columns)
        .rows([vec![
            Cell::link(HOSTILE, "/products/1").note(HOSTILE),
            Cell::number("1,5", 1.5).to("/x"),
        ]])
        .total(Some(1))
        .pages(Pages {
            previous: None,
            next: Some("?after=1".to_owned()),
        })
        .downloads("/products", "?phase=x")
}

#[test]
fn nothing_hostile_comes_out_raw() {
    let words = words(Locale::Fr);
    let field = Field::text("name", HOSTILE)
        .value(HOSTILE)
        .hint(HOSTILE)
        .error(Some(HOSTILE));
    let summary = ErrorSummary::of(&words, &[&field]).to_string();
    let figures = Figures::new(
        &words,
        vec![Figure::new(HOSTILE, HOSTILE).note(HOSTILE).formula(HOSTILE)],
    );
    let facts = Facts::default()
        .text(HOSTILE, HOSTILE)
        .link(HOSTILE, HOSTILE, HOSTILE);
    let event = TimelineEvent {
        when: HOSTILE.into(),
        title: HOSTILE.into(),
        detail: HOSTILE.into(),
        ..TimelineEvent::default()
    };
    let timeline = Timeline {
        events: vec![event],
        empty: HOSTILE.into(),
    };
    let chart = Chart::new("bars", HOSTILE, HOSTILE, HOSTILE).setting("unit", HOSTILE);
    let notice = Notice::new(Tone::Error, HOSTILE, HOSTILE);
    let progress = Progress {
        label: HOSTILE.into(),
        done: 1,
        total: 2,
        text: HOSTILE.into(),
    };
    let page = SamplePage {
        shell: Shell::new(words.clone(), HOSTILE),
        table: table(&words),
        field,
    };
    for html in [
        summary,
        figures.to_string(),
        facts.to_string(),
        timeline.to_string(),
        chart.to_string(),
        notice.to_string(),
        progress.to_string(),
        page.render().unwrap(),
    ] {
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(!html.contains("\" onload=\""), "{html}");
        assert!(html.contains("&#60;script&#62;"), "{html}");
    }
}

#[test]
fn a_page_has_its_landmarks() {
    let words = words(Locale::Fr);
    let mut shell = Shell::new(words.clone(), "Produits").lead("Ce que coûtent les produits.");
    shell.navigation = vec![NavigationSection {
        key: "layout-home",
        items: vec![
            NavigationItem {
                key: "layout-home",
                href: "/products",
                signed_in: false,
            },
            NavigationItem {
                key: "layout-menu",
                href: "/operations",
                signed_in: true,
            },
        ],
    }];
    shell.path = "/products".into();
    let shell = shell.crumb("Portefeuille", "/portfolio");
    let field = Field::date(
        &words,
        "start",
        "Début",
        Some(jiff::civil::date(2026, 3, 1)),
    );
    let html = SamplePage {
        shell,
        table: table(&words),
        field,
    }
    .render()
    .unwrap();
    assert_eq!(html.matches("<h1>").count(), 1);
    for part in [
        "lang=\"fr\"",
        "<main id=\"main\"",
        "href=\"#main\"",
        "role=\"banner\"",
        "role=\"contentinfo\"",
        "aria-current=\"page\">Accueil",
        "aria-sort=\"ascending\"",
        "<th scope=\"row\">",
        "data-value=\"1.5\"",
        "rel=\"next\"",
        "href=\"/products.csv?phase=x\"",
        "name=\"start-year\" value=\"2026\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(
        !html.contains("/operations"),
        "only people who are signed in see it"
    );
    assert!(
        !html.contains("style="),
        "the policy of the pages forbids inline styles"
    );
    assert!(!html.contains('⟦'), "each word is known");
}

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = kit_ui::OWN_WORDS;
    let mut sources = String::new();
    for folder in ["src", "templates", "templates/components"] {
        for file in std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
        {
            sources.push_str(&std::fs::read_to_string(file).unwrap_or_default());
        }
    }
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &["failure-", "colon"]);
    assert_eq!(mistakes, Vec::<String>::new());
}

#[test]
fn counts_choose_their_number() {
    let words = words(Locale::Fr);
    assert_eq!(words.count("table-count", 0), "0 ligne");
    assert_eq!(words.count("table-count", 1), "1 ligne");
    assert_eq!(words.count("table-count", 1234), "1\u{202f}234 lignes");
    assert_eq!(words.text("no-such-key"), "⟦no-such-key⟧");
}
