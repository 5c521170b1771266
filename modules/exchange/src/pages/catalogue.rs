//! The catalogue: what can be asked for, and each API whole.

use kit_http::{Cx, Failure, Page, Path, Query, State};
use kit_ui::{
    Actions, Cell, Composed, Facts, Field, Form, Notice, Table, Timeline, TimelineEvent, Tone,
    Words, format,
};
use uuid::Uuid;

use super::words::{address, api_status, columns, cut, label, named, number_column};
use crate::access::{ASK, EDIT_API};
use crate::api::{ListQuery, cursor};
use crate::catalogue::WholeApi;
use crate::domain::openapi::DescribedParameter;
use crate::domain::{ApiStatus, CitizenCalls, Operation, Scope, Sensitivity, opens, parameter};
use crate::store::apis;
use crate::store::head;
use crate::{Exchange, ExchangeError};

/// APIs on one page.
const PAGE_ROWS: u32 = 50;

fn codes<T: Copy>(all: &[T], code: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| code(*one)).collect()
}

async fn filters(exchange: &Exchange, words: &Words, query: &ListQuery) -> Result<Form, Failure> {
    let any = || vec![(String::new(), words.text("exchange-any"))];
    let mut producers = any();
    let of_apis = apis::every(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    let parties = head::parties(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    for party in parties {
        let is_seen =
            |api: &&crate::domain::Api| api.producer == party.id && api.status != ApiStatus::Draft;
        if of_apis.iter().any(|api| is_seen(&api)) {
            producers.push((party.id.to_string(), party.name));
        }
    }
    producers[1..].sort_by(|a, b| a.1.cmp(&b.1));
    let mut statuses = any();
    let seen = codes(&ApiStatus::ALL[1..], ApiStatus::code);
    statuses.extend(named(words, "exchange-status-", &seen));
    let mut sensitivities = any();
    let all = codes(Sensitivity::ALL, Sensitivity::code);
    sensitivities.extend(named(words, "exchange-sensitivity-", &all));
    Ok(Form::filters("/exchange", words.text("exchange-filter"))
        .field(Field::line("search", "q", label(words, "q")).value(&query.q))
        .field(
            Field::select("producer", label(words, "producer"), producers).value(&query.producer),
        )
        .field(Field::select("status", label(words, "status"), statuses).value(&query.status))
        .field(
            Field::select("sensitivity", label(words, "sensitivity"), sensitivities)
                .value(&query.sensitivity),
        ))
}

pub(super) async fn list(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let filter = query.filter()?;
    let (name, id) = query.place();
    let found = exchange.apis(&filter, (&name, id), PAGE_ROWS + 1).await?;
    let with = |after: &str| {
        address(
            "/exchange",
            &[
                ("q", &query.q),
                ("producer", &query.producer),
                ("status", &query.status),
                ("sensitivity", &query.sensitivity),
                ("after", after),
            ],
        )
    };
    let (found, pages) = cut(found, PAGE_ROWS, &query.after, with, |(api, _)| cursor(api));
    let rows = found.iter().map(|(api, producer)| {
        let sensitivity = api.profile.sensitivity.code();
        vec![
            Cell::link(&api.profile.name, format!("/exchange/apis/{}", api.id)),
            Cell::text(producer),
            api_status(&words, api.status),
            Cell::text(words.text(&format!("exchange-sensitivity-{sensitivity}"))),
            Cell::text(&api.version),
        ]
    });
    let names = ["api", "producer", "status", "sensitivity", "version"];
    let caption = words.text("exchange-catalogue");
    let table = Table::new(&words, "apis", caption, columns(&words, &names))
        .rows(rows)
        .pages(pages)
        .empty(words.text("exchange-catalogue-empty"));
    let shell = cx
        .shell(words.text("exchange-catalogue"))
        .lead(words.text("exchange-catalogue-lead"));
    let ask = cx.actor.may_somewhere(&ASK).then(|| {
        let href = "/exchange/requests/new".to_owned();
        Actions(vec![(words.text("exchange-request-begin"), href)])
    });
    Ok(Page(
        Composed::new(shell)
            .maybe(ask)
            .with(filters(&exchange, &words, &query).await?)
            .with(table)
            .text(words.text("exchange-catalogue-machines"))
            .link("DCAT (JSON-LD)", "/exchange/dcat.jsonld")
            .link("API (JSON)", "/api/v1/exchange/apis"),
    ))
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let whole = exchange.whole_api(&cx.actor, id).await?;
    let changes = apis::changes(&exchange.db, id)
        .await
        .map_err(ExchangeError::from)?;
    let api = &whole.api;
    let shell = cx
        .shell(&api.profile.name)
        .lead(words.text_with(
            "exchange-api-lead",
            &[("producer", whole.producer_name.as_str().into())],
        ))
        .crumb(words.text("exchange-catalogue"), "/exchange");
    let mut page = Composed::new(shell);
    let status = api.status.code();
    if api.status != ApiStatus::Published {
        let tone = if api.status == ApiStatus::Withdrawn {
            Tone::Error
        } else {
            Tone::Warning
        };
        let title = words.text(&format!("exchange-status-{status}"));
        let text = words.text(&format!("exchange-status-text-{status}"));
        page = page.with(Notice::new(tone, title, text));
    }
    let mut actions = Vec::new();
    if api.status == ApiStatus::Published {
        let href = format!("/exchange/requests/new?api={id}");
        actions.push((words.text("exchange-api-ask"), href));
    }
    if cx.actor.may(&EDIT_API, Some(api.producer)) {
        let href = format!("/exchange/producer/apis/{id}");
        actions.push((words.text("exchange-api-keep"), href));
    }
    if !actions.is_empty() {
        page = page.with(Actions(actions));
    }
    page = page.with(facts(&cx, &whole));
    page = page
        .heading(words.text("exchange-api-how"))
        .text(words.text("exchange-api-how-text"))
        .heading(words.text("exchange-scopes"))
        .text(words.text("exchange-scopes-lead"))
        .with(scope_table(&words, &whole.scopes, &whole.operations));
    for (at, operation) in whole
        .operations
        .iter()
        .filter(|one| !one.is_removed)
        .enumerate()
    {
        page = of_operation(page, &words, &whole, operation, at);
    }
    let events = changes.iter().map(|change| TimelineEvent {
        when: format::instant(cx.locale, change.at),
        datetime: change.at.to_string(),
        title: words.text_with(
            "exchange-api-version",
            &[("version", change.version.as_str().into())],
        ),
        detail: told_change(&words, &change.note, &change.differences),
        tone: None,
        href: None,
    });
    Ok(Page(page.heading(words.text("exchange-changelog")).with(
        Timeline {
            events: events.collect(),
            empty: words.text("exchange-changelog-empty"),
        },
    )))
}

fn told_change(words: &Words, note: &str, differences: &[crate::domain::Difference]) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !note.is_empty() {
        parts.push(note.to_owned());
    }
    parts.extend(differences.iter().take(20).map(|one| {
        format!(
            "{}\u{a0}: {}",
            words.text(&format!("exchange-difference-{}", one.kind)),
            one.what
        )
    }));
    parts.join("\u{202f}; ")
}

fn facts(cx: &Cx, whole: &WholeApi) -> Facts {
    let words = cx.words();
    let profile = &whole.api.profile;
    let count = |number: u64| format::count(cx.locale, i64::try_from(number).unwrap_or(i64::MAX));
    let quotas = words.text_with(
        "exchange-quotas",
        &[
            ("minute", count(u64::from(profile.per_minute)).into()),
            ("day", count(profile.per_day).into()),
        ],
    );
    let nature = words.text(&format!("exchange-legal-{}", profile.legal_nature.code()));
    let basis = if profile.legal_text.is_empty() {
        String::new()
    } else {
        format!("{nature}\u{a0}: {}", profile.legal_text)
    };
    let mut facts = Facts::default()
        .text(label(&words, "description"), &profile.description)
        .text(label(&words, "prefix"), &whole.api.prefix)
        .text(label(&words, "version"), &whole.api.version)
        .text(
            label(&words, "sensitivity"),
            words.text(&format!(
                "exchange-sensitivity-{}",
                profile.sensitivity.code()
            )),
        );
    facts = if profile.legal_url.is_empty() {
        facts.text(words.text("exchange-legal-offered"), basis)
    } else {
        facts.link(
            words.text("exchange-legal-offered"),
            basis,
            &profile.legal_url,
        )
    };
    let document = format!("/exchange/apis/{}/openapi.json", whole.api.id);
    facts = facts
        .text(words.text("exchange-quotas-title"), quotas)
        .text(label(&words, "service_level"), &profile.service_level)
        .text(label(&words, "contact"), &profile.contact)
        .link(words.text("exchange-document"), "openapi.json", document)
        .link(
            words.text("exchange-document-of-gateways"),
            "gateway.json",
            format!("/exchange/apis/{}/gateway.json", whole.api.id),
        );
    if !profile.test_url.is_empty() {
        facts = facts.link(
            label(&words, "test_url"),
            &profile.test_url,
            &profile.test_url,
        );
    }
    facts
}

pub(super) fn scope_table(words: &Words, scopes: &[Scope], operations: &[Operation]) -> Table {
    let rows = scopes.iter().map(|scope| {
        let mut opened: Vec<String> = Vec::new();
        for operation in operations {
            opened.extend(opens(scope, operation).map(|field| field.path.clone()));
        }
        opened.sort();
        opened.dedup();
        vec![
            Cell::text(&scope.code),
            Cell::text(&scope.label),
            Cell::text(opened.join(", ")),
        ]
    });
    let names = ["scope", "label", "opens"];
    Table::new(
        words,
        "scopes",
        words.text("exchange-scopes"),
        columns(words, &names),
    )
    .rows(rows)
    .empty(words.text("exchange-scopes-empty"))
}

fn of_operation(
    page: Composed,
    words: &Words,
    whole: &WholeApi,
    operation: &Operation,
    at: usize,
) -> Composed {
    let described = &operation.described;
    let title = if described.summary.is_empty() {
        described.name.clone()
    } else {
        described.summary.clone()
    };
    let called = format!(
        "{} /{}{}",
        described.method, whole.api.prefix, described.path
    );
    let names_person = |one: &DescribedParameter| operation.subject.contains(&parameter(one));
    let yes_no = |yes: bool| words.text(if yes { "exchange-yes" } else { "exchange-no" });
    let parameters = described.parameters.iter().map(|one| {
        vec![
            Cell::text(&one.name),
            Cell::text(words.text(&format!("exchange-place-{}", one.place))),
            Cell::text(yes_no(one.required)),
            Cell::text(yes_no(names_person(one))),
            Cell::text(&one.kind),
            Cell::text(&one.text),
        ]
    });
    let of_parameters = ["parameter", "place", "required", "subject", "kind", "text"];
    let caption = words.text_with("exchange-parameters-of", &[("name", title.as_str().into())]);
    let id = format!("parameters-{at}");
    let parameters = Table::new(words, id, caption, columns(words, &of_parameters))
        .rows(parameters)
        .empty(words.text("exchange-parameters-empty"));
    let fields = described.fields.iter().map(|field| {
        let scopes: Vec<&str> = whole
            .scopes
            .iter()
            .filter(|scope| opens(scope, operation).any(|one| one.path == field.path))
            .map(|scope| scope.code.as_str())
            .collect();
        vec![
            Cell::text(&field.path),
            Cell::text(&field.kind),
            Cell::text(&field.text),
            if scopes.is_empty() {
                Cell::text(words.text("exchange-never-given"))
            } else {
                Cell::text(scopes.join(", "))
            },
        ]
    });
    let caption = words.text_with("exchange-fields-of", &[("name", title.as_str().into())]);
    let names = ["field", "kind", "text", "scope"];
    let fields = Table::new(
        words,
        format!("fields-{at}"),
        caption,
        columns(words, &names),
    )
    .rows(fields);
    let title_of_trial = title.clone();
    page.heading(title)
        .text(called)
        .text(words.text_with(
            "exchange-citizen-calls-of",
            &[("calls", citizen_calls(words, operation).into())],
        ))
        .link(
            words.text_with(
                "exchange-trial-title",
                &[("name", title_of_trial.as_str().into())],
            ),
            format!("/exchange/operations/{}/try", operation.id),
        )
        .with(parameters)
        .with(fields)
}

/// Whether an operation is called on behalf of citizens, and from which level on.
pub(super) fn citizen_calls(words: &Words, operation: &Operation) -> String {
    let calls = operation.citizen_calls;
    let told = words.text(&format!("exchange-citizen-calls-{}", calls.code()));
    if calls == CitizenCalls::Closed {
        return told;
    }
    let level = words.text(&format!("exchange-level-{}", operation.level_min));
    let args = [("calls", told.into()), ("level", level.into())];
    words.text_with("exchange-citizen-calls-from", &args)
}

/// The number column of the catalogue's figures.
pub(super) fn pieces_column(words: &Words) -> kit_ui::Column {
    number_column(words, "pieces")
}
