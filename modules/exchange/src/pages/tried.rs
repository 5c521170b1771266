//! What a rule would have done, had it acted.

use kit_http::{Cx, Failure};
use kit_ui::{Cell, Composed, Table, format};

use super::words::{columns, instant, number_column};
use crate::rules::{TRIED_DAYS, Tried};
use crate::store::accreditations;
use crate::{Exchange, ExchangeError, KeptRule};

/// Windows of the past that a page shows.
const TRIED_SHOWN: usize = 50;

/// What the rule would have done.
pub(super) async fn part(
    exchange: &Exchange,
    cx: &Cx,
    kept: &KeptRule,
    tried: &Tried,
    page: Composed,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let count = i64::try_from(tried.fired.len()).unwrap_or(i64::MAX);
    let args = [
        ("times", format::count(cx.locale, count).into()),
        ("since", format::instant(cx.locale, tried.since).into()),
        ("days", TRIED_DAYS.to_string().into()),
    ];
    let mut rows = Vec::new();
    for one in tried.fired.iter().take(TRIED_SHOWN) {
        let of = accreditations::find(&exchange.db, one.accreditation)
            .await
            .map_err(ExchangeError::from)?;
        let name = of.map_or_else(
            || one.accreditation.to_string(),
            |of| format!("n°\u{a0}{} — {}", of.number, of.title),
        );
        rows.push(vec![
            instant(cx, Some(one.window.0)),
            Cell::text(name),
            super::alerts::value(cx, kept.rule.kind, one.measured.value),
            super::words::number(cx, i64::try_from(one.measured.calls).unwrap_or(i64::MAX)),
        ]);
    }
    let mut of_windows = columns(&words, &["window", "accreditation"]);
    of_windows.push(number_column(&words, "measured"));
    of_windows.push(number_column(&words, "calls"));
    let caption = words.text("exchange-rule-tried");
    let table = Table::new(&words, "tried", caption, of_windows)
        .rows(rows)
        .empty(words.text("exchange-rule-tried-empty"));
    Ok(page
        .heading(words.text("exchange-rule-tried"))
        .text(words.text_with("exchange-rule-tried-lead", &args))
        .with(table))
}
