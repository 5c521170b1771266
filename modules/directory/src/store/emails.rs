//! Links that show that a mailbox is read: only hashes of their tokens are kept.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Tx};
use uuid::Uuid;

kit_db::statements! {
    BEGIN = "directory.email_link.begin":
        "INSERT INTO email_link (token_hash, person_id, email, expires_at)
         VALUES ($1, $2, $3, $4)";
    FIND = "directory.email_link.find":
        "SELECT person_id, email FROM email_link WHERE token_hash = $1 AND expires_at > $2";
    LIVE = "directory.email_link.live":
        "SELECT COUNT(*) AS n FROM email_link WHERE person_id = $1 AND expires_at > $2";
    // Following one link ends the others: two changes of address can't cross.
    USE = "directory.email_link.use": "DELETE FROM email_link WHERE person_id = $1";
    FORGET = "directory.email_link.forget": "DELETE FROM email_link WHERE expires_at < $1";
}

/// A link, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmailLink {
    pub(crate) person: Uuid,
    pub(crate) email: String,
}

pub(crate) async fn begin(
    tx: &mut Tx,
    token_hash: &[u8],
    link: &EmailLink,
    expires: Timestamp,
) -> Result<(), DbError> {
    BEGIN
        .bind(token_hash.to_vec())
        .bind(link.person)
        .bind(&link.email)
        .bind(expires)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<EmailLink>, DbError> {
    let query = FIND.bind(token_hash.to_vec()).bind(now);
    let found = query.optional(on, |row| {
        Ok(EmailLink {
            person: row.get("person_id")?,
            email: row.get("email")?,
        })
    });
    found.await
}

/// How many links of a person still work.
pub(crate) async fn live(tx: &mut Tx, person: Uuid, now: Timestamp) -> Result<i64, DbError> {
    let query = LIVE.bind(person).bind(now);
    query.one(tx, |row| row.get("n")).await
}

pub(crate) async fn use_all(tx: &mut Tx, person: Uuid) -> Result<(), DbError> {
    USE.bind(person).execute(tx).await.map(drop)
}

pub(crate) async fn forget(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(now).execute(db).await
}
