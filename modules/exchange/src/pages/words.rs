//! What several pages say in the same way.

use jiff::Timestamp;
use kit_http::Cx;
use kit_ui::{Cell, Column, Field, Pages, Tone, Words, format};

use crate::domain::{ApiStatus, Mistake, RequestState, Standing};
use crate::store::accreditations::Accreditation;

/// A name, a colon in the reader's way, a value.
pub(super) fn pair(words: &Words, name: &str, value: &str) -> String {
    format!("{name}{} {value}", words.text("colon"))
}

/// A mistake in words.
pub(super) fn mistake_text(words: &Words, mistake: &Mistake) -> String {
    words.text_with(mistake.key, &[("value", mistake.value.as_str().into())])
}

/// Puts mistakes on their fields.
pub(super) fn mark(words: &Words, fields: &mut [Field], mistakes: &[Mistake]) {
    for field in fields {
        let mut of_field = mistakes.iter().filter(|one| one.field == field.name);
        if let Some(first) = of_field.next() {
            let more = of_field.map(|one| mistake_text(words, one));
            let all: Vec<String> = std::iter::once(mistake_text(words, first))
                .chain(more)
                .collect();
            field.error = Some(all.join(" "));
        }
    }
}

/// A field with the words of its name.
pub(super) fn label(words: &Words, name: &str) -> String {
    words.text(&format!("exchange-field-{name}"))
}

/// The hint of a field's name.
pub(super) fn hint(words: &Words, name: &str) -> String {
    words.text(&format!("exchange-hint-{name}"))
}

/// Codes with their words, for a choice.
pub(super) fn named(words: &Words, prefix: &str, codes: &[&str]) -> Vec<(String, String)> {
    codes
        .iter()
        .map(|code| ((*code).to_owned(), words.text(&format!("{prefix}{code}"))))
        .collect()
}

/// Columns of texts.
pub(super) fn columns(words: &Words, names: &[&str]) -> Vec<Column> {
    names
        .iter()
        .map(|name| Column::text(words.text(&format!("exchange-column-{name}"))))
        .collect()
}

/// A column of numbers.
pub(super) fn number_column(words: &Words, name: &str) -> Column {
    Column::number(words.text(&format!("exchange-column-{name}")))
}

/// A number's cell.
pub(super) fn number(cx: &Cx, number: i64) -> Cell {
    Cell::number(format::count(cx.locale, number), number)
}

/// An instant's cell.
pub(super) fn instant(cx: &Cx, at: Option<Timestamp>) -> Cell {
    at.map_or_else(Cell::unknown, |at| {
        Cell::text(format::instant(cx.locale, at)).value(at)
    })
}

/// The day of an instant in Paris, in words.
pub(super) fn day(cx: &Cx, at: Timestamp) -> String {
    format::date(cx.locale, kit_time::day_in_paris(at))
}

/// The day of an instant in Paris, as `2026-03-01`.
pub(super) fn iso_day(at: Timestamp) -> String {
    kit_time::day_in_paris(at).to_string()
}

/// Where an API stands.
pub(super) fn api_status(words: &Words, status: ApiStatus) -> Cell {
    let tone = match status {
        ApiStatus::Draft => Tone::Info,
        ApiStatus::Published => Tone::Success,
        ApiStatus::Deprecated => Tone::Warning,
        ApiStatus::Withdrawn => Tone::Error,
    };
    Cell::status(
        tone,
        words.text(&format!("exchange-status-{}", status.code())),
    )
}

/// Where a request stands.
pub(super) fn request_state(words: &Words, state: RequestState) -> Cell {
    let tone = match state {
        RequestState::Approved => Tone::Success,
        RequestState::ToChange => Tone::Warning,
        RequestState::Refused => Tone::Error,
        _ => Tone::Info,
    };
    Cell::status(
        tone,
        words.text(&format!("exchange-request-{}", state.code())),
    )
}

/// Where what was granted stands.
pub(super) fn standing(words: &Words, one: &Accreditation) -> Cell {
    let Some(granted) = one.life.granted else {
        return Cell::unknown();
    };
    let tone = match granted.standing {
        Standing::InForce => Tone::Success,
        Standing::Suspended => Tone::Warning,
        Standing::Revoked | Standing::Expired => Tone::Error,
    };
    let code = granted.standing.code();
    Cell::status(tone, words.text(&format!("exchange-standing-{code}")))
}

/// Its number and title, linked.
pub(super) fn accreditation_link(words: &Words, one: &Accreditation) -> Cell {
    let title = if one.title.is_empty() {
        words.text("exchange-untitled")
    } else {
        one.title.clone()
    };
    let text = format!(
        "{}\u{a0}{} — {title}",
        words.text("exchange-number"),
        one.number
    );
    Cell::link(text, format!("/exchange/requests/{}", one.id))
}

/// A duration in days, with one decimal.
pub(super) fn days(cx: &Cx, seconds: i64) -> String {
    let days = format::decimal(cx.locale, seconds as f64 / 86_400.0, 1);
    cx.words()
        .text_with("exchange-days", &[("days", days.into())])
}

/// The cursor of a list by instant: microseconds and id.
pub(crate) fn cursor(at: Timestamp, id: uuid::Uuid) -> String {
    format!("{}-{id}", at.as_microsecond())
}

/// What was read of a list, one more than a page holds, cut to the page; and where the pages before and
/// after it are: `base` gives the address of the page after a cursor, `cursor` the cursor of a row.
pub(super) fn cut<T>(
    mut found: Vec<T>,
    rows: u32,
    after: &str,
    base: impl Fn(&str) -> String,
    cursor: impl Fn(&T) -> String,
) -> (Vec<T>, Pages) {
    let is_more = found.len() > rows as usize;
    found.truncate(rows as usize);
    let next = found.last().filter(|_| is_more).map(cursor);
    let pages = around(after, base, next.as_deref());
    (found, pages)
}

/// Where the pages before and after a page are, when it is known what comes next.
pub(super) fn around(after: &str, base: impl Fn(&str) -> String, next: Option<&str>) -> Pages {
    Pages {
        previous: (!after.is_empty()).then(|| base("")),
        next: next.map(base),
    }
}

/// A type of a document in the reader's words: `string (date)` is a date, `integer | null` a whole
/// number or nothing. What is no known type stands as it is.
pub(super) fn type_text(words: &Words, kind: &str) -> String {
    const KNOWN: [&str; 11] = [
        "string",
        "integer",
        "number",
        "boolean",
        "object",
        "array",
        "null",
        "date",
        "date-time",
        "email",
        "uuid",
    ];
    let one = |text: &str| {
        let (name, format) = match text.split_once(" (") {
            Some((name, format)) => (name, format.trim_end_matches(')')),
            None => (text, ""),
        };
        let known = [format, name].into_iter().find(|one| KNOWN.contains(one));
        known.map_or_else(
            || text.to_owned(),
            |known| words.text(&format!("exchange-type-{known}")),
        )
    };
    let all: Vec<String> = kind.split(" | ").map(one).collect();
    all.join(&words.text("exchange-type-or"))
}

/// Where such a list goes on; anything else begins at its first page.
pub(crate) fn place(text: &str) -> (Timestamp, uuid::Uuid) {
    let read = text.split_once('-').and_then(|(at, id)| {
        let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
        Some((at, id.parse().ok()?))
    });
    read.unwrap_or((Timestamp::MAX, uuid::Uuid::max()))
}

/// A query of an address from pairs of which some are empty.
pub(super) fn address(base: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{query}")
    }
}
