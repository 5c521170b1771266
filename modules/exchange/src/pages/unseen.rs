//! What the page of a person's calls can't show, and why: public, as the catalogue is.

use kit_http::{Cx, Failure, Page, Query, State};
use kit_ui::{Cell, Composed, Pages, Table, format};
use serde::Deserialize;

use super::citizens::{ACCESSES, shell};
use super::words::{address, columns};
use crate::Exchange;
use crate::citizens::Unseen;

/// What the page of a person's calls can't show.
pub(super) const UNSEEN: &str = "/citizen/unseen";
/// APIs on one page.
const UNSEEN_ROWS: usize = 50;

#[derive(Debug, Deserialize)]
pub(super) struct UnseenQuery {
    #[serde(default)]
    page: usize,
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(asked): Query<UnseenQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let all = exchange.unseen().await?;
    let first = asked.page.saturating_mul(UNSEEN_ROWS);
    let some: Vec<&Unseen> = all.iter().skip(first).take(UNSEEN_ROWS).collect();
    let at = |page: usize| address(UNSEEN, &[("page", &page.to_string())]);
    let has_more = first.saturating_add(UNSEEN_ROWS) < all.len();
    let pages = || Pages {
        previous: (asked.page > 0).then(|| at(asked.page - 1)),
        next: has_more.then(|| at(asked.page + 1)),
    };
    let numbered = some
        .iter()
        .filter(|one| !one.numbered.is_empty())
        .map(|one| {
            vec![
                Cell::text(&one.api),
                Cell::text(&one.producer),
                Cell::text(one.numbered.join(", ")),
            ]
        });
    let later = some.iter().flat_map(|one| {
        one.later.iter().map(|(operation, days, reason)| {
            vec![
                Cell::text(&one.api).note(operation),
                Cell::text(&one.producer),
                Cell::number(format::count(cx.locale, i64::from(*days)), *days),
                Cell::text(reason),
            ]
        })
    });
    let of_numbered = columns(&words, &["api", "producer", "operations"]);
    let caption = words.text("exchange-citizen-numbered");
    let by_number = Table::new(&words, "numbered", caption, of_numbered)
        .rows(numbered)
        .pages(pages())
        .empty(words.text("exchange-citizen-numbered-empty"));
    let mut of_later = columns(&words, &["api", "producer"]);
    of_later.push(super::words::number_column(&words, "days"));
    of_later.extend(columns(&words, &["reason"]));
    let shown_later = Table::new(
        &words,
        "later",
        words.text("exchange-citizen-later"),
        of_later,
    )
    .rows(later)
    .pages(pages())
    .empty(words.text("exchange-citizen-later-empty"));
    let shell = shell(&cx, words.text("exchange-citizen-unseen"))
        .crumb(words.text("exchange-citizen-accesses"), ACCESSES)
        .lead(words.text("exchange-citizen-unseen-lead"));
    let page = Composed::new(shell)
        .heading(words.text("exchange-citizen-numbered"))
        .text(words.text("exchange-citizen-numbered-text"))
        .with(by_number)
        .heading(words.text("exchange-citizen-later"))
        .text(words.text("exchange-citizen-later-text"))
        .with(shown_later)
        .heading(words.text("exchange-citizen-inquiries"))
        .text(words.text("exchange-citizen-inquiries-text"))
        .heading(words.text("exchange-citizen-other-writing"))
        .text(words.text("exchange-citizen-other-writing-text"));
    Ok(Page(page))
}
