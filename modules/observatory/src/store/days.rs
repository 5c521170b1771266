//! Answers counted by day.

use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use crate::domain::Tally;

kit_db::statements! {
    ADD = "observatory.day.add":
        "INSERT INTO observatory_day (procedure_id, on_day, good, medium, bad, ease_number, ease_sum,
            help_reached, help_not_reached, help_number, help_sum)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (procedure_id, on_day) DO UPDATE SET
            good = observatory_day.good + excluded.good,
            medium = observatory_day.medium + excluded.medium,
            bad = observatory_day.bad + excluded.bad,
            ease_number = observatory_day.ease_number + excluded.ease_number,
            ease_sum = observatory_day.ease_sum + excluded.ease_sum,
            help_reached = observatory_day.help_reached + excluded.help_reached,
            help_not_reached = observatory_day.help_not_reached + excluded.help_not_reached,
            help_number = observatory_day.help_number + excluded.help_number,
            help_sum = observatory_day.help_sum + excluded.help_sum,
            is_told = observatory_day.is_told
                AND excluded.good + excluded.medium + excluded.bad = 0";
    SUM = "observatory.day.sum":
        "SELECT CAST(COALESCE(SUM(good), 0) AS BIGINT) AS good,
                CAST(COALESCE(SUM(medium), 0) AS BIGINT) AS medium,
                CAST(COALESCE(SUM(bad), 0) AS BIGINT) AS bad,
                CAST(COALESCE(SUM(ease_number), 0) AS BIGINT) AS ease_number,
                CAST(COALESCE(SUM(ease_sum), 0) AS BIGINT) AS ease_sum,
                CAST(COALESCE(SUM(help_reached), 0) AS BIGINT) AS help_reached,
                CAST(COALESCE(SUM(help_not_reached), 0) AS BIGINT) AS help_not_reached,
                CAST(COALESCE(SUM(help_number), 0) AS BIGINT) AS help_number,
                CAST(COALESCE(SUM(help_sum), 0) AS BIGINT) AS help_sum
         FROM observatory_day WHERE procedure_id = $1 AND on_day >= $2 AND on_day <= $3";
    EACH = "observatory.day.each":
        "SELECT * FROM observatory_day WHERE procedure_id = $1 AND on_day >= $2 AND on_day <= $3
         ORDER BY on_day LIMIT 2000";
    UNTOLD = "observatory.day.untold":
        "SELECT procedure_id, on_day FROM observatory_day WHERE NOT is_told
         ORDER BY on_day, procedure_id LIMIT $1";
    // Locks the row until the transaction ends: two processes tell a day once.
    TELL = "observatory.day.tell":
        "UPDATE observatory_day SET is_told = TRUE
         WHERE procedure_id = $1 AND on_day = $2 AND NOT is_told RETURNING *";
    TOLD = "observatory.day.told":
        "UPDATE observatory_day SET told_reviews = $3, told_points = $4
         WHERE procedure_id = $1 AND on_day = $2";
}

fn read(row: &Row) -> Result<Tally, DbError> {
    Ok(Tally {
        good: row.get("good")?,
        medium: row.get("medium")?,
        bad: row.get("bad")?,
        ease_number: row.get("ease_number")?,
        ease_sum: row.get("ease_sum")?,
        help_reached: row.get("help_reached")?,
        help_not_reached: row.get("help_not_reached")?,
        help_number: row.get("help_number")?,
        help_sum: row.get("help_sum")?,
    })
}

/// Adds answers to a day.
pub(crate) async fn add(
    tx: &mut Tx,
    procedure: Uuid,
    on: Date,
    tally: &Tally,
) -> Result<(), DbError> {
    ADD.bind(procedure)
        .bind(on)
        .bind(tally.good)
        .bind(tally.medium)
        .bind(tally.bad)
        .bind(tally.ease_number)
        .bind(tally.ease_sum)
        .bind(tally.help_reached)
        .bind(tally.help_not_reached)
        .bind(tally.help_number)
        .bind(tally.help_sum)
        .execute(tx)
        .await
        .map(drop)
}

/// The answers from one day to another, both included.
pub(crate) async fn sum(
    on: impl Into<Handle<'_>>,
    procedure: Uuid,
    from: Date,
    until: Date,
) -> Result<Tally, DbError> {
    let query = SUM.bind(procedure).bind(from).bind(until);
    query.one(on, read).await
}

/// The same, day by day; at most 2,000 days.
pub(crate) async fn each(
    db: &Db,
    procedure: Uuid,
    from: Date,
    until: Date,
) -> Result<Vec<(Date, Tally)>, DbError> {
    let query = EACH.bind(procedure).bind(from).bind(until);
    query
        .all(db, |row| Ok((row.get("on_day")?, read(row)?)))
        .await
}

/// Days of which the journal wasn't told all, the first of all first.
pub(crate) async fn untold(db: &Db, limit: u32) -> Result<Vec<(Uuid, Date)>, DbError> {
    UNTOLD
        .bind(limit)
        .all(db, |row| Ok((row.get("procedure_id")?, row.get("on_day")?)))
        .await
}

/// Holds a day that isn't told, and says that it is: its answers, and the reviews and points that were
/// told before. None when another process told it.
pub(crate) async fn tell(
    tx: &mut Tx,
    procedure: Uuid,
    on: Date,
) -> Result<Option<(Tally, i64, i64)>, DbError> {
    TELL.bind(procedure)
        .bind(on)
        .optional(tx, |row| {
            Ok((
                read(row)?,
                row.get("told_reviews")?,
                row.get("told_points")?,
            ))
        })
        .await
}

/// Says how much was told of a day.
pub(crate) async fn told(
    tx: &mut Tx,
    procedure: Uuid,
    on: Date,
    tally: &Tally,
) -> Result<(), DbError> {
    TOLD.bind(procedure)
        .bind(on)
        .bind(tally.reviews())
        .bind(tally.points())
        .execute(tx)
        .await
        .map(drop)
}
