//! Slips between two dates, and cut into groups.

use jiff::civil::Date;
use kit_http::{Cx, Failure, Page, Query, State};
use kit_ui::{
    Cell, Chart, Column, Composed, Field, Figure, Figures, Form, Notice, Table, Tone, Views, Words,
    format,
};
use serde::Deserialize;

use super::words::{Names, figure_cells, figure_columns, phase, rate};
use crate::domain::{DecompositionFigures, GroupBy, Member, Phase, Report};
use crate::store::editions;
use crate::{Portfolio, PortfolioError};

/// Members shown of each list; the API gives them all.
const MEMBERS_MAX: usize = 200;

#[derive(Debug, Deserialize)]
pub(crate) struct Between {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

pub(super) fn date(field: &str, text: &str) -> Result<Option<Date>, Failure> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Failure::field(field, "not-a-date", "2017-06-01")),
    }
}

pub(crate) async fn show(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Query(between): Query<Between>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let listed = editions::list(&portfolio.db)
        .await
        .map_err(PortfolioError::from)?;
    let today = portfolio.source.today();
    // Without a choice: what the last edition changed.
    let before_last = listed.iter().rev().nth(1).or(listed.first());
    let from = date("from", &between.from)?.or(before_last.map(|first| first.published_on));
    let to = date("to", &between.to)?.or(listed.last().map(|last| last.published_on));
    let (from, to) = (from.unwrap_or(today), to.unwrap_or(today));
    let shell = cx
        .shell(words.text("portfolio-cohorts"))
        .lead(words.text("portfolio-cohorts-lead"))
        .with_charts();
    let form = Form::filters("/cohorts", words.text("portfolio-compare"))
        .field(Field::line("date", "from", words.text("portfolio-from")).value(from.to_string()))
        .field(Field::line("date", "to", words.text("portfolio-to")).value(to.to_string()));
    let page = Composed::new(shell).with(form);
    if to < from {
        let text = words.text("portfolio-mistake-order");
        return Ok(Page(page.with(Notice::new(Tone::Error, "", text))));
    }
    let report = portfolio.report(from, to).await?;
    let dates: Vec<_> = listed
        .iter()
        .map(|edition| format::date(cx.locale, edition.published_on))
        .collect();
    let page = if dates.is_empty() {
        page.with(Notice::new(
            Tone::Info,
            "",
            words.text("portfolio-no-edition"),
        ))
    } else {
        let list = dates.join(", ");
        page.text(words.text_with("portfolio-editions", &[("dates", list.into())]))
    };
    Ok(Page(report_parts(page, &words, &report)))
}

fn report_parts(page: Composed, words: &Words, report: &Report) -> Composed {
    let between = words.text_with(
        "portfolio-between",
        &[
            ("from", format::date(words.locale, report.from).into()),
            ("to", format::date(words.locale, report.to).into()),
        ],
    );
    let count = |n: usize| format::count(words.locale, i64::try_from(n).unwrap_or(i64::MAX));
    let figures = Figures::new(
        words,
        vec![
            Figure::new(
                words.text("portfolio-cohort-mean"),
                rate(words, report.cohort.cost.mean_slip_rate),
            )
            .note(words.count(
                "portfolio-of-compared",
                i64::try_from(report.cohort.cost.compared).unwrap_or(i64::MAX),
            ))
            .to("#cohort")
            .formula(words.text("portfolio-formula-cohort")),
            Figure::new(
                words.text("portfolio-cohort-size"),
                count(report.cohort.products),
            )
            .note(&between)
            .to("#cohort"),
            Figure::new(words.text("portfolio-entries"), count(report.entries.len()))
                .to("#entries"),
            Figure::new(words.text("portfolio-exits"), count(report.exits.len())).to("#exits"),
        ],
    );
    let version = words.text_with(
        "portfolio-formula-version",
        &[("version", report.formula_version.into())],
    );
    let rows = [
        ("portfolio-cohort-cost", &report.cohort.cost),
        ("portfolio-cohort-duration", &report.cohort.duration),
        ("portfolio-published-from-cost", &report.published_from.cost),
        ("portfolio-published-to-cost", &report.published_to.cost),
        (
            "portfolio-published-from-duration",
            &report.published_from.duration,
        ),
        (
            "portfolio-published-to-duration",
            &report.published_to.duration,
        ),
    ]
    .map(|(key, figures)| figure_cells(words, Cell::text(words.text(key)), figures));
    let table = Table::new(
        words,
        "cohort",
        words.text("portfolio-cohort-caption"),
        figure_columns(words, "portfolio-measure"),
    )
    .rows(rows);
    let page = page
        .with(figures)
        .heading(words.text("portfolio-what-moved"))
        .text(words.text("portfolio-what-moved-text"));
    let page = waterfall(page, words, "cost", &report.decomposition, &version);
    let page = waterfall(
        page,
        words,
        "duration",
        &report.duration_decomposition,
        &version,
    );
    page.heading(words.text("portfolio-cohort-figures"))
        .text(version)
        .with(table)
        .heading(words.text("portfolio-entries-exits"))
        .with(members(
            words,
            "entries",
            &words.text("portfolio-entries-caption"),
            &report.entries,
        ))
        .with(members(
            words,
            "exits",
            &words.text("portfolio-exits-caption"),
            &report.exits,
        ))
}

