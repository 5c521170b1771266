//! Start-ups of the State: the funnel, time in phase, transparency, incubators.

use jiff::civil::Date;
use kit_http::{Cx, Failure, Page, Query, State};
use kit_ui::{Cell, Chart, Column, Composed, Field, Figure, Figures, Form, Table, Words, format};
use serde::Deserialize;

use super::words::{Names, phase};
use crate::Portfolio;
use crate::domain::{Funnel, Step};

/// Rows of the list of long phases.
const LONG_ROWS: usize = 100;

#[derive(Debug, Deserialize)]
pub(crate) struct On {
    #[serde(default)]
    on: String,
}

fn count(words: &Words, n: usize) -> Cell {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    Cell::number(format::count(words.locale, n), n)
}

fn share(words: &Words, part: usize, whole: usize) -> Cell {
    if whole == 0 {
        return Cell::unknown();
    }
    let share = part as f64 / whole as f64;
    Cell::number(format::percent(words.locale, share), share)
}

pub(crate) async fn show(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Query(on): Query<On>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let on: Date = match on.on.trim() {
        "" => portfolio.source.today(),
        text => text
            .parse()
            .map_err(|_| Failure::field("on", "not-a-date", "2026-08-01"))?,
    };
    let funnel = portfolio.funnel(on).await?;
    let names = Names::read(&portfolio).await?;
    let shell = cx
        .shell(words.text("portfolio-startups"))
        .lead(words.text("portfolio-startups-lead"))
        .with_charts();
    let form = Form::filters("/start-ups", words.text("portfolio-show"))
        .field(Field::line("date", "on", words.text("portfolio-on")).value(on.to_string()));
    let page =
        Composed::new(shell)
            .with(form)
            .with(figures(&words, &funnel, "/products?kind=start-up"));
    let page = page
        .heading(words.text("portfolio-funnel"))
        .with(
            Chart::new(
                "funnel",
                "funnel",
                words.text("portfolio-funnel-chart"),
                words.text("portfolio-funnel-formula"),
            )
            .setting("y", 1)
            .setting("conversion", 2),
        )
        .with(funnel_table(&words, &funnel))
        .heading(words.text("portfolio-time"))
        .text(words.text("portfolio-time-text"));
    let page = funnel
        .steps
        .iter()
        .fold(page, |page, step| survival(page, &words, step));
    Ok(Page(
        page.heading(words.text("portfolio-long"))
            .with(long_table(&words, &funnel))
            .heading(words.text("portfolio-incubators"))
            .with(incubators_table(&words, &names, &funnel)),
    ))
}

pub(super) fn figures(words: &Words, funnel: &Funnel, all: &str) -> Figures {
    let shown = &funnel.transparency;
    let percent = |part: usize| match shown.live {
        0 => "—".to_owned(),
        live => format::percent(words.locale, part as f64 / live as f64),
    };
    let of = words.count("portfolio-of-grown", i64::try_from(shown.live).unwrap_or(0));
    let formula = words.text("portfolio-transparency-formula");
    let figure = |key: &str, part: usize| {
        Figure::new(words.text(key), percent(part))
            .note(&of)
            .formula(&formula)
    };
    let live = i64::try_from(funnel.live).unwrap_or(0);
    Figures::new(
        words,
        vec![
            Figure::new(
                words.text("portfolio-live"),
                format::count(words.locale, live),
            )
            .note(words.text("portfolio-live-note"))
            .to(all),
            figure("portfolio-gives-stats", shown.stats),
            figure("portfolio-gives-budget", shown.budget),
            figure("portfolio-gives-impact", shown.impact),
            figure("portfolio-long-share", funnel.long.len()).to("#long"),
        ],
    )
}

