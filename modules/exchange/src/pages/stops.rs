//! Flows that are stopped and that were.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Query, Response, SeeOther, State,
};
use kit_ui::{Actions, Cell, Composed, Field, Form, Table, Tone, Words};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{address, columns, cursor, cut, hint, instant, label, mark, named, pair, place};
use crate::access::{STOP, STOP_ALL};
use crate::domain::{Mistake, StopForm, StopKind};
use crate::store::stops as store;
use crate::store::{apis, head, operations};
use crate::{Exchange, ExchangeError};

/// Stops on one page.
const PAGE_ROWS: u32 = 50;

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
    let found = exchange
        .stops(&cx.actor, place(&query.after), PAGE_ROWS + 1)
        .await?;
    let base = |after: &str| address("/exchange/stops", &[("after", after)]);
    let (found, pages) = cut(found, PAGE_ROWS, &query.after, base, |last| {
        cursor(last.since, last.id)
    });
    let parties = head::parties(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    let names = exchange.api_names().await?;
    let of_api = |api: Uuid| only_api(&words, names.get(&api));
    let rows = found.iter().map(|stop| {
        let producer = match stop.producer {
            Some(id) => {
                let found = parties.iter().find(|party| party.id == id);
                found.map(|party| party.name.clone()).unwrap_or_default()
            }
            None => words.text("exchange-all-producers"),
        };
        let (kind, target) = StopKind::of(&stop.target);
        let kind = words.text(&format!("exchange-stop-{}", kind.code()));
        let name = if stop.target_name.is_empty() {
            target
        } else {
            stop.target_name.clone()
        };
        let mut state = match &stop.ended {
            None => Cell::status(Tone::Error, words.text("exchange-stopped")),
            Some((_, by, why)) => Cell::status(Tone::Success, words.text("exchange-goes-on"))
                .note(pair(&words, by, why)),
        };
        if Exchange::may_resume(&cx.actor, stop) {
            state = state.to(format!("/exchange/stops/{}", stop.id));
        }
        vec![
            match stop.api {
                Some(api) => Cell::text(pair(&words, &kind, &name)).note(of_api(api)),
                None => Cell::text(pair(&words, &kind, &name)),
            },
            Cell::text(producer),
            Cell::text(&stop.reason),
            instant(&cx, Some(stop.since)).note(&stop.stopped_by),
            instant(&cx, stop.ended.as_ref().map(|(at, _, _)| *at)),
            state,
        ]
    });
    let names = ["flow", "producer", "reason", "since", "ended", "state"];
    let table = Table::new(
        &words,
        "stops",
        words.text("exchange-stops"),
        columns(&words, &names),
    )
    .rows(rows)
    .pages(pages)
    .empty(words.text("exchange-stops-empty"));
    let shell = cx
        .shell(words.text("exchange-stops"))
        .lead(words.text("exchange-stops-lead"));
    let may_stop = cx.actor.may_somewhere(&STOP) || cx.actor.may(&STOP_ALL, None);
    let add = may_stop.then(|| {
        Actions(vec![(
            words.text("exchange-stop"),
            "/exchange/stops/new".to_owned(),
        )])
    });
    Ok(Page(Composed::new(shell).maybe(add).with(table)))
}

/// That one API alone is stopped.
fn only_api(words: &Words, name: Option<&String>) -> String {
    let name = name.map_or("", String::as_str);
    words.text_with("exchange-stop-one-api", &[("name", name.into())])
}

