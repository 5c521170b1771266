//! What may use an accreditation: clients and opaque keys; and what a version holds.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Response, SeeOther, State,
};
use kit_ui::{Actions, Cell, Composed, Facts, Field, Form, Notice, Table, Tone};
use uuid::Uuid;

use super::requests::whole;
use super::words::{columns, day, hint, instant, label, mark, pair};
use crate::accreditations::Seen;
use crate::domain::{Mistake, RequestForm, Version};
use crate::store::versions;
use crate::{Exchange, ExchangeError, KeyShown};

/// The part of an accreditation's page for those who use it.
pub(super) async fn section(
    exchange: &Exchange,
    cx: &Cx,
    seen: &Seen,
    version: Option<&Version>,
    page: Composed,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let Some(version) = version.filter(|_| seen.seat.uses()) else {
        return Ok(page);
    };
    let words = cx.words();
    let id = seen.one.id;
    let shell = cx.shell("");
    let (clients, keys) = exchange.uses_of(seen).await?;
    let of = |rest: &str| format!("/exchange/requests/{id}/{rest}");
    let rows = clients
        .iter()
        .map(|client| vec![Cell::text(&client.name), Cell::text(&client.client_id)]);
    let caption = words.text("exchange-clients");
    let table = Table::new(
        &words,
        "clients",
        caption,
        columns(&words, &["client", "client_id"]),
    )
    .rows(rows)
    .empty(words.text("exchange-clients-empty"));
    let mut fields = vec![
        Field::text("client_id", label(&words, "client_id"))
            .hint(hint(&words, "client_id"))
            .length_max(200),
    ];
    mark(&words, &mut fields, mistakes);
    let name = Form::post(&shell, of("clients"), words.text("exchange-client-name")).fields(fields);
    let mut page = page
        .heading(words.text("exchange-clients"))
        .text(words.text_with(
            "exchange-clients-lead",
            &[
                ("id", id.to_string().into()),
                ("audience", exchange.settings.audience.as_str().into()),
            ],
        ))
        .with(table)
        .with(name.summary(&words));
    if !clients.is_empty() {
        let options = clients
            .iter()
            .map(|one| (one.client_id.clone(), one.name.clone()));
        let field = Field::select("removed", label(&words, "removed"), options.collect());
        let submit = words.text("exchange-client-remove");
        let form = Form::post(&shell, of("clients/remove"), submit)
            .inline()
            .danger();
        page = page.with(form.field(field));
    }
    if !version.keys_allowed {
        return Ok(page);
    }
    let rows = keys.iter().map(|key| {
        vec![
            Cell::text(&key.label),
            Cell::text(&key.made_by),
            instant(cx, Some(key.made_at)),
            match key.revoked_at {
                Some(at) => instant(cx, Some(at)),
                None => Cell::status(Tone::Success, words.text("exchange-key-works")),
            },
        ]
    });
    let caption = words.text("exchange-keys");
    let names = ["key", "made_by", "made_at", "revoked_at"];
    let table = Table::new(&words, "keys", caption, columns(&words, &names))
        .rows(rows)
        .empty(words.text("exchange-keys-empty"));
    let mut fields = vec![
        Field::text("label", label(&words, "key_label"))
            .hint(hint(&words, "key_label"))
            .length_max(100),
    ];
    mark(&words, &mut fields, mistakes);
    let make = Form::post(&shell, of("keys"), words.text("exchange-key-make")).fields(fields);
    page = page
        .heading(words.text("exchange-keys"))
        .with(table)
        .with(make.summary(&words));
    let live: Vec<(String, String)> = keys
        .iter()
        .filter(|key| key.revoked_at.is_none())
        .map(|key| (key.id.to_string(), key.label.clone()))
        .collect();
    if !live.is_empty() {
        let field = Field::select("key", label(&words, "key"), live);
        let submit = words.text("exchange-key-revoke");
        let form = Form::post(&shell, of("keys/revoke"), submit)
            .inline()
            .danger();
        page = page.with(form.field(field));
    }
    Ok(page)
}

