//! Bodies by number, and those who hold a role on them.

use kit_db::{Db, DbError, Handle, Row};
use ports::exchange::Party;
use ports::{Addressee, PersonId};
use uuid::Uuid;

/// Digits of a SIRET number.
const SIRET_CHARS: usize = 14;

kit_db::statements! {
    PARTY = "directory.party.find":
        "SELECT id, siret, name FROM organisation WHERE id = $1 AND siret IS NOT NULL";
    PARTY_OF = "directory.party.of_siret": "SELECT id, siret, name FROM organisation WHERE siret = $1";
    // The numbers stand in one text, one after the other, 14 digits each: a statement takes 48 arguments.
    PARTIES_OF = "directory.party.of_sirets":
        "WITH RECURSIVE asked (place, siret) AS (
            SELECT 0, SUBSTR(CAST($1 AS TEXT), 1, 14)
            UNION ALL SELECT place + 1, SUBSTR(CAST($1 AS TEXT), (place + 1) * 14 + 1, 14) FROM asked
            WHERE (place + 2) * 14 <= LENGTH(CAST($1 AS TEXT)))
         SELECT DISTINCT o.id, o.siret, o.name FROM asked a JOIN organisation o ON o.siret = a.siret";
    // A ring of organisations can't be: UNION would end it all the same.
    HOLDERS = "directory.grant.holders":
        "WITH RECURSIVE above (id, parent_id) AS (
            SELECT id, parent_id FROM organisation WHERE id = $2
            UNION SELECT o.id, o.parent_id FROM organisation o JOIN above a ON o.id = a.parent_id)
         SELECT DISTINCT p.id, p.name, p.email FROM role_grant g JOIN person p ON p.id = g.person_id
         WHERE g.role = $1 AND p.disabled = FALSE
           AND (g.organisation_id IS NULL OR g.organisation_id IN (SELECT id FROM above))
         ORDER BY p.email LIMIT 200";
    OF_EMAIL = "directory.person.addressee_of_email":
        "SELECT id, name, email FROM person WHERE email = $1 AND disabled = FALSE";
}

fn party(row: &Row) -> Result<Party, DbError> {
    Ok(Party {
        id: row.get("id")?,
        siret: row.get("siret")?,
        name: row.get("name")?,
    })
}

fn addressee(row: &Row) -> Result<Addressee, DbError> {
    Ok(Addressee {
        id: PersonId(row.get("id")?),
        name: row.get("name")?,
        email: row.get("email")?,
    })
}

pub(crate) async fn find(db: &Db, id: Uuid) -> Result<Option<Party>, DbError> {
    PARTY.bind(id).optional(db, party).await
}

pub(crate) async fn of_siret(db: &Db, siret: &str) -> Result<Option<Party>, DbError> {
    PARTY_OF.bind(siret).optional(db, party).await
}

/// The bodies of several numbers, in one reading.
pub(crate) async fn of_sirets(db: &Db, sirets: &[String]) -> Result<Vec<Party>, DbError> {
    // What has another length is nobody's number.
    let is_whole = |siret: &&String| siret.len() == SIRET_CHARS && siret.is_ascii();
    let asked: String = sirets.iter().filter(is_whole).map(String::as_str).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    PARTIES_OF.bind(asked).all(db, party).await
}

pub(crate) async fn holders(
    on: impl Into<Handle<'_>>,
    role: &str,
    organisation: Option<Uuid>,
) -> Result<Vec<Addressee>, DbError> {
    let query = HOLDERS.bind(role).bind(organisation);
    query.all(on, addressee).await
}

/// The open account of an address in lower case.
pub(crate) async fn of_email(db: &Db, email: &str) -> Result<Option<Addressee>, DbError> {
    OF_EMAIL.bind(email).optional(db, addressee).await
}
