//! What the platform counted by itself, per day and subject.

use jiff::civil::Date;
use kit_db::{DbError, Handle, Tx};

use crate::domain::Origin;

kit_db::statements! {
    ADD = "impact.count.add":
        "INSERT INTO impact_count (origin, subject_id, day, number) VALUES ($1, $2, $3, $4)
         ON CONFLICT (origin, subject_id, day)
         DO UPDATE SET number = impact_count.number + excluded.number";
    SUM = "impact.count.sum":
        "SELECT CAST(COALESCE(SUM(number), 0) AS BIGINT) AS number FROM impact_count
         WHERE origin = $1 AND subject_id = $2 AND day >= $3 AND day <= $4";
    FIRST = "impact.count.first":
        "SELECT day FROM impact_count WHERE origin = $1 AND subject_id = $2 ORDER BY day LIMIT 1";
}

/// Adds to the count of a day.
pub(crate) async fn add(
    tx: &mut Tx,
    origin: Origin,
    day: Date,
    number: i64,
) -> Result<(), DbError> {
    ADD.bind(origin.code())
        .bind(origin.subject())
        .bind(day)
        .bind(number)
        .execute(tx)
        .await
        .map(drop)
}

/// The count from one day to another, both included.
pub(crate) async fn sum(
    on: impl Into<Handle<'_>>,
    origin: Origin,
    from: Date,
    until: Date,
) -> Result<i64, DbError> {
    SUM.bind(origin.code())
        .bind(origin.subject())
        .bind(from)
        .bind(until)
        .one(on, |row| row.get("number"))
        .await
}

/// The first day that has a count.
pub(crate) async fn first_day(
    on: impl Into<Handle<'_>>,
    origin: Origin,
) -> Result<Option<Date>, DbError> {
    let query = FIRST.bind(origin.code()).bind(origin.subject());
    query.optional(on, |row| row.get("day")).await
}
