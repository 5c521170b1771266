//! Indicators: added, changed, retired, listed.

use std::sync::Arc;

use impact::{ImpactError, IndicatorForm, ListFilter};
use jiff::civil::date;
use kit_access::{Actor, Grant, Reach};
use kit_db::Db;
use kit_journal::Journal;
use ports::roles::{DIGITAL_DIRECTOR, PRODUCT_TEAM};
use ports::{Progress as _, Standing};
use uuid::Uuid;

use crate::support::{figure, migrations, mistakes, officer, only, promise, world};

kit_db::on_both_databases!(migrations() =>
    statements_prepare, an_indicator_is_added_changed_and_retired, two_people_at_once_lose_nothing,
    lists_say_what_the_definition_says, a_role_does_what_it_may, a_past_day_leaves_later_figures_out,
    pages_follow_a_cursor,
);

async fn statements_prepare(db: Db) {
    for statement in impact::statements() {
        db.prepare(&statement).await.unwrap();
    }
}

async fn an_indicator_is_added_changed_and_retired(db: Db) {
    let world = world(&db);
    let (product, id) = world.indicator(&promise()).await;
    let twice = world.add(product, &promise()).await;
    assert_eq!(mistakes(twice), only("name", "name-known"));
    let told = world.impact.told(id).await.unwrap();
    assert_eq!(told.standing, Standing::Unknown);
    world.observe(id, "2026-02-28", "50").await;
    let unit = IndicatorForm {
        unit: "dossiers".into(),
        ..promise()
    };
    let fixed = world.impact.edit_indicator(&officer(), id, 1, &unit).await;
    assert_eq!(mistakes(fixed), only("unit", "unit-fixed"));
    let reached = IndicatorForm {
        target: "50".into(),
        ..promise()
    };
    let edited = world
        .impact
        .edit_indicator(&officer(), id, 1, &reached)
        .await;
    edited.unwrap();
    let indicator = world.impact.indicator(id).await.unwrap();
    assert_eq!(indicator.version, 2);
    assert_eq!(indicator.standing(date(2026, 3, 1)), Standing::Reached);
    world
        .impact
        .set_in_use(&officer(), id, 2, false)
        .await
        .unwrap();
    let port = world.impact.port();
    let in_use = port.indicators(product, date(2026, 3, 1)).await.unwrap();
    assert!(in_use.is_empty());
    let late = world
        .impact
        .add_observation(&officer(), id, &figure("2026-03-01", "51"))
        .await;
    assert_eq!(mistakes(late), only("value", "retired"));
    let actions: Vec<String> = Journal::of_subject(&db, "indicator", id, None, 50)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.action)
        .collect();
    let said = [
        "impact.indicator.retire",
        "impact.indicator.change",
        "impact.observation.add",
        "impact.indicator.add",
    ];
    assert_eq!(actions, said);
}

async fn two_people_at_once_lose_nothing(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    let first = IndicatorForm {
        target: "75".into(),
        ..promise()
    };
    let second = IndicatorForm {
        owner: "Service des usagers".into(),
        ..promise()
    };
    let officer = officer();
    world
        .impact
        .edit_indicator(&officer, id, 1, &first)
        .await
        .unwrap();
    let stale = world.impact.edit_indicator(&officer, id, 1, &second).await;
    assert!(matches!(stale, Err(ImpactError::Stale)));
    // What the second is shown: what the first saved and what differs from it.
    let saved = world.impact.indicator(id).await.unwrap();
    let saved = IndicatorForm::of(&saved.description);
    assert_eq!(
        second.differences(&saved),
        [("owner", ""), ("target", "75")]
    );
}

async fn lists_say_what_the_definition_says(db: Db) {
    let world = world(&db);
    let product = world.product("Portail des aides").await;
    let mut at = 0;
    // Every combination of a promise and a figure that can differ.
    for (baseline, target, due) in [
        (true, true, "2026-12-31"),
        (true, true, "2026-02-15"),
        (true, true, ""),
        (false, true, "2026-12-31"),
        (false, true, "2026-02-15"),
        (false, false, ""),
    ] {
        for threshold in [false, true] {
            for (value, as_of) in [
                ("", ""),
                ("90", "2026-02-10"),
                ("70", "2026-02-10"),
                ("41", "2026-02-10"),
                ("60", "2026-02-10"),
                ("60", "2025-10-31"),
                ("39", "2025-10-31"),
            ] {
                at += 1;
                let keep = |is: bool, text: &str| if is { text.to_owned() } else { String::new() };
                let form = IndicatorForm {
                    name: format!("Indicateur {at}"),
                    baseline: keep(baseline, "40"),
                    baseline_on: keep(baseline, "2026-01-01"),
                    target: keep(target, "80"),
                    due_on: due.into(),
                    threshold: keep(threshold && target, "65"),
                    ..promise()
                };
                let id = world.add(product, &form).await.unwrap();
                if !value.is_empty() {
                    world.observe(id, as_of, value).await;
                }
            }
        }
    }
    let today = date(2026, 3, 1);
    let list = async |standing| {
        let filter = ListFilter {
            product_id: Some(product.0),
            standing,
            ..ListFilter::default()
        };
        let page = world.impact.list(&filter, None, 1_000).await.unwrap();
        page.indicators
    };
    let all = list(None).await;
    assert_eq!(all.len(), at);
    let mut seen = 0;
    for standing in Standing::ALL {
        let listed: Vec<Uuid> = list(Some(standing))
            .await
            .iter()
            .map(|one| one.id)
            .collect();
        let defined: Vec<Uuid> = all
            .iter()
            .filter(|one| one.standing(today) == standing)
            .map(|one| one.id)
            .collect();
        assert_eq!(listed, defined, "{standing:?}");
        assert!(!listed.is_empty(), "{standing:?}");
        seen += listed.len();
    }
    assert_eq!(seen, at);
    // What is missed comes before what is behind; the longest overdue first.
    let wanting = world.impact.port().wanting(today, 200).await.unwrap();
    let standings: Vec<Standing> = wanting.iter().map(|one| one.standing).collect();
    let missed = list(Some(Standing::Missed)).await.len();
    let behind = list(Some(Standing::Behind)).await.len();
    let expected = [
        vec![Standing::Missed; missed],
        vec![Standing::Behind; behind],
    ];
    assert_eq!(standings, expected.concat());
}

