//! What a producer does with its APIs.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State, Upload,
};
use kit_ui::{
    Actions, Cell, Column, Composed, Facts, Field, Form, Notice, Shell, Table, Tone, Words,
};
use uuid::Uuid;

use super::catalogue::scope_table;
use super::words::{api_status, columns, hint, label, mark, mistake_text, named};
use crate::access::EDIT_API;
use crate::catalogue::{NewApi, WholeApi, place_of};
use crate::domain::openapi::BYTES_MAX;
use crate::domain::{Api, ApiForm, ApiStatus, LegalNature, Mistake, Proof, Sensitivity, parameter};
use crate::{Exchange, ExchangeError};

const ACCEPT: &str = ".json,.yaml,.yml,application/json,application/yaml";

/// A mistake of a document in words, with its place and limit.
pub(super) fn document_words(
    words: &Words,
    error: &crate::domain::openapi::DocumentMistake,
) -> String {
    let args = [("detail", error.detail.as_str().into())];
    let what = words.text_with(&place_of(error), &args);
    words.text_with(
        "exchange-document-mistake",
        &[
            ("place", error.place.as_str().into()),
            ("what", what.into()),
        ],
    )
}

pub(super) fn shell(cx: &Cx, title: String) -> Shell {
    cx.shell(title)
        .crumb(cx.words().text("exchange-producer"), "/exchange/producer")
}

pub(super) fn api_crumb(shell: Shell, api: &Api) -> Shell {
    shell.crumb(
        &api.profile.name,
        format!("/exchange/producer/apis/{}", api.id),
    )
}

pub(super) async fn list(
    State(exchange): State<Exchange>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let kept = exchange.kept_apis(&cx.actor).await?;
    let rows = kept.iter().map(|api| {
        vec![
            Cell::link(
                &api.profile.name,
                format!("/exchange/producer/apis/{}", api.id),
            ),
            Cell::text(&api.prefix),
            api_status(&words, api.status),
            Cell::text(&api.version),
        ]
    });
    let names = ["api", "prefix", "status", "version"];
    let table = Table::new(
        &words,
        "apis",
        words.text("exchange-kept"),
        columns(&words, &names),
    )
    .rows(rows)
    .empty(words.text("exchange-kept-empty"));
    let shell = cx
        .shell(words.text("exchange-producer"))
        .lead(words.text("exchange-producer-lead"));
    let add = (
        words.text("exchange-api-add"),
        "/exchange/producer/new".to_owned(),
    );
    let mut page = Composed::new(shell).with(Actions(vec![add])).with(table);
    let mut producers: Vec<Uuid> = kept.iter().map(|api| api.producer).collect();
    producers.sort();
    producers.dedup();
    for (at, producer) in producers.into_iter().take(5).enumerate() {
        let name = crate::store::head::party(&exchange.db, producer)
            .await
            .map_err(ExchangeError::from)?
            .map(|party| party.name)
            .unwrap_or_default();
        let found = exchange.accreditations_for(&cx.actor, producer).await?;
        let caption = words.text_with("exchange-accreditations-for", &[("name", name.into())]);
        let id = format!("accreditations-{at}");
        page = page.with(super::requests::table(&exchange, &cx, &id, caption, &found).await?);
    }
    Ok(Page(page))
}

async fn new_page(
    exchange: &Exchange,
    cx: &Cx,
    [producer, prefix]: [&str; 2],
    mistakes: &[Mistake],
    document: Option<String>,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let all = exchange
        .organisations
        .all(None)
        .await
        .map_err(ExchangeError::from)?;
    let producers: Vec<(String, String)> = all
        .into_iter()
        .filter(|one| cx.actor.may(&EDIT_API, Some(one.id.0)))
        .map(|one| (one.id.to_string(), one.name))
        .collect();
    let mut fields = vec![
        Field::select("producer", label(&words, "producer"), producers).value(producer),
        Field::text("prefix", label(&words, "prefix"))
            .hint(hint(&words, "prefix"))
            .value(prefix)
            .length_max(81)
            .required(),
        document_field(&words, document.clone()),
    ];
    mark(&words, &mut fields, mistakes);
    let mut shell = shell(cx, words.text("exchange-api-add"));
    shell.mistaken = !mistakes.is_empty() || document.is_some();
    let form = Form::post(
        &shell,
        "/exchange/producer/new",
        words.text("exchange-api-import"),
    )
    .fields(fields)
    .summary(&words);
    Ok(Composed::new(shell).with(form))
}

