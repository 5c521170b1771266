//! Types and decisions of start-ups: pure, today arrives as a parameter.

mod codes;
mod cohort;
mod decision;
mod due;
mod investment;
mod mistake;
mod national;
mod priority;
mod publication;
mod review;

use jiff::civil::Date;

pub use codes::{Check, Criterion, DecisionKind, Gap, Level, NationalResult, ReviewState};
pub use cohort::{Conversion, Openness, TRANSITIONS, conversions, openness};
pub use decision::{Decision, DecisionForm, FollowUpForm, phase_after};
pub use due::{ANNOUNCE_DAYS, REVIEW_MONTHS, next_due};
pub use investment::{Investment, InvestmentForm, cost_per_unit};
pub use mistake::Mistake;
pub use national::{AnswerForm, CheckForm, CriterionAnswer, Threshold, ThresholdForm, result};
pub use priority::{FIGURE_MONTHS, Priority, PriorityForm, ServingProduct, gaps};
pub use publication::{PUBLICATION_DAYS, Publication, PublicationForm, Redaction, redact};
pub use review::{
    LevelAnswer, LevelForm, Preparation, PreparationForm, ReviewAct, questioned, reached,
};

pub(crate) use mistake::Reader;
pub(crate) use review::read_reason;

/// A day as three fields show it.
pub(crate) fn typed(on: Date) -> [String; 3] {
    [
        on.day().to_string(),
        on.month().to_string(),
        on.year().to_string(),
    ]
}
