//! Sessions that an identity provider opens.

use jiff::Timestamp;
use kit_db::{Db, DbError, Tx};
use uuid::Uuid;

use super::sessions::NewSession;

kit_db::statements! {
    BEGIN = "directory.session.begin_brokered":
        "INSERT INTO session (token_hash, id, person_id, created_at, seen_at, expires_at, methods,
            level, provider, proved_at, browser, network, device_hash)
         VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    PROVIDER = "directory.session.provider": "SELECT provider FROM session WHERE id = $1";
}

/// What a provider said of a session that begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brokered<'b> {
    pub(crate) level: &'b str,
    pub(crate) provider: &'b str,
    pub(crate) proved_at: Option<Timestamp>,
}

pub(crate) async fn begin(
    tx: &mut Tx,
    new: &NewSession<'_>,
    said: Brokered<'_>,
) -> Result<(), DbError> {
    BEGIN
        .bind(new.token_hash.to_vec())
        .bind(new.id)
        .bind(new.person)
        .bind(new.now)
        .bind(new.expires)
        .bind(new.methods)
        .bind(said.level)
        .bind(said.provider)
        .bind(said.proved_at)
        .bind(new.browser)
        .bind(new.network)
        .bind(new.device_hash.map(|hash| hash.to_vec()))
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
