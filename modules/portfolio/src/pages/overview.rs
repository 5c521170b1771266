//! The overview: what needs a decision first.

use jiff::ToSpan as _;
use kit_http::{Cx, Failure, Page, State};
use kit_ui::{Chart, Composed, Figure, Figures, Tone, format};

use super::words::{Names, rate, short_table};
use crate::access::IMPORT;
use crate::store::{editions, list};
use crate::{Portfolio, PortfolioError};

/// Rows of each short table.
const ROWS: u32 = 10;
/// An estimate older than so many days is old.
const OLD_DAYS: i64 = 365;

pub(crate) async fn show(
    State(portfolio): State<Portfolio>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let today = portfolio.source.today();
    let names = Names::read(&portfolio).await?;
    let db = &portfolio.db;
    let worst = list::worst(db, ROWS).await.map_err(PortfolioError::from)?;
    let old_before = today.saturating_sub(OLD_DAYS.days());
    let oldest = list::oldest(db, old_before, ROWS)
        .await
        .map_err(PortfolioError::from)?;
    let bare = list::without_baseline(db, ROWS)
        .await
        .map_err(PortfolioError::from)?;
    let all = portfolio.count().await?;
    let near = editions::open_count(db)
        .await
        .map_err(PortfolioError::from)?;
    let figures = portfolio.figures(today).await?;
    let compared = i64::try_from(figures.cost.compared).unwrap_or(i64::MAX);
    let of = words.count("portfolio-of-compared", compared);
    let as_of = words.text_with(
        "portfolio-as-of",
        &[
            ("date", format::date(cx.locale, today).into()),
            ("of", of.into()),
        ],
    );
    let slipped = figures.cost.mean_slip_rate.is_some_and(|rate| rate > 0.1);
    let mut mean = Figure::new(
        words.text("portfolio-mean-cost"),
        rate(&words, figures.cost.mean_slip_rate),
    )
    .note(&as_of)
    .to("/slips")
    .formula(words.text("portfolio-formula-mean"));
    if slipped {
        mean = mean.tone(Tone::Warning);
    }
    let top = Figures::new(
        &words,
        vec![
            mean,
            Figure::new(
                words.text("portfolio-aggregate-cost"),
                rate(&words, figures.cost.aggregate_slip_rate),
            )
            .note(&as_of)
            .to("/slips")
            .formula(words.text("portfolio-formula-aggregate")),
            Figure::new(
                words.text("portfolio-mean-duration"),
                rate(&words, figures.duration.mean_slip_rate),
            )
            .note(&as_of)
            .to("/slips")
            .formula(words.text("portfolio-formula-mean")),
            Figure::new(words.text("portfolio-count"), format::count(cx.locale, all))
                .note(words.text("portfolio-count-note"))
                .to("/products"),
        ],
    );
    let shell = cx
        .shell(words.text("portfolio-overview-title"))
        .lead(words.text("portfolio-overview-lead"))
        .with_charts();
    let mut page = Composed::new(shell).with(top);
    if near > 0 && cx.actor.may(&IMPORT, None) {
        page = page
            .with(kit_ui::Notice::new(
                Tone::Info,
                "",
                words.count("portfolio-near-waiting", near),
            ))
            .with(kit_ui::Actions(vec![(
                words.text("portfolio-near-go"),
                "/imports".into(),
            )]));
    }
    page = page.heading(words.text("portfolio-worst"));
    if !worst.is_empty() {
        page = page.with(
            Chart::new(
                "dot-plot",
                "worst",
                words.text("portfolio-worst-chart"),
                words.text("portfolio-source"),
            )
            .setting("x", 3)
            .setting("format", "percent"),
        );
    }
    page = page
        .with(
            short_table(
                &words,
                "worst",
                &words.text("portfolio-worst-caption"),
                &names,
                &worst,
            )
            .empty(words.text("portfolio-worst-empty")),
        )
        .heading(words.text("portfolio-oldest"))
        .with(
            short_table(
                &words,
                "oldest",
                &words.text("portfolio-oldest-caption"),
                &names,
                &oldest,
            )
            .empty(words.text("portfolio-oldest-empty")),
        )
        .heading(words.text("portfolio-bare"))
        .with(
            short_table(
                &words,
                "bare",
                &words.text("portfolio-bare-caption"),
                &names,
                &bare,
            )
            .empty(words.text("portfolio-bare-empty")),
        );
    Ok(Page(page))
}
