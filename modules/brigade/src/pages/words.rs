//! What several pages say in the same way, and the page of every form.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kit_http::{Cx, Failure, Fields, FormAgain, IntoResponse, Response, SeeOther};
use kit_ui::{
    Cell, Column, Composed, ErrorSummary, Field, Form, Notice, Timeline, TimelineEvent, Tone,
    Words, format,
};
use uuid::Uuid;

use crate::acts_port::days_text;
use crate::domain::{MissionState, Mistake, RequestState};
use crate::store::events;
use crate::{Brigade, BrigadeError, Event, Overbooked};

/// Where a request stands.
pub(super) fn request_state(words: &Words, state: RequestState) -> Cell {
    let tone = match state {
        RequestState::Open => Tone::Warning,
        RequestState::Accepted => Tone::Success,
        _ => Tone::Info,
    };
    let key = format!("brigade-request-state-{}", state.code());
    Cell::status(tone, words.text(&key))
}

/// Where a mission stands, and whether its report is late.
pub(super) fn mission_state(words: &Words, state: MissionState, is_late: bool) -> Cell {
    let tone = match state {
        MissionState::Proposed => Tone::Warning,
        MissionState::Agreed | MissionState::Running | MissionState::Closed => Tone::Success,
        MissionState::Reported => Tone::Info,
        MissionState::Cancelled => Tone::Error,
    };
    let key = format!("brigade-mission-state-{}", state.code());
    let cell = Cell::status(tone, words.text(&key));
    if is_late {
        cell.note(words.text("brigade-report-late"))
    } else {
        cell
    }
}

/// Half days as days, for a column of numbers.
pub(super) fn days(words: &Words, half_days: u32) -> Cell {
    let decimals = usize::from(half_days % 2 == 1);
    let days = f64::from(half_days) / 2.0;
    Cell::number(format::decimal(words.locale, days, decimals), days)
}

/// Two days in words.
pub(super) fn period(cx: &Cx, (from, to): (Date, Date)) -> String {
    let args = [
        ("from", format::date(cx.locale, from).into()),
        ("to", format::date(cx.locale, to).into()),
    ];
    cx.words().text_with("brigade-period", &args)
}

/// A period in a hint of a form.
pub(super) fn hint(words: &Words, key: &str, days: u32) -> String {
    words.text_with(key, &[("days", days_text(words, days).into())])
}

/// Why somebody can't be booked: what is left, and what takes the rest.
fn overbooked(words: &Words, found: &Overbooked) -> Notice {
    let missions: Vec<String> = found
        .taken
        .iter()
        .map(|one| {
            let args = [
                ("title", one.title.as_str().into()),
                ("from", format::date(words.locale, one.period.0).into()),
                ("to", format::date(words.locale, one.period.1).into()),
                ("days", days_text(words, one.half_days).into()),
            ];
            words.text_with("brigade-taken-by", &args)
        })
        .collect();
    let args = [
        ("name", found.name.as_str().into()),
        ("wanted", days_text(words, found.wanted).into()),
        ("free", days_text(words, found.free).into()),
        ("missions", missions.join(" ").into()),
    ];
    let text = words.text_with("brigade-overbooked-text", &args);
    Notice::new(Tone::Error, words.text("brigade-overbooked"), text)
}

/// A name, a colon in the reader's way, a value.
pub(super) fn pair(words: &Words, name: &str, value: &str) -> String {
    format!("{name}{} {value}", words.text("colon"))
}

/// A mistake in words.
fn mistake_text(words: &Words, mistake: &Mistake) -> String {
    let value = match mistake.value.parse::<Date>() {
        Ok(day) => format::date(words.locale, day),
        Err(_) => mistake.value.clone(),
    };
    words.text_with(mistake.key, &[("value", value.into())])
}

/// A field with the words of its name.
pub(super) fn label(words: &Words, name: &str) -> String {
    words.text(&format!("brigade-field-{name}"))
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
    let mut all = vec![(String::new(), words.text("brigade-any"))];
    all.extend(named(words, prefix, codes));
    all
}

/// Columns of texts.
pub(super) fn columns(words: &Words, names: &[&str]) -> Vec<Column> {
    names
        .iter()
        .map(|name| Column::text(words.text(&format!("brigade-column-{name}"))))
        .collect()
}

/// A day's cell.
pub(super) fn day(cx: &Cx, on: Option<Date>) -> Cell {
    on.map_or_else(Cell::unknown, |on| {
        Cell::text(format::date(cx.locale, on)).value(on)
    })
}

