//! Accounts as services are told of them: the person and where it works, in one statement.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row};
use ports::{AccountOrganisation, AccountSummary, OrganisationId, PersonId};
use uuid::Uuid;

kit_db::statements! {
    OPEN = "directory.account.open":
        "SELECT p.id, p.name, p.email, p.email_verified_at, o.id AS organisation, o.name AS organisation_name, o.siret
         FROM person p LEFT JOIN organisation o ON o.id = p.organisation_id
         WHERE p.id = $1 AND p.disabled = FALSE";
    OPEN_IN = "directory.account.open_in":
        "SELECT p.id, p.name, p.email, p.email_verified_at, o.id AS organisation, o.name AS organisation_name, o.siret
         FROM session s JOIN person p ON p.id = s.person_id
         LEFT JOIN organisation o ON o.id = p.organisation_id
         WHERE s.id = $2 AND s.expires_at > $3 AND p.id = $1 AND p.disabled = FALSE";
}

fn read(row: &Row) -> Result<AccountSummary, DbError> {
    let organisation: Option<Uuid> = row.get("organisation")?;
    let organisation = match organisation {
        None => None,
        Some(id) => Some(AccountOrganisation {
            id: OrganisationId(id),
            name: row.get("organisation_name")?,
            siret: row.get("siret")?,
        }),
    };
    Ok(AccountSummary {
        id: PersonId(row.get("id")?),
        name: row.get("name")?,
        email: row.get("email")?,
        email_verified: row.get::<Option<Timestamp>>("email_verified_at")?.is_some(),
        organisation,
    })
}

/// An account that isn't closed.
pub(crate) async fn open(
    on: impl Into<Handle<'_>>,
    id: PersonId,
) -> Result<Option<AccountSummary>, DbError> {
    OPEN.bind(id.0).by_key().optional(on, read).await
}

/// An account that isn't closed and whose session goes on.
pub(crate) async fn open_in(
    db: &Db,
    id: PersonId,
    session: Uuid,
    now: Timestamp,
) -> Result<Option<AccountSummary>, DbError> {
    let query = OPEN_IN.bind(id.0).bind(session).bind(now).by_key();
    query.optional(db, read).await
}