async fn again(
    exchange: &Exchange,
    cx: &Cx,
    id: Uuid,
    done: Result<(), ExchangeError>,
) -> Result<Response, Failure> {
    match done {
        Ok(()) => Ok(SeeOther(format!("/exchange/requests/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            Ok(FormAgain(whole(exchange, cx, id, &mistakes).await?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn name_client(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = exchange
        .name_client(&cx.actor, id, fields.text("client_id"))
        .await;
    again(&exchange, &cx, id, done).await
}

pub(super) async fn remove_client(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = exchange
        .remove_client(&cx.actor, id, fields.text("removed"))
        .await;
    again(&exchange, &cx, id, done).await
}

/// The one page that shows a key.
pub(super) async fn make_key(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let words = cx.words();
    let KeyShown(key) = match exchange.make_key(&cx.actor, id, fields.text("label")).await {
        Ok(key) => key,
        Err(error) => return again(&exchange, &cx, id, Err(error)).await,
    };
    let shell = cx
        .shell(words.text("exchange-key-made"))
        .crumb(words.text("exchange-requests"), "/exchange/requests");
    let notice = Notice::new(
        Tone::Warning,
        words.text("exchange-key-once"),
        words.text("exchange-key-once-text"),
    );
    let on = (
        words.text("exchange-back"),
        format!("/exchange/requests/{id}"),
    );
    let page = Composed::new(shell)
        .with(notice)
        .with(Facts::default().text(words.text("exchange-column-key"), key))
        .with(Actions(vec![on]));
    Ok(Page(page).into_response())
}

pub(super) async fn revoke_key(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let key = fields.text("key").parse().map_err(|_| Failure::NotFound)?;
    let done = exchange.revoke_key(&cx.actor, id, key).await;
    again(&exchange, &cx, id, done).await
}

/// A version, as it was approved.
pub(super) async fn version(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path((id, number)): Path<(Uuid, u32)>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let seen = exchange.seen(&cx.actor, id).await?;
    let found = versions::find(&exchange.db, id, number)
        .await
        .map_err(ExchangeError::from)?;
    let version = found.ok_or(Failure::NotFound)?;
    let back = format!("/exchange/requests/{id}");
    let title = words.text_with(
        "exchange-version-number",
        &[("number", version.number.to_string().into())],
    );
    let shell = cx
        .shell(pair(&words, &title, &version.content.title))
        .lead(words.text("exchange-version-lead"))
        .crumb(
            format!("{}\u{a0}{}", words.text("exchange-number"), seen.one.number),
            back,
        );
    let allowed = if version.keys_allowed {
        words.text("exchange-yes")
    } else {
        words.text("exchange-no")
    };
    let facts = Facts::default()
        .text(
            label(&words, "requester"),
            format!("{} ({})", version.requester.name, version.requester.siret),
        )
        .text(
            words.text("exchange-column-approved"),
            kit_ui::format::instant(cx.locale, version.approved_at),
        )
        .text(words.text("exchange-approved-by"), &version.approved_by)
        .text(
            words.text("exchange-column-until"),
            day(&cx, version.valid_until),
        )
        .text(label(&words, "per_minute"), version.per_minute.to_string())
        .text(label(&words, "per_day"), version.per_day.to_string())
        .text(label(&words, "keys"), allowed)
        .text(
            label(&words, "hidden_days_granted"),
            match version.hidden_days {
                0 => String::new(),
                days => format!("{days} — {}", version.hidden_reason),
            },
        );
    let rows = version.apis.iter().map(|one| {
        let scopes = one
            .scopes
            .iter()
            .map(|(code, text)| format!("{text} ({code})"));
        vec![
            Cell::link(&one.name, format!("/exchange/apis/{}", one.api)),
            Cell::text(&one.producer_name),
            Cell::text(scopes.collect::<Vec<_>>().join(", ")),
        ]
    });
    let caption = words.text("exchange-granted");
    let table = Table::new(
        &words,
        "granted",
        caption,
        columns(&words, &["api", "producer", "scope"]),
    )
    .rows(rows);
    let form = RequestForm::of(&version.content);
    let said = super::request_form::said(&words, &cx, &form, &[]);
    Ok(Page(
        Composed::new(shell)
            .with(facts)
            .with(table)
            .heading(words.text("exchange-request-says"))
            .with(said),
    ))
}
