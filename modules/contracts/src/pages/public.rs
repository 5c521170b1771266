//! Published contracts: what anybody reads.

use kit_acts::{address, cursor, day, day_text, euros, place};
use kit_http::{Cx, Failure, Page, Path, Query, State};
use kit_ui::{Cell, Column, Composed, Facts, Pages, Table, format};
use serde::Deserialize;
use uuid::Uuid;

use super::contracts::{check_state, state, tranche_state};
use super::text;
use crate::domain::CheckState;
use crate::reading::latest_first;
use crate::{Contracts, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(contracts): State<Contracts>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let here = "/contracts/published";
    let before = place(&query.after, latest_first());
    let mut found = contracts.published_list(before, PAGE_ROWS + 1).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let next = found.last().filter(|_| more).and_then(|last| {
        let after = cursor(last.publication.as_ref()?.on, last.id);
        Some(address(here, &[("after", &after)]))
    });
    let previous = (!query.after.is_empty()).then(|| here.to_owned());
    let rows = found.iter().map(|one| {
        vec![
            Cell::link(&one.title, format!("{here}/{}", one.id)),
            Cell::text(&one.product_title),
            Cell::text(words.text(&format!("contracts-kind-{}", one.kind.code()))),
            state(&cx, one.state),
            if one.amount_cents > 0 {
                euros(&cx, one.amount_cents)
            } else {
                Cell::unknown()
            },
            day(&cx, one.publication.as_ref().map(|planned| planned.on)),
        ]
    });
    let mut names = WORDING.columns(&words, &["contract", "product", "kind", "state"]);
    names.push(Column::number(words.text("contracts-column-amount")));
    names.extend(WORDING.columns(&words, &["published"]));
    let table = Table::new(
        &words,
        "contracts",
        words.text("contracts-published"),
        names,
    )
    .rows(rows)
    .pages(Pages { previous, next })
    .empty(words.text("contracts-published-empty"));
    let shell = cx
        .shell(words.text("contracts-published"))
        .lead(words.text("contracts-published-lead"));
    Ok(Page(Composed::new(shell).with(table)))
}

pub(super) async fn show(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let told = contracts.published(id).await?;
    let one = &told.contract;
    let name = |key: &str| words.text(&format!("contracts-fact-{key}"));
    let mut facts = Facts::default()
        .text(name("state"), state(&cx, one.state).text)
        .text(name("ends"), day_text(&cx, one.ends_on))
        .text(name("hash"), &told.sha256);
    if let Some(planned) = &one.publication {
        facts = facts.text(
            name("publication"),
            WORDING.publication(&cx, planned, contracts.source.today()),
        );
    }
    for signature in &told.signatures {
        let side = words.text(&format!("contracts-side-{}", signature.side.code()));
        let on = format::date(cx.locale, kit_time::day_in_paris(signature.at));
        let said = format!("{}, {} — {on}", signature.name, signature.role);
        facts = facts.text(side, said);
    }
    let rows = told.tranches.iter().map(|one| {
        vec![
            Cell::text(format!("{}. {}", one.number, one.label)),
            euros(&cx, one.amount_cents),
            Cell::text(text::condition(&words, &told.terms, &one.condition)),
            tranche_state(&cx, one.state),
            day(&cx, one.released.as_ref().map(|(on, _)| *on)),
            day(&cx, one.paid_on),
        ]
    });
    let mut names = WORDING.columns(&words, &["tranche"]);
    names.push(Column::number(words.text("contracts-column-amount")));
    names.extend(WORDING.columns(&words, &["condition", "state", "released", "paid"]));
    let tranches = (!told.tranches.is_empty()).then(|| {
        Table::new(&words, "tranches", words.text("contracts-tranches"), names).rows(rows)
    });
    let rows = told.terms.clauses.iter().map(|clause| {
        let found = told
            .checks
            .iter()
            .find(|check| check.doctrine == clause.doctrine);
        let state = found.map_or(CheckState::NotChecked, |check| check.state);
        vec![
            Cell::text(words.text(&format!("contracts-doctrine-{}", clause.doctrine.code()))),
            Cell::text(&clause.demand),
            check_state(&cx, state),
        ]
    });
    let names = WORDING.columns(&words, &["clause", "demand", "state"]);
    let clauses = Table::new(&words, "clauses", words.text("contracts-clauses"), names).rows(rows);
    let lines = text::lines(&words, &told.terms).into_iter();
    let lines = lines.fold(Facts::default(), |all, (name, value)| all.text(name, value));
    let shell = cx
        .shell(&told.terms.title)
        .lead(&one.product_title)
        .crumb(words.text("contracts-published"), "/contracts/published");
    Ok(Page(
        Composed::new(shell)
            .with(facts)
            .maybe(tranches)
            .heading(words.text("contracts-text"))
            .with(lines)
            .with(clauses),
    ))
}
