//! Accounts and sessions, as other modules see them.

use ports::{
    AccountOrganisation, AccountSummary, Accounts, Answered, OrganisationId, PersonId, PortError,
    SessionSummary,
};
use uuid::Uuid;

use crate::store::{organisations, people};
use crate::{Directory, DirectoryError};

/// The directory's accounts, as other modules see them.
#[derive(Debug, Clone)]
pub struct AccountPort(pub(crate) Directory);

fn port(error: impl Into<DirectoryError>) -> PortError {
    PortError(Box::new(error.into()))
}

impl AccountPort {
    async fn find(&self, id: Uuid) -> Result<Option<AccountSummary>, DirectoryError> {
        let db = &self.0.db;
        let Some(person) = people::find(db, id)
            .await?
            .filter(|person| !person.disabled)
        else {
            return Ok(None);
        };
        let organisation = match person.organisation_id {
            Some(id) => organisations::find(db, id).await?,
            None => None,
        };
        Ok(Some(AccountSummary {
            id: PersonId(person.id),
            name: person.name,
            email: person.email,
            organisation: organisation.map(|organisation| AccountOrganisation {
                id: OrganisationId(organisation.id),
                name: organisation.name,
                siret: organisation.siret,
            }),
        }))
    }
}

impl Accounts for AccountPort {
    fn account(&self, id: PersonId) -> Answered<'_, Option<AccountSummary>> {
        Box::pin(async move { self.find(id.0).await.map_err(port) })
    }

    fn session<'f>(&'f self, cookie: &'f str) -> Answered<'f, Option<SessionSummary>> {
        Box::pin(async move {
            let found = self.0.session_of(cookie).await.map_err(port)?;
            Ok(found.map(|session| SessionSummary {
                id: session.id,
                person: PersonId(session.person),
                begun_at: session.created_at,
                methods: session
                    .methods
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect(),
            }))
        })
    }

    fn is_live(&self, session: Uuid) -> Answered<'_, bool> {
        Box::pin(async move { self.0.is_live(session).await.map_err(port) })
    }

    fn end_session(&self, session: Uuid) -> Answered<'_, bool> {
        Box::pin(async move { self.0.end_session(session).await.map_err(port) })
    }
}
