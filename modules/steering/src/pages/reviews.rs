//! Reviews: the list, and one with its clock.

use jiff::civil::Date;
use kit_acts::{address, cursor, day, day_text, place, short};
use kit_http::{Cx, Failure, Page, Path, Query, State, optional};
use kit_time::ClockState;
use kit_ui::{
    Actions, Cell, Column, Composed, Facts, Field, Form, Notice, Pages, Table, Tone, format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{countdown, due, ministries, opinion, review_state, status, timeline};
use crate::access::{ANNOUNCE, CONDUCT, DECIDE, FILL, RECOMMEND};
use crate::domain::{FileItem, Review, ReviewAct, ReviewKind, ReviewState};
use crate::reading::{RecommendationFilter, ReviewFilter, latest_first};
use crate::reviews::{life, permission};
use crate::store::reviews::StoredReview;
use crate::{Steering, SteeringError, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(steering): State<Steering>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let filter = ReviewFilter {
        state: optional("state", &query.state, ReviewState::parse)?,
        kind: optional("kind", &query.kind, ReviewKind::parse)?,
        ministry: optional("ministry", &query.ministry, |text| text.parse().ok())?,
        product: None,
    };
    let after = place(&query.after, latest_first());
    let mut found = steering
        .reviews(&cx.actor, filter, after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let pairs = [
        ("state", query.state.as_str()),
        ("kind", query.kind.as_str()),
        ("ministry", query.ministry.as_str()),
    ];
    let base = address("/steering/reviews", &pairs);
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.announced_on, last.id);
        let [state, kind, ministry] = pairs;
        address(
            "/steering/reviews",
            &[state, kind, ministry, ("after", &after)],
        )
    });
    let previous = (!query.after.is_empty()).then_some(base);
    let today = steering.source.today();
    let rows = found.iter().map(|one| {
        vec![
            Cell::link(&one.product_title, format!("/steering/reviews/{}", one.id)),
            Cell::text(words.text(&format!("steering-kind-{}", one.kind.code()))),
            review_state(&words, one.state),
            countdown(&cx, one, today),
            opinion(&words, one),
            day(&cx, Some(one.announced_on)),
        ]
    });
    let names = ["product", "kind", "state", "clock", "opinion", "announced"];
    let caption = words.text("steering-reviews");
    let table = Table::new(&words, "reviews", caption, WORDING.columns(&words, &names))
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("steering-reviews-empty"));
    let codes: Vec<&str> = ReviewState::ALL.iter().map(|one| one.code()).collect();
    let kinds: Vec<&str> = ReviewKind::ALL.iter().map(|one| one.code()).collect();
    let filters = Form::filters("/steering/reviews", words.text("steering-filter")).fields([
        Field::select(
            "state",
            WORDING.label(&words, "state"),
            WORDING.any_of(&words, "steering-state-", &codes),
        )
        .value(&query.state),
        Field::select(
            "kind",
            WORDING.label(&words, "kind"),
            WORDING.any_of(&words, "steering-kind-", &kinds),
        )
        .value(&query.kind),
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            ministries(&steering, &cx).await?,
        )
        .value(&query.ministry),
    ]);
    let add = cx.actor.may_somewhere(&ANNOUNCE).then(|| {
        Actions(vec![(
            words.text("steering-announce"),
            "/steering/reviews/new".to_owned(),
        )])
    });
    let shell = cx
        .shell(words.text("steering-reviews"))
        .lead(words.text("steering-reviews-lead"));
    Ok(Page(
        Composed::new(shell).maybe(add).with(filters).with(table),
    ))
}

