//! What several pages say in the same way, and the page of every form.

use jiff::civil::Date;
use kit_acts::{Asked, Trouble, pair};
use kit_http::{Cx, Failure};
use kit_ui::{Cell, Composed, Timeline, TimelineEvent, Tone, Words, format};
use ports::ActEntry;
use uuid::Uuid;

use crate::domain::{Finding, Opinion, ReviewState, Status};
use crate::store::recommendations::Recommendation;
use crate::store::reviews::StoredReview;
use crate::store::{conferences, events};
use crate::{Event, Steering, SteeringError, WORDING};

/// Money's cell.
pub(super) fn money(cx: &Cx, cents: i64) -> Cell {
    Cell::number(format::millions(cx.locale, cents), cents)
}

/// An opinion's cell.
pub(super) fn opinion(words: &Words, one: &StoredReview) -> Cell {
    let Some(opinion) = one.opinion else {
        return Cell::unknown();
    };
    let tone = match opinion {
        Opinion::Favourable => Tone::Success,
        Opinion::WithReservations => Tone::Warning,
        Opinion::Unfavourable => Tone::Error,
    };
    let cell = Cell::status(
        tone,
        words.text(&format!("steering-opinion-{}", opinion.code())),
    );
    if one.state == ReviewState::Tacit {
        cell.note(words.text("steering-by-silence"))
    } else {
        cell
    }
}

/// Where a review stands.
pub(super) fn review_state(words: &Words, state: ReviewState) -> Cell {
    let tone = match state {
        ReviewState::Running => Tone::Warning,
        ReviewState::Given | ReviewState::Tacit => Tone::Success,
        _ => Tone::Info,
    };
    Cell::status(
        tone,
        words.text(&format!("steering-state-{}", state.code())),
    )
}

/// What is left of a clock, in days and words.
pub(super) fn countdown(cx: &Cx, one: &StoredReview, today: Date) -> Cell {
    let words = cx.words();
    let Some(due) = one.due_on else {
        return if one.state == ReviewState::Waiting {
            Cell::status(Tone::Info, words.text("steering-clock-stands-still"))
        } else {
            Cell::unknown()
        };
    };
    let left = i64::from((due - today).get_days());
    let text = match left {
        ..=-1 => words.text("steering-clock-over"),
        0 => words.text("steering-clock-today"),
        _ => words.text_with("steering-clock-left", &[("days", left.into())]),
    };
    let tone = if left <= 5 {
        Tone::Error
    } else {
        Tone::Warning
    };
    Cell::status(tone, text)
        .value(left)
        .note(format::date(cx.locale, due))
}

/// Where a recommendation stands, and how far its delay has gone.
pub(super) fn status(words: &Words, one: &Recommendation) -> Cell {
    let tone = match one.status {
        Status::Verified => Tone::Success,
        Status::Refused => Tone::Error,
        Status::Claimed => Tone::Warning,
        _ => Tone::Info,
    };
    let code = one.status.code();
    let cell = Cell::status(tone, words.text(&format!("steering-status-{code}")));
    match one.step.filter(|_| one.is_overdue) {
        Some(step) => cell.note(words.text(&format!("steering-step-{}", step.code()))),
        None => cell,
    }
}

/// A due day, told when it has passed.
pub(super) fn due(cx: &Cx, one: &Recommendation) -> Cell {
    let text = format::date(cx.locale, one.due_on);
    if one.is_overdue {
        let words = cx.words();
        Cell::status(Tone::Error, text)
            .value(one.due_on)
            .note(words.text("steering-overdue"))
    } else {
        Cell::text(text).value(one.due_on)
    }
}

