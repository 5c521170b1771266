//! Live start-ups: level, last and next review, time in phase, investment.

use jiff::civil::Date;
use kit_acts::{address, cursor, day, euros, place};
use kit_http::{Cx, Failure, Page, Query, State, optional};
use kit_ui::{Cell, Column, Composed, Field, Form, Pages, Table, format};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{due, owner, owners, phase};
use crate::reading::StartupFilter;
use crate::{Startups, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;
/// The phases of live start-ups.
pub(super) const PHASES: [&str; 5] = [
    "investigation",
    "construction",
    "acceleration",
    "consolidation",
    "operated",
];

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    incubator: String,
    #[serde(default)]
    phase: String,
    #[serde(default)]
    overdue: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(startups): State<Startups>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let id = |text: &str| text.parse::<Uuid>().ok();
    let known = |text: &str| PHASES.into_iter().find(|phase| *phase == text);
    let filter = StartupFilter {
        ministry: optional("ministry", &query.ministry, id)?,
        incubator: optional("incubator", &query.incubator, id)?,
        phase: optional("phase", &query.phase, known)?,
        is_overdue: query.overdue == "yes",
    };
    let after = place(&query.after, (Date::MIN, Uuid::nil()));
    let mut found = startups
        .startups(&cx.actor, &filter, after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let (ministries, incubators) = startups.owners().await?;
    let today = startups.source.today();
    let here = "/start-ups/live";
    let pairs = [
        ("ministry", query.ministry.as_str()),
        ("incubator", query.incubator.as_str()),
        ("phase", query.phase.as_str()),
        ("overdue", query.overdue.as_str()),
    ];
    let next = found.last().filter(|_| more).and_then(|last| {
        let after = cursor(last.due_on?, last.id);
        let [a, b, c, d] = pairs;
        Some(address(here, &[a, b, c, d, ("after", &after)]))
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let rows = found.iter().map(|one| {
        let level = one.level.map_or_else(Cell::unknown, |level| {
            Cell::text(words.text(&format!("startups-level-{}", level.code())))
        });
        let age = one.phase_since.map_or_else(Cell::unknown, |since| {
            let days = i64::from((today - since).get_days());
            Cell::number(format::days(cx.locale, days), days)
        });
        let owned = if one.incubator.is_some() {
            owner(&incubators, one.incubator)
        } else {
            owner(&ministries, one.ministry)
        };
        vec![
            Cell::link(&one.title, format!("/products/{}/start-up", one.id)),
            Cell::text(owned),
            Cell::text(phase(&words, one.phase.as_deref().unwrap_or_default())),
            age,
            level,
            day(&cx, one.last_review_on),
            due(&cx, one.due_on, today),
            euros(&cx, one.invested_cents),
            euros(&cx, one.spent_cents),
        ]
    });
    let text = |name: &str| Column::text(words.text(&format!("startups-column-{name}")));
    let number = |name: &str| Column::number(words.text(&format!("startups-column-{name}")));
    let columns = vec![
        text("startup"),
        text("owner"),
        text("phase"),
        number("age"),
        text("level"),
        text("last-review"),
        text("next-review"),
        number("invested"),
        number("spent"),
    ];
    let table = Table::new(&words, "startups", words.text("startups-live"), columns)
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("startups-live-empty"));
    let yes = vec![
        (String::new(), words.text("startups-any")),
        ("yes".to_owned(), words.text("startups-only-overdue")),
    ];
    let filters = Form::filters(here, words.text("startups-filter")).fields([
        Field::select(
            "incubator",
            WORDING.label(&words, "incubator"),
            owners(&words, &incubators),
        )
        .value(&query.incubator),
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            owners(&words, &ministries),
        )
        .value(&query.ministry),
        Field::select(
            "phase",
            WORDING.label(&words, "phase"),
            WORDING.any_of(&words, "startups-phase-", &PHASES),
        )
        .value(&query.phase),
        Field::select("overdue", WORDING.label(&words, "overdue"), yes).value(&query.overdue),
    ]);
    let shell = cx
        .shell(words.text("startups-live"))
        .lead(words.text("startups-live-lead"));
    Ok(Page(Composed::new(shell).with(filters).with(table)))
}
