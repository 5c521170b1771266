//! A statistics page that the platform reads: what it is asked for, and what its answer gives.
//!
//! The number of the page is taken as it is written, multiplied by the factor and rounded to the
//! millionth, halves away from zero. Nothing of it passes through a sum of floats.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::Value;

use super::observation::{day_of, unit_of};
use super::{Description, Mistake, Quantity};

/// Longest address, in bytes: what the door for requests takes.
pub const URL_BYTES_MAX: usize = 2_048;
/// Longest pointer, in characters.
pub const POINTER_CHARS_MAX: usize = 500;
/// Failures in a row after which the one who set the poll up is told by mail, once.
pub const FAILURES_TOLD: i64 = 5;
/// Longest part of an answer that a failure repeats, in characters.
const REPEATED_CHARS_MAX: usize = 100;
/// Decimals of a page's number that are looked at.
const DECIMALS_READ: usize = 12;

/// How often a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PollRhythm {
    /// Every hour. Figures stand for days: what changes within one corrects it.
    Hourly,
    /// Every day.
    Daily,
    /// Every seven days.
    Weekly,
    /// Every month.
    Monthly,
}

impl PollRhythm {
    /// Every rhythm.
    pub const ALL: [Self; 4] = [Self::Hourly, Self::Daily, Self::Weekly, Self::Monthly];

    /// Its name in addresses, files and columns.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// The rhythm of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    fn hours(self) -> i64 {
        match self {
            Self::Hourly => 1,
            Self::Daily => 24,
            Self::Weekly => 24 * 7,
            Self::Monthly => 24 * 30,
        }
    }

    /// When the page is read next. After a failure it is tried sooner: after an hour, two, four and
    /// so on, never later than the rhythm says.
    pub fn next(self, now: Timestamp, failures: i64) -> Timestamp {
        let hours = if failures > 0 {
            let doubled = 1_i64 << (failures - 1).clamp(0, 16);
            doubled.min(self.hours())
        } else {
            self.hours()
        };
        now.saturating_add(SignedDuration::from_hours(hours))
            .unwrap_or(Timestamp::MAX)
    }

    /// The first and the last day of the period that holds a day: the same figure is kept once in it.
    pub fn period(self, day: Date) -> (Date, Date) {
        match self {
            Self::Hourly | Self::Daily => (day, day),
            Self::Weekly => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                let first = day.saturating_sub(back.days());
                (first, first.saturating_add(6.days()))
            }
            Self::Monthly => (day.first_of_month(), day.last_of_month()),
        }
    }
}

/// A page to read, as it was set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollSettings {
    /// Its address.
    pub url: String,
    /// Where the value stands in the JSON document (RFC 6901).
    pub value_pointer: String,
    /// Where its date stands; without it the figure is of the day on which it is read.
    pub date_pointer: Option<String>,
    /// Where its unit stands; when it is told, it must be the indicator's.
    pub unit_pointer: Option<String>,
    /// The unit of the indicator when this was set up.
    pub unit: String,
    /// How often.
    pub rhythm: PollRhythm,
    /// What the page's number is multiplied by.
    pub factor: Quantity,
}

/// What was typed of a page to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollForm {
    /// The address.
    pub url: String,
    /// Where the value stands.
    pub value_pointer: String,
    /// Where its date stands; may be empty.
    pub date_pointer: String,
    /// Where its unit stands; may be empty.
    pub unit_pointer: String,
    /// The rhythm's code.
    pub rhythm: String,
    /// The factor; 1 when empty.
    pub factor: String,
}

/// Whether a text is a JSON pointer (RFC 6901, section 3): empty, or parts that begin with `/` in
/// which `~` is followed by 0 or 1.
fn is_pointer(text: &str) -> bool {
    let escapes = text.match_indices('~').all(|(at, _)| {
        let next = text.as_bytes().get(at + 1);
        matches!(next, Some(b'0' | b'1'))
    });
    (text.is_empty() || text.starts_with('/')) && escapes
}

