//! Prints a page that holds every component and every kind of chart, to be looked at while the
//! stylesheet and the charts are worked on: `cargo run -p kit-ui --example sample > sample.html`.
//! The argument `en` makes the frame English, `empty` shows what empty lists look like.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // an example for the people who build pages

mod charts;

use std::sync::Arc;

use askama::Template;
use jiff::civil::date;
use kit_ui::{
    Catalogue, Cell, Column, Composed, Confirm, Facts, Field, Figure, Figures, Form, Locale,
    NavigationItem, NavigationSection, Notice, Pages, Progress, Shell, Steps, Table, Timeline,
    TimelineEvent, Tone, Words, format,
};

const FR: &str = "
sample-portfolio = Portefeuille
sample-overview = Vue d’ensemble
sample-products = Produits
sample-imports = Imports
sample-directory = Annuaire
sample-organisations = Organisations
";

fn main() {
    let english = std::env::args().any(|argument| argument == "en");
    let locale = if english { Locale::En } else { Locale::Fr };
    let catalogue = Catalogue::new([(Locale::Fr, FR), (Locale::En, FR)]).unwrap();
    let words = Words::new(Arc::new(catalogue), locale);
    let mut page = Composed::new(shell(&words));
    page = page
        .with(Notice::new(
            Tone::Warning,
            "Trois produits n’ont pas de référence",
            "Leur glissement ne peut pas être calculé.",
        ))
        .with(Notice::new(
            Tone::Error,
            "",
            "L’import a échoué à la ligne 12.",
        ))
        .with(figures(&words))
        .with(filters())
        .with(products(&words));
    page = charts::slips(page, &words);
    page = charts::decomposition(page, &words);
    page = charts::phases(page, &words);
    page = charts::passage(page, &words);
    page = charts::stay(page, &words);
    page = charts::sizes(page, &words);
    page = charts::series(page, &words);
    page = page
        .heading("Fiche")
        .with(facts())
        .with(timeline())
        .with(Progress {
            label: "Import de l’édition de mars 2026".into(),
            done: 42,
            total: 100,
            text: "42 lignes sur 100, environ 12 s restantes".into(),
        })
        .heading("Nouvelle estimation")
        .with(Steps::new(
            &words,
            "Étapes de l’import",
            ["Choisir", "Vérifier", "Rapprocher", "Enregistrer"]
                .map(String::from)
                .to_vec(),
            2,
        ))
        .with(form(&words))
        .with(Confirm::new(
            "Retirer ce projet de la liste ?",
            "Son histoire reste lisible. Vous pourrez le remettre.",
            Form::post(
                &shell(&words),
                "/portfolio/products/1/removal",
                "Retirer le projet",
            )
            .danger(),
            "Garder le projet",
            "/portfolio/products/1",
        ));
    println!("{}", page.render().unwrap());
}

fn shell(words: &Words) -> Shell {
    let item = |key, href| NavigationItem {
        key,
        href,
        signed_in: false,
    };
    let mut shell = Shell::new(words.clone(), "Grands projets numériques")
        .lead("De combien les grands projets de l’État s’écartent de leur première estimation, et pourquoi.")
        .crumb("Portefeuille", "/portfolio")
        .with_charts();
    shell.navigation = vec![
        NavigationSection {
            key: "sample-portfolio",
            items: vec![
                item("sample-overview", "/portfolio"),
                item("sample-products", "/portfolio/products"),
                item("sample-imports", "/portfolio/imports"),
            ],
        },
        NavigationSection {
            key: "sample-directory",
            items: vec![item("sample-organisations", "/directory/organisations")],
        },
    ];
    shell.path = "/portfolio/products?sort=slip".into();
    shell.person = Some("Camille Martin".into());
    shell.notice = Some((Tone::Success, "L’estimation est enregistrée.".into()));
    shell
}

fn figures(words: &Words) -> Figures {
    let to = "/portfolio/products?sort=slip";
    Figures::new(
        words,
        vec![
            Figure::new(
                "Glissement budgétaire moyen",
                format::percent_signed(words.locale, 0.243),
            )
            .note("sur 38 projets comparables, au 31 décembre 2022")
            .to(to)
            .formula(
                "Moyenne, sans pondération, de (dernière estimation − référence) ÷ référence.",
            ),
            Figure::new(
                "Glissement calendaire moyen",
                format::percent_signed(words.locale, 0.262),
            )
            .note("sur 41 projets comparables, au 31 décembre 2022")
            .to(to),
            Figure::new(
                "Coût total estimé",
                format::millions(words.locale, 312_400_000_000),
            )
            .note("50 projets"),
            Figure::new("Sans référence", "3")
                .note("sur 50 projets")
                .to(to)
                .tone(Tone::Warning),
        ],
    )
}

fn filters() -> Form {
    let phases = ["Toutes", "Cadrage", "Conception", "Déploiement"];
    let options = |names: &[&str]| names.iter().map(|n| ((*n).into(), (*n).into())).collect();
    Form::filters("/portfolio/products", "Filtrer")
        .field(Field::line("search", "q", "Nom du projet"))
        .field(Field::select("phase", "Phase", options(&phases)))
        .field(Field::select(
            "ministry",
            "Ministère",
            options(&["Tous", "Ministère de l’Intérieur"]),
        ))
}

