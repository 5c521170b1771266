//! One picture of each kind, with the table that it is drawn from.

use kit_ui::{Cell, Chart, Column, Composed, Table, Words, format};

use crate::PROJECTS;

const SOURCE: &str = "Source : panorama des grands projets, éditions de 2021 et 2022. Glissement = (dernière estimation − référence) ÷ référence.";

pub(crate) fn slips(page: Composed, words: &Words) -> Composed {
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

pub(crate) fn decomposition(page: Composed, words: &Words) -> Composed {
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

pub(crate) fn phases(page: Composed, words: &Words) -> Composed {
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

pub(crate) fn passage(page: Composed, words: &Words) -> Composed {
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

pub(crate) fn stay(page: Composed, words: &Words) -> Composed {
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

pub(crate) fn sizes(page: Composed, words: &Words) -> Composed {
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

pub(crate) fn series(page: Composed, words: &Words) -> Composed {
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
