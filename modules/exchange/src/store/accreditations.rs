//! Accreditations: the request, where it stands, its thread.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json, to_json};
use crate::domain::{Granted, Life, RequestForm, RequestKind, RequestState, Standing};

/// Most rows of one answer.
const ROWS_MAX: u32 = 1_000;
/// Messages of a thread that are shown.
const MESSAGES_MAX: u32 = 500;

kit_db::statements! {
    TAKE_NUMBER = "exchange.counter.take":
        "UPDATE exchange_counter SET accreditations = accreditations + 1 WHERE one = 1
         RETURNING accreditations";
    FIND = "exchange.accreditation.find": "SELECT * FROM exchange_accreditation WHERE id = $1";
    OF_BODY = "exchange.accreditation.of_body":
        "SELECT * FROM exchange_accreditation WHERE (requester_id = $1 OR editor_id = $1)
            AND (updated_at < $2 OR (updated_at = $2 AND id < $3))
         ORDER BY updated_at DESC, id DESC LIMIT $4";
    LATEST = "exchange.accreditation.latest":
        "SELECT * FROM exchange_accreditation
         WHERE updated_at < $1 OR (updated_at = $1 AND id < $2)
         ORDER BY updated_at DESC, id DESC LIMIT $3";
    WAITING = "exchange.accreditation.waiting":
        "SELECT * FROM exchange_accreditation WHERE request IN ('submitted', 'to-change')
         ORDER BY COALESCE(due_on, ''), id LIMIT $1";
    USABLE = "exchange.accreditation.usable":
        "SELECT * FROM exchange_accreditation WHERE standing = 'in-force' AND valid_until > $1
         ORDER BY number LIMIT $2";
    OF_PRODUCER = "exchange.accreditation.of_producer":
        "SELECT a.* FROM exchange_accreditation a
         WHERE a.request <> 'draft' AND EXISTS (SELECT 1 FROM exchange_accreditation_api p
            WHERE p.accreditation_id = a.id AND p.producer_id = $1)
         ORDER BY a.updated_at DESC, a.id DESC LIMIT $2";
    ENDING = "exchange.accreditation.ending":
        "SELECT * FROM exchange_accreditation
         WHERE standing IN ('in-force', 'suspended') AND valid_until <= $1
         ORDER BY valid_until, id LIMIT $2";
    INSERT = "exchange.accreditation.insert":
        "INSERT INTO exchange_accreditation (id, number, requester_id, author_id, author_name,
            title, form, request, kind, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";
    UPDATE = "exchange.accreditation.update":
        "UPDATE exchange_accreditation SET requester_id = $3, title = $4, form = $5, request = $6,
            kind = $7, submitted_at = $8, due_on = $9, decided_at = $10, instructor_id = $11,
            instructor_name = $12, granted_version = $13, standing = $14, valid_until = $15,
            noticed_days = $16, editor_id = $17, updated_at = $18, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    NOTICED = "exchange.accreditation.noticed":
        "UPDATE exchange_accreditation SET noticed_days = $2
         WHERE id = $1 AND (noticed_days IS NULL OR noticed_days > $2)";
    CLEAR_APIS = "exchange.accreditation_api.clear":
        "DELETE FROM exchange_accreditation_api WHERE accreditation_id = $1";
    ADD_API = "exchange.accreditation_api.insert":
        "INSERT INTO exchange_accreditation_api (accreditation_id, api_id, producer_id)
         VALUES ($1, $2, $3) ON CONFLICT (accreditation_id, api_id) DO NOTHING";
    APIS = "exchange.accreditation_api.apis":
        "SELECT api_id FROM exchange_accreditation_api WHERE accreditation_id = $1
         ORDER BY api_id LIMIT 1000";
    PRODUCERS = "exchange.accreditation_api.producers":
        "SELECT DISTINCT producer_id FROM exchange_accreditation_api WHERE accreditation_id = $1
         ORDER BY producer_id LIMIT 100";
    ADD_MESSAGE = "exchange.message.insert":
        "INSERT INTO exchange_message (id, accreditation_id, at, author_name, side, body)
         VALUES ($1, $2, $3, $4, $5, $6)";
    MESSAGES = "exchange.message.of_accreditation":
        "SELECT * FROM exchange_message WHERE accreditation_id = $1
         ORDER BY at DESC, id DESC LIMIT $2";
}

