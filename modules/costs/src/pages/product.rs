//! A product's cost: one version, what it says, what moves it, and the versions before it.

use jiff::civil::Date;
use kit_http::{Cx, Download, Failure, Page, Path, State};
use kit_ui::{
    Actions, Cell, Chart, Composed, Facts, Figure, Figures, Notice, Table, Tone, Words, format,
};
use ports::{ProductId, ProductSummary};
use uuid::Uuid;

use super::list::download;
use super::words::{columns, decimal, drives, kind, money, share, with_unit};
use super::{shell, shell_below};
use crate::access::{EDIT, PUBLISH};
use crate::domain::{Content, Summary, stale_before};
use crate::reading::PerCount;
use crate::{Costs, Told, Version, export};

/// From how many cents a figure is told in millions.
const MILLION_CENTS: i64 = 100_000_000;

/// What a cost says in figures.
pub(super) fn figures(
    words: &Words,
    content: &Content,
    summary: &Summary,
    per_count: Option<&PerCount>,
) -> Figures {
    // In full in the tables below; here to the tenth of a million, which is read at once.
    let euros = |cents: i64| {
        if cents < MILLION_CENTS {
            format::euros(words.locale, cents)
        } else {
            format::millions(words.locale, cents)
        }
    };
    let (first, last) = years(content);
    let life = [
        ("years", i64::from(content.years).into()),
        ("first", first.to_string().into()),
        ("last", last.to_string().into()),
    ];
    let as_of = format::date(words.locale, content.as_of);
    let mut all = vec![
        Figure::new(
            words.text("costs-whole-life"),
            euros(summary.life.total_cents),
        )
        .note(words.text_with("costs-life", &life))
        .to("#by-year"),
        Figure::new(
            words.text("costs-per-year"),
            euros(summary.life.per_year_cents),
        )
        .note(words.text_with("costs-as-of", &[("date", as_of.into())]))
        .formula(words.text("costs-formula-per-year")),
    ];
    if content.discount_bp > 0 {
        let rate = format::percent(words.locale, content.discount_bp as f64 / 10_000.0);
        all.push(
            Figure::new(
                words.text("costs-discounted"),
                euros(summary.life.discounted_cents),
            )
            .note(words.text_with("costs-discounted-at", &[("rate", rate.into())]))
            .formula(words.text("costs-formula-discount")),
        );
    }
    match per_count {
        None => all.push(
            Figure::new(words.text("costs-per-user"), words.text("costs-unknown"))
                .note(words.text("costs-no-count")),
        ),
        Some(per) => {
            let value = per.cents.map_or_else(|| words.text("costs-unknown"), euros);
            let note = match per.count {
                None => words.text("costs-count-unknown"),
                Some((count, on)) => {
                    let args = [
                        ("indicator", per.name.as_str().into()),
                        ("count", format::decimal(words.locale, count, 0).into()),
                        ("date", format::date(words.locale, on).into()),
                    ];
                    words.text_with("costs-count-from", &args)
                }
            };
            let label = words.text(&format!("costs-per-{}", per.of.code()));
            let href = format!("/indicators/{}", per.indicator);
            all.push(Figure::new(label, value).note(note).to(href));
        }
    }
    Figures::new(words, all)
}

fn years(content: &Content) -> (i32, i32) {
    let first = i32::from(content.first_year);
    (first, first + i32::from(content.years) - 1)
}

pub(super) fn by_kind(words: &Words, summary: &Summary) -> Table {
    let total = summary.life.total_cents;
    let rows = summary.life.by_kind.iter().map(|(one, cents)| {
        vec![
            Cell::text(kind(words, *one)),
            money(words, *cents),
            Cell::number(share(words, *cents, total), cents),
        ]
    });
    let columns = columns(words, &["kind", "#amount", "#share"]);
    Table::new(words, "by-kind", words.text("costs-by-kind"), columns).rows(rows)
}

pub(super) fn by_year(words: &Words, summary: &Summary) -> Table {
    let rows = summary.life.by_year.iter().map(|(year, cents)| {
        vec![
            Cell::text(year.to_string()).value(year),
            money(words, *cents),
        ]
    });
    let columns = columns(words, &["year", "#amount"]);
    Table::new(words, "by-year", words.text("costs-by-year"), columns).rows(rows)
}

pub(super) fn lines(words: &Words, content: &Content) -> Table {
    let rows = content.lines.iter().enumerate().map(|(at, line)| {
        vec![
            Cell::number((at + 1).to_string(), at + 1),
            Cell::text(kind(words, line.kind)),
            Cell::text(line.year.to_string()).value(line.year),
            Cell::text(&line.label),
            money(words, line.cents),
        ]
    });
    let columns = columns(words, &["#line", "kind", "year", "label", "#amount"]);
    Table::new(words, "lines", words.text("costs-lines"), columns).rows(rows)
}

