//! What anybody reads: decisions on start-ups, once published.

use kit_acts::{cursor, place};
use kit_http::{Cx, Failure, Page, Path, Query, State};
use kit_ui::{Actions, Composed, Pages, Table};
use serde::Deserialize;
use uuid::Uuid;

use super::decisions::{COLUMNS, facts, figures, row};
use crate::reading::latest_first;
use crate::{Startups, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(startups): State<Startups>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let here = "/start-ups/published";
    let before = place(&query.after, latest_first());
    let mut found = startups.published_decisions(before, PAGE_ROWS + 1).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.publication.on, last.id);
        format!("{here}?after={after}")
    });
    let previous = (!query.after.is_empty()).then(|| here.to_owned());
    let caption = words.text("startups-published");
    let table = Table::new(
        &words,
        "decisions",
        caption,
        WORDING.columns(&words, &COLUMNS),
    )
    .rows(found.iter().map(|one| row(&cx, one, here)))
    .pages(Pages { previous, next })
    .empty(words.text("startups-published-empty"));
    let shell = cx
        .shell(words.text("startups-published"))
        .lead(words.text("startups-published-lead"));
    Ok(Page(Composed::new(shell).with(table)))
}

pub(super) async fn show(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let one = startups.published_decision(id).await?;
    let name = |key: &str| words.text(&format!("startups-fact-{key}"));
    let facts = facts(&cx, &one)
        .link(
            name("product"),
            &one.product_title,
            format!("/products/{}", one.product),
        )
        .text(
            name("publication"),
            WORDING.publication(&cx, &one.publication, startups.source.today()),
        );
    let file = Actions(vec![(
        words.text("startups-decision-pdf"),
        format!("/start-ups/published/{id}/decision.pdf"),
    )]);
    let shell = cx
        .shell(words.text("startups-decision"))
        .lead(&one.product_title)
        .crumb(words.text("startups-published"), "/start-ups/published");
    Ok(Page(
        Composed::new(shell)
            .with(facts)
            .with(file)
            .with(figures(&cx, &one)),
    ))
}
