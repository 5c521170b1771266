//! What approvals froze.

use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{json, to_json};
use crate::domain::Version;

kit_db::statements! {
    INSERT = "exchange.version.insert":
        "INSERT INTO exchange_version (accreditation_id, number, content, approved_at, valid_until)
         VALUES ($1, $2, $3, $4, $5)";
    FIND = "exchange.version.find":
        "SELECT content FROM exchange_version WHERE accreditation_id = $1 AND number = $2";
    OF = "exchange.version.of_accreditation":
        "SELECT content FROM exchange_version WHERE accreditation_id = $1
         ORDER BY number DESC LIMIT 200";
    IN_FORCE = "exchange.version.in_force":
        "SELECT v.accreditation_id, v.content FROM exchange_version v
         JOIN exchange_accreditation a ON a.id = v.accreditation_id AND a.granted_version = v.number
         WHERE a.standing = 'in-force' AND a.valid_until > $1 ORDER BY a.number LIMIT 100000";
}

pub(crate) async fn insert(tx: &mut Tx, of: Uuid, version: &Version) -> Result<(), DbError> {
    INSERT
        .bind(of)
        .bind(version.number)
        .bind(to_json(version))
        .bind(version.approved_at)
        .bind(version.valid_until)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    of: Uuid,
    number: u32,
) -> Result<Option<Version>, DbError> {
    let query = FIND.bind(of).bind(number);
    query.optional(on, |row| json(row, "content")).await
}

/// Every version of an accreditation, the latest first.
pub(crate) async fn all(db: &Db, of: Uuid) -> Result<Vec<Version>, DbError> {
    OF.bind(of).all(db, |row| json(row, "content")).await
}

/// The versions that can be used at an instant, each with its accreditation.
pub(crate) async fn in_force(
    on: impl Into<Handle<'_>>,
    at: jiff::Timestamp,
) -> Result<Vec<(Uuid, Version)>, DbError> {
    let read = |row: &Row| Ok((row.get("accreditation_id")?, json(row, "content")?));
    IN_FORCE.bind(at).all(on, read).await
}
