//! One start-up: its review, decisions, money, national impact, priorities, history.

use kit_acts::{day, day_text, euros, short};
use kit_http::{Cx, Failure, IntoResponse, Page, Path, Response, SeeOther, State};
use kit_ui::{
    Actions, Cell, Composed, Facts, Figure, Figures, Form, Notice, Shell, Table, Tone, format,
};
use uuid::Uuid;

use super::words::{due, kind, money_text, national, owner, phase, review_state, timeline};
use crate::access::{DECIDE, PREPARE, may};
use crate::domain::{ReviewState, cost_per_unit};
use crate::{StartupFile, Startups, WORDING};

fn figures(cx: &Cx, file: &StartupFile) -> Figures {
    let words = cx.words();
    let product = &file.product;
    let unknown = || words.text("startups-unknown");
    let level = product.level.map_or_else(unknown, |level| {
        words.text(&format!("startups-level-{}", level.code()))
    });
    // The indicator of the highest level that gives a cost speaks first.
    let costs = file.indicators.iter().rev();
    let cost = costs
        .filter(|one| matches!(one.level, "impactful" | "efficient" | "useful"))
        .find_map(|one| Some((cost_per_unit(product.spent_cents, one)?, one)));
    let mut cost_figure = match cost {
        Some((cents, one)) => {
            let args = [
                ("name", one.name.as_str().into()),
                ("unit", one.unit.as_str().into()),
            ];
            Figure::new(
                words.text("startups-unit-cost"),
                format::euros(cx.locale, cents),
            )
            .note(words.text_with("startups-unit-cost-note", &args))
        }
        None => Figure::new(words.text("startups-unit-cost"), unknown())
            .note(words.text("startups-unit-cost-unknown")),
    };
    cost_figure = cost_figure.formula(words.text("startups-unit-cost-formula"));
    Figures::new(
        &words,
        vec![
            Figure::new(words.text("startups-fact-level"), level)
                .note(words.text("startups-level-note")),
            Figure::new(
                words.text("startups-fact-invested"),
                format::euros(cx.locale, product.invested_cents),
            )
            .note(words.text("startups-invested-note")),
            Figure::new(
                words.text("startups-fact-spent"),
                format::euros(cx.locale, product.spent_cents),
            )
            .note(words.text("startups-spent-note")),
            cost_figure,
        ],
    )
}