pub(super) fn assumptions(words: &Words, content: &Content) -> Table {
    let rows = content.assumptions.iter().map(|one| {
        vec![
            Cell::text(&one.name),
            Cell::number(decimal(words.locale, one.value), one.value),
            Cell::text(&one.unit),
            Cell::number(decimal(words.locale, one.low), one.low),
            Cell::number(decimal(words.locale, one.high), one.high),
            Cell::text(drives(words, one.drives)),
            Cell::text(&one.source),
        ]
    });
    let names = [
        "name", "#value", "unit", "#low", "#high", "drives", "source",
    ];
    let caption = words.text("costs-assumptions");
    Table::new(words, "assumptions", caption, columns(words, &names))
        .rows(rows)
        .empty(words.text("costs-assumptions-none"))
}

fn tornado(words: &Words, content: &Content, total: i64) -> Table {
    let rows = content.moved().into_iter().filter_map(|moved| {
        let one = content.assumptions.get(moved.at)?;
        let euros = |cents: i64| format::euros(words.locale, cents);
        let width = i64::try_from(moved.width()).unwrap_or(i64::MAX);
        let args = [
            ("low", with_unit(words.locale, one.low, &one.unit).into()),
            ("high", with_unit(words.locale, one.high, &one.unit).into()),
            ("from", euros(moved.low_cents).into()),
            ("to", euros(moved.high_cents).into()),
            ("width", euros(width).into()),
        ];
        Some(vec![
            Cell::text(&one.name),
            money(words, moved.low_cents),
            money(words, moved.high_cents),
            money(words, width).note(share(words, width, total)),
            Cell::text(words.text_with("costs-moves", &args)),
        ])
    });
    let names = ["assumption", "#at-low", "#at-high", "#width", "in-words"];
    let caption = words.text("costs-tornado");
    Table::new(words, "tornado", caption, columns(words, &names))
        .rows(rows)
        .empty(words.text("costs-tornado-none"))
}

/// What the portfolio says beside it.
fn beside_portfolio(words: &Words, told: &Told) -> String {
    let euros = |cents: i64| format::euros(words.locale, cents);
    let Some(cents) = told.product.cost_cents else {
        return words.text("costs-portfolio-none");
    };
    let on = told.product.estimated_on;
    let args = [
        ("estimate", euros(cents).into()),
        (
            "date",
            on.map_or_else(|| "—".to_owned(), |on| format::date(words.locale, on))
                .into(),
        ),
        ("scope", euros(told.summary.portfolio_scope_cents).into()),
        ("total", euros(told.summary.life.total_cents).into()),
    ];
    words.text_with("costs-portfolio-text", &args)
}

fn versions(words: &Words, product: &ProductSummary, all: &[Version]) -> Table {
    let rows = all.iter().map(|one| {
        let href = format!("/products/{}/costs/{}", product.id, one.number);
        vec![
            Cell::link(one.number.to_string(), href).value(one.number),
            Cell::text(format::date(words.locale, one.content.as_of)).value(one.content.as_of),
            money(words, one.total_cents),
            Cell::text(&one.reason),
            Cell::text(&one.author).note(format::instant(words.locale, one.created_at)),
        ]
    });
    let names = ["version", "as-of", "#total", "reason", "author"];
    let caption = words.text("costs-versions");
    Table::new(words, "versions", caption, columns(words, &names)).rows(rows)
}

fn actions(words: &Words, cx: &Cx, told: &Told) -> Option<Actions> {
    let ministry = told.product.ministry.map(|id| id.0);
    let own = format!("/products/{}/costs", told.product.id);
    let mut all = Vec::new();
    if cx.actor.may(&EDIT, ministry) {
        all.push((words.text("costs-new"), format!("{own}/new")));
        all.push((words.text("costs-import"), format!("{own}/import")));
    }
    if told.file.latest > 1 {
        let number = told.version.number;
        let from = if number > 1 { number - 1 } else { 1 };
        let to = if number > 1 { number } else { 2 };
        let compare = format!("{own}/compare?from={from}&to={to}");
        all.push((words.text("costs-compare"), compare));
    }
    if cx.actor.may(&PUBLISH, ministry) {
        let publication = format!("{own}/{}/publication", told.version.number);
        all.push((words.text("costs-publication"), publication));
    }
    (!all.is_empty()).then_some(Actions(all))
}

fn published(words: &Words, told: &Told, today: Date) -> String {
    let Some(decided) = &told.decided else {
        return words.text("costs-not-published");
    };
    let hidden = decided.publication.redactions.len();
    let args = [
        (
            "date",
            format::date(words.locale, decided.publication.on).into(),
        ),
        ("by", decided.by.as_str().into()),
        ("hidden", hidden.into()),
    ];
    let key = if decided.publication.on <= today {
        "costs-is-published"
    } else {
        "costs-will-be-published"
    };
    words.text_with(key, &args)
}

