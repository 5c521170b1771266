//! What is published of versions.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{json, to_json};
use crate::domain::publication::Publication;

kit_db::statements! {
    FIND = "costs.publication.find": "SELECT * FROM costs_publication WHERE version_id = $1";
    INSERT = "costs.publication.insert":
        "INSERT INTO costs_publication (version_id, file_id, number, public_on, redactions, revision,
            decided_by, decided_at)
         VALUES ($1, $2, $3, $4, $5, 1, $6, $7)
         ON CONFLICT (version_id) DO NOTHING";
    UPDATE = "costs.publication.update":
        "UPDATE costs_publication SET public_on = $3, redactions = $4, revision = revision + 1,
            decided_by = $5, decided_at = $6
         WHERE version_id = $1 AND revision = $2";
    // The latest version of a product that anybody may read on a day.
    LATEST = "costs.publication.latest":
        "SELECT * FROM costs_publication WHERE file_id = $1 AND public_on <= $2
         ORDER BY number DESC LIMIT 1";
    OF_FILE = "costs.publication.of_file":
        "SELECT * FROM costs_publication WHERE file_id = $1 AND public_on <= $2
         ORDER BY public_on DESC, number DESC LIMIT $3";
    OPEN = "costs.publication.open":
        "SELECT p.*, f.product_id, f.product_title FROM costs_publication p
         JOIN costs_file f ON f.id = p.file_id
         WHERE p.public_on <= $1 AND (p.public_on, p.version_id) < ($2, $3)
            AND NOT EXISTS (SELECT 1 FROM costs_publication n
                WHERE n.file_id = p.file_id AND n.number > p.number AND n.public_on <= $1)
         ORDER BY p.public_on DESC, p.version_id DESC LIMIT $4";
}

/// What is decided about a version, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The version.
    pub version: Uuid,
    /// The version's number.
    pub number: i64,
    /// The day and what is hidden.
    pub publication: Publication,
    /// Grows with each change.
    pub revision: i64,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A published version, in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    /// What is decided.
    pub(crate) decided: Decided,
    /// The product.
    pub(crate) product: Uuid,
    /// Its name.
    pub(crate) title: String,
}

fn read(row: &Row) -> Result<Decided, DbError> {
    Ok(Decided {
        version: row.get("version_id")?,
        number: row.get("number")?,
        publication: Publication {
            on: row.get("public_on")?,
            redactions: json(row, "redactions")?,
        },
        revision: row.get("revision")?,
        by: row.get("decided_by")?,
        at: row.get("decided_at")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    version: Uuid,
) -> Result<Option<Decided>, DbError> {
    FIND.bind(version).optional(on, read).await
}

/// Keeps what is decided in place of a revision (0: none yet); gives whether that one stood.
pub(crate) async fn set(
    tx: &mut Tx,
    file: Uuid,
    decided: &Decided,
    seen: i64,
) -> Result<bool, DbError> {
    let query = if seen == 0 {
        INSERT.bind(decided.version).bind(file).bind(decided.number)
    } else {
        UPDATE.bind(decided.version).bind(seen)
    };
    let kept = query
        .bind(decided.publication.on)
        .bind(to_json(&decided.publication.redactions))
        .bind(&decided.by)
        .bind(decided.at)
        .execute(tx)
        .await?;
    Ok(kept == 1)
}

/// The latest version of a product that anybody may read on a day.
pub(crate) async fn latest(
    on: impl Into<Handle<'_>>,
    file: Uuid,
    today: Date,
) -> Result<Option<Decided>, DbError> {
    LATEST.bind(file).bind(today).optional(on, read).await
}

/// What anybody may read of a product on a day, what was published last first.
pub(crate) async fn of_file(
    on: impl Into<Handle<'_>>,
    file: Uuid,
    today: Date,
    limit: u32,
) -> Result<Vec<Decided>, DbError> {
    OF_FILE
        .bind(file)
        .bind(today)
        .bind(limit)
        .all(on, read)
        .await
}

/// The latest published version of each product, what was published last first.
pub(crate) async fn open(
    on: impl Into<Handle<'_>>,
    today: Date,
    (before, id): (Date, Uuid),
    limit: u32,
) -> Result<Vec<Open>, DbError> {
    let query = OPEN.bind(today).bind(before).bind(id).bind(limit);
    query
        .all(on, |row| {
            Ok(Open {
                decided: read(row)?,
                product: row.get("product_id")?,
                title: row.get("product_title")?,
            })
        })
        .await
}
