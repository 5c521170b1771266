//! Reviews: the list, and one with what the team told and the figures as they stood.

use kit_acts::{address, cursor, day, day_text, mistake_text, place, version};
use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Query, Response, SeeOther, State,
    optional,
};
use kit_ui::{
    Actions, Cell, Composed, Facts, Field, Form, Notice, Pages, Table, Tone, Words, format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{due, frozen, money_text, owners, phase, review_state, timeline};
use crate::access::{DECIDE, PREPARE, may};
use crate::domain::{Level, ReviewState, questioned, reached};
use crate::reading::latest_first;
use crate::store::reviews::StoredReview;
use crate::{Startups, StartupsError, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    incubator: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(startups): State<Startups>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let id = |text: &str| text.parse::<Uuid>().ok();
    let filter = (
        optional("state", &query.state, ReviewState::parse)?,
        optional("ministry", &query.ministry, id)?,
        optional("incubator", &query.incubator, id)?,
    );
    let before = place(&query.after, latest_first());
    let mut found = startups
        .reviews(&cx.actor, filter, before, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let here = "/start-ups/reviews";
    let pairs = [
        ("state", query.state.as_str()),
        ("ministry", query.ministry.as_str()),
        ("incubator", query.incubator.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.due_on, last.id);
        let [a, b, c] = pairs;
        address(here, &[a, b, c, ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let today = startups.source.today();
    let rows = found.iter().map(|one| {
        let due_cell = if one.is_overdue(today) {
            due(&cx, Some(one.due_on), today)
        } else {
            day(&cx, Some(one.due_on))
        };
        let level = reached(&one.prepared.levels);
        let level = level.map_or_else(Cell::unknown, |level| {
            Cell::text(words.text(&format!("startups-level-{}", level.code())))
        });
        vec![
            Cell::link(&one.product_title, format!("{here}/{}", one.id)),
            due_cell,
            review_state(&words, one.state),
            level,
            day(&cx, one.submitted_on),
            day(&cx, one.decided_on),
        ]
    });
    let names = ["startup", "due", "state", "level", "submitted", "decided"];
    let caption = words.text("startups-reviews");
    let table = Table::new(&words, "reviews", caption, WORDING.columns(&words, &names))
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("startups-reviews-empty"));
    let states: Vec<&str> = ReviewState::ALL.iter().map(|one| one.code()).collect();
    let (ministries, incubators) = startups.owners().await?;
    let filters = Form::filters(here, words.text("startups-filter")).fields([
        Field::select(
            "state",
            WORDING.label(&words, "state"),
            WORDING.any_of(&words, "startups-state-", &states),
        )
        .value(&query.state),
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
        .shell(words.text("startups-reviews"))
        .lead(words.text("startups-reviews-lead"));
    Ok(Page(Composed::new(shell).with(filters).with(table)))
}

fn facts(cx: &Cx, one: &StoredReview) -> Facts {
    let words = cx.words();
    let name = |key: &str| words.text(&format!("startups-fact-{key}"));
    let facts = Facts::default()
        .link(
            name("product"),
            &one.product_title,
            format!("/products/{}/start-up", one.product),
        )
        .text(
            name("phase"),
            phase(&words, one.phase.as_deref().unwrap_or_default()),
        )
        .text(name("state"), review_state(&words, one.state).text);
    told(cx, one, facts)
}

/// What a review says whatever the day, after other facts.
pub(super) fn told(cx: &Cx, one: &StoredReview, facts: Facts) -> Facts {
    let words = cx.words();
    let name = |key: &str| words.text(&format!("startups-fact-{key}"));
    let told = &one.prepared;
    let users = told
        .users
        .map_or_else(String::new, |n| format::count(cx.locale, n));
    let mut facts = facts.text(name("due"), day_text(cx, Some(one.due_on)));
    if one.submitted_on.is_some() {
        facts = facts.text(name("submitted"), day_text(cx, one.submitted_on));
    }
    facts = facts
        .text(name("learnt"), &told.learnt)
        .text(name("users"), users)
        .text(name("users-told"), &told.users_told);
    if told.spent_cents.is_some() {
        facts = facts.text(name("spent-review"), money_text(cx, told.spent_cents));
    }
    facts.text(name("plan"), &told.plan)
}

/// The five levels, each with the indicator that shows it, of those given by id and name.
pub(super) fn levels(cx: &Cx, one: &StoredReview, indicators: &[(Uuid, String)]) -> Table {
    let words = cx.words();
    let rows = Level::ALL.iter().map(|level| {
        let name = Cell::text(words.text(&format!("startups-level-{}", level.code())));
        let told = one.prepared.levels.iter().find(|told| told.level == *level);
        let Some(told) = told else {
            return vec![name, Cell::unknown(), Cell::unknown(), Cell::unknown()];
        };
        let is_reached = if told.is_reached {
            Cell::status(Tone::Success, words.text("startups-reached"))
        } else {
            Cell::status(Tone::Info, words.text("startups-not-reached"))
        };
        let shown = indicators.iter().find(|one| Some(one.0) == told.indicator);
        let indicator = shown.map_or_else(Cell::unknown, |(id, name)| {
            Cell::link(name, format!("/indicators/{id}"))
        });
        let comment = if told.comment.is_empty() {
            Cell::unknown()
        } else {
            Cell::text(&told.comment)
        };
        vec![name, is_reached, indicator, comment]
    });
    let names = ["level", "reached", "indicator", "comment"];
    Table::new(
        &words,
        "levels",
        words.text("startups-levels"),
        WORDING.columns(&words, &names),
    )
    .rows(rows)
}

/// What the committee asks when a level is missing below another.
pub(super) fn question(words: &Words, one: &StoredReview) -> Option<String> {
    let missing = questioned(&one.prepared.levels);
    let name = |level: &Level| words.text(&format!("startups-level-{}", level.code()));
    let highest = reached(&one.prepared.levels).filter(|_| !missing.is_empty())?;
    let names: Vec<String> = missing.iter().map(name).collect();
    let args = [
        ("levels", names.join(", ").into()),
        ("highest", name(&highest).into()),
    ];
    Some(words.text_with("startups-questioned", &args))
}

async fn page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    trouble: Option<StartupsError>,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, mut all, decision) = startups.review(&cx.actor, id).await?;
    let here = format!("/start-ups/reviews/{id}");
    let owners = (one.ministry, one.incubator);
    let may_prepare = may(&cx.actor, &PREPARE, owners);
    let may_decide = may(&cx.actor, &DECIDE, owners);
    let mut acts = Vec::new();
    match one.state {
        ReviewState::Due | ReviewState::Preparing if may_prepare => {
            acts.push((
                words.text("startups-prepare"),
                format!("{here}/preparation"),
            ));
        }
        ReviewState::Committee if may_decide => {
            acts.push((words.text("startups-decide"), format!("{here}/decision")));
            acts.push((
                words.text("startups-give-back"),
                format!("{here}/give-back"),
            ));
        }
        ReviewState::Decided => {
            if let Some(decision) = decision {
                let href = format!("/start-ups/decisions/{decision}");
                acts.push((words.text("startups-see-decision"), href));
            }
        }
        _ => {}
    }
    if one.figures.is_some() {
        acts.push((
            words.text("startups-review-pdf"),
            format!("{here}/review.pdf"),
        ));
    }
    let acts = (!acts.is_empty()).then_some(Actions(acts));
    let title = words.text_with(
        "startups-review-of",
        &[("product", one.product_title.as_str().into())],
    );
    let mut shell = cx
        .shell(title)
        .lead(words.text("startups-review-lead"))
        .crumb(words.text("startups-reviews"), "/start-ups/reviews");
    shell.mistaken = trouble.is_some();
    let told = trouble.map(|trouble| match trouble {
        StartupsError::Mistakes(mistakes) => {
            let lines = mistakes.iter().map(|one| {
                let (field, level) = one.field.split_once('-').unwrap_or((&one.field, ""));
                let mut name = WORDING.label(&words, field);
                if !level.is_empty() {
                    let level = words.text(&format!("startups-level-{level}"));
                    name = format!("{name} ({level})");
                }
                kit_acts::pair(&words, &name, &mistake_text(&words, one))
            });
            let text = lines.collect::<Vec<_>>().join(" ");
            Notice::new(Tone::Error, words.text("startups-incomplete"), text)
        }
        _ => Notice::new(
            Tone::Warning,
            words.text("startups-changed"),
            words.text("startups-read-again"),
        ),
    });
    let question = question(&words, &one)
        .map(|text| Notice::new(Tone::Warning, words.text("startups-questioned-title"), text));
    let can_submit = one.state == ReviewState::Preparing && may_prepare;
    let submit = can_submit.then(|| {
        Form::post(
            &shell,
            format!("{here}/submit"),
            words.text("startups-submit"),
        )
        .hidden("version", one.version.to_string())
        .inline()
    });
    let figures = one.figures.as_ref().map(|figures| {
        let as_of = figures["as_of"].as_str().and_then(|text| text.parse().ok());
        frozen(cx, "figures", as_of, &figures["indicators"])
    });
    let indicators = startups.indicators(one.product).await?;
    let named = indicators.into_iter().map(|one| (one.id, one.name));
    let levels = levels(cx, &one, &named.collect::<Vec<_>>());
    all.reverse();
    Ok(Composed::new(shell)
        .maybe(told)
        .maybe(question)
        .maybe(acts)
        .maybe(submit)
        .with(facts(cx, &one))
        .with(levels)
        .maybe(figures)
        .heading(words.text("startups-timeline"))
        .with(timeline(cx, &all)))
}

pub(super) async fn show(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    page(&startups, &cx, id, None).await.map(Page)
}

pub(super) async fn submit(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    match startups.submit(&cx.actor, id, version(&fields)).await {
        Ok(()) => Ok(SeeOther(format!("/start-ups/reviews/{id}")).into_response()),
        Err(trouble @ (StartupsError::Mistakes(_) | StartupsError::Stale)) => {
            let again = page(&startups, &cx, id, Some(trouble)).await?;
            Ok(FormAgain(again).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
