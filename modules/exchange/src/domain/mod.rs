//! Types and decisions of the exchange. Pure.

mod api;
mod api_form;
mod behalf;
mod contest;
mod difference;
mod figures;
mod life;
mod log_proof;
mod mistake;
pub mod openapi;
mod request;
mod rules;
mod stop;
mod subject;
mod trial;
mod version;

pub use api::{
    Api, ApiProfile, ApiStatus, LegalNature, Operation, Proof, SCOPES_MAX, Scope, Sensitivity,
    check_prefix, check_scope_code, check_scope_fields, check_subject, lacks_for_publication,
    opens, parameter, parameter_code,
};
pub use api_form::ApiForm;
pub use behalf::{CitizenCalls, LEVEL_USUAL, check_citizen_calls};
pub use contest::{
    ANSWER_CHARS_MAX, CONTEST_CHARS_MAX, ContestForm, ContestState, Contested, OPEN_CONTESTS_MAX,
    check_answer,
};
pub use difference::{Difference, KINDS as DIFFERENCE_KINDS, differences};
pub use figures::median_and_90;
pub use life::{Act, Granted, Impossible, Life, RequestKind, RequestState, Standing};
pub use log_proof::{
    CheckedProof, INCLUSION_BYTES_MAX, ProofMistake, ProofState, ROW_BYTES_MAX, check_log_proof,
};
pub use mistake::Mistake;
pub use request::{
    Asked, Contact, ContactRole, Content, FORM_BYTES_MAX, Modality, Needs, Offer, Purpose,
    RETENTION_MONTHS_PLAIN, RequestForm, Step, is_code, needs,
};
pub use rules::{
    AllowedHours, Effect, GatewaySign, Handled, HourCount, Measured, RULE_NAME_CHARS_MAX,
    RULES_MAX, Reach, Rule, RuleForm, RuleKind, Window, WouldFire, hour_of, would_fire,
};
pub use stop::{ReadStop, StopForm, StopKind};
pub use subject::{Fact, HIDDEN_DAYS_MAX, HIDDEN_REASON_CHARS_MAX, SubjectForm, check_hidden};
pub use trial::{
    OBJECT_CHARS_MAX, Trial, TrialMistake, VALUE_CHARS_MAX, field_of as trial_field, is_real,
    sample,
};
pub use version::{GrantedApi, Terms, Version};
