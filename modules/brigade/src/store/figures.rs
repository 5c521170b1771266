//! Sums that tell how the brigade does.

use jiff::civil::Date;
use kit_db::{Db, DbError, Row};

kit_db::statements! {
    WAITED = "brigade.figure.waited":
        "SELECT asked_on, answered_on FROM brigade_request
         WHERE answered_on IS NOT NULL AND asked_on >= $1 ORDER BY asked_on DESC, id DESC LIMIT 20000";
    WAITING = "brigade.figure.waiting":
        "SELECT COUNT(*) AS number FROM brigade_request WHERE state = 'open' AND asked_on < $1";
    ASKED = "brigade.figure.asked":
        "SELECT w.expertise, CAST(SUM(w.half_days) AS BIGINT) AS half_days FROM brigade_wanted w
         JOIN brigade_request r ON r.id = w.request_id WHERE r.asked_on >= $1
         GROUP BY w.expertise ORDER BY w.expertise LIMIT 200";
    AGREED = "brigade.figure.agreed":
        "SELECT a.expertise, CAST(SUM(a.half_days) AS BIGINT) AS half_days
         FROM brigade_assignment a JOIN brigade_mission m ON m.id = a.mission_id
         WHERE m.agreed_on IS NOT NULL AND m.proposed_on >= $1
         GROUP BY a.expertise ORDER BY a.expertise LIMIT 200";
    SPENT = "brigade.figure.spent":
        "SELECT a.expertise, CAST(SUM(d.half_days) AS BIGINT) AS half_days
         FROM brigade_day d
         JOIN brigade_assignment a ON a.mission_id = d.mission_id AND a.expert_id = d.expert_id
         JOIN brigade_mission m ON m.id = d.mission_id
         WHERE m.proposed_on >= $1
         GROUP BY a.expertise ORDER BY a.expertise LIMIT 200";
}

/// Of each request that was asked since a day and answered: both days.
pub(crate) async fn waited(db: &Db, since: Date) -> Result<Vec<(Date, Date)>, DbError> {
    let read = |row: &Row| Ok((row.get("asked_on")?, row.get("answered_on")?));
    WAITED.bind(since).all(db, read).await
}

/// Open requests that were asked before a day.
pub(crate) async fn waiting(db: &Db, before: Date) -> Result<i64, DbError> {
    let query = WAITING.bind(before);
    query.one(db, |row| row.get("number")).await
}

/// Half days by expertise since a day: asked, agreed, spent.
pub(crate) async fn by_expertise(db: &Db, since: Date) -> Result<[Vec<(String, i64)>; 3], DbError> {
    let read = |row: &Row| Ok((row.get("expertise")?, row.get("half_days")?));
    Ok([
        ASKED.bind(since).all(db, read).await?,
        AGREED.bind(since).all(db, read).await?,
        SPENT.bind(since).all(db, read).await?,
    ])
}
