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
        "UPDATE person SET password_hash = $2, version = version + 1 WHERE id = $1";
    SET_DISABLED = "directory.person.set_disabled":
        "UPDATE person SET disabled = $2, version = version + 1 WHERE id = $1";
    VERIFY_EMAIL = "directory.person.verify_email":
        "UPDATE person SET email_verified_at = COALESCE(email_verified_at, $3)
         WHERE id = $1 AND email = $2";
    CHANGE_EMAIL = "directory.person.change_email":
        "UPDATE person SET email = $2, email_verified_at = $3, version = version + 1
         WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM person WHERE email = $2)";
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
    /// When a mail to the address was followed.
    pub email_verified_at: Option<Timestamp>,
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
        email_verified_at: row.get("email_verified_at")?,
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

/// Notes that mails to the address are read, if it is still the account's.
pub(crate) async fn verify_email(
    tx: &mut Tx,
    id: Uuid,
    email: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    let query = VERIFY_EMAIL.bind(id).bind(email).bind(at);
    query.execute(tx).await.map(drop)
}

/// Gives the account another address, verified; gives whether nobody has it yet.
pub(crate) async fn change_email(
    tx: &mut Tx,
    id: Uuid,
    email: &str,
    at: Timestamp,
) -> Result<bool, DbError> {
    let query = CHANGE_EMAIL.bind(id).bind(email).bind(at);
    Ok(query.execute(tx).await? == 1)
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