impl PollForm {
    /// Checks what was typed, but for where the address leads: the door for requests says that.
    pub fn check(&self, described: &Description) -> Result<PollSettings, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let url = self.url.trim();
        if url.is_empty() {
            mistakes.push(Mistake::new("url", "impact-mistake-poll-url"));
        } else if url.len() > URL_BYTES_MAX {
            let limit = URL_BYTES_MAX.to_string();
            mistakes.push(Mistake::with("url", "impact-mistake-text-long", limit));
        }
        let pointers = [
            ("value_pointer", self.value_pointer.trim()),
            ("date_pointer", self.date_pointer.trim()),
            ("unit_pointer", self.unit_pointer.trim()),
        ];
        for (field, pointer) in pointers {
            if pointer.chars().count() > POINTER_CHARS_MAX {
                let limit = POINTER_CHARS_MAX.to_string();
                mistakes.push(Mistake::with(field, "impact-mistake-text-long", limit));
            } else if !is_pointer(pointer) || pointer.contains('\0') {
                mistakes.push(Mistake::new(field, "impact-mistake-poll-pointer"));
            }
        }
        let rhythm = PollRhythm::parse(self.rhythm.trim());
        if rhythm.is_none() {
            mistakes.push(Mistake::new("rhythm", "impact-mistake-choice"));
        }
        let factor = match self.factor.trim() {
            "" => Quantity::whole(1),
            text => Quantity::parse(text)
                .ok()
                .filter(|factor| factor.millionths() != 0),
        };
        if factor.is_none() {
            let typed = self.factor.trim();
            mistakes.push(Mistake::with("factor", "impact-mistake-poll-factor", typed));
        }
        let told = |pointer: &str| Some(pointer.trim().to_owned()).filter(|text| !text.is_empty());
        match (rhythm, factor) {
            (Some(rhythm), Some(factor)) if mistakes.is_empty() => Ok(PollSettings {
                url: url.to_owned(),
                value_pointer: self.value_pointer.trim().to_owned(),
                date_pointer: told(&self.date_pointer),
                unit_pointer: told(&self.unit_pointer),
                unit: described.unit.clone(),
                rhythm,
                factor,
            }),
            _ => Err(mistakes),
        }
    }

    /// The form filled in with what is set up.
    pub fn of(settings: &PollSettings) -> Self {
        Self {
            url: settings.url.clone(),
            value_pointer: settings.value_pointer.clone(),
            date_pointer: settings.date_pointer.clone().unwrap_or_default(),
            unit_pointer: settings.unit_pointer.clone().unwrap_or_default(),
            rhythm: settings.rhythm.code().to_owned(),
            factor: settings.factor.to_string(),
        }
    }

    /// Every field with what was typed in it, in the order of the form.
    pub fn fields(&self) -> [(&'static str, &str); 6] {
        [
            ("url", &self.url),
            ("value_pointer", &self.value_pointer),
            ("date_pointer", &self.date_pointer),
            ("unit_pointer", &self.unit_pointer),
            ("rhythm", &self.rhythm),
            ("factor", &self.factor),
        ]
    }
}

/// Why a page gave no figure: a stable code, which has words, and what they name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollFailure {
    /// The code: the words are `impact-poll-failure-CODE`.
    pub code: &'static str,
    /// What the words name: what stood there, a limit; may be empty.
    pub told: String,
}

impl PollFailure {
    /// Every code.
    pub const CODES: [&'static str; 19] = [
        "timeout",
        "too-large",
        "unreachable",
        "forbidden",
        "status",
        "redirected",
        "compressed",
        "not-json",
        "value-nothing",
        "not-a-number",
        "number-large",
        "cents",
        "date-nothing",
        "date-unreadable",
        "date-future",
        "unit-nothing",
        "unit-differs",
        "indicator-unit",
        "refused",
    ];

    /// A failure.
    pub fn new(code: &'static str, told: impl Into<String>) -> Self {
        let told: String = told.into();
        let plain = told.chars().filter(|c| !c.is_control());
        Self {
            code,
            told: plain.take(REPEATED_CHARS_MAX).collect(),
        }
    }

    /// The code of a name that is kept.
    pub fn code_of(name: &str) -> Option<&'static str> {
        Self::CODES.into_iter().find(|code| *code == name)
    }
}

/// What a page said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollReading {
    /// The value, in the indicator's unit.
    pub value: Quantity,
    /// The day of which it is.
    pub as_of: Date,
}

