//! Figures: recorded once, corrected by further rows, never changed.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tabular::Cell;

use super::indicator::Description;
use super::{Mistake, Quantity, QuantityError};

/// Longest source of a figure, in characters.
pub const SOURCE_CHARS_MAX: usize = 200;
/// Shortest and longest reason of a correction, in characters.
pub const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=1_000;

/// How a figure came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// Counted or measured.
    Measured,
    /// Computed from a part, a sample or a model.
    Estimated,
    /// Somebody said so.
    Declared,
}

impl Quality {
    /// Every quality.
    pub const ALL: [Self; 3] = [Self::Measured, Self::Estimated, Self::Declared];

    /// Its name in addresses, files and columns.
    pub fn code(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Estimated => "estimated",
            Self::Declared => "declared",
        }
    }

    /// The quality of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// A figure that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The value, in the indicator's unit.
    pub value: Quantity,
    /// The day of which it is.
    pub as_of: Date,
    /// How it came to be.
    pub quality: Quality,
    /// Its standard error, in the indicator's unit, when somebody knows it.
    pub standard_error: Option<Quantity>,
}

/// One row: an observation, or the correction of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Observation {
    /// Its number among those of the indicator, from 1.
    pub number: i64,
    /// The value; a correction without one takes the figure away.
    pub value: Option<Quantity>,
    /// The day of which it is.
    pub as_of: Date,
    /// Where it was read.
    pub source: String,
    /// How it came to be.
    pub quality: Quality,
    /// Its standard error.
    pub standard_error: Option<Quantity>,
    /// The number of the row that it corrects.
    pub corrects: Option<i64>,
    /// Why.
    pub reason: String,
    /// Who recorded it.
    pub author: String,
    /// When.
    pub recorded_at: Timestamp,
    /// Whether nothing corrects it.
    pub counts: bool,
}

impl Observation {
    /// The figure of a row that counts and wasn't taken away.
    pub fn figure(&self) -> Option<Figure> {
        let value = self.value.filter(|_| self.counts)?;
        Some(Figure {
            value,
            as_of: self.as_of,
            quality: self.quality,
            standard_error: self.standard_error,
        })
    }
}

/// What was told of a figure, as texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObservationForm {
    /// The value.
    pub value: String,
    /// The unit in which it is told; the indicator's when empty.
    pub unit: String,
    /// The day of which it is: `31/12/2026` or `2026-12-31`.
    pub as_of: String,
    /// Where it was read.
    pub source: String,
    /// The quality's code; measured when empty.
    pub quality: String,
    /// The standard error; may be empty.
    pub standard_error: String,
}

/// What was told, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewObservation {
    /// The figure.
    #[serde(flatten)]
    pub figure: Figure,
    /// Where it was read.
    pub source: String,
}

/// What was told of a correction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorrectionForm {
    /// The value; empty when the figure is taken away.
    pub value: String,
    /// Whether the figure is taken away.
    pub is_withdrawn: bool,
    /// The quality's code.
    pub quality: String,
    /// The standard error; may be empty.
    pub standard_error: String,
    /// Why.
    pub reason: String,
}

/// A correction, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The value; none when the figure is taken away.
    pub value: Option<Quantity>,
    /// How it came to be.
    pub quality: Quality,
    /// Its standard error.
    pub standard_error: Option<Quantity>,
    /// Why.
    pub reason: String,
}

/// The key of a mistake in a quantity.
pub(crate) fn quantity_mistake(error: QuantityError) -> &'static str {
    match error {
        QuantityError::NotANumber => "impact-mistake-number",
        QuantityError::TooFine => "impact-mistake-number-fine",
        QuantityError::TooLarge => "impact-mistake-number-large",
    }
}

/// A quantity in a unit: amounts of money are whole cents.
pub(crate) fn quantity_of(
    field: &'static str,
    text: &str,
    described: &Description,
) -> Result<Quantity, Mistake> {
    let quantity = Quantity::parse(text)
        .map_err(|error| Mistake::with(field, quantity_mistake(error), text.trim()))?;
    if described.is_money() && !quantity.is_cents() {
        return Err(Mistake::with(field, "impact-mistake-cents", text.trim()));
    }
    Ok(quantity)
}

