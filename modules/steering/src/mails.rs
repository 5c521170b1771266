//! Mails: each step is told to those whom it concerns.

use kit_access::Role;
use kit_acts::Post;
use kit_db::Tx;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};
use ports::{OrganisationId, PersonId};
use uuid::Uuid;

use crate::store::recommendations::Recommendation;
use crate::{Steering, SteeringError, WORDING};

pub(crate) use kit_acts::{News, Told};

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
        told.extend(found.iter().map(|one| one.email.as_str()));
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
            if told.is_empty() {
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
            told.add(&found.email);
            return Ok(told);
        }
        if one.ministry.is_some() {
            self.holders(tx, &mut told, PRODUCT_TEAM, one.ministry)
                .await?;
        }
        if told.is_empty() {
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
        let post = Post {
            wording: WORDING,
            words: &self.mail_words,
            public_url: &self.public_url,
            jobs: &self.jobs,
        };
        Ok(post.send(tx, &told, news).await?)
    }
}
