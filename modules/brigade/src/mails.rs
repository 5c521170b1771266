//! Mails: each step is told to those whom it concerns.

use kit_access::Role;
use kit_acts::Post;
use kit_db::Tx;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};
use ports::{OrganisationId, PersonId};
use uuid::Uuid;

use crate::store::missions::Assignment;
use crate::{Brigade, BrigadeError, WORDING};

pub(crate) use kit_acts::{News, Told};

/// The experts of a mission.
pub(crate) fn experts(assigned: &[Assignment]) -> Told {
    let mut told = Told::default();
    for one in assigned {
        told.add(&one.email);
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
        told.extend(found.iter().map(|one| one.email.as_str()));
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
            if told.is_empty() {
                self.holders(&mut told, PRODUCT_TEAM, ministry).await?;
            }
        }
        if let Some(person) = asker
            && let Some(found) = self.parties.addressee(PersonId(person)).await?
        {
            told.add(&found.email);
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
        let post = Post {
            wording: WORDING,
            words: &self.mail_words,
            public_url: &self.public_url,
            jobs: &self.jobs,
        };
        Ok(post.send(tx, told, news).await?)
    }
}
