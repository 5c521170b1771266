//! Ministries: the list, and one with all that needs it and its products.

use kit_acts::day;
use kit_http::{Cx, Failure, Page, Path, Query, State};
use kit_ui::{Actions, Cell, Column, Composed, Figure, Figures, Pages, Table, Tone, format};
use ports::Standing;
use serde::Deserialize;
use uuid::Uuid;

use super::conferences;
use super::words::{countdown, money};
use crate::access::CONFER;
use crate::ministries::MinistryProduct;
use crate::reading::latest_first;
use crate::store::conferences as store;
use crate::{Steering, SteeringError, WORDING};

/// Rows on one page.
const PAGE_ROWS: usize = 50;
/// Conferences on a ministry's page.
const CONFERENCES: u32 = 20;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(steering): State<Steering>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let mut found = steering
        .ministries_in_short(&cx.actor, &query.after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS;
    found.truncate(PAGE_ROWS);
    let here = "/steering/ministries";
    let last = found.last().filter(|_| more);
    let next = last.map(|last| format!("{here}?after={}", last.id));
    let previous = (!query.after.is_empty()).then(|| here.to_owned());
    let rows = found.iter().map(|one| {
        let conference = match &one.conference {
            Some(one) => day(&cx, Some(one.life.day))
                .to(format!("/steering/conferences/{}", one.id))
                .note(conference_state(&cx, one)),
            None => Cell::unknown(),
        };
        vec![
            Cell::link(&one.name, format!("{here}/{}", one.id)),
            Cell::number(format::count(cx.locale, one.at_risk), one.at_risk),
            money(&cx, one.at_risk_cents),
            conference,
        ]
    });
    let mut all = WORDING.columns(&words, &["ministry"]);
    all.push(Column::number(words.text("steering-column-at-risk")));
    all.push(Column::number(words.text("steering-money-at-risk")));
    all.extend(WORDING.columns(&words, &["conference"]));
    let table = Table::new(&words, "ministries", words.text("steering-ministries"), all)
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("steering-ministries-empty"));
    let shell = cx
        .shell(words.text("steering-ministries"))
        .lead(words.text("steering-ministries-lead"));
    Ok(Page(Composed::new(shell).with(table)))
}

fn conference_state(cx: &Cx, one: &crate::Conference) -> String {
    super::conference_words::state(&cx.words(), one.life.state).text
}

/// How a product's promises stand: what is missed first.
fn impact(cx: &Cx, one: &MinistryProduct) -> Cell {
    let words = cx.words();
    let Some(indicators) = &one.known.indicators else {
        return Cell::text(words.text("steering-not-told"));
    };
    if !indicators.iter().any(|one| one.target.is_some()) {
        return Cell::status(Tone::Warning, words.text("steering-file-no-promise"));
    }
    let count = |standing| {
        indicators
            .iter()
            .filter(|one| one.standing == standing)
            .count()
    };
    for (standing, tone) in [
        (Standing::Missed, Tone::Error),
        (Standing::Behind, Tone::Warning),
        (Standing::Unknown, Tone::Info),
        (Standing::OnTrack, Tone::Success),
        (Standing::Reached, Tone::Success),
    ] {
        if count(standing) > 0 {
            let args = [
                ("count", i64::try_from(count(standing)).unwrap_or(0).into()),
                ("total", i64::try_from(indicators.len()).unwrap_or(0).into()),
            ];
            let key = format!("steering-promises-{}", standing.code());
            return Cell::status(tone, words.text_with(&key, &args));
        }
    }
    Cell::unknown()
}

