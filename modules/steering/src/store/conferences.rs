//! Conferences, their points, and what happened to them.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json, json_or_none, to_json};
use crate::Event;
use crate::domain::{
    ConferenceKind, ConferenceLife, ConferenceState, Participant, ProjectFile, Publication, Reason,
};

/// Most points of one conference: taken and dropped ones.
pub(crate) const POINTS_MAX: usize = 200;

kit_db::statements! {
    FIND = "steering.conference.find": "SELECT t.* FROM steering_conference t WHERE t.id = $1";
    INSERT = "steering.conference.insert":
        "INSERT INTO steering_conference (id, ministry_id, ministry_name, kind, year, reason, day, hour,
            place, participants, state, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'planned', $11, $11)
         ON CONFLICT (ministry_id, year) WHERE kind = 'ordinary' AND state <> 'cancelled' DO NOTHING";
    ORDINARY = "steering.conference.ordinary":
        "SELECT id FROM steering_conference
         WHERE ministry_id = $1 AND year = $2 AND kind = 'ordinary' AND state <> 'cancelled'";
    HOLD_ROW = "steering.conference.hold_row":
        "UPDATE steering_conference SET updated_at = $2 WHERE id = $1";
    SAVE = "steering.conference.save":
        "UPDATE steering_conference SET year = $3, reason = $4, day = $5, hour = $6, place = $7,
            participants = $8, state = $9, frozen_on = $10, directorate_adoption = $11,
            ministry_adoption = $12, closed_on = $13, public_on = $14, publication = $15,
            row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    PUBLISH = "steering.conference.publish":
        "UPDATE steering_conference SET public_on = $3, publication = $4, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    BUMP = "steering.conference.bump":
        "UPDATE steering_conference SET row_version = row_version + 1 WHERE id = $1";
    BEFORE = "steering.conference.before":
        "SELECT t.* FROM steering_conference t
         WHERE t.ministry_id = $1 AND (t.day, t.id) < ($2, $3) AND t.state IN ('held', 'closed')
         ORDER BY t.day DESC, t.id DESC LIMIT 1";
    PUBLISHED = "steering.conference.published":
        "SELECT t.* FROM steering_conference t
         WHERE t.public_on IS NOT NULL AND t.public_on <= $1 AND (t.public_on, t.id) < ($2, $3)
         ORDER BY t.public_on DESC, t.id DESC LIMIT $4";
    POINT = "steering.conference_point.find":
        "SELECT t.*, p.title AS product_title FROM steering_conference_point t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id AND t.id = $1";
    POINTS = "steering.conference_point.of":
        "SELECT t.*, p.title AS product_title FROM steering_conference_point t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id AND t.conference_id = $1 ORDER BY t.position, t.id LIMIT 200";
    DISCUSSED = "steering.conference_point.of_product":
        "SELECT t.id, t.conference_id, c.day, c.state FROM steering_conference_point t
         JOIN steering_conference c ON c.id = t.conference_id
         WHERE t.product_id = $1 AND t.dropped_on IS NULL AND c.state <> 'cancelled'
         ORDER BY c.day DESC LIMIT 20";
    OF_DECISION = "steering.conference_point.of_decision":
        "SELECT conference_id FROM steering_conference_point WHERE decision_id = $1";
    ADD = "steering.conference_point.add":
        "INSERT INTO steering_conference_point (id, conference_id, product_id, position, is_proposed, why,
            note, dropped_on, dropped_reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (conference_id, product_id) DO NOTHING";
    PLACE = "steering.conference_point.place":
        "UPDATE steering_conference_point SET position = $2 WHERE id = $1";
    TAKE = "steering.conference_point.take":
        "UPDATE steering_conference_point SET position = $2, why = $3, note = $4, dropped_on = $5,
            dropped_reason = $6, row_version = row_version + 1 WHERE id = $1";
    FREEZE = "steering.conference_point.freeze":
        "UPDATE steering_conference_point SET file = $2 WHERE id = $1";
    WRITE = "steering.conference_point.write":
        "UPDATE steering_conference_point SET discussion = $3, undecided = $4, written_by = $5,
            decision_id = $6, brigade_id = $7, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    LAST_STEP = "steering.conference_step.last":
        "SELECT COALESCE(MAX(position), 0) AS position FROM steering_conference_step
         WHERE conference_id = $1";
    STEP = "steering.conference_step.append":
        "INSERT INTO steering_conference_step (id, conference_id, position, act, on_day, at, by_id,
            by_name, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    STEPS = "steering.conference_step.of":
        "SELECT * FROM steering_conference_step WHERE conference_id = $1 ORDER BY position LIMIT 1000";
    CLOSE_POINTS = "steering.agenda.close_of_product":
        "UPDATE steering_agenda SET closed_on = $3, outcome = $4
         WHERE product_id = $1 AND added_on <= $2 AND closed_on IS NULL";
    AGENDA_OF = "steering.agenda.of_ministry":
        "SELECT product_id, reason FROM steering_agenda
         WHERE ministry_id = $1 AND closed_on IS NULL ORDER BY added_on, id LIMIT 2000";
    OVERDUE_OF = "steering.recommendation.overdue_of":
        "SELECT product_id, COUNT(*) AS number FROM steering_recommendation
         WHERE ministry_id = $1 AND is_overdue = TRUE GROUP BY product_id LIMIT 5000";
    ALERTS_OF = "steering.alert.of_ministry":
        "SELECT product_id, COUNT(*) AS number FROM steering_alert
         WHERE ministry_id = $1 AND closed_on IS NULL GROUP BY product_id LIMIT 5000";
    RISK_OF = "steering.product.risk_of_ministry":
        "SELECT COUNT(*) AS number, COALESCE(CAST(SUM(at_risk_cents) AS BIGINT), 0) AS cents
         FROM steering_product WHERE ministry_id = $1 AND at_risk_cents > 0";
}