/// An accreditation as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Accreditation {
    /// Its id.
    pub id: Uuid,
    /// Its number, as people name it.
    pub number: i64,
    /// For which organisation.
    pub requester: Uuid,
    /// Who began it.
    pub author: Option<Uuid>,
    /// Its name.
    pub author_name: String,
    /// What it is called.
    pub title: String,
    /// The form, as typed.
    pub form: RequestForm,
    /// Where it stands.
    pub life: Life,
    /// When the request under work was first sent.
    pub submitted_at: Option<Timestamp>,
    /// When a decision is due.
    pub due_on: Option<Date>,
    /// When it was decided last.
    pub decided_at: Option<Timestamp>,
    /// Who took it.
    pub instructor: Option<Uuid>,
    /// Its name.
    pub instructor_name: String,
    /// The shortest notice of its end that was given.
    pub noticed_days: Option<i64>,
    /// The editor that may act for the requester now; none once taken back.
    pub editor: Option<Uuid>,
    /// Grows by one with each change.
    pub row_version: i64,
    /// When it changed last.
    pub updated_at: Timestamp,
}

fn read(row: &Row) -> Result<Accreditation, DbError> {
    let version: Option<u32> = row.get("granted_version")?;
    let granted = match version {
        None => None,
        Some(version) => Some(Granted {
            version,
            standing: code(row, "standing", Standing::parse)?,
            valid_until: row.get("valid_until")?,
        }),
    };
    Ok(Accreditation {
        id: row.get("id")?,
        number: row.get("number")?,
        requester: row.get("requester_id")?,
        author: row.get("author_id")?,
        author_name: row.get("author_name")?,
        title: row.get("title")?,
        form: json(row, "form")?,
        life: Life {
            request: code(row, "request", RequestState::parse)?,
            kind: code(row, "kind", RequestKind::parse)?,
            granted,
        },
        submitted_at: row.get("submitted_at")?,
        due_on: row.get("due_on")?,
        decided_at: row.get("decided_at")?,
        instructor: row.get("instructor_id")?,
        instructor_name: row.get("instructor_name")?,
        noticed_days: row.get("noticed_days")?,
        editor: row.get("editor_id")?,
        row_version: row.get("row_version")?,
        updated_at: row.get("updated_at")?,
    })
}

/// The next number; two requests never get the same.
pub(crate) async fn take_number(tx: &mut Tx) -> Result<i64, DbError> {
    TAKE_NUMBER
        .query()
        .one(tx, |row| row.get("accreditations"))
        .await
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<Accreditation>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Accreditations before `(instant of the last change, id)`, the latest first.
pub(crate) async fn latest(
    db: &Db,
    before: (Timestamp, Uuid),
    limit: u32,
) -> Result<Vec<Accreditation>, DbError> {
    let query = LATEST.bind(before.0).bind(before.1).bind(limit);
    query.all(db, read).await
}

/// The same of one body, as requester or as editor.
pub(crate) async fn of_body(
    db: &Db,
    body: Uuid,
    before: (Timestamp, Uuid),
    limit: u32,
) -> Result<Vec<Accreditation>, DbError> {
    let query = OF_BODY.bind(body).bind(before.0).bind(before.1).bind(limit);
    query.all(db, read).await
}

/// Requests that wait for a decision or for their author, the most urgent first.
pub(crate) async fn waiting(db: &Db) -> Result<Vec<Accreditation>, DbError> {
    WAITING.bind(ROWS_MAX).all(db, read).await
}

/// Accreditations that can be used at an instant, by number.
pub(crate) async fn usable(
    on: impl Into<Handle<'_>>,
    at: Timestamp,
) -> Result<Vec<Accreditation>, DbError> {
    USABLE.bind(at).bind(100_000_u32).all(on, read).await
}

/// Those that name an API of a producer, the latest first.
pub(crate) async fn of_producer(db: &Db, producer: Uuid) -> Result<Vec<Accreditation>, DbError> {
    OF_PRODUCER
        .bind(producer)
        .bind(ROWS_MAX)
        .all(db, read)
        .await
}

/// Those whose time ends by an instant.
pub(crate) async fn ending(db: &Db, by: Timestamp) -> Result<Vec<Accreditation>, DbError> {
    ENDING.bind(by).bind(ROWS_MAX).all(db, read).await
}

pub(crate) async fn insert(tx: &mut Tx, one: &Accreditation) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(one.number)
        .bind(one.requester)
        .bind(one.author)
        .bind(&one.author_name)
        .bind(&one.title)
        .bind(to_json(&one.form))
        .bind(one.life.request.code())
        .bind(one.life.kind.code())
        .bind(one.updated_at)
        .execute(tx)
        .await
        .map(drop)
}

