//! What needs the directorate today.

use kit_acts::{day, short};
use kit_http::{Cx, Failure, Page, State};
use kit_ui::{Cell, Column, Composed, Figure, Figures, Table, Tone, format};

use super::words::{countdown, due, finding, money, opinion, review_state, status};
use crate::reading::Morning;
use crate::{Steering, WORDING};

fn figures(cx: &Cx, morning: &Morning) -> Figures {
    let words = cx.words();
    let total = |name: &str| morning.totals.get(name).copied().unwrap_or(0);
    let count = |name: &str| format::count(cx.locale, total(name));
    let mut risk = Figure::new(
        words.text("steering-money-at-risk"),
        format::millions(cx.locale, total("cents-at-risk")),
    )
    .note(words.count("steering-products-at-risk", total("products-at-risk")))
    .formula(words.text("steering-money-at-risk-formula"));
    if total("cents-at-risk") > 0 {
        risk = risk.tone(Tone::Error);
    }
    let figure =
        |key: &str, name: &str, href: &str| Figure::new(words.text(key), count(name)).to(href);
    let list = "/steering/recommendations";
    Figures::new(
        &words,
        vec![
            risk,
            figure("steering-open-reviews", "reviews-open", "/steering/reviews"),
            figure(
                "steering-overdue-recommendations",
                "recommendations-overdue",
                &format!("{list}?overdue=yes"),
            )
            .note(words.count("steering-owed", total("recommendations-owed"))),
            figure(
                "steering-claimed-recommendations",
                "recommendations-claimed",
                &format!("{list}?status=claimed"),
            ),
            figure("steering-open-alerts", "alerts-open", "/steering/alerts"),
        ],
    )
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let morning = steering.morning(&cx.actor).await?;
    let today = steering.source.today();
    let table = |id: &str, names: &[&str], rows: Vec<Vec<Cell>>| {
        let caption = words.text(&format!("steering-morning-{id}"));
        Table::new(&words, id, caption, WORDING.columns(&words, names))
            .rows(rows)
            .empty(words.text("steering-nothing-here"))
    };
    let review = |one: &crate::StoredReview| {
        Cell::link(&one.product_title, format!("/steering/reviews/{}", one.id))
    };
    let clocks = morning.clocks.iter().map(|one| {
        vec![
            review(one),
            review_state(&words, one.state),
            countdown(&cx, one, today),
        ]
    });
    let recommended = |one: &crate::Recommendation| {
        let href = format!("/steering/recommendations/{}", one.id);
        vec![
            Cell::link(short(&one.text), href),
            Cell::text(&one.product_title),
            due(&cx, one),
            status(&words, one),
        ]
    };
    let of_alert =
        |one: &crate::Alert| Cell::link(&one.product_title, format!("/steering/alerts/{}", one.id));
    let alerts = morning.alerts.iter().map(|one| {
        vec![
            of_alert(one),
            Cell::text(finding(&words, &one.finding)),
            money(&cx, one.cost_cents),
        ]
    });
    let unexplained = morning.unexplained.iter().map(|one| {
        vec![
            of_alert(one),
            Cell::text(finding(&words, &one.finding)),
            day(&cx, one.asked.map(|(_, by)| by)),
        ]
    });
    let risk = morning.at_risk.iter().map(|one| {
        let mut why = Vec::new();
        if one.unfavourable.is_some() {
            why.push(words.text("steering-risk-opinion"));
        }
        if one.open_alerts > 0 {
            why.push(words.count("steering-risk-alerts", one.open_alerts));
        }
        if one.held.is_some() {
            why.push(words.text("steering-risk-held"));
        }
        vec![
            Cell::link(&one.title, format!("/products/{}/steering", one.id)),
            Cell::text(why.join(", ")),
            money(&cx, one.at_risk_cents),
        ]
    });
    let held = morning.held.iter().map(|one| {
        let since = one.held.as_ref();
        vec![
            Cell::link(&one.title, format!("/products/{}/steering", one.id)),
            day(&cx, since.map(|(since, _)| *since)),
            Cell::text(since.map(|(_, why)| why.as_str()).unwrap_or_default()),
        ]
    });
    let bare = morning
        .bare
        .iter()
        .map(|one| vec![review(one), opinion(&words, one), day(&cx, one.ended_on)]);
    let decisions = morning.decisions.iter().map(|one| {
        let kind = words.text(&format!("steering-decision-{}", one.kind.code()));
        vec![
            Cell::link(
                &one.product_title,
                format!("/steering/decisions/{}", one.id),
            )
            .note(kind),
            Cell::text(short(&one.next)),
            day(&cx, one.next_by),
        ]
    });
    let promises = morning.promises.iter().map(|one| {
        let figure =
            |value: f64| format!("{}\u{a0}{}", format::decimal(cx.locale, value, 2), one.unit);
        let (target, by) = one.target.unwrap_or((0.0, None));
        let latest = one.latest.map(|(value, _)| value);
        vec![
            Cell::link(&one.name, format!("/products/{}/steering", one.product.0)),
            Cell::text(figure(target)),
            day(&cx, by),
            latest.map_or_else(Cell::unknown, |value| Cell::text(figure(value))),
        ]
    });
    let mut needs = steering.conference_needs(&cx.actor, None, &words).await?;
    needs.extend(steering.acts_needs(None, cx.locale, today).await?);
    let needs = needs.iter().map(|one| {
        vec![
            Cell::link(&one.what, &one.href),
            day(&cx, one.due),
            one.amount_cents
                .map_or_else(Cell::unknown, |cents| money(&cx, cents)),
        ]
    });
    let with_money = |id: &str, names: &[&str], rows: Vec<Vec<Cell>>| {
        let caption = words.text(&format!("steering-morning-{id}"));
        let mut all = WORDING.columns(&words, names);
        all.push(Column::number(words.text("steering-column-cost")));
        Table::new(&words, id, caption, all)
            .rows(rows)
            .empty(words.text("steering-nothing-here"))
    };
    let shell = cx
        .shell(words.text("steering-morning"))
        .lead(words.text_with(
            "steering-morning-lead",
            &[("date", format::date(cx.locale, today).into())],
        ));
    let of_reviews = ["product", "state", "clock"];
    let of_recommendations = ["recommendation", "product", "due", "status"];
    let overdue = morning.overdue.iter().map(recommended).collect();
    let claimed = morning.claimed.iter().map(recommended).collect();
    Ok(Page(
        Composed::new(shell)
            .with(figures(&cx, &morning))
            .with(table("clocks", &of_reviews, clocks.collect()))
            .with(table("overdue", &of_recommendations, overdue))
            .with(table("claimed", &of_recommendations, claimed))
            .with(with_money("needs", &["need", "due"], needs.collect()))
            .with(with_money(
                "alerts",
                &["product", "found"],
                alerts.collect(),
            ))
            .with(table(
                "unexplained",
                &["product", "found", "explain-by"],
                unexplained.collect(),
            ))
            .with(with_money("risk", &["product", "why"], risk.collect()))
            .with(table("held", &["product", "since", "why"], held.collect()))
            .with(table(
                "bare",
                &["product", "opinion", "ended"],
                bare.collect(),
            ))
            .with(table(
                "decisions",
                &["product", "next", "next-by"],
                decisions.collect(),
            ))
            .with(table(
                "promises",
                &["promise", "target", "due", "latest"],
                promises.collect(),
            )),
    ))
}
