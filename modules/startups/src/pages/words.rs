//! What several pages say in the same way, and the page of every form.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kit_http::{Cx, Failure, Fields, FormAgain, IntoResponse, Response, SeeOther};
use kit_ui::{
    Cell, Column, Composed, ErrorSummary, Field, Form, Notice, Timeline, TimelineEvent, Tone,
    Words, format,
};
use ports::OrganisationSummary;
use uuid::Uuid;

use crate::domain::{DecisionKind, Mistake, NationalResult, Publication, ReviewState};
use crate::store::events;
use crate::{Event, Startups, StartupsError};

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
    words.text(&format!("startups-field-{name}"))
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
    let mut all = vec![(String::new(), words.text("startups-any"))];
    all.extend(named(words, prefix, codes));
    all
}

/// Columns of texts.
pub(super) fn columns(words: &Words, names: &[&str]) -> Vec<Column> {
    names
        .iter()
        .map(|name| Column::text(words.text(&format!("startups-column-{name}"))))
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

/// Money's cell, in euros.
pub(super) fn money(cx: &Cx, cents: i64) -> Cell {
    Cell::number(format::euros(cx.locale, cents), cents)
}

/// Money in words; a dash when there is none.
pub(super) fn money_text(cx: &Cx, cents: Option<i64>) -> String {
    cents.map_or_else(|| "—".to_owned(), |cents| format::euros(cx.locale, cents))
}

/// An amount's field, in euros.
pub(super) fn euros_field(words: &Words, fields: &Fields, name: &str, usual: &str) -> Field {
    Field::text(name, label(words, name))
        .hint(words.text("startups-hint-euros"))
        .unit("€")
        .value(typed(fields, name, usual))
}

/// A phase in words.
pub(super) fn phase(words: &Words, code: &str) -> String {
    if code.is_empty() {
        "—".to_owned()
    } else {
        words.text(&format!("startups-phase-{code}"))
    }
}

/// Where a review stands.
pub(super) fn review_state(words: &Words, state: ReviewState) -> Cell {
    let tone = match state {
        ReviewState::Committee => Tone::Warning,
        ReviewState::Decided => Tone::Success,
        _ => Tone::Info,
    };
    Cell::status(
        tone,
        words.text(&format!("startups-state-{}", state.code())),
    )
}

/// What was decided.
pub(super) fn kind(words: &Words, kind: DecisionKind) -> Cell {
    let tone = match kind {
        DecisionKind::Continue | DecisionKind::Accelerate => Tone::Success,
        DecisionKind::Transfer => Tone::Info,
        DecisionKind::Stop => Tone::Error,
    };
    Cell::status(
        tone,
        words.text(&format!("startups-decision-{}", kind.code())),
    )
}

/// The result of the test of national impact.
pub(super) fn national(words: &Words, result: NationalResult) -> Cell {
    let tone = match result {
        NationalResult::National => Tone::Success,
        NationalResult::NotNational => Tone::Error,
        NationalResult::Unknown => Tone::Info,
    };
    Cell::status(
        tone,
        words.text(&format!("startups-national-{}", result.code())),
    )
}

/// When a review is due, told when the day has passed.
pub(super) fn due(cx: &Cx, on: Option<Date>, today: Date) -> Cell {
    match on {
        Some(on) if on < today => Cell::status(Tone::Error, format::date(cx.locale, on))
            .value(on)
            .note(cx.words().text("startups-overdue")),
        on => day(cx, on),
    }
}

/// A figure with its unit.
pub(super) fn figure(words: &Words, value: f64, unit: &str) -> String {
    format!("{}\u{a0}{unit}", format::decimal(words.locale, value, 2))
}

/// Figures as they were frozen: the indicators, their baseline, latest figure and standing.
pub(super) fn frozen(
    cx: &Cx,
    id: &str,
    as_of: Option<Date>,
    all: &serde_json::Value,
) -> kit_ui::Table {
    let words = cx.words();
    let rows = all.as_array().into_iter().flatten().map(|one| {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let unit = text("unit");
        let of = |value: &serde_json::Value| {
            let number = value[0].as_f64();
            number.map_or_else(Cell::unknown, |number| {
                Cell::number(figure(&words, number, &unit), number)
            })
        };
        let when = one["latest"][1].as_str().and_then(|text| text.parse().ok());
        vec![
            Cell::text(text("name")),
            Cell::text(words.text(&format!("startups-level-{}", text("level")))),
            of(&one["baseline"]),
            of(&one["target"]),
            of(&one["latest"]),
            day(cx, when),
            Cell::text(words.text(&format!("startups-standing-{}", text("standing")))),
        ]
    });
    let args = [("date", day_text(cx, as_of).into())];
    let caption = words.text_with("startups-figures", &args);
    let names = [
        "indicator",
        "level",
        "baseline",
        "target",
        "latest",
        "measured",
        "standing",
    ];
    kit_ui::Table::new(&words, id, caption, columns(&words, &names))
        .rows(rows)
        .empty(words.text("startups-figures-empty"))
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
        "startups-event-{}-{}",
        event.subject_kind, event.act
    ))
}

