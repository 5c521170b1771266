//! What several pages say in the same way, and the page of every form.

use jiff::civil::Date;
use kit_acts::{Asked, Trouble, day, day_text, filled};
use kit_http::{Cx, Failure, Fields};
use kit_ui::{Cell, Composed, Field, Timeline, Tone, Words, format};
use ports::OrganisationSummary;
use uuid::Uuid;

use crate::domain::{DecisionKind, NationalResult, ReviewState};
use crate::store::events;
use crate::{Event, Startups, StartupsError, WORDING};

/// Money in words; a dash when there is none.
pub(super) fn money_text(cx: &Cx, cents: Option<i64>) -> String {
    cents.map_or_else(|| "—".to_owned(), |cents| format::euros(cx.locale, cents))
}

/// An amount's field, in euros.
pub(super) fn euros_field(words: &Words, fields: &Fields, name: &str, usual: &str) -> Field {
    Field::text(name, WORDING.label(words, name))
        .hint(words.text("startups-hint-euros"))
        .unit("€")
        .value(filled(fields, name, usual))
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
    kit_ui::Table::new(&words, id, caption, WORDING.columns(&words, &names))
        .rows(rows)
        .empty(words.text("startups-figures-empty"))
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
    WORDING.timeline(cx, events, tone)
}

/// The page of a form; when somebody changed its subject meanwhile, it says who did what, and keeps
/// what was typed.
pub(super) async fn form_page(
    startups: &Startups,
    cx: &Cx,
    asked: Asked,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let latest = match asked.changed(trouble) {
        Some(subject) => events::EVENTS
            .latest(&startups.db, subject)
            .await
            .map_err(StartupsError::from)?,
        None => None,
    };
    Ok(WORDING.form_page(cx, asked, trouble, latest.as_ref()))
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
