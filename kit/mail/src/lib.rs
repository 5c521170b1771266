//! Plain text mails over SMTP.
//!
//! A [`Mail`] is checked before anything is sent: one valid address, no control character in the
//! subject, bounded lengths. A failure says whether a later try may help, so that a job knows
//! whether to try again.

mod mail;
mod mailer;
mod settings;

pub use mail::{Mail, MailMistake, SUBJECT_CHARS_MAX, TEXT_BYTES_MAX, check_address};
pub use mailer::{MailError, Mailer};
pub use settings::{MailSettings, MailSettingsError, Tls, check_sender};
