//! Products with a cost.

use kit_http::{Body, Cx, Download, Failure, Page, Query, State, optional};
use kit_ui::{Cell, Composed, Field, Form, Pages, Table, Tone, Words, format};
use ports::OrganisationKind;
use serde::Deserialize;
use uuid::Uuid;

use super::words::{columns, money};
use crate::domain::stale_before;
use crate::{Costs, CostsError, File, ListFilter, export};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;
/// Most products in one file.
const EXPORT_MAX: usize = 100_000;

/// How the list is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    stale: String,
    #[serde(default)]
    after: String,
}

impl ListQuery {
    fn filter(&self) -> Result<ListFilter, Failure> {
        let yes = |text: &str| (text == "yes").then_some(true);
        Ok(ListFilter {
            ministry: optional("ministry", &self.ministry, |text| text.parse().ok())?,
            is_stale: optional("stale", &self.stale, yes)?.unwrap_or_default(),
        })
    }

    fn cursor(&self) -> Option<&str> {
        (!self.after.is_empty()).then_some(self.after.as_str())
    }

    fn address(&self, base: &str, after: &str) -> String {
        let mut parts = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("ministry", self.ministry.as_str()),
            ("stale", &self.stale),
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
}

async fn filters(costs: &Costs, cx: &Cx, query: &ListQuery) -> Result<Form, Failure> {
    let words = cx.words();
    let known = costs.known_ministries(&cx.actor).await?;
    let all = costs
        .organisations
        .all(Some(OrganisationKind::Ministry))
        .await;
    let all = all.map_err(CostsError::from)?;
    let mut ministries = vec![(String::new(), words.text("costs-all"))];
    let own = all.into_iter().filter(|one| known.contains(&one.id.0));
    ministries.extend(own.map(|one| (one.id.to_string(), one.name)));
    let ages = vec![
        (String::new(), words.text("costs-all")),
        ("yes".to_owned(), words.text("costs-stale-only")),
    ];
    let ministry = Field::select("ministry", words.text("costs-column-ministry"), ministries);
    let stale = Field::select("stale", words.text("costs-column-age"), ages);
    Ok(Form::filters("/costs", words.text("costs-filter"))
        .field(ministry.value(&query.ministry))
        .field(stale.value(&query.stale)))
}

fn row(words: &Words, file: &File, stale_before: jiff::civil::Date) -> Vec<Cell> {
    let age = if file.as_of < stale_before {
        Cell::status(Tone::Warning, words.text("costs-stale"))
    } else {
        Cell::status(Tone::Success, words.text("costs-recent"))
    };
    vec![
        Cell::link(&file.title, format!("/products/{}/costs", file.product)),
        money(words, file.total_cents),
        money(words, file.per_year_cents),
        Cell::text(format::date(words.locale, file.as_of)).value(file.as_of),
        age,
        Cell::number(file.latest.to_string(), file.latest),
    ]
}

pub(super) async fn show(
    State(costs): State<Costs>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let filter = query.filter()?;
    let (files, next) = costs
        .list(&cx.actor, filter, query.cursor(), PAGE_ROWS)
        .await?;
    let before = stale_before(costs.source.today());
    let next = next.map(|next| query.address("/costs", &next));
    let previous = query.cursor().map(|_| query.address("/costs", ""));
    let names = ["product", "#total", "#per-year", "as-of", "age", "#version"];
    let table = Table::new(
        &words,
        "costs",
        words.text("costs-list"),
        columns(&words, &names),
    )
    .rows(files.iter().map(|file| row(&words, file, before)))
    .pages(Pages { previous, next })
    .downloads("/costs", &query.address("", ""))
    .empty(words.text("costs-list-empty"));
    let shell = cx
        .shell(words.text("costs-list"))
        .lead(words.text("costs-list-lead"));
    let calculator = words.text("costs-calculator");
    Ok(Page(
        Composed::new(shell)
            .with(filters(&costs, &cx, &query).await?)
            .with(table)
            .link(calculator, "/costs/agents-or-contractors"),
    ))
}

async fn all(costs: &Costs, cx: &Cx, query: &ListQuery) -> Result<Vec<File>, Failure> {
    let filter = query.filter()?;
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = costs.list(&cx.actor, filter, cursor.as_deref(), 1_000);
        let (files, next) = page.await?;
        all.extend(files);
        cursor = next;
        if cursor.is_none() || all.len() >= EXPORT_MAX {
            all.truncate(EXPORT_MAX);
            return Ok(all);
        }
    }
}

pub(super) fn download(name: &str, extension: &str, bytes: Vec<u8>) -> Download {
    let content_type = match extension {
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "json" => "application/json",
        _ => "text/csv; charset=utf-8",
    };
    Download {
        file_name: format!("{name}.{extension}"),
        content_type,
        body: Body::from(bytes),
    }
}

async fn file(
    costs: Costs,
    cx: Cx,
    query: ListQuery,
    extension: &'static str,
) -> Result<Download, Failure> {
    let files = all(&costs, &cx, &query).await?;
    let before = stale_before(costs.source.today());
    let bytes = tokio::task::spawn_blocking(move || export::list(&files, before, extension))
        .await
        .map_err(Failure::internal)??;
    Ok(download("costs", extension, bytes))
}

pub(super) async fn csv(
    State(costs): State<Costs>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Download, Failure> {
    file(costs, cx, query, "csv").await
}

pub(super) async fn xlsx(
    State(costs): State<Costs>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Download, Failure> {
    file(costs, cx, query, "xlsx").await
}

pub(super) async fn json(
    State(costs): State<Costs>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Download, Failure> {
    let files = all(&costs, &cx, &query).await?;
    let before = stale_before(costs.source.today());
    let answers = files
        .iter()
        .map(|file| crate::api::FileAnswer::of(file, before));
    let whole = serde_json::json!({ "costs": answers.collect::<Vec<_>>() });
    let bytes = serde_json::to_vec(&whole).map_err(Failure::internal)?;
    Ok(download("costs", "json", bytes))
}

/// The place after which a list goes on: `2026-03-01.ID`.
pub(super) fn place(cursor: &str) -> Option<(jiff::civil::Date, Uuid)> {
    let (on, id) = cursor.split_once('.')?;
    Some((on.parse().ok()?, id.parse().ok()?))
}