/// A conference, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conference {
    /// Its id.
    pub id: Uuid,
    /// The ministry's organisation.
    pub ministry: Uuid,
    /// Its name, as it was.
    pub ministry_name: String,
    /// Whether it is the year's.
    pub kind: ConferenceKind,
    /// Why, for an extraordinary one.
    pub reason: String,
    /// Hours and minutes in Paris: `14:30`.
    pub hour: String,
    /// Where.
    pub place: String,
    /// Who takes part.
    pub participants: Vec<Participant>,
    /// Where it stands, its day, who adopted its minutes.
    pub life: ConferenceLife,
    /// When and how its minutes are published.
    pub publication: Option<Publication>,
    /// The version that a change names.
    pub version: i64,
}

/// A point of a conference, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ConferencePoint {
    /// Its id.
    pub id: Uuid,
    /// Of which conference.
    pub conference: Uuid,
    /// The product.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// Its place on the agenda.
    pub position: i64,
    /// Whether the data proposed it; else somebody added it.
    pub is_proposed: bool,
    /// Why the data proposed it.
    pub why: Vec<Reason>,
    /// Why somebody added it.
    pub note: String,
    /// When and why it was taken off.
    pub dropped: Option<(Date, String)>,
    /// Its file, once frozen.
    pub file: Option<ProjectFile>,
    /// What was said.
    pub discussion: String,
    /// Why nothing was decided.
    pub undecided: String,
    /// Who wrote the minutes last.
    pub written_by: String,
    /// What was decided.
    pub decision: Option<Uuid>,
    /// The mission that was asked for.
    pub brigade: Option<Uuid>,
    /// The version that a change names.
    pub version: i64,
}

impl ConferencePoint {
    /// Whether it has minutes: what was said, and a decision or a reason for none.
    pub fn is_written(&self) -> bool {
        !self.discussion.is_empty() && (self.decision.is_some() || !self.undecided.is_empty())
    }
}

pub(crate) fn read(row: &Row) -> Result<Conference, DbError> {
    Ok(Conference {
        id: row.get("id")?,
        ministry: row.get("ministry_id")?,
        ministry_name: row.get("ministry_name")?,
        kind: code(row, "kind", ConferenceKind::parse)?,
        reason: row.get("reason")?,
        hour: row.get("hour")?,
        place: row.get("place")?,
        participants: json(row, "participants")?,
        life: ConferenceLife {
            state: code(row, "state", ConferenceState::parse)?,
            day: row.get("day")?,
            frozen_on: row.get("frozen_on")?,
            directorate: json_or_none(row, "directorate_adoption")?,
            ministry: json_or_none(row, "ministry_adoption")?,
            closed_on: row.get("closed_on")?,
        },
        publication: json_or_none(row, "publication")?,
        version: row.get("row_version")?,
    })
}

