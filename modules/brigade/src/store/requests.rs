//! Requests and the expertises that they want.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, half_days};
use crate::domain::{RequestOrigin, RequestState};

kit_db::statements! {
    FIND = "brigade.request.find":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_request t
         CROSS JOIN brigade_product p WHERE p.product_id = t.product_id AND t.id = $1";
    INSERT = "brigade.request.insert":
        "INSERT INTO brigade_request (id, product_id, origin_kind, origin_id, need, from_day, to_day,
            contribution, impact, state, asked_on, asked_by, asked_by_name, is_told, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, $12, $13, $14)
         ON CONFLICT (origin_kind, origin_id) DO NOTHING";
    OF_ORIGIN = "brigade.request.of_origin":
        "SELECT id FROM brigade_request WHERE origin_kind = $1 AND origin_id = $2";
    SAVE = "brigade.request.save":
        "UPDATE brigade_request SET state = $3, answered_on = $4, answer = $5, put_off_until = $6,
            row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    HOLD = "brigade.request.hold": "UPDATE brigade_request SET state = state WHERE id = $1";
    WANT = "brigade.wanted.insert":
        "INSERT INTO brigade_wanted (request_id, expertise, half_days) VALUES ($1, $2, $3)";
    WANTED = "brigade.wanted.of":
        "SELECT expertise, half_days FROM brigade_wanted WHERE request_id = $1 ORDER BY expertise";
    PUT_OFF = "brigade.request.put_off":
        "SELECT id FROM brigade_request WHERE state = 'put-off' AND put_off_until <= $1
         ORDER BY put_off_until, id LIMIT $2";
    UNTOLD = "brigade.request.untold":
        "SELECT id FROM brigade_request WHERE is_told = FALSE ORDER BY id LIMIT $1";
    TELL = "brigade.request.tell":
        "UPDATE brigade_request SET is_told = TRUE WHERE id = $1 AND is_told = FALSE";
    OLDEST_OPEN = "brigade.request.oldest_open":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_request t
         CROSS JOIN brigade_product p
         WHERE p.product_id = t.product_id AND t.state = 'open' ORDER BY t.asked_on, t.id LIMIT $1";
    OLDEST_OPEN_OF = "brigade.request.oldest_open_of":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_request t
         CROSS JOIN brigade_product p
         WHERE p.product_id = t.product_id
             AND t.state = 'open' AND p.ministry_id = $2 ORDER BY t.asked_on, t.id LIMIT $1";
}

/// A request, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: Uuid,
    /// For which product.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// The ministry's organisation, which owns it.
    pub ministry: Option<Uuid>,
    /// What asked.
    pub origin: RequestOrigin,
    /// The id of the alert, conference or decision.
    pub origin_id: Option<Uuid>,
    /// What is needed, in plain words.
    pub need: String,
    /// The wished period; a call has none.
    pub period: Option<(Date, Date)>,
    /// What the mission must contribute.
    pub contribution: String,
    /// The impact target that it serves.
    pub impact: String,
    /// Where it stands.
    pub state: RequestState,
    /// When it was asked.
    pub asked_on: Date,
    /// By whom, when it was a person.
    pub asked_by: Option<Uuid>,
    /// Its name.
    pub asked_by_name: String,
    /// When it was answered.
    pub answered_on: Option<Date>,
    /// Why.
    pub answer: String,
    /// The day to which it was put off.
    pub put_off_until: Option<Date>,
    /// The version that a change names.
    pub version: i64,
}

