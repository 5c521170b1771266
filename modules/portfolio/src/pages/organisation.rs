//! The part of one ministry in the portfolio; the start-ups of one incubator.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_http::{Cx, Failure, Page, Path, Query, State};
use kit_ui::{Actions, Chart, Composed, Field, Figure, Figures, Form, Shell, Tone, format};
use ports::OrganisationKind;
use serde::Deserialize;
use uuid::Uuid;

use super::cohorts::date;
use super::history::series;
use super::startups;
use super::words::{Names, rate, short_table};
use crate::store::list;
use crate::{Portfolio, PortfolioError};

/// Rows of each short table.
const ROWS: u32 = 10;
/// An estimate older than so many days is old.
const OLD_DAYS: i64 = 365;

#[derive(Debug, Deserialize)]
pub(crate) struct On {
    #[serde(default)]
    on: String,
}

/// The frame of an organisation's page; not found when it is of another kind.
fn shell(cx: &Cx, names: &Names, id: Uuid, kind: OrganisationKind) -> Result<Shell, Failure> {
    let words = cx.words();
    let organisation = names
        .find(id)
        .filter(|organisation| organisation.kind == kind)
        .ok_or(Failure::NotFound)?;
    Ok(cx.shell(&organisation.name).with_charts().crumb(
        words.text("portfolio-organisations"),
        format!("/organisations?kind={}", kind.code()),
    ))
}

pub(crate) async fn show_ministry(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let names = Names::read(&portfolio).await?;
    let shell = shell(&cx, &names, id, OrganisationKind::Ministry)?
        .lead(words.text("portfolio-ministry-lead"));
    let today = portfolio.source.today();
    let figures = portfolio.figures_of(id, today).await?;
    let rows = format!("/products?ministry={id}&sort=slip&order=desc");
    let as_of = |compared: usize| {
        let compared = i64::try_from(compared).unwrap_or(i64::MAX);
        words.text_with(
            "portfolio-as-of",
            &[
                ("date", format::date(cx.locale, today).into()),
                ("of", words.count("portfolio-of-compared", compared).into()),
            ],
        )
    };
    let figure = |key: &str, value: Option<f64>, compared: usize, formula: &str| {
        let figure = Figure::new(words.text(key), rate(&words, value))
            .note(as_of(compared))
            .to(&rows)
            .formula(words.text(formula));
        if value.is_some_and(|value| value > 0.1) {
            figure.tone(Tone::Warning)
        } else {
            figure
        }
    };
    let (cost, duration) = (figures.cost, figures.duration);
    let count = i64::try_from(figures.products).unwrap_or(i64::MAX);
    let top = Figures::new(
        &words,
        vec![
            figure(
                "portfolio-mean-cost",
                cost.mean_slip_rate,
                cost.compared,
                "portfolio-formula-mean",
            ),
            figure(
                "portfolio-aggregate-cost",
                cost.aggregate_slip_rate,
                cost.compared,
                "portfolio-formula-aggregate",
            ),
            figure(
                "portfolio-mean-duration",
                duration.mean_slip_rate,
                duration.compared,
                "portfolio-formula-mean",
            ),
            Figure::new(
                words.text("portfolio-count"),
                format::count(cx.locale, count),
            )
            .note(words.text("portfolio-count-note"))
            .to(format!("/products?ministry={id}")),
        ],
    );
    let db = &portfolio.db;
    let worst = list::worst_of(db, id, ROWS)
        .await
        .map_err(PortfolioError::from)?;
    let old_before = today.saturating_sub(OLD_DAYS.days());
    let oldest = list::oldest_of(db, id, old_before, ROWS)
        .await
        .map_err(PortfolioError::from)?;
    let points = portfolio.history(Some(id)).await?;
    let actions = vec![
        (words.text("portfolio-organisation-products"), rows.clone()),
        (
            words.text("portfolio-organisation-sheet"),
            format!("/organisations/{id}"),
        ),
    ];
    let page = Composed::new(shell).with(top).with(Actions(actions));
    let page = page.heading(words.text("portfolio-worst"));
    let page = if worst.is_empty() {
        page
    } else {
        page.with(
            Chart::new(
                "dot-plot",
                "worst",
                words.text("portfolio-worst-chart"),
                words.text("portfolio-source"),
            )
            .setting("x", 3)
            .setting("format", "percent"),
        )
    };
    let caption = words.text("portfolio-worst-caption");
    let worst = short_table(&words, "worst", &caption, &names, &worst)
        .empty(words.text("portfolio-worst-empty"));
    let caption = words.text("portfolio-oldest-caption");
    let oldest = short_table(&words, "oldest", &caption, &names, &oldest)
        .empty(words.text("portfolio-oldest-empty"));
    let page = page
        .with(worst)
        .heading(words.text("portfolio-history-title"));
    Ok(Page(
        series(page, &words, &points)
            .heading(words.text("portfolio-oldest"))
            .with(oldest),
    ))
}

pub(crate) async fn show_incubator(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(on): Query<On>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let names = Names::read(&portfolio).await?;
    let shell = shell(&cx, &names, id, OrganisationKind::Incubator)?
        .lead(words.text("portfolio-incubator-lead"));
    let on: Date = date("on", &on.on)?.unwrap_or_else(|| portfolio.source.today());
    let funnel = portfolio.funnel_of(id, on).await?;
    let all = format!("/products?incubator={id}");
    let form = Form::filters(format!("/incubators/{id}"), words.text("portfolio-show"))
        .field(Field::line("date", "on", words.text("portfolio-on")).value(on.to_string()));
    let actions = vec![
        (words.text("portfolio-organisation-products"), all.clone()),
        (
            words.text("portfolio-organisation-sheet"),
            format!("/organisations/{id}"),
        ),
    ];
    let mut page = Composed::new(shell)
        .with(form)
        .with(startups::figures(&words, &funnel, &all))
        .with(Actions(actions));
    if let Some(flow) = funnel.incubators.first() {
        let count = |key: &str, n: usize| {
            let n = i64::try_from(n).unwrap_or(i64::MAX);
            Figure::new(words.text(key), format::count(cx.locale, n))
                .note(words.text("portfolio-flow-note"))
        };
        page = page
            .heading(words.text("portfolio-flow"))
            .with(Figures::new(
                &words,
                vec![
                    count("portfolio-begun", flow.begun),
                    count("portfolio-ended", flow.ended),
                ],
            ));
    }
    Ok(Page(
        page.heading(words.text("portfolio-funnel"))
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
            .with(startups::funnel_table(&words, &funnel))
            .heading(words.text("portfolio-long"))
            .with(startups::long_table(&words, &funnel)),
    ))
}
