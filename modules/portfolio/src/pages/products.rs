//! The list of products.

use kit_http::{Cx, Failure, Fields, Page, Query, SeeOther, State};
use kit_ui::{Actions, Cell, Column, Composed, Field, Form, Pages, Table, Words, format};
use ports::OrganisationKind;

use super::words::{self, Names, cost_cell, rate_cell};
use crate::access::EDIT_PRODUCT;
use crate::api::ListQuery;
use crate::domain::{Phase, ProductKind};
use crate::store::list::{self, Sort};
use crate::store::views::{self, SavedView};
use crate::{Portfolio, PortfolioError};

/// Products on one page.
const PAGE_ROWS: u32 = 50;
/// Longest name of a view, in characters.
const VIEW_NAME_CHARS_MAX: usize = 80;

/// The address of the list with other values than the current ones.
fn address(base: &str, query: &ListQuery, changes: &[(&str, &str)]) -> String {
    let current = [
        ("q", query.q.as_str()),
        ("kind", &query.kind),
        ("ministry", &query.ministry),
        ("incubator", &query.incubator),
        ("phase", &query.phase),
        ("area", &query.area),
        ("sort", &query.sort),
        ("order", &query.order),
        ("after", &query.after),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (name, value) in current {
        let value = changes
            .iter()
            .find(|(n, _)| *n == name)
            .map_or(value, |(_, v)| v);
        if !value.is_empty() {
            parts.push(format!("{name}={}", encode(value)));
        }
    }
    if parts.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{}", parts.join("&"))
    }
}

fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn sort_column(words: &Words, query: &ListQuery, key: &str, sort: Sort) -> Column {
    let label = words.text(key);
    let column = if sort == Sort::Title {
        Column::text(label)
    } else {
        Column::number(label)
    };
    let (current, descending) = query.sort();
    let is_current = current == sort;
    // The first click shows what needs attention: the largest figures, the oldest dates.
    let first_descending = matches!(sort, Sort::Cost | Sort::Slip | Sort::Delay);
    let next_descending = if is_current {
        !descending
    } else {
        first_descending
    };
    let order = if next_descending { "desc" } else { "asc" };
    let href = address(
        "/products",
        query,
        &[("sort", sort.code()), ("order", order), ("after", "")],
    );
    let sorted = is_current.then_some(if descending {
        "descending"
    } else {
        "ascending"
    });
    column.sort(href, sorted)
}

fn filters(words: &Words, names: &Names, query: &ListQuery) -> Form {
    let any = |key: &str| vec![(String::new(), words.text(key))];
    let kinds = any("portfolio-all")
        .into_iter()
        .chain(ProductKind::ALL.into_iter().map(|kind| {
            (
                kind.code().to_owned(),
                words.text(&format!("product-kind-{}", kind.code())),
            )
        }));
    let phases = any("portfolio-all").into_iter().chain(
        Phase::OF_PROJECTS
            .into_iter()
            .chain(Phase::OF_STARTUPS)
            .map(|phase| (phase.code().to_owned(), words::phase(words, Some(phase)))),
    );
    let mut ministries = any("portfolio-all");
    ministries.extend(names.options(OrganisationKind::Ministry));
    let mut incubators = any("portfolio-all");
    incubators.extend(names.options(OrganisationKind::Incubator));
    let mut form = Form::filters("/products", words.text("portfolio-filter"))
        .field(Field::line("search", "q", words.text("portfolio-search")).value(&query.q))
        .field(
            Field::select("kind", words.text("portfolio-kind"), kinds.collect()).value(&query.kind),
        )
        .field(
            Field::select(
                "ministry",
                words.text("portfolio-column-ministry"),
                ministries,
            )
            .value(&query.ministry),
        )
        .field(
            Field::select("incubator", words.text("portfolio-incubator"), incubators)
                .value(&query.incubator),
        )
        .field(
            Field::select(
                "phase",
                words.text("portfolio-column-phase"),
                phases.collect(),
            )
            .value(&query.phase),
        );
    for (name, value) in [
        ("area", &query.area),
        ("sort", &query.sort),
        ("order", &query.order),
    ] {
        if !value.is_empty() {
            form = form.hidden(name, value);
        }
    }
    form
}

