//! Mails: each step is told to those whom it concerns.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kit_access::Role;
use kit_db::Tx;
use kit_jobs::NewJob;
use kit_ui::{Locale, format};
use ports::OrganisationId;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};
use serde_json::json;

use crate::store::products::StoredProduct;
use crate::{MAIL_JOB, Startups, StartupsError};

/// Longest text of others that a mail repeats, in characters.
const REPEATED_CHARS_MAX: usize = 2_000;

/// Those who are told: each address once.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeSet<String>);

impl Told {
    pub(crate) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// What is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct News<'n> {
    /// The key of what happened: `startups-told-…`.
    pub(crate) key: &'static str,
    /// Of which product.
    pub(crate) product: &'n str,
    /// Of what; may be empty.
    pub(crate) about: &'n str,
    /// Why, or what was said; may be empty.
    pub(crate) reason: &'n str,
    /// Where it is read: a path.
    pub(crate) path: &'n str,
    /// By when.
    pub(crate) due: Option<Date>,
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

impl Startups {
    /// Those who hold a role on the start-up's ministry or its incubator.
    async fn holders(
        &self,
        told: &mut Told,
        role: Role,
        one: &StoredProduct,
    ) -> Result<(), StartupsError> {
        for organisation in [one.ministry, one.incubator].into_iter().flatten() {
            let organisation = Some(OrganisationId(organisation));
            let found = self.parties.holders(role, organisation).await?;
            told.0
                .extend(found.into_iter().map(|one| one.email.to_lowercase()));
        }
        Ok(())
    }

    /// The start-up's team, and who answers for it.
    pub(crate) async fn tell_team(&self, one: &StoredProduct) -> Result<Told, StartupsError> {
        let mut told = Told::default();
        self.holders(&mut told, PRODUCT_TEAM, one).await?;
        self.holders(&mut told, DIGITAL_DIRECTOR, one).await?;
        Ok(told)
    }

    /// The committee: the officers of the incubator, of the ministry and of the directorate.
    pub(crate) async fn tell_committee(&self, one: &StoredProduct) -> Result<Told, StartupsError> {
        let mut told = Told::default();
        self.holders(&mut told, PORTFOLIO_OFFICER, one).await?;
        let found = self.parties.holders(PORTFOLIO_OFFICER, None).await?;
        told.0
            .extend(found.into_iter().map(|one| one.email.to_lowercase()));
        Ok(told)
    }

    /// Enqueues a mail to each, in the transaction of what it tells.
    pub(crate) async fn mail(
        &self,
        tx: &mut Tx,
        told: Told,
        news: News<'_>,
    ) -> Result<(), StartupsError> {
        let words = self.words(Locale::Fr);
        let what = words.text(news.key);
        let product = plain(news.product).replace('\n', " ");
        let args = [
            ("product", product.as_str().into()),
            ("what", what.as_str().into()),
        ];
        let subject = words.text_with("startups-mail-subject", &args);
        let subject: String = subject.chars().take(200).collect();
        let mut text = format!("{what}\n\n{product}\n");
        if let Some(due) = news.due {
            let args = [("date", format::date(Locale::Fr, due).into())];
            text.push_str(&format!(
                "\n{}\n",
                words.text_with("startups-mail-due", &args)
            ));
        }
        for part in [news.about, news.reason] {
            let part = plain(part);
            if !part.trim().is_empty() {
                text.push_str(&format!("\n{}\n", part.trim()));
            }
        }
        let link = format!("{}{}", self.public_url, news.path);
        let link = words.text_with("startups-mail-link", &[("link", link.into())]);
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
