//! The published series over time, with what breaks it.

use kit_http::{Cx, Failure, Page, State};
use kit_ui::{Cell, Chart, Column, Composed, Table, Words, format};

use super::words::rate_cell;
use crate::Portfolio;
use crate::domain::HistoryPoint;

/// Breaks that a chart can name; more of them stand in the table alone.
const BREAKS_MAX: usize = 6;

pub(crate) async fn show(
    State(portfolio): State<Portfolio>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let points = portfolio.history(None).await?;
    let shell = cx
        .shell(words.text("portfolio-history-title"))
        .lead(words.text("portfolio-history-lead"))
        .crumb(words.text("portfolio-groups"), "/slips")
        .with_charts();
    Ok(Page(
        series(Composed::new(shell), &words, &points)
            .text(words.text("portfolio-formula-mean"))
            .text(words.text("portfolio-formula-aggregate")),
    ))
}

/// What breaks the series at a point, in words.
fn breaks(words: &Words, point: &HistoryPoint) -> String {
    let mut all = Vec::new();
    if point.rebaselines > 0 {
        let count = i64::try_from(point.rebaselines).unwrap_or(i64::MAX);
        all.push(words.count("portfolio-history-rebaselines", count));
    }
    if let Some(version) = point.formula {
        all.push(words.text_with("portfolio-history-formula", &[("version", version.into())]));
    }
    all.join(", ")
}

/// The chart and the table of a series.
pub(super) fn series(page: Composed, words: &Words, points: &[HistoryPoint]) -> Composed {
    let columns = vec![
        Column::text(words.text("portfolio-history-date")),
        Column::number(words.text("portfolio-mean-cost")),
        Column::number(words.text("portfolio-aggregate-cost")),
        Column::number(words.text("portfolio-mean-duration")),
        Column::number(words.text("portfolio-aggregate-duration")),
        Column::number(words.text("portfolio-figure-compared")),
        Column::text(words.text("portfolio-history-breaks")),
    ];
    let rows = points.iter().map(|point| {
        let (cost, duration) = (&point.figures.cost, &point.figures.duration);
        let compared = i64::try_from(cost.compared).unwrap_or(i64::MAX);
        vec![
            Cell::text(format::date(words.locale, point.on)).value(point.on),
            rate_cell(words, cost.mean_slip_rate),
            rate_cell(words, cost.aggregate_slip_rate),
            rate_cell(words, duration.mean_slip_rate),
            rate_cell(words, duration.aggregate_slip_rate),
            Cell::number(format::count(words.locale, compared), compared),
            Cell::text(breaks(words, point)),
        ]
    });
    let caption = words.text("portfolio-history-caption");
    let table = Table::new(words, "history", &caption, columns)
        .rows(rows)
        .empty(words.text("portfolio-history-none"));
    let told = points
        .iter()
        .filter(|point| point.figures.cost.mean_slip_rate.is_some())
        .count();
    if told < 2 {
        return page.with(table);
    }
    let broken = points
        .iter()
        .filter(|point| point.rebaselines > 0 || point.formula.is_some())
        .count();
    let mut chart = Chart::new(
        "line",
        "history",
        words.text("portfolio-history-chart"),
        words.text_with(
            "portfolio-formula-version",
            &[("version", slips::FORMULA_VERSION.into())],
        ),
    )
    .setting("x", 0)
    .setting("y", 1)
    .setting("format", "percent");
    if broken <= BREAKS_MAX {
        chart = chart.setting("breaks", 6);
    }
    page.with(chart).with(table)
}