/// A number of the page with twelve decimals, as a whole number of 10⁻¹²; none when it is no number.
fn scaled(value: &Value) -> Option<Result<i128, ()>> {
    let text = match value {
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => format!("{whole}."),
            (None, Some(float)) if float.is_finite() => {
                if float.abs() > 1e15 {
                    return Some(Err(()));
                }
                // The shortest text that gives this float back, never with an exponent.
                let text = format!("{float}");
                if text.contains('.') { text } else { text + "." }
            }
            _ => return None,
        },
        Value::String(text) => {
            let quantity = Quantity::parse(text).ok()?;
            return Some(Ok(i128::from(quantity.millionths()) * 1_000_000));
        }
        _ => return None,
    };
    let (whole, decimals) = text.split_once('.')?;
    let is_negative = whole.starts_with('-');
    let whole: i128 = whole.trim_start_matches('-').parse().ok()?;
    if whole > 1_000_000_000_000_000 {
        return Some(Err(()));
    }
    let decimals: String = decimals.chars().take(DECIMALS_READ).collect();
    let part: i128 = format!("{decimals:0<12}").parse().ok()?;
    let size = whole * 1_000_000_000_000 + part;
    Some(Ok(if is_negative { -size } else { size }))
}

/// A number of 10⁻¹² times a factor of millionths, as millionths, halves away from zero.
fn multiplied(scaled: i128, factor: Quantity) -> Option<Quantity> {
    let exact = scaled.checked_mul(i128::from(factor.millionths()))?;
    let unit: i128 = 1_000_000_000_000;
    let half = if exact < 0 { -unit / 2 } else { unit / 2 };
    let millionths = exact.checked_add(half)? / unit;
    Quantity::of_millionths(i64::try_from(millionths).ok()?)
}

/// A date as pages write them: a day, or an instant, whose day in Paris counts.
fn date_in(text: &str) -> Option<Date> {
    if let Ok(at) = text.trim().parse::<Timestamp>() {
        let paris = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
        return Some(paris.to_datetime(at).date());
    }
    day_of(text)
}

/// What the words of a failure repeat of a value.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Reads an answer.
pub fn read_answer(
    bytes: &[u8],
    settings: &PollSettings,
    described: &Description,
    today: Date,
) -> Result<PollReading, PollFailure> {
    let fail = |code, told: &str| PollFailure::new(code, told);
    if settings.unit.to_lowercase() != described.unit.to_lowercase() {
        return Err(fail("indicator-unit", &described.unit));
    }
    let document: Value =
        serde_json::from_slice(bytes).map_err(|error| fail("not-json", &error.to_string()))?;
    let at = |pointer: &str| document.pointer(pointer);
    if let Some(pointer) = &settings.unit_pointer {
        let unit = at(pointer)
            .filter(|unit| !unit.is_null())
            .ok_or_else(|| fail("unit-nothing", pointer))?;
        let unit = unit_of(&shown(unit));
        if unit.to_lowercase() != described.unit.to_lowercase() {
            return Err(fail("unit-differs", &unit));
        }
    }
    let value = at(&settings.value_pointer)
        .filter(|value| !value.is_null())
        .ok_or_else(|| fail("value-nothing", &settings.value_pointer))?;
    let number = scaled(value).ok_or_else(|| fail("not-a-number", &shown(value)))?;
    let large = || fail("number-large", &shown(value));
    let number = number.map_err(|()| large())?;
    let quantity = multiplied(number, settings.factor).ok_or_else(large)?;
    if described.is_money() && !quantity.is_cents() {
        return Err(fail("cents", &quantity.to_string()));
    }
    let as_of = match &settings.date_pointer {
        None => today,
        Some(pointer) => {
            let told = at(pointer)
                .filter(|told| !told.is_null())
                .ok_or_else(|| fail("date-nothing", pointer))?;
            let day = told.as_str().and_then(date_in);
            day.ok_or_else(|| fail("date-unreadable", &shown(told)))?
        }
    };
    if as_of > today {
        return Err(fail("date-future", &as_of.to_string()));
    }
    Ok(PollReading {
        value: quantity,
        as_of,
    })
}

#[cfg(test)]
#[path = "poll_tests.rs"]
mod tests;
