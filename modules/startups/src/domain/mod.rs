//! Types and decisions of start-ups: pure, today arrives as a parameter.

mod codes;
mod cohort;
mod decision;
mod due;
mod investment;
mod national;
mod priority;
mod review;

pub use codes::{Check, Criterion, DecisionKind, Gap, Level, NationalResult, ReviewState};
pub use cohort::{Conversion, Openness, TRANSITIONS, conversions, openness};
pub use decision::{Decision, DecisionForm, FollowUpForm, phase_after};
pub use due::{ANNOUNCE_DAYS, REVIEW_MONTHS, next_due};
pub use investment::{Investment, InvestmentForm, cost_per_unit};
pub use kit_acts::{Mistake, PUBLICATION_DAYS, Publication, PublicationForm, Redaction, redact};
pub use national::{AnswerForm, CheckForm, CriterionAnswer, Threshold, ThresholdForm, result};
pub use priority::{FIGURE_MONTHS, Priority, PriorityForm, ServingProduct, gaps};
pub use review::{
    LevelAnswer, LevelForm, Preparation, PreparationForm, ReviewAct, questioned, reached,
};

pub(crate) use kit_acts::{Reader, typed};
pub(crate) use review::read_reason;
