//! What several pages say in the same way, and the page of every form.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kit_http::{Cx, Failure, Fields, FormAgain, IntoResponse, Response, SeeOther};
use kit_ui::{
    Cell, Column, Composed, ErrorSummary, Field, Form, Notice, Timeline, TimelineEvent, Tone,
    Words, format,
};
use ports::ActEntry;
use uuid::Uuid;

use crate::domain::{Finding, Mistake, Opinion, Publication, ReviewState, Status};
use crate::store::recommendations::Recommendation;
use crate::store::reviews::StoredReview;
use crate::store::{conferences, events};
use crate::{Event, Steering, SteeringError};

/// A name, a colon in the reader's way, a value.
pub(super) fn pair(words: &Words, name: &str, value: &str) -> String {
    format!("{name}{} {value}", words.text("colon"))
}

/// A mistake in words.
pub(super) fn mistake_text(words: &Words, mistake: &Mistake) -> String {
    let value = match mistake.value.parse::<Date>() {
        Ok(day) => format::date(words.locale, day),
        Err(_) => mistake.value.clone(),
    };
    words.text_with(mistake.key, &[("value", value.into())])
}

/// A field with the words of its name.
pub(super) fn label(words: &Words, name: &str) -> String {
    words.text(&format!("steering-field-{name}"))
}

/// Codes with their words, for a choice.
pub(super) fn named(words: &Words, prefix: &str, codes: &[&str]) -> Vec<(String, String)> {
    codes
        .iter()
        .map(|code| ((*code).to_owned(), words.text(&format!("{prefix}{code}"))))
        .collect()
}

/// The same, after "any".
pub(super) fn any_of(words: &Words, prefix: &str, codes: &[&str]) -> Vec<(String, String)> {
    let mut all = vec![(String::new(), words.text("steering-any"))];
    all.extend(named(words, prefix, codes));
    all
}

/// Columns of texts.
pub(super) fn columns(words: &Words, names: &[&str]) -> Vec<Column> {
    names
        .iter()
        .map(|name| Column::text(words.text(&format!("steering-column-{name}"))))
        .collect()
}

/// A day's cell.
pub(super) fn day(cx: &Cx, on: Option<Date>) -> Cell {
    on.map_or_else(Cell::unknown, |on| {
        Cell::text(format::date(cx.locale, on)).value(on)
    })
}

/// A day in words; a dash when there is none.
pub(super) fn day_text(cx: &Cx, on: Option<Date>) -> String {
    on.map_or_else(|| "—".to_owned(), |on| format::date(cx.locale, on))
}

/// The day of an instant in Paris.
pub(super) fn day_of(at: Timestamp) -> Date {
    let zone = TimeZone::get(kit_time::PARIS).unwrap_or(TimeZone::UTC);
    zone.to_datetime(at).date()
}

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

/// A text in short.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() <= 120 {
        return text.to_owned();
    }
    let kept: String = text.chars().take(119).collect();
    format!("{kept}…")
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

/// What happened, in a few words.
fn event_title(words: &Words, event: &Event) -> String {
    words.text(&format!(
        "steering-event-{}-{}",
        event.subject_kind, event.act
    ))
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
    let words = cx.words();
    let told = |event: &Event| {
        let by = match event.by_id {
            Some(_) => event.by_name.clone(),
            None => words.text("steering-platform"),
        };
        let mut detail = words.text_with("steering-by", &[("name", by.into())]);
        let recorded = day_of(event.at);
        if recorded != event.on {
            let on = format::date(cx.locale, recorded);
            detail.push_str(&words.text_with("steering-recorded-on", &[("date", on.into())]));
        }
        if !event.reason.is_empty() {
            detail = pair(&words, &detail, &event.reason);
        }
        let told = TimelineEvent {
            when: format::date(cx.locale, event.on),
            datetime: event.on.to_string(),
            title: event_title(&words, event),
            detail,
            tone: tone(&event.act),
            href: None,
        };
        (event.on, told)
    };
    events.iter().map(told).collect()
}

/// When something is published, in words, with what is hidden.
pub(super) fn publication(cx: &Cx, planned: &Publication, today: Date) -> String {
    let words = cx.words();
    let on = format::date(cx.locale, planned.on);
    let key = if planned.is_open(today) {
        "steering-published-on"
    } else {
        "steering-will-be-published-on"
    };
    let mut text = words.text_with(key, &[("date", on.into())]);
    if !planned.reason.is_empty() {
        text = format!("{text} — {}", planned.reason);
    }
    if !planned.redactions.is_empty() {
        let reasons: Vec<&str> = planned
            .redactions
            .iter()
            .map(|r| r.reason.as_str())
            .collect();
        let args = [
            ("count", planned.redactions.len().into()),
            ("reasons", reasons.join(" ; ").into()),
        ];
        text = format!("{text} {}", words.text_with("steering-hidden", &args));
    }
    text
}

