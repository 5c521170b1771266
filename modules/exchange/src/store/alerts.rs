//! What fired, and what became of it.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Statement, Tx, Value};
use uuid::Uuid;

use super::{code, json, to_json};
use crate::domain::{GatewaySign, Handled, Measured, Rule};

kit_db::statements! {
    FIND = "exchange.alert.find": "SELECT * FROM exchange_alert WHERE id = $1";
    FIRED = "exchange.alert.fired":
        "SELECT id FROM exchange_alert WHERE source = $1 AND accreditation_id = $2
            AND window_from = $3 AND window_to = $4";
    INSERT = "exchange.alert.insert":
        "INSERT INTO exchange_alert (id, source, rule_id, rule, producer_id, api_id, operation_id,
            accreditation_id, requester, window_from, window_to, measured, fired_at, stop_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (source, accreditation_id, window_from, window_to) DO NOTHING";
    HANDLE = "exchange.alert.handle":
        "UPDATE exchange_alert SET is_open = FALSE, handled_as = $2, handled_at = $3,
            handled_by = $4, note = $5
         WHERE id = $1 AND is_open = TRUE";
}

/// Who raised an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertSource {
    /// A rule, as it stood then: its id, whose data, which API, which operation alone.
    Rule {
        /// Its id.
        id: Uuid,
        /// What it said.
        rule: Rule,
        /// Whose data.
        producer: Uuid,
        /// Which API.
        api: Uuid,
        /// Which operation alone.
        operation: Option<Uuid>,
    },
    /// A gateway, by itself.
    Gateway(GatewaySign),
}

impl AlertSource {
    /// Its name, by which it fires once.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Rule { id, .. } => id.to_string(),
            Self::Gateway(sign) => sign.code().to_owned(),
        }
    }

    /// Whose data is concerned; none: everybody's.
    pub fn producer(&self) -> Option<Uuid> {
        match self {
            Self::Rule { producer, .. } => Some(*producer),
            Self::Gateway(_) => None,
        }
    }
}

/// An alert, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAlert {
    /// Its id.
    pub id: Uuid,
    /// Who raised it.
    pub source: AlertSource,
    /// Whose calls.
    pub accreditation: Uuid,
    /// The SIRET number of who was accredited; may be empty.
    pub requester: String,
    /// The window in which they were counted.
    pub window: (Timestamp, Timestamp),
    /// What was counted when it fired.
    pub measured: Measured,
    /// When it fired.
    pub fired_at: Timestamp,
    /// What it stopped, or found stopped already.
    pub stop: Option<Uuid>,
    /// What became of it: how, when, by whom, and the note.
    pub handled: Option<(Handled, Timestamp, String, String)>,
}

