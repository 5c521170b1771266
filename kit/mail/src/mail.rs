//! A mail and what it must satisfy.

use lettre::Address;
use serde::{Deserialize, Serialize};

/// Longest subject, in characters.
pub const SUBJECT_CHARS_MAX: usize = 200;
/// Longest text, in bytes: 256 KiB.
pub const TEXT_BYTES_MAX: usize = 256 << 10;
/// Longest address, in bytes (RFC 5321, section 4.5.3.1.3, less its angle brackets).
const ADDRESS_BYTES_MAX: usize = 254;

/// A text to one address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The address, without a name.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Lines.
    pub text: String,
}

// A mail may hold a link that opens an account, and is about a person.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").finish_non_exhaustive()
    }
}

/// Why a mail can't be sent as it is. It repeats nothing of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailMistake {
    /// Not `name@domain` in ASCII.
    #[error("the address must be name@domain in ASCII, of at most 254 characters")]
    Address,
    /// More than one line.
    #[error("the subject must be one line without control characters")]
    SubjectLine,
    /// Absent or too long.
    #[error("the subject must have 1 to 200 characters")]
    SubjectLength,
    /// Too long.
    #[error("the text must have at most 262144 bytes")]
    TextLength,
    /// Control characters other than ends of lines and tabs.
    #[error("the text must have no control characters")]
    TextControl,
}

/// Whether mail can go to an address.
pub fn check_address(address: &str) -> Result<(), MailMistake> {
    parse(address).map(drop)
}

fn parse(address: &str) -> Result<Address, MailMistake> {
    if address.len() > ADDRESS_BYTES_MAX || !address.is_ascii() {
        return Err(MailMistake::Address);
    }
    if address.chars().any(|c| c.is_control() || c == ' ') {
        return Err(MailMistake::Address);
    }
    address.parse().map_err(|_| MailMistake::Address)
}

impl Mail {
    /// Checks it and gives the parsed address.
    pub(crate) fn check(&self) -> Result<Address, MailMistake> {
        let address = parse(&self.to)?;
        // Line separators of Unicode too: some programs take them for the end of a header.
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if self.subject.chars().any(breaks) {
            return Err(MailMistake::SubjectLine);
        }
        if self.subject.trim().is_empty() || self.subject.chars().count() > SUBJECT_CHARS_MAX {
            return Err(MailMistake::SubjectLength);
        }
        if self.text.len() > TEXT_BYTES_MAX {
            return Err(MailMistake::TextLength);
        }
        if self
            .text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err(MailMistake::TextControl);
        }
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(to: &str, subject: &str, text: &str) -> Mail {
        Mail {
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn each_mistake_is_named() {
        let good = "a@b.example";
        for (mail, mistake) in [
            (mail("", "s", "t"), MailMistake::Address),
            (mail("a", "s", "t"), MailMistake::Address),
            (mail("a@", "s", "t"), MailMistake::Address),
            (mail("A <a@b.example>", "s", "t"), MailMistake::Address),
            (
                mail("a@b.example,c@d.example", "s", "t"),
                MailMistake::Address,
            ),
            (
                mail("a@b.example\r\nRCPT TO:<x@y.example>", "s", "t"),
                MailMistake::Address,
            ),
            (mail("\"a\r\n\"@b.example", "s", "t"), MailMistake::Address),
            (mail("é@b.example", "s", "t"), MailMistake::Address),
            (
                mail(&format!("{}@b.example", "a".repeat(250)), "s", "t"),
                MailMistake::Address,
            ),
            (
                mail(good, "s\r\nBcc: x@y.example", "t"),
                MailMistake::SubjectLine,
            ),
            (mail(good, "s\nx", "t"), MailMistake::SubjectLine),
            (mail(good, "s\u{2028}x", "t"), MailMistake::SubjectLine),
            (mail(good, " ", "t"), MailMistake::SubjectLength),
            (
                mail(good, &"é".repeat(201), "t"),
                MailMistake::SubjectLength,
            ),
            (
                mail(good, "s", &"t".repeat(TEXT_BYTES_MAX + 1)),
                MailMistake::TextLength,
            ),
            (mail(good, "s", "a\0b"), MailMistake::TextControl),
        ] {
            assert_eq!(
                mail.check().err(),
                Some(mistake),
                "{} {}",
                mail.to,
                mail.subject
            );
        }
        assert!(mail(good, "Réinitialiser", "é\r\n\tb\n").check().is_ok());
    }
}
