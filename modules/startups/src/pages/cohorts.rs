//! Cohorts: how start-ups go from phase to phase, and what they show, by incubator.

use jiff::civil::Date;
use kit_http::{Cx, Failure, Page, Query, State, optional};
use kit_ui::{Cell, Column, Composed, Field, Form, Table, Words, format};
use ports::StartupPath;
use serde::Deserialize;
use uuid::Uuid;

use super::words::{owner, owners, phase};
use crate::domain::{Conversion, conversions, openness};
use crate::{Startups, WORDING};

#[derive(Debug, Default, Deserialize)]
pub(super) struct CohortQuery {
    #[serde(default)]
    on: String,
    #[serde(default)]
    incubator: String,
}

fn count(words: &Words, n: usize) -> Cell {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    Cell::number(format::count(words.locale, n), n)
}

fn share(words: &Words, part: usize, whole: usize) -> Cell {
    if whole == 0 {
        return Cell::unknown();
    }
    let share = part as f64 / whole as f64;
    let args = [
        ("part", format::count(words.locale, part as i64).into()),
        ("whole", format::count(words.locale, whole as i64).into()),
    ];
    Cell::number(format::percent(words.locale, share), share)
        .note(words.text_with("startups-part-of", &args))
}

fn row(words: &Words, one: &Conversion) -> Vec<Cell> {
    let to: Vec<String> = one.to.iter().map(|code| phase(words, code)).collect();
    let share = one.share.map_or_else(Cell::unknown, |(share, low, high)| {
        let args = [
            ("low", format::percent(words.locale, low).into()),
            ("high", format::percent(words.locale, high).into()),
        ];
        Cell::number(format::percent(words.locale, share), share)
            .note(words.text_with("startups-interval", &args))
    });
    let median = one.median_days.map_or_else(Cell::unknown, |days| {
        Cell::number(format::count(words.locale, days), days)
    });
    vec![
        Cell::text(format!("{} → {}", phase(words, one.from), to.join(", "))),
        count(words, one.began),
        count(words, one.ended),
        count(words, one.went_on),
        share,
        median,
    ]
}

pub(super) async fn show(
    State(startups): State<Startups>,
    cx: Cx,
    Query(query): Query<CohortQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let today = startups.source.today();
    let day = |text: &str| text.parse::<Date>().ok();
    let on = optional("on", query.on.trim(), day)?.unwrap_or(today);
    let incubator = optional("incubator", &query.incubator, |text| {
        text.parse::<Uuid>().ok()
    })?;
    let paths = startups.paths(&cx.actor).await?;
    let (_, incubators) = startups.owners().await?;
    let of =
        |path: &&StartupPath| incubator.is_none() || path.incubator.map(|id| id.0) == incubator;
    let chosen: Vec<&StartupPath> = paths.iter().filter(of).collect();
    let text = |name: &str| Column::text(words.text(&format!("startups-column-{name}")));
    let number = |name: &str| Column::number(words.text(&format!("startups-column-{name}")));
    let heads = vec![
        text("transition"),
        number("began"),
        number("ended"),
        number("went-on"),
        number("conversion"),
        number("median"),
    ];
    let args = [("date", format::date(cx.locale, on).into())];
    let caption = words.text_with("startups-conversions", &args);
    let moved = Table::new(&words, "conversions", caption, heads)
        .rows(conversions(&chosen, on).iter().map(|one| row(&words, one)))
        .empty(words.text("startups-cohorts-empty"));
    let heads = vec![
        text("incubator"),
        number("live"),
        number("stats"),
        number("budget"),
        number("impact"),
    ];
    let shown = openness(&paths, on);
    let rows = shown
        .iter()
        .filter(|(id, _)| incubator.is_none() || **id == incubator)
        .map(|(id, one)| {
            vec![
                Cell::text(owner(&incubators, *id)),
                count(&words, one.live),
                share(&words, one.gives[0], one.live),
                share(&words, one.gives[1], one.live),
                share(&words, one.gives[2], one.live),
            ]
        });
    let caption = words.text_with("startups-openness", &args);
    let open = Table::new(&words, "openness", caption, heads)
        .rows(rows)
        .empty(words.text("startups-cohorts-empty"));
    let filters = Form::filters("/start-ups/cohorts", words.text("startups-filter")).fields([
        Field::line("date", "on", WORDING.label(&words, "as_of")).value(on.to_string()),
        Field::select(
            "incubator",
            WORDING.label(&words, "incubator"),
            owners(&words, &incubators),
        )
        .value(&query.incubator),
    ]);
    let shell = cx
        .shell(words.text("startups-cohorts"))
        .lead(words.text("startups-cohorts-lead"));
    Ok(Page(
        Composed::new(shell)
            .with(filters)
            .with(moved)
            .text(words.text("startups-conversions-formula"))
            .with(open)
            .text(words.text("startups-openness-formula"))
            .text(words.text("startups-not-told")),
    ))
}
