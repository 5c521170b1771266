//! How many of what happened in which hour: no person in it.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Tx};
use uuid::Uuid;

kit_db::statements! {
    COUNT = "identity.hour.count":
        "INSERT INTO oidc_hour (hour, client, outcome, number) VALUES ($1, $2, $3, 1)
         ON CONFLICT (hour, client, outcome) DO UPDATE SET number = oidc_hour.number + 1";
    // Sign-ins are counted from what they left: nothing is written for it at the time.
    ROLL_UP = "identity.hour.roll_up":
        "INSERT INTO oidc_hour (hour, client, outcome, number)
         SELECT created_at / 3600000000 * 3600, client, 'sign-in', COUNT(*) FROM oidc_authorization
         WHERE created_at >= $1 GROUP BY created_at / 3600000000 * 3600, client
         ON CONFLICT (hour, client, outcome) DO UPDATE SET number = excluded.number
            WHERE oidc_hour.told = FALSE";
    LAST_TOLD = "identity.hour.last_told":
        "SELECT MAX(hour) AS hour FROM oidc_hour WHERE told = TRUE AND outcome = 'sign-in'";
    COUNT_PROVIDER = "identity.provider_hour.count":
        "INSERT INTO oidc_provider_hour (hour, provider, outcome, level, number)
         VALUES ($1, $2, $3, $4, 1)
         ON CONFLICT (hour, provider, outcome, level)
         DO UPDATE SET number = oidc_provider_hour.number + 1";
    OF_PROVIDER = "identity.provider_hour.sums":
        "SELECT outcome, level, CAST(SUM(number) AS BIGINT) AS number FROM oidc_provider_hour
         WHERE provider = $1 AND hour >= $2 GROUP BY outcome, level
         ORDER BY outcome, level LIMIT 500";
    FORGET_PROVIDERS = "identity.provider_hour.forget":
        "DELETE FROM oidc_provider_hour WHERE hour < $1";
    OF_CLIENT = "identity.hour.of_client":
        "SELECT hour, outcome, number FROM oidc_hour WHERE client = $1 AND hour >= $2
         ORDER BY hour, outcome LIMIT 20000";
    TOTALS = "identity.hour.totals":
        "SELECT client, outcome, CAST(SUM(number) AS BIGINT) AS number FROM oidc_hour
         WHERE hour >= $1 GROUP BY client, outcome ORDER BY client, outcome LIMIT 20000";
    UNTOLD = "identity.hour.untold":
        "SELECT hour, client, outcome, number FROM oidc_hour WHERE told = FALSE AND hour < $1
         ORDER BY hour, client, outcome LIMIT 500";
    TELL = "identity.hour.tell":
        "UPDATE oidc_hour SET told = TRUE WHERE hour = $1 AND client = $2 AND outcome = $3";
}

/// Seconds of an hour.
const HOUR: i64 = 3_600;

/// The hour of an instant, in seconds since 1970.
pub(crate) fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR) * HOUR
}

/// A count of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HourCount {
    pub(crate) hour: i64,
    pub(crate) client: Uuid,
    pub(crate) outcome: String,
    pub(crate) number: i64,
}

/// Counts the sign-ins of the hour of `since` and of those after it, again if they were counted before.
pub(crate) async fn roll_up(db: &Db, since: Timestamp) -> Result<(), DbError> {
    let first = Timestamp::from_second(hour_of(since)).unwrap_or(since);
    ROLL_UP.bind(first).execute(db).await.map(drop)
}

/// The latest hour whose sign-ins were told; none when no sign-in ever was.
pub(crate) async fn last_told(db: &Db) -> Result<Option<Timestamp>, DbError> {
    let hour: Option<i64> = LAST_TOLD.query().one(db, |row| row.get("hour")).await?;
    Ok(hour.and_then(|hour| Timestamp::from_second(hour).ok()))
}

/// Counts one of `outcome`, a constant code.
pub(crate) async fn count(
    on: impl Into<Handle<'_>>,
    at: Timestamp,
    client: Uuid,
    outcome: &'static str,
) -> Result<(), DbError> {
    COUNT
        .bind(hour_of(at))
        .bind(client)
        .bind(outcome)
        .execute(on)
        .await
        .map(drop)
}

/// The counts of a service since an instant: hour, outcome, number.
pub(crate) async fn of_client(
    db: &Db,
    client: Uuid,
    since: Timestamp,
) -> Result<Vec<(i64, String, i64)>, DbError> {
    OF_CLIENT
        .bind(client)
        .bind(hour_of(since))
        .all(db, |row| {
            Ok((row.get("hour")?, row.get("outcome")?, row.get("number")?))
        })
        .await
}

/// The sums of every service since an instant: service, outcome, number.
pub(crate) async fn totals(db: &Db, since: Timestamp) -> Result<Vec<(Uuid, String, i64)>, DbError> {
    TOTALS
        .bind(hour_of(since))
        .all(db, |row| {
            Ok((row.get("client")?, row.get("outcome")?, row.get("number")?))
        })
        .await
}

/// Counts of hours that have ended before `now` and that the journal doesn't hold yet.
pub(crate) async fn untold(tx: &mut Tx, now: Timestamp) -> Result<Vec<HourCount>, DbError> {
    UNTOLD
        .bind(hour_of(now))
        .all(tx, |row| {
            Ok(HourCount {
                hour: row.get("hour")?,
                client: row.get("client")?,
                outcome: row.get("outcome")?,
                number: row.get("number")?,
            })
        })
        .await
}

pub(crate) async fn tell(tx: &mut Tx, count: &HourCount) -> Result<(), DbError> {
    let query = TELL.bind(count.hour).bind(count.client);
    query.bind(&count.outcome).execute(tx).await.map(drop)
}

/// Counts one of `outcome` at a provider, `sign-in` or the code of a cause; `level` is empty where
/// nothing was proved.
pub(crate) async fn count_provider(
    on: impl Into<Handle<'_>>,
    at: Timestamp,
    provider: Uuid,
    outcome: &str,
    level: &str,
) -> Result<(), DbError> {
    COUNT_PROVIDER
        .bind(hour_of(at))
        .bind(provider)
        .bind(outcome)
        .bind(level)
        .execute(on)
        .await
        .map(drop)
}

/// The sums of a provider since an instant: outcome, level, number.
pub(crate) async fn of_provider(
    db: &Db,
    provider: Uuid,
    since: Timestamp,
) -> Result<Vec<(String, String, i64)>, DbError> {
    OF_PROVIDER
        .bind(provider)
        .bind(hour_of(since))
        .all(db, |row| {
            Ok((row.get("outcome")?, row.get("level")?, row.get("number")?))
        })
        .await
}

/// Forgets the counts of providers from before an instant.
pub(crate) async fn forget_providers(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    FORGET_PROVIDERS.bind(hour_of(before)).execute(db).await
}
