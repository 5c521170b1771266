//! Bodies by number and those who hold a role on them, as the data exchange sees them.

use kit_access::Role;
use kit_db::Tx;
use ports::exchange::Party;
use ports::{
    Addressee, Answered, OrganisationId, PARTIES_AT_ONCE_MAX, Parties, PersonId, PortError,
};

use crate::Directory;
use crate::domain;
use crate::store::{accounts, parties};

/// The directory's bodies, as the data exchange sees them.
#[derive(Debug, Clone)]
pub struct PartyPort(pub(crate) Directory);

fn port(error: kit_db::DbError) -> PortError {
    PortError(Box::new(error))
}

fn addressee(account: ports::AccountSummary) -> Addressee {
    Addressee {
        id: account.id,
        name: account.name,
        email: account.email,
    }
}

impl Parties for PartyPort {
    fn party(&self, id: OrganisationId) -> Answered<'_, Option<Party>> {
        Box::pin(async move { parties::find(&self.0.db, id.0).await.map_err(port) })
    }

    fn party_of_siret<'f>(&'f self, siret: &'f str) -> Answered<'f, Option<Party>> {
        Box::pin(async move { parties::of_siret(&self.0.db, siret).await.map_err(port) })
    }

    fn parties_of_sirets<'f>(&'f self, sirets: &'f [String]) -> Answered<'f, Vec<Party>> {
        Box::pin(async move {
            if sirets.len() > PARTIES_AT_ONCE_MAX {
                let told = format!("at most {PARTIES_AT_ONCE_MAX} numbers at once");
                return Err(PortError(told.into()));
            }
            let found = parties::of_sirets(&self.0.db, sirets).await;
            found.map_err(port)
        })
    }

    fn holders(
        &self,
        role: Role,
        organisation: Option<OrganisationId>,
    ) -> Answered<'_, Vec<Addressee>> {
        Box::pin(async move {
            let organisation = organisation.map(|id| id.0);
            let found = parties::holders(&self.0.db, role.0, organisation).await;
            found.map_err(port)
        })
    }

    fn holders_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        role: Role,
        organisation: Option<OrganisationId>,
    ) -> Answered<'f, Vec<Addressee>> {
        Box::pin(async move {
            let organisation = organisation.map(|id| id.0);
            parties::holders(tx, role.0, organisation)
                .await
                .map_err(port)
        })
    }

    fn addressee_of_email<'f>(&'f self, email: &'f str) -> Answered<'f, Option<Addressee>> {
        Box::pin(async move {
            let Some(email) = domain::email(email) else {
                return Ok(None);
            };
            parties::of_email(&self.0.db, &email).await.map_err(port)
        })
    }

    fn addressee(&self, person: PersonId) -> Answered<'_, Option<Addressee>> {
        Box::pin(async move {
            let found = accounts::open(&self.0.db, person).await.map_err(port)?;
            Ok(found.map(addressee))
        })
    }

    fn addressee_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        person: PersonId,
    ) -> Answered<'f, Option<Addressee>> {
        Box::pin(async move {
            let found = accounts::open(tx, person).await.map_err(port)?;
            Ok(found.map(addressee))
        })
    }
}
