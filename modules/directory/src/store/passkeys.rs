//! Passkeys, and the challenges that wait for one.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

kit_db::statements! {
    CHALLENGE = "directory.passkey_challenge.begin":
        "INSERT INTO passkey_challenge (token_hash, challenge, person_id, expires_at)
         VALUES ($1, $2, $3, $4)";
    // A challenge is answered once, well or badly.
    TAKE = "directory.passkey_challenge.take":
        "DELETE FROM passkey_challenge WHERE token_hash = $1 RETURNING challenge, person_id, expires_at";
    FORGET = "directory.passkey_challenge.forget":
        "DELETE FROM passkey_challenge WHERE expires_at < $1";
    INSERT = "directory.passkey.insert":
        "INSERT INTO passkey (id, credential_id, person_id, name, public_key, sign_count, is_synced,
            created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (credential_id) DO NOTHING";
    OF_PERSON = "directory.passkey.of_person":
        "SELECT * FROM passkey WHERE person_id = $1 ORDER BY created_at, id LIMIT 100";
    COUNT = "directory.passkey.count": "SELECT COUNT(*) AS n FROM passkey WHERE person_id = $1";
    BY_CREDENTIAL = "directory.passkey.by_credential":
        "SELECT * FROM passkey WHERE credential_id = $1";
    USED = "directory.passkey.used":
        "UPDATE passkey SET sign_count = $2, is_synced = $3, used_at = $4
         WHERE id = $1 AND sign_count = $5";
    SUSPECT = "directory.passkey.suspect": "UPDATE passkey SET suspect_at = $2 WHERE id = $1";
    RENAME = "directory.passkey.rename":
        "UPDATE passkey SET name = $3 WHERE id = $1 AND person_id = $2";
    REMOVE = "directory.passkey.remove": "DELETE FROM passkey WHERE id = $1 AND person_id = $2";
    REMOVE_ALL = "directory.passkey.remove_all": "DELETE FROM passkey WHERE person_id = $1";
}

/// A passkey, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passkey {
    pub(crate) id: Uuid,
    pub(crate) credential_id: Vec<u8>,
    pub(crate) person: Uuid,
    pub(crate) name: String,
    pub(crate) public_key: Vec<u8>,
    pub(crate) sign_count: u32,
    pub(crate) is_synced: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) used_at: Option<Timestamp>,
    pub(crate) suspect_at: Option<Timestamp>,
}

/// A challenge that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) bytes: Vec<u8>,
    pub(crate) person: Option<Uuid>,
    pub(crate) expires: Timestamp,
}

fn read(row: &Row) -> Result<Passkey, DbError> {
    Ok(Passkey {
        id: row.get("id")?,
        credential_id: row.get("credential_id")?,
        person: row.get("person_id")?,
        name: row.get("name")?,
        public_key: row.get("public_key")?,
        sign_count: row.get("sign_count")?,
        is_synced: row.get("is_synced")?,
        created_at: row.get("created_at")?,
        used_at: row.get("used_at")?,
        suspect_at: row.get("suspect_at")?,
    })
}

pub(crate) async fn begin_challenge(
    db: &Db,
    token_hash: &[u8],
    challenge: &Challenge,
) -> Result<(), DbError> {
    CHALLENGE
        .bind(token_hash.to_vec())
        .bind(challenge.bytes.clone())
        .bind(challenge.person)
        .bind(challenge.expires)
        .execute(db)
        .await
        .map(drop)
}

pub(crate) async fn take_challenge(
    tx: &mut Tx,
    token_hash: &[u8],
) -> Result<Option<Challenge>, DbError> {
    let taken = TAKE.bind(token_hash.to_vec()).optional(tx, |row| {
        Ok(Challenge {
            bytes: row.get("challenge")?,
            person: row.get("person_id")?,
            expires: row.get("expires_at")?,
        })
    });
    taken.await
}

pub(crate) async fn forget_challenges(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(now).execute(db).await
}

/// Adds a passkey; gives whether no account has it yet.
pub(crate) async fn insert(tx: &mut Tx, passkey: &Passkey) -> Result<bool, DbError> {
    let added = INSERT
        .bind(passkey.id)
        .bind(passkey.credential_id.clone())
        .bind(passkey.person)
        .bind(&passkey.name)
        .bind(passkey.public_key.clone())
        .bind(passkey.sign_count)
        .bind(passkey.is_synced)
        .bind(passkey.created_at)
        .execute(tx)
        .await?;
    Ok(added == 1)
}

/// The passkeys of a person, the oldest first; at most 100.
pub(crate) async fn of_person(
    on: impl Into<Handle<'_>>,
    person: Uuid,
) -> Result<Vec<Passkey>, DbError> {
    OF_PERSON.bind(person).all(on, read).await
}

pub(crate) async fn count(on: impl Into<Handle<'_>>, person: Uuid) -> Result<i64, DbError> {
    COUNT.bind(person).one(on, |row| row.get("n")).await
}

pub(crate) async fn by_credential(
    db: &Db,
    credential_id: &[u8],
) -> Result<Option<Passkey>, DbError> {
    let query = BY_CREDENTIAL.bind(credential_id.to_vec());
    query.optional(db, read).await
}

/// Notes a use; gives whether the counter was still the one that was judged.
pub(crate) async fn used(
    tx: &mut Tx,
    passkey: &Passkey,
    (sign_count, is_synced): (u32, bool),
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = USED
        .bind(passkey.id)
        .bind(sign_count)
        .bind(is_synced)
        .bind(now)
        .bind(passkey.sign_count)
        .execute(tx)
        .await?;
    Ok(changed == 1)
}

/// Notes that there may be a copy.
pub(crate) async fn suspect(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<(), DbError> {
    SUSPECT.bind(id).bind(now).execute(tx).await.map(drop)
}

pub(crate) async fn rename(
    tx: &mut Tx,
    id: Uuid,
    person: Uuid,
    name: &str,
) -> Result<bool, DbError> {
    let query = RENAME.bind(id).bind(person).bind(name);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn remove(tx: &mut Tx, id: Uuid, person: Uuid) -> Result<bool, DbError> {
    Ok(REMOVE.bind(id).bind(person).execute(tx).await? == 1)
}

/// Removes all of a person; gives how many there were.
pub(crate) async fn remove_all(tx: &mut Tx, person: Uuid) -> Result<u64, DbError> {
    REMOVE_ALL.bind(person).execute(tx).await
}