async fn a_role_does_what_it_may(db: Db) {
    let world = world(&db);
    let (product, id) = world.indicator(&promise()).await;
    let actor = |role: &str, reach| {
        let grant = Grant {
            role: role.to_owned(),
            reach,
        };
        Actor::person(Uuid::from_u128(7), "Inès Morel", vec![grant])
    };
    let team = actor(PRODUCT_TEAM.0, Reach::State);
    let impact = &world.impact;
    impact
        .add_observation(&team, id, &figure("2026-01-31", "41"))
        .await
        .unwrap();
    let denied = impact.edit_indicator(&team, id, 1, &promise()).await;
    assert!(matches!(denied, Err(ImpactError::Denied(_))));
    let elsewhere = Reach::Organisations(Arc::new([Uuid::from_u128(3)].into()));
    let director = actor(DIGITAL_DIRECTOR.0, elsewhere);
    let denied = impact.add_indicator(&director, product, &promise()).await;
    assert!(matches!(denied, Err(ImpactError::Denied(_))));
    let denied = impact
        .add_observation(&Actor::anonymous(), id, &figure("2026-02-28", "41"))
        .await;
    assert!(matches!(denied, Err(ImpactError::Denied(_))));
    // A director can't publish the counts of somebody else's service.
    let director = actor(DIGITAL_DIRECTOR.0, Reach::State);
    let counted = IndicatorForm {
        name: "Connexions".into(),
        unit: "connexions".into(),
        origin: "sign-ins".into(),
        subject: Uuid::from_u128(9).to_string(),
        ..promise()
    };
    let refused = impact.add_indicator(&director, product, &counted).await;
    assert_eq!(mistakes(refused), only("origin", "bind"));
}

async fn a_past_day_leaves_later_figures_out(db: Db) {
    let world = world(&db);
    let (product, id) = world.indicator(&promise()).await;
    world.observe(id, "2026-01-31", "41").await;
    world.observe(id, "2026-02-28", "50").await;
    let port = world.impact.port();
    let on = async |day| port.indicators(product, day).await.unwrap().remove(0);
    let now = on(date(2026, 3, 1)).await;
    assert_eq!(now.latest, Some((50.0, date(2026, 2, 28))));
    assert_eq!(now.standing, Standing::OnTrack);
    let then = on(date(2026, 2, 1)).await;
    assert_eq!(then.latest, Some((41.0, date(2026, 1, 31))));
    assert_eq!(then.standing, Standing::Behind);
    assert_eq!(on(date(2026, 1, 1)).await.standing, Standing::Unknown);
    let mut tx = db.begin().await.unwrap();
    let one = port
        .indicator_in(&mut tx, id, date(2026, 3, 1))
        .await
        .unwrap();
    assert_eq!(one, Some(now));
    let none = port
        .indicator_in(&mut tx, Uuid::from_u128(1), date(2026, 3, 1))
        .await;
    assert_eq!(none.unwrap(), None);
}

async fn pages_follow_a_cursor(db: Db) {
    let world = world(&db);
    let product = world.product("Portail des aides").await;
    for (name, level) in [("B", "useful"), ("A", "useful"), ("C", "usable")] {
        let form = IndicatorForm {
            name: name.into(),
            level: level.into(),
            ..promise()
        };
        world.add(product, &form).await.unwrap();
    }
    let mut cursor = None;
    let mut names = String::new();
    loop {
        let filter = ListFilter::default();
        let page = world
            .impact
            .list(&filter, cursor.as_deref(), 1)
            .await
            .unwrap();
        names.push_str(&page.indicators[0].description.name);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(names, "CAB", "by level, then by name");
}
