//! Decisions: what becomes of a project, with the figures as they stood.

use jiff::civil::Date;

use super::Mistake;
use crate::WORDING;

kit_acts::coded! {
    /// What is decided.
    DecisionKind {
        /// It goes on.
        Continue = "continue",
        /// It grows.
        Scale = "scale",
        /// It changes its course.
        Reorient = "reorient",
        /// It waits.
        Suspend = "suspend",
        /// It ends.
        Stop = "stop",
    }
}

/// A decision that is about to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub kind: DecisionKind,
    /// On which day it was taken.
    pub on: Date,
    /// Why.
    pub reasons: String,
    /// What must happen; may be empty for a stop.
    pub next: String,
    /// By when.
    pub next_by: Option<Date>,
    /// What isn't spent, in cents of euros: of a stop.
    pub avoided_cents: Option<i64>,
    /// What is kept of it: of a stop.
    pub kept_assets: String,
}

/// What somebody sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionForm {
    /// A kind's code.
    pub kind: String,
    /// Day, month, year.
    pub on: [String; 3],
    /// Why.
    pub reasons: String,
    /// What must happen.
    pub next: String,
    /// By when: day, month, year.
    pub next_by: [String; 3],
    /// Millions of euros.
    pub avoided: String,
    /// What is kept.
    pub kept_assets: String,
}

impl DecisionForm {
    /// What it says; `file_on` is the first day of the review on which it rests.
    pub fn read(&self, file_on: Option<Date>, today: Date) -> Result<Decision, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let kind = reader.code("kind", &self.kind, DecisionKind::parse);
        let on = reader.needed_day("on", &self.on);
        if on > today {
            reader.wrong("on", "steering-mistake-future", today);
        }
        if let Some(file_on) = file_on
            && on != Date::MIN
            && on < file_on
        {
            reader.wrong("on", "steering-mistake-before", file_on);
        }
        let reasons = reader.needed("reasons", &self.reasons, 4_000);
        let is_stop = kind == Some(DecisionKind::Stop);
        let next = if is_stop {
            reader.text("next", &self.next, 4_000)
        } else {
            reader.needed("next", &self.next, 4_000)
        };
        let next_by = reader.day("next_by", &self.next_by);
        match next_by {
            Some(by) if by < on => reader.wrong("next_by", "steering-mistake-before", on),
            None if !next.is_empty() => reader.wrong("next_by", "steering-mistake-missing", ""),
            _ => {}
        }
        let avoided_cents = reader.millions("avoided", &self.avoided);
        let kept_assets = reader.text("kept_assets", &self.kept_assets, 4_000);
        if is_stop {
            if self.avoided.trim().is_empty() {
                reader.wrong("avoided", "steering-mistake-missing", "");
            }
            if kept_assets.is_empty() {
                reader.wrong("kept_assets", "steering-mistake-missing", "");
            }
        } else if avoided_cents.is_some() || !kept_assets.is_empty() {
            reader.wrong("avoided", "steering-mistake-not-a-stop", "");
        }
        reader.done(Decision {
            kind: kind.unwrap_or(DecisionKind::Continue),
            on,
            reasons,
            next,
            next_by,
            avoided_cents,
            kept_assets,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::typed;
    use super::*;

    fn reorient(on: Date) -> DecisionForm {
        DecisionForm {
            kind: "reorient".into(),
            on: typed(on),
            reasons: "Avis défavorable".into(),
            next: "Découper en lots".into(),
            next_by: typed(date(2026, 9, 1)),
            ..DecisionForm::default()
        }
    }

    fn mistaken(form: &DecisionForm, file_on: Option<Date>) -> Vec<String> {
        let read = form.read(file_on, date(2026, 6, 1));
        let mistakes = read.err().unwrap_or_default();
        mistakes.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn a_decision_before_the_file_or_in_the_future_is_refused() {
        let file = Some(date(2026, 5, 1));
        assert!(mistaken(&reorient(date(2026, 5, 1)), file).is_empty());
        assert_eq!(mistaken(&reorient(date(2026, 4, 30)), file), ["on"]);
        assert_eq!(mistaken(&reorient(date(2026, 6, 2)), file), ["on"]);
    }

    #[test]
    fn a_stop_tells_what_it_saves_and_what_it_keeps() {
        let stop = DecisionForm {
            kind: "stop".into(),
            next: String::new(),
            next_by: Default::default(),
            ..reorient(date(2026, 5, 1))
        };
        assert_eq!(mistaken(&stop, None), ["avoided", "kept_assets"]);
        let told = DecisionForm {
            avoided: "12,3".into(),
            kept_assets: "Le code, publié".into(),
            ..stop
        };
        let read = told.read(None, date(2026, 6, 1)).unwrap();
        assert_eq!(read.avoided_cents, Some(1_230_000_000));
    }

    #[test]
    fn another_currency_is_refused() {
        for avoided in ["12 M$", "12 USD", "3 £", "4 CHF", "abc", "-3"] {
            let stop = DecisionForm {
                kind: "stop".into(),
                avoided: avoided.into(),
                kept_assets: "Le code".into(),
                ..reorient(date(2026, 5, 1))
            };
            assert_eq!(mistaken(&stop, None), ["avoided"], "{avoided}");
        }
    }
}