pub(crate) fn read(row: &Row) -> Result<Request, DbError> {
    let from: Option<Date> = row.get("from_day")?;
    Ok(Request {
        id: row.get("id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        origin: code(row, "origin_kind", RequestOrigin::parse)?,
        origin_id: row.get("origin_id")?,
        need: row.get("need")?,
        period: from.zip(row.get("to_day")?),
        contribution: row.get("contribution")?,
        impact: row.get("impact")?,
        state: code(row, "state", RequestState::parse)?,
        asked_on: row.get("asked_on")?,
        asked_by: row.get("asked_by")?,
        asked_by_name: row.get("asked_by_name")?,
        answered_on: row.get("answered_on")?,
        answer: row.get("answer")?,
        put_off_until: row.get("put_off_until")?,
        version: row.get("row_version")?,
    })
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Request>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// The same, its row held until the transaction ends.
pub(crate) async fn hold(tx: &mut Tx, id: Uuid) -> Result<Option<Request>, DbError> {
    HOLD.bind(id).execute(&mut *tx).await?;
    find(tx, id).await
}

/// Adds a request; gives whether nothing of its origin was there.
pub(crate) async fn insert(
    tx: &mut Tx,
    one: &Request,
    is_told: bool,
    now: Timestamp,
) -> Result<bool, DbError> {
    let query = INSERT
        .bind(one.id)
        .bind(one.product)
        .bind(one.origin.code())
        .bind(one.origin_id)
        .bind(&one.need)
        .bind(one.period.map(|(from, _)| from))
        .bind(one.period.map(|(_, to)| to))
        .bind(&one.contribution)
        .bind(&one.impact)
        .bind(one.asked_on)
        .bind(one.asked_by)
        .bind(&one.asked_by_name)
        .bind(is_told)
        .bind(now);
    Ok(query.execute(tx).await? == 1)
}

/// The request of an origin.
pub(crate) async fn of_origin(tx: &mut Tx, origin: (&str, Uuid)) -> Result<Option<Uuid>, DbError> {
    let query = OF_ORIGIN.bind(origin.0).bind(origin.1);
    query.optional(tx, |row| row.get("id")).await
}

/// Saves what changed; gives whether nobody changed it first.
pub(crate) async fn save(tx: &mut Tx, one: &Request) -> Result<bool, DbError> {
    let query = SAVE
        .bind(one.id)
        .bind(one.version)
        .bind(one.state.code())
        .bind(one.answered_on)
        .bind(&one.answer)
        .bind(one.put_off_until);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn want(
    tx: &mut Tx,
    request: Uuid,
    wanted: &BTreeMap<String, u32>,
) -> Result<(), DbError> {
    for (expertise, half_days) in wanted {
        let query = WANT.bind(request).bind(expertise).bind(*half_days);
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Half days of each expertise that a request wants.
pub(crate) async fn wanted(
    on: impl Into<Handle<'_>>,
    request: Uuid,
) -> Result<BTreeMap<String, u32>, DbError> {
    let read = |row: &Row| Ok((row.get("expertise")?, half_days(row, "half_days")?));
    let all = WANTED.bind(request).all(on, read).await?;
    Ok(all.into_iter().collect())
}

/// Those whose day has come.
pub(crate) async fn come_back(db: &Db, today: Date, limit: u32) -> Result<Vec<Uuid>, DbError> {
    let query = PUT_OFF.bind(today).bind(limit);
    query.all(db, |row| row.get("id")).await
}

/// Those of which nobody was told by mail.
pub(crate) async fn untold(db: &Db, limit: u32) -> Result<Vec<Uuid>, DbError> {
    UNTOLD.bind(limit).all(db, |row| row.get("id")).await
}

/// Says that it was told; gives whether it wasn't yet.
pub(crate) async fn tell(tx: &mut Tx, id: Uuid) -> Result<bool, DbError> {
    Ok(TELL.bind(id).execute(tx).await? == 1)
}

/// Open ones, the oldest first, of one ministry when it is given.
pub(crate) async fn oldest_open(
    db: &Db,
    ministry: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Request>, DbError> {
    match ministry {
        None => OLDEST_OPEN.bind(limit).all(db, read).await,
        Some(id) => OLDEST_OPEN_OF.bind(limit).bind(id).all(db, read).await,
    }
}
