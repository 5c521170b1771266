//! What a person sees and ends: what services know of it.

use jiff::Timestamp;
use kit_access::Actor;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::OWN_SERVICES;
use crate::store::authorizations::{self as store, Authorization, Consent};
use crate::store::citizens::{self, CitizenSession, CitizenSignIn};
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
        self.withdraw(actor, Self::own(actor)?, client).await
    }

    async fn withdraw(
        &self,
        actor: &Actor,
        person: Uuid,
        client: Uuid,
    ) -> Result<(), IdentityError> {
        let now = self.source.now();
        let mut tx = self.db.begin().await?;
        let was_there = store::withdraw(&mut tx, person, client).await?;
        store::revoke_pair(&mut tx, person, client, now).await?;
        if was_there {
            let change = Change::new("identity.consent.withdraw", "service", client)
                .after(json!({ "person": person }));
            self.journal.append(&mut tx, actor, change).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Ends all that came from one sign-in to a service, and says so: others hold tokens made from it.
    pub(crate) async fn revoke_sign_in(&self, id: Uuid) -> Result<(), IdentityError> {
        let mut tx = self.db.begin().await?;
        store::revoke(&mut tx, id, self.source.now()).await?;
        let change = Change::new("identity.sign_in.revoke", "sign-in", id);
        let actor = Actor::system("identity");
        self.journal.append(&mut tx, &actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What a citizen agreed to tell, by service. Whose session it is was asked before.
    pub(crate) async fn citizen_consents(
        &self,
        citizen: Uuid,
    ) -> Result<Vec<Consent>, IdentityError> {
        Ok(store::consents(&self.db, citizen).await?)
    }

    /// A citizen's sign-ins to services before `(instant, id)`, the latest first.
    pub(crate) async fn citizen_sign_ins(
        &self,
        citizen: Uuid,
        before: (Timestamp, Uuid),
        limit: u32,
    ) -> Result<Vec<CitizenSignIn>, IdentityError> {
        Ok(citizens::sign_ins(&self.db, citizen, before, limit).await?)
    }

    /// A citizen's sessions that go on.
    pub(crate) async fn citizen_sessions(
        &self,
        citizen: Uuid,
    ) -> Result<Vec<CitizenSession>, IdentityError> {
        Ok(citizens::of_citizen(&self.db, citizen, self.source.now()).await?)
    }

    /// The same as [`Identity::withdraw_consent`], of a citizen.
    pub(crate) async fn withdraw_citizens_consent(
        &self,
        citizen: Uuid,
        client: Uuid,
    ) -> Result<(), IdentityError> {
        let actor = Actor::system("identity");
        self.withdraw(&actor, citizen, client).await
    }
}
