//! Procedures of a product, and all that the reader may follow.

use kit_acts::address;
use kit_http::{Cx, Failure, Page, Path, Query, State, optional};
use kit_ui::{Actions, Cell, Composed, Field, Form, Pages, Table, Tone, Words, format};
use ports::ProductId;
use serde::Deserialize;
use uuid::Uuid;

use super::words::{columns, ministries};
use crate::access::EDIT;
use crate::{Observatory, StoredProcedure, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    after: String,
}

fn row(words: &Words, one: &StoredProcedure) -> Vec<Cell> {
    let href = format!("/observatory/procedures/{}", one.id);
    let users = one.procedure.users.map_or_else(Cell::unknown, |users| {
        Cell::number(format::count(words.locale, users), users)
    });
    let scope = if one.procedure.is_in_scope() {
        Cell::status(Tone::Info, words.text("observatory-in-scope"))
    } else {
        Cell::text(words.text("observatory-not-in-scope"))
    };
    let state = if one.is_open {
        Cell::status(Tone::Success, words.text("observatory-is-open"))
    } else {
        Cell::status(Tone::Warning, words.text("observatory-is-closed"))
    };
    vec![
        Cell::link(&one.procedure.name, href),
        Cell::link(
            &one.product_title,
            format!("/products/{}/procedures", one.product),
        ),
        users,
        scope,
        state,
        Cell::link(
            words.text("observatory-results-short"),
            format!("/observatory/procedures/{}/results", one.id),
        ),
    ]
}

const COLUMNS: [&str; 6] = [
    "procedure",
    "product",
    "#users",
    "scope",
    "state",
    "answers",
];

pub(super) async fn list(
    State(observatory): State<Observatory>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let id = |text: &str| text.parse::<Uuid>().ok();
    let ministry = optional("ministry", &query.ministry, id)?;
    let yes = |text: &str| (text == "yes").then_some(true);
    let in_scope = optional("scope", &query.scope, yes)?.unwrap_or_default();
    let mut found = observatory
        .procedures(
            &cx.actor,
            (ministry, in_scope),
            id(&query.after),
            PAGE_ROWS + 1,
        )
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let here = "/observatory/procedures";
    let pairs = [
        ("ministry", query.ministry.as_str()),
        ("scope", query.scope.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = last.id.to_string();
        address(here, &[pairs[0], pairs[1], ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let caption = words.text("observatory-procedures");
    let table = Table::new(&words, "procedures", caption, columns(&words, &COLUMNS))
        .rows(found.iter().map(|one| row(&words, one)))
        .pages(Pages { previous, next })
        .empty(words.text("observatory-procedures-empty"));
    let known = observatory.known_ministries(&cx.actor).await?;
    let scopes = vec![
        (String::new(), words.text("observatory-any")),
        ("yes".to_owned(), words.text("observatory-scope-only")),
    ];
    let filters = Form::filters(here, words.text("observatory-filter")).fields([
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            ministries(&observatory, &words, &known).await?,
        )
        .value(&query.ministry),
        Field::select("scope", WORDING.label(&words, "scope"), scopes).value(&query.scope),
    ]);
    let shell = cx
        .shell(words.text("observatory-procedures"))
        .lead(words.text("observatory-procedures-lead"));
    Ok(Page(Composed::new(shell).with(filters).with(table)))
}

pub(super) async fn of_product(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (product, all) = observatory.of_product(&cx.actor, ProductId(id)).await?;
    let caption = words.text("observatory-procedures");
    let table = Table::new(&words, "procedures", caption, columns(&words, &COLUMNS))
        .rows(all.iter().map(|one| row(&words, one)))
        .empty(words.text("observatory-of-product-empty"));
    let shell = cx
        .shell(words.text("observatory-procedures"))
        .lead(words.text("observatory-of-product-lead"))
        .crumb(&product.title, format!("/products/{}", product.id));
    let may_edit = cx.actor.may(&EDIT, product.ministry.map(|id| id.0));
    let add = may_edit.then(|| {
        let href = format!("/products/{}/procedures/new", product.id);
        Actions(vec![(words.text("observatory-add"), href)])
    });
    Ok(Page(Composed::new(shell).maybe(add).with(table)))
}