/// The day of an instant in Paris.
pub(super) fn day_of(at: Timestamp) -> Date {
    let zone = TimeZone::get(kit_time::PARIS).unwrap_or(TimeZone::UTC);
    zone.to_datetime(at).date()
}

/// A text in short.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() <= 120 {
        return text.to_owned();
    }
    let kept: String = text.chars().take(119).collect();
    format!("{kept}…")
}

/// What happened, in a few words.
fn event_title(words: &Words, event: &Event) -> String {
    words.text(&format!(
        "brigade-event-{}-{}",
        event.subject_kind, event.act
    ))
}

/// How an act is told in a list of events.
fn tone(act: &str) -> Option<Tone> {
    match act {
        "agree" | "report" | "close" | "agree-extension" => Some(Tone::Success),
        "decline" | "cancel" | "refuse-extension" => Some(Tone::Warning),
        _ => None,
    }
}

/// What happened, the latest first: what, by whom, why.
pub(super) fn timeline(cx: &Cx, events: &[Event]) -> Timeline {
    let words = cx.words();
    let events = events.iter().map(|event| {
        let by = match event.by_id {
            Some(_) => event.by_name.clone(),
            None => words.text("brigade-platform"),
        };
        let mut detail = words.text_with("brigade-by", &[("name", by.into())]);
        let recorded = day_of(event.at);
        if recorded != event.on {
            let on = format::date(cx.locale, recorded);
            detail.push_str(&words.text_with("brigade-recorded-on", &[("date", on.into())]));
        }
        if !event.reason.is_empty() {
            detail = pair(&words, &detail, &event.reason);
        }
        TimelineEvent {
            when: format::date(cx.locale, event.on),
            datetime: event.on.to_string(),
            title: event_title(&words, event),
            detail,
            tone: tone(&event.act),
            href: None,
        }
    });
    Timeline {
        events: events.collect(),
        empty: words.text("brigade-nothing-happened"),
    }
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
    pub(super) overbooked: Option<Box<Overbooked>>,
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

/// The page of a form; when somebody changed its subject meanwhile, it says who did what, and keeps
/// what was typed.
pub(super) async fn form_page(
    brigade: &Brigade,
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
    shell.mistaken =
        !trouble.mistakes.is_empty() || trouble.is_stale || trouble.overbooked.is_some();
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
            Some(subject) => events::EVENTS
                .latest(&brigade.db, subject)
                .await
                .map_err(BrigadeError::from)?,
            None => None,
        };
        let text = latest.map_or_else(String::new, |event| {
            let args = [
                ("what", event_title(&words, &event).into()),
                ("name", event.by_name.as_str().into()),
                ("reason", event.reason.as_str().into()),
            ];
            words.text_with("brigade-changed-by", &args)
        });
        let title = words.text("brigade-changed");
        notice = Some(Notice::new(Tone::Warning, title, text));
    }
    Ok(Composed::new(shell)
        .maybe(notice)
        .maybe(
            trouble
                .overbooked
                .as_ref()
                .map(|found| overbooked(&words, found)),
        )
        .maybe(elsewhere)
        .with(form))
}

/// The answer to a form: on to a page, or the form again with what is wrong.
pub(super) async fn conclude<T>(
    result: Result<T, BrigadeError>,
    to: impl FnOnce(T) -> String,
    again: impl AsyncFnOnce(Trouble) -> Result<Composed, Failure>,
) -> Result<Response, Failure> {
    let mut trouble = Trouble::default();
    match result {
        Ok(done) => return Ok(SeeOther(to(done)).into_response()),
        Err(BrigadeError::Mistakes(mistakes)) => trouble.mistakes = mistakes,
        Err(BrigadeError::Stale) => trouble.is_stale = true,
        Err(BrigadeError::Overbooked(found)) => trouble.overbooked = Some(found),
        Err(error) => return Err(error.into()),
    }
    Ok(FormAgain(again(trouble).await?).into_response())
}

/// The version that a form sends.
pub(super) fn version(fields: &Fields) -> i64 {
    fields.text("version").parse().unwrap_or(0)
}

/// Ministries by id and name, those that the actor can choose.
pub(super) async fn ministries(
    brigade: &Brigade,
    cx: &Cx,
) -> Result<Vec<(String, String)>, Failure> {
    let known = brigade.known_ministries(&cx.actor).await?;
    let all = brigade.organisations.all(None).await;
    let all = all.map_err(BrigadeError::from)?.into_iter();
    let mut options = vec![(String::new(), cx.words().text("brigade-any"))];
    options.extend(
        all.filter(|one| known.contains(&one.id.0))
            .map(|one| (one.id.0.to_string(), one.name)),
    );
    Ok(options)
}
