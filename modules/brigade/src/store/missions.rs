//! Missions, who goes, the days that were spent, extensions.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, half_days};
use crate::domain::MissionState;

kit_db::statements! {
    FIND = "brigade.mission.find":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_mission t
         CROSS JOIN brigade_product p WHERE p.product_id = t.product_id AND t.id = $1";
    HOLD = "brigade.mission.hold": "UPDATE brigade_mission SET state = state WHERE id = $1";
    INSERT = "brigade.mission.insert":
        "INSERT INTO brigade_mission (id, request_id, product_id, title, objective, criterion,
            from_day, to_day, state, proposed_on, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";
    SAVE = "brigade.mission.save":
        "UPDATE brigade_mission SET to_day = $3, state = $4, agreed_on = $5, agreed_by = $6,
            ended_on = $7, end_reason = $8, findings = $9, changes = $10, link = $11, file_key = $12,
            file_name = $13, updated_at = $14, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    ASSIGN = "brigade.assignment.insert":
        "INSERT INTO brigade_assignment (mission_id, expert_id, expertise, half_days)
         VALUES ($1, $2, $3, $4)";
    EXTEND = "brigade.assignment.extend":
        "UPDATE brigade_assignment SET half_days = half_days + $3
         WHERE mission_id = $1 AND expert_id = $2";
    ASSIGNMENTS = "brigade.assignment.of":
        "SELECT a.expert_id, a.expertise, a.half_days, e.name, e.email,
            CAST(COALESCE((SELECT SUM(d.half_days) FROM brigade_day d
                WHERE d.mission_id = a.mission_id AND d.expert_id = a.expert_id), 0) AS BIGINT) AS spent
         FROM brigade_assignment a JOIN brigade_expert e ON e.id = a.expert_id
         WHERE a.mission_id = $1 ORDER BY e.name, e.id LIMIT 100";
    OF_REQUEST = "brigade.mission.of_request":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_mission t
         CROSS JOIN brigade_product p
         WHERE p.product_id = t.product_id AND t.request_id = $1 ORDER BY t.proposed_on, t.id LIMIT 100";
    OF_EXPERT = "brigade.mission.of_expert":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_mission t
         JOIN brigade_product p ON p.product_id = t.product_id
         JOIN brigade_assignment a ON a.mission_id = t.id
         WHERE a.expert_id = $1 AND t.to_day >= $2 ORDER BY t.from_day DESC, t.id DESC LIMIT 200";
    OF_PRODUCT = "brigade.mission.of_product":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_mission t
         CROSS JOIN brigade_product p
         WHERE p.product_id = t.product_id
             AND t.product_id = $1 ORDER BY t.from_day DESC, t.id DESC LIMIT 100";
    PROPOSED = "brigade.mission.proposed":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_mission t
         CROSS JOIN brigade_product p
         WHERE p.product_id = t.product_id AND t.state = 'proposed' ORDER BY t.from_day, t.id LIMIT $1";
    PROPOSED_OF = "brigade.mission.proposed_of":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_mission t
         CROSS JOIN brigade_product p
         WHERE p.product_id = t.product_id
             AND t.state = 'proposed' AND p.ministry_id = $2 ORDER BY t.from_day, t.id LIMIT $1";
    LATE = "brigade.mission.late":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_mission t
         CROSS JOIN brigade_product p
         WHERE p.product_id = t.product_id
             AND t.state = 'running' AND t.to_day < $2 ORDER BY t.to_day, t.id LIMIT $1";
    LATE_OF = "brigade.mission.late_of":
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM brigade_mission t
         CROSS JOIN brigade_product p
         WHERE p.product_id = t.product_id
             AND t.state = 'running' AND t.to_day < $2 AND p.ministry_id = $3
         ORDER BY t.to_day, t.id LIMIT $1";
    LATE_UNTOLD = "brigade.mission.late_untold":
        "SELECT id FROM brigade_mission
         WHERE state = 'running' AND to_day < $1 AND (late_told_on IS NULL OR late_told_on <= to_day)
         ORDER BY to_day, id LIMIT $2";
    TELL_LATE = "brigade.mission.tell_late":
        "UPDATE brigade_mission SET late_told_on = $2
         WHERE id = $1 AND state = 'running' AND (late_told_on IS NULL OR late_told_on <= to_day)";
    CLOSED = "brigade.mission.closed":
        "SELECT id FROM brigade_mission WHERE state = 'closed' ORDER BY from_day DESC, id DESC LIMIT $1";
    EXPERTISES = "brigade.mission.expertises":
        "SELECT DISTINCT expertise FROM brigade_assignment WHERE mission_id = $1
         ORDER BY expertise LIMIT 100";
    DAYS = "brigade.day.of":
        "SELECT d.*, e.name FROM brigade_day d JOIN brigade_expert e ON e.id = d.expert_id
         WHERE d.mission_id = $1 ORDER BY d.on_day, e.name, d.expert_id LIMIT 5000";
    RECORD = "brigade.day.record":
        "INSERT INTO brigade_day (mission_id, expert_id, on_day, half_days, recorded_by, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (mission_id, expert_id, on_day) DO UPDATE SET half_days = excluded.half_days,
            recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at";
    FORGET = "brigade.day.forget":
        "DELETE FROM brigade_day WHERE mission_id = $1 AND expert_id = $2 AND on_day = $3";
    SPENT_OTHER_DAYS = "brigade.day.spent":
        "SELECT CAST(COALESCE(SUM(half_days), 0) AS BIGINT) AS spent FROM brigade_day
         WHERE mission_id = $1 AND expert_id = $2 AND on_day <> $3";
    SPENT_ELSEWHERE = "brigade.day.elsewhere":
        "SELECT CAST(COALESCE(SUM(half_days), 0) AS BIGINT) AS spent FROM brigade_day
         WHERE expert_id = $2 AND on_day = $3 AND mission_id <> $1";
    PROPOSE_EXTENSION = "brigade.extension.propose":
        "INSERT INTO brigade_extension (id, mission_id, expert_id, half_days, to_day, reason,
            proposed_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (mission_id) WHERE answered_on IS NULL DO NOTHING";
    EXTENSIONS = "brigade.extension.of":
        "SELECT x.*, e.name FROM brigade_extension x JOIN brigade_expert e ON e.id = x.expert_id
         WHERE x.mission_id = $1 ORDER BY x.proposed_on, x.id LIMIT 100";
    ANSWER_EXTENSION = "brigade.extension.answer":
        "UPDATE brigade_extension SET answered_on = $2, is_agreed = $3
         WHERE id = $1 AND answered_on IS NULL";
}

