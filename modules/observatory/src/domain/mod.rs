//! Types and decisions of the observatory: pure, today arrives as a parameter.

mod answers;
mod declaration;
mod figures;
mod masking;
mod procedure;
mod quarter;

pub use answers::{Answers, COMMENT_CHARS_MAX, Details, DetailsForm, Help, Satisfaction};
pub use declaration::{Declaration, DeclarationForm, Declared, Scale};
pub use figures::{
    Criterion, Figure, GOAL_SHARE, Level, REVIEWS_MIN, Tally, figures, share_at_goal,
};
pub use kit_acts::Mistake;
pub use masking::mask;
pub use procedure::{Procedure, ProcedureForm, SCOPE_USERS_MIN};
pub use quarter::Quarter;