/// What the watch found, in figures and words.
pub(super) fn finding(words: &Words, found: &Finding) -> String {
    let locale = words.locale;
    let date = |on: Date| format::date(locale, on);
    match found {
        Finding::Cost {
            baseline_cents,
            cost_cents,
            slip,
            limit,
        } => words.text_with(
            "steering-found-cost",
            &[
                ("slip", format::percent_signed(locale, *slip).into()),
                ("baseline", format::millions(locale, *baseline_cents).into()),
                ("cost", format::millions(locale, *cost_cents).into()),
                ("limit", format::percent(locale, *limit).into()),
            ],
        ),
        Finding::Duration { slip, limit } => words.text_with(
            "steering-found-duration",
            &[
                ("slip", format::percent_signed(locale, *slip).into()),
                ("limit", format::percent(locale, *limit).into()),
            ],
        ),
        Finding::Stale {
            estimated_on,
            days,
            limit_days,
        } => words.text_with(
            "steering-found-stale",
            &[
                ("date", date(*estimated_on).into()),
                ("days", format::days(locale, *days).into()),
                ("limit", format::days(locale, *limit_days).into()),
            ],
        ),
        Finding::Impact {
            name,
            unit,
            target,
            due_on,
            latest,
            ..
        } => {
            let figure = |value: f64| format!("{}\u{a0}{unit}", format::decimal(locale, value, 2));
            let latest = latest.map_or_else(|| words.text("steering-not-measured"), figure);
            let due_on = due_on.map_or_else(|| "—".to_owned(), date);
            words.text_with(
                "steering-found-impact",
                &[
                    ("name", name.as_str().into()),
                    ("target", figure(*target).into()),
                    ("date", due_on.into()),
                    ("latest", latest.into()),
                ],
            )
        }
        Finding::Confidence { own, independent } => {
            let rating = |code: &str| words.text(&format!("steering-confidence-{code}"));
            words.text_with(
                "steering-found-confidence",
                &[
                    ("own", rating(own.code()).into()),
                    ("independent", rating(independent.code()).into()),
                ],
            )
        }
    }
}

fn tone(act: &str) -> Option<Tone> {
    let bad = act.starts_with("overdue-") || act.starts_with("open-") || act == "hold";
    let good = matches!(act, "verify" | "clear" | "release-funding" | "follow-up");
    if bad {
        Some(Tone::Warning)
    } else {
        good.then_some(Tone::Success)
    }
}

/// What happened, the latest first: what, by whom, why.
pub(super) fn timeline(cx: &Cx, events: &[Event]) -> Timeline {
    timeline_with(cx, events, &[])
}

/// The same with what other modules did, the latest first: of one day, steering's own events first.
pub(super) fn timeline_with(cx: &Cx, events: &[Event], acts: &[ActEntry]) -> Timeline {
    let words = cx.words();
    let mut all: Vec<(Date, TimelineEvent)> = own_events(cx, events);
    all.extend(acts.iter().map(|one| {
        let mut detail = match &one.by {
            Some(by) => words.text_with("steering-by", &[("name", by.as_str().into())]),
            None => String::new(),
        };
        if !one.detail.is_empty() {
            detail = if detail.is_empty() {
                one.detail.clone()
            } else {
                pair(&words, &detail, &one.detail)
            };
        }
        let event = TimelineEvent {
            when: format::date(cx.locale, one.on),
            datetime: one.on.to_string(),
            title: one.what.clone(),
            detail,
            tone: None,
            href: Some(one.href.clone()),
        };
        (one.on, event)
    }));
    if !acts.is_empty() {
        // Stable: what steering recorded stays in the order in which it was recorded within a day.
        all.sort_by_key(|(on, _)| std::cmp::Reverse(*on));
    }
    Timeline {
        events: all.into_iter().map(|(_, event)| event).collect(),
        empty: words.text("steering-nothing-happened"),
    }
}

fn own_events(cx: &Cx, events: &[Event]) -> Vec<(Date, TimelineEvent)> {
    let told = |event: &Event| (event.on, WORDING.event(cx, event, tone(&event.act)));
    events.iter().map(told).collect()
}

/// What happened to something last, be it a conference.
async fn latest(steering: &Steering, subject: Uuid) -> Result<Option<Event>, SteeringError> {
    if let Some(event) = events::EVENTS.latest(&steering.db, subject).await? {
        return Ok(Some(event));
    }
    Ok(conferences::steps(&steering.db, subject).await?.pop())
}

/// The page of a form; when somebody changed its subject meanwhile, it says who did what, and keeps
/// what was typed.
pub(super) async fn form_page(
    steering: &Steering,
    cx: &Cx,
    asked: Asked,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let latest = match asked.changed(trouble) {
        Some(subject) => latest(steering, subject).await?,
        None => None,
    };
    Ok(WORDING.form_page(cx, asked, trouble, latest.as_ref()))
}

/// Ministries by id and name, those that the actor can choose.
pub(super) async fn ministries(
    steering: &Steering,
    cx: &Cx,
) -> Result<Vec<(String, String)>, Failure> {
    let known = steering.known_ministries(&cx.actor).await?;
    let all = steering.organisations.all(None).await;
    let all = all.map_err(SteeringError::from)?.into_iter();
    let mut options = vec![(String::new(), cx.words().text("steering-any"))];
    options.extend(
        all.filter(|one| known.contains(&one.id.0))
            .map(|one| (one.id.0.to_string(), one.name)),
    );
    Ok(options)
}
