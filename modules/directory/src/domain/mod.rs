//! Types and decisions of the directory. Pure.

mod account;
mod browser;
mod guard;
mod organisation;
mod recovery;
mod totp;
mod tree;

pub use ::siret::{Siret, SiretMistake};
pub use account::{
    EMAIL_CHARS_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PasswordMistake, check_password, email,
};
pub use browser::Browser;
pub use guard::{DEVICE_MAX, FORGOTTEN_AFTER, Failures, STRANGERS_MAX, Trier, Verdict, judge};
pub use organisation::{
    Mistake, NAME_CHARS_MAX, OrganisationDraft, OrganisationForm, check_organisation,
};
pub use recovery::{RECOVERY_BYTES, RECOVERY_CODES, recovery_code, typed_recovery_code};
pub use totp::{TOTP_SECRET_BYTES, totp_address, totp_secret_text, totp_step};
pub use tree::{TreeNode, is_below, order, subtree};