fn tone(act: &str) -> Option<Tone> {
    match act {
        "overdue" | "give-back" | "stop" | "check-not-met" | "withdraw" => Some(Tone::Warning),
        "follow-up" | "check-met" | "accelerate" => Some(Tone::Success),
        _ => None,
    }
}

/// What happened, the latest first: what, by whom, why.
pub(super) fn timeline(cx: &Cx, events: &[Event]) -> Timeline {
    let words = cx.words();
    let events = events.iter().map(|event| {
        let by = match event.by_id {
            Some(_) => event.by_name.clone(),
            None => words.text("startups-platform"),
        };
        let mut detail = words.text_with("startups-by", &[("name", by.into())]);
        let recorded = day_of(event.at);
        if recorded != event.on {
            let on = format::date(cx.locale, recorded);
            detail.push_str(&words.text_with("startups-recorded-on", &[("date", on.into())]));
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
        empty: words.text("startups-nothing-happened"),
    }
}

/// When something is published, in words, with what is hidden.
pub(super) fn publication(cx: &Cx, planned: &Publication, today: Date) -> String {
    let words = cx.words();
    let on = format::date(cx.locale, planned.on);
    let key = if planned.is_open(today) {
        "startups-published-on"
    } else {
        "startups-will-be-published-on"
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
        text = format!("{text} {}", words.text_with("startups-hidden", &args));
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

/// The page of a form; when somebody changed its subject meanwhile, it says who did what, and keeps
/// what was typed.
pub(super) async fn form_page(
    startups: &Startups,
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
            Some(subject) => events::EVENTS
                .latest(&startups.db, subject)
                .await
                .map_err(StartupsError::from)?,
            None => None,
        };
        let text = latest.map_or_else(String::new, |event| {
            let args = [
                ("what", event_title(&words, &event).into()),
                ("name", event.by_name.as_str().into()),
                ("reason", event.reason.as_str().into()),
            ];
            words.text_with("startups-changed-by", &args)
        });
        let title = words.text("startups-changed");
        notice = Some(Notice::new(Tone::Warning, title, text));
    }
    Ok(Composed::new(shell)
        .maybe(notice)
        .maybe(elsewhere)
        .with(form))
}

/// The answer to a form: on to a page, or the form again with what is wrong.
pub(super) async fn conclude<T>(
    result: Result<T, StartupsError>,
    to: impl FnOnce(T) -> String,
    again: impl AsyncFnOnce(Trouble) -> Result<Composed, Failure>,
) -> Result<Response, Failure> {
    let trouble = match result {
        Ok(done) => return Ok(SeeOther(to(done)).into_response()),
        Err(StartupsError::Mistakes(mistakes)) => Trouble {
            mistakes,
            is_stale: false,
        },
        Err(StartupsError::Stale) => Trouble {
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

/// Organisations by id and name, after "any".
pub(super) fn owners(words: &Words, all: &[OrganisationSummary]) -> Vec<(String, String)> {
    let mut options = vec![(String::new(), words.text("startups-any"))];
    options.extend(
        all.iter()
            .map(|one| (one.id.0.to_string(), one.name.clone())),
    );
    options
}

/// The name of an organisation; a dash when there is none.
pub(super) fn owner(all: &[OrganisationSummary], id: Option<Uuid>) -> String {
    let found = all.iter().find(|one| Some(one.id.0) == id);
    found.map_or_else(|| "—".to_owned(), |one| one.name.clone())
}

/// Nothing typed yet.
pub(super) fn blank() -> Fields {
    Fields(Vec::new())
}

/// Fields of a plan to publish.
pub(super) fn plan_fields(
    cx: &Cx,
    fields: &Fields,
    planned: &crate::domain::PublicationForm,
) -> Vec<Field> {
    let words = cx.words();
    let on = if fields.has("on-day") {
        three(fields, "on")
    } else {
        planned.on.clone()
    };
    vec![
        Field::date_typed(&words, "on", label(&words, "publish_on"), on)
            .hint(words.text("startups-hint-publish_on")),
        Field::lines(3, "reason", label(&words, "delay_reason"))
            .value(typed(fields, "reason", &planned.reason))
            .length_max(2_000),
        Field::lines(6, "redactions", label(&words, "redactions"))
            .hint(words.text("startups-hint-redactions"))
            .value(typed(fields, "redactions", &planned.redactions))
            .length_max(10_000),
    ]
}