/// What the clock says, for whoever decides.
fn clock_notice(cx: &Cx, review: &Review, today: Date) -> Result<Option<Notice>, SteeringError> {
    let words = cx.words();
    let state = review
        .clock_state(today)
        .map_err(|error| SteeringError::Review(error.into()))?;
    let Some(state) = state else { return Ok(None) };
    Ok(Some(match state {
        ClockState::Running {
            due,
            remaining_days,
        } => {
            let date = format::date(cx.locale, due);
            let days = i64::from(remaining_days);
            let args = [("date", date.into()), ("days", days.into())];
            let tone = if days <= 5 {
                Tone::Error
            } else {
                Tone::Warning
            };
            let title = words.text_with("steering-clock-runs", &args);
            let mut text = words.text("steering-clock-rule");
            if let Ok(Some(sure)) = review.surely_due_on() {
                let args = [("date", format::date(cx.locale, sure).into())];
                text = format!("{text} {}", words.text_with("steering-clock-sure", &args));
            }
            Notice::new(tone, title, text)
        }
        ClockState::Suspended {
            since,
            remaining_days,
        } => {
            let date = format::date(cx.locale, since);
            let args = [
                ("date", date.into()),
                ("days", i64::from(remaining_days).into()),
            ];
            let title = words.text_with("steering-clock-waits", &args);
            Notice::new(Tone::Info, title, words.text("steering-clock-waits-rule"))
        }
        ClockState::Expired { on } => {
            let args = [("date", format::date(cx.locale, on).into())];
            let title = words.text_with("steering-clock-expired", &args);
            Notice::new(Tone::Success, title, String::new())
        }
    }))
}

fn facts(cx: &Cx, one: &StoredReview, review: &Review, today: Date) -> Facts {
    let words = cx.words();
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    let product = format!("/products/{}/steering", one.product);
    let mut facts = Facts::default()
        .link(name("product"), &one.product_title, product)
        .text(
            name("kind"),
            words.text(&format!("steering-kind-{}", one.kind.code())),
        )
        .text(
            name("state"),
            words.text(&format!("steering-state-{}", one.state.code())),
        );
    if one.kind == ReviewKind::Article3 {
        let effect = if one.is_binding {
            "steering-effect-ministry"
        } else {
            "steering-effect-body"
        };
        facts = facts.text(name("effect"), words.text(effect));
    }
    if let Some(cents) = one.foreseen_cents {
        facts = facts.text(name("foreseen"), format::millions(cx.locale, cents));
    }
    if !one.asked_by.is_empty() {
        facts = facts.text(name("asked-by"), &one.asked_by);
    }
    facts = facts
        .text(name("announced"), day_text(cx, Some(one.announced_on)))
        .text(name("received"), day_text(cx, one.received_on))
        .text(name("due"), day_text(cx, one.due_on));
    if let Ok(Some(due)) = review.consultation_due_on() {
        facts = facts.text(name("consultation"), day_text(cx, Some(due)));
    }
    if let Some(opinion) = one.opinion {
        let text = words.text(&format!("steering-opinion-{}", opinion.code()));
        facts = facts.text(name("opinion"), text);
    }
    if let Some(planned) = &one.publication {
        facts = facts.text(name("publication"), WORDING.publication(cx, planned, today));
    }
    facts
}

/// What can be done now, by whoever looks.
fn actions(cx: &Cx, one: &StoredReview, review: &Review) -> Option<Actions> {
    let words = cx.words();
    let base = format!("/steering/reviews/{}", one.id);
    let may = |permission| cx.actor.may(permission, one.ministry);
    let mut all = Vec::new();
    for act in review.possible() {
        if !may(permission(act)) {
            continue;
        }
        let href = match act {
            ReviewAct::GiveOpinion => format!("{base}/opinion"),
            act => format!("{base}/acts/{}", act.code()),
        };
        all.push((words.text(&format!("steering-act-{}", act.code())), href));
    }
    if may(&FILL) && review.takes_file() {
        all.push((words.text("steering-fill"), format!("{base}/file")));
    }
    let runs = matches!(one.state, ReviewState::Running | ReviewState::Waiting);
    if may(&CONDUCT) && runs && one.kind == ReviewKind::Article3 {
        for act in ["answer-anssi", "answer-budget"] {
            let text = words.text(&format!("steering-act-{act}"));
            all.push((text, format!("{base}/acts/{act}")));
        }
    }
    if one.publication.is_some() {
        if may(&RECOMMEND) {
            let href = format!("/steering/recommendations/new?review={}", one.id);
            all.push((words.text("steering-recommend"), href));
        }
        if may(&DECIDE) {
            let query = format!("product={}&review={}", one.product, one.id);
            let href = format!("/steering/decisions/new?{query}");
            all.push((words.text("steering-decide"), href));
        }
        if may(&CONDUCT) {
            all.push((words.text("steering-plan"), format!("{base}/publication")));
        }
    }
    (!all.is_empty()).then_some(Actions(all))
}

