//! Gateways, for those who run them: what each knows, and how far its traces have come.

use jiff::{SignedDuration, Timestamp};
use kit_http::{Cx, Failure, Page, Query, State};
use kit_ui::{Cell, Composed, Table, Tone, format};
use serde::Deserialize;

use super::words::{address, columns, cut, instant, number, number_column};
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

fn place_of(last: &KnownGateway) -> String {
    format!("{}:{}", last.heard_at.as_microsecond(), last.log)
}

/// The host and port of a gateway's address: the rest of a line is for what changes.
fn host(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, after)| after);
    after.split('/').next().unwrap_or(after)
}

pub(super) async fn list(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let found = exchange.gateways(&cx.actor, place(&query.after), PAGE_ROWS + 1);
    let base = |after: &str| address("/exchange/gateways", &[("after", after)]);
    let (found, pages) = cut(found.await?, PAGE_ROWS, &query.after, base, place_of);
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
            Cell::text(host(&one.url)).value(&one.url),
            Cell::text(&one.version),
            snapshot,
            instant(&cx, one.told_at),
            waiting,
            number(&cx, i64::try_from(one.next).unwrap_or(i64::MAX)),
            heard.value(one.heard_at),
            Cell::text(one.log.as_str()),
        ]
    });
    let mut of_gateways = columns(&words, &["gateway", "program", "snapshot", "told"]);
    of_gateways.push(number_column(&words, "waiting"));
    of_gateways.push(number_column(&words, "kept"));
    of_gateways.extend(columns(&words, &["heard", "log"]));
    let caption = words.text("exchange-gateways");
    let table = Table::new(&words, "gateways", caption, of_gateways)
        .rows(rows)
        .pages(pages)
        .empty(words.text("exchange-gateways-empty"));
    let shell = cx
        .shell(words.text("exchange-gateways"))
        .lead(words.text("exchange-gateways-lead"));
    Ok(Page(Composed::new(shell).with(table)))
}
