//! Figures and standings in the reader's words, as several pages need them.

use jiff::civil::Date;
use kit_ui::{Cell, Locale, Tone, Words, format};
use ports::Standing;

use crate::domain::{Description, Figure, Indicator, Level, Origin, Quantity, Rhythm};

/// A quantity, exactly: "1 234,5".
pub(crate) fn quantity(locale: Locale, quantity: Quantity) -> String {
    let (whole, decimals) = quantity.parts();
    let sign = if quantity.is_negative() {
        "\u{2212}"
    } else {
        ""
    };
    let whole = format::count(locale, i64::try_from(whole).unwrap_or(i64::MAX));
    let mark = match locale {
        Locale::Fr => ',',
        Locale::En => '.',
    };
    if decimals.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}{mark}{decimals}")
    }
}

/// A quantity with its unit.
pub(crate) fn with_unit(locale: Locale, value: Quantity, described: &Description) -> String {
    let value = quantity(locale, value);
    format!("{value}{}{}", format::NO_BREAK, described.unit)
}

/// A quantity that was computed, to as many decimals as its size bears: more would look exact.
pub(crate) fn rounded(quantity: Quantity) -> Quantity {
    let step = match quantity.millionths().unsigned_abs() {
        size if size >= 100_000_000 => 1_000_000,
        size if size >= 1_000_000 => 100_000,
        _ => 1_000,
    };
    let half = if quantity.is_negative() {
        -step / 2
    } else {
        step / 2
    };
    let millionths = (quantity.millionths() + half) / step * step;
    Quantity::of_millionths(millionths).unwrap_or(quantity)
}

/// A float of statistics, to as many decimals as its size bears.
pub(crate) fn measure(locale: Locale, value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 1.0 => 1,
        _ => 3,
    };
    format::decimal(locale, value, decimals)
}

pub(crate) fn standing(words: &Words, standing: Standing) -> String {
    words.text(&format!("impact-standing-{}", standing.code()))
}

pub(crate) fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Reached | Standing::OnTrack => Tone::Success,
        Standing::Behind => Tone::Warning,
        Standing::Missed => Tone::Error,
        Standing::Unknown => Tone::Info,
    }
}

pub(crate) fn level(words: &Words, level: Level) -> String {
    words.text(&format!("impact-level-{}", level.code()))
}

pub(crate) fn rhythm(words: &Words, rhythm: Rhythm) -> String {
    words.text(&format!("impact-rhythm-{}", rhythm.code()))
}

pub(crate) fn origin(words: &Words, origin: Origin) -> String {
    words.text(&format!("impact-origin-{}", origin.code()))
}

/// Where a figure was read; the platform's own sources have words.
pub(crate) fn source(words: &Words, source: &str) -> String {
    match source.strip_prefix("gouvernail:") {
        Some(code) if crate::domain::Origin::CODES.contains(&code) => {
            words.text(&format!("impact-origin-{code}"))
        }
        None if source == crate::polls::SOURCE => words.text("impact-source-poll"),
        _ => source.to_owned(),
    }
}

/// Why a figure was corrected; the platform's own reason has words.
pub(crate) fn reason(words: &Words, reason: &str) -> String {
    if reason == "late-counts" {
        words.text("impact-reason-late-counts")
    } else if reason == crate::polls::REASON {
        words.text("impact-reason-page-changed")
    } else {
        reason.to_owned()
    }
}

pub(crate) fn figure_cell(words: &Words, figure: Option<Figure>) -> Cell {
    figure.map_or_else(Cell::unknown, |figure| {
        Cell::number(quantity(words.locale, figure.value), figure.value)
            .note(format::date(words.locale, figure.as_of))
    })
}

/// The target with its date.
pub(crate) fn target_cell(words: &Words, indicator: &Indicator) -> Cell {
    let promise = &indicator.description.promise;
    promise.target.map_or_else(Cell::unknown, |target| {
        let cell = Cell::number(quantity(words.locale, target), target);
        match promise.due_on {
            Some(due) => cell.note(format::date(words.locale, due)),
            None => cell,
        }
    })
}

pub(crate) fn standing_cell(words: &Words, indicator: &Indicator, today: Date) -> Cell {
    if !indicator.in_use {
        return Cell::text(words.text("impact-retired"));
    }
    let is = indicator.standing(today);
    Cell::status(tone(is), standing(words, is))
}