const PROJECTS: [(&str, &str, i64, f64); 12] = [
    (
        "Modernisation du système d’information des pensions",
        "MEF",
        8_400,
        0.82,
    ),
    (
        "Portail unique des démarches des entreprises",
        "MEF",
        4_250,
        0.41,
    ),
    ("Refonte de la paie", "MI", 12_300, 0.27),
    ("Réseau radio des secours", "MI", 70_000, 0.18),
    ("Dossier numérique du justiciable", "MJ", 5_720, 0.12),
    ("Registre national", "MI", 2_100, 0.03),
    ("Archivage", "MC", 1_520, 0.0),
    ("Cartographie des sols", "MTE", 1_040, -0.04),
    ("Gestion des bourses", "MESRI", 1_980, -0.07),
    ("Suivi des aides agricoles", "MAA", 6_400, -0.11),
    ("Messagerie", "MA", 3_300, -0.16),
    ("Inventaire du patrimoine", "MC", 980, -0.31),
];

fn products(words: &Words) -> Table {
    let columns = vec![
        Column::text("Projet").sort("?sort=name", None),
        Column::text("Ministère").sort("?sort=ministry", None),
        Column::number("Dernière estimation (M€)").sort("?sort=cost", None),
        Column::number("Glissement (%)").sort("?sort=-slip", Some("descending")),
        Column::text("Au"),
        Column::text("État"),
    ];
    let empty = std::env::args().any(|argument| argument == "empty");
    let rows = PROJECTS.iter().take(if empty { 0 } else { 9 }).enumerate();
    Table::new(
        words,
        "products",
        "Grands projets, du plus grand au plus petit glissement",
        columns,
    )
    .rows(rows.map(|(at, (name, ministry, cost, slip))| {
        let state = match *slip {
            slip if slip > 0.4 => Cell::status(Tone::Error, "Alerte"),
            slip if slip > 0.1 => Cell::status(Tone::Warning, "À suivre"),
            slip if slip > 0.0 => Cell::status(Tone::Info, "Stable"),
            _ => Cell::status(Tone::Success, "Tenu"),
        };
        vec![
            Cell::link(*name, "/portfolio/products/1").note("depuis 2018"),
            Cell::text(*ministry),
            Cell::number(
                format::millions_number(words.locale, cost * 1_000_000),
                cost,
            ),
            if at == 6 {
                Cell::unknown()
            } else {
                Cell::number(format::percent_signed(words.locale, *slip), slip)
            },
            Cell::text(format::date(words.locale, date(2022, 12, 31))),
            state,
        ]
    }))
    .total(Some(50))
    .empty(
        "Aucun projet ne correspond. Élargissez la recherche ou importez une édition du panorama.",
    )
    .pages(Pages {
        previous: Some("?before=1".into()),
        next: Some("?after=9".into()),
    })
    .downloads("/portfolio/products", "?sort=-slip")
}

fn facts() -> Facts {
    Facts::default()
        .text(
            "Mission",
            "Verser chaque mois leur paie à 900 000 agents de l’État, sans erreur et à l’heure.",
        )
        .link("Ministère", "Ministère de l’Intérieur", "/directory/1")
        .list(
            "Liens",
            vec![
                ("Statistiques".into(), Some("/stats".into())),
                ("Code source".into(), Some("/code".into())),
            ],
        )
}

fn timeline() -> Timeline {
    let event = |when: &str, datetime: &str, title: &str, detail: &str, tone| TimelineEvent {
        when: when.into(),
        datetime: datetime.into(),
        title: title.into(),
        detail: detail.into(),
        tone,
        href: None,
    };
    Timeline {
        events: vec![
            event(
                "3 mars 2026",
                "2026-03-03",
                "Estimation portée à 123,0 M€",
                "Camille Martin, panorama de mars 2026",
                Some(Tone::Warning),
            ),
            event(
                "1er juin 2024",
                "2024-06-01",
                "Nouvelle référence : 96,8 M€",
                "Changement de périmètre décidé par le comité",
                Some(Tone::Info),
            ),
            event(
                "15 janvier 2020",
                "2020-01-15",
                "Passage en conception",
                "",
                None,
            ),
        ],
        empty: String::new(),
    }
}

fn form(words: &Words) -> Form {
    let options = |names: &[&str]| names.iter().map(|n| ((*n).into(), (*n).into())).collect();
    let page = shell(words);
    Form::post(
        &page,
        "/portfolio/products/1/estimates",
        "Enregistrer l’estimation",
    )
    .field(
        Field::text("source", "Source")
            .hint("Le document d’où vient l’estimation.")
            .required(),
    )
    .field(
        Field::amount(words, "cost", "Coût estimé")
            .value("12,3")
            .error(Some("Le coût doit être compris entre 0 et 100 000 M€.")),
    )
    .field(Field::date(
        words,
        "end",
        "Date de fin",
        Some(date(2027, 6, 1)),
    ))
    .field(Field::select(
        "phase",
        "Phase",
        options(&["Cadrage", "Conception"]),
    ))
    .field(
        Field::radios(
            "rebase",
            "Cette estimation remplace-t-elle la référence ?",
            options(&["Oui", "Non"]),
        )
        .value("Non")
        .error(Some("Choisissez une réponse.")),
    )
    .field(Field::boxes(
        "themes",
        "Thèmes",
        vec![
            ("pay".into(), "Paie".into(), true),
            ("hr".into(), "Ressources humaines".into(), false),
        ],
    ))
    .field(Field::lines(4, "reason", "Motif"))
    .field(Field::file("file", "Pièce jointe", ".pdf,.xlsx"))
    .summary(words)
}