/// A day as people and programs write it, from 1970 to 2100.
pub(crate) fn day_of(text: &str) -> Option<Date> {
    tabular::date(&Cell::Text(text.trim().to_owned()))
        .filter(|day| (1970..=2100).contains(&day.year()))
}

/// The unit under its one name.
pub(crate) fn unit_of(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.to_lowercase().as_str() {
        "eur" | "euro" | "euros" | "€" => super::indicator::EURO.to_owned(),
        _ => text,
    }
}

fn quality_of(text: &str) -> Result<Quality, Mistake> {
    match text.trim() {
        "" => Ok(Quality::Measured),
        code => Quality::parse(code)
            .ok_or_else(|| Mistake::with("quality", "impact-mistake-quality", code)),
    }
}

fn error_of(text: &str, described: &Description) -> Result<Option<Quantity>, Mistake> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let error = quantity_of("standard_error", text, described)?;
    if error.is_negative() {
        return Err(Mistake::new(
            "standard_error",
            "impact-mistake-error-negative",
        ));
    }
    Ok(Some(error))
}

/// Keeps a value, or its mistake.
fn keep<T>(mistakes: &mut Vec<Mistake>, read: Result<T, Mistake>) -> Option<T> {
    read.map_err(|mistake| mistakes.push(mistake)).ok()
}

impl ObservationForm {
    /// Checks what was told of a figure of an indicator.
    pub fn check(
        &self,
        described: &Description,
        today: Date,
    ) -> Result<NewObservation, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let value = keep(&mut mistakes, quantity_of("value", &self.value, described));
        let unit = unit_of(&self.unit);
        if !unit.is_empty() && unit.to_lowercase() != described.unit.to_lowercase() {
            let wanted = described.unit.as_str();
            mistakes.push(Mistake::with("unit", "impact-mistake-unit-differs", wanted));
        }
        let as_of = day_of(&self.as_of);
        match as_of {
            None => mistakes.push(Mistake::new("as_of", "impact-mistake-date")),
            Some(day) if day > today => {
                mistakes.push(Mistake::new("as_of", "impact-mistake-date-future"));
            }
            Some(_) => {}
        }
        let source = self.source.split_whitespace().collect::<Vec<_>>().join(" ");
        if source.is_empty() {
            mistakes.push(Mistake::new("source", "impact-mistake-source"));
        } else if source.chars().count() > SOURCE_CHARS_MAX || source.contains('\0') {
            mistakes.push(Mistake::new("source", "impact-mistake-source-long"));
        }
        let quality = keep(&mut mistakes, quality_of(&self.quality));
        let error = keep(&mut mistakes, error_of(&self.standard_error, described));
        match (value, as_of, quality, error) {
            (Some(value), Some(as_of), Some(quality), Some(standard_error))
                if mistakes.is_empty() =>
            {
                let figure = Figure {
                    value,
                    as_of,
                    quality,
                    standard_error,
                };
                Ok(NewObservation { figure, source })
            }
            _ => Err(mistakes),
        }
    }
}

impl CorrectionForm {
    /// Checks a correction of a row that counts.
    pub fn check(
        &self,
        described: &Description,
        before: &Observation,
    ) -> Result<Correction, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let value = if self.is_withdrawn {
            Some(None)
        } else {
            keep(&mut mistakes, quantity_of("value", &self.value, described)).map(Some)
        };
        let quality = keep(&mut mistakes, quality_of(&self.quality));
        let error = keep(&mut mistakes, error_of(&self.standard_error, described));
        let reason = self.reason.trim();
        if !REASON_CHARS.contains(&reason.chars().count()) || reason.contains('\0') {
            mistakes.push(Mistake::new("reason", "impact-mistake-reason"));
        }
        match (value, quality, error) {
            (Some(value), Some(quality), Some(standard_error)) if mistakes.is_empty() => {
                let same = (before.value, before.quality, before.standard_error)
                    == (value, quality, standard_error);
                if same || (value.is_none() && before.value.is_none()) {
                    return Err(vec![Mistake::new("value", "impact-mistake-same")]);
                }
                Ok(Correction {
                    value,
                    quality,
                    standard_error,
                    reason: reason.to_owned(),
                })
            }
            _ => Err(mistakes),
        }
    }
}
