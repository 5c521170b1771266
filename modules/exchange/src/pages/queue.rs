//! Requests that wait for a decision: their age, their deadlines, who has them.

use kit_http::{Cx, Failure, Page, Query, State};
use kit_ui::{Cell, Composed, Field, Figure, Figures, Form, Table, Tone, format};
use serde::Deserialize;

use super::words::{
    accreditation_link, columns, days, instant, label, named, number, number_column, request_state,
};
use crate::decisions::DECISION_WORKING_DAYS;
use crate::domain::{RequestKind, RequestState};
use crate::store::accreditations::Accreditation;
use crate::store::head;
use crate::{Exchange, ExchangeError};

#[derive(Debug, Default, Deserialize)]
pub(super) struct QueueQuery {
    #[serde(default)]
    who: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    late: String,
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(query): Query<QueueQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let today = kit_time::day_in_paris(cx.now());
    let all = exchange.queue(&cx.actor).await?;
    let is_late = |one: &Accreditation| {
        one.life.request == RequestState::Submitted && one.due_on.is_some_and(|due| due < today)
    };
    let waiting = all
        .iter()
        .filter(|one| one.life.request == RequestState::Submitted)
        .count();
    let late = all.iter().filter(|one| is_late(one)).count();
    let shown = all.iter().filter(|one| {
        let by_who = match query.who.as_str() {
            "me" => one.instructor.is_some() && one.instructor == cx.actor.person_id(),
            "nobody" => one.instructor.is_none(),
            _ => true,
        };
        let by_kind = RequestKind::parse(&query.kind).is_none_or(|kind| one.life.kind == kind);
        by_who && by_kind && (query.late != "yes" || is_late(one))
    });
    let parties = head::parties(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    let rows = shown.map(|one| {
        let requester = parties.iter().find(|party| party.id == one.requester);
        let age = one
            .submitted_at
            .map_or(0, |at| cx.now().as_second() - at.as_second());
        let due = one.due_on.map_or_else(Cell::unknown, |due| {
            let text = format::date(cx.locale, due);
            if is_late(one) {
                Cell::status(Tone::Error, text).value(due)
            } else {
                Cell::text(text).value(due)
            }
        });
        vec![
            accreditation_link(&words, one),
            Cell::text(
                requester
                    .map(|party| party.name.clone())
                    .unwrap_or_default(),
            ),
            Cell::text(words.text(&format!("exchange-kind-{}", one.life.kind.code()))),
            request_state(&words, one.life.request),
            instant(&cx, one.submitted_at),
            Cell::number(days(&cx, age), age / 86_400),
            due,
            if one.instructor_name.is_empty() {
                Cell::text(words.text("exchange-nobody"))
            } else {
                Cell::text(&one.instructor_name)
            },
        ]
    });
    let mut of_queue = columns(
        &words,
        &["accreditation", "requester", "kind", "request", "submitted"],
    );
    of_queue.push(number_column(&words, "age"));
    of_queue.extend(columns(&words, &["due", "instructor"]));
    let table = Table::new(&words, "queue", words.text("exchange-queue"), of_queue)
        .rows(rows)
        .empty(words.text("exchange-queue-empty"));
    let shell = cx.shell(words.text("exchange-queue")).lead(words.text_with(
        "exchange-queue-lead",
        &[("days", i64::from(DECISION_WORKING_DAYS).into())],
    ));
    let mut page = Composed::new(shell).with(figures(&exchange, &cx, waiting, late).await?);
    let any = || vec![(String::new(), words.text("exchange-any"))];
    let mut kinds = any();
    kinds.extend(named(
        &words,
        "exchange-kind-",
        &RequestKind::ALL.map(RequestKind::code),
    ));
    let mut who = any();
    who.push(("me".into(), words.text("exchange-mine")));
    who.push(("nobody".into(), words.text("exchange-nobody")));
    let mut lates = any();
    lates.push(("yes".into(), words.text("exchange-late-only")));
    let filters = Form::filters("/exchange/queue", words.text("exchange-filter"))
        .field(Field::select("who", label(&words, "who"), who).value(&query.who))
        .field(Field::select("kind", label(&words, "kind"), kinds).value(&query.kind))
        .field(Field::select("late", label(&words, "late"), lates).value(&query.late));
    page = page.with(filters).with(table);
    let load = exchange.load(&cx.actor).await?;
    let rows = load.into_iter().map(|(name, waiting)| {
        let name = if name.is_empty() {
            words.text("exchange-nobody")
        } else {
            name
        };
        vec![Cell::text(name), number(&cx, waiting)]
    });
    let mut of_load = columns(&words, &["instructor"]);
    of_load.push(number_column(&words, "waiting"));
    let caption = words.text("exchange-load");
    Ok(Page(page.with(
        Table::new(&words, "load", caption, of_load).rows(rows),
    )))
}

async fn figures(
    exchange: &Exchange,
    cx: &Cx,
    waiting: usize,
    late: usize,
) -> Result<Figures, Failure> {
    let words = cx.words();
    let count = |number: usize| format::count(cx.locale, i64::try_from(number).unwrap_or(i64::MAX));
    let mut of_late =
        Figure::new(words.text("exchange-figure-late"), count(late)).to("/exchange/queue?late=yes");
    if late > 0 {
        of_late = of_late.tone(Tone::Error);
    }
    let mut all = vec![
        Figure::new(words.text("exchange-figure-waiting"), count(waiting)),
        of_late,
    ];
    if let Some(times) = exchange.decision_times().await? {
        let decided = i64::try_from(times.decisions).unwrap_or(i64::MAX);
        let note = words.count("exchange-figure-of-decisions", decided);
        let formula = words.text("exchange-figure-formula");
        for (key, seconds) in [
            ("exchange-figure-median", times.median_seconds),
            ("exchange-figure-ninety", times.ninety_seconds),
        ] {
            let figure = Figure::new(words.text(key), days(cx, seconds));
            all.push(figure.note(note.as_str()).formula(formula.as_str()));
        }
    }
    Ok(Figures::new(&words, all))
}
