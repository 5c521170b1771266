//! Mails: each step is told to those whom it concerns.

use std::collections::BTreeSet;

use kit_access::Role;
use kit_db::Tx;
use kit_jobs::NewJob;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};
use ports::{OrganisationId, PersonId};
use serde_json::json;
use uuid::Uuid;

use crate::store::recommendations::Recommendation;
use crate::{MAIL_JOB, Steering, SteeringError};

/// Longest text of others that a mail repeats, in characters.
const REPEATED_CHARS_MAX: usize = 2_000;

/// Those who are told: each address once.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeSet<String>);

/// What is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct News<'n> {
    /// The key of what happened: `steering-told-…`.
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

impl Steering {
    async fn holders(
        &self,
        tx: &mut Tx,
        told: &mut Told,
        role: Role,
        ministry: Option<Uuid>,
    ) -> Result<(), SteeringError> {
        let ministry = ministry.map(OrganisationId);
        let found = self.parties.holders_in(tx, role, ministry).await?;
        told.0
            .extend(found.into_iter().map(|one| one.email.to_lowercase()));
        Ok(())
    }

    /// The officers of the directorate.
    pub(crate) async fn tell_directorate(
        &self,
        tx: &mut Tx,
        ministry: Option<Uuid>,
    ) -> Result<Told, SteeringError> {
        let mut told = Told::default();
        self.holders(tx, &mut told, PORTFOLIO_OFFICER, ministry)
            .await?;
        Ok(told)
    }

    /// The ministry's digital director; those of its products when there is none.
    pub(crate) async fn tell_ministry(
        &self,
        tx: &mut Tx,
        ministry: Option<Uuid>,
    ) -> Result<Told, SteeringError> {
        let mut told = Told::default();
        if ministry.is_some() {
            self.holders(tx, &mut told, DIGITAL_DIRECTOR, ministry)
                .await?;
            if told.0.is_empty() {
                self.holders(tx, &mut told, PRODUCT_TEAM, ministry).await?;
            }
        }
        Ok(told)
    }

    /// The owner of a recommendation; the teams of its ministry when nobody is named.
    pub(crate) async fn tell_owner(
        &self,
        tx: &mut Tx,
        one: &Recommendation,
    ) -> Result<Told, SteeringError> {
        let mut told = Told::default();
        if let Some(person) = one.owner_id
            && let Some(found) = self
                .parties
                .addressee_in(&mut *tx, PersonId(person))
                .await?
        {
            told.0.insert(found.email.to_lowercase());
            return Ok(told);
        }
        if one.ministry.is_some() {
            self.holders(tx, &mut told, PRODUCT_TEAM, one.ministry)
                .await?;
        }
        if told.0.is_empty() {
            return self.tell_ministry(tx, one.ministry).await;
        }
        Ok(told)
    }

    /// Enqueues a mail to each, in the transaction of what it tells.
    pub(crate) async fn mail(
        &self,
        tx: &mut Tx,
        told: Told,
        news: News<'_>,
    ) -> Result<(), SteeringError> {
        let words = &self.mail_words;
        let what = words.text(news.key);
        let product = plain(news.product).replace('\n', " ");
        let args = [
            ("product", product.as_str().into()),
            ("what", what.as_str().into()),
        ];
        let subject = words.text_with("steering-mail-subject", &args);
        let subject: String = subject.chars().take(200).collect();
        let mut text = format!("{what}\n\n{product}\n");
        for part in [news.about, news.reason] {
            let part = plain(part);
            if !part.trim().is_empty() {
                text.push_str(&format!("\n{}\n", part.trim()));
            }
        }
        let link = format!("{}{}", self.public_url, news.path);
        let link = words.text_with("steering-mail-link", &[("link", link.into())]);
        text.push_str(&format!("\n{link}\n"));
        for to in told.0 {
            let mail = json!({ "to": to, "subject": subject, "text": text });
            self.jobs
                .enqueue(&mut *tx, NewJob::new(MAIL_JOB, mail))
                .await?;
        }
        Ok(())
    }
}