pub(super) fn funnel_table(words: &Words, funnel: &Funnel) -> Table {
    let columns = vec![
        Column::text(words.text("portfolio-column-phase")),
        Column::number(words.text("portfolio-reached")),
        Column::number(words.text("portfolio-conversion")),
        Column::number(words.text("portfolio-stopped")),
        Column::number(words.text("portfolio-in-it")),
        Column::number(words.text("portfolio-median-ended")),
        Column::number(words.text("portfolio-median-all")),
    ];
    let rows = funnel.steps.iter().map(|step| {
        let next: Vec<String> = step
            .next
            .iter()
            .map(|next| phase(words, Some(*next)).to_lowercase())
            .collect();
        let to = words.text_with("portfolio-towards", &[("phases", next.join(", ").into())]);
        let ended = step.median_ended_days.map_or_else(Cell::unknown, |days| {
            Cell::number(format::decimal(words.locale, days, 0), days)
        });
        let all = step.median_days.map_or_else(Cell::unknown, |days| {
            Cell::number(format::count(words.locale, days), days)
        });
        vec![
            Cell::text(phase(words, Some(step.phase))),
            count(words, step.reached),
            share(words, step.went_on, step.reached).note(to),
            share(words, step.stopped, step.reached),
            count(words, step.in_it),
            ended,
            all,
        ]
    });
    let caption = words.text_with(
        "portfolio-funnel-caption",
        &[("date", format::date(words.locale, funnel.on).into())],
    );
    Table::new(words, "funnel", caption, columns)
        .rows(rows)
        .empty(words.text("portfolio-startups-empty"))
}

fn survival(page: Composed, words: &Words, step: &Step) -> Composed {
    if step.curve.is_empty() {
        return page;
    }
    let columns = vec![
        Column::number(words.text("portfolio-days")),
        Column::number(words.text("portfolio-survival")),
        Column::number(words.text("portfolio-low")),
        Column::number(words.text("portfolio-high")),
        Column::number(words.text("portfolio-at-risk")),
    ];
    let percent = |share: f64| Cell::number(format::percent(words.locale, share), share);
    let rows = step.curve.iter().map(|point| {
        vec![
            Cell::number(format::count(words.locale, point.days), point.days),
            percent(point.survival),
            percent(point.low),
            percent(point.high),
            count(words, point.at_risk),
        ]
    });
    let id = format!("survival-{}", step.phase.code());
    let caption = words.text_with(
        "portfolio-survival-caption",
        &[(
            "phase",
            phase(words, Some(step.phase)).to_lowercase().into(),
        )],
    );
    page.with(Chart::new(
        "survival",
        &id,
        &caption,
        words.text("portfolio-survival-formula"),
    ))
    .with(Table::new(words, &id, caption, columns).rows(rows))
}

pub(super) fn long_table(words: &Words, funnel: &Funnel) -> Table {
    let columns = vec![
        Column::text(words.text("portfolio-column-title")),
        Column::text(words.text("portfolio-column-phase")),
        Column::number(words.text("portfolio-time-spent")),
    ];
    let rows = funnel
        .long
        .iter()
        .take(LONG_ROWS)
        .map(|(id, title, in_phase, days)| {
            vec![
                Cell::link(title, format!("/products/{id}")),
                Cell::text(phase(words, Some(*in_phase))),
                Cell::number(format::days(words.locale, *days), days),
            ]
        });
    Table::new(words, "long", words.text("portfolio-long-caption"), columns)
        .rows(rows)
        .total(i64::try_from(funnel.long.len()).ok())
        .empty(words.text("portfolio-long-empty"))
}

fn incubators_table(words: &Words, names: &Names, funnel: &Funnel) -> Table {
    let columns = vec![
        Column::text(words.text("portfolio-incubator")),
        Column::number(words.text("portfolio-live")),
        Column::number(words.text("portfolio-begun")),
        Column::number(words.text("portfolio-ended")),
        Column::number(words.text("portfolio-long-count")),
    ];
    let rows = funnel.incubators.iter().map(|group| {
        let name = match group.incubator_id {
            Some(id) => Cell::link(names.full(Some(id)), format!("/incubators/{id}")),
            None => Cell::text(words.text("portfolio-group-unknown")),
        };
        vec![
            name,
            count(words, group.live),
            count(words, group.begun),
            count(words, group.ended),
            count(words, group.long),
        ]
    });
    Table::new(
        words,
        "incubators",
        words.text("portfolio-incubators-caption"),
        columns,
    )
    .rows(rows)
    .empty(words.text("portfolio-startups-empty"))
}
