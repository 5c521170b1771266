//! What missions take of experts, week by week.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, half_days};
use crate::domain::{MissionState, Weeks};

kit_db::statements! {
    ADD = "brigade.plan.add":
        "INSERT INTO brigade_plan (expert_id, week, mission_id, half_days) VALUES ($1, $2, $3, $4)
         ON CONFLICT (expert_id, week, mission_id)
            DO UPDATE SET half_days = brigade_plan.half_days + excluded.half_days";
    FREE = "brigade.plan.free": "DELETE FROM brigade_plan WHERE mission_id = $1 AND week >= $2";
    OF_EXPERT = "brigade.plan.of_expert":
        "SELECT week, CAST(SUM(half_days) AS BIGINT) AS half_days FROM brigade_plan
         WHERE expert_id = $1 AND week >= $2 AND week <= $3 GROUP BY week";
    BETWEEN = "brigade.plan.between":
        "SELECT expert_id, week, CAST(SUM(half_days) AS BIGINT) AS half_days FROM brigade_plan
         WHERE week >= $1 AND week <= $2 GROUP BY expert_id, week LIMIT 200000";
    TAKEN = "brigade.plan.taken":
        "SELECT m.id, m.title, m.from_day, m.to_day, m.state,
            CAST(SUM(l.half_days) AS BIGINT) AS half_days
         FROM brigade_plan l JOIN brigade_mission m ON m.id = l.mission_id
         WHERE l.expert_id = $1 AND l.week >= $2 AND l.week <= $3
         GROUP BY m.id, m.title, m.from_day, m.to_day, m.state ORDER BY m.from_day, m.id LIMIT 20";
}

/// A mission that takes time of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The mission.
    pub mission: Uuid,
    /// Its title.
    pub title: String,
    /// Its first and last days.
    pub period: (Date, Date),
    /// Where it stands.
    pub state: MissionState,
    /// Half days that it takes in the weeks asked for.
    pub half_days: u32,
}

/// Books half days of somebody whose row is held.
pub(crate) async fn add(
    tx: &mut Tx,
    expert: Uuid,
    mission: Uuid,
    weeks: &Weeks,
) -> Result<(), DbError> {
    for (week, half_days) in weeks {
        let query = ADD.bind(expert).bind(*week).bind(mission).bind(*half_days);
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Gives back what a mission took from a week on.
pub(crate) async fn free(tx: &mut Tx, mission: Uuid, from: Date) -> Result<(), DbError> {
    FREE.bind(mission).bind(from).execute(tx).await.map(drop)
}

/// What is taken of somebody in weeks between two Mondays.
pub(crate) async fn of_expert(
    on: impl Into<Handle<'_>>,
    expert: Uuid,
    (first, last): (Date, Date),
) -> Result<Weeks, DbError> {
    let read = |row: &Row| Ok((row.get::<Date>("week")?, half_days(row, "half_days")?));
    let query = OF_EXPERT.bind(expert).bind(first).bind(last);
    Ok(query.all(on, read).await?.into_iter().collect())
}

/// The same of everybody.
pub(crate) async fn between(
    db: &Db,
    (first, last): (Date, Date),
) -> Result<BTreeMap<Uuid, Weeks>, DbError> {
    let mut all: BTreeMap<Uuid, Weeks> = BTreeMap::new();
    let query = BETWEEN.bind(first).bind(last);
    query
        .each(db, |row| {
            let weeks = all.entry(row.get("expert_id")?).or_default();
            weeks.insert(row.get("week")?, half_days(row, "half_days")?);
            Ok(())
        })
        .await?;
    Ok(all)
}

/// The missions that take somebody's time in weeks between two Mondays.
pub(crate) async fn taken(
    on: impl Into<Handle<'_>>,
    expert: Uuid,
    (first, last): (Date, Date),
) -> Result<Vec<Taken>, DbError> {
    let read = |row: &Row| {
        Ok(Taken {
            mission: row.get("id")?,
            title: row.get("title")?,
            period: (row.get("from_day")?, row.get("to_day")?),
            state: code(row, "state", MissionState::parse)?,
            half_days: half_days(row, "half_days")?,
        })
    };
    let query = TAKEN.bind(expert).bind(first).bind(last);
    query.all(on, read).await
}
