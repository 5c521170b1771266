//! Mails: each step is told to those whom it concerns.

use std::collections::BTreeSet;

use kit_access::Role;
use kit_db::Tx;
use kit_jobs::NewJob;
use ports::roles::{DATA_PRODUCER, DATA_REQUESTER, INSTRUCTOR};
use ports::{Addressee, OrganisationId, PersonId};
use serde_json::json;
use uuid::Uuid;

use crate::domain::Version;
use crate::store::accreditations::{self, Accreditation};
use crate::store::versions;
use crate::{Exchange, ExchangeError, MAIL_JOB};

/// Longest text of others that a mail repeats, in characters.
const REPEATED_CHARS_MAX: usize = 2_000;

/// Those who are told: each address once.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeSet<String>);

impl Told {
    pub(crate) fn add(&mut self, addresses: impl IntoIterator<Item = String>) {
        let lower = addresses.into_iter().map(|one| one.to_lowercase());
        self.0.extend(lower);
    }
}

impl Told {
    /// Also those whom a version names for its business and its calls.
    pub(crate) fn add_contacts(&mut self, version: &Version) {
        self.add(contacts(version));
    }
}

impl From<Told> for BTreeSet<String> {
    fn from(told: Told) -> Self {
        told.0
    }
}

impl From<BTreeSet<String>> for Told {
    fn from(addresses: BTreeSet<String>) -> Self {
        Self(addresses)
    }
}

/// What is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct News<'n> {
    /// The key of what happened: `exchange-told-…`.
    pub(crate) key: &'static str,
    /// Why, or what was said; may be empty.
    pub(crate) reason: &'n str,
}

/// A text of somebody's, as a mail may repeat it: no control characters.
pub(crate) fn plain(text: &str) -> String {
    let kept = |c: &char| !c.is_control() || *c == '\n';
    let not_a_break = |c: char| {
        if matches!(c, '\u{2028}' | '\u{2029}') {
            ' '
        } else {
            c
        }
    };
    text.chars()
        .filter(kept)
        .map(not_a_break)
        .take(REPEATED_CHARS_MAX)
        .collect()
}

impl Exchange {
    async fn holders(
        &self,
        role: Role,
        organisation: Uuid,
    ) -> Result<Vec<Addressee>, ExchangeError> {
        let organisation = Some(OrganisationId(organisation));
        Ok(self.parties.holders(role, organisation).await?)
    }

    /// Its author; when it has none, those who ask for its organisation.
    pub(crate) async fn tell_requester(
        &self,
        told: &mut Told,
        one: &Accreditation,
    ) -> Result<(), ExchangeError> {
        let author = match one.author {
            Some(author) => self.parties.addressee(PersonId(author)).await?,
            None => None,
        };
        match author {
            Some(author) => told.add([author.email]),
            None => {
                let holders = self.holders(DATA_REQUESTER, one.requester).await?;
                told.add(holders.into_iter().map(|one| one.email));
            }
        }
        Ok(())
    }

    /// Also those whom its version names for its business and its calls: they must hear of what
    /// makes calls fail.
    pub(crate) async fn tell_contacts(
        &self,
        told: &mut Told,
        one: &Accreditation,
    ) -> Result<(), ExchangeError> {
        self.tell_requester(told, one).await?;
        if let Some(granted) = one.life.granted
            && let Some(version) = versions::find(&self.db, one.id, granted.version).await?
        {
            told.add_contacts(&version);
        }
        Ok(())
    }

    /// Its instructor; when nobody took it, all.
    pub(crate) async fn tell_directorate(
        &self,
        told: &mut Told,
        one: &Accreditation,
    ) -> Result<(), ExchangeError> {
        let taken = match one.instructor {
            Some(person) => self.parties.addressee(PersonId(person)).await?,
            None => None,
        };
        match taken {
            Some(instructor) => told.add([instructor.email]),
            None => self.tell_instructors(told, Some(one.requester)).await?,
        }
        Ok(())
    }

    /// Those who decide for an organisation, or for the whole State.
    pub(crate) async fn tell_instructors(
        &self,
        told: &mut Told,
        organisation: Option<Uuid>,
    ) -> Result<(), ExchangeError> {
        let organisation = organisation.map(OrganisationId);
        let holders = self.parties.holders(INSTRUCTOR, organisation).await?;
        told.add(holders.into_iter().map(|one| one.email));
        Ok(())
    }

    /// Those who keep the APIs that it names.
    pub(crate) async fn tell_producers(
        &self,
        told: &mut Told,
        one: &Accreditation,
    ) -> Result<(), ExchangeError> {
        for producer in accreditations::producers(&self.db, one.id).await? {
            self.tell_holders(told, DATA_PRODUCER, producer).await?;
        }
        Ok(())
    }

    /// Those who hold a role on an organisation.
    pub(crate) async fn tell_holders(
        &self,
        told: &mut Told,
        role: Role,
        organisation: Uuid,
    ) -> Result<(), ExchangeError> {
        let holders = self.holders(role, organisation).await?;
        told.add(holders.into_iter().map(|one| one.email));
        Ok(())
    }

    /// Enqueues a mail about an accreditation to each, in the transaction of what it tells.
    pub(crate) async fn mail(
        &self,
        tx: &mut Tx,
        told: Told,
        one: &Accreditation,
        news: News<'_>,
    ) -> Result<(), ExchangeError> {
        let words = &self.mail_words;
        let what = words.text(news.key);
        let args = [
            ("number", one.number.to_string().into()),
            ("what", what.as_str().into()),
        ];
        let subject = words.text_with("exchange-mail-subject", &args);
        let link = format!("{}/exchange/requests/{}", self.settings.public_url, one.id);
        let text = self.mail_text(&what, &plain(&one.title), news.reason, &link);
        self.enqueue(tx, told, &subject, &text).await
    }

    /// The text of a mail.
    pub(crate) fn mail_text(&self, what: &str, about: &str, reason: &str, link: &str) -> String {
        let mut text = format!("{what}\n\n{about}\n");
        let reason = plain(reason);
        if !reason.trim().is_empty() {
            text.push_str(&format!("\n{}\n", reason.trim()));
        }
        let args = [("link", link.into())];
        text.push_str(&format!(
            "\n{}\n",
            self.mail_words.text_with("exchange-mail-link", &args)
        ));
        text
    }

    /// Enqueues a mail to each.
    pub(crate) async fn enqueue(
        &self,
        tx: &mut Tx,
        told: Told,
        subject: &str,
        text: &str,
    ) -> Result<(), ExchangeError> {
        let subject: String = subject.chars().take(200).collect();
        for to in told.0 {
            let mail = json!({ "to": to, "subject": subject, "text": text });
            self.jobs
                .enqueue(&mut *tx, NewJob::new(MAIL_JOB, mail))
                .await?;
        }
        Ok(())
    }
}

/// The addresses of those whom a version names for its business and its calls.
fn contacts(version: &Version) -> Vec<String> {
    use crate::domain::ContactRole::{Business, Technical};
    let all = version.content.contacts.iter();
    all.filter(|contact| matches!(contact.role, Business | Technical))
        .map(|contact| contact.mail.clone())
        .collect()
}
