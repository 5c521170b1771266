//! Decisions: the list, and one with the figures as they stood.

use kit_acts::{address, cursor, day, day_text, place, short};
use kit_http::{Cx, Failure, Page, Path, Query, State, optional};
use kit_ui::{Actions, Cell, Composed, Facts, Field, Form, Pages, Table};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{frozen, kind, money_text, owners, phase, timeline};
use crate::access::{DECIDE, may};
use crate::domain::DecisionKind;
use crate::reading::latest_first;
use crate::store::decisions::StoredDecision;
use crate::{Startups, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    incubator: String,
    #[serde(default)]
    after: String,
}

/// A decision's row: its name, what, when, what next, by when, whether it was done.
pub(super) fn row(cx: &Cx, one: &StoredDecision, base: &str) -> Vec<Cell> {
    let words = cx.words();
    let taken = &one.decision;
    let to = format!(
        "{} → {}",
        phase(&words, &one.phases.0),
        phase(&words, &one.phases.1)
    );
    vec![
        Cell::link(&one.product_title, format!("{base}/{}", one.id)),
        kind(&words, taken.kind),
        Cell::text(to),
        day(cx, Some(taken.on)),
        Cell::text(short(&taken.next)),
        day(cx, taken.next_by),
        day(cx, one.done.as_ref().map(|(on, _)| *on)),
    ]
}

/// The names of a row's columns.
pub(super) const COLUMNS: [&str; 7] = [
    "startup", "decision", "phase", "decided", "next", "next-by", "done",
];

pub(super) async fn list(
    State(startups): State<Startups>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let id = |text: &str| text.parse::<Uuid>().ok();
    let filter = (
        optional("kind", &query.kind, DecisionKind::parse)?,
        optional("ministry", &query.ministry, id)?,
        optional("incubator", &query.incubator, id)?,
    );
    let before = place(&query.after, latest_first());
    let mut found = startups
        .decisions(&cx.actor, filter, before, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let here = "/start-ups/decisions";
    let pairs = [
        ("kind", query.kind.as_str()),
        ("ministry", query.ministry.as_str()),
        ("incubator", query.incubator.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.decision.on, last.id);
        let [a, b, c] = pairs;
        address(here, &[a, b, c, ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let caption = words.text("startups-decisions");
    let table = Table::new(
        &words,
        "decisions",
        caption,
        WORDING.columns(&words, &COLUMNS),
    )
    .rows(found.iter().map(|one| row(&cx, one, here)))
    .pages(Pages { previous, next })
    .empty(words.text("startups-decisions-empty"));
    let kinds: Vec<&str> = DecisionKind::ALL.iter().map(|one| one.code()).collect();
    let (ministries, incubators) = startups.owners().await?;
    let filters = Form::filters(here, words.text("startups-filter")).fields([
        Field::select(
            "kind",
            WORDING.label(&words, "kind"),
            WORDING.any_of(&words, "startups-decision-", &kinds),
        )
        .value(&query.kind),
        Field::select(
            "incubator",
            WORDING.label(&words, "incubator"),
            owners(&words, &incubators),
        )
        .value(&query.incubator),
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            owners(&words, &ministries),
        )
        .value(&query.ministry),
    ]);
    let shell = cx
        .shell(words.text("startups-decisions"))
        .lead(words.text("startups-decisions-lead"));
    Ok(Page(Composed::new(shell).with(filters).with(table)))
}

/// What a decision says.
pub(super) fn facts(cx: &Cx, one: &StoredDecision) -> Facts {
    let words = cx.words();
    let taken = &one.decision;
    let name = |key: &str| words.text(&format!("startups-fact-{key}"));
    let to = format!(
        "{} → {}",
        phase(&words, &one.phases.0),
        phase(&words, &one.phases.1)
    );
    let mut facts = Facts::default()
        .text(name("kind"), kind(&words, taken.kind).text)
        .text(name("decided"), day_text(cx, Some(taken.on)))
        .text(name("phases"), to)
        .text(name("committee"), &taken.committee)
        .text(name("reasons"), &taken.reasons)
        .text(name("conditions"), &taken.conditions)
        .text(name("receiver"), &taken.receiver);
    if !taken.next.is_empty() {
        facts = facts
            .text(name("next"), &taken.next)
            .text(name("next-by"), day_text(cx, taken.next_by));
    }
    if taken.avoided_cents.is_some() {
        facts = facts
            .text(name("avoided"), money_text(cx, taken.avoided_cents))
            .text(name("kept-assets"), &taken.kept_assets);
    }
    let figures = &one.figures;
    if let Some(level) = figures["level"].as_str() {
        facts = facts.text(
            name("level"),
            words.text(&format!("startups-level-{level}")),
        );
    }
    facts = facts
        .text(
            name("invested"),
            money_text(cx, figures["invested_cents"].as_i64()),
        )
        .text(
            name("spent"),
            money_text(cx, figures["spent_cents"].as_i64()),
        );
    if let Some((on, outcome)) = &one.done {
        facts = facts
            .text(name("done"), day_text(cx, Some(*on)))
            .text(name("outcome"), outcome);
    }
    facts
}

/// The indicators as they stood.
pub(super) fn figures(cx: &Cx, one: &StoredDecision) -> Table {
    let as_of = one.figures["as_of"].as_str();
    let as_of = as_of.and_then(|text| text.parse().ok());
    frozen(cx, "figures", as_of, &one.figures["indicators"])
}

pub(super) async fn show(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (one, mut all) = startups.decision(&cx.actor, id).await?;
    let here = format!("/start-ups/decisions/{id}");
    let mut acts = Vec::new();
    if may(&cx.actor, &DECIDE, (one.ministry, one.incubator)) {
        if one.decision.kind != DecisionKind::Stop {
            acts.push((words.text("startups-invest"), format!("{here}/investment")));
        }
        if one.done.is_none() && !one.decision.next.is_empty() {
            acts.push((
                words.text("startups-follow-up"),
                format!("{here}/follow-up"),
            ));
        }
        acts.push((words.text("startups-plan"), format!("{here}/publication")));
    }
    acts.push((
        words.text("startups-decision-pdf"),
        format!("{here}/decision.pdf"),
    ));
    let acts = Actions(acts);
    let name = |key: &str| words.text(&format!("startups-fact-{key}"));
    let facts = facts(&cx, &one)
        .link(
            name("product"),
            &one.product_title,
            format!("/products/{}/start-up", one.product),
        )
        .link(
            name("review"),
            words.text("startups-review"),
            format!("/start-ups/reviews/{}", one.review),
        )
        .text(name("by"), &one.by)
        .text(
            name("publication"),
            WORDING.publication(&cx, &one.publication, startups.source.today()),
        );
    all.reverse();
    let shell = cx
        .shell(words.text("startups-decision"))
        .lead(&one.product_title)
        .crumb(words.text("startups-decisions"), "/start-ups/decisions");
    Ok(Page(
        Composed::new(shell)
            .with(acts)
            .with(facts)
            .with(figures(&cx, &one))
            .heading(words.text("startups-timeline"))
            .with(timeline(&cx, &all)),
    ))
}
