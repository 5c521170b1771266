//! Editions: the figures of a quarter as they were published.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::procedures::StoredProcedure;
use super::{code, json, to_json};
use crate::domain::{Criterion, Figure, Level, Quarter};

kit_db::statements! {
    FIND = "observatory.edition.find": "SELECT * FROM observatory_edition WHERE quarter = $1";
    LATEST = "observatory.edition.latest":
        "SELECT * FROM observatory_edition ORDER BY quarter DESC LIMIT $1";
    BEGIN = "observatory.edition.begin":
        "INSERT INTO observatory_edition (quarter, id, made_at, procedures) VALUES ($1, $2, $3, 0)
         ON CONFLICT (quarter) DO NOTHING";
    END = "observatory.edition.end":
        "UPDATE observatory_edition SET procedures = $2 WHERE quarter = $1";
    ROW = "observatory.edition_row.insert":
        "INSERT INTO observatory_edition_row (quarter, procedure_id, sort_key, name, product_id,
            product_title, ministry_id, figures)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    LEVEL = "observatory.edition_level.insert":
        "INSERT INTO observatory_edition_level (quarter, criterion, green, yellow, red, grey)
         VALUES ($1, $2, $3, $4, $5, $6)";
    LEVELS = "observatory.edition_level.of": "SELECT * FROM observatory_edition_level WHERE quarter = $1";
    ONE = "observatory.edition_row.find":
        "SELECT * FROM observatory_edition_row WHERE quarter = $1 AND procedure_id = $2";
    OF_PROCEDURE = "observatory.edition_row.of_procedure":
        "SELECT * FROM observatory_edition_row WHERE procedure_id = $1
         ORDER BY quarter DESC LIMIT 40";
}

/// An edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edition {
    /// Of which quarter.
    pub quarter: Quarter,
    /// When it was made.
    pub made_at: Timestamp,
    /// How many procedures it tells of.
    pub procedures: i64,
}

/// A procedure in an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionRow {
    /// Of which quarter.
    pub quarter: Quarter,
    /// The procedure.
    pub procedure: Uuid,
    /// Its name then.
    pub name: String,
    /// The product.
    pub product: Uuid,
    /// The product's name then.
    pub product_title: String,
    /// The product's ministry then.
    pub ministry: Option<Uuid>,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// How many procedures of an edition stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standings {
    /// At the goal.
    pub green: i64,
    /// Near it.
    pub yellow: i64,
    /// Far from it.
    pub red: i64,
    /// Not known.
    pub grey: i64,
}

impl Standings {
    /// One more.
    pub(crate) fn add(&mut self, level: Level) {
        match level {
            Level::Green => self.green += 1,
            Level::Yellow => self.yellow += 1,
            Level::Red => self.red += 1,
            Level::Grey => self.grey += 1,
            Level::Shown => {}
        }
    }
}

fn quarter(text: &str) -> Option<Quarter> {
    text.parse().ok()
}

fn read(row: &Row) -> Result<Edition, DbError> {
    Ok(Edition {
        quarter: code(row, "quarter", quarter)?,
        made_at: row.get("made_at")?,
        procedures: row.get("procedures")?,
    })
}

pub(crate) fn read_row(row: &Row) -> Result<EditionRow, DbError> {
    Ok(EditionRow {
        quarter: code(row, "quarter", quarter)?,
        procedure: row.get("procedure_id")?,
        name: row.get("name")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        figures: json(row, "figures")?,
    })
}

pub(crate) async fn find(db: &Db, quarter: Quarter) -> Result<Option<Edition>, DbError> {
    FIND.bind(quarter.to_string()).optional(db, read).await
}

/// The latest editions, the last one first.
pub(crate) async fn latest(db: &Db, limit: u32) -> Result<Vec<Edition>, DbError> {
    LATEST.bind(limit).all(db, read).await
}

/// Begins an edition; gives whether nobody did before.
pub(crate) async fn begin(
    tx: &mut Tx,
    quarter: Quarter,
    (id, at): (Uuid, Timestamp),
) -> Result<bool, DbError> {
    let query = BEGIN.bind(quarter.to_string()).bind(id).bind(at);
    Ok(query.execute(tx).await? == 1)
}

/// Says of how many procedures it tells.
pub(crate) async fn end(tx: &mut Tx, quarter: Quarter, procedures: i64) -> Result<(), DbError> {
    let query = END.bind(quarter.to_string()).bind(procedures);
    query.execute(tx).await.map(drop)
}

pub(crate) async fn insert_row(
    tx: &mut Tx,
    quarter: Quarter,
    one: &StoredProcedure,
    figures: &[Figure],
) -> Result<(), DbError> {
    ROW.bind(quarter.to_string())
        .bind(one.id)
        .bind(one.sort_key())
        .bind(&one.procedure.name)
        .bind(one.product)
        .bind(&one.product_title)
        .bind(one.ministry)
        .bind(to_json(&figures))
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn insert_level(
    tx: &mut Tx,
    quarter: Quarter,
    criterion: Criterion,
    standings: Standings,
) -> Result<(), DbError> {
    LEVEL
        .bind(quarter.to_string())
        .bind(criterion.code())
        .bind(standings.green)
        .bind(standings.yellow)
        .bind(standings.red)
        .bind(standings.grey)
        .execute(tx)
        .await
        .map(drop)
}

/// How many procedures stand where, by what is told.
pub(crate) async fn levels(
    db: &Db,
    quarter: Quarter,
) -> Result<Vec<(Criterion, Standings)>, DbError> {
    let query = LEVELS.bind(quarter.to_string());
    let mut all: Vec<(Criterion, Standings)> = query
        .all(db, |row| {
            let standings = Standings {
                green: row.get("green")?,
                yellow: row.get("yellow")?,
                red: row.get("red")?,
                grey: row.get("grey")?,
            };
            Ok((code(row, "criterion", Criterion::parse)?, standings))
        })
        .await?;
    all.sort_by_key(|(criterion, _)| *criterion);
    Ok(all)
}

/// A procedure in an edition.
pub(crate) async fn one(
    db: &Db,
    quarter: Quarter,
    procedure: Uuid,
) -> Result<Option<EditionRow>, DbError> {
    let query = ONE.bind(quarter.to_string()).bind(procedure);
    query.optional(db, read_row).await
}

/// A procedure in its editions, the last one first; at most ten years of them.
pub(crate) async fn of_procedure(
    on: impl Into<Handle<'_>>,
    procedure: Uuid,
) -> Result<Vec<EditionRow>, DbError> {
    OF_PROCEDURE.bind(procedure).all(on, read_row).await
}
