//! Accounts and sessions, as other modules see them.

use kit_access::Actor;
use kit_db::Tx;
use ports::{
    AccountSummary, Accounts, Answered, BegunSession, BrokeredSession, NewAccount, NewSession,
    PersonId, PortError, SessionSummary,
};
use uuid::Uuid;

use crate::domain;
use crate::store::{accounts, brokered, people};
use crate::{Directory, DirectoryError};

/// The directory's accounts, as other modules see them.
#[derive(Debug, Clone)]
pub struct AccountPort(pub(crate) Directory);

fn port(error: impl Into<DirectoryError>) -> PortError {
    PortError(Box::new(error.into()))
}

impl Accounts for AccountPort {
    fn account(&self, id: PersonId) -> Answered<'_, Option<AccountSummary>> {
        Box::pin(async move { accounts::open(&self.0.db, id).await.map_err(port) })
    }

    fn account_in(
        &self,
        id: PersonId,
        session: Option<Uuid>,
    ) -> Answered<'_, Option<AccountSummary>> {
        Box::pin(async move {
            let db = &self.0.db;
            match session {
                None => accounts::open(db, id).await.map_err(port),
                Some(session) => {
                    let now = self.0.source.now();
                    let found = accounts::open_in(db, id, session, now).await;
                    found.map_err(port)
                }
            }
        })
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
                brokered: match (session.provider, session.level) {
                    (Some(provider), Some(level)) => Some(BrokeredSession {
                        provider,
                        level,
                        proved_at: session.proved_at,
                    }),
                    _ => None,
                },
            }))
        })
    }

    fn has_second_factor(&self, id: PersonId) -> Answered<'_, bool> {
        Box::pin(async move {
            let factors = self.0.factors(id.0).await.map_err(port)?;
            Ok(factors.is_any())
        })
    }

    fn is_live(&self, session: Uuid) -> Answered<'_, bool> {
        Box::pin(async move { self.0.is_live(session).await.map_err(port) })
    }

    fn account_of_email<'f>(&'f self, email: &'f str) -> Answered<'f, Option<PersonId>> {
        Box::pin(async move {
            let Some(email) = domain::email(email) else {
                return Ok(None);
            };
            let found = people::by_email(&self.0.db, &email).await.map_err(port)?;
            Ok(found.map(|person| PersonId(person.id)))
        })
    }

    fn add_account<'f>(
        &'f self,
        tx: &'f mut Tx,
        actor: &'f Actor,
        account: NewAccount<'f>,
    ) -> Answered<'f, Option<PersonId>> {
        Box::pin(async move { self.0.add_brokered(tx, actor, &account).await.map_err(port) })
    }

    fn begin_session<'f>(
        &'f self,
        tx: &'f mut Tx,
        session: NewSession<'f>,
    ) -> Answered<'f, Option<BegunSession>> {
        Box::pin(async move { self.0.begin_brokered(tx, &session).await.map_err(port) })
    }

    fn provider_of(&self, session: Uuid) -> Answered<'_, Option<String>> {
        Box::pin(async move { brokered::provider(&self.0.db, session).await.map_err(port) })
    }

    fn end_session(&self, session: Uuid) -> Answered<'_, bool> {
        Box::pin(async move { self.0.end_session(session).await.map_err(port) })
    }
}
