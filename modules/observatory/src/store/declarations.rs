//! What teams declare.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Statement, Tx};
use uuid::Uuid;

use super::code;
use super::procedures::{self, StoredProcedure};
use crate::domain::{Declaration, Declared};

kit_db::statements! {
    INSERT = "observatory.declaration.insert":
        "INSERT INTO observatory_declaration (id, procedure_id, declared, value, as_of, valid_until,
            evidence, by_name, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LATEST = "observatory.declaration.latest":
        "SELECT * FROM observatory_declaration
         WHERE procedure_id = $1 AND declared = $2 AND as_of <= $3
         ORDER BY as_of DESC, at DESC, id DESC LIMIT 1";
    OF_KIND = "observatory.declaration.of_kind":
        "SELECT * FROM observatory_declaration WHERE procedure_id = $1 AND declared = $2
         ORDER BY as_of DESC, at DESC, id DESC LIMIT 200";
    STAND = "observatory.standing.set":
        "INSERT INTO observatory_standing (procedure_id, declared, declaration_id, as_of, valid_until)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (procedure_id, declared) DO UPDATE SET declaration_id = excluded.declaration_id,
            as_of = excluded.as_of, valid_until = excluded.valid_until
         WHERE observatory_standing.as_of <= excluded.as_of";
    AGING = "observatory.standing.aging":
        "SELECT s.declared AS declared, s.valid_until AS valid_until, p.*
         FROM observatory_standing s CROSS JOIN observatory_procedure p
         WHERE p.id = s.procedure_id AND p.is_open AND s.valid_until IS NOT NULL
            AND s.valid_until <= $1
         ORDER BY s.valid_until, s.procedure_id, s.declared LIMIT $2";
    AGING_OF = "observatory.standing.aging_of":
        "SELECT s.declared AS declared, s.valid_until AS valid_until, p.*
         FROM observatory_procedure p CROSS JOIN observatory_standing s
         WHERE s.procedure_id = p.id AND p.ministry_id = $3 AND p.is_open
            AND s.valid_until IS NOT NULL AND s.valid_until <= $1
         ORDER BY s.valid_until, s.procedure_id, s.declared LIMIT $2";
}

/// A declaration, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDeclaration {
    /// Its id.
    pub id: Uuid,
    /// What it says.
    pub declaration: Declaration,
    /// Who declared it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

fn read(row: &Row) -> Result<StoredDeclaration, DbError> {
    Ok(StoredDeclaration {
        id: row.get("id")?,
        declaration: Declaration {
            declared: code(row, "declared", Declared::parse)?,
            value: row.get("value")?,
            as_of: row.get("as_of")?,
            valid_until: row.get("valid_until")?,
            evidence: row.get("evidence")?,
        },
        by: row.get("by_name")?,
        at: row.get("at")?,
    })
}

/// Keeps one, and says that it stands unless one of a later day does.
pub(crate) async fn insert(
    tx: &mut Tx,
    procedure: Uuid,
    one: &StoredDeclaration,
) -> Result<(), DbError> {
    let told = &one.declaration;
    INSERT
        .bind(one.id)
        .bind(procedure)
        .bind(told.declared.code())
        .bind(told.value)
        .bind(told.as_of)
        .bind(told.valid_until)
        .bind(&told.evidence)
        .bind(&one.by)
        .bind(one.at)
        .execute(&mut *tx)
        .await?;
    STAND
        .bind(procedure)
        .bind(told.declared.code())
        .bind(one.id)
        .bind(told.as_of)
        .bind(told.valid_until)
        .execute(tx)
        .await
        .map(drop)
}

/// The latest of a kind that was so on a day.
pub(crate) async fn latest(
    on: impl Into<Handle<'_>>,
    procedure: Uuid,
    declared: Declared,
    day: Date,
) -> Result<Option<StoredDeclaration>, DbError> {
    let query = LATEST.bind(procedure).bind(declared.code()).bind(day);
    query.optional(on, read).await
}

/// The latest of every kind that was so on a day, in one statement.
pub(crate) fn standing_statement() -> Statement {
    let latest = |declared: &Declared| {
        format!(
            "SELECT * FROM (SELECT * FROM observatory_declaration
             WHERE procedure_id = $1 AND declared = '{}' AND as_of <= $2
             ORDER BY as_of DESC, at DESC, id DESC LIMIT 1) AS latest",
            declared.code()
        )
    };
    let all: Vec<String> = Declared::ALL.iter().map(latest).collect();
    Statement::composed("observatory.declaration.standing", all.join(" UNION ALL "))
}

/// What stands of a procedure on a day: the latest declaration of each kind.
pub(crate) async fn standing(
    on: impl Into<Handle<'_>>,
    procedure: Uuid,
    day: Date,
) -> Result<Vec<StoredDeclaration>, DbError> {
    let statement = standing_statement();
    let query = statement.bind(procedure).bind(day);
    query.all(on, read).await
}

/// Those of a kind, the latest first; at most 200.
pub(crate) async fn of_kind(
    db: &Db,
    procedure: Uuid,
    declared: Declared,
) -> Result<Vec<StoredDeclaration>, DbError> {
    let query = OF_KIND.bind(procedure).bind(declared.code());
    query.all(db, read).await
}

/// What grows old by a day, of open procedures, the oldest first.
pub(crate) async fn aging(
    db: &Db,
    until: Date,
    ministry: Option<Uuid>,
    limit: u32,
) -> Result<Vec<(StoredProcedure, Declared, Date)>, DbError> {
    let row = |row: &Row| {
        let declared = code(row, "declared", Declared::parse)?;
        Ok((procedures::read(row)?, declared, row.get("valid_until")?))
    };
    match ministry {
        None => AGING.bind(until).bind(limit).all(db, row).await,
        Some(ministry) => {
            let query = AGING_OF.bind(until).bind(limit).bind(ministry);
            query.all(db, row).await
        }
    }
}
