//! What people contest, for producers and the directorate: the list, one, its answer.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Query, Response, SeeOther, State,
};
use kit_ui::{Cell, Composed, Facts, Field, Form, Pages, Table, Tone, Words, format};
use serde::Deserialize;
use uuid::Uuid;

use super::citizens::state_text;
use super::words::{address, columns, cursor, day, hint, instant, label, mark, named, place};
use crate::domain::{ANSWER_CHARS_MAX, ContestState, Mistake};
use crate::store::contests::Contest;
use crate::{Exchange, ExchangeError};

/// Contests on one page.
const PAGE_ROWS: u32 = 50;
const BASE: &str = "/exchange/contests";

#[derive(Debug, Deserialize)]
pub(super) struct ContestQuery {
    #[serde(default)]
    producer: String,
    #[serde(default)]
    after: String,
}

fn state(words: &Words, state: ContestState) -> Cell {
    let tone = match state {
        ContestState::Open => Tone::Warning,
        ContestState::Founded | ContestState::Unfounded => Tone::Success,
    };
    Cell::status(tone, state_text(words, state))
}

pub(super) async fn list(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(query): Query<ContestQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let producers = exchange.contested_producers(&cx.actor).await?;
    let shell = cx
        .shell(words.text("exchange-contests"))
        .lead(words.text("exchange-contests-lead"));
    let page = Composed::new(shell);
    let asked = query.producer.parse::<Uuid>().ok();
    let chosen = match asked {
        Some(asked) => Some(asked),
        None => producers.first().map(|(id, _)| *id),
    };
    let Some(chosen) = chosen else {
        return Ok(Page(page.text(words.text("exchange-contests-none"))));
    };
    let options = producers
        .iter()
        .map(|(id, name)| (id.to_string(), name.clone()));
    let filters = Form::filters(BASE, words.text("exchange-filter")).field(
        Field::select("producer", label(&words, "of_producer"), options.collect())
            .value(chosen.to_string()),
    );
    let mut found = exchange
        .contests(&cx.actor, chosen, place(&query.after), PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let of = |after: &str| {
        let producer = chosen.to_string();
        address(BASE, &[("producer", &producer), ("after", after)])
    };
    let next = found.last().filter(|_| more);
    let next = next.map(|last| of(&cursor(last.created_at, last.id)));
    let previous = (!query.after.is_empty()).then(|| of(""));
    let apis = exchange.api_names().await?;
    let parties = found.iter().map(|one| one.requester.as_str());
    let parties = exchange.party_names(parties).await?;
    let rows = found.iter().map(|one| {
        vec![
            Cell::link(
                format::instant(cx.locale, one.created_at),
                format!("{BASE}/{}", one.id),
            )
            .value(one.created_at),
            Cell::text(apis.get(&one.api).cloned().unwrap_or_default()),
            Cell::text(parties.get(&one.requester).unwrap_or(&one.requester)),
            instant(&cx, Some(one.called_at)),
            state(&words, one.state),
        ]
    });
    let names = ["contested", "api", "requester", "called-at", "state"];
    let caption = words.text("exchange-contests");
    let table = Table::new(&words, "contests", caption, columns(&words, &names))
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("exchange-contests-empty"));
    Ok(Page(page.with(filters).with(table)))
}

async fn contest_page(
    exchange: &Exchange,
    cx: &Cx,
    one: &Contest,
    (typed_state, typed): (&str, &str),
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let apis = exchange.api_names().await?;
    let parties = exchange.party_names([one.requester.as_str()]).await?;
    let name = |name: &str| words.text(&format!("exchange-column-{name}"));
    let made = format::instant(cx.locale, one.created_at);
    let title = words.text_with("exchange-contest-title", &[("at", made.into())]);
    let mut shell = cx.shell(title).crumb(words.text("exchange-contests"), BASE);
    shell.mistaken = !mistakes.is_empty();
    let told = if one.mail.is_empty() {
        "exchange-contest-told-page"
    } else {
        "exchange-contest-told-mail"
    };
    let mut facts = Facts::default()
        .text(name("state"), state_text(&words, one.state))
        .text(name("api"), apis.get(&one.api).cloned().unwrap_or_default())
        .text(
            name("requester"),
            parties.get(&one.requester).unwrap_or(&one.requester),
        )
        .text(name("purpose"), &one.purpose)
        .text(name("called-at"), format::instant(cx.locale, one.called_at))
        .text(name("log"), &one.log)
        .text(name("log-index"), one.index.to_string())
        .text(name("contest-body"), &one.body);
    let page = match &one.answer {
        Some((answer, by, at)) => {
            facts = facts
                .text(name("answered"), format::instant(cx.locale, *at))
                .text(name("answered-by"), by)
                .text(label(&words, "answer"), answer);
            Composed::new(shell).with(facts)
        }
        None => {
            let codes = ["founded", "unfounded"];
            let options = named(&words, "exchange-answer-", &codes);
            let limit = u32::try_from(ANSWER_CHARS_MAX).unwrap_or(u32::MAX);
            let mut fields = vec![
                Field::radios("state", label(&words, "answer_state"), options)
                    .value(typed_state)
                    .required(),
                Field::lines(6, "answer", label(&words, "answer"))
                    .hint(hint(&words, "answer"))
                    .value(typed)
                    .length_max(limit)
                    .required(),
            ];
            mark(&words, &mut fields, mistakes);
            let action = format!("{BASE}/{}", one.id);
            let submit = words.text("exchange-contest-answer");
            let form = Form::post(&shell, action, submit)
                .fields(fields)
                .summary(&words);
            Composed::new(shell)
                .with(facts)
                .text(words.text(told))
                .heading(words.text("exchange-contest-answer"))
                .with(form)
        }
    };
    if cx
        .actor
        .may(&crate::access::READ_PRODUCED, Some(one.producer))
    {
        let on = super::words::iso_day(one.called_at);
        let href = address(
            "/exchange/traces",
            &[
                ("side", &format!("producer:{}", one.producer)),
                ("from", &on),
                ("to", &on),
            ],
        );
        let at = [("day", day(cx, one.called_at).into())];
        return Ok(page.link(words.text_with("exchange-contest-calls", &at), href));
    }
    Ok(page)
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let one = exchange.contest_of(&cx.actor, id).await?;
    let page = contest_page(&exchange, &cx, &one, ("", ""), &[]).await?;
    Ok(Page(page))
}

pub(super) async fn answer(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let (state, text) = (fields.text("state"), fields.text("answer"));
    match exchange.answer_contest(&cx.actor, id, state, text).await {
        Ok(()) => Ok(SeeOther(format!("{BASE}/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let one = exchange.contest_of(&cx.actor, id).await?;
            let page = contest_page(&exchange, &cx, &one, (state, text), &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
