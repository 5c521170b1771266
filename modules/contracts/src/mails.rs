//! Mails: each step is told to those whom it concerns.

use kit_access::Role;
use kit_acts::Post;
use kit_db::Tx;
use kit_ui::Locale;
use ports::OrganisationId;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};
use uuid::Uuid;

use crate::{Contracts, ContractsError, WORDING};

pub(crate) use kit_acts::{News, Told};

impl Contracts {
    async fn holders(
        &self,
        told: &mut Told,
        role: Role,
        ministry: Option<Uuid>,
    ) -> Result<(), ContractsError> {
        let ministry = ministry.map(OrganisationId);
        let found = self.ports.parties.holders(role, ministry).await?;
        told.extend(found.iter().map(|one| one.email.as_str()));
        Ok(())
    }

    /// The officers of the directorate.
    pub(crate) async fn tell_directorate(
        &self,
        ministry: Option<Uuid>,
    ) -> Result<Told, ContractsError> {
        let mut told = Told::default();
        self.holders(&mut told, PORTFOLIO_OFFICER, ministry).await?;
        Ok(told)
    }

    /// The ministry's digital director; those of its products when there is none.
    pub(crate) async fn tell_ministry(
        &self,
        ministry: Option<Uuid>,
    ) -> Result<Told, ContractsError> {
        let mut told = Told::default();
        if ministry.is_some() {
            self.holders(&mut told, DIGITAL_DIRECTOR, ministry).await?;
            if told.is_empty() {
                self.holders(&mut told, PRODUCT_TEAM, ministry).await?;
            }
        }
        Ok(told)
    }

    /// Both sides.
    pub(crate) async fn tell_both(&self, ministry: Option<Uuid>) -> Result<Told, ContractsError> {
        let told = self.tell_directorate(ministry).await?;
        Ok(told.and(self.tell_ministry(ministry).await?))
    }

    /// Enqueues a mail to each, in the transaction of what it tells.
    pub(crate) async fn mail(
        &self,
        tx: &mut Tx,
        told: &Told,
        news: News<'_>,
    ) -> Result<(), ContractsError> {
        let post = Post {
            wording: WORDING,
            words: &self.words(Locale::Fr),
            public_url: &self.public_url,
            jobs: &self.jobs,
        };
        Ok(post.send(tx, told, news).await?)
    }
}
