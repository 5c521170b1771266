//! Types and decisions of contracts and funds: pure, today arrives as a parameter.

mod codes;
mod condition;
mod form;
mod fund;
mod life;
mod steps;
mod terms;
mod tranche;

pub use codes::{CheckState, Consequence, Doctrine, Expertise, Kind, Outcome, Side};
pub use condition::{Condition, Figure, Reading, Unmet, read};
pub use form::{TRANCHES_MAX, TermsContext, TermsForm, agreed};
pub use fund::{
    ApplicationAct, ApplicationForm, ApplicationState, CallForm, DecisionForm, FundForm,
};
pub use kit_acts::{Mistake, PUBLICATION_DAYS, Publication, PublicationForm, Redaction, redact};
pub use life::{Act, Life, Next, Refusal, State};
pub use steps::{CheckForm, PaymentForm, ReasonForm, ReviewForm};
pub use terms::{Clause, Days, IndicatorTerms, Party, Terms, TrancheTerms, sha256};
pub use tranche::{TrancheAct, TrancheState};

pub(crate) use kit_acts::{Reader, typed};
