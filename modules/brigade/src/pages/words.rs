//! What several pages say in the same way, and the page of every form.

use jiff::civil::Date;
use kit_acts::{Asked, Trouble};
use kit_http::{Cx, Failure};
use kit_ui::{Cell, Composed, Notice, Timeline, Tone, Words, format};

use crate::acts_port::days_text;
use crate::domain::{MissionState, RequestState};
use crate::store::events;
use crate::{Brigade, BrigadeError, Event, Overbooked, WORDING};

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
pub(super) fn overbooked(words: &Words, found: &Overbooked) -> Notice {
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
    WORDING.timeline(cx, events, tone)
}

/// The page of a form; when somebody changed its subject meanwhile, it says who did what, and keeps
/// what was typed.
pub(super) async fn form_page(
    brigade: &Brigade,
    cx: &Cx,
    asked: Asked,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let latest = match asked.changed(trouble) {
        Some(subject) => events::EVENTS
            .latest(&brigade.db, subject)
            .await
            .map_err(BrigadeError::from)?,
        None => None,
    };
    Ok(WORDING.form_page(cx, asked, trouble, latest.as_ref()))
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