async fn new_page(
    exchange: &Exchange,
    cx: &Cx,
    form: &StopForm,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let parties = head::parties(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    let all = apis::every(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    let mut producers = Vec::new();
    if cx.actor.may(&STOP_ALL, None) {
        producers.push((String::new(), words.text("exchange-all-producers")));
    }
    let mine = |id: Uuid| cx.actor.may(&STOP, Some(id));
    for party in parties {
        if mine(party.id) && all.iter().any(|api| api.producer == party.id) {
            producers.push((party.id.to_string(), party.name));
        }
    }
    let may_stop_all = cx.actor.may(&STOP_ALL, None);
    let of_mine = all.iter().filter(|api| mine(api.producer) || may_stop_all);
    let mut narrowed = vec![(String::new(), words.text("exchange-stop-every-api"))];
    narrowed.extend(of_mine.map(|api| (api.id.to_string(), api.profile.name.clone())));
    let kinds: Vec<_> = StopKind::ALL.iter().map(|one| one.code()).collect();
    let mut fields = vec![
        Field::select("producer", label(&words, "stop_producer"), producers)
            .hint(hint(&words, "stop_producer"))
            .value(&form.producer),
        Field::radios(
            "kind",
            label(&words, "stop_kind"),
            named(&words, "exchange-stop-", &kinds),
        )
        .value(&form.kind),
        Field::text("target", label(&words, "target"))
            .hint(hint(&words, "target"))
            .value(&form.target)
            .length_max(100)
            .required(),
        Field::select("api", label(&words, "stop_api"), narrowed)
            .hint(hint(&words, "stop_api"))
            .value(&form.api),
        Field::lines(3, "reason", label(&words, "reason"))
            .hint(hint(&words, "stop_reason"))
            .value(&form.reason)
            .length_max(1_000)
            .required(),
    ];
    mark(&words, &mut fields, mistakes);
    let mut shell = cx
        .shell(words.text("exchange-stop"))
        .lead(words.text("exchange-stop-lead"))
        .crumb(words.text("exchange-stops"), "/exchange/stops");
    shell.mistaken = !mistakes.is_empty();
    let html = Form::post(&shell, "/exchange/stops/new", words.text("exchange-stop"))
        .danger()
        .fields(fields)
        .summary(&words);
    // What can be named, to copy from.
    let mut rows = Vec::new();
    let of_apis = operations::every(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    for api in all
        .iter()
        .filter(|api| mine(api.producer) || cx.actor.may(&STOP_ALL, None))
    {
        rows.push(vec![
            Cell::text(&api.profile.name),
            Cell::text(words.text("exchange-stop-api")),
            Cell::text(api.id.to_string()),
        ]);
        for operation in of_apis
            .iter()
            .filter(|one| one.api == api.id && !one.is_removed)
        {
            rows.push(vec![
                Cell::text(format!(
                    "{}\u{a0}: {}",
                    api.profile.name, operation.described.name
                )),
                Cell::text(words.text("exchange-stop-operation")),
                Cell::text(operation.id.to_string()),
            ]);
        }
    }
    for (one, version) in exchange.active().await? {
        let is_mine = version.apis.iter().any(|api| mine(api.producer));
        if is_mine || cx.actor.may(&STOP_ALL, None) {
            rows.push(vec![
                Cell::text(format!("{} — {}", version.requester.name, one.title)),
                Cell::text(words.text("exchange-stop-accreditation")),
                Cell::text(one.id.to_string()),
            ]);
        }
    }
    let caption = words.text("exchange-stoppable");
    let names = ["what", "kind", "identifier"];
    let table = Table::new(&words, "stoppable", caption, columns(&words, &names)).rows(rows);
    Ok(Composed::new(shell).with(html).with(table))
}

pub(super) async fn show_new(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(query): Query<std::collections::HashMap<String, String>>,
) -> Result<Page<Composed>, Failure> {
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let form = StopForm {
        producer: text("producer"),
        kind: text("kind"),
        target: text("target"),
        api: text("api"),
        reason: String::new(),
    };
    Ok(Page(new_page(&exchange, &cx, &form, &[]).await?))
}

pub(super) async fn stop(
    State(exchange): State<Exchange>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name| fields.text(name).to_owned();
    let form = StopForm {
        producer: text("producer"),
        kind: text("kind"),
        target: text("target"),
        api: text("api"),
        reason: text("reason"),
    };
    match exchange.stop(&cx.actor, &form).await {
        Ok(_) => Ok(SeeOther("/exchange/stops".into()).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            Ok(FormAgain(new_page(&exchange, &cx, &form, &mistakes).await?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn resume_page(
    exchange: &Exchange,
    cx: &Cx,
    id: Uuid,
    reason: &str,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let found = store::find(&exchange.db, id)
        .await
        .map_err(ExchangeError::from)?;
    let stop = found
        .filter(|stop| Exchange::may_resume(&cx.actor, stop))
        .ok_or(Failure::NotFound)?;
    let mut fields = vec![
        Field::lines(3, "reason", label(&words, "reason"))
            .hint(hint(&words, "stop_reason"))
            .value(reason)
            .length_max(1_000)
            .required(),
    ];
    mark(&words, &mut fields, mistakes);
    let (kind, target) = StopKind::of(&stop.target);
    let kind = words.text(&format!("exchange-stop-{}", kind.code()));
    let name = if stop.target_name.is_empty() {
        target
    } else {
        stop.target_name
    };
    let mut shell = cx
        .shell(words.text("exchange-resume"))
        .lead(pair(&words, &kind, &name))
        .crumb(words.text("exchange-stops"), "/exchange/stops");
    shell.mistaken = !mistakes.is_empty();
    let action = format!("/exchange/stops/{id}");
    let form = Form::post(&shell, action, words.text("exchange-resume")).fields(fields);
    let mut page = Composed::new(shell);
    if let Some(api) = stop.api {
        let names = exchange.api_names().await?;
        page = page.text(only_api(&words, names.get(&api)));
    }
    Ok(page.text(stop.reason).with(form.summary(&words)))
}

pub(super) async fn show_resume(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    Ok(Page(resume_page(&exchange, &cx, id, "", &[]).await?))
}

pub(super) async fn resume(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let reason = fields.text("reason");
    match exchange.resume(&cx.actor, id, reason).await {
        Ok(()) => Ok(SeeOther("/exchange/stops".into()).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let page = resume_page(&exchange, &cx, id, reason, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
