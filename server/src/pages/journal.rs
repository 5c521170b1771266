//! The journal: browsable, and as a feed with a cursor.

use kit_http::{ApiQuery, Cx, Failure, JsonAnswer, Page, Query, State, described};
use kit_journal::{Entry, Filter, Journal};
use kit_ui::{Cell, Column, Composed, Field, Form, Pages, Table, format};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};

use super::OPERATE;
use crate::app::Platform;

/// Entries on one page.
const PAGE_ROWS: u32 = 50;
/// The largest number that is asked for: what JSON carries exactly (RFC 8259, section 6).
const NUMBER_MAX: i64 = (1 << 53) - 1;

#[derive(Debug, Deserialize)]
pub(crate) struct Browse {
    #[serde(default)]
    action: String,
    #[serde(default)]
    before: String,
}

fn cursor(field: &str, text: &str) -> Result<Option<i64>, Failure> {
    match text {
        "" => Ok(None),
        text => text
            .parse()
            .ok()
            .filter(|number: &i64| *number >= 0)
            .map(Some)
            .ok_or_else(|| Failure::field(field, "not-a-number", "0, 1, 2…")),
    }
}

pub(crate) async fn show(
    State(platform): State<Platform>,
    cx: Cx,
    Query(browse): Query<Browse>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let before = cursor("before", &browse.before)?;
    let filter = Filter {
        action: (!browse.action.is_empty()).then(|| browse.action.clone()),
        public_only: !cx.actor.may(&OPERATE, None),
        ..Filter::default()
    };
    let mut entries = Journal::browse(&platform.db, &filter, before, PAGE_ROWS + 1)
        .await
        .map_err(Failure::internal)?;
    let more = entries.len() > PAGE_ROWS as usize;
    entries.truncate(PAGE_ROWS as usize);
    let link = |before: i64| format!("/journal?action={}&before={before}", browse.action);
    let next = entries.last().filter(|_| more).map(|last| link(last.seq));
    let previous = before.map(|_| format!("/journal?action={}", browse.action));
    let rows = entries.iter().map(|entry| {
        let subject = Cell::text(&entry.subject.kind);
        let subject = match entry.subject.kind.as_str() {
            "product" => subject.to(format!("/products/{}", entry.subject.id)),
            "organisation" => subject.to(format!("/organisations/{}", entry.subject.id)),
            _ => subject,
        };
        vec![
            Cell::number(format::count(cx.locale, entry.seq), entry.seq),
            Cell::text(format::instant(cx.locale, entry.at)),
            Cell::text(&entry.actor_name),
            Cell::text(&entry.action),
            subject,
        ]
    });
    let columns = vec![
        Column::number(words.text("journal-number")),
        Column::text(words.text("journal-when")),
        Column::text(words.text("journal-who")),
        Column::text(words.text("journal-what")),
        Column::text(words.text("journal-subject")),
    ];
    let table = Table::new(&words, "journal", words.text("journal-caption"), columns)
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("journal-empty"));
    let filters = Form::filters("/journal", words.text("journal-filter")).field(
        Field::text("action", words.text("journal-action"))
            .hint(words.text("journal-action-hint"))
            .value(&browse.action),
    );
    let shell = cx
        .shell(words.text("journal-title"))
        .lead(words.text("journal-lead"));
    Ok(Page(
        Composed::new(shell)
            .with(filters)
            .with(table)
            .text(words.text("journal-feed")),
    ))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Follow {
    /// The number after which entries are asked for; 0 when nothing is told.
    #[serde(default)]
    #[param(required = false, schema_with = numbers)]
    after: i64,
    /// Entries on the page, those that aren't public counted; 100 when nothing is told.
    #[param(required = false, schema_with = limits)]
    limit: Option<u32>,
}

fn numbers() -> Schema {
    described::whole(0, NUMBER_MAX)
}

fn limits() -> Schema {
    described::whole(1, 1_000)
}

/// A page of the feed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feed {
    /// Public entries, oldest first.
    entries: Vec<Entry>,
    /// What to send as `after` next time; grows also when no entry of the page was public.
    next: i64,
}

/// The public entries of the journal.
#[utoipa::path(get, path = "/api/v1/journal", tag = "platform",
    params(Follow),
    responses((status = 200, body = Feed),
              (status = 422, description = "A parameter is wrong")))]
pub(crate) async fn feed(
    State(platform): State<Platform>,
    ApiQuery(Follow { after, limit }): ApiQuery<Follow>,
) -> Result<JsonAnswer<Feed>, Failure> {
    let limit = limit.unwrap_or(100);
    let entries = Journal::after(&platform.db, after, limit)
        .await
        .map_err(Failure::internal)?;
    let next = entries.last().map_or(after, |last| last.seq);
    let entries = entries.into_iter().filter(|entry| entry.public).collect();
    Ok(JsonAnswer(Feed { entries, next }))
}