fn waterfall(
    page: Composed,
    words: &Words,
    measure: &str,
    parts: &DecompositionFigures,
    version: &str,
) -> Composed {
    let columns = vec![
        Column::text(words.text("portfolio-part")),
        Column::number(words.text("portfolio-points")),
    ];
    let rows = [
        ("portfolio-part-within", parts.within_cohort),
        ("portfolio-part-entries", parts.entries),
        ("portfolio-part-exits", parts.exits),
        ("portfolio-part-total", parts.published_change),
    ]
    .map(|(key, value)| {
        let cell = value.map_or_else(Cell::unknown, |value| {
            Cell::number(format::points_signed(words.locale, value), value)
        });
        vec![Cell::text(words.text(key)), cell]
    });
    let id = format!("waterfall-{measure}");
    let caption = words.text(&format!("portfolio-waterfall-{measure}"));
    let table = Table::new(words, &id, &caption, columns).rows(rows);
    if parts.published_change.is_none() {
        return page.with(table);
    }
    page.with(Chart::new("waterfall", id, caption, version).setting("format", "points"))
        .with(table)
}

fn members(words: &Words, id: &str, caption: &str, members: &[Member]) -> Table {
    let columns = vec![Column::text(words.text("portfolio-column-title"))];
    let rows = members
        .iter()
        .take(MEMBERS_MAX)
        .map(|member| vec![Cell::link(&member.name, format!("/products/{}", member.id))]);
    Table::new(words, id, caption, columns)
        .rows(rows)
        .total(i64::try_from(members.len()).ok())
        .empty(words.text("portfolio-members-empty"))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Cut {
    #[serde(default)]
    by: String,
    #[serde(default)]
    on: String,
}

pub(crate) async fn show_groups(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Query(cut): Query<Cut>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let by = GroupBy::parse(&cut.by).unwrap_or(GroupBy::Ministry);
    let on = date("on", &cut.on)?.unwrap_or_else(|| portfolio.source.today());
    let groups = portfolio.groups(on, by).await?;
    let all = portfolio.figures(on).await?;
    let names = Names::read(&portfolio).await?;
    let first = |key: &str| -> Cell {
        let unknown = || words.text("portfolio-group-unknown");
        match by {
            _ if key.is_empty() => Cell::text(unknown()),
            GroupBy::Ministry => {
                let name = names.full(key.parse().ok());
                Cell::link(name, format!("/ministries/{key}"))
            }
            GroupBy::Phase => {
                let name = phase(&words, Phase::parse(key));
                Cell::link(name, format!("/products?phase={key}&sort=slip&order=desc"))
            }
            GroupBy::Band => Cell::text(words.text(&format!("band-{key}"))),
            GroupBy::Area => Cell::text(key),
        }
    };
    let table =
        |measure: &str,
         pick: fn(&crate::domain::CohortFigures) -> crate::domain::MeasureFigures| {
            let mut rows: Vec<Vec<Cell>> = groups
                .iter()
                .map(|group| figure_cells(&words, first(&group.key), &pick(&group.figures)))
                .collect();
            if !rows.is_empty() {
                rows.push(figure_cells(
                    &words,
                    Cell::text(words.text("portfolio-all-list")),
                    &pick(&all),
                ));
            }
            Table::new(
                &words,
                format!("groups-{measure}"),
                words.text(&format!("portfolio-groups-{measure}")),
                figure_columns(&words, &format!("portfolio-by-{}", by.code())),
            )
            .rows(rows)
            .empty(words.text("portfolio-groups-empty"))
        };
    let views = GroupBy::ALL
        .map(|other| {
            let label = words.text(&format!("portfolio-by-{}", other.code()));
            (
                label,
                format!("/slips?by={}&on={on}", other.code()),
                other == by,
            )
        })
        .to_vec();
    let form = Form::filters("/slips", words.text("portfolio-show"))
        .hidden("by", by.code())
        .field(Field::line("date", "on", words.text("portfolio-on")).value(on.to_string()));
    let shell = cx
        .shell(words.text("portfolio-groups"))
        .lead(words.text("portfolio-groups-lead"));
    let version = words.text_with(
        "portfolio-formula-version",
        &[("version", slips::FORMULA_VERSION.into())],
    );
    Ok(Page(
        Composed::new(shell)
            .with(Views {
                label: words.text("portfolio-cut"),
                views,
            })
            .with(form)
            .with(table("cost", |figures| figures.cost))
            .with(table("duration", |figures| figures.duration))
            .text(words.text("portfolio-formula-mean"))
            .text(words.text("portfolio-formula-aggregate"))
            .text(words.text("portfolio-formula-quantiles"))
            .text(version),
    ))
}
