//! What a person who signed in sees: who asked for which of its data, when, why; and how it contests.

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kit_http::{
    Body, Cx, Download, Failure, Fields, FormAgain, HeaderMap, IntoResponse, Page, Query, Response,
    SeeOther, State, StatusCode, cookies,
};
use kit_ui::{
    Cell, Composed, Facts, Field, Form, Notice, Pages, Shell, Table, Tone, Words, format,
};
use ports::{CITIZEN_COOKIE, CITIZEN_SIGN_IN, CITIZEN_SPACE};
use serde::Deserialize;

use super::access_proofs::proof_part;
use super::traces::trace_place;
use super::words::{address, columns, hint, label, mark};
use crate::citizens::{Access, AccessFilter, Outcome, SureCitizen, Visitor};
use crate::domain::{CONTEST_CHARS_MAX, ContestForm, ContestState, Contested, Mistake};
use crate::{EXPORT_MAX, Exchange, ExchangeError};

/// The page of calls about oneself.
pub(super) const ACCESSES: &str = "/citizen/accesses";
/// The page of one call.
pub(super) const ACCESS: &str = "/citizen/access";
/// Calls on one page.
const PAGE_ROWS: u32 = 25;

/// Whom the pages are shown to, or what is answered instead.
pub(super) async fn sure(
    exchange: &Exchange,
    cx: &Cx,
    headers: &HeaderMap,
) -> Result<Result<SureCitizen, Response>, Failure> {
    let cookie = cookies::read(headers, CITIZEN_COOKIE);
    Ok(match exchange.visitor(cookie).await? {
        Visitor::Sure(who) => Ok(who),
        Visitor::Nobody => Err(SeeOther(sign_in()).into_response()),
        Visitor::Unsure => Err((StatusCode::FORBIDDEN, Page(unsure(cx))).into_response()),
    })
}

fn sign_in() -> String {
    address(CITIZEN_SIGN_IN, &[("return_to", ACCESSES)])
}

/// The frame of a citizen's page: nothing of agents in it.
pub(super) fn shell(cx: &Cx, title: String) -> Shell {
    let mut shell = cx.shell(title);
    shell.navigation.clear();
    shell.person = None;
    shell.without_account = true;
    shell.crumb(cx.words().text("exchange-citizen-space"), CITIZEN_SPACE)
}

/// What somebody reads who isn't surely enough who it says, and what to do.
fn unsure(cx: &Cx) -> Composed {
    let words = cx.words();
    let notice = Notice::new(
        Tone::Warning,
        words.text("exchange-citizen-unsure"),
        words.text("exchange-citizen-unsure-text"),
    );
    Composed::new(shell(cx, words.text("exchange-citizen-accesses")))
        .with(notice)
        .text(words.text("exchange-citizen-unsure-how"))
        .link(words.text("exchange-citizen-unsure-do"), sign_in())
}

/// What is asked for; the page and its files share it.
#[derive(Debug, Default, Clone, Deserialize)]
pub(super) struct AccessQuery {
    #[serde(default)]
    producer: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    after: String,
}

impl AccessQuery {
    fn address(&self, base: &str, after: &str) -> String {
        address(
            base,
            &[
                ("producer", &self.producer),
                ("from", &self.from),
                ("to", &self.to),
                ("after", after),
            ],
        )
    }

    fn filter(&self) -> Result<AccessFilter, Failure> {
        let zone = TimeZone::get(kit_time::PARIS).unwrap_or(TimeZone::UTC);
        let begins = |day: Date| {
            let begun = day.to_zoned_datetime(zone.clone());
            begun.map(|at| at.timestamp()).map_err(Failure::internal)
        };
        let from = day("from", &self.from)?.map(begins).transpose()?;
        let to = day("to", &self.to)?;
        let to = to
            .map(|day| begins(day.saturating_add(1.day())))
            .transpose()?;
        let producer = match self.producer.trim() {
            "" => None,
            text => {
                let unknown = |_| Failure::field("producer", "unreadable", "an id");
                Some(text.parse().map_err(unknown)?)
            }
        };
        Ok(AccessFilter { producer, from, to })
    }
}

fn day(name: &'static str, text: &str) -> Result<Option<Date>, Failure> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let wrong = |_| Failure::field(name, "unreadable", "a date such as 2026-03-01");
            text.parse().map(Some).map_err(wrong)
        }
    }
}

