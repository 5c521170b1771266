//! Decisions on a start-up's phase, with the figures as they stood.

use jiff::civil::Date;

use super::review::past_day;
use super::{DecisionKind, Mistake};
use crate::WORDING;

/// The phase after a decision, by its code: the same when it goes on. Nothing when the decision isn't
/// possible in that phase.
pub fn phase_after(kind: DecisionKind, phase: &str) -> Option<&'static str> {
    match (kind, phase) {
        (DecisionKind::Continue, "investigation") => Some("investigation"),
        (DecisionKind::Continue, "construction") | (DecisionKind::Accelerate, "investigation") => {
            Some("construction")
        }
        (DecisionKind::Continue, "acceleration") | (DecisionKind::Accelerate, "construction") => {
            Some("acceleration")
        }
        (DecisionKind::Continue, "consolidation") | (DecisionKind::Accelerate, "acceleration") => {
            Some("consolidation")
        }
        (DecisionKind::Continue, "operated") => Some("operated"),
        (
            DecisionKind::Transfer,
            "construction" | "acceleration" | "consolidation" | "operated",
        ) => Some("transferred"),
        (DecisionKind::Stop, "investigation") => Some("investigation-abandoned"),
        (DecisionKind::Stop, "construction" | "acceleration" | "consolidation" | "operated") => {
            Some("abandoned")
        }
        _ => None,
    }
}

/// A decision that is about to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub kind: DecisionKind,
    /// On which day it was taken.
    pub on: Date,
    /// Who decided: the committee, as people read it.
    pub committee: String,
    /// Why.
    pub reasons: String,
    /// On which conditions; may be empty.
    pub conditions: String,
    /// What must happen; may be empty for a stop.
    pub next: String,
    /// By when.
    pub next_by: Option<Date>,
    /// Who takes it over: of a transfer.
    pub receiver: String,
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
    /// Who decided.
    pub committee: String,
    /// Why.
    pub reasons: String,
    /// On which conditions.
    pub conditions: String,
    /// What must happen.
    pub next: String,
    /// By when: day, month, year.
    pub next_by: [String; 3],
    /// Who takes it over.
    pub receiver: String,
    /// Euros.
    pub avoided: String,
    /// What is kept.
    pub kept_assets: String,
}

impl DecisionForm {
    /// What it says; `submitted_on` is the day on which the committee got the review.
    pub fn read(&self, submitted_on: Date, today: Date) -> Result<Decision, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let kind = reader.code("kind", &self.kind, DecisionKind::parse);
        let on = past_day(&mut reader, "on", &self.on, today);
        if on != Date::MIN && on < submitted_on {
            reader.wrong("on", "startups-mistake-before", submitted_on);
        }
        let committee = reader.needed("committee", &self.committee, 200);
        let reasons = reader.needed("reasons", &self.reasons, 4_000);
        let conditions = reader.text("conditions", &self.conditions, 4_000);
        let is = |wanted| kind == Some(wanted);
        let next = if is(DecisionKind::Stop) {
            reader.text("next", &self.next, 4_000)
        } else {
            reader.needed("next", &self.next, 4_000)
        };
        let next_by = reader.day("next_by", &self.next_by);
        match next_by {
            Some(by) if by < on => reader.wrong("next_by", "startups-mistake-before", on),
            None if !next.is_empty() => reader.wrong("next_by", "startups-mistake-missing", ""),
            _ => {}
        }
        let receiver = if is(DecisionKind::Transfer) {
            reader.needed("receiver", &self.receiver, 300)
        } else {
            reader.text("receiver", &self.receiver, 300)
        };
        if !is(DecisionKind::Transfer) && !receiver.is_empty() {
            reader.wrong("receiver", "startups-mistake-not-a-transfer", "");
        }
        let avoided_cents = reader.euros("avoided", &self.avoided, 0);
        let kept_assets = reader.text("kept_assets", &self.kept_assets, 4_000);
        if is(DecisionKind::Stop) {
            if self.avoided.trim().is_empty() {
                reader.wrong("avoided", "startups-mistake-missing", "");
            }
            if kept_assets.is_empty() {
                reader.wrong("kept_assets", "startups-mistake-missing", "");
            }
        } else if avoided_cents.is_some() || !kept_assets.is_empty() {
            reader.wrong("avoided", "startups-mistake-not-a-stop", "");
        }
        reader.done(Decision {
            kind: kind.unwrap_or(DecisionKind::Continue),
            on,
            committee,
            reasons,
            conditions,
            next,
            next_by,
            receiver,
            avoided_cents,
            kept_assets,
        })
    }
}

/// What came of what had to happen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FollowUpForm {
    /// Day, month, year.
    pub on: [String; 3],
    /// What came of it.
    pub outcome: String,
}

impl FollowUpForm {
    pub(crate) fn read(
        &self,
        decided_on: Date,
        today: Date,
    ) -> Result<(Date, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let on = past_day(&mut reader, "on", &self.on, today);
        if on != Date::MIN && on < decided_on {
            reader.wrong("on", "startups-mistake-before", decided_on);
        }
        let outcome = reader.needed("outcome", &self.outcome, 4_000);
        reader.done((on, outcome))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::typed;
    use super::*;

    fn form(kind: &str) -> DecisionForm {
        DecisionForm {
            kind: kind.into(),
            on: typed(date(2026, 5, 4)),
            committee: "Comité d’investissement".into(),
            reasons: "L’usage croît".into(),
            next: "Ouvrir à trois régions".into(),
            next_by: typed(date(2026, 9, 1)),
            ..DecisionForm::default()
        }
    }

    fn mistaken(form: &DecisionForm) -> Vec<String> {
        let read = form.read(date(2026, 5, 1), date(2026, 6, 1));
        let mistakes = read.err().unwrap_or_default();
        mistakes.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn a_decision_before_its_review_or_in_the_future_is_refused() {
        assert!(mistaken(&form("continue")).is_empty());
        for on in [date(2026, 4, 30), date(2026, 6, 2)] {
            let form = DecisionForm {
                on: typed(on),
                ..form("continue")
            };
            assert_eq!(mistaken(&form), ["on"]);
        }
    }

    #[test]
    fn a_transfer_names_who_receives_and_a_stop_what_it_keeps() {
        assert_eq!(mistaken(&form("transfer")), ["receiver"]);
        assert_eq!(mistaken(&form("stop")), ["avoided", "kept_assets"]);
        let told = DecisionForm {
            receiver: "Agence de l’eau".into(),
            ..form("transfer")
        };
        assert!(mistaken(&told).is_empty());
        let told = DecisionForm {
            kind: "continue".into(),
            ..told
        };
        assert_eq!(mistaken(&told), ["receiver"]);
        let kept = DecisionForm {
            avoided: "120 000".into(),
            ..form("accelerate")
        };
        assert_eq!(mistaken(&kept), ["avoided"]);
    }

    #[test]
    fn each_phase_has_its_decisions() {
        let after = |kind, phase| phase_after(kind, phase);
        assert_eq!(
            after(DecisionKind::Accelerate, "investigation"),
            Some("construction")
        );
        assert_eq!(after(DecisionKind::Accelerate, "consolidation"), None);
        assert_eq!(after(DecisionKind::Transfer, "investigation"), None);
        assert_eq!(
            after(DecisionKind::Stop, "investigation"),
            Some("investigation-abandoned")
        );
        for kind in DecisionKind::ALL {
            assert_eq!(after(*kind, "abandoned"), None, "nothing follows an end");
        }
    }
}
