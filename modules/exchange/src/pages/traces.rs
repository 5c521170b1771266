//! Calls: charts by time, requester and purpose, and each call that was traced.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use kit_http::{Body, Cx, Download, Failure, Page, Query, State};
use kit_ui::{Cell, Chart, Column, Composed, Field, Form, Table, format};
use serde::Deserialize;

use super::words::{address, columns, cut, instant, label, number, number_column};
use crate::access::{READ_OWN, READ_PRODUCED};
use crate::api::Period;
use crate::store::traces::{KeptTrace, Side, Sums, TraceFilter, text as keepable};
use crate::traces::EXPORT_MAX;
use crate::{Exchange, ExchangeError};

/// Traces on one page.
const PAGE_ROWS: u32 = 50;

/// What is asked for; the page and its file share it.
#[derive(Debug, Default, Clone, Deserialize)]
pub(super) struct TraceQuery {
    /// `producer:ID` or `requester:SIRET`; the first one that the actor may see unless told.
    #[serde(default)]
    side: String,
    #[serde(default)]
    requester: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    api: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    after: String,
}

impl TraceQuery {
    fn address(&self, base: &str, after: &str) -> String {
        address(
            base,
            &[
                ("side", &self.side),
                ("requester", &self.requester),
                ("purpose", &self.purpose),
                ("api", &self.api),
                ("subject", &self.subject),
                ("from", &self.from),
                ("to", &self.to),
                ("after", after),
            ],
        )
    }

    fn days(&self, today: Date) -> Result<(Date, Date), Failure> {
        let period = Period {
            from: self.from.clone(),
            to: self.to.clone(),
        };
        period.days(today)
    }

    fn filter(&self, days: (Date, Date)) -> Result<TraceFilter, Failure> {
        // As it would be kept: what can't be kept isn't found, and isn't asked of the database.
        let text = |one: &str| Some(keepable(one.trim().to_owned())).filter(|one| !one.is_empty());
        let (from, to) = instants(days);
        let api = match self.api.trim() {
            "" => None,
            text => {
                let unknown = |_| Failure::field("api", "unreadable", "an id");
                Some(text.parse().map_err(unknown)?)
            }
        };
        Ok(TraceFilter {
            requester: text(&self.requester),
            purpose: text(&self.purpose),
            api,
            subject: text(&self.subject),
            from: Some(from),
            to: Some(to),
        })
    }

    fn side(&self) -> Option<Side> {
        match self.side.split_once(':')? {
            ("producer", id) => id.parse().ok().map(Side::Producer),
            ("requester", siret) => Some(Side::Requester(siret::digits(siret)?)),
            _ => None,
        }
    }
}

