//! Mails: each step is told to those whom it concerns.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kit_db::{DbError, Tx};
use kit_jobs::{Jobs, NewJob};
use kit_ui::{Words, format};
use serde_json::json;

use crate::Wording;

/// The kind of the job that sends a mail; its payload is `{to, subject, text}`.
const MAIL_JOB: &str = "mail.send";
/// Longest text of others that a mail repeats, in characters.
const REPEATED_CHARS_MAX: usize = 2_000;
/// Longest subject, in characters.
const SUBJECT_CHARS_MAX: usize = 200;

/// Those who are told: each address once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Told(BTreeSet<String>);

impl Told {
    /// Somebody more.
    pub fn add(&mut self, email: &str) {
        self.0.insert(email.to_lowercase());
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Whether it is nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'e> Extend<&'e str> for Told {
    fn extend<T: IntoIterator<Item = &'e str>>(&mut self, emails: T) {
        self.0.extend(emails.into_iter().map(str::to_lowercase));
    }
}

/// What is told.
#[derive(Debug, Clone, Copy)]
pub struct News<'n> {
    /// The key of what happened.
    pub key: &'static str,
    /// Of which product.
    pub product: &'n str,
    /// Of what; may be empty.
    pub about: &'n str,
    /// Why, or what was said; may be empty.
    pub reason: &'n str,
    /// Where it is read: a path.
    pub path: &'n str,
    /// By when something is to be done.
    pub due: Option<Date>,
}

/// From where news are sent.
#[derive(Debug, Clone, Copy)]
pub struct Post<'p> {
    /// How the keys of the subject, the due day and the link begin.
    pub wording: Wording,
    /// In which language.
    pub words: &'p Words,
    /// The address at which people reach the platform, without a final slash.
    pub public_url: &'p str,
    /// What sends later.
    pub jobs: &'p Jobs,
}

impl Post<'_> {
    /// Enqueues a mail to each, in the transaction of what it tells.
    pub async fn send(&self, tx: &mut Tx, told: &Told, news: News<'_>) -> Result<(), DbError> {
        let (subject, text) = self.written(news);
        for to in &told.0 {
            let mail = json!({ "to": to, "subject": subject, "text": text });
            let job = NewJob::new(MAIL_JOB, mail);
            self.jobs.enqueue(&mut *tx, job).await?;
        }
        Ok(())
    }

    fn written(&self, news: News<'_>) -> (String, String) {
        let words = self.words;
        let what = words.text(news.key);
        let product = plain(news.product).replace('\n', " ");
        let args = [
            ("product", product.as_str().into()),
            ("what", what.as_str().into()),
        ];
        let subject = words.text_with(&self.wording.key("mail-subject"), &args);
        let subject: String = subject.chars().take(SUBJECT_CHARS_MAX).collect();
        let mut text = format!("{what}\n\n{product}\n");
        if let Some(due) = news.due {
            let args = [("date", format::date(words.locale, due).into())];
            let due = words.text_with(&self.wording.key("mail-due"), &args);
            text.push_str(&format!("\n{due}\n"));
        }
        for part in [news.about, news.reason] {
            let part = plain(part);
            if !part.trim().is_empty() {
                text.push_str(&format!("\n{}\n", part.trim()));
            }
        }
        let link = format!("{}{}", self.public_url, news.path);
        let link = words.text_with(&self.wording.key("mail-link"), &[("link", link.into())]);
        text.push_str(&format!("\n{link}\n"));
        (subject, text)
    }
}

/// A text of somebody's, as a mail may repeat it: no control characters.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .map(|c| match c {
            '\u{2028}' | '\u{2029}' => ' ',
            c => c,
        })
        .take(REPEATED_CHARS_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_repeats_no_control_characters() {
        assert_eq!(plain("a\u{7}b\r\nc\u{2028}d"), "ab\nc d");
        assert_eq!(plain(&"é".repeat(3_000)).chars().count(), 2_000);
    }

    #[test]
    fn each_address_is_told_once() {
        let mut told = Told::default();
        assert!(told.is_empty());
        told.add("A@x.example");
        told.extend(["a@X.example", "b@x.example"]);
        let mut both = Told::default();
        both.extend(["a@x.example", "b@x.example"]);
        assert_eq!(told.clone().and(both.clone()), both);
    }
}
