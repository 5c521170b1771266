//! What is checked of a form.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 3, 1);

fn form() -> ProductForm {
    ProductForm {
        kind: "product".into(),
        title: "  Portail\n des aides ".into(),
        link: "https://aides.example/portail".into(),
        values: [
            "P129".into(),
            String::new(),
            "agents\nusagers\nagents".into(),
            String::new(),
            "Rust\r\nPostgreSQL".into(),
        ],
        phases: vec![
            ["build".into(), "01/09/2024".into(), "2025-03-01".into()],
            ["trial".into(), "01/03/2025".into(), String::new()],
            Default::default(),
        ],
        ..ProductForm::default()
    }
}

fn mistakes(form: &ProductForm) -> Vec<Mistake> {
    form.check(None, &[], &[], TODAY).unwrap_err()
}

#[test]
fn what_was_typed_is_tidied() {
    let checked = form().check(None, &[], &[], TODAY).unwrap();
    assert_eq!(checked.description.title, "Portail des aides");
    assert_eq!(checked.description.phase, Some(Phase::Trial));
    assert_eq!(checked.description.phase_since, Some(date(2025, 3, 1)));
    let users = checked.attributes.iter().filter(|(kind, _)| kind == "user");
    assert_eq!(users.count(), 2);
}

#[test]
fn what_is_said_comes_back_as_it_went() {
    let checked = form().check(None, &[], &[], TODAY).unwrap();
    let again = ProductForm::of(&checked.description, &checked.attributes, &checked.phases);
    let same = again
        .check(
            Some((&checked.description, &checked.phases)),
            &[],
            &[],
            TODAY,
        )
        .unwrap();
    assert_eq!(same, checked);
}

#[test]
fn what_nobody_touched_is_left_as_a_source_told_it() {
    let mut before = Description::named(ProductKind::StartUp, "Aides");
    before.stats_url = "/stats".into();
    let overlapping = [
        (Phase::Investigation, date(2020, 1, 1), None),
        (Phase::Construction, date(2021, 1, 1), None),
    ];
    let form = ProductForm::of(&before, &[], &overlapping);
    let checked = form
        .check(Some((&before, &overlapping)), &[], &[], TODAY)
        .unwrap();
    assert_eq!(checked.description.stats_url, "/stats");
    assert_eq!(checked.phases, overlapping);
}

#[test]
fn every_mistake_names_its_field() {
    let long = "x".repeat(30_000);
    let many = (0..60)
        .map(|n| format!("v{n}"))
        .collect::<Vec<_>>()
        .join("\n");
    let wrong = ProductForm {
        kind: "rocket".into(),
        title: " !! ".into(),
        mission: long.clone(),
        description: long,
        ministry: "nobody".into(),
        incubator: Uuid::nil().to_string(),
        link: "javascript:alert(1)".into(),
        repository: "https://".into(),
        stats_url: "ftp://x.example".into(),
        budget_url: "https://a b".into(),
        values: [
            many,
            "y".repeat(300),
            String::new(),
            String::new(),
            String::new(),
        ],
        ..ProductForm::default()
    };
    let found: Vec<String> = mistakes(&wrong)
        .into_iter()
        .map(|m| m.field.into_owned())
        .collect();
    for field in [
        "kind",
        "title",
        "mission",
        "description",
        "ministry",
        "incubator",
        "link",
        "repository",
        "stats_url",
        "budget_url",
        "programme",
        "sponsor",
    ] {
        assert!(
            found.iter().any(|name| name == field),
            "{field} in {found:?}"
        );
    }
}

#[test]
fn phases_follow_each_other() {
    let row = |code: &str, start: &str, end: &str| [code.into(), start.into(), end.into()];
    for (rows, field, key) in [
        (
            vec![row("build", "01/01/2025", "01/01/2024")],
            "phase-0-end",
            "portfolio-mistake-end-before-start",
        ),
        (
            vec![
                row("build", "01/01/2025", ""),
                row("trial", "01/06/2025", ""),
            ],
            "phase-1-start",
            "portfolio-mistake-phase-overlap",
        ),
        (
            vec![row("acceleration", "01/01/2025", "")],
            "phase-0",
            "portfolio-mistake-phase-of-kind",
        ),
        (
            vec![row("build", "le 3", "")],
            "phase-0-start",
            "portfolio-mistake-date",
        ),
        (
            vec![row("build", "01/01/2027", "")],
            "phase-0-start",
            "portfolio-mistake-date-future",
        ),
        (
            vec![row("", "01/01/2025", "")],
            "phase-0",
            "portfolio-mistake-phase-of-kind",
        ),
    ] {
        let wrong = ProductForm {
            phases: rows,
            ..form()
        };
        assert_eq!(mistakes(&wrong), [Mistake::new(field, key)]);
    }
}

#[test]
fn a_source_leaves_what_a_person_decided() {
    let mut now = Description::named(ProductKind::Product, "Portail");
    now.mission = "corrigée".into();
    let mut told = Description::named(ProductKind::Product, "PORTAIL v2");
    told.mission = "de la source".into();
    let (mut attributes, mut phases) = (Vec::new(), Vec::new());
    keep_decided(
        (&now, &[], &[]),
        &["mission".into()],
        &mut told,
        &mut attributes,
        &mut phases,
    );
    assert_eq!(told.mission, "corrigée");
    assert_eq!(told.title, "PORTAIL v2");
}

proptest! {
    #[test]
    fn no_text_breaks_the_check(
        texts in prop::collection::vec(".{0,40}", 12),
        rows in prop::collection::vec([".{0,12}", ".{0,12}", ".{0,12}"], 0..4),
    ) {
        let form = ProductForm {
            kind: texts[0].clone(),
            title: texts[1].clone(),
            ministry: texts[2].clone(),
            link: texts[3].clone(),
            mission: texts[4].clone(),
            values: std::array::from_fn(|n| texts[n + 5].clone()),
            phases: rows,
            ..ProductForm::default()
        };
        if let Ok(checked) = form.check(None, &[], &[], TODAY) {
            for pair in checked.phases.windows(2) {
                prop_assert!(pair[0].2.is_some_and(|end| end <= pair[1].1));
            }
        }
    }
}