fn reviews_table(cx: &Cx, startups: &Startups, file: &StartupFile) -> Table {
    let words = cx.words();
    let today = startups.source.today();
    let rows = file.reviews.iter().map(|one| {
        let due_cell = if one.is_overdue(today) {
            due(cx, Some(one.due_on), today)
        } else {
            day(cx, Some(one.due_on))
        };
        vec![
            Cell::link(
                words.text_with(
                    "startups-review-due",
                    &[("date", day_text(cx, Some(one.due_on)).into())],
                ),
                format!("/start-ups/reviews/{}", one.id),
            ),
            due_cell,
            review_state(&words, one.state),
            day(cx, one.decided_on),
        ]
    });
    let names = ["review", "due", "state", "decided"];
    Table::new(
        &words,
        "reviews",
        words.text("startups-reviews"),
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .empty(words.text("startups-startup-reviews-empty"))
}

fn decisions_table(cx: &Cx, file: &StartupFile) -> Table {
    let words = cx.words();
    let rows = file.decisions.iter().map(|one| {
        let taken = &one.decision;
        let name = kind(&words, taken.kind).to(format!("/start-ups/decisions/{}", one.id));
        vec![
            name,
            day(cx, Some(taken.on)),
            Cell::text(short(&taken.reasons)),
            Cell::text(short(&taken.next)),
            day(cx, taken.next_by),
        ]
    });
    let names = ["decision", "decided", "reasons", "next", "next-by"];
    Table::new(
        &words,
        "decisions",
        words.text("startups-decisions"),
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .empty(words.text("startups-decisions-empty"))
}

fn investments_table(cx: &Cx, file: &StartupFile, may_decide: bool) -> Table {
    let words = cx.words();
    let rows = file.investments.iter().map(|one| {
        let paid = &one.investment;
        let state = match &one.withdrawn {
            Some((on, why)) => {
                let args = [("date", format::date(cx.locale, *on).into())];
                Cell::status(Tone::Warning, words.text_with("startups-withdrawn", &args)).note(why)
            }
            None if may_decide => Cell::link(
                words.text("startups-withdraw"),
                format!("/start-ups/investments/{}/withdrawal", one.id),
            ),
            None => Cell::text(words.text("startups-standing-investment")),
        };
        vec![
            Cell::text(&paid.fund),
            euros(cx, paid.amount_cents),
            day(cx, Some(paid.from_on)),
            day(cx, Some(paid.to_on)),
            Cell::link(
                words.text("startups-decision"),
                format!("/start-ups/decisions/{}", one.decision),
            ),
            state,
        ]
    });
    let names = ["fund", "amount", "from", "to", "decision", "state"];
    Table::new(
        &words,
        "investments",
        words.text("startups-investments"),
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .empty(words.text("startups-investments-empty"))
}

/// The button that opens a review, or the way to the one that is open.
fn review_act(cx: &Cx, shell: &Shell, file: &StartupFile) -> Option<Form> {
    let owners = (file.product.ministry, file.product.incubator);
    let is_open = file
        .reviews
        .iter()
        .any(|one| one.state != ReviewState::Decided);
    let can = file.product.is_live && !is_open && may(&cx.actor, &PREPARE, owners);
    can.then(|| {
        let action = format!("/products/{}/start-up/review", file.product.id);
        Form::post(shell, action, cx.words().text("startups-open-review")).inline()
    })
}

pub(super) async fn show(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let file = startups.startup(&cx.actor, id).await?;
    let product = &file.product;
    let today = startups.source.today();
    let (ministries, incubators) = startups.owners().await?;
    let name = |key: &str| words.text(&format!("startups-fact-{key}"));
    let mut facts = Facts::default()
        .text(
            name("phase"),
            phase(&words, product.phase.as_deref().unwrap_or_default()),
        )
        .text(name("phase-age"), day_text(&cx, product.phase_since))
        .text(name("ministry"), owner(&ministries, product.ministry))
        .text(name("incubator"), owner(&incubators, product.incubator))
        .text(name("last-review"), day_text(&cx, product.last_review_on))
        .text(name("next-review"), day_text(&cx, product.due_on))
        .link(
            name("national"),
            national(&words, file.national.result).text,
            format!("/products/{id}/national-impact"),
        );
    let priorities: Vec<(String, Option<String>)> = file
        .priorities
        .iter()
        .map(|one| {
            let href = format!("/start-ups/priorities/{}", one.id);
            (one.priority.title.clone(), Some(href))
        })
        .collect();
    facts = facts.list(name("priorities"), priorities).link(
        name("product"),
        words.text("startups-in-portfolio"),
        format!("/products/{id}"),
    );
    let shell = cx
        .shell(&product.title)
        .lead(words.text("startups-startup-lead"))
        .crumb(words.text("startups-live"), "/start-ups/live");
    let act = review_act(&cx, &shell, &file);
    let open = file
        .reviews
        .iter()
        .find(|one| one.state != ReviewState::Decided);
    let to_review = open.map(|one| {
        let text = words.text("startups-see-review");
        Actions(vec![(text, format!("/start-ups/reviews/{}", one.id))])
    });
    let overdue = product.due_on.filter(|due| *due < today).map(|due| {
        let args = [("date", format::date(cx.locale, due).into())];
        let text = words.text_with("startups-overdue-notice", &args);
        Notice::new(Tone::Error, words.text("startups-overdue-title"), text)
    });
    let may_decide = may(&cx.actor, &DECIDE, (product.ministry, product.incubator));
    let spent_over = (product.spent_cents > product.invested_cents && product.invested_cents > 0)
        .then(|| {
            let args = [(
                "amount",
                money_text(&cx, Some(product.spent_cents - product.invested_cents)).into(),
            )];
            let text = words.text_with("startups-spent-over", &args);
            Notice::new(Tone::Warning, String::new(), text)
        });
    Ok(Page(
        Composed::new(shell)
            .maybe(overdue)
            .maybe(spent_over)
            .maybe(act)
            .maybe(to_review)
            .with(figures(&cx, &file))
            .with(facts)
            .with(reviews_table(&cx, &startups, &file))
            .with(decisions_table(&cx, &file))
            .with(investments_table(&cx, &file, may_decide))
            .heading(words.text("startups-timeline"))
            .with(timeline(&cx, &file.events)),
    ))
}

pub(super) async fn open(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    let review = startups.open_review(&cx.actor, id).await?;
    Ok(SeeOther(format!("/start-ups/reviews/{review}/preparation")).into_response())
}