/// A mission, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mission {
    /// Its id.
    pub id: Uuid,
    /// The request that it answers.
    pub request: Uuid,
    /// For which product.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// The ministry's organisation, which owns it.
    pub ministry: Option<Uuid>,
    /// Its title: it stands in calendars.
    pub title: String,
    /// What it must do.
    pub objective: String,
    /// By what it is seen to have succeeded.
    pub criterion: String,
    /// Its first and last days.
    pub period: (Date, Date),
    /// Where it stands.
    pub state: MissionState,
    /// When it was proposed.
    pub proposed_on: Date,
    /// When the ministry agreed.
    pub agreed_on: Option<Date>,
    /// Who did.
    pub agreed_by: String,
    /// When it was closed or cancelled.
    pub ended_on: Option<Date>,
    /// Why.
    pub end_reason: String,
    /// What was found.
    pub findings: String,
    /// What was changed.
    pub changes: String,
    /// Where more is read.
    pub link: String,
    /// Where the report's file is kept; empty: there is none.
    pub(crate) file_key: String,
    /// The file's name as given.
    pub file_name: String,
    /// The version that a change names.
    pub version: i64,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

pub(crate) fn read(row: &Row) -> Result<Mission, DbError> {
    Ok(Mission {
        id: row.get("id")?,
        request: row.get("request_id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        title: row.get("title")?,
        objective: row.get("objective")?,
        criterion: row.get("criterion")?,
        period: (row.get("from_day")?, row.get("to_day")?),
        state: code(row, "state", MissionState::parse)?,
        proposed_on: row.get("proposed_on")?,
        agreed_on: row.get("agreed_on")?,
        agreed_by: row.get("agreed_by")?,
        ended_on: row.get("ended_on")?,
        end_reason: row.get("end_reason")?,
        findings: row.get("findings")?,
        changes: row.get("changes")?,
        link: row.get("link")?,
        file_key: row.get("file_key")?,
        file_name: row.get("file_name")?,
        version: row.get("row_version")?,
        updated_at: row.get("updated_at")?,
    })
}

/// Who goes, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Who.
    pub expert: Uuid,
    /// Its name.
    pub name: String,
    /// Its address: for mails alone.
    pub(crate) email: String,
    /// For what.
    pub expertise: String,
    /// Half days that were agreed.
    pub half_days: u32,
    /// Half days that were spent.
    pub spent: u32,
}

