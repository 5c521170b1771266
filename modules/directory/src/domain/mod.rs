//! Types and decisions of the directory. Pure.

mod account;
mod organisation;
mod siret;
mod tree;

pub use account::{
    EMAIL_CHARS_MAX, LOCK_AFTER_ATTEMPTS, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PasswordMistake,
    check_password, email, lock_after,
};
pub use organisation::{
    Mistake, NAME_CHARS_MAX, OrganisationDraft, OrganisationForm, check_organisation,
};
pub use siret::{Siret, SiretMistake};
pub use tree::{TreeNode, is_below, order, subtree};