fn read_point(row: &Row) -> Result<ConferencePoint, DbError> {
    let dropped: Option<Date> = row.get("dropped_on")?;
    let reason: String = row.get("dropped_reason")?;
    Ok(ConferencePoint {
        id: row.get("id")?,
        conference: row.get("conference_id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        position: row.get("position")?,
        is_proposed: row.get("is_proposed")?,
        why: json(row, "why")?,
        note: row.get("note")?,
        dropped: dropped.map(|on| (on, reason)),
        file: json_or_none(row, "file")?,
        discussion: row.get("discussion")?,
        undecided: row.get("undecided")?,
        written_by: row.get("written_by")?,
        decision: row.get("decision_id")?,
        brigade: row.get("brigade_id")?,
        version: row.get("row_version")?,
    })
}

fn read_step(row: &Row) -> Result<Event, DbError> {
    Ok(Event {
        id: row.get("id")?,
        product: None,
        subject_kind: "conference".to_owned(),
        subject: row.get("conference_id")?,
        act: row.get("act")?,
        on: row.get("on_day")?,
        at: row.get("at")?,
        by_id: row.get("by_id")?,
        by_name: row.get("by_name")?,
        reason: row.get("reason")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<Conference>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// A conference whose row the transaction holds until it ends.
pub(crate) async fn hold(
    tx: &mut Tx,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<Conference>, DbError> {
    HOLD_ROW.bind(id).bind(now).execute(&mut *tx).await?;
    find(tx, id).await
}

/// Adds a conference; gives whether the ministry had no ordinary one in its year.
pub(crate) async fn insert(tx: &mut Tx, one: &Conference, now: Timestamp) -> Result<bool, DbError> {
    let query = INSERT
        .bind(one.id)
        .bind(one.ministry)
        .bind(&one.ministry_name)
        .bind(one.kind.code())
        .bind(i64::from(one.life.day.year()))
        .bind(&one.reason)
        .bind(one.life.day)
        .bind(&one.hour)
        .bind(&one.place)
        .bind(to_json(&one.participants))
        .bind(now);
    Ok(query.execute(tx).await? == 1)
}

/// The ordinary conference of a ministry and a year.
pub(crate) async fn ordinary(
    on: impl Into<Handle<'_>>,
    ministry: Uuid,
    year: i16,
) -> Result<Option<Uuid>, DbError> {
    let query = ORDINARY.bind(ministry).bind(i64::from(year));
    query.optional(on, |row| row.get("id")).await
}

/// Saves what changed; gives whether nobody changed it first.
pub(crate) async fn save(tx: &mut Tx, one: &Conference, version: i64) -> Result<bool, DbError> {
    let query = SAVE
        .bind(one.id)
        .bind(version)
        .bind(i64::from(one.life.day.year()))
        .bind(&one.reason)
        .bind(one.life.day)
        .bind(&one.hour)
        .bind(&one.place)
        .bind(to_json(&one.participants))
        .bind(one.life.state.code())
        .bind(one.life.frozen_on)
        .bind(one.life.directorate.as_ref().map(to_json))
        .bind(one.life.ministry.as_ref().map(to_json))
        .bind(one.life.closed_on)
        .bind(one.publication.as_ref().map(|planned| planned.on))
        .bind(one.publication.as_ref().map(to_json));
    Ok(query.execute(tx).await? == 1)
}

/// Plans the publication; gives whether nobody changed it first.
pub(crate) async fn publish(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    planned: &Publication,
) -> Result<bool, DbError> {
    let query = PUBLISH.bind(id).bind(version).bind(planned.on);
    Ok(query.bind(to_json(planned)).execute(tx).await? == 1)
}

/// Says that something of it changed: what was read before is stale.
pub(crate) async fn bump(tx: &mut Tx, id: Uuid) -> Result<(), DbError> {
    BUMP.bind(id).execute(tx).await.map(drop)
}

/// The last one of a ministry that took place before a place in time.
pub(crate) async fn before(
    on: impl Into<Handle<'_>>,
    ministry: Uuid,
    (day, id): (Date, Uuid),
) -> Result<Option<Conference>, DbError> {
    let query = BEFORE.bind(ministry).bind(day).bind(id);
    query.optional(on, read).await
}

/// What anybody may read on a day, before a place, the latest first.
pub(crate) async fn published(
    db: &Db,
    today: Date,
    before: (Date, Uuid),
    limit: u32,
) -> Result<Vec<Conference>, DbError> {
    let query = PUBLISHED.bind(today).bind(before.0).bind(before.1);
    query.bind(limit).all(db, read).await
}

pub(crate) async fn point(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<ConferencePoint>, DbError> {
    POINT.bind(id).optional(on, read_point).await
}

/// Every point in order, dropped ones too.
pub(crate) async fn points(
    on: impl Into<Handle<'_>>,
    conference: Uuid,
) -> Result<Vec<ConferencePoint>, DbError> {
    POINTS.bind(conference).all(on, read_point).await
}

/// The conferences that speak of a product, the latest first: id, day, state.
pub(crate) async fn of_product(
    db: &Db,
    product: Uuid,
) -> Result<Vec<(Uuid, Uuid, Date, ConferenceState)>, DbError> {
    let read = |row: &Row| {
        Ok((
            row.get("conference_id")?,
            row.get("id")?,
            row.get("day")?,
            code(row, "state", ConferenceState::parse)?,
        ))
    };
    DISCUSSED.bind(product).all(db, read).await
}

/// The conference at which a decision was taken.
pub(crate) async fn of_decision(db: &Db, decision: Uuid) -> Result<Option<Uuid>, DbError> {
    let query = OF_DECISION.bind(decision);
    query.optional(db, |row| row.get("conference_id")).await
}

/// Adds a point; gives whether the conference didn't have its product.
pub(crate) async fn add(tx: &mut Tx, one: &ConferencePoint) -> Result<bool, DbError> {
    let query = ADD
        .bind(one.id)
        .bind(one.conference)
        .bind(one.product)
        .bind(one.position)
        .bind(one.is_proposed)
        .bind(to_json(&one.why))
        .bind(&one.note)
        .bind(one.dropped.as_ref().map(|(on, _)| *on))
        .bind(one.dropped.as_ref().map_or("", |(_, why)| why.as_str()));
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn place(tx: &mut Tx, id: Uuid, position: i64) -> Result<(), DbError> {
    PLACE.bind(id).bind(position).execute(tx).await.map(drop)
}

/// Saves whether a point is on the agenda, where and why.
pub(crate) async fn take(tx: &mut Tx, one: &ConferencePoint) -> Result<(), DbError> {
    TAKE.bind(one.id)
        .bind(one.position)
        .bind(to_json(&one.why))
        .bind(&one.note)
        .bind(one.dropped.as_ref().map(|(on, _)| *on))
        .bind(one.dropped.as_ref().map_or("", |(_, why)| why.as_str()))
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn freeze(tx: &mut Tx, id: Uuid, file: &ProjectFile) -> Result<(), DbError> {
    FREEZE
        .bind(id)
        .bind(to_json(file))
        .execute(tx)
        .await
        .map(drop)
}

/// Saves the minutes of a point; gives whether nobody changed it first.
pub(crate) async fn write(
    tx: &mut Tx,
    one: &ConferencePoint,
    version: i64,
) -> Result<bool, DbError> {
    let query = WRITE
        .bind(one.id)
        .bind(version)
        .bind(&one.discussion)
        .bind(&one.undecided)
        .bind(&one.written_by)
        .bind(one.decision)
        .bind(one.brigade);
    Ok(query.execute(tx).await? == 1)
}

/// Appends what happened to a conference, whose row the transaction holds.
pub(crate) async fn append(tx: &mut Tx, step: &Event) -> Result<(), DbError> {
    let last: i64 = LAST_STEP
        .bind(step.subject)
        .one(&mut *tx, |row| row.get("position"))
        .await?;
    STEP.bind(step.id)
        .bind(step.subject)
        .bind(last + 1)
        .bind(&step.act)
        .bind(step.on)
        .bind(step.at)
        .bind(step.by_id)
        .bind(&step.by_name)
        .bind(&step.reason)
        .execute(tx)
        .await
        .map(drop)
}

/// What happened to a conference, oldest first.
pub(crate) async fn steps(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Vec<Event>, DbError> {
    STEPS.bind(id).all(on, read_step).await
}

/// Closes what an alert or an escalation had put on the agenda of a product by a day.
pub(crate) async fn close_agenda(
    tx: &mut Tx,
    (product, until): (Uuid, Date),
    on: Date,
    outcome: &str,
) -> Result<(), DbError> {
    let query = CLOSE_POINTS.bind(product).bind(until).bind(on);
    query.bind(outcome).execute(tx).await.map(drop)
}

/// What alerts and escalations put on a ministry's agenda: product and why.
pub(crate) async fn agenda_of(db: &Db, ministry: Uuid) -> Result<Vec<(Uuid, String)>, DbError> {
    let read = |row: &Row| Ok((row.get("product_id")?, row.get("reason")?));
    AGENDA_OF.bind(ministry).all(db, read).await
}

fn read_count(row: &Row) -> Result<(Uuid, i64), DbError> {
    Ok((row.get("product_id")?, row.get("number")?))
}

/// How many recommendations of each product of a ministry are overdue.
pub(crate) async fn overdue_of(db: &Db, ministry: Uuid) -> Result<Vec<(Uuid, i64)>, DbError> {
    OVERDUE_OF.bind(ministry).all(db, read_count).await
}

/// How many alerts of each product of a ministry are open.
pub(crate) async fn alerts_of(db: &Db, ministry: Uuid) -> Result<Vec<(Uuid, i64)>, DbError> {
    ALERTS_OF.bind(ministry).all(db, read_count).await
}

/// A ministry's projects at risk and their money, in cents.
pub(crate) async fn risk_of(db: &Db, ministry: Uuid) -> Result<(i64, i64), DbError> {
    let read = |row: &Row| Ok((row.get("number")?, row.get("cents")?));
    RISK_OF.bind(ministry).one(db, read).await
}