fn document_field(words: &Words, error: Option<String>) -> Field {
    Field::file("file", label(words, "file"), ACCEPT)
        .hint(hint(words, "file"))
        .error(error)
}

pub(super) async fn show_new(
    State(exchange): State<Exchange>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    Ok(Page(new_page(&exchange, &cx, ["", ""], &[], None).await?))
}

/// The document that was sent.
async fn sent(upload: &Upload) -> Result<Vec<u8>, Failure> {
    // Refused larger by the route already; read whole.
    if upload.size_bytes > BYTES_MAX as u64 {
        return Err(Failure::TooLarge {
            limit_bytes: BYTES_MAX as u64,
        });
    }
    tokio::fs::read(&upload.file)
        .await
        .map_err(Failure::internal)
}

pub(super) async fn add(
    State(exchange): State<Exchange>,
    cx: Cx,
    upload: Upload,
) -> Result<Response, Failure> {
    let producer = upload.fields.text("producer").to_owned();
    let prefix = upload.fields.text("prefix").to_owned();
    let document = sent(&upload).await?;
    let new = NewApi {
        producer: producer.parse().unwrap_or_default(),
        prefix: &prefix,
        document: &document,
    };
    let typed = [producer.as_str(), prefix.as_str()];
    match exchange.add_api(&cx.actor, new).await {
        Ok(id) => Ok(SeeOther(format!("/exchange/producer/apis/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let page = new_page(&exchange, &cx, typed, &mistakes, None).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(ExchangeError::Document(error)) => {
            let error = document_words(&cx.words(), &error);
            let page = new_page(&exchange, &cx, typed, &[], Some(error)).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let whole = exchange.kept_api(&cx.actor, id).await?;
    Ok(Page(api_page(&cx, &whole, &[])))
}

fn api_page(cx: &Cx, whole: &WholeApi, mistakes: &[Mistake]) -> Composed {
    let words = cx.words();
    let api = &whole.api;
    let shell = shell(cx, api.profile.name.clone());
    let mut page = Composed::new(shell.clone());
    if !mistakes.is_empty() {
        let all: Vec<String> = mistakes
            .iter()
            .map(|one| mistake_text(&words, one))
            .collect();
        let title = words.text("exchange-status-refused");
        page = page.with(Notice::new(Tone::Error, title, all.join(" ")));
    }
    let of = |rest: &str| format!("/exchange/producer/apis/{}{rest}", api.id);
    page = page
        .with(Facts::default().text(
            label(&words, "status"),
            words.text(&format!("exchange-status-{}", api.status.code())),
        ))
        .with(Actions(vec![
            (words.text("exchange-api-edit"), of("/edit")),
            (words.text("exchange-document-send"), of("/import")),
            (words.text("exchange-scope-add"), of("/scopes")),
            (
                words.text("exchange-api-see"),
                format!("/exchange/apis/{}", api.id),
            ),
        ]));
    let rows = whole
        .operations
        .iter()
        .filter(|one| !one.is_removed)
        .map(|operation| {
            let subject = operation
                .described
                .parameters
                .iter()
                .filter(|one| operation.subject.contains(&parameter(one)))
                .map(|one| one.name.clone());
            let href = format!("/exchange/producer/operations/{}", operation.id);
            vec![
                Cell::link(&operation.described.name, href),
                Cell::text(format!(
                    "{} {}",
                    operation.described.method, operation.described.path
                )),
                Cell::text(subject.collect::<Vec<_>>().join(", ")),
                super::words::number(cx, i64::from(operation.pieces_saved)),
            ]
        });
    let mut of_operations = columns(&words, &["operation", "called", "subject"]);
    of_operations.push(super::catalogue::pieces_column(&words));
    let caption = words.text("exchange-operations");
    page = page
        .heading(words.text("exchange-operations"))
        .text(words.text("exchange-operations-lead"))
        .with(Table::new(&words, "operations", caption, of_operations).rows(rows))
        .heading(words.text("exchange-scopes"))
        .with(linked_scopes(&words, whole))
        .heading(words.text("exchange-status-title"));
    for status in ApiStatus::ALL
        .iter()
        .filter(|to| api.status.may_become(**to))
    {
        let submit = words.text(&format!("exchange-status-set-{}", status.code()));
        let form = Form::post(&shell, of("/status"), submit).hidden("status", status.code());
        page = page.with(if *status == ApiStatus::Withdrawn {
            form.danger()
        } else {
            form
        });
    }
    page
}

/// The scopes, each a link to its form.
fn linked_scopes(words: &Words, whole: &WholeApi) -> Table {
    let mut table = scope_table(words, &whole.scopes, &whole.operations);
    for (row, scope) in table.rows.iter_mut().zip(&whole.scopes) {
        row[0] = Cell::link(
            &scope.code,
            format!("/exchange/producer/scopes/{}", scope.id),
        );
    }
    table
}

pub(super) async fn set_status(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let unknown = || Failure::field("status", "unknown", fields.text("status").to_owned());
    let status = ApiStatus::parse(fields.text("status")).ok_or_else(unknown)?;
    match exchange.set_status(&cx.actor, id, status).await {
        Ok(()) => Ok(SeeOther(format!("/exchange/producer/apis/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let whole = exchange.kept_api(&cx.actor, id).await?;
            Ok(FormAgain(api_page(&cx, &whole, &mistakes)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn typed(fields: &Fields) -> ApiForm {
    let text = |name| fields.text(name).to_owned();
    ApiForm {
        name: text("name"),
        description: text("description"),
        sensitivity: text("sensitivity"),
        legal_nature: text("legal_nature"),
        legal_text: text("legal_text"),
        legal_url: text("legal_url"),
        per_minute: text("per_minute"),
        per_day: text("per_day"),
        service_level: text("service_level"),
        test_url: text("test_url"),
        contact: text("contact"),
        upstreams: text("upstreams"),
        health_path: text("health_path"),
        timeout_ms: text("timeout_ms"),
        proof: text("proof"),
    }
}

fn edit_page(cx: &Cx, api: &Api, version: i64, form: &ApiForm, mistakes: &[Mistake]) -> Composed {
    let words = cx.words();
    let line = |name: &str, value: &str| {
        Field::text(name, label(&words, name))
            .hint(hint(&words, name))
            .value(value)
    };
    let codes = |all: &[&'static str], prefix: &str| named(&words, prefix, all);
    let sensitivities: Vec<_> = Sensitivity::ALL.iter().map(|one| one.code()).collect();
    let natures: Vec<_> = LegalNature::ALL.iter().map(|one| one.code()).collect();
    let proofs: Vec<_> = Proof::ALL.iter().map(|one| one.code()).collect();
    let digits = |name: &str, value: &str| {
        let mut field = line(name, value).length_max(12);
        field.inputmode = "numeric";
        field
    };
    let mut fields = vec![
        line("name", &form.name).length_max(120).required(),
        Field::lines(5, "description", label(&words, "description"))
            .value(&form.description)
            .length_max(5_000)
            .required(),
        Field::radios(
            "sensitivity",
            label(&words, "sensitivity"),
            codes(&sensitivities, "exchange-sensitivity-"),
        )
        .value(&form.sensitivity),
        line("contact", &form.contact).length_max(254).required(),
        Field::section(words.text("exchange-legal-offered")),
        Field::radios(
            "legal_nature",
            label(&words, "legal_nature"),
            codes(&natures, "exchange-legal-"),
        )
        .value(&form.legal_nature),
        Field::lines(2, "legal_text", label(&words, "legal_text"))
            .hint(hint(&words, "legal_text"))
            .value(&form.legal_text)
            .length_max(1_000)
            .required(),
        line("legal_url", &form.legal_url),
        Field::section(words.text("exchange-section-level")),
        digits("per_minute", &form.per_minute),
        digits("per_day", &form.per_day),
        Field::lines(2, "service_level", label(&words, "service_level"))
            .value(&form.service_level)
            .length_max(1_000),
        line("test_url", &form.test_url),
        Field::section(words.text("exchange-section-upstream")),
        Field::lines(2, "upstreams", label(&words, "upstreams"))
            .hint(hint(&words, "upstreams"))
            .value(&form.upstreams)
            .required(),
        line("health_path", &form.health_path),
        digits("timeout_ms", &form.timeout_ms),
        Field::radios(
            "proof",
            label(&words, "proof"),
            codes(&proofs, "exchange-proof-"),
        )
        .value(&form.proof),
    ];
    mark(&words, &mut fields, mistakes);
    let mut shell = api_crumb(shell(cx, words.text("exchange-api-edit")), api);
    shell.mistaken = !mistakes.is_empty();
    let action = format!("/exchange/producer/apis/{}/edit", api.id);
    let form = Form::post(&shell, action, words.text("exchange-save"))
        .hidden("version", version.to_string())
        .fields(fields)
        .summary(&words);
    Composed::new(shell).with(form)
}

pub(super) async fn show_edit(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let whole = exchange.kept_api(&cx.actor, id).await?;
    let form = ApiForm::of(&whole.api.profile);
    Ok(Page(edit_page(
        &cx,
        &whole.api,
        whole.api.row_version,
        &form,
        &[],
    )))
}

pub(super) async fn change(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = typed(&fields);
    let version = fields.text("version").parse().unwrap_or_default();
    match exchange.change_api(&cx.actor, id, version, &form).await {
        Ok(()) => Ok(SeeOther(format!("/exchange/producer/apis/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let whole = exchange.kept_api(&cx.actor, id).await?;
            let page = edit_page(&cx, &whole.api, version, &form, &mistakes);
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn import_page(cx: &Cx, api: &Api, error: Option<String>) -> Composed {
    let words = cx.words();
    let mut shell = api_crumb(shell(cx, words.text("exchange-document-send")), api)
        .lead(words.text("exchange-document-send-lead"));
    shell.mistaken = error.is_some();
    let action = format!("/exchange/producer/apis/{}/import", api.id);
    let form = Form::post(&shell, action, words.text("exchange-document-look"))
        .field(document_field(&words, error))
        .summary(&words);
    Composed::new(shell).with(form)
}

pub(super) async fn show_import(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let whole = exchange.kept_api(&cx.actor, id).await?;
    Ok(Page(import_page(&cx, &whole.api, None)))
}

pub(super) async fn send(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    upload: Upload,
) -> Result<Response, Failure> {
    let document = sent(&upload).await?;
    match exchange.send_document(&cx.actor, id, &document).await {
        Ok(import) => Ok(SeeOther(format!("/exchange/producer/imports/{import}")).into_response()),
        Err(ExchangeError::Document(error)) => {
            let whole = exchange.kept_api(&cx.actor, id).await?;
            let error = document_words(&cx.words(), &error);
            Ok(FormAgain(import_page(&cx, &whole.api, Some(error))).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn show_waiting(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (whole, described, differences) = exchange.waiting_document(&cx.actor, id).await?;
    let shell = api_crumb(
        shell(&cx, words.text("exchange-document-changes")),
        &whole.api,
    )
    .lead(words.text("exchange-document-changes-lead"));
    let breaks = differences.iter().filter(|one| one.breaks).count();
    let mut page = Composed::new(shell.clone()).with(
        Facts::default()
            .text(words.text("exchange-version-now"), &whole.api.version)
            .text(words.text("exchange-version-then"), &described.version),
    );
    if breaks > 0 {
        let count = i64::try_from(breaks).unwrap_or(i64::MAX);
        let title = words.count("exchange-document-breaks", count);
        let text = words.text("exchange-document-breaks-text");
        page = page.with(Notice::new(Tone::Warning, title, text));
    }
    let rows = differences.iter().map(|one| {
        let kind = words.text(&format!("exchange-difference-{}", one.kind));
        vec![
            Cell::text(&one.what),
            if one.breaks {
                Cell::status(Tone::Warning, kind)
            } else {
                Cell::text(kind)
            },
        ]
    });
    let caption = words.text("exchange-document-changes");
    let table = Table::new(
        &words,
        "changes",
        caption,
        columns(&words, &["what", "change"]),
    )
    .rows(rows)
    .empty(words.text("exchange-document-same"));
    let note = Field::lines(3, "note", label(&words, "note"))
        .hint(hint(&words, "note"))
        .length_max(2_000);
    let action = format!("/exchange/producer/imports/{id}");
    let form = Form::post(&shell, action, words.text("exchange-document-take")).field(note);
    Ok(Page(page.with(table).with(form)))
}

pub(super) async fn take(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let api = exchange
        .take_document(&cx.actor, id, fields.text("note"))
        .await?;
    Ok(SeeOther(format!("/exchange/producer/apis/{api}")))
}

/// A table of figures' last column, for whoever adds one.
pub(super) fn count_column(words: &Words) -> Column {
    super::words::number_column(words, "calls")
}
