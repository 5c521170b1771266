//! Sign-ins of citizens from which tokens were made, and the key of calls on their behalf.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

/// Most ended sign-ins that gateways are told of: what ended within the life of a token.
const ENDED_MAX: u32 = 100_000;

kit_db::statements! {
    KEY = "exchange.behalf.key": "SELECT behalf_key FROM exchange_head WHERE one = 1";
    SET_KEY = "exchange.behalf.set_key":
        "UPDATE exchange_head SET behalf_key = $1, number = number + 1
         WHERE one = 1 AND behalf_key IS NULL";
    WATCH = "exchange.behalf.watch":
        "INSERT INTO exchange_behalf (sign_in_id, session_id, citizen_id, service_id, until)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (sign_in_id) DO UPDATE SET until = excluded.until
         WHERE exchange_behalf.ended_at IS NULL";
    END_SESSION = "exchange.behalf.end_session":
        "UPDATE exchange_behalf SET ended_at = $2 WHERE session_id = $1 AND ended_at IS NULL";
    END_AGREEMENT = "exchange.behalf.end_agreement":
        "UPDATE exchange_behalf SET ended_at = $3
         WHERE citizen_id = $1 AND service_id = $2 AND ended_at IS NULL";
    END_SIGN_IN = "exchange.behalf.end_sign_in":
        "UPDATE exchange_behalf SET ended_at = $2 WHERE sign_in_id = $1 AND ended_at IS NULL";
    ENDED = "exchange.behalf.ended":
        "SELECT sign_in_id FROM exchange_behalf WHERE ended_at IS NOT NULL AND until > $1
         ORDER BY sign_in_id LIMIT $2";
    FORGET = "exchange.behalf.forget": "DELETE FROM exchange_behalf WHERE until < $1";
}

/// The key; none before the first time.
pub(crate) async fn key(on: impl Into<Handle<'_>>) -> Result<Option<Vec<u8>>, DbError> {
    KEY.query().one(on, |row| row.get("behalf_key")).await
}

/// Keeps a key, if there is none: of two processes one is first.
pub(crate) async fn set_key(db: &Db, key: &[u8; 32]) -> Result<(), DbError> {
    SET_KEY.bind(key.to_vec()).execute(db).await.map(drop)
}

/// A sign-in to a service, as far as it matters to when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignIn {
    pub(crate) id: Uuid,
    pub(crate) session: Uuid,
    pub(crate) citizen: Uuid,
    pub(crate) service: Uuid,
}

/// Watches a sign-in until its last token has run out; gives whether it goes on.
pub(crate) async fn watch(db: &Db, of: SignIn, until: Timestamp) -> Result<bool, DbError> {
    let query = WATCH.bind(of.id).bind(of.session).bind(of.citizen);
    Ok(query.bind(of.service).bind(until).execute(db).await? == 1)
}

/// Ends what a session opened; gives how many sign-ins that were.
pub(crate) async fn end_session(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<u64, DbError> {
    END_SESSION.bind(id).bind(now).execute(tx).await
}

/// Ends what a citizen agreed to tell a service.
pub(crate) async fn end_agreement(
    tx: &mut Tx,
    (citizen, service): (Uuid, Uuid),
    now: Timestamp,
) -> Result<u64, DbError> {
    let query = END_AGREEMENT.bind(citizen).bind(service);
    query.bind(now).execute(tx).await
}

/// Ends one sign-in.
pub(crate) async fn end_sign_in(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<u64, DbError> {
    END_SIGN_IN.bind(id).bind(now).execute(tx).await
}

/// Sign-ins that ended and of which a token may not have run out.
pub(crate) async fn ended(tx: &mut Tx, now: Timestamp) -> Result<Vec<Uuid>, DbError> {
    let read = |row: &Row| row.get("sign_in_id");
    ENDED.bind(now).bind(ENDED_MAX).all(tx, read).await
}

/// Forgets sign-ins whose tokens have all run out.
pub(crate) async fn forget(db: &Db, before: Timestamp) -> Result<(), DbError> {
    FORGET.bind(before).execute(db).await.map(drop)
}
