//! What services know of me: what I agreed to, where I signed in, how to end it.

use jiff::Timestamp;
use kit_http::{Cx, Failure, Page, Query, SeeOther, State};
use kit_ui::{Actions, Cell, Column, Composed, Field, Form, Pages, Table, Words, format};
use serde::Deserialize;
use uuid::Uuid;

use crate::Identity;
use crate::domain::{Scopes, is_exchange_scope};

/// Sign-ins on one page.
const PAGE_ROWS: u32 = 25;

#[derive(Debug, Deserialize)]
pub(super) struct Before {
    /// Microseconds since 1970.
    before: Option<i64>,
    #[serde(default)]
    id: Uuid,
}

/// What scopes tell, in the reader's words.
pub(super) fn scope_words(words: &Words, scopes: &Scopes) -> String {
    let told = scopes.iter().map(|scope| {
        if is_exchange_scope(scope) {
            // Of the data exchange: named by those who offer it.
            scope.to_owned()
        } else {
            words.text(&format!("identity-scope-{scope}"))
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

pub(super) async fn show(
    State(identity): State<Identity>,
    cx: Cx,
    Query(before): Query<Before>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let consents = identity.own_consents(&cx.actor).await?;
    let from = before
        .before
        .and_then(|micros| Timestamp::from_microsecond(micros).ok());
    let from = from.map_or((Timestamp::MAX, Uuid::max()), |at| (at, before.id));
    let mut sign_ins = identity
        .own_sign_ins(&cx.actor, from, PAGE_ROWS + 1)
        .await?;
    let more = sign_ins.len() > PAGE_ROWS as usize;
    sign_ins.truncate(PAGE_ROWS as usize);
    let next = sign_ins.last().filter(|_| more).map(|(last, _)| {
        let at = last.created_at.as_microsecond();
        format!("/account/services?before={at}&id={}#sign-ins", last.id)
    });

    let columns = ["service", "scopes", "agreed-at"]
        .map(|column| Column::text(words.text(&format!("identity-column-{column}"))));
    let agreed = Table::new(
        &words,
        "consents",
        words.text("identity-own-consents"),
        columns.into(),
    )
    .rows(consents.iter().map(|consent| {
        vec![
            Cell::text(&consent.name).note(&consent.purpose),
            Cell::text(scope_words(&words, &consent.scopes)),
            Cell::text(format::instant(cx.locale, consent.given_at)),
        ]
    }))
    .empty(words.text("identity-own-consents-empty"));

    let columns = ["when", "service", "scopes", "level"]
        .map(|column| Column::text(words.text(&format!("identity-column-{column}"))));
    let history = Table::new(
        &words,
        "sign-ins",
        words.text("identity-own-sign-ins"),
        columns.into(),
    )
    .rows(sign_ins.iter().map(|(one, service)| {
        vec![
            Cell::text(format::instant(cx.locale, one.created_at)),
            Cell::text(service),
            Cell::text(scope_words(&words, &one.scopes)),
            Cell::text(words.text(&format!("identity-level-{}", one.acr))),
        ]
    }))
    .pages(Pages {
        previous: None,
        next,
    })
    .empty(words.text("identity-own-sign-ins-empty"));

    let shell = cx
        .shell(words.text("identity-own"))
        .lead(words.text("identity-own-lead"));
    let mut page = Composed::new(shell.clone()).with(agreed);
    if !consents.is_empty() {
        let options = consents
            .iter()
            .map(|consent| (consent.client.to_string(), consent.name.clone()))
            .collect();
        page = page.heading(words.text("identity-own-withdraw")).with(
            Form::post(
                &shell,
                "/account/services/withdraw",
                words.text("identity-own-withdraw-submit"),
            )
            .field(
                Field::select("service", words.text("identity-column-service"), options)
                    .hint(words.text("identity-own-withdraw-hint")),
            )
            .danger(),
        );
    }
    let account = (words.text("identity-own-account"), "/account".to_owned());
    Ok(Page(page.with(history).with(Actions(vec![account]))))
}

pub(super) async fn withdraw(
    State(identity): State<Identity>,
    cx: Cx,
    fields: kit_http::Fields,
) -> Result<SeeOther, Failure> {
    let id = fields
        .text("service")
        .parse()
        .map_err(|_| Failure::NotFound)?;
    identity.withdraw_consent(&cx.actor, id).await?;
    Ok(SeeOther("/account/services".into()))
}
