//! National impact: nationwide, beyond a significant threshold, the standards met. Each criterion is
//! answered with evidence by the team and checked by the directorate; the result is computed.

use jiff::civil::Date;
use ports::IndicatorProgress;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Check, Criterion, Mistake, NationalResult, Reader};
use crate::WORDING;

/// What was answered to a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionAnswer {
    /// Which.
    pub criterion: Criterion,
    /// Whether the team says that it is met.
    pub is_met: bool,
    /// What shows it.
    pub evidence: String,
    /// Where it is read; may be empty.
    pub link: String,
    /// When it was answered, and by whom.
    pub answered: (Date, String),
    /// What the directorate found: what, when, who, why. An answer that changes is checked anew.
    pub check: Option<(Check, Date, String, String)>,
    /// The version that a change names.
    pub version: i64,
}

/// The figure that is significant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Of which indicator.
    pub indicator: Uuid,
    /// From which figure on (up to which one, where less is better).
    pub value: f64,
    /// Why this figure.
    pub reason: String,
    /// Who set it, and when.
    pub set: (Date, String),
    /// The version that a change names.
    pub version: i64,
}

impl Threshold {
    /// Whether a figure passes it; nothing when nothing is measured.
    pub fn is_passed(&self, indicator: Option<&IndicatorProgress>) -> Option<bool> {
        let indicator = indicator.filter(|one| one.id == self.indicator)?;
        let (now, _) = indicator.latest?;
        Some(if indicator.more_is_better {
            now >= self.value
        } else {
            now <= self.value
        })
    }
}

/// The result: `passed` says whether the threshold is passed, where it can be said.
pub fn result(answers: &[CriterionAnswer], passed: Option<bool>) -> NationalResult {
    let mut is_open = passed.is_none();
    if passed == Some(false) {
        return NationalResult::NotNational;
    }
    for criterion in Criterion::ALL {
        let answer = answers.iter().find(|one| one.criterion == *criterion);
        let check = answer
            .and_then(|one| one.check.as_ref())
            .map(|(check, ..)| *check);
        match (answer.map(|one| one.is_met), check) {
            (Some(false), _) | (_, Some(Check::NotMet)) => return NationalResult::NotNational,
            (Some(true), Some(Check::Met)) => {}
            _ => is_open = true,
        }
    }
    if is_open {
        NationalResult::Unknown
    } else {
        NationalResult::National
    }
}

/// Reads the address of evidence.
fn link(reader: &mut Reader, text: &str) -> String {
    let link = reader.text("link", text, 500);
    let is_web = url::Url::parse(&link).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    if !link.is_empty() && !is_web {
        reader.wrong("link", "startups-mistake-link", &link);
    }
    link
}

/// What a team sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerForm {
    /// `yes` or `no`.
    pub met: String,
    /// What shows it.
    pub evidence: String,
    /// Where it is read.
    pub link: String,
}

impl AnswerForm {
    pub(crate) fn read(&self) -> Result<(bool, String, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let is_met = reader.code("met", &self.met, yes_or_no);
        let evidence = reader.needed("evidence", &self.evidence, 4_000);
        let link = link(&mut reader, &self.link);
        reader.done((is_met.unwrap_or(false), evidence, link))
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// What the directorate sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckForm {
    /// A check's code.
    pub check: String,
    /// Why.
    pub comment: String,
}

impl CheckForm {
    pub(crate) fn read(&self) -> Result<(Check, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let check = reader.code("check", &self.check, Check::parse);
        let comment = reader.needed("comment", &self.comment, 2_000);
        reader.done((check.unwrap_or(Check::NotMet), comment))
    }
}

/// What the directorate sends of the threshold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThresholdForm {
    /// An indicator's id.
    pub indicator: String,
    /// A figure.
    pub value: String,
    /// Why this figure.
    pub reason: String,
}

impl ThresholdForm {
    pub(crate) fn read(&self, indicators: &[Uuid]) -> Result<(Uuid, f64, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let indicator = reader.code("indicator", &self.indicator, |text| {
            let id = text.parse::<Uuid>().ok();
            id.filter(|id| indicators.contains(id))
        });
        let value = tabular::number(&tabular::Cell::Text(self.value.clone()));
        let value = value.filter(|value| value.is_finite());
        if value.is_none() {
            reader.wrong("value", "startups-mistake-number", self.value.trim());
        }
        let reason = reader.needed("reason", &self.reason, 2_000);
        reader.done((
            indicator.unwrap_or_default(),
            value.unwrap_or_default(),
            reason,
        ))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn answers(told: &[(bool, Option<Check>)]) -> Vec<CriterionAnswer> {
        let on = date(2026, 3, 2);
        let all = Criterion::ALL.iter().zip(told);
        all.map(|(criterion, (is_met, check))| CriterionAnswer {
            criterion: *criterion,
            is_met: *is_met,
            evidence: "Audit".into(),
            link: String::new(),
            answered: (on, "Tim".into()),
            check: check.map(|check| (check, on, "Olga".into(), "Vu".into())),
            version: 1,
        })
        .collect()
    }

    #[test]
    fn national_is_what_meets_and_shows_all() {
        let all = answers(&[(true, Some(Check::Met)); 6]);
        assert_eq!(result(&all, Some(true)), NationalResult::National);
        assert_eq!(result(&all, None), NationalResult::Unknown, "not measured");
        assert_eq!(result(&all, Some(false)), NationalResult::NotNational);
        assert_eq!(result(&all[..5], Some(true)), NationalResult::Unknown);
        let mut told = [(true, Some(Check::Met)); 6];
        told[3].1 = None;
        assert_eq!(result(&answers(&told), Some(true)), NationalResult::Unknown);
        told[3].1 = Some(Check::NotMet);
        assert_eq!(
            result(&answers(&told), Some(true)),
            NationalResult::NotNational
        );
    }

    proptest! {
        #[test]
        fn nothing_unchecked_is_national(
            told in prop::collection::vec((any::<bool>(), prop::option::of(any::<bool>())), 0..7),
            passed in prop::option::of(any::<bool>()),
        ) {
            let check = |met: bool| if met { Check::Met } else { Check::NotMet };
            let told: Vec<_> = told.iter().map(|(met, ok)| (*met, ok.map(check))).collect();
            let all = answers(&told);
            let is_national = result(&all, passed) == NationalResult::National;
            let is_whole = all.len() == 6
                && all.iter().all(|one| {
                    one.is_met && one.check.as_ref().is_some_and(|(check, ..)| *check == Check::Met)
                });
            prop_assert_eq!(is_national, is_whole && passed == Some(true));
        }
    }
}
