//! People and what they were granted.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use serde::Serialize;
use uuid::Uuid;

kit_db::statements! {
    FIND = "directory.person.find": "SELECT * FROM person WHERE id = $1";
    BY_EMAIL = "directory.person.by_email": "SELECT * FROM person WHERE email = $1";
    LIST = "directory.person.list":
        "SELECT * FROM person WHERE name > $1 OR (name = $1 AND id > $2)
         ORDER BY name, id LIMIT $3";
    COUNT = "directory.person.count": "SELECT COUNT(*) AS n FROM person";
    INSERT = "directory.person.insert":
        "INSERT INTO person (id, email, name, organisation_id, password_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING";
    SET_PASSWORD = "directory.person.set_password":
        "UPDATE person SET password_hash = $2, failed_attempts = 0, locked_until = NULL,
            version = version + 1 WHERE id = $1";
    SET_DISABLED = "directory.person.set_disabled":
        "UPDATE person SET disabled = $2, version = version + 1 WHERE id = $1";
    FAILED = "directory.person.failed":
        "UPDATE person SET failed_attempts = failed_attempts + 1 WHERE id = $1
         RETURNING failed_attempts";
    LOCK = "directory.person.lock": "UPDATE person SET locked_until = $2 WHERE id = $1";
    SUCCEEDED = "directory.person.succeeded":
        "UPDATE person SET failed_attempts = 0, locked_until = NULL WHERE id = $1";
    GRANTS = "directory.grant.of_person":
        "SELECT * FROM role_grant WHERE person_id = $1 ORDER BY granted_at, id LIMIT 200";
    GRANT = "directory.grant.insert":
        "INSERT INTO role_grant (id, person_id, role, organisation_id, granted_by, granted_at)
         VALUES ($1, $2, $3, $4, $5, $6)";
    WITHDRAW = "directory.grant.delete":
        "DELETE FROM role_grant WHERE id = $1 AND person_id = $2";
}

/// A person, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Its id.
    pub id: Uuid,
    /// Its address, in lower case.
    pub email: String,
    /// Its name.
    pub name: String,
    /// Where it works.
    pub organisation_id: Option<Uuid>,
    /// Its password's hash (argon2id, PHC format); none before the first one is chosen.
    pub password_hash: Option<String>,
    /// Failed attempts in a row.
    pub failed_attempts: u32,
    /// The account rests until then.
    pub locked_until: Option<Timestamp>,
    /// Nobody can sign in with it.
    pub disabled: bool,
}

/// A grant, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredGrant {
    /// Its id.
    pub id: Uuid,
    /// The role.
    pub role: String,
    /// Where; the whole State when none.
    pub organisation_id: Option<Uuid>,
    /// Who granted it.
    pub granted_by: String,
    /// When.
    pub granted_at: Timestamp,
}

fn read(row: &Row) -> Result<Person, DbError> {
    Ok(Person {
        id: row.get("id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        organisation_id: row.get("organisation_id")?,
        password_hash: row.get("password_hash")?,
        failed_attempts: row.get("failed_attempts")?,
        locked_until: row.get("locked_until")?,
        disabled: row.get("disabled")?,
    })
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Person>, DbError> {
    FIND.bind(id).optional(on, read).await
}

pub(crate) async fn by_email(
    on: impl Into<Handle<'_>>,
    email: &str,
) -> Result<Option<Person>, DbError> {
    BY_EMAIL.bind(email).optional(on, read).await
}

/// People after `(name, id)`, by name.
pub(crate) async fn list(db: &Db, after: (&str, Uuid), limit: u32) -> Result<Vec<Person>, DbError> {
    LIST.bind(after.0)
        .bind(after.1)
        .bind(limit)
        .all(db, read)
        .await
}

pub(crate) async fn count(db: &Db) -> Result<i64, DbError> {
    COUNT.query().one(db, |row| row.get("n")).await
}

/// Adds a person; gives whether the address was free.
pub(crate) async fn insert(tx: &mut Tx, person: &Person, at: Timestamp) -> Result<bool, DbError> {
    let added = INSERT
        .bind(person.id)
        .bind(&person.email)
        .bind(&person.name)
        .bind(person.organisation_id)
        .bind(person.password_hash.clone())
        .bind(at)
        .execute(tx)
        .await?;
    Ok(added == 1)
}

pub(crate) async fn set_password(tx: &mut Tx, id: Uuid, hash: &str) -> Result<(), DbError> {
    SET_PASSWORD.bind(id).bind(hash).execute(tx).await.map(drop)
}

pub(crate) async fn set_disabled(tx: &mut Tx, id: Uuid, disabled: bool) -> Result<(), DbError> {
    SET_DISABLED
        .bind(id)
        .bind(disabled)
        .execute(tx)
        .await
        .map(drop)
}

/// Counts a failed attempt; gives how many there are in a row.
pub(crate) async fn failed(tx: &mut Tx, id: Uuid) -> Result<u32, DbError> {
    FAILED
        .bind(id)
        .one(tx, |row| row.get("failed_attempts"))
        .await
}

pub(crate) async fn lock(tx: &mut Tx, id: Uuid, until: Timestamp) -> Result<(), DbError> {
    LOCK.bind(id).bind(until).execute(tx).await.map(drop)
}

pub(crate) async fn succeeded(tx: &mut Tx, id: Uuid) -> Result<(), DbError> {
    SUCCEEDED.bind(id).execute(tx).await.map(drop)
}

pub(crate) async fn grants(
    on: impl Into<Handle<'_>>,
    person: Uuid,
) -> Result<Vec<StoredGrant>, DbError> {
    GRANTS
        .bind(person)
        .all(on, |row| {
            Ok(StoredGrant {
                id: row.get("id")?,
                role: row.get("role")?,
                organisation_id: row.get("organisation_id")?,
                granted_by: row.get("granted_by")?,
                granted_at: row.get("granted_at")?,
            })
        })
        .await
}

pub(crate) async fn grant(tx: &mut Tx, person: Uuid, grant: &StoredGrant) -> Result<(), DbError> {
    GRANT
        .bind(grant.id)
        .bind(person)
        .bind(&grant.role)
        .bind(grant.organisation_id)
        .bind(&grant.granted_by)
        .bind(grant.granted_at)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn withdraw(tx: &mut Tx, person: Uuid, grant: Uuid) -> Result<bool, DbError> {
    Ok(WITHDRAW.bind(grant).bind(person).execute(tx).await? == 1)
}
