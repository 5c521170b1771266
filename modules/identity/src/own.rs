//! What a person sees and ends: what services know of it.

use jiff::Timestamp;
use kit_access::Actor;
use kit_journal::Change;
use uuid::Uuid;

use crate::access::OWN_SERVICES;
use crate::store::authorizations::{self as store, Authorization, Consent};
use crate::{Identity, IdentityError};

impl Identity {
    fn own(actor: &Actor) -> Result<Uuid, IdentityError> {
        actor.demand(&OWN_SERVICES, None)?;
        actor.person_id().ok_or(IdentityError::NotFound)
    }

    /// What the person agreed to tell, by service.
    pub(crate) async fn own_consents(&self, actor: &Actor) -> Result<Vec<Consent>, IdentityError> {
        Ok(store::consents(&self.db, Self::own(actor)?).await?)
    }

    /// The person's sign-ins to services before `(instant, id)`, the latest first.
    pub(crate) async fn own_sign_ins(
        &self,
        actor: &Actor,
        before: (Timestamp, Uuid),
        limit: u32,
    ) -> Result<Vec<(Authorization, String)>, IdentityError> {
        Ok(store::of_person(&self.db, Self::own(actor)?, before, limit).await?)
    }

    /// Takes back what the person agreed to tell a service, and ends what the service holds.
    pub async fn withdraw_consent(&self, actor: &Actor, client: Uuid) -> Result<(), IdentityError> {
        let person = Self::own(actor)?;
        let now = self.source.now();
        let mut tx = self.db.begin().await?;
        let was_there = store::withdraw(&mut tx, person, client).await?;
        store::revoke_pair(&mut tx, person, client, now).await?;
        if was_there {
            let change = Change::new("identity.consent.withdraw", "service", client);
            self.journal.append(&mut tx, actor, change).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
