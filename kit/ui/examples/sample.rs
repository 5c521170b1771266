//! Prints a page that holds every component and every kind of chart, to be looked at while the
//! stylesheet and the charts are worked on: `cargo run -p kit-ui --example sample > sample.html`.
//! The argument `en` makes the frame English, `empty` shows what empty lists look like.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // an example for the people who build pages

use std::sync::Arc;

use askama::Template;
use jiff::civil::date;
use kit_ui::{
    Catalogue, Cell, Chart, Column, Composed, Confirm, Facts, Field, Figure, Figures, Form, Locale,
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
    page = slips(page, &words);
    page = decomposition(page, &words);
    page = phases(page, &words);
    page = passage(page, &words);
    page = stay(page, &words);
    page = sizes(page, &words);
    page = series(page, &words);
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

const SOURCE: &str = "Source : panorama des grands projets, éditions de 2021 et 2022. Glissement = (dernière estimation − référence) ÷ référence.";

fn slips(page: Composed, words: &Words) -> Composed {
    let columns = || {
        vec![
            Column::text("Projet"),
            Column::number("Glissement budgétaire"),
        ]
    };
    let cell = |slip: f64| Cell::number(format::percent_signed(words.locale, slip), slip);
    let few = Table::new(
        words,
        "slips",
        "Glissement budgétaire par projet",
        columns(),
    )
    .rows(
        PROJECTS
            .iter()
            .map(|(name, _, _, slip)| vec![Cell::text(*name), cell(*slip)]),
    );
    // A spread without randomness: most near zero, a few far above.
    let many = Table::new(
        words,
        "many",
        "Glissement budgétaire de tous les projets",
        columns(),
    )
    .rows((0..120).map(|at| {
        let place = f64::from(at) / 119.0;
        let slip = (place * 6.3).sin() * 0.12 + place.powi(12) * 1.6 - 0.05
            + f64::from(at * 37 % 11) / 60.0;
        vec![
            Cell::text(format!("Projet numéro {at} au nom assez long")),
            cell((slip * 1000.0).round() / 1000.0),
        ]
    }));
    page.heading("Glissements")
        .with(
            Chart::new(
                "dot-plot",
                "slips",
                "Un projet sur deux dépasse sa première estimation",
                SOURCE,
            )
            .setting("format", "percent")
            .setting("rule", 0.243)
            .setting("rule-label", "Moyenne publiée"),
        )
        .with(few)
        .with(
            Chart::new(
                "dot-plot",
                "many",
                "Quelques projets tirent la moyenne",
                SOURCE,
            )
            .setting("format", "percent"),
        )
        .with(many)
}

fn decomposition(page: Composed, words: &Words) -> Composed {
    let parts = [
        ("Moyenne publiée fin 2021", 0.221),
        ("Ce que les projets ont fait", 0.034),
        ("Entrées dans la liste", -0.026),
        ("Sorties de la liste", 0.014),
        ("Moyenne publiée fin 2022", 0.243),
    ];
    let table = Table::new(
        words,
        "decomposition",
        "Décomposition de la variation de la moyenne",
        vec![Column::text("Part"), Column::number("Glissement moyen")],
    )
    .rows(parts.iter().enumerate().map(|(at, (name, part))| {
        let text = if at == 0 || at == 4 {
            format::percent(words.locale, *part)
        } else {
            format::points_signed(words.locale, *part)
        };
        vec![Cell::text(*name), Cell::number(text, part)]
    }));
    page.heading("Décomposition")
        .with(
            Chart::new(
                "waterfall",
                "decomposition",
                "Les projets ont glissé de 3,4 points ; la liste a changé",
                SOURCE,
            )
            .setting("format", "percent")
            .setting("totals", "first,last"),
        )
        .with(table)
}

fn phases(page: Composed, words: &Words) -> Composed {
    let phases = [
        ("Refonte de la paie", "Cadrage", "2019-03-01", "2020-01-15"),
        (
            "Refonte de la paie",
            "Conception",
            "2020-01-15",
            "2022-09-01",
        ),
        ("Refonte de la paie", "Déploiement", "2022-09-01", ""),
        (
            "Registre national",
            "Conception",
            "2021-05-01",
            "2023-02-01",
        ),
        (
            "Registre national",
            "Déploiement",
            "2023-02-01",
            "2025-06-30",
        ),
        ("Archivage", "Cadrage", "2024-01-10", ""),
    ];
    let cell = |text: &str| {
        let day: Option<jiff::civil::Date> = text.parse().ok();
        day.map_or_else(Cell::unknown, |day| {
            Cell::number(format::date(words.locale, day), text)
        })
    };
    let table = Table::new(
        words,
        "phases",
        "Phases des projets",
        vec![
            Column::text("Projet"),
            Column::text("Phase"),
            Column::text("Début"),
            Column::text("Fin"),
        ],
    )
    .rows(phases.map(|(name, phase, start, end)| {
        vec![Cell::text(name), Cell::text(phase), cell(start), cell(end)]
    }));
    page.heading("Phases")
        .with(
            Chart::new("gantt", "phases", "Où en sont trois projets", SOURCE)
                .setting("category", 1)
                .setting("start", 2)
                .setting("end", 3)
                .setting("today", "2025-03-03")
                .setting("today-label", "3 mars 2025"),
        )
        .with(table)
}

fn passage(page: Composed, words: &Words) -> Composed {
    let steps = [
        ("Investigation", 1240, None),
        ("Construction", 534, Some(0.431)),
        ("Accélération", 214, Some(0.4)),
        ("Pérennisation", 61, Some(0.285)),
    ];
    let table = Table::new(
        words,
        "funnel",
        "Passage d’une phase à la suivante",
        vec![
            Column::text("Phase"),
            Column::number("Produits entrés"),
            Column::number("Passage"),
        ],
    )
    .rows(steps.map(|(name, count, passed)| {
        let passed = passed.map_or_else(Cell::unknown, |rate| {
            Cell::number(format::percent(words.locale, rate), rate)
        });
        vec![
            Cell::text(name),
            Cell::number(format::count(words.locale, count), count),
            passed,
        ]
    }));
    page.heading("Entonnoir")
        .with(Chart::new(
            "funnel",
            "funnel",
            "Un produit sur vingt devient pérenne",
            SOURCE,
        ))
        .with(table)
}

fn stay(page: Composed, words: &Words) -> Composed {
    let rows = [0.0, 6.0, 12.0, 18.0, 24.0, 36.0, 48.0]
        .iter()
        .flat_map(|&months: &f64| {
            [("Construction", 40.0, 534.0), ("Accélération", 90.0, 214.0)].map(
                |(series, scale, entered)| {
                    let share = (-months / scale).exp();
                    let spread = 0.003 * months / 2.0;
                    let part =
                        |value: f64| Cell::number(format::percent(words.locale, value), value);
                    let at_risk = (share * entered) as i64;
                    vec![
                        Cell::number(format!("{months}"), months),
                        part(share),
                        part((share - spread).max(0.0)),
                        part((share + spread).min(1.0)),
                        Cell::number(format::count(words.locale, at_risk), at_risk),
                        Cell::text(series),
                    ]
                },
            )
        });
    let table = Table::new(
        words,
        "survival",
        "Temps passé dans une phase",
        vec![
            Column::number("Mois depuis l’entrée"),
            Column::number("Encore dans la phase"),
            Column::number("Borne basse à 95 %"),
            Column::number("Borne haute à 95 %"),
            Column::number("Produits encore observés"),
            Column::text("Phase"),
        ],
    )
    .rows(rows);
    page.heading("Durée")
        .with(
            Chart::new(
                "survival",
                "survival",
                "La moitié des produits quittent la construction en 28 mois",
                SOURCE,
            )
            .setting("series", 5),
        )
        .with(table)
}

fn sizes(page: Composed, words: &Words) -> Composed {
    let bands = [
        ("Moins de 10 M€", 0.31, 0.12, 0.5),
        ("De 10 à 50 M€", 0.22, 0.15, 0.29),
        ("Plus de 50 M€", 0.17, 0.02, 0.33),
    ];
    let part = |value: f64| Cell::number(format::percent(words.locale, value), value);
    let table =
        Table::new(
            words,
            "sizes",
            "Glissement par taille",
            vec![
                Column::text("Taille"),
                Column::number("Glissement moyen"),
                Column::number("Borne basse"),
                Column::number("Borne haute"),
            ],
        )
        .rows(bands.map(|(name, mean, low, high)| {
            vec![Cell::text(name), part(mean), part(low), part(high)]
        }));
    let flow = [
        ("Incubateur des territoires", 42, 12),
        ("Fabrique numérique", 31, 18),
        ("Incubateur de l’Éducation", 9, 14),
    ];
    let flows = Table::new(
        words,
        "flows",
        "Stock et entrées par incubateur",
        vec![
            Column::text("Incubateur"),
            Column::number("Produits suivis"),
            Column::number("Entrés en 2025"),
        ],
    )
    .rows(flow.map(|(name, stock, new)| {
        vec![
            Cell::text(name),
            Cell::number(stock.to_string(), stock),
            Cell::number(new.to_string(), new),
        ]
    }));
    page.heading("Tailles")
        .with(
            Chart::new("bars", "sizes", "Les petits projets glissent plus", SOURCE)
                .setting("format", "percent")
                .setting("low", 2)
                .setting("high", 3),
        )
        .with(table)
        .with(Chart::new("bars", "flows", "Produits suivis et entrés", SOURCE).setting("y", "1,2"))
        .with(flows)
}

fn series(page: Composed, words: &Words) -> Composed {
    let points = [
        ("2019-12-31", Some(0.30), ""),
        ("2020-12-31", Some(0.34), ""),
        ("2021-06-30", None, ""),
        ("2021-12-31", Some(0.221), "Nouvelle formule"),
        ("2022-12-31", Some(0.243), ""),
        ("2024-12-31", Some(0.28), "Nouvelles références"),
        ("2025-12-31", Some(0.26), ""),
    ];
    let table = Table::new(
        words,
        "series",
        "Glissement moyen publié",
        vec![
            Column::text("Au"),
            Column::number("Glissement moyen"),
            Column::text("Rupture"),
        ],
    )
    .rows(points.map(|(day, rate, broken)| {
        let date: jiff::civil::Date = day.parse().unwrap();
        let rate = rate.map_or_else(Cell::unknown, |rate| {
            Cell::number(format::percent(words.locale, rate), rate)
        });
        vec![
            Cell::number(format::date(words.locale, date), day),
            rate,
            Cell::text(broken),
        ]
    }));
    page.heading("Série")
        .with(
            Chart::new("line", "series", "Le glissement publié depuis 2019", SOURCE)
                .setting("format", "percent")
                .setting("breaks", 2),
        )
        .with(table)
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