/// A day that was spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpentDay {
    /// By whom.
    pub expert: Uuid,
    /// Its name.
    pub name: String,
    /// When.
    pub on: Date,
    /// 1 or 2 half days.
    pub half_days: u32,
    /// Who recorded it.
    pub recorded_by: String,
}

/// More days or a later end, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredExtension {
    /// Its id.
    pub id: Uuid,
    /// Whose days.
    pub expert: Uuid,
    /// Its name.
    pub name: String,
    /// More half days.
    pub half_days: u32,
    /// The last day from then on.
    pub to: Date,
    /// Why.
    pub reason: String,
    /// When it was proposed.
    pub proposed_on: Date,
    /// What the ministry said, and when.
    pub answer: Option<(Date, bool)>,
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Mission>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// The same, its row held until the transaction ends.
pub(crate) async fn hold(tx: &mut Tx, id: Uuid) -> Result<Option<Mission>, DbError> {
    HOLD.bind(id).execute(&mut *tx).await?;
    find(tx, id).await
}

pub(crate) async fn insert(tx: &mut Tx, one: &Mission) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(one.request)
        .bind(one.product)
        .bind(&one.title)
        .bind(&one.objective)
        .bind(&one.criterion)
        .bind(one.period.0)
        .bind(one.period.1)
        .bind(one.state.code())
        .bind(one.proposed_on)
        .bind(one.updated_at)
        .execute(tx)
        .await
        .map(drop)
}

