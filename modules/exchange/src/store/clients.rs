//! The clients and the opaque keys that may use an accreditation.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

kit_db::statements! {
    NAME = "exchange.client.insert":
        "INSERT INTO exchange_client (accreditation_id, client_id, name, organisation_id, named_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (accreditation_id, client_id) DO NOTHING";
    REMOVE = "exchange.client.delete":
        "DELETE FROM exchange_client WHERE accreditation_id = $1 AND client_id = $2";
    REMOVE_OF = "exchange.client.delete_of_organisation":
        "DELETE FROM exchange_client WHERE accreditation_id = $1 AND organisation_id = $2";
    REMOVE_ALL = "exchange.client.delete_all":
        "DELETE FROM exchange_client WHERE accreditation_id = $1";
    OF = "exchange.client.of_accreditation":
        "SELECT * FROM exchange_client WHERE accreditation_id = $1 ORDER BY client_id LIMIT 100";
    EVERY = "exchange.client.every":
        "SELECT * FROM exchange_client ORDER BY accreditation_id, client_id LIMIT 200000";
    USABLE = "exchange.client.usable":
        "SELECT a.id FROM exchange_client c JOIN exchange_accreditation a ON a.id = c.accreditation_id
         WHERE c.client_id = $1 AND a.standing = 'in-force' AND a.valid_until > $2
         ORDER BY a.id LIMIT 100";
    ADD_KEY = "exchange.key.insert":
        "INSERT INTO exchange_key (id, accreditation_id, hash, label, made_by, made_at)
         VALUES ($1, $2, $3, $4, $5, $6)";
    REVOKE = "exchange.key.revoke":
        "UPDATE exchange_key SET revoked_at = $3
         WHERE id = $1 AND accreditation_id = $2 AND revoked_at IS NULL";
    REVOKE_ALL = "exchange.key.revoke_all":
        "UPDATE exchange_key SET revoked_at = $2 WHERE accreditation_id = $1 AND revoked_at IS NULL";
    KEYS = "exchange.key.of_accreditation":
        "SELECT id, label, made_by, made_at, revoked_at FROM exchange_key
         WHERE accreditation_id = $1 ORDER BY made_at DESC, id DESC LIMIT 100";
    LIVE_KEYS = "exchange.key.live":
        "SELECT accreditation_id, hash FROM exchange_key WHERE revoked_at IS NULL
         ORDER BY accreditation_id, made_at, id LIMIT 200000";
}

/// A client that may use an accreditation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedClient {
    pub(crate) accreditation: Uuid,
    pub(crate) client_id: String,
    pub(crate) name: String,
    pub(crate) organisation: Uuid,
}

fn client(row: &Row) -> Result<NamedClient, DbError> {
    Ok(NamedClient {
        accreditation: row.get("accreditation_id")?,
        client_id: row.get("client_id")?,
        name: row.get("name")?,
        organisation: row.get("organisation_id")?,
    })
}

/// Names a client; gives whether it wasn't.
pub(crate) async fn name(tx: &mut Tx, one: &NamedClient, at: Timestamp) -> Result<bool, DbError> {
    let query = NAME
        .bind(one.accreditation)
        .bind(&one.client_id)
        .bind(&one.name)
        .bind(one.organisation)
        .bind(at);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn remove(tx: &mut Tx, of: Uuid, client_id: &str) -> Result<bool, DbError> {
    Ok(REMOVE.bind(of).bind(client_id).execute(tx).await? == 1)
}

/// Removes those of an organisation.
pub(crate) async fn remove_of(tx: &mut Tx, of: Uuid, organisation: Uuid) -> Result<(), DbError> {
    REMOVE_OF
        .bind(of)
        .bind(organisation)
        .execute(tx)
        .await
        .map(drop)
}

/// Removes all, and revokes every key.
pub(crate) async fn remove_all(tx: &mut Tx, of: Uuid, at: Timestamp) -> Result<(), DbError> {
    REMOVE_ALL.bind(of).execute(&mut *tx).await?;
    REVOKE_ALL.bind(of).bind(at).execute(tx).await.map(drop)
}

/// Revokes every key of an accreditation.
pub(crate) async fn revoke_all(tx: &mut Tx, of: Uuid, at: Timestamp) -> Result<(), DbError> {
    REVOKE_ALL.bind(of).bind(at).execute(tx).await.map(drop)
}

pub(crate) async fn of_accreditation(
    on: impl Into<Handle<'_>>,
    of: Uuid,
) -> Result<Vec<NamedClient>, DbError> {
    OF.bind(of).all(on, client).await
}

/// Every client, by accreditation.
pub(crate) async fn every(on: impl Into<Handle<'_>>) -> Result<Vec<NamedClient>, DbError> {
    EVERY.query().all(on, client).await
}

/// The accreditations in force that a client may use.
pub(crate) async fn usable(db: &Db, client_id: &str, at: Timestamp) -> Result<Vec<Uuid>, DbError> {
    let query = USABLE.bind(client_id).bind(at);
    query.all(db, |row| row.get("id")).await
}

/// An opaque key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredKey {
    pub(crate) id: Uuid,
    pub(crate) label: String,
    pub(crate) made_by: String,
    pub(crate) made_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
}

pub(crate) async fn add_key(
    tx: &mut Tx,
    of: Uuid,
    key: &StoredKey,
    hash: [u8; 32],
) -> Result<(), DbError> {
    ADD_KEY
        .bind(key.id)
        .bind(of)
        .bind(hash.to_vec())
        .bind(&key.label)
        .bind(&key.made_by)
        .bind(key.made_at)
        .execute(tx)
        .await
        .map(drop)
}

/// Revokes a key; gives whether it worked until now.
pub(crate) async fn revoke(
    tx: &mut Tx,
    id: Uuid,
    of: Uuid,
    at: Timestamp,
) -> Result<bool, DbError> {
    Ok(REVOKE.bind(id).bind(of).bind(at).execute(tx).await? == 1)
}

/// The keys of an accreditation, the latest first.
pub(crate) async fn keys(db: &Db, of: Uuid) -> Result<Vec<StoredKey>, DbError> {
    let read = |row: &Row| {
        Ok(StoredKey {
            id: row.get("id")?,
            label: row.get("label")?,
            made_by: row.get("made_by")?,
            made_at: row.get("made_at")?,
            revoked_at: row.get("revoked_at")?,
        })
    };
    KEYS.bind(of).all(db, read).await
}

/// The hashes of the keys that work, by accreditation.
pub(crate) async fn live_keys(on: impl Into<Handle<'_>>) -> Result<Vec<(Uuid, Vec<u8>)>, DbError> {
    let read = |row: &Row| Ok((row.get("accreditation_id")?, row.get("hash")?));
    LIVE_KEYS.query().all(on, read).await
}