fn read(row: &Row) -> Result<KeptAlert, DbError> {
    let rule: Option<Uuid> = row.get("rule_id")?;
    let source = match rule {
        None => AlertSource::Gateway(code(row, "source", GatewaySign::parse)?),
        Some(id) => AlertSource::Rule {
            id,
            rule: json(row, "rule")?,
            producer: row.get("producer_id")?,
            api: row.get("api_id")?,
            operation: row.get("operation_id")?,
        },
    };
    let is_open: bool = row.get("is_open")?;
    Ok(KeptAlert {
        id: row.get("id")?,
        source,
        accreditation: row.get("accreditation_id")?,
        requester: row.get("requester")?,
        window: (row.get("window_from")?, row.get("window_to")?),
        measured: json(row, "measured")?,
        fired_at: row.get("fired_at")?,
        stop: row.get("stop_id")?,
        handled: if is_open {
            None
        } else {
            Some((
                code(row, "handled_as", Handled::parse)?,
                row.get("handled_at")?,
                row.get::<Option<String>>("handled_by")?.unwrap_or_default(),
                row.get::<Option<String>>("note")?.unwrap_or_default(),
            ))
        },
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<KeptAlert>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Whether a source fired for an accreditation in a window.
pub(crate) async fn fired(
    tx: &mut Tx,
    source: &AlertSource,
    accreditation: Uuid,
    (from, to): (Timestamp, Timestamp),
) -> Result<bool, DbError> {
    let query = FIRED
        .bind(source.name())
        .bind(accreditation)
        .bind(from)
        .bind(to);
    let found: Option<Uuid> = query.optional(tx, |row| row.get("id")).await?;
    Ok(found.is_some())
}

/// Raises an alert; gives whether its source hadn't fired yet in that window.
pub(crate) async fn insert(tx: &mut Tx, one: &KeptAlert) -> Result<bool, DbError> {
    let (id, rule, api, operation) = match &one.source {
        AlertSource::Rule {
            id,
            rule,
            api,
            operation,
            ..
        } => (Some(*id), Some(to_json(rule)), Some(*api), *operation),
        AlertSource::Gateway(_) => (None, None, None, None),
    };
    let query = INSERT
        .bind(one.id)
        .bind(one.source.name())
        .bind(id)
        .bind(rule)
        .bind(one.source.producer())
        .bind(api)
        .bind(operation)
        .bind(one.accreditation)
        .bind(&one.requester)
        .bind(one.window.0)
        .bind(one.window.1)
        .bind(to_json(&one.measured))
        .bind(one.fired_at)
        .bind(one.stop);
    Ok(query.execute(tx).await? == 1)
}

/// Closes an alert; gives whether it was open.
pub(crate) async fn handle(
    tx: &mut Tx,
    id: Uuid,
    (how, at): (Handled, Timestamp),
    by: &str,
    note: &str,
) -> Result<bool, DbError> {
    let query = HANDLE
        .bind(id)
        .bind(how.code())
        .bind(at)
        .bind(by)
        .bind(note);
    Ok(query.execute(tx).await? == 1)
}

/// From which side one looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertSide {
    /// All of the State.
    All,
    /// The producer of the data.
    Producer(Uuid),
    /// The requester, by SIRET number.
    Requester(String),
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Only of this API.
    pub api: Option<Uuid>,
    /// Only of this requester, by SIRET number.
    pub requester: Option<String>,
    /// Only those that are open, or those that aren't.
    pub is_open: Option<bool>,
}

const SIDES: [&str; 3] = ["", "producer_id =", "requester ="];
const FILTERS: [&str; 3] = ["api_id =", "requester =", "is_open ="];

fn list(side: usize, filters: u8) -> Statement {
    let mut sql = "SELECT * FROM exchange_alert \
                   WHERE (fired_at < $1 OR (fired_at = $1 AND id < $2))"
        .to_owned();
    let mut number = 3;
    let mut add = |condition: &str| {
        number += 1;
        sql.push_str(&format!(" AND {condition} ${number}"));
    };
    if !SIDES[side].is_empty() {
        add(SIDES[side]);
    }
    for (at, filter) in FILTERS.iter().enumerate() {
        if filters & (1 << at) > 0 {
            add(filter);
        }
    }
    sql.push_str(" ORDER BY fired_at DESC, id DESC LIMIT $3");
    Statement::composed("exchange.alert.list", sql)
}

/// Every text that the list can take.
pub(crate) fn every_list() -> Vec<Statement> {
    let sides = 0..SIDES.len();
    sides
        .flat_map(|side| (0..8).map(move |filters| list(side, filters)))
        .collect()
}

/// At most `limit` alerts before `(instant, id)`, the latest first.
pub(crate) async fn page(
    db: &Db,
    side: &AlertSide,
    filter: &AlertFilter,
    before: (Timestamp, Uuid),
    limit: u32,
) -> Result<Vec<KeptAlert>, DbError> {
    let (side, of_side): (usize, Option<Value>) = match side {
        AlertSide::All => (0, None),
        AlertSide::Producer(id) => (1, Some((*id).into())),
        AlertSide::Requester(siret) => (2, Some(siret.into())),
    };
    let values: [Option<Value>; 3] = [
        filter.api.map(Into::into),
        filter.requester.as_ref().map(Into::into),
        filter.is_open.map(Into::into),
    ];
    let mut filters = 0;
    for (at, value) in values.iter().enumerate() {
        filters |= u8::from(value.is_some()) << at;
    }
    let statement = list(side, filters);
    let mut query = statement.bind(before.0).bind(before.1).bind(limit);
    for value in of_side.into_iter().chain(values.into_iter().flatten()) {
        query = query.bind(value);
    }
    query.all(db, read).await
}