/// The sides from which the actor may look: code and name.
async fn sides(exchange: &Exchange, cx: &Cx) -> Result<Vec<(String, String)>, Failure> {
    let words = cx.words();
    let parties = crate::store::head::parties(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    let all = crate::store::apis::every(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    let mut sides = Vec::new();
    for party in parties {
        let name = |key: &str| words.text_with(key, &[("name", party.name.as_str().into())]);
        let produces = all.iter().any(|api| api.producer == party.id);
        if produces && cx.actor.may(&READ_PRODUCED, Some(party.id)) {
            sides.push((
                format!("producer:{}", party.id),
                name("exchange-side-of-producer"),
            ));
        }
        if !produces && cx.actor.may(&READ_OWN, Some(party.id)) {
            sides.push((
                format!("requester:{}", party.siret),
                name("exchange-side-of-requester"),
            ));
        }
    }
    sides.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(sides)
}

/// The instants at which days begin and end in Paris; the first and the last that there are, for days at the
/// end of time.
pub(crate) fn instants(days: (Date, Date)) -> (Timestamp, Timestamp) {
    let zone = TimeZone::get(kit_time::PARIS).unwrap_or(TimeZone::UTC);
    let begins = |day: Date| day.to_zoned_datetime(zone.clone()).ok();
    let from = begins(days.0).map_or(Timestamp::MIN, |at| at.timestamp());
    let after = days.1.checked_add(1.day()).ok().and_then(begins);
    (from, after.map_or(Timestamp::MAX, |at| at.timestamp()))
}

/// Where a list of traces goes on after this one: microseconds, place, log.
pub(crate) fn trace_cursor(last: &KeptTrace) -> String {
    let at = last.trace.at.as_microsecond();
    format!("{at}:{}:{}", last.index, last.log)
}

/// What a cursor says; anything else begins at the first page.
pub(crate) fn trace_place(text: &str) -> Option<(Timestamp, String, i64)> {
    let mut parts = text.splitn(3, ':');
    let at = Timestamp::from_microsecond(parts.next()?.parse().ok()?).ok()?;
    let index = parts.next()?.parse().ok()?;
    Some((at, keepable(parts.next()?.to_owned()), index))
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(mut query): Query<TraceQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let sides = sides(&exchange, &cx).await?;
    if query.side.is_empty()
        && let Some((first, _)) = sides.first()
    {
        query.side.clone_from(first);
    }
    let today = exchange.source.today();
    let days = query.days(today)?;
    let shell = cx
        .shell(words.text("exchange-traces"))
        .lead(words.text("exchange-traces-lead"))
        .with_charts();
    let filters = Form::filters("/exchange/traces", words.text("exchange-filter"))
        .field(Field::select("side", label(&words, "side"), sides).value(&query.side))
        .field(Field::text("requester", label(&words, "requester_siret")).value(&query.requester))
        .field(Field::text("purpose", label(&words, "purpose")).value(&query.purpose))
        .field(Field::text("subject", label(&words, "pseudonym")).value(&query.subject))
        .field(Field::line("date", "from", label(&words, "from")).value(days.0.to_string()))
        .field(Field::line("date", "to", label(&words, "to")).value(days.1.to_string()));
    let page = Composed::new(shell).with(filters);
    let Some(side) = query.side() else {
        return Ok(Page(page.text(words.text("exchange-traces-none"))));
    };
    let page = charts(&exchange, &cx, &side, days, page).await?;
    Ok(Page(
        calls(&exchange, &cx, &side, &query, days, page).await?,
    ))
}

async fn charts(
    exchange: &Exchange,
    cx: &Cx,
    side: &Side,
    days: (Date, Date),
    page: Composed,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let [by_day, by_requester, by_purpose] = exchange.count_traces(&cx.actor, side, days).await?;
    let asking = by_requester.iter().map(|(siret, _)| siret.as_str());
    let names = exchange.party_names(asking).await?;
    let mut page = page;
    let figures = |first: Column| {
        vec![
            first,
            super::producer::count_column(&words),
            number_column(&words, "failures"),
            super::catalogue::pieces_column(&words),
        ]
    };
    let cells = |first: Cell, sums: Sums| {
        vec![
            first,
            number(cx, sums.calls),
            number(cx, sums.failures),
            number(cx, sums.pieces),
        ]
    };
    let source = words.text("exchange-traces-source");
    let rows: Vec<_> = by_day
        .into_iter()
        .map(|(day, sums)| {
            let text = day
                .parse()
                .map_or_else(|_| day.clone(), |date| format::date(cx.locale, date));
            cells(Cell::text(text).value(day), sums)
        })
        .collect();
    let caption = words.text("exchange-by-day");
    let first = Column::text(words.text("exchange-column-day"));
    if !rows.is_empty() {
        page = page.with(Chart::new(
            "bars",
            "by-day",
            caption.as_str(),
            source.as_str(),
        ));
    }
    let table = Table::new(&words, "by-day", caption, figures(first)).rows(rows);
    page = page.with(table.empty(words.text("exchange-traces-empty")));
    let of_others = [
        (
            "by-requester",
            "exchange-by-requester",
            "exchange-column-requester",
            by_requester,
        ),
        (
            "by-purpose",
            "exchange-by-purpose",
            "exchange-column-purpose",
            by_purpose,
        ),
    ];
    for (id, caption, column, counted) in of_others {
        let caption = words.text(caption);
        let rows: Vec<_> = counted
            .into_iter()
            .map(|(name, sums)| {
                let text = if name.is_empty() {
                    words.text("exchange-none-shown")
                } else {
                    names.get(&name).cloned().unwrap_or(name)
                };
                cells(Cell::text(text), sums)
            })
            .collect();
        if !rows.is_empty() {
            page = page.with(Chart::new("bars", id, caption.as_str(), source.as_str()));
        }
        let first = Column::text(words.text(column));
        let table = Table::new(&words, id, caption, figures(first)).rows(rows);
        page = page.with(table.empty(words.text("exchange-traces-empty")));
    }
    Ok(page)
}

/// When it was called, with the mark of what the person doesn't see yet.
fn hidden(cx: &Cx, trace: &ports::exchange::Trace) -> Cell {
    let cell = instant(cx, Some(trace.at));
    match trace.hidden_until {
        Some(until) if until > cx.now() => {
            let until = format::instant(cx.locale, until);
            let args = [("until", until.into())];
            cell.note(cx.words().text_with("exchange-hidden-until", &args))
        }
        _ => cell,
    }
}

async fn calls(
    exchange: &Exchange,
    cx: &Cx,
    side: &Side,
    query: &TraceQuery,
    days: (Date, Date),
    page: Composed,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let filter = query.filter(days)?;
    let before = trace_place(&query.after);
    let limit = PAGE_ROWS + 1;
    let found = exchange
        .search_traces(&cx.actor, side, &filter, before, limit)
        .await?;
    let base = |after: &str| query.address("/exchange/traces", after);
    let (found, pages) = cut(found, PAGE_ROWS, &query.after, base, trace_cursor);
    let apis = exchange.api_names().await?;
    let parties = exchange
        .party_names(found.iter().flat_map(crate::traces::sirets))
        .await?;
    let party = |siret: &Option<String>| match siret {
        None => Cell::unknown(),
        Some(siret) => match parties.get(siret) {
            Some(name) => Cell::text(name).note(siret),
            None => Cell::text(siret),
        },
    };
    let api = |trace: &ports::exchange::Trace| {
        let cell = Cell::text(apis.get(&trace.api).cloned().unwrap_or_default());
        if trace.on_behalf {
            cell.note(words.text("exchange-on-behalf"))
        } else {
            cell
        }
    };
    let rows = found.iter().map(|kept| {
        let trace = &kept.trace;
        let text = |text: &Option<String>| match text {
            Some(text) => Cell::text(text),
            None => Cell::unknown(),
        };
        let status = match &trace.problem {
            Some(problem) => Cell::text(format!("{} {problem}", trace.status)),
            None => Cell::text(trace.status.to_string()),
        };
        vec![
            hidden(cx, trace),
            api(trace),
            party(&trace.requester),
            text(&trace.purpose),
            text(&trace.object),
            party(&trace.recipient),
            text(&trace.subject),
            status,
            number(
                cx,
                i64::try_from(trace.latency_us / 1_000).unwrap_or(i64::MAX),
            ),
        ]
    });
    let names = [
        "at",
        "api",
        "requester",
        "purpose",
        "object",
        "recipient",
        "pseudonym",
        "status",
    ];
    let mut of_calls = columns(&words, &names);
    of_calls.push(number_column(&words, "latency"));
    let table = Table::new(&words, "calls", words.text("exchange-calls"), of_calls)
        .rows(rows)
        .pages(pages)
        .empty(words.text("exchange-calls-empty"));
    let limit = format::count(cx.locale, i64::try_from(EXPORT_MAX).unwrap_or(i64::MAX));
    let text = words.text_with("exchange-traces-csv", &[("limit", limit.into())]);
    Ok(page
        .heading(words.text("exchange-calls"))
        .with(table)
        .link(text, query.address("/exchange/traces.csv", "")))
}

pub(super) async fn csv(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(query): Query<TraceQuery>,
) -> Result<Download, Failure> {
    let days = query.days(exchange.source.today())?;
    let missing = || Failure::field("side", "missing", "producer:ID or requester:SIRET");
    let side = match query.side() {
        Some(side) => side,
        None if query.side.is_empty() => {
            let sides = sides(&exchange, &cx).await?;
            let first = sides
                .into_iter()
                .next()
                .map(|(side, _)| side)
                .unwrap_or_default();
            let query = TraceQuery {
                side: first,
                ..TraceQuery::default()
            };
            query.side().ok_or_else(missing)?
        }
        None => return Err(missing()),
    };
    let file = exchange
        .traces_csv(&cx.actor, &side, &query.filter(days)?)
        .await?;
    Ok(Download {
        file_name: format!("traces-{}-{}.csv", days.0, days.1),
        content_type: "text/csv; charset=utf-8",
        body: Body::from(file),
    })
}
