//! Forecasts: the part of a product's page, and the page of the method with its trial.

use kit_http::{Cx, Failure, Page, State};
use kit_ui::{Cell, Column, Composed, Table, Words, format};

use crate::Portfolio;
use ::forecast::BackTest;

use crate::domain::{Measure, MeasureOutlook, Outlook, trial, trial_on_running};

fn basis(words: &Words, told: &MeasureOutlook) -> String {
    let name = words.text(&format!("portfolio-basis-{}", told.basis));
    if told.projects == 0 {
        return name;
    }
    let count = i64::try_from(told.projects).unwrap_or(i64::MAX);
    format!("{name} ({})", words.count("portfolio-basis-count", count))
}

/// The forecast of one product.
pub(super) fn section(page: Composed, words: &Words, outlook: &Outlook) -> Composed {
    let columns = vec![
        Column::text(words.text("portfolio-forecast-measure")),
        Column::number(words.text("portfolio-forecast-latest")),
        Column::number(words.text("portfolio-forecast-p50")),
        Column::number(words.text("portfolio-forecast-p80")),
        Column::text(words.text("portfolio-forecast-basis")),
    ];
    let mut rows = Vec::new();
    if let Some(cost) = &outlook.cost {
        let cell = |cents| Cell::number(format::millions(words.locale, cents), cents);
        rows.push(vec![
            Cell::text(words.text("portfolio-forecast-cost")),
            cell(cost.latest),
            cell(cost.p50),
            cell(cost.p80),
            Cell::text(basis(words, cost)),
        ]);
    }
    if let Some(duration) = &outlook.duration {
        let cell = |days| Cell::number(format::days(words.locale, days), days);
        rows.push(vec![
            Cell::text(words.text("portfolio-forecast-duration")),
            cell(duration.latest),
            cell(duration.p50),
            cell(duration.p80),
            Cell::text(basis(words, duration)),
        ]);
    }
    if let Some(end) = &outlook.end {
        let cell = |date| Cell::text(format::date(words.locale, date)).value(date);
        rows.push(vec![
            Cell::text(words.text("portfolio-forecast-end")),
            cell(end.latest),
            cell(end.p50),
            cell(end.p80),
            Cell::text(words.text("portfolio-forecast-end-basis")),
        ]);
    }
    let caption = words.text("portfolio-forecast-caption");
    let thin = [&outlook.cost, &outlook.duration]
        .into_iter()
        .flatten()
        .any(|told| told.projects == 0);
    let mut page = page.heading(words.text("portfolio-forecast"));
    if thin {
        page = page.text(words.text("portfolio-forecast-thin"));
    }
    page.with(Table::new(words, "forecast", caption, columns).rows(rows))
        .with(kit_ui::Actions(vec![(
            words.text("portfolio-forecast-how"),
            "/forecasts".to_owned(),
        )]))
}

/// What the method would have said, by measure; with the number of finished projects when it is told.
fn trial_table(
    words: &Words,
    id: &str,
    trials: &[(Measure, BackTest)],
    finished: Option<&dyn Fn(Measure) -> usize>,
) -> Table {
    let mut columns = vec![Column::text(words.text("portfolio-forecast-measure"))];
    if finished.is_some() {
        columns.push(Column::number(words.text("portfolio-trial-finished")));
    }
    columns.extend(
        ["tried", "by-range", "p50", "p80", "error", "error-estimate"]
            .map(|name| Column::number(words.text(&format!("portfolio-trial-{name}")))),
    );
    let rows = trials.iter().map(|(measure, told)| {
        let count = |count: usize| {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            Cell::number(format::count(words.locale, count), count)
        };
        let rate = |rate: Option<f64>| {
            rate.map_or_else(Cell::unknown, |rate| {
                Cell::number(format::percent(words.locale, rate), rate)
            })
        };
        let share = |part: usize| rate((told.tried > 0).then(|| part as f64 / told.tried as f64));
        let key = match measure {
            Measure::Cost => "portfolio-forecast-cost",
            Measure::Duration => "portfolio-forecast-duration",
        };
        let mut row = vec![Cell::text(words.text(key))];
        row.extend(finished.map(|finished| count(finished(*measure))));
        row.extend([
            count(told.tried),
            share(told.by_range),
            share(told.within_p50),
            share(told.within_p80),
            rate(told.error_p50),
            rate(told.error_estimate),
        ]);
        row
    });
    let caption = words.text(&format!("portfolio-{id}-caption"));
    Table::new(words, id, caption, columns).rows(rows)
}

/// The method, and how well it would have done.
pub(crate) async fn show(
    State(portfolio): State<Portfolio>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let finished = portfolio.finished().await?;
    let tried = finished.clone();
    let (trials, of_running) = tokio::task::spawn_blocking(move || {
        let measures = [Measure::Cost, Measure::Duration];
        (
            measures.map(|measure| (measure, trial(&tried, measure))),
            measures.map(|measure| (measure, trial_on_running(&tried, measure))),
        )
    })
    .await
    .map_err(Failure::internal)?;
    let projects = |measure| finished.projects(measure);
    let table = trial_table(&words, "trial", &trials, Some(&projects));
    let running = trial_table(&words, "running", &of_running, None);
    let shell = cx
        .shell(words.text("portfolio-forecasts-title"))
        .lead(words.text("portfolio-forecasts-lead"))
        .crumb(words.text("portfolio-groups"), "/slips");
    Ok(Page(
        Composed::new(shell)
            .heading(words.text("portfolio-forecasts-method"))
            .text(words.text("portfolio-forecasts-class"))
            .text(words.text("portfolio-forecasts-choice"))
            .text(words.text("portfolio-forecasts-range"))
            .text(words.text("portfolio-forecasts-limits"))
            .heading(words.text("portfolio-trial"))
            .text(words.text("portfolio-trial-lead"))
            .with(table)
            .heading(words.text("portfolio-running"))
            .text(words.text("portfolio-running-lead"))
            .with(running)
            .text(words.text_with(
                "portfolio-formula-version",
                &[("version", ::forecast::FORMULA_VERSION.into())],
            )),
    ))
}
