//! The list of indicators: of the whole State, of one product.

use kit_http::{Cx, Failure, Page, Path, Query, State};
use kit_ui::{Actions, Cell, Column, Composed, Field, Form, Pages, Table, Words};
use ports::{ProductId, Standing};
use uuid::Uuid;

use super::words::{self, figure_cell, standing_cell, target_cell};
use crate::Impact;
use crate::access::EDIT;
use crate::api::ListQuery;
use crate::domain::{Indicator, Level};
use crate::store::list::ListFilter;

/// Indicators on one page.
const PAGE_ROWS: u32 = 50;
/// Indicators of one product on its page: those in use are 100 at most.
const OF_PRODUCT: u32 = 200;

/// The address of the list with another cursor.
fn address(base: &str, query: &ListQuery, after: &str) -> String {
    let mut parts = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("product", query.product.as_str()),
        ("ministry", &query.ministry),
        ("level", &query.level),
        ("standing", &query.standing),
        ("after", after),
    ] {
        if !value.is_empty() {
            parts.append_pair(name, value);
        }
    }
    match parts.finish() {
        text if text.is_empty() => base.to_owned(),
        text => format!("{base}?{text}"),
    }
}

fn filters(words: &Words, query: &ListQuery) -> Form {
    let any = || vec![(String::new(), words.text("impact-all"))];
    let mut levels = any();
    levels.extend(Level::ALL.map(|one| (one.code().to_owned(), words::level(words, one))));
    let mut standings = any();
    standings.extend(Standing::ALL.map(|one| (one.code().to_owned(), words::standing(words, one))));
    let level = Field::select("level", words.text("impact-level"), levels);
    let standing = Field::select("standing", words.text("impact-standing"), standings);
    let mut form = Form::filters("/indicators", words.text("impact-filter"))
        .field(level.value(&query.level))
        .field(standing.value(&query.standing));
    for (name, value) in [("product", &query.product), ("ministry", &query.ministry)] {
        if !value.is_empty() {
            form = form.hidden(name, value);
        }
    }
    form
}

fn columns(words: &Words, with_product: bool) -> Vec<Column> {
    let mut columns = vec![Column::text(words.text("impact-column-name"))];
    if with_product {
        columns.push(Column::text(words.text("impact-column-product")));
    }
    columns.extend([
        Column::text(words.text("impact-level")),
        Column::text(words.text("impact-standing")),
        Column::number(words.text("impact-column-latest")),
        Column::number(words.text("impact-column-target")),
        Column::text(words.text("impact-unit")),
    ]);
    columns
}

fn row(
    words: &Words,
    indicator: &Indicator,
    today: jiff::civil::Date,
    with_product: bool,
) -> Vec<Cell> {
    let described = &indicator.description;
    let mut row = vec![Cell::link(
        &described.name,
        format!("/indicators/{}", indicator.id),
    )];
    if with_product {
        let product = format!("/products/{}/indicators", indicator.product_id);
        row.push(Cell::link(&indicator.product_title, product));
    }
    row.extend([
        Cell::text(words::level(words, described.level)),
        standing_cell(words, indicator, today),
        figure_cell(words, indicator.latest),
        target_cell(words, indicator),
        Cell::text(&described.unit),
    ]);
    row
}

pub(crate) async fn show(
    State(impact): State<Impact>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let today = impact.source.today();
    let page = impact
        .list(&query.filter()?, query.cursor(), PAGE_ROWS)
        .await?;
    let next = page.next.as_deref();
    let next = next.map(|next| address("/indicators", &query, next));
    let previous = query.cursor().map(|_| address("/indicators", &query, ""));
    let rows = page.indicators.iter();
    let caption = words.text("impact-indicators");
    let table = Table::new(&words, "indicators", caption, columns(&words, true))
        .rows(rows.map(|one| row(&words, one, today, true)))
        .pages(Pages { previous, next })
        .downloads("/indicators", &address("", &query, ""))
        .empty(words.text("impact-indicators-empty"));
    let shell = cx
        .shell(words.text("impact-indicators"))
        .lead(words.text("impact-indicators-lead"));
    Ok(Page(
        Composed::new(shell)
            .with(filters(&words, &query))
            .with(table),
    ))
}

pub(crate) async fn show_of_product(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let today = impact.source.today();
    let product = impact.product(ProductId(id)).await?;
    let filter = ListFilter {
        product_id: Some(product.id.0),
        with_retired: true,
        ..ListFilter::default()
    };
    let page = impact.list(&filter, None, OF_PRODUCT).await?;
    let may_edit = cx
        .actor
        .may(&EDIT, product.ministry.map(|ministry| ministry.0));
    let new = format!("/products/{}/indicators/new", product.id);
    let add = may_edit.then(|| Actions(vec![(words.text("impact-add"), new)]));
    let title = product.title.as_str();
    let shell = cx
        .shell(words.text_with("impact-of-product", &[("product", title.into())]))
        .lead(words.text("impact-of-product-lead"))
        .crumb(words.text("impact-indicators"), "/indicators")
        .crumb(title, format!("/products/{}", product.id));
    let empty = if may_edit {
        "impact-of-product-empty-edit"
    } else {
        "impact-of-product-empty"
    };
    let caption = words.text("impact-indicators");
    let rows = page.indicators.iter();
    let table = Table::new(&words, "indicators", caption, columns(&words, false))
        .rows(rows.map(|one| row(&words, one, today, false)))
        .empty(words.text(empty));
    Ok(Page(Composed::new(shell).maybe(add).with(table)))
}