/// Changes one that is still of its `row_version`; gives whether it was.
pub(crate) async fn update(tx: &mut Tx, one: &Accreditation) -> Result<bool, DbError> {
    let granted = one.life.granted;
    let query = UPDATE
        .bind(one.id)
        .bind(one.row_version)
        .bind(one.requester)
        .bind(&one.title)
        .bind(to_json(&one.form))
        .bind(one.life.request.code())
        .bind(one.life.kind.code())
        .bind(one.submitted_at)
        .bind(one.due_on)
        .bind(one.decided_at)
        .bind(one.instructor)
        .bind(&one.instructor_name)
        .bind(granted.map(|granted| granted.version))
        .bind(granted.map(|granted| granted.standing.code()))
        .bind(granted.map(|granted| granted.valid_until))
        .bind(one.noticed_days)
        .bind(one.editor)
        .bind(one.updated_at);
    Ok(query.execute(tx).await? == 1)
}

/// Notes that notice of the end was given `days` before it; gives whether nobody had yet.
pub(crate) async fn noticed(tx: &mut Tx, id: Uuid, days: i64) -> Result<bool, DbError> {
    Ok(NOTICED.bind(id).bind(days).execute(tx).await? == 1)
}

/// The APIs that an accreditation names.
pub(crate) async fn apis(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Vec<Uuid>, DbError> {
    APIS.bind(id).all(on, |row| row.get("api_id")).await
}

/// Notes the APIs, each with its producer, that an accreditation names.
pub(crate) async fn set_apis(tx: &mut Tx, id: Uuid, apis: &[(Uuid, Uuid)]) -> Result<(), DbError> {
    CLEAR_APIS.bind(id).execute(&mut *tx).await?;
    for (api, producer) in apis {
        let query = ADD_API.bind(id).bind(*api).bind(*producer);
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// The producers whose APIs an accreditation names.
pub(crate) async fn producers(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Vec<Uuid>, DbError> {
    PRODUCERS
        .bind(id)
        .all(on, |row| row.get("producer_id"))
        .await
}

/// A message of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) author_name: String,
    /// `requester`, `directorate` or `producer`.
    pub(crate) side: String,
    pub(crate) body: String,
}

pub(crate) async fn add_message(tx: &mut Tx, of: Uuid, one: &Message) -> Result<(), DbError> {
    ADD_MESSAGE
        .bind(one.id)
        .bind(of)
        .bind(one.at)
        .bind(&one.author_name)
        .bind(&one.side)
        .bind(&one.body)
        .execute(tx)
        .await
        .map(drop)
}

/// A thread, the latest first.
pub(crate) async fn messages(db: &Db, of: Uuid) -> Result<Vec<Message>, DbError> {
    let read = |row: &Row| {
        Ok(Message {
            id: row.get("id")?,
            at: row.get("at")?,
            author_name: row.get("author_name")?,
            side: row.get("side")?,
            body: row.get("body")?,
        })
    };
    MESSAGES.bind(of).bind(MESSAGES_MAX).all(db, read).await
}
