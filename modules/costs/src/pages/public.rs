//! What anybody reads: published versions without their hidden lines.

use jiff::civil::Date;
use kit_http::{Cx, Failure, Page, Path, Query, State};
use kit_ui::{Cell, Composed, Facts, Notice, Pages, Table, Tone, format};
use ports::ProductId;
use serde::Deserialize;
use uuid::Uuid;

use super::list::place;
use super::product::{assumptions, by_kind, by_year, figures, lines};
use super::words::columns;
use crate::Costs;
use crate::reading::summary_of;

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(costs): State<Costs>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let before = place(&query.after).unwrap_or((Date::MAX, Uuid::max()));
    let mut all = costs.published(before, PAGE_ROWS + 1).await?;
    let more = all.len() > PAGE_ROWS as usize;
    all.truncate(PAGE_ROWS as usize);
    let next = all.last().filter(|_| more).map(|one| {
        let decided = &one.decided;
        format!(
            "/costs/published?after={}.{}",
            decided.publication.on, decided.version
        )
    });
    let rows = all.iter().map(|one| {
        let href = format!("/products/{}/costs/published", one.product);
        vec![
            Cell::link(&one.title, href),
            Cell::text(format::date(words.locale, one.decided.publication.on))
                .value(one.decided.publication.on),
            Cell::number(one.decided.number.to_string(), one.decided.number),
        ]
    });
    let names = ["product", "public-on", "#version"];
    let caption = words.text("costs-published");
    let table = Table::new(&words, "published", caption, columns(&words, &names))
        .rows(rows)
        .pages(Pages {
            previous: (!query.after.is_empty()).then(|| "/costs/published".to_owned()),
            next,
        })
        .empty(words.text("costs-published-none"));
    let shell = cx
        .shell(words.text("costs-published"))
        .lead(words.text("costs-published-lead"));
    Ok(Page(Composed::new(shell).with(table)))
}

pub(super) async fn show(
    State(costs): State<Costs>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (product, version, decided) = costs.published_of(ProductId(id)).await?;
    let content = &version.content;
    let summary = summary_of(content)?;
    let cents = summary.life.per_year_cents;
    let per_count = costs.per_count(product.id, content, cents).await?;
    let hidden = &decided.publication.redactions;
    let name = product.title.as_str();
    let shell = cx
        .shell(words.text_with("costs-published-of", &[("product", name.into())]))
        .lead(words.text("costs-of-product-lead"))
        .crumb(words.text("costs-published"), "/costs/published")
        .crumb(name, format!("/products/{}", product.id));
    let notice = (!hidden.is_empty()).then(|| {
        let said = words.text_with("costs-hidden-text", &[("hidden", hidden.len().into())]);
        Notice::new(Tone::Info, words.text("costs-hidden"), said)
    });
    let mut reasons = Facts::default();
    for one in hidden {
        let number = (one.line + 1).to_string();
        let label = words.text_with("costs-hidden-line", &[("number", number.into())]);
        reasons = reasons.text(label, &one.reason);
    }
    let facts = Facts::default()
        .text(
            words.text("costs-column-public-on"),
            format::date(words.locale, decided.publication.on),
        )
        .text(
            words.text("costs-column-version"),
            version.number.to_string(),
        )
        .text(words.text("costs-column-reason"), &version.reason);
    Ok(Page(
        Composed::new(shell)
            .maybe(notice)
            .with(figures(&words, content, &summary, per_count.as_ref()))
            .with(by_kind(&words, &summary))
            .with(by_year(&words, &summary))
            .with(assumptions(&words, content))
            .with(lines(&words, content))
            .maybe((!hidden.is_empty()).then_some(reasons))
            .with(facts),
    ))
}
