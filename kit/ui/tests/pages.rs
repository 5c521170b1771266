//! Each component with samples, and a whole page.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::Arc;

use askama::Template;
use kit_ui::{
    Catalogue, Cell, Chart, Code, Column, Composed, Confirm, ErrorSummary, Facts, Field, Figure,
    Figures, Form, Locale, NavigationItem, NavigationSection, Notice, Pages, Progress, Rows, Shell,
    Steps, Stylesheet, Table, Theme, Timeline, TimelineEvent, Tone, Words,
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
    let code = Code::new("code", HOSTILE, HOSTILE).copied_by(HOSTILE, HOSTILE);
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
        code.to_string(),
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

/// A page that holds `text` wherever a component takes one.
fn page_of(text: &str) -> String {
    let words = words(Locale::Fr);
    let mut shell = Shell::new(words.clone(), text).lead(text).crumb(text, text);
    shell.person = Some(text.into());
    shell.notice = Some((Tone::Success, text.into()));
    shell.csrf_token = text.into();
    shell.path = text.into();
    let options = || vec![(text.to_owned(), text.to_owned())];
    let fields = [
        Field::text(text, text).value(text).unit(text),
        Field::lines(3, text, text).value(text),
        Field::amount(&words, text, text).value(text),
        Field::date_typed(&words, text, text, [text, text, text].map(String::from)),
        Field::select(text, text, options()),
        Field::radios(text, text, options()),
        Field::boxes(text, text, vec![(text.into(), text.into(), true)]),
        Field::file(text, text, ".csv"),
    ]
    .map(|field| field.hint(text).error(Some(text)));
    let form = Form::post(&shell, text, text)
        .hidden(text, text)
        .fields(fields)
        .rows(
            Rows::new(text, text)
                .hint(text)
                .row(text, vec![Field::text(text, text).value(text)]),
        )
        .more(text, text, text)
        .summary(&words);
    let rows = [vec![
        Cell::link(text, text).note(text).value(text),
        Cell::status(Tone::Warning, text),
    ]];
    let columns = vec![
        Column::text(text).sort(text, Some("ascending")),
        Column::number(text),
    ];
    Composed::new(shell.clone())
        .heading(text)
        .text(text)
        .with(Figures::new(
            &words,
            vec![
                Figure::new(text, text).note(text).formula(text).to(text),
                Figure::new(text, text).tone(Tone::Error),
            ],
        ))
        .with(Chart::new("bars", text, text, text).setting("unit", text))
        .with(Table::new(&words, text, text, columns.clone()).rows(rows))
        .with(Table::new(&words, text, text, columns).empty(text))
        .with(Facts::default().text(text, text).link(text, text, text))
        .with(Steps::new(&words, text, vec![text.into(); 3], 1))
        .with(Notice::new(Tone::Info, text, text))
        .with(Confirm::new(text, text, form, text, text))
        .render()
        .unwrap()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Text never becomes markup: whatever it is, the page has the same tags and attributes.
    #[test]
    fn no_text_changes_the_markup(text in "x[\\PC<>\"'&]{0,24}") {
        let (page, plain) = (page_of(&text), page_of("x"));
        for sign in ['<', '>', '"'] {
            proptest::prop_assert_eq!(page.matches(sign).count(), plain.matches(sign).count());
        }
    }
}

#[test]
fn rows_name_their_fields_and_tell_their_mistakes() {
    let words = words(Locale::Fr);
    let shell = Shell::new(words.clone(), "Coût");
    let row = |at: u32| {
        let wrong = (at == 2).then_some("Ligne 2 : une année de 1990 à 2100.");
        vec![
            Field::text(&format!("year-{at}"), "Année").error(wrong),
            Field::text(&format!("label-{at}"), "Libellé"),
        ]
    };
    let rows = Rows::new("lines", "Lignes")
        .row("Ligne 1", row(1))
        .row("Ligne 2", row(2));
    let form = Form::post(&shell, "/costs", "Enregistrer")
        .rows(rows)
        .more("more", "Ajouter des lignes", "year-3")
        .summary(&words);
    let page = form.render().unwrap();
    for said in [
        "role=\"group\" aria-labelledby=\"lines-2\"",
        "id=\"lines-2\">Ligne 2<",
        "<label class=\"fr-label\" for=\"year-2\">Année</label>",
        "aria-describedby=\"year-2-error\"",
        "href=\"#year-2\"",
        "name=\"more\" value=\"1\" formaction=\"/costs#year-3\"",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    // Who presses Enter in a field sends the form, and asks for no row.
    let (send, more) = (page.find("Enregistrer"), page.find("Ajouter des lignes"));
    assert!(send < more);
}

#[test]
fn only_the_nearest_link_of_the_menu_is_current() {
    let mut shell = Shell::new(words(Locale::Fr), "Import");
    let item = |href| NavigationItem {
        key: "layout-home",
        href,
        signed_in: false,
    };
    shell.navigation = vec![NavigationSection {
        key: "layout-home",
        items: vec![item("/portfolio"), item("/portfolio/imports")],
    }];
    shell.path = "/portfolio/imports/3?page=2".into();
    assert!(shell.is_current("/portfolio/imports"));
    assert!(!shell.is_current("/portfolio"));
    shell.path = "/portfolio/products".into();
    assert!(shell.is_current("/portfolio"));
    assert!(!shell.is_current("/port"));
}

#[test]
fn of_a_long_menu_only_the_section_of_the_page_is_open() {
    let links = [
        "/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h", "/i", "/j", "/k", "/l", "/m", "/n", "/o",
    ];
    let opened = |links: &[&'static str], path: &str| {
        let mut shell = Shell::new(words(Locale::Fr), "Import");
        let sections = links.chunks(3).map(|some| NavigationSection {
            key: "layout-home",
            items: some
                .iter()
                .map(|href| NavigationItem {
                    key: "layout-home",
                    href,
                    signed_in: false,
                })
                .collect(),
        });
        shell.navigation = sections.collect();
        shell.path = path.into();
        let html = Composed::new(shell).render().unwrap();
        html.matches("<details class=\"gv-menu__section\" open>")
            .count()
    };
    assert_eq!(opened(&links, "/e/7"), 1);
    assert_eq!(opened(&links, "/elsewhere"), 0);
    assert_eq!(
        opened(&links[..9], "/elsewhere"),
        3,
        "a short menu hides nothing"
    );
}

#[test]
fn the_theme_and_the_stylesheet_are_the_readers_and_the_operators() {
    let mut shell = Shell::new(words(Locale::En), "Products");
    shell.theme = Theme::Dark;
    shell.stylesheet = Stylesheet::Dsfr;
    let html = Composed::new(shell).render().unwrap();
    for part in [
        "lang=\"en\" data-theme=\"dark\" data-fr-theme=\"dark\"",
        "/assets/dsfr/dsfr.min.css",
        "/assets/gv.css",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn an_unknown_value_is_read_aloud() {
    let words = words(Locale::Fr);
    let html = Table::new(
        &words,
        "t",
        "Coûts",
        vec![Column::text("Nom"), Column::number("Coût")],
    )
    .rows([vec![Cell::text("Paie"), Cell::unknown()]])
    .to_string();
    assert!(
        html.contains("<span class=\"fr-sr-only\">non connu</span>"),
        "{html}"
    );
}

#[test]
fn mistakes_of_locale_files_are_named() {
    let sources = "words.text(\"a-known\") words.text_with( \"a-lost\", &[]) w.text(\"table-empty\") facts.text(\"x\", y)";
    let mistakes =
        kit_ui::locale_mistakes("a-known = Un\na-idle = Rien", "a-known = One", sources, &[]);
    assert_eq!(
        mistakes,
        [
            "a-idle is missing in English",
            "a-idle is used nowhere",
            "a-lost is asked for and defined nowhere",
        ]
    );
}
