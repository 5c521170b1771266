//! The number of what gateways know, and the bodies that are named in it.

use kit_db::{Db, DbError, Handle, Row, Tx};
use ports::exchange::Party;
use uuid::Uuid;

/// Most bodies that are looked up.
const PARTIES_MAX: u32 = 50_000;

kit_db::statements! {
    NUMBER = "exchange.head.number": "SELECT number FROM exchange_head WHERE one = 1";
    BUMP = "exchange.head.bump": "UPDATE exchange_head SET number = number + 1 WHERE one = 1";
    SET_KEYS = "exchange.head.set_keys":
        "UPDATE exchange_head SET keys = $1, number = number + 1 WHERE one = 1 AND keys <> $1";
    KEYS = "exchange.head.keys": "SELECT keys FROM exchange_head WHERE one = 1";
    KEEP = "exchange.party.keep":
        "INSERT INTO exchange_party (id, siret, name) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET siret = excluded.siret, name = excluded.name";
    FIND = "exchange.party.find": "SELECT id, siret, name FROM exchange_party WHERE id = $1";
    ALL_PARTIES = "exchange.party.all":
        "SELECT id, siret, name FROM exchange_party ORDER BY id LIMIT $1";
}

/// The number of what gateways know.
pub(crate) async fn number(on: impl Into<Handle<'_>>) -> Result<i64, DbError> {
    NUMBER.query().one(on, |row| row.get("number")).await
}

/// Makes gateways ask again: in the transaction of the change.
pub(crate) async fn bump(tx: &mut Tx) -> Result<(), DbError> {
    BUMP.query().execute(tx).await.map(drop)
}

/// Notes the issuer's keys; the number grows when they differ from those that were told last.
pub(crate) async fn set_keys(db: &Db, keys: &str) -> Result<bool, DbError> {
    Ok(SET_KEYS.bind(keys).execute(db).await? == 1)
}

/// The issuer's keys as they were told last; empty before the first time.
pub(crate) async fn keys(on: impl Into<Handle<'_>>) -> Result<String, DbError> {
    KEYS.query().one(on, |row| row.get("keys")).await
}

fn read(row: &Row) -> Result<Party, DbError> {
    Ok(Party {
        id: row.get("id")?,
        siret: row.get("siret")?,
        name: row.get("name")?,
    })
}

/// Keeps a body as it is named now.
pub(crate) async fn keep_party(tx: &mut Tx, party: &Party) -> Result<(), DbError> {
    let query = KEEP.bind(party.id).bind(&party.siret).bind(&party.name);
    query.execute(tx).await.map(drop)
}

/// A body.
pub(crate) async fn party(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Party>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Every body that is named.
pub(crate) async fn parties(on: impl Into<Handle<'_>>) -> Result<Vec<Party>, DbError> {
    ALL_PARTIES.bind(PARTIES_MAX).all(on, read).await
}
