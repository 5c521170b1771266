//! Two versions of a product's cost, line by line.

use kit_http::{Cx, Failure, Page, Path, Query, State};
use kit_ui::{Cell, Composed, Facts, Field, Form, Table, Words, format};
use ports::ProductId;
use serde::Deserialize;
use uuid::Uuid;

use super::shell_below;
use super::words::{change, columns, kind, money, with_unit};
use crate::domain::Content;
use crate::{Costs, Version};

/// Which versions.
#[derive(Debug, Deserialize)]
pub(super) struct CompareQuery {
    #[serde(default)]
    from: i64,
    #[serde(default)]
    to: i64,
}

/// The lines that differ, then the total; also what a second author is shown of the first one's.
pub(super) fn differences(words: &Words, before: &Content, after: &Content) -> Table {
    let cell = |cents: Option<i64>| cents.map_or_else(Cell::unknown, |cents| money(words, cents));
    let beside = before.beside(after);
    let rows = beside.iter().filter(|one| one.was != one.is).map(|one| {
        let by = one.is.unwrap_or_default() - one.was.unwrap_or_default();
        vec![
            Cell::text(kind(words, one.kind)),
            Cell::text(one.year.to_string()).value(one.year),
            Cell::text(&one.label),
            cell(one.was),
            cell(one.is),
            change(words, by),
        ]
    });
    let mut rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        let was: i64 = beside.iter().filter_map(|one| one.was).sum();
        let is: i64 = beside.iter().filter_map(|one| one.is).sum();
        rows.push(vec![
            Cell::text(words.text("costs-total")),
            Cell::text(""),
            Cell::text(""),
            money(words, was),
            money(words, is),
            change(words, is - was),
        ]);
    }
    let names = ["kind", "year", "label", "#before", "#after", "#change"];
    let caption = words.text("costs-differences");
    Table::new(words, "differences", caption, columns(words, &names))
        .rows(rows)
        .empty(words.text("costs-differences-none"))
}

/// The assumptions that differ, by name.
fn assumptions(words: &Words, before: &Content, after: &Content) -> Option<Table> {
    let mut names: Vec<&str> = Vec::new();
    let both = before.assumptions.iter().chain(&after.assumptions);
    for one in both {
        if !names.contains(&one.name.as_str()) {
            names.push(&one.name);
        }
    }
    let said = |content: &Content, name: &str| {
        let found = content.assumptions.iter().find(|one| one.name == name);
        found.map_or_else(Cell::unknown, |one| {
            let range = [
                ("low", with_unit(words.locale, one.low, &one.unit).into()),
                ("high", with_unit(words.locale, one.high, &one.unit).into()),
            ];
            Cell::text(with_unit(words.locale, one.value, &one.unit))
                .note(words.text_with("costs-range", &range))
        })
    };
    let differs = |name: &str| {
        let find = |content: &Content| {
            let mut all = content.assumptions.iter();
            all.find(|one| one.name == name).cloned()
        };
        find(before) != find(after)
    };
    let rows: Vec<_> = names
        .into_iter()
        .filter(|name| differs(name))
        .map(|name| vec![Cell::text(name), said(before, name), said(after, name)])
        .collect();
    if rows.is_empty() {
        return None;
    }
    let caption = words.text("costs-assumptions-differ");
    let columns = columns(words, &["assumption", "before-text", "after-text"]);
    Some(Table::new(words, "assumptions", caption, columns).rows(rows))
}

fn about(words: &Words, version: &Version) -> String {
    let args = [
        ("number", version.number.to_string().into()),
        (
            "date",
            format::date(words.locale, version.content.as_of).into(),
        ),
        ("author", version.author.as_str().into()),
        ("reason", version.reason.as_str().into()),
    ];
    words.text_with("costs-version-about", &args)
}

pub(super) async fn show(
    State(costs): State<Costs>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<CompareQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (product, file) = costs.file(&cx.actor, ProductId(id)).await?;
    let file = file.ok_or(Failure::NotFound)?;
    let to = if query.to == 0 { file.latest } else { query.to };
    let from = if query.from == 0 {
        (to - 1).max(1)
    } else {
        query.from
    };
    let (before, after) = (
        costs.version(&file, from).await?,
        costs.version(&file, to).await?,
    );
    let mut numbers: Vec<(String, String)> = costs
        .versions(&file, None)
        .await?
        .iter()
        .map(|one| (one.number.to_string(), about(&words, one)))
        .collect();
    for one in [&before, &after] {
        let number = one.number.to_string();
        if !numbers.iter().any(|(known, _)| *known == number) {
            numbers.push((number, about(&words, one)));
        }
    }
    let choose = |name: &str, number: i64| {
        let label = words.text(&format!("costs-compare-{name}"));
        Field::select(name, label, numbers.clone()).value(number.to_string())
    };
    let own = format!("/products/{}/costs/compare", product.id);
    let form = Form::filters(own, words.text("costs-compare-submit"))
        .field(choose("from", before.number))
        .field(choose("to", after.number));
    let facts = Facts::default()
        .text(words.text("costs-compare-from"), about(&words, &before))
        .text(words.text("costs-compare-to"), about(&words, &after));
    let shell = shell_below(&cx, words.text("costs-compare"), &product)
        .lead(words.text("costs-compare-lead"));
    Ok(Page(
        Composed::new(shell)
            .with(form)
            .with(facts)
            .with(differences(&words, &before.content, &after.content))
            .maybe(assumptions(&words, &before.content, &after.content)),
    ))
}
