//! An edition: the figures of a quarter, for anybody.

use kit_acts::address;
use kit_http::{Cx, Failure, Page, Query, State, optional};
use kit_ui::{Cell, Chart, Composed, Field, Form, Notice, Pages, Table, Tone, Words, format};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{cell, columns, criterion, ministries, quarter};
use crate::domain::{Criterion, GOAL_SHARE, Quarter, REVIEWS_MIN, share_at_goal};
use crate::reading::Standing;
use crate::store::editions::EditionRow;
use crate::{Observatory, WORDING};

/// Rows on one page: an edition is read, and taken away, whole.
const PAGE_ROWS: u32 = 250;
/// The columns of figures.
const SHOWN: [Criterion; 9] = [
    Criterion::Satisfaction,
    Criterion::Simplicity,
    Criterion::Accessibility,
    Criterion::OnceOnly,
    Criterion::Authentication,
    Criterion::HelpReached,
    Criterion::HelpUseful,
    Criterion::Uptime,
    Criterion::ResponseTime,
];

#[derive(Debug, Default, Deserialize)]
pub(super) struct EditionQuery {
    #[serde(default)]
    quarter: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    after: String,
}

fn row(words: &Words, one: &EditionRow) -> Vec<Cell> {
    let href = format!("/observatory/procedures/{}", one.procedure);
    let mut row = vec![Cell::link(&one.name, href).note(&one.product_title)];
    row.extend(SHOWN.map(|wanted| {
        let found = one.figures.iter().find(|one| one.criterion == wanted);
        cell(words, found)
    }));
    row
}

/// How many procedures reach each goal.
fn goals(words: &Words, standing: &Standing) -> Table {
    let rows = standing.levels.iter().map(|(what, counts)| {
        let share = share_at_goal(counts.green, counts.yellow, counts.red);
        let told = share.map_or_else(Cell::unknown, |share| {
            let rate = share as f64 / 1e5;
            Cell::number(format::percent(words.locale, rate), rate)
        });
        let count = |number: i64| Cell::number(format::count(words.locale, number), number);
        let reached = match share {
            None => Cell::unknown(),
            Some(share) if share >= GOAL_SHARE => {
                Cell::status(Tone::Success, words.text("observatory-goal-reached"))
            }
            Some(_) => Cell::status(Tone::Warning, words.text("observatory-goal-not-reached")),
        };
        vec![
            Cell::text(criterion(words, *what)),
            told,
            reached,
            count(counts.green),
            count(counts.yellow),
            count(counts.red),
            count(counts.grey),
        ]
    });
    let names = [
        "criterion",
        "#share",
        "goal",
        "#green",
        "#yellow",
        "#red",
        "#grey",
    ];
    let caption = words.text("observatory-goals");
    Table::new(words, "goals", caption, columns(words, &names)).rows(rows)
}

async fn filters(
    observatory: &Observatory,
    words: &Words,
    query: &EditionQuery,
    all: &[crate::Edition],
    shown: Quarter,
) -> Result<Form, Failure> {
    let quarters = all
        .iter()
        .map(|one| (one.quarter.to_string(), quarter(words, one.quarter)));
    let known = crate::store::procedures::ministries(&observatory.db).await;
    let known = known.map_err(crate::ObservatoryError::from)?;
    let ministries = ministries(observatory, words, &known).await?;
    Ok(
        Form::filters("/observatory", words.text("observatory-filter")).fields([
            Field::select(
                "quarter",
                WORDING.label(words, "quarter"),
                quarters.collect(),
            )
            .value(shown.to_string()),
            Field::select("ministry", WORDING.label(words, "ministry"), ministries)
                .value(&query.ministry),
        ]),
    )
}

pub(super) async fn show(
    State(observatory): State<Observatory>,
    cx: Cx,
    Query(query): Query<EditionQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let asked = optional("quarter", &query.quarter, |text| text.parse().ok())?;
    let id = |text: &str| text.parse::<Uuid>().ok();
    let ministry = optional("ministry", &query.ministry, id)?;
    let all = observatory.editions().await?;
    let shell = cx
        .shell(words.text("observatory-title"))
        .lead(words.text("observatory-lead"));
    let Some(shown) = asked.or_else(|| all.first().map(|one| one.quarter)) else {
        let none = Notice::new(
            Tone::Info,
            words.text("observatory-none"),
            words.text("observatory-none-text"),
        );
        return Ok(Page(Composed::new(shell).with(none)));
    };
    let standing = observatory.edition(shown).await?;
    let after = id(&query.after);
    let limit = PAGE_ROWS + 1;
    let mut found = observatory
        .edition_rows(shown, ministry, after, limit)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let told = shown.to_string();
    let pairs = [
        ("quarter", told.as_str()),
        ("ministry", query.ministry.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = last.procedure.to_string();
        address("/observatory", &[pairs[0], pairs[1], ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address("/observatory", &pairs));
    let mut names = vec!["procedure".to_owned()];
    names.extend(SHOWN.map(|one| one.code().to_owned()));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let caption = words.text_with(
        "observatory-edition",
        &[("quarter", quarter(&words, shown).into())],
    );
    let table = Table::new(&words, "procedures", caption, columns(&words, &names))
        .rows(found.iter().map(|one| row(&words, one)))
        .pages(Pages { previous, next })
        .empty(words.text("observatory-edition-empty"));
    let source = words.text_with(
        "observatory-goals-source",
        &[
            (
                "date",
                format::instant(words.locale, standing.edition.made_at).into(),
            ),
            ("number", standing.edition.procedures.into()),
        ],
    );
    let chart = Chart::new("bars", "goals", words.text("observatory-goals"), source)
        .setting("format", "percent");
    let how = words.text_with("observatory-how", &[("number", REVIEWS_MIN.into())]);
    Ok(Page(
        Composed::new(shell.with_charts())
            .with(filters(&observatory, &words, &query, &all, shown).await?)
            .with(chart)
            .with(goals(&words, &standing))
            .with(table)
            .text(how),
    ))
}
