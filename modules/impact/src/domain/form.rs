//! What a person types of an indicator, and what becomes of it: checked field by field, every
//! mistake told at once, nothing lost.

use jiff::civil::Date;
use uuid::Uuid;

use super::observation::{day_of, quantity_mistake, unit_of};
use super::{Description, Level, Mistake, Origin, Promise, Quantity, Rhythm};
use crate::domain::indicator::EURO;

/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 200;
/// Longest unit, in characters.
pub const UNIT_CHARS_MAX: usize = 40;
/// Longest text, in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// What was typed of an indicator. Dates are `31/12/2026` or `2026-12-31`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndicatorForm {
    /// The name.
    pub name: String,
    /// What is measured.
    pub measured: String,
    /// The unit.
    pub unit: String,
    /// `more` or `less`: what is better.
    pub direction: String,
    /// The formula.
    pub formula: String,
    /// Where figures come from, in words.
    pub source: String,
    /// The method.
    pub method: String,
    /// Who answers for it.
    pub owner: String,
    /// The rhythm's code.
    pub rhythm: String,
    /// The level's code.
    pub level: String,
    /// The baseline's figure.
    pub baseline: String,
    /// The baseline's date.
    pub baseline_on: String,
    /// The promised figure.
    pub target: String,
    /// The day on which it is due.
    pub due_on: String,
    /// The threshold of success.
    pub threshold: String,
    /// The origin's code; `hand` when empty.
    pub origin: String,
    /// The id of what the platform counts.
    pub subject: String,
}

struct Reader(Vec<Mistake>);

impl Reader {
    fn mistake(&mut self, field: &'static str, key: &'static str) {
        self.0.push(Mistake::new(field, key));
    }

    fn line(&mut self, field: &'static str, text: &str, chars_max: usize) -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.length(field, &text, chars_max);
        text
    }

    fn length(&mut self, field: &'static str, text: &str, chars_max: usize) {
        if text.chars().count() > chars_max {
            let limit = chars_max.to_string();
            self.0
                .push(Mistake::with(field, "impact-mistake-text-long", limit));
        } else if text.contains('\0') {
            self.mistake(field, "impact-mistake-text");
        }
    }

    fn code<T>(
        &mut self,
        field: &'static str,
        text: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(text.trim());
        if value.is_none() {
            self.mistake(field, "impact-mistake-choice");
        }
        value
    }

    fn quantity(&mut self, field: &'static str, text: &str, unit: &str) -> Option<Quantity> {
        if text.trim().is_empty() {
            return None;
        }
        match Quantity::parse(text) {
            Ok(quantity) if unit == EURO && !quantity.is_cents() => {
                self.0
                    .push(Mistake::with(field, "impact-mistake-cents", text.trim()));
                None
            }
            Ok(quantity) => Some(quantity),
            Err(error) => {
                let key = quantity_mistake(error);
                self.0.push(Mistake::with(field, key, text.trim()));
                None
            }
        }
    }

    fn day(&mut self, field: &'static str, text: &str) -> Option<Date> {
        if text.trim().is_empty() {
            return None;
        }
        let day = day_of(text);
        if day.is_none() {
            self.mistake(field, "impact-mistake-date");
        }
        day
    }

    /// The parts of a promise fit together.
    fn promise(&mut self, form: &IndicatorForm, unit: &str, today: Date) -> Promise {
        let direction = self.code("direction", &form.direction, |code| match code {
            "more" => Some(true),
            "less" => Some(false),
            _ => None,
        });
        let more_is_better = direction.unwrap_or(true);
        let before = self.0.len();
        let value = self.quantity("baseline", &form.baseline, unit);
        let baseline_on = self.day("baseline_on", &form.baseline_on);
        let target = self.quantity("target", &form.target, unit);
        let due_on = self.day("due_on", &form.due_on);
        let threshold = self.quantity("threshold", &form.threshold, unit);
        if self.0.len() == before {
            match (value, baseline_on) {
                (Some(_), None) => self.mistake("baseline_on", "impact-mistake-baseline-date"),
                (None, Some(_)) => self.mistake("baseline", "impact-mistake-baseline-value"),
                (Some(_), Some(on)) if on > today => {
                    self.mistake("baseline_on", "impact-mistake-date-future");
                }
                _ => {}
            }
            if due_on.is_some() && target.is_none() {
                self.mistake("target", "impact-mistake-target-missing");
            }
            if threshold.is_some() && target.is_none() {
                self.mistake("target", "impact-mistake-threshold-target");
            }
            if let (Some(on), Some(due)) = (baseline_on, due_on)
                && due <= on
            {
                self.mistake("due_on", "impact-mistake-due-before-baseline");
            }
            // What is better grows when it is turned round.
            let sign = |quantity: Quantity| {
                let millionths = quantity.millionths();
                if more_is_better {
                    millionths
                } else {
                    -millionths
                }
            };
            let (value, target, threshold) =
                (value.map(sign), target.map(sign), threshold.map(sign));
            if value
                .zip(target)
                .is_some_and(|(value, target)| target < value)
            {
                self.mistake("target", "impact-mistake-target-side");
            }
            let outside = threshold.is_some_and(|threshold| {
                target.is_some_and(|target| threshold > target)
                    || value.is_some_and(|value| threshold < value)
            });
            if outside {
                self.mistake("threshold", "impact-mistake-threshold-side");
            }
        }
        Promise {
            more_is_better,
            baseline: value.zip(baseline_on),
            target,
            due_on,
            threshold,
        }
    }
}

