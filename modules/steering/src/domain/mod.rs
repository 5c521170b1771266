//! Types and decisions of steering: pure, today arrives as a parameter.

mod codes;
mod conference;
mod decision;
mod forms;
mod project_file;
mod proposal;
mod recommendation;
mod review;
mod watch;

pub use codes::{Axis, Confidence, Consulted, FileItem, Opinion, Reoriented, ReviewKind, Side};
pub use conference::{
    Adoption, ConferenceAct, ConferenceForm, ConferenceKind, ConferenceLife,
    ConferenceRecommendationForm, ConferenceRefusal, ConferenceState, MinutesForm, Participant,
    Party,
};
pub use decision::{Decision, DecisionForm, DecisionKind};
pub use forms::{
    AnswerForm, FileForm, RatingForm, RecommendationForm, ReviewForm, StepForm, VerdictForm,
};
pub use kit_acts::{Mistake, PUBLICATION_DAYS, Publication, PublicationForm, Redaction, redact};
pub use project_file::{
    FileDecision, FileFact, FileIndicator, FileRecommendation, FileReview, ProjectFile,
};
pub use proposal::{Candidate, ProposalRules, Proposed, Reason, WEIGHED, propose, reasons};
pub use recommendation::{Answer, EscalationRule, EscalationStep, Status};
pub use review::{
    CONSULTATION_DAYS, Review, ReviewAct, ReviewRefusal, ReviewState, ReviewStep, Score,
    THRESHOLD_CENTS, Verdict,
};
pub use watch::{Finding, Limits, Ratings, Rule, broken_promise, finding, is_news};

pub(crate) use kit_acts::{Reader, typed};