/// The cursor of a list: a value and an id.
pub(super) fn cursor(value: impl std::fmt::Display, id: Uuid) -> String {
    format!("{value}~{id}")
}

/// Where a list goes on; anything else begins at its first page.
pub(super) fn place<T: std::str::FromStr>(text: &str, first: (T, Uuid)) -> (T, Uuid) {
    let read = text.split_once('~').and_then(|(value, id)| {
        let value = value.parse().ok()?;
        Some((value, id.parse().ok()?))
    });
    read.unwrap_or(first)
}

/// A query of an address from pairs of which some are empty.
pub(super) fn address(base: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.push(if query.is_empty() { '?' } else { '&' });
        let kept: String = value
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '~' | '.'))
            .collect();
        query.push_str(&format!("{name}={kept}"));
    }
    format!("{base}{query}")
}

/// The three fields of a date, as sent.
pub(super) fn three(fields: &Fields, name: &str) -> [String; 3] {
    ["day", "month", "year"].map(|part| fields.text(&format!("{name}-{part}")).to_owned())
}

/// A date's field: what was typed, else a day.
pub(super) fn date_field(words: &Words, fields: &Fields, name: &str, usual: Option<Date>) -> Field {
    let label = label(words, name);
    if fields.has(&format!("{name}-day")) {
        Field::date_typed(words, name, label, three(fields, name))
    } else {
        Field::date(words, name, label, usual)
    }
}

/// What was typed in a field, else a usual value.
pub(super) fn typed<'f>(fields: &'f Fields, name: &str, usual: &'f str) -> &'f str {
    if fields.has(name) {
        fields.text(name)
    } else {
        usual
    }
}

/// Why a form is shown again.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    pub(super) mistakes: Vec<Mistake>,
    pub(super) is_stale: bool,
}

/// A form on a page of its own.
pub(super) struct Asked {
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) crumb: (String, String),
    pub(super) action: String,
    pub(super) submit: String,
    pub(super) fields: Vec<Field>,
    /// The version of what it changes; none for something new.
    pub(super) version: Option<i64>,
    /// What it changes, to say what somebody else did meanwhile.
    pub(super) subject: Option<Uuid>,
    pub(super) hidden: Vec<(&'static str, String)>,
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
    let words = cx.words();
    let mut fields = asked.fields;
    for field in &mut fields {
        let of_field = trouble
            .mistakes
            .iter()
            .filter(|one| one.field == field.name);
        let all: Vec<String> = of_field.map(|one| mistake_text(&words, one)).collect();
        if !all.is_empty() {
            field.error = Some(all.join(" "));
        }
    }
    let elsewhere = trouble
        .mistakes
        .iter()
        .find(|one| !fields.iter().any(|field| field.name == one.field))
        .map(|one| ErrorSummary::general(&words, mistake_text(&words, one)));
    let mut shell = cx
        .shell(asked.title)
        .lead(asked.lead)
        .crumb(asked.crumb.0, asked.crumb.1);
    shell.mistaken = !trouble.mistakes.is_empty() || trouble.is_stale;
    let mut form = Form::post(&shell, asked.action, asked.submit).fields(fields);
    if let Some(version) = asked.version {
        form = form.hidden("version", version.to_string());
    }
    for (name, value) in asked.hidden {
        form = form.hidden(name, value);
    }
    let form = form.summary(&words);
    let mut notice = None;
    if trouble.is_stale {
        let latest = match asked.subject {
            Some(subject) => latest(steering, subject).await?,
            None => None,
        };
        let text = latest.map_or_else(String::new, |event| {
            let args = [
                ("what", event_title(&words, &event).into()),
                ("name", event.by_name.as_str().into()),
                ("reason", event.reason.as_str().into()),
            ];
            words.text_with("steering-changed-by", &args)
        });
        let title = words.text("steering-changed");
        notice = Some(Notice::new(Tone::Warning, title, text));
    }
    Ok(Composed::new(shell)
        .maybe(notice)
        .maybe(elsewhere)
        .with(form))
}

/// The answer to a form: on to a page, or the form again with what is wrong.
pub(super) async fn conclude<T>(
    result: Result<T, SteeringError>,
    to: impl FnOnce(T) -> String,
    again: impl AsyncFnOnce(Trouble) -> Result<Composed, Failure>,
) -> Result<Response, Failure> {
    let trouble = match result {
        Ok(done) => return Ok(SeeOther(to(done)).into_response()),
        Err(SteeringError::Mistakes(mistakes)) => Trouble {
            mistakes,
            is_stale: false,
        },
        Err(SteeringError::Stale) => Trouble {
            mistakes: Vec::new(),
            is_stale: true,
        },
        Err(error) => return Err(error.into()),
    };
    Ok(FormAgain(again(trouble).await?).into_response())
}

/// The version that a form sends.
pub(super) fn version(fields: &Fields) -> i64 {
    fields.text("version").parse().unwrap_or(0)
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
