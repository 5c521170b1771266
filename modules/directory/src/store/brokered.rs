//! Sessions that an identity provider opens.

use jiff::Timestamp;
use kit_db::{Db, DbError, Tx};
use uuid::Uuid;

kit_db::statements! {
    BEGIN = "directory.session.begin_brokered":
        "INSERT INTO session (token_hash, id, person_id, created_at, seen_at, expires_at, methods,
            level, provider, proved_at)
         VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)";
    PROVIDER = "directory.session.provider": "SELECT provider FROM session WHERE id = $1";
}

/// A session that begins.
#[derive(Debug, Clone)]
pub(crate) struct Brokered<'b> {
    pub(crate) token_hash: Vec<u8>,
    pub(crate) id: Uuid,
    pub(crate) person: Uuid,
    pub(crate) now: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) methods: String,
    pub(crate) level: &'b str,
    pub(crate) provider: &'b str,
    pub(crate) proved_at: Option<Timestamp>,
}

pub(crate) async fn begin(tx: &mut Tx, session: Brokered<'_>) -> Result<(), DbError> {
    BEGIN
        .bind(session.token_hash)
        .bind(session.id)
        .bind(session.person)
        .bind(session.now)
        .bind(session.expires)
        .bind(session.methods)
        .bind(session.level)
        .bind(session.provider)
        .bind(session.proved_at)
        .execute(tx)
        .await
        .map(drop)
}

/// The provider that opened a session.
pub(crate) async fn provider(db: &Db, session: Uuid) -> Result<Option<String>, DbError> {
    let found = PROVIDER
        .bind(session)
        .by_key()
        .optional(db, |row| row.get("provider"));
    Ok(found.await?.flatten())
}
