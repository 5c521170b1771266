//! Gateways, for those who run them: what each knows, and how far its traces have come.

use jiff::{SignedDuration, Timestamp};
use kit_http::{Cx, Failure, Page, Query, State};
use kit_ui::{Cell, Composed, Pages, Table, Tone, format};
use serde::Deserialize;

use super::words::{address, columns, instant, number, number_column};
use crate::{Exchange, KnownGateway};

/// Gateways on one page.
const PAGE_ROWS: u32 = 50;
/// A gateway tells every ten seconds: one that was silent for so long is seen as such.
const SILENT: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    after: String,
}

fn place(text: &str) -> Option<(Timestamp, String)> {
    let (at, log) = text.split_once(':')?;
    let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
    Some((at, log.to_owned()))
}

fn next_page(last: &KnownGateway) -> String {
    let after = format!("{}:{}", last.heard_at.as_microsecond(), last.log);
    address("/exchange/gateways", &[("after", &after)])
}

pub(super) async fn list(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let found = exchange.gateways(&cx.actor, place(&query.after), PAGE_ROWS + 1);
    let mut found = found.await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let next = found.last().filter(|_| more).map(next_page);
    let previous = (!query.after.is_empty()).then(|| "/exchange/gateways".to_owned());
    let in_force = exchange.snapshot_number().await?;
    let now = exchange.source.now();
    let rows = found.iter().map(|one| {
        let told = |key: &str, value: String| words.text_with(key, &[("value", value.into())]);
        let count = |number: u64| {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            format::count(cx.locale, number)
        };
        let snapshot = match one.number {
            Some(known) if known == in_force => Cell::status(Tone::Success, count(known)),
            Some(known) => Cell::status(Tone::Warning, count(known))
                .note(told("exchange-gateway-in-force", count(in_force))),
            None => Cell::status(Tone::Error, words.text("exchange-gateway-blind")),
        };
        let heard = format::instant(cx.locale, one.heard_at);
        let heard = if now.duration_since(one.heard_at) > SILENT {
            Cell::status(Tone::Error, heard).note(words.text("exchange-gateway-silent"))
        } else {
            Cell::status(Tone::Success, heard)
        };
        let waiting = match one.durable.checked_sub(one.next) {
            Some(waiting) => number(&cx, i64::try_from(waiting).unwrap_or(i64::MAX)),
            None => Cell::status(Tone::Error, words.text("exchange-gateway-put-back")),
        };
        vec![
            Cell::text(&one.url).note(one.log.as_str()),
            Cell::text(&one.version),
            snapshot,
            instant(&cx, one.told_at),
            waiting,
            number(&cx, i64::try_from(one.next).unwrap_or(i64::MAX)),
            heard.value(one.heard_at),
        ]
    });
    let mut of_gateways = columns(&words, &["gateway", "program", "snapshot", "told"]);
    of_gateways.push(number_column(&words, "waiting"));
    of_gateways.push(number_column(&words, "kept"));
    of_gateways.extend(columns(&words, &["heard"]));
    let caption = words.text("exchange-gateways");
    let table = Table::new(&words, "gateways", caption, of_gateways)
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("exchange-gateways-empty"));
    let shell = cx
        .shell(words.text("exchange-gateways"))
        .lead(words.text("exchange-gateways-lead"));
    Ok(Page(Composed::new(shell).with(table)))
}