/// The five axes of an opinion.
pub(super) fn axes(cx: &Cx, one: &StoredReview) -> Option<Table> {
    let words = cx.words();
    let verdict = one.verdict.as_ref()?;
    let rows = verdict.scores.iter().map(|score| {
        let scored = i64::from(score.score);
        vec![
            Cell::text(words.text(&format!("steering-axis-{}", score.axis.code()))),
            Cell::number(format!("{scored}\u{a0}/\u{a0}5"), scored),
            Cell::text(&score.comment),
        ]
    });
    let mut all = WORDING.columns(&words, &["axis"]);
    all.push(Column::number(words.text("steering-column-score")));
    all.extend(WORDING.columns(&words, &["comment"]));
    let caption = words.text("steering-axes");
    Some(Table::new(&words, "axes", caption, all).rows(rows))
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (one, mut all) = steering.review(&cx.actor, id).await?;
    let review = life(&one, &all)?;
    let today = steering.source.today();
    let items = FileItem::ALL.iter().map(|item| {
        let text = one.file.get(item.code());
        vec![
            Cell::text(words.text(&format!("steering-item-{}", item.code()))),
            match text {
                Some(_) => Cell::status(Tone::Success, words.text("steering-item-there")),
                None => Cell::status(Tone::Warning, words.text("steering-item-missing")),
            },
            text.map_or_else(Cell::unknown, Cell::text),
        ]
    });
    let of_file = WORDING.columns(&words, &["item", "state", "content"]);
    let file = Table::new(&words, "file", words.text("steering-file"), of_file).rows(items);
    let filter = RecommendationFilter {
        review: Some(id),
        ..RecommendationFilter::default()
    };
    let first = (Date::MIN, Uuid::nil());
    let given = steering
        .recommendations(&cx.actor, filter, first, 200)
        .await?;
    let rows = given.iter().map(|one| {
        let href = format!("/steering/recommendations/{}", one.id);
        vec![
            Cell::link(short(&one.text), href),
            Cell::text(words.text(&format!("steering-axis-{}", one.axis.code()))),
            due(&cx, one),
            status(&words, one),
        ]
    });
    let names = ["recommendation", "axis", "due", "status"];
    let caption = words.text("steering-recommendations");
    let recommendations = Table::new(
        &words,
        "recommendations",
        caption,
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .empty(words.text("steering-recommendations-empty"));
    all.reverse();
    let title = words.text_with(
        &format!("steering-review-of-{}", one.kind.code()),
        &[("product", one.product_title.as_str().into())],
    );
    let shell = cx
        .shell(title)
        .crumb(words.text("steering-reviews"), "/steering/reviews");
    let mut page = Composed::new(shell)
        .maybe(clock_notice(&cx, &review, today)?)
        .maybe(actions(&cx, &one, &review))
        .with(facts(&cx, &one, &review, today));
    if let Some(verdict) = &one.verdict {
        page = page
            .heading(words.text("steering-opinion"))
            .text(&verdict.summary)
            .maybe(axes(&cx, &one));
    }
    page = page.with(recommendations).with(file);
    Ok(Page(
        page.heading(words.text("steering-timeline"))
            .with(timeline(&cx, &all)),
    ))
}