fn products(cx: &Cx, steering: &Steering, all: &[MinistryProduct]) -> Table {
    let words = cx.words();
    let today = steering.source.today();
    let rate = |rate: Option<f64>| {
        rate.map_or_else(Cell::unknown, |rate| {
            Cell::number(format::percent_signed(cx.locale, rate), rate)
        })
    };
    let rows = all.iter().map(|one| {
        let product = &one.known.product;
        let held = one.kept.as_ref().and_then(|kept| kept.held.as_ref());
        let clock = one.clock.as_ref();
        vec![
            Cell::link(
                &product.title,
                format!("/products/{}/steering", product.id.0),
            ),
            impact(cx, one),
            rate(product.cost_slip),
            rate(product.duration_slip),
            product
                .cost_cents
                .map_or_else(Cell::unknown, |cents| money(cx, cents)),
            money(cx, one.known.at_risk_cents),
            Cell::number(
                format::count(cx.locale, one.known.overdue),
                one.known.overdue,
            ),
            clock.map_or_else(Cell::unknown, |clock| {
                countdown(cx, clock, today).to(format!("/steering/reviews/{}", clock.id))
            }),
            day(cx, held.map(|(since, _)| *since)),
        ]
    });
    let mut names = WORDING.columns(&words, &["product", "impact"]);
    for name in ["cost-slip", "duration-slip"] {
        let text = words.text(&format!("steering-figure-{name}"));
        names.push(Column::number(text));
    }
    names.push(Column::number(words.text("steering-column-cost")));
    names.push(Column::number(words.text("steering-money-at-risk")));
    names.push(Column::number(
        words.text("steering-overdue-recommendations"),
    ));
    names.extend(WORDING.columns(&words, &["clock", "held"]));
    Table::new(
        &words,
        "products",
        words.text("steering-ministry-products"),
        names,
    )
    .rows(rows)
    .empty(words.text("steering-no-product-here"))
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let today = steering.source.today();
    let cursor = (!query.after.is_empty()).then_some(query.after.as_str());
    let limit = u32::try_from(PAGE_ROWS).unwrap_or(50);
    let (all, next) = steering.products_of(&cx.actor, id, cursor, limit).await?;
    let name = steering.ministry_name(id).await?;
    let needs = steering.needs_of(&cx.actor, id, &words).await?;
    let (at_risk, cents) = store::risk_of(&steering.db, id)
        .await
        .map_err(SteeringError::from)?;
    let found = steering
        .conferences(&cx.actor, (None, Some(id)), latest_first(), CONFERENCES)
        .await?;
    let late = needs
        .iter()
        .filter(|one| one.due.is_some_and(|due| due < today));
    let late = i64::try_from(late.count()).unwrap_or(0);
    let waiting = i64::try_from(needs.len()).unwrap_or(0);
    let mut risk = Figure::new(
        words.text("steering-money-at-risk"),
        format::millions(cx.locale, cents),
    )
    .note(words.count("steering-products-at-risk", at_risk))
    .formula(words.text("steering-money-at-risk-formula"));
    if cents > 0 {
        risk = risk.tone(Tone::Error);
    }
    let figures = vec![
        risk,
        Figure::new(
            words.text("steering-ministry-needs"),
            format::count(cx.locale, waiting),
        )
        .note(words.count("steering-ministry-late", late)),
    ];
    let rows = needs.iter().map(|one| {
        let amount = one.amount_cents;
        vec![
            Cell::link(&one.what, &one.href),
            day(&cx, one.due),
            amount.map_or_else(Cell::unknown, |cents| money(&cx, cents)),
        ]
    });
    let mut names = WORDING.columns(&words, &["need", "due"]);
    names.push(Column::number(words.text("steering-column-cost")));
    let needs = Table::new(
        &words,
        "needs",
        words.text("steering-ministry-needs"),
        names,
    )
    .rows(rows)
    .empty(words.text("steering-nothing-here"));
    let here = format!("/steering/ministries/{id}");
    let encoded: Option<String> = next.map(|next| {
        let plain = url::form_urlencoded::byte_serialize(next.as_bytes());
        format!("{here}?after={}", plain.collect::<String>())
    });
    let pages = Pages {
        previous: cursor.map(|_| here.clone()),
        next: encoded,
    };
    let mut acts = Vec::new();
    if cx.actor.may(&CONFER, Some(id)) {
        let href = format!("/steering/conferences/new?ministry={id}");
        acts.push((words.text("steering-conference-plan"), href));
    }
    let list = format!("/steering/recommendations?ministry={id}");
    acts.push((words.text("steering-recommendations"), list));
    let list = format!("/steering/alerts?ministry={id}");
    acts.push((words.text("steering-alerts"), list));
    let shell = cx
        .shell(name)
        .lead(words.text_with(
            "steering-ministry-lead",
            &[("date", format::date(cx.locale, today).into())],
        ))
        .crumb(words.text("steering-ministries"), "/steering/ministries");
    let caption = words.text("steering-conferences");
    Ok(Page(
        Composed::new(shell)
            .with(Actions(acts))
            .with(Figures::new(&words, figures))
            .with(needs)
            .with(products(&cx, &steering, &all).pages(pages))
            .with(conferences::table(&cx, "conferences", caption, &found)),
    ))
}