/// Saves what changed; gives whether nobody changed it first.
pub(crate) async fn save(tx: &mut Tx, one: &Mission, now: Timestamp) -> Result<bool, DbError> {
    let query = SAVE
        .bind(one.id)
        .bind(one.version)
        .bind(one.period.1)
        .bind(one.state.code())
        .bind(one.agreed_on)
        .bind(&one.agreed_by)
        .bind(one.ended_on)
        .bind(&one.end_reason)
        .bind(&one.findings)
        .bind(&one.changes)
        .bind(&one.link)
        .bind(&one.file_key)
        .bind(&one.file_name)
        .bind(now);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn assign(
    tx: &mut Tx,
    mission: Uuid,
    (expert, expertise, half_days): (Uuid, &str, u32),
) -> Result<(), DbError> {
    let query = ASSIGN.bind(mission).bind(expert).bind(expertise);
    query.bind(half_days).execute(tx).await.map(drop)
}

/// Gives somebody more half days; gives whether it goes on that mission.
pub(crate) async fn extend(
    tx: &mut Tx,
    (mission, expert): (Uuid, Uuid),
    half_days: u32,
) -> Result<bool, DbError> {
    let query = EXTEND.bind(mission).bind(expert).bind(half_days);
    Ok(query.execute(tx).await? == 1)
}

/// Who goes, by name.
pub(crate) async fn assignments(
    on: impl Into<Handle<'_>>,
    mission: Uuid,
) -> Result<Vec<Assignment>, DbError> {
    let read = |row: &Row| {
        Ok(Assignment {
            expert: row.get("expert_id")?,
            name: row.get("name")?,
            email: row.get("email")?,
            expertise: row.get("expertise")?,
            half_days: half_days(row, "half_days")?,
            spent: half_days(row, "spent")?,
        })
    };
    ASSIGNMENTS.bind(mission).all(on, read).await
}

/// The missions that answer a request, the first proposed first.
pub(crate) async fn of_request(db: &Db, request: Uuid) -> Result<Vec<Mission>, DbError> {
    OF_REQUEST.bind(request).all(db, read).await
}

/// Somebody's missions that end on a day or later, the latest begun first; at most 200.
pub(crate) async fn of_expert(db: &Db, expert: Uuid, since: Date) -> Result<Vec<Mission>, DbError> {
    OF_EXPERT.bind(expert).bind(since).all(db, read).await
}

/// A product's missions, the latest begun first; at most 100.
pub(crate) async fn of_product(db: &Db, product: Uuid) -> Result<Vec<Mission>, DbError> {
    OF_PRODUCT.bind(product).all(db, read).await
}

/// Those that wait for a ministry, the first to begin first.
pub(crate) async fn proposed(
    db: &Db,
    ministry: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Mission>, DbError> {
    match ministry {
        None => PROPOSED.bind(limit).all(db, read).await,
        Some(id) => PROPOSED_OF.bind(limit).bind(id).all(db, read).await,
    }
}

/// Those that ended before a day and gave no report, the first ended first.
pub(crate) async fn late(
    db: &Db,
    ministry: Option<Uuid>,
    today: Date,
    limit: u32,
) -> Result<Vec<Mission>, DbError> {
    match ministry {
        None => LATE.bind(limit).bind(today).all(db, read).await,
        Some(id) => {
            let query = LATE_OF.bind(limit).bind(today).bind(id);
            query.all(db, read).await
        }
    }
}

/// Those of them of which nobody was told by mail.
pub(crate) async fn late_untold(db: &Db, today: Date, limit: u32) -> Result<Vec<Uuid>, DbError> {
    let query = LATE_UNTOLD.bind(today).bind(limit);
    query.all(db, |row| row.get("id")).await
}

/// Says that it was told; gives whether it wasn't yet.
pub(crate) async fn tell_late(tx: &mut Tx, id: Uuid, today: Date) -> Result<bool, DbError> {
    Ok(TELL_LATE.bind(id).bind(today).execute(tx).await? == 1)
}

/// The latest missions that are closed.
pub(crate) async fn closed(db: &Db, limit: u32) -> Result<Vec<Uuid>, DbError> {
    CLOSED.bind(limit).all(db, |row| row.get("id")).await
}

/// The codes of a mission's expertises.
pub(crate) async fn expertises(db: &Db, mission: Uuid) -> Result<Vec<String>, DbError> {
    let query = EXPERTISES.bind(mission);
    query.all(db, |row| row.get("expertise")).await
}

/// The days that were spent, the first first.
pub(crate) async fn days(db: &Db, mission: Uuid) -> Result<Vec<SpentDay>, DbError> {
    let read = |row: &Row| {
        Ok(SpentDay {
            expert: row.get("expert_id")?,
            name: row.get("name")?,
            on: row.get("on_day")?,
            half_days: half_days(row, "half_days")?,
            recorded_by: row.get("recorded_by")?,
        })
    };
    DAYS.bind(mission).all(db, read).await
}

/// What somebody spent on a mission's other days, and on that day elsewhere.
pub(crate) async fn spent(
    tx: &mut Tx,
    (mission, expert): (Uuid, Uuid),
    on: Date,
) -> Result<(u32, u32), DbError> {
    let read = |row: &Row| half_days(row, "spent");
    let query = SPENT_OTHER_DAYS.bind(mission).bind(expert).bind(on);
    let others = query.one(&mut *tx, read).await?;
    let query = SPENT_ELSEWHERE.bind(mission).bind(expert).bind(on);
    Ok((others, query.one(tx, read).await?))
}

/// Records a day in place of what was recorded for it.
pub(crate) async fn record(
    tx: &mut Tx,
    (mission, expert): (Uuid, Uuid),
    (on, half_days): (Date, u32),
    by: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    if half_days == 0 {
        let query = FORGET.bind(mission).bind(expert).bind(on);
        return query.execute(tx).await.map(drop);
    }
    let query = RECORD.bind(mission).bind(expert).bind(on).bind(half_days);
    query.bind(by).bind(at).execute(tx).await.map(drop)
}

/// Proposes an extension; gives whether none waited.
pub(crate) async fn propose_extension(
    tx: &mut Tx,
    mission: Uuid,
    one: &StoredExtension,
) -> Result<bool, DbError> {
    let query = PROPOSE_EXTENSION
        .bind(one.id)
        .bind(mission)
        .bind(one.expert)
        .bind(one.half_days)
        .bind(one.to)
        .bind(&one.reason)
        .bind(one.proposed_on);
    Ok(query.execute(tx).await? == 1)
}

/// A mission's extensions, the first proposed first.
pub(crate) async fn extensions(
    on: impl Into<Handle<'_>>,
    mission: Uuid,
) -> Result<Vec<StoredExtension>, DbError> {
    let read = |row: &Row| {
        let answered: Option<Date> = row.get("answered_on")?;
        Ok(StoredExtension {
            id: row.get("id")?,
            expert: row.get("expert_id")?,
            name: row.get("name")?,
            half_days: half_days(row, "half_days")?,
            to: row.get("to_day")?,
            reason: row.get("reason")?,
            proposed_on: row.get("proposed_on")?,
            answer: answered.zip(row.get("is_agreed")?),
        })
    };
    EXTENSIONS.bind(mission).all(on, read).await
}

/// Answers an extension; gives whether it still waited.
pub(crate) async fn answer_extension(
    tx: &mut Tx,
    id: Uuid,
    on: Date,
    is_agreed: bool,
) -> Result<bool, DbError> {
    let query = ANSWER_EXTENSION.bind(id).bind(on).bind(is_agreed);
    Ok(query.execute(tx).await? == 1)
}