async fn page(costs: &Costs, cx: &Cx, told: &Told) -> Result<Composed, Failure> {
    let words = cx.words();
    let (content, version) = (&told.version.content, &told.version);
    let today = costs.source.today();
    let is_latest = version.number == told.file.latest;
    let title = if is_latest {
        let name = told.product.title.as_str();
        words.text_with("costs-of-product", &[("product", name.into())])
    } else {
        words.text_with("costs-version-title", &[("number", version.number.into())])
    };
    let shell = if is_latest {
        shell(cx, title, &told.product)
    } else {
        shell_below(cx, title, &told.product)
    };
    let mut page = Composed::new(
        shell
            .lead(words.text("costs-of-product-lead"))
            .with_charts(),
    );
    if !is_latest {
        let latest = [("number", told.file.latest.into())];
        let said = words.text_with("costs-older-text", &latest);
        page = page.with(Notice::new(Tone::Info, words.text("costs-older"), said));
    } else if content.as_of < stale_before(today) {
        let said = words.text("costs-stale-text");
        page = page.with(Notice::new(Tone::Warning, words.text("costs-stale"), said));
    }
    let own = format!("/products/{}/costs/{}", told.product.id, version.number);
    let chart = Chart::new(
        "bars",
        "by-kind",
        words.text("costs-by-kind"),
        words.text_with(
            "costs-formula-version",
            &[("version", ownership::FORMULA_VERSION.into())],
        ),
    );
    let facts = Facts::default()
        .text(
            words.text("costs-column-version"),
            version.number.to_string(),
        )
        .text(words.text("costs-column-reason"), &version.reason)
        .text(words.text("costs-column-author"), &version.author)
        .text(
            words.text("costs-made"),
            format::instant(words.locale, version.created_at),
        )
        .text(
            words.text("costs-publication"),
            published(&words, told, today),
        );
    let all = costs.versions(&told.file, None).await?;
    Ok(page
        .maybe(actions(&words, cx, told))
        .with(figures(
            &words,
            content,
            &told.summary,
            told.per_count.as_ref(),
        ))
        .heading(words.text("costs-portfolio"))
        .text(beside_portfolio(&words, told))
        .text(words.text("costs-portfolio-scope"))
        .heading(words.text("costs-by-kind"))
        .with(chart.setting("y", 1).setting("format", "millions"))
        .with(by_kind(&words, &told.summary))
        .heading(words.text("costs-by-year"))
        .with(by_year(&words, &told.summary))
        .heading(words.text("costs-assumptions"))
        .with(assumptions(&words, content))
        .heading(words.text("costs-tornado"))
        .text(words.text("costs-tornado-text"))
        .with(tornado(&words, content, told.summary.life.total_cents))
        .heading(words.text("costs-lines"))
        .with(lines(&words, content))
        .link(words.text("costs-lines-csv"), format!("{own}/lines.csv"))
        .link(words.text("costs-lines-xlsx"), format!("{own}/lines.xlsx"))
        .heading(words.text("costs-described"))
        .with(facts)
        .heading(words.text("costs-versions"))
        .with(versions(&words, &told.product, &all)))
}

pub(super) async fn show(
    State(costs): State<Costs>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let (product, file) = costs.file(&cx.actor, ProductId(id)).await?;
    if file.is_some() {
        let told = costs.told(&cx.actor, ProductId(id), None).await?;
        return Ok(Page(page(&costs, &cx, &told).await?));
    }
    let words = cx.words();
    let title = product.title.as_str();
    let title = words.text_with("costs-of-product", &[("product", title.into())]);
    let shell = shell(&cx, title, &product).lead(words.text("costs-of-product-lead"));
    let may_edit = cx.actor.may(&EDIT, product.ministry.map(|id| id.0));
    let own = format!("/products/{}/costs", product.id);
    let actions = may_edit.then(|| {
        Actions(vec![
            (words.text("costs-new"), format!("{own}/new")),
            (words.text("costs-import"), format!("{own}/import")),
        ])
    });
    let page = Composed::new(shell).text(words.text("costs-none"));
    Ok(Page(page.maybe(actions)))
}

pub(super) async fn show_version(
    State(costs): State<Costs>,
    cx: Cx,
    Path((id, number)): Path<(Uuid, i64)>,
) -> Result<Page<Composed>, Failure> {
    let told = costs.told(&cx.actor, ProductId(id), Some(number)).await?;
    Ok(Page(page(&costs, &cx, &told).await?))
}

async fn lines_file(
    costs: Costs,
    cx: Cx,
    (id, number): (Uuid, i64),
    extension: &'static str,
) -> Result<Download, Failure> {
    let told = costs.told(&cx.actor, ProductId(id), Some(number)).await?;
    let content = told.version.content;
    let bytes = tokio::task::spawn_blocking(move || export::lines(&content, extension))
        .await
        .map_err(Failure::internal)??;
    Ok(download("lines", extension, bytes))
}

pub(super) async fn lines_csv(
    State(costs): State<Costs>,
    cx: Cx,
    Path(place): Path<(Uuid, i64)>,
) -> Result<Download, Failure> {
    lines_file(costs, cx, place, "csv").await
}

pub(super) async fn lines_xlsx(
    State(costs): State<Costs>,
    cx: Cx,
    Path(place): Path<(Uuid, i64)>,
) -> Result<Download, Failure> {
    lines_file(costs, cx, place, "xlsx").await
}
