//! Mails: each step is told to those whom it concerns.

use kit_access::Role;
use kit_acts::Post;
use kit_db::Tx;
use kit_ui::Locale;
use ports::OrganisationId;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};

use crate::store::products::StoredProduct;
use crate::{Startups, StartupsError, WORDING};

pub(crate) use kit_acts::{News, Told};

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
            told.extend(found.iter().map(|one| one.email.as_str()));
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
        told.extend(found.iter().map(|one| one.email.as_str()));
        Ok(told)
    }

    /// Enqueues a mail to each, in the transaction of what it tells.
    pub(crate) async fn mail(
        &self,
        tx: &mut Tx,
        told: Told,
        news: News<'_>,
    ) -> Result<(), StartupsError> {
        let post = Post {
            wording: WORDING,
            words: &self.words(Locale::Fr),
            public_url: &self.public_url,
            jobs: &self.jobs,
        };
        Ok(post.send(tx, &told, news).await?)
    }
}
