//! Accreditations: those of one's organisation, and each whole.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Query, Response, SeeOther, State,
};
use kit_ui::{
    Actions, Cell, Composed, Facts, Field, Form, Notice, Table, Timeline, TimelineEvent, Tone,
    format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{
    accreditation_link, address, around, columns, cursor, day, hint, instant, label, mark, place,
    request_state, standing,
};
use super::{request_form, uses};
use crate::access::{ASK, INSTRUCT};
use crate::accreditations::{NewRequest, Seen};
use crate::domain::{Act, Mistake, RequestState, Standing};
use crate::store::accreditations::Accreditation;
use crate::store::head;
use crate::{Exchange, ExchangeError};

/// Accreditations on one page.
const PAGE_ROWS: usize = 50;

/// A table of accreditations.
pub(super) async fn table(
    exchange: &Exchange,
    cx: &Cx,
    id: &str,
    caption: String,
    all: &[Accreditation],
) -> Result<Table, Failure> {
    let words = cx.words();
    let parties = head::parties(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    let rows = all.iter().map(|one| {
        let requester = parties.iter().find(|party| party.id == one.requester);
        let until = one.life.granted.map(|granted| granted.valid_until);
        vec![
            accreditation_link(&words, one),
            Cell::text(
                requester
                    .map(|party| party.name.clone())
                    .unwrap_or_default(),
            ),
            request_state(&words, one.life.request),
            standing(&words, one),
            until.map_or_else(Cell::unknown, |at| Cell::text(day(cx, at)).value(at)),
        ]
    });
    let names = ["accreditation", "requester", "request", "standing", "until"];
    Ok(Table::new(&words, id, caption, columns(&words, &names)).rows(rows))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let before = place(&query.after);
    let (found, more) = exchange
        .own_accreditations(&cx.actor, before, PAGE_ROWS)
        .await?;
    let next = found.last().filter(|_| more);
    let next = next.map(|last| cursor(last.updated_at, last.id));
    let base = |after: &str| address("/exchange/requests", &[("after", after)]);
    let pages = around(&query.after, base, next.as_deref());
    let caption = words.text("exchange-requests");
    let table = table(&exchange, &cx, "accreditations", caption, &found)
        .await?
        .pages(pages)
        .empty(words.text("exchange-requests-empty"));
    let shell = cx
        .shell(words.text("exchange-requests"))
        .lead(words.text("exchange-requests-lead"));
    let begin = (
        words.text("exchange-request-begin"),
        "/exchange/requests/new".to_owned(),
    );
    Ok(Page(
        Composed::new(shell).with(Actions(vec![begin])).with(table),
    ))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct NewQuery {
    #[serde(default)]
    api: String,
}

async fn new_page(
    exchange: &Exchange,
    cx: &Cx,
    api: &str,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let all = exchange
        .organisations
        .all(None)
        .await
        .map_err(ExchangeError::from)?;
    let own: Vec<(String, String)> = all
        .into_iter()
        .filter(|one| cx.actor.may(&ASK, Some(one.id.0)))
        .map(|one| (one.id.to_string(), one.name))
        .collect();
    let mut fields = vec![
        Field::select("requester", label(&words, "requester"), own).hint(hint(&words, "requester")),
    ];
    mark(&words, &mut fields, mistakes);
    let mut shell = cx
        .shell(words.text("exchange-request-begin"))
        .lead(words.text("exchange-request-begin-lead"))
        .crumb(words.text("exchange-requests"), "/exchange/requests");
    shell.mistaken = !mistakes.is_empty();
    let submit = words.text("exchange-request-begin");
    let form = Form::post(&shell, "/exchange/requests/new", submit)
        .hidden("api", api)
        .fields(fields)
        .summary(&words);
    Ok(Composed::new(shell).with(form))
}

pub(super) async fn show_new(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(query): Query<NewQuery>,
) -> Result<Page<Composed>, Failure> {
    Ok(Page(new_page(&exchange, &cx, &query.api, &[]).await?))
}

pub(super) async fn begin(
    State(exchange): State<Exchange>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let new = NewRequest {
        requester: fields.text("requester").parse().unwrap_or_default(),
        api: fields.text("api").parse().ok(),
    };
    match exchange.begin_request(&cx.actor, new).await {
        Ok(id) => Ok(SeeOther(format!("/exchange/requests/{id}/form/data")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let page = new_page(&exchange, &cx, fields.text("api"), &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn copy(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<SeeOther, Failure> {
    let copy = exchange.copy_request(&cx.actor, id).await?;
    Ok(SeeOther(format!("/exchange/requests/{copy}/form/data")))
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    Ok(Page(whole(&exchange, &cx, id, &[]).await?))
}

/// An accreditation whole, with the mistakes of what was just tried on it.
pub(super) async fn whole(
    exchange: &Exchange,
    cx: &Cx,
    id: Uuid,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let seen = exchange.seen(&cx.actor, id).await?;
    let one = &seen.one;
    let title = if one.title.is_empty() {
        words.text("exchange-untitled")
    } else {
        one.title.clone()
    };
    let mut shell = cx.shell(title).lead(words.text_with(
        "exchange-request-lead",
        &[
            ("number", one.number.to_string().into()),
            ("requester", seen.requester.name.as_str().into()),
        ],
    ));
    shell = if seen.seat.uses() {
        shell.crumb(words.text("exchange-requests"), "/exchange/requests")
    } else if seen.seat.is_instructor {
        shell.crumb(words.text("exchange-queue"), "/exchange/queue")
    } else {
        shell.crumb(words.text("exchange-producer"), "/exchange/producer")
    };
    shell.mistaken = !mistakes.is_empty();
    let mut page = Composed::new(shell);
    page = notices(page, cx, one);
    let links = acts(cx, &seen);
    if !links.is_empty() {
        page = page.with(Actions(links));
    }
    page = one_click(page, cx, &seen);
    page = page.with(state_facts(cx, &seen));
    page = page.heading(words.text("exchange-request-says"));
    let version = exchange.version_of(one).await?;
    let offers = exchange.offers().await?;
    page = page.with(request_form::said(&words, cx, &one.form, &offers));
    let versions = exchange.versions_of(&seen).await?;
    let rows = versions.iter().map(|version| {
        let href = format!("/exchange/requests/{id}/versions/{}", version.number);
        let text = words.text_with(
            "exchange-version-number",
            &[("number", version.number.to_string().into())],
        );
        vec![
            Cell::link(text, href),
            instant(cx, Some(version.approved_at)),
            Cell::text(day(cx, version.valid_until)),
        ]
    });
    let caption = words.text("exchange-versions");
    let names = ["version", "approved", "until"];
    let table = Table::new(&words, "versions", caption, columns(&words, &names))
        .rows(rows)
        .empty(words.text("exchange-versions-empty"));
    page = page.heading(words.text("exchange-versions")).with(table);
    page = uses::section(exchange, cx, &seen, version.as_ref(), page, mistakes).await?;
    page = thread(exchange, cx, &seen, page, mistakes).await?;
    history(exchange, cx, &seen, page).await
}

fn notices(page: Composed, cx: &Cx, one: &Accreditation) -> Composed {
    let words = cx.words();
    let mut page = page;
    if one.life.request == RequestState::ToChange {
        let title = words.text("exchange-request-to-change");
        page = page.with(Notice::new(
            Tone::Warning,
            title,
            words.text("exchange-to-change-text"),
        ));
    }
    if one.life.request == RequestState::Refused {
        let title = words.text("exchange-request-refused");
        page = page.with(Notice::new(
            Tone::Error,
            title,
            words.text("exchange-refused-text"),
        ));
    }
    if let Some(granted) = one.life.granted {
        let code = granted.standing.code();
        if granted.standing != Standing::InForce {
            let title = words.text(&format!("exchange-standing-{code}"));
            let text = words.text(&format!("exchange-standing-text-{code}"));
            page = page.with(Notice::new(Tone::Warning, title, text));
        } else if one.noticed_days.is_some() {
            let args = [("day", day(cx, granted.valid_until).into())];
            let title = words.text_with("exchange-ends-on", &args);
            page = page.with(Notice::new(
                Tone::Warning,
                title,
                words.text("exchange-ends-text"),
            ));
        }
    }
    page
}

/// The acts that have a page of their own, as far as they are possible now.
fn acts(cx: &Cx, seen: &Seen) -> Vec<(String, String)> {
    let words = cx.words();
    let one = &seen.one;
    let now = cx.now();
    let far = now + jiff::SignedDuration::from_hours(24);
    let mut links = Vec::new();
    if seen.seat.is_requester && one.life.request.is_open() {
        let href = format!("/exchange/requests/{}/form/data", one.id);
        links.push((words.text("exchange-request-fill-in"), href));
    }
    let all = [
        Act::Approve(far),
        Act::AskChanges,
        Act::Refuse,
        Act::Withdraw,
        Act::Archive,
        Act::Suspend,
        Act::Resume,
        Act::Transfer,
        Act::Revoke,
    ];
    for act in all {
        let may = if act.is_authors() {
            seen.seat.is_requester
        } else {
            cx.actor.may(&INSTRUCT, Some(one.requester))
        };
        if may && one.life.after(act, now).is_ok() {
            let href = format!("/exchange/requests/{}/acts/{}", one.id, act.code());
            links.push((words.text(&format!("exchange-act-{}", act.code())), href));
        }
    }
    links
}

/// The acts that take one click.
fn one_click(page: Composed, cx: &Cx, seen: &Seen) -> Composed {
    let words = cx.words();
    let one = &seen.one;
    let shell = cx.shell("");
    let mut page = page;
    if !seen.seat.is_requester {
        return page;
    }
    for act in [Act::Renew, Act::Reopen] {
        if one.life.after(act, cx.now()).is_ok() {
            let action = format!("/exchange/requests/{}/acts/{}", one.id, act.code());
            let submit = words.text(&format!("exchange-act-{}", act.code()));
            let form = Form::post(&shell, action, submit).inline();
            page = page.with(form.hidden("version", one.row_version.to_string()));
        }
    }
    let action = format!("/exchange/requests/{}/copy", one.id);
    page = page.with(Form::post(&shell, action, words.text("exchange-request-copy")).inline());
    if one.editor.is_some() {
        let action = format!("/exchange/requests/{}/editor", one.id);
        let form = Form::post(&shell, action, words.text("exchange-editor-take-back")).inline();
        page = page.with(form.danger().hidden("version", one.row_version.to_string()));
    }
    page
}

fn state_facts(cx: &Cx, seen: &Seen) -> Facts {
    let words = cx.words();
    let one = &seen.one;
    let mut facts = Facts::default()
        .text(
            label(&words, "requester"),
            format!("{} ({})", seen.requester.name, seen.requester.siret),
        )
        .text(
            words.text("exchange-column-request"),
            words.text(&format!("exchange-request-{}", one.life.request.code())),
        )
        .text(
            words.text("exchange-kind"),
            words.text(&format!("exchange-kind-{}", one.life.kind.code())),
        )
        .text(words.text("exchange-author"), &one.author_name)
        .text(
            words.text("exchange-column-instructor"),
            &one.instructor_name,
        );
    if let Some(at) = one.submitted_at {
        facts = facts.text(
            words.text("exchange-column-submitted"),
            format::instant(cx.locale, at),
        );
    }
    if let Some(due) = one.due_on {
        facts = facts.text(
            words.text("exchange-column-due"),
            format::date(cx.locale, due),
        );
    }
    if let Some(granted) = one.life.granted {
        let code = granted.standing.code();
        facts = facts
            .text(
                words.text("exchange-column-standing"),
                words.text(&format!("exchange-standing-{code}")),
            )
            .text(
                words.text("exchange-column-until"),
                day(cx, granted.valid_until),
            );
    }
    facts
}

async fn thread(
    exchange: &Exchange,
    cx: &Cx,
    seen: &Seen,
    page: Composed,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let messages = exchange.thread(seen).await?;
    let events = messages.into_iter().map(|message| TimelineEvent {
        when: format::instant(cx.locale, message.at),
        datetime: message.at.to_string(),
        title: format!(
            "{} ({})",
            message.author_name,
            words.text(&format!("exchange-side-{}", message.side))
        ),
        detail: message.body,
        tone: None,
        href: None,
    });
    let timeline = Timeline {
        events: events.collect(),
        empty: words.text("exchange-thread-empty"),
    };
    let mut fields = vec![
        Field::lines(4, "body", label(&words, "body"))
            .hint(hint(&words, "body"))
            .length_max(5_000),
    ];
    mark(&words, &mut fields, mistakes);
    let action = format!("/exchange/requests/{}/messages", seen.one.id);
    let form =
        Form::post(&cx.shell(""), action, words.text("exchange-message-send")).fields(fields);
    let mut page = page
        .heading(words.text("exchange-thread"))
        .with(timeline)
        .with(form.summary(&words));
    if cx.actor.may(&INSTRUCT, Some(seen.one.requester))
        && seen.one.life.request == RequestState::Submitted
    {
        let mut people = vec![(String::new(), words.text("exchange-assign-me"))];
        for person in exchange.instructors(seen.one.requester).await? {
            people.push((person.id.to_string(), person.name));
        }
        let field = Field::select("instructor", label(&words, "instructor"), people);
        let action = format!("/exchange/requests/{}/assign", seen.one.id);
        let form = Form::post(&cx.shell(""), action, words.text("exchange-assign")).field(field);
        page = page.heading(words.text("exchange-assign-title")).with(form);
    }
    Ok(page)
}

async fn history(
    exchange: &Exchange,
    cx: &Cx,
    seen: &Seen,
    page: Composed,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let entries = exchange.history(seen).await?;
    // What is typed page after page isn't an event for a reader.
    let told = entries
        .into_iter()
        .filter(|entry| entry.action != "exchange.accreditation.fill_in");
    let events = told.map(|entry| {
        let verb = entry
            .action
            .trim_start_matches("exchange.")
            .replace(['.', '_'], "-");
        TimelineEvent {
            when: format::instant(cx.locale, entry.at),
            datetime: entry.at.to_string(),
            title: words.text(&format!("exchange-done-{verb}")),
            detail: entry.actor_name,
            tone: None,
            href: None,
        }
    });
    Ok(page.heading(words.text("exchange-history")).with(Timeline {
        events: events.collect(),
        empty: words.text("exchange-history-empty"),
    }))
}

pub(super) async fn say(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    match exchange.say(&cx.actor, id, fields.text("body")).await {
        Ok(()) => Ok(SeeOther(format!("/exchange/requests/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            Ok(FormAgain(whole(&exchange, &cx, id, &mistakes).await?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn assign(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let to = match fields.text("instructor") {
        "" => None,
        text => Some(text.parse().map_err(|_| Failure::NotFound)?),
    };
    exchange.assign(&cx.actor, id, to).await?;
    Ok(SeeOther(format!("/exchange/requests/{id}")))
}

pub(super) async fn take_back(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let version = fields.text("version").parse().unwrap_or_default();
    exchange
        .take_back_delegation(&cx.actor, id, version)
        .await?;
    Ok(SeeOther(format!("/exchange/requests/{id}")))
}
