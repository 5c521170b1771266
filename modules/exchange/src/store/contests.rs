//! What people contest.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::code;
use crate::domain::ContestState;

kit_db::statements! {
    INSERT = "exchange.contest.insert":
        "INSERT INTO exchange_contest (id, citizen_id, log, log_index, producer_id, api_id,
            operation_id, requester, purpose, called_at, body, mail, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', $13)
         ON CONFLICT (citizen_id, log, log_index) DO NOTHING";
    FIND = "exchange.contest.find": "SELECT * FROM exchange_contest WHERE id = $1";
    OF_CITIZEN = "exchange.contest.of_citizen":
        "SELECT * FROM exchange_contest WHERE citizen_id = $1 ORDER BY called_at DESC LIMIT 1000";
    WAITING = "exchange.contest.waiting":
        "SELECT COUNT(*) AS number FROM exchange_contest WHERE citizen_id = $1 AND state = 'open'";
    OF_PRODUCER = "exchange.contest.of_producer":
        "SELECT * FROM exchange_contest WHERE producer_id = $1
            AND (created_at < $2 OR (created_at = $2 AND id < $3))
         ORDER BY created_at DESC, id DESC LIMIT $4";
    ANSWER = "exchange.contest.answer":
        "UPDATE exchange_contest SET state = $2, answer = $3, answered_by = $4, answered_at = $5,
            mail = '' WHERE id = $1 AND state = 'open'";
    FORGET = "exchange.contest.forget": "DELETE FROM exchange_contest WHERE created_at < $1";
}

/// A contest, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contest {
    /// Its id.
    pub id: Uuid,
    /// Who contests: an id.
    pub citizen: Uuid,
    /// The log of the call.
    pub log: String,
    /// Its place in it.
    pub index: i64,
    /// Whose data was asked for.
    pub producer: Uuid,
    /// The API.
    pub api: Uuid,
    /// The operation.
    pub operation: Uuid,
    /// The SIRET number of who asked; empty when nobody was known.
    pub requester: String,
    /// The code of the purpose; may be empty.
    pub purpose: String,
    /// When it was called.
    pub called_at: Timestamp,
    /// What the person says.
    pub body: String,
    /// Where the answer is sent; empty when nowhere, or when it was.
    pub mail: String,
    /// Where it stands.
    pub state: ContestState,
    /// The answer, who gave it, when.
    pub answer: Option<(String, String, Timestamp)>,
    /// When it was made.
    pub created_at: Timestamp,
}

fn read(row: &Row) -> Result<Contest, DbError> {
    let answered_at: Option<Timestamp> = row.get("answered_at")?;
    Ok(Contest {
        id: row.get("id")?,
        citizen: row.get("citizen_id")?,
        log: row.get("log")?,
        index: row.get("log_index")?,
        producer: row.get("producer_id")?,
        api: row.get("api_id")?,
        operation: row.get("operation_id")?,
        requester: row.get("requester")?,
        purpose: row.get("purpose")?,
        called_at: row.get("called_at")?,
        body: row.get("body")?,
        mail: row.get("mail")?,
        state: code(row, "state", ContestState::parse)?,
        answer: match answered_at {
            None => None,
            Some(at) => Some((row.get("answer")?, row.get("answered_by")?, at)),
        },
        created_at: row.get("created_at")?,
    })
}

/// Keeps a contest that waits; gives whether the person hadn't contested this call yet.
pub(crate) async fn insert(tx: &mut Tx, one: &Contest) -> Result<bool, DbError> {
    let kept = INSERT
        .bind(one.id)
        .bind(one.citizen)
        .bind(&one.log)
        .bind(one.index)
        .bind(one.producer)
        .bind(one.api)
        .bind(one.operation)
        .bind(&one.requester)
        .bind(&one.purpose)
        .bind(one.called_at)
        .bind(&one.body)
        .bind(&one.mail)
        .bind(one.created_at)
        .execute(tx)
        .await?;
    Ok(kept == 1)
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Contest>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// What a person contested, by the calls, the latest first.
pub(crate) async fn of_citizen(db: &Db, citizen: Uuid) -> Result<Vec<Contest>, DbError> {
    OF_CITIZEN.bind(citizen).all(db, read).await
}

/// Contests of a person that wait.
pub(crate) async fn waiting(tx: &mut Tx, citizen: Uuid) -> Result<i64, DbError> {
    WAITING.bind(citizen).one(tx, |row| row.get("number")).await
}

/// Contests of calls to a producer's data before `(instant, id)`, the latest first.
pub(crate) async fn of_producer(
    db: &Db,
    producer: Uuid,
    before: (Timestamp, Uuid),
    limit: u32,
) -> Result<Vec<Contest>, DbError> {
    OF_PRODUCER
        .bind(producer)
        .bind(before.0)
        .bind(before.1)
        .bind(limit)
        .all(db, read)
        .await
}

/// Answers a contest that waits, and forgets the address; gives whether it waited.
pub(crate) async fn answer(
    tx: &mut Tx,
    id: Uuid,
    state: ContestState,
    (answer, by, at): (&str, &str, Timestamp),
) -> Result<bool, DbError> {
    let query = ANSWER
        .bind(id)
        .bind(state.code())
        .bind(answer)
        .bind(by)
        .bind(at);
    Ok(query.execute(tx).await? == 1)
}

/// Forgets contests that were made before an instant.
pub(crate) async fn forget(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(before).execute(db).await
}