impl IndicatorForm {
    /// Checks what was typed. `before` is what was said until now, with whether it has figures: then
    /// its unit stays.
    pub fn check(
        &self,
        before: Option<(&Description, bool)>,
        today: Date,
    ) -> Result<Description, Vec<Mistake>> {
        let mut reader = Reader(Vec::new());
        let name = reader.line("name", &self.name, NAME_CHARS_MAX);
        if names::normalise(&name).is_empty() {
            reader.mistake("name", "impact-mistake-name");
        }
        let measured = reader.line("measured", &self.measured, TEXT_CHARS_MAX);
        if measured.is_empty() {
            reader.mistake("measured", "impact-mistake-measured");
        }
        let unit = unit_of(&self.unit);
        reader.length("unit", &unit, UNIT_CHARS_MAX);
        if unit.is_empty() {
            reader.mistake("unit", "impact-mistake-unit");
        }
        if let Some((described, true)) = before
            && described.unit != unit
        {
            let unit = described.unit.as_str();
            reader
                .0
                .push(Mistake::with("unit", "impact-mistake-unit-fixed", unit));
        }
        let promise = reader.promise(self, &unit, today);
        let rhythm = reader.code("rhythm", &self.rhythm, Rhythm::parse);
        let level = reader.code("level", &self.level, Level::parse);
        let subject = self.subject.trim();
        let id: Option<Uuid> = subject.parse().ok();
        let origin = match self.origin.trim() {
            "" => Some(Origin::Hand),
            code if !Origin::CODES.contains(&code) => {
                reader.mistake("origin", "impact-mistake-choice");
                None
            }
            code => {
                let origin = Origin::of(code, id);
                if origin.is_none() {
                    reader.mistake("subject", "impact-mistake-subject");
                }
                origin
            }
        };
        let mut text = |field, text: &str| {
            let text = text.trim().replace("\r\n", "\n");
            reader.length(field, &text, TEXT_CHARS_MAX);
            text
        };
        let (formula, method) = (text("formula", &self.formula), text("method", &self.method));
        let source = reader.line("source", &self.source, TEXT_CHARS_MAX);
        let owner = reader.line("owner", &self.owner, NAME_CHARS_MAX);
        match (rhythm, level, origin) {
            (Some(rhythm), Some(level), Some(origin)) if reader.0.is_empty() => Ok(Description {
                name,
                measured,
                unit,
                formula,
                source,
                method,
                owner,
                rhythm,
                level,
                origin,
                promise,
            }),
            _ => Err(reader.0),
        }
    }

    /// The form filled in with what is said.
    pub fn of(described: &Description) -> Self {
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let number = |q: Option<Quantity>| q.map(|q| q.to_string()).unwrap_or_default();
        let promise = &described.promise;
        Self {
            name: described.name.clone(),
            measured: described.measured.clone(),
            unit: described.unit.clone(),
            direction: if promise.more_is_better {
                "more"
            } else {
                "less"
            }
            .to_owned(),
            formula: described.formula.clone(),
            source: described.source.clone(),
            method: described.method.clone(),
            owner: described.owner.clone(),
            rhythm: described.rhythm.code().to_owned(),
            level: described.level.code().to_owned(),
            baseline: number(promise.baseline.map(|(value, _)| value)),
            baseline_on: day(promise.baseline.map(|(_, on)| on)),
            target: number(promise.target),
            due_on: day(promise.due_on),
            threshold: number(promise.threshold),
            origin: described.origin.code().to_owned(),
            subject: described
                .origin
                .subject()
                .map(|subject| subject.to_string())
                .unwrap_or_default(),
        }
    }

    /// Every field with what was typed in it, in the order of the form.
    pub fn fields(&self) -> [(&'static str, &str); 17] {
        [
            ("name", &self.name),
            ("measured", &self.measured),
            ("level", &self.level),
            ("unit", &self.unit),
            ("direction", &self.direction),
            ("rhythm", &self.rhythm),
            ("formula", &self.formula),
            ("source", &self.source),
            ("method", &self.method),
            ("owner", &self.owner),
            ("baseline", &self.baseline),
            ("baseline_on", &self.baseline_on),
            ("target", &self.target),
            ("due_on", &self.due_on),
            ("threshold", &self.threshold),
            ("origin", &self.origin),
            ("subject", &self.subject),
        ]
    }

    /// The fields in which what somebody else saved differs from what was typed: field, saved value.
    pub fn differences<'s>(&self, saved: &'s Self) -> Vec<(&'static str, &'s str)> {
        saved
            .fields()
            .into_iter()
            .zip(self.fields())
            .filter(|((_, saved), (_, typed))| saved.trim() != typed.trim())
            .map(|(saved, _)| saved)
            .collect()
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