pub(crate) async fn list(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Query(mut query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let names = Names::read(&portfolio).await?;
    // The directory's pages link by organisation, whatever it is.
    if !query.organisation.is_empty() {
        let incubators = names.options(OrganisationKind::Incubator);
        let is_incubator = incubators.iter().any(|(id, _)| *id == query.organisation);
        let target = if is_incubator {
            &mut query.incubator
        } else {
            &mut query.ministry
        };
        *target = std::mem::take(&mut query.organisation);
    }
    let filter = query.filter()?;
    let page = list::page(
        &portfolio.db,
        &filter,
        query.sort(),
        query.cursor(),
        PAGE_ROWS,
    )
    .await
    .map_err(PortfolioError::from)?;
    let unfiltered = filter == crate::ListFilter::default();
    let total = if unfiltered {
        Some(portfolio.count().await?)
    } else {
        None
    };
    let columns = vec![
        sort_column(&words, &query, "portfolio-column-title", Sort::Title),
        Column::text(words.text("portfolio-column-ministry")),
        Column::text(words.text("portfolio-column-phase")),
        sort_column(&words, &query, "portfolio-column-cost", Sort::Cost),
        sort_column(&words, &query, "portfolio-column-slip", Sort::Slip),
        sort_column(&words, &query, "portfolio-column-delay", Sort::Delay),
        sort_column(
            &words,
            &query,
            "portfolio-column-estimated",
            Sort::Estimated,
        ),
    ];
    let rows = page.products.iter().map(|product| {
        let described = &product.description;
        let owner = described.ministry_id.or(described.incubator_id);
        vec![
            Cell::link(&described.title, format!("/products/{}", product.id)),
            Cell::text(names.short(owner)),
            Cell::text(words::phase(&words, described.phase)),
            cost_cell(&words, product.cost_cents),
            rate_cell(&words, product.cost_slip),
            rate_cell(&words, product.duration_slip),
            product.estimated_on.map_or_else(Cell::unknown, |date| {
                Cell::text(format::date(cx.locale, date)).value(date)
            }),
        ]
    });
    let next = page
        .next
        .as_deref()
        .map(|next| address("/products", &query, &[("after", next)]));
    let previous = query
        .cursor()
        .map(|_| address("/products", &query, &[("after", "")]));
    let downloads = address("", &query, &[("after", "")]);
    let table = Table::new(
        &words,
        "products",
        words.text("portfolio-products"),
        columns,
    )
    .rows(rows)
    .total(total)
    .pages(Pages { previous, next })
    .downloads("/products", &downloads)
    .empty(words.text("portfolio-products-empty"));
    let shell = cx
        .shell(words.text("portfolio-products"))
        .lead(words.text("portfolio-products-lead"));
    let add = cx.actor.may_somewhere(&EDIT_PRODUCT).then(|| {
        let href = "/products/new".to_owned();
        Actions(vec![(words.text("portfolio-product-add"), href)])
    });
    let mut composed = Composed::new(shell.clone())
        .maybe(add)
        .with(filters(&words, &names, &query))
        .with(table);
    if let Some(person) = cx.actor.person_id() {
        let kept = views::list(&portfolio.db, person)
            .await
            .map_err(PortfolioError::from)?;
        composed = composed.heading(words.text("portfolio-views"));
        if !kept.is_empty() {
            let links = kept
                .iter()
                .map(|view| {
                    (
                        view.name.clone(),
                        format!("/products?{}", view.query),
                        false,
                    )
                })
                .collect();
            composed = composed
                .with(kit_ui::Views {
                    label: words.text("portfolio-views"),
                    views: links,
                })
                .with(
                    Form::post(
                        &shell,
                        "/products/views/remove",
                        words.text("portfolio-view-remove"),
                    )
                    .inline()
                    .field(Field::select(
                        "view",
                        words.text("portfolio-view"),
                        kept.into_iter()
                            .map(|v| (v.id.to_string(), v.name))
                            .collect(),
                    )),
                );
        }
        let current = address("", &query, &[("after", "")]);
        composed = composed.with(
            Form::post(&shell, "/products/views", words.text("portfolio-view-save"))
                .inline()
                .hidden("query", current.trim_start_matches('?'))
                .field(Field::text("name", words.text("portfolio-view-name"))),
        );
    }
    Ok(Page(composed))
}

pub(crate) async fn save_view(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let words = cx.words();
    let person = cx.actor.person_id().ok_or(Failure::SignInNeeded)?;
    let name = fields.text("name");
    if name.is_empty() || name.chars().count() > VIEW_NAME_CHARS_MAX {
        return Err(Failure::field(
            "name",
            "length",
            words.text("portfolio-mistake-view-name"),
        ));
    }
    let query: String = fields
        .text("query")
        .chars()
        .filter(|c| !c.is_control())
        .take(1_000)
        .collect();
    let view = SavedView {
        id: portfolio.source.new_id(),
        name: name.to_owned(),
        query,
    };
    let kept = views::save(&portfolio.db, person, &view, portfolio.source.now())
        .await
        .map_err(PortfolioError::from)?;
    if !kept {
        return Err(Failure::field(
            "name",
            "too-many",
            words.text("portfolio-mistake-views"),
        ));
    }
    Ok(SeeOther(format!("/products?{}", view.query)))
}

pub(crate) async fn remove_view(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let person = cx.actor.person_id().ok_or(Failure::SignInNeeded)?;
    let view = fields.text("view").parse().map_err(|_| Failure::NotFound)?;
    views::remove(&portfolio.db, person, view)
        .await
        .map_err(PortfolioError::from)?;
    Ok(SeeOther("/products".to_owned()))
}