pub(super) async fn list(
    State(exchange): State<Exchange>,
    cx: Cx,
    headers: HeaderMap,
    Query(query): Query<AccessQuery>,
) -> Result<Response, Failure> {
    let who = match sure(&exchange, &cx, &headers).await? {
        Ok(who) => who,
        Err(answer) => return Ok(answer),
    };
    let words = cx.words();
    let filter = query.filter()?;
    let mut producers = vec![(String::new(), words.text("exchange-citizen-every-producer"))];
    let shown = exchange.shown_producers().await?;
    producers.extend(shown.into_iter().map(|(id, name)| (id.to_string(), name)));
    let filters = Form::filters(ACCESSES, words.text("exchange-filter"))
        .field(
            Field::select("producer", label(&words, "of_producer"), producers)
                .value(&query.producer),
        )
        .field(Field::line("date", "from", label(&words, "from")).value(&query.from))
        .field(Field::line("date", "to", label(&words, "to")).value(&query.to));
    let mut found = exchange
        .accesses(&who, &filter, trace_place(&query.after), PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let next = found.last().filter(|_| more).map(|last| {
        let at = last.kept.trace.at.as_microsecond();
        let after = format!("{at}:{}:{}", last.kept.index, last.kept.log);
        query.address(ACCESSES, &after)
    });
    let previous = (!query.after.is_empty()).then(|| query.address(ACCESSES, ""));
    let names = ["when", "who", "why", "which-data", "outcome"];
    let caption = words.text("exchange-citizen-accesses");
    let is_narrowed = filter != AccessFilter::default();
    let empty = if is_narrowed {
        words.text("exchange-citizen-empty-narrowed")
    } else {
        words.text("exchange-citizen-empty")
    };
    let table = Table::new(
        &words,
        "accesses",
        caption.as_str(),
        columns(&words, &names),
    )
    .rows(found.iter().map(|one| row(&cx, &words, one)))
    .pages(Pages { previous, next })
    .empty(empty)
    .plain();
    let shell = shell(&cx, caption).lead(words.text("exchange-citizen-lead"));
    let mut page = Composed::new(shell).with(filters).with(table);
    if !found.is_empty() {
        let limit = format::count(cx.locale, i64::try_from(EXPORT_MAX).unwrap_or(i64::MAX));
        for format in ["csv", "json"] {
            let text = words.text_with(
                &format!("exchange-citizen-{format}"),
                &[("limit", limit.as_str().into())],
            );
            page = page.link(text, query.address(&format!("{ACCESSES}.{format}"), ""));
        }
    }
    let page = page
        .heading(words.text("exchange-citizen-how"))
        .text(words.text("exchange-citizen-how-found"))
        .text(words.text("exchange-citizen-how-allowed"))
        .text(words.text("exchange-citizen-how-hidden"))
        .link(
            words.text("exchange-citizen-unseen-link"),
            super::unseen::UNSEEN,
        )
        .link(words.text("exchange-citizen-back"), CITIZEN_SPACE);
    Ok(Page(page).into_response())
}

fn row(cx: &Cx, words: &Words, one: &Access) -> Vec<Cell> {
    let trace = &one.kept.trace;
    let mut when = Cell::link(
        format::instant(cx.locale, trace.at),
        access_address(&one.kept.log, one.kept.index),
    )
    .value(trace.at);
    if let Some(until) = trace.hidden_until {
        when = when.note(was_hidden(cx, words, until));
    }
    let mut who = Cell::text(or_unknown(words, &one.requester));
    let how = trace
        .on_behalf
        .then(|| words.text("exchange-citizen-on-behalf"));
    let through = if let Some(editor) = &one.editor {
        let args = [("editor", editor.as_str().into())];
        Some(words.text_with("exchange-citizen-by-editor", &args))
    } else if !one.recipient.is_empty() && one.recipient != one.requester {
        let args = [("recipient", one.recipient.as_str().into())];
        Some(words.text_with("exchange-citizen-for", &args))
    } else {
        None
    };
    let notes: Vec<String> = how.into_iter().chain(through).collect();
    if !notes.is_empty() {
        who = who.note(notes.join(", "));
    }
    let why = Cell::text(or_unknown(words, &one.purpose));
    let basis = trace.legal_basis.clone().unwrap_or_default();
    let which = Cell::text(format!("{} — {}", one.producer, one.api));
    let (tone, text) = outcome(words, one.outcome);
    let mut outcome = Cell::status(tone, text);
    if let Some(contested) = &one.contested {
        outcome = outcome.note(state_text(words, contested.state));
    }
    vec![
        when,
        who,
        if basis.is_empty() {
            why
        } else {
            why.note(basis)
        },
        if one.allowed.is_empty() {
            which
        } else {
            let args = [("fields", one.allowed.join(", ").into())];
            which.note(words.text_with("exchange-citizen-allowed", &args))
        },
        outcome,
    ]
}

fn or_unknown(words: &Words, text: &str) -> String {
    if text.is_empty() {
        words.text("exchange-citizen-unknown")
    } else {
        text.to_owned()
    }
}

fn was_hidden(cx: &Cx, words: &Words, until: Timestamp) -> String {
    let until = format::instant(cx.locale, until);
    words.text_with("exchange-citizen-was-hidden", &[("until", until.into())])
}

fn outcome(words: &Words, of: Outcome) -> (Tone, String) {
    let tone = match of {
        Outcome::Given => Tone::Info,
        Outcome::Unknown | Outcome::Nothing => Tone::Success,
    };
    (tone, words.text(&format!("exchange-outcome-{}", of.code())))
}

/// Where a contest stands, in words.
pub(super) fn state_text(words: &Words, state: ContestState) -> String {
    words.text(&format!("exchange-contest-{}", state.code()))
}

pub(super) fn access_address(log: &str, index: i64) -> String {
    place_address(ACCESS, log, index)
}

pub(super) fn place_address(base: &str, log: &str, index: i64) -> String {
    address(base, &[("log", log), ("index", &index.to_string())])
}

pub(super) async fn csv(
    State(exchange): State<Exchange>,
    cx: Cx,
    headers: HeaderMap,
    Query(query): Query<AccessQuery>,
) -> Result<Response, Failure> {
    let who = match sure(&exchange, &cx, &headers).await? {
        Ok(who) => who,
        Err(answer) => return Ok(answer),
    };
    let file = exchange.accesses_csv(&who, &query.filter()?).await?;
    let download = Download {
        file_name: format!("{}.csv", cx.words().text("exchange-citizen-file")),
        content_type: "text/csv; charset=utf-8",
        body: Body::from(file),
    };
    Ok(download.into_response())
}

pub(super) async fn json(
    State(exchange): State<Exchange>,
    cx: Cx,
    headers: HeaderMap,
    Query(query): Query<AccessQuery>,
) -> Result<Response, Failure> {
    let who = match sure(&exchange, &cx, &headers).await? {
        Ok(who) => who,
        Err(answer) => return Ok(answer),
    };
    let all = exchange.accesses_json(&who, &query.filter()?).await?;
    let download = Download {
        file_name: format!("{}.json", cx.words().text("exchange-citizen-file")),
        content_type: "application/json",
        body: Body::from(all.to_string()),
    };
    Ok(download.into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct PlaceQuery {
    #[serde(default)]
    pub(super) log: String,
    #[serde(default)]
    pub(super) index: i64,
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    headers: HeaderMap,
    Query(asked): Query<PlaceQuery>,
) -> Result<Response, Failure> {
    let who = match sure(&exchange, &cx, &headers).await? {
        Ok(who) => who,
        Err(answer) => return Ok(answer),
    };
    let access = exchange.access(&who, &asked.log, asked.index).await?;
    let page = access_page(&exchange, &cx, &access, &ContestForm::default(), &[]).await?;
    Ok(Page(page).into_response())
}

pub(super) async fn access_page(
    exchange: &Exchange,
    cx: &Cx,
    access: &Access,
    typed: &ContestForm,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let trace = &access.kept.trace;
    let name = |name: &str| words.text(&format!("exchange-column-{name}"));
    let at = format::instant(cx.locale, trace.at);
    let title = words.text_with("exchange-citizen-access", &[("at", at.as_str().into())]);
    let mut shell = shell(cx, title).crumb(words.text("exchange-citizen-accesses"), ACCESSES);
    shell.mistaken = !mistakes.is_empty();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let list = |all: &[String]| all.iter().map(|one| (one.clone(), None)).collect();
    let fields = exchange
        .allowed_fields(trace.api, trace.operation, &access.scopes)
        .await?;
    let hidden = trace
        .hidden_until
        .map(|until| was_hidden(cx, &words, until));
    let on_behalf = trace
        .on_behalf
        .then(|| words.text("exchange-citizen-on-behalf-text"));
    let facts = Facts::default()
        .text(name("when"), at)
        .text(name("who"), or_unknown(&words, &access.requester))
        .text(name("siret"), text(&trace.requester))
        .text(name("on-behalf"), on_behalf.unwrap_or_default())
        .text(name("editor"), text(&access.editor))
        .text(name("recipient"), &access.recipient)
        .text(name("why"), or_unknown(&words, &access.purpose))
        .text(name("legal-basis"), text(&trace.legal_basis))
        .text(name("object"), text(&trace.object))
        .text(name("producer"), &access.producer)
        .text(
            name("api"),
            format!("{} — {}", access.api, access.operation),
        )
        .list(name("allowed"), list(&access.allowed))
        .list(name("allowed-fields"), list(&fields))
        .text(name("outcome"), outcome(&words, access.outcome).1)
        .text(name("hidden"), hidden.unwrap_or_default());
    let place = Facts::default()
        .text(name("request"), trace.request.to_string())
        .text(name("log"), &access.kept.log)
        .text(name("log-index"), access.kept.index.to_string());
    let mut page = Composed::new(shell.clone());
    let contest = match &access.contested {
        Some(contested) => Err(contested),
        None => Ok(contest_form(&words, &shell, access, typed, mistakes)),
    };
    page = page
        .with(facts)
        .text(words.text("exchange-citizen-how-allowed"))
        .heading(words.text("exchange-citizen-proof"))
        .text(words.text("exchange-citizen-proof-text"))
        .with(place);
    page = proof_part(exchange, cx, (&shell, page), access, mistakes).await?;
    page = page.heading(words.text("exchange-citizen-contest"));
    Ok(match contest {
        Ok(form) => page
            .text(words.text("exchange-citizen-contest-text"))
            .with(form),
        Err(contested) => contested_part(cx, &words, page, contested),
    })
}

fn contest_form(
    words: &Words,
    shell: &Shell,
    access: &Access,
    typed: &ContestForm,
    mistakes: &[Mistake],
) -> Form {
    let limit = u32::try_from(CONTEST_CHARS_MAX).unwrap_or(u32::MAX);
    let mut fields = vec![
        Field::lines(6, "body", label(words, "contest"))
            .hint(hint(words, "contest"))
            .value(&typed.body)
            .length_max(limit)
            .required(),
        Field::line("email", "mail", label(words, "contest_mail"))
            .hint(hint(words, "contest_mail"))
            .value(&typed.mail)
            .autocomplete("email")
            .length_max(254),
    ];
    mark(words, &mut fields, mistakes);
    Form::post(shell, ACCESS, words.text("exchange-citizen-contest-send"))
        .hidden("log", &access.kept.log)
        .hidden("index", access.kept.index.to_string())
        .fields(fields)
        .summary(words)
}

fn contested_part(cx: &Cx, words: &Words, page: Composed, contested: &Contested) -> Composed {
    let made = format::instant(cx.locale, contested.made_at);
    let made = words.text_with("exchange-citizen-contested", &[("at", made.into())]);
    let tone = match contested.state {
        ContestState::Open => Tone::Info,
        ContestState::Founded => Tone::Success,
        ContestState::Unfounded => Tone::Warning,
    };
    let page = page.with(Notice::new(tone, state_text(words, contested.state), made));
    match &contested.answer {
        None => page,
        Some((answer, at)) => {
            let at = format::instant(cx.locale, *at);
            let facts = Facts::default().text(words.text("exchange-column-answered"), at);
            page.with(facts.text(words.text("exchange-field-answer"), answer))
        }
    }
}

pub(super) async fn contest(
    State(exchange): State<Exchange>,
    cx: Cx,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    let who = match sure(&exchange, &cx, &headers).await? {
        Ok(who) => who,
        Err(answer) => return Ok(answer),
    };
    let log = fields.text("log");
    let index = fields
        .text("index")
        .parse()
        .map_err(|_| Failure::NotFound)?;
    let typed = ContestForm {
        body: fields.text("body").to_owned(),
        mail: fields.text("mail").to_owned(),
    };
    match exchange.contest(&who, (log, index), &typed).await {
        Ok(_) => Ok(SeeOther(access_address(log, index)).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let access = exchange.access(&who, log, index).await?;
            let page = access_page(&exchange, &cx, &access, &typed, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
