//! Mails: each step is told to those whom it concerns.

use std::collections::BTreeSet;

use kit_access::Role;
use kit_db::Tx;
use kit_jobs::NewJob;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};
use ports::{OrganisationId, PersonId};
use serde_json::json;
use uuid::Uuid;

use crate::store::missions::Assignment;
use crate::{Brigade, BrigadeError, MAIL_JOB};

/// Longest text of others that a mail repeats, in characters.
const REPEATED_CHARS_MAX: usize = 2_000;

/// Those who are told: each address once.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeSet<String>);

/// What is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct News<'n> {
    /// The key of what happened: `brigade-told-…`.
    pub(crate) key: &'static str,
    /// Of which product.
    pub(crate) product: &'n str,
    /// Of what; may be empty.
    pub(crate) about: &'n str,
    /// Why, or what was said; may be empty.
    pub(crate) reason: &'n str,
    /// Where it is read: a path.
    pub(crate) path: &'n str,
}

/// A text of somebody's, as a mail may repeat it: no control characters.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .map(|c| {
            if matches!(c, '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .take(REPEATED_CHARS_MAX)
        .collect()
}

impl Told {
    /// Somebody more.
    pub(crate) fn and(&mut self, email: &str) {
        self.0.insert(email.to_lowercase());
    }

    /// Everybody of both.
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// The experts of a mission.
pub(crate) fn experts(assigned: &[Assignment]) -> Told {
    let mut told = Told::default();
    for one in assigned {
        told.and(&one.email);
    }
    told
}

impl Brigade {
    async fn holders(
        &self,
        told: &mut Told,
        role: Role,
        ministry: Option<Uuid>,
    ) -> Result<(), BrigadeError> {
        let ministry = ministry.map(OrganisationId);
        let found = self.parties.holders(role, ministry).await?;
        told.0
            .extend(found.into_iter().map(|one| one.email.to_lowercase()));
        Ok(())
    }

    /// The officers of the directorate. Ask before a transaction begins: it takes a connection.
    pub(crate) async fn tell_directorate(
        &self,
        ministry: Option<Uuid>,
    ) -> Result<Told, BrigadeError> {
        let mut told = Told::default();
        self.holders(&mut told, PORTFOLIO_OFFICER, ministry).await?;
        Ok(told)
    }

    /// The ministry's digital director, those of its products when there is none, and who asked. Ask
    /// before a transaction begins: it takes connections.
    pub(crate) async fn tell_ministry(
        &self,
        ministry: Option<Uuid>,
        asker: Option<Uuid>,
    ) -> Result<Told, BrigadeError> {
        let mut told = Told::default();
        if ministry.is_some() {
            self.holders(&mut told, DIGITAL_DIRECTOR, ministry).await?;
            if told.0.is_empty() {
                self.holders(&mut told, PRODUCT_TEAM, ministry).await?;
            }
        }
        if let Some(person) = asker
            && let Some(found) = self.parties.addressee(PersonId(person)).await?
        {
            told.and(&found.email);
        }
        Ok(told)
    }

    /// Enqueues a mail to each, in the transaction of what it tells.
    pub(crate) async fn mail(
        &self,
        tx: &mut Tx,
        told: &Told,
        news: News<'_>,
    ) -> Result<(), BrigadeError> {
        let words = &self.mail_words;
        let what = words.text(news.key);
        let product = plain(news.product).replace('\n', " ");
        let args = [
            ("product", product.as_str().into()),
            ("what", what.as_str().into()),
        ];
        let subject = words.text_with("brigade-mail-subject", &args);
        let subject: String = subject.chars().take(200).collect();
        let mut text = format!("{what}\n\n{product}\n");
        for part in [news.about, news.reason] {
            let part = plain(part);
            if !part.trim().is_empty() {
                text.push_str(&format!("\n{}\n", part.trim()));
            }
        }
        let link = format!("{}{}", self.public_url, news.path);
        let link = words.text_with("brigade-mail-link", &[("link", link.into())]);
        text.push_str(&format!("\n{link}\n"));
        for to in &told.0 {
            let mail = json!({ "to": to, "subject": subject, "text": text });
            self.jobs
                .enqueue(&mut *tx, NewJob::new(MAIL_JOB, mail))
                .await?;
        }
        Ok(())
    }
}
