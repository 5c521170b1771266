//! Traces of the calls about one person, by the pseudonyms that it has.

use jiff::Timestamp;
use kit_db::{Db, DbError, Statement};

use super::traces::{KeptTrace, Place, read};

/// Pseudonyms that one statement looks for: a statement has 48 parameters at most.
const PSEUDONYMS_AT_ONCE: usize = 40;

kit_db::statements! {
    // What is hidden still is not there, whoever asks for the person.
    FIND = "exchange.trace.find_shown":
        "SELECT * FROM exchange_trace WHERE log = $1 AND log_index = $2
         AND (hidden_until IS NULL OR hidden_until <= $3)";
}

/// What a person's search is narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Narrowed {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// What is hidden until later isn't there.
    pub(crate) now: Timestamp,
}

fn search() -> Statement {
    let places: Vec<String> = (8..8 + PSEUDONYMS_AT_ONCE)
        .map(|at| format!("${at}"))
        .collect();
    let sql = format!(
        "SELECT * FROM exchange_trace WHERE subject IN ({}) AND at >= $1 AND at < $2 \
         AND (hidden_until IS NULL OR hidden_until <= $3) \
         AND (at < $4 OR (at = $4 AND (log < $5 OR (log = $5 AND log_index < $6)))) \
         ORDER BY at DESC, log DESC, log_index DESC LIMIT $7",
        places.join(", ")
    );
    Statement::composed("exchange.trace.of_person", sql)
}

/// The text of a search, which is composed.
pub(crate) fn every_search() -> Vec<Statement> {
    vec![search()]
}

/// At most `limit` traces of a person before a place, the latest first: nothing that is hidden.
pub(crate) async fn page(
    db: &Db,
    pseudonyms: &[String],
    narrowed: Narrowed,
    before: &Place,
    limit: u32,
) -> Result<Vec<KeptTrace>, DbError> {
    let statement = search();
    let mut found = Vec::new();
    for some in pseudonyms.chunks(PSEUDONYMS_AT_ONCE) {
        let mut query = statement
            .bind(narrowed.from)
            .bind(narrowed.to)
            .bind(narrowed.now)
            .bind(before.0)
            .bind(&before.1)
            .bind(before.2)
            .bind(limit);
        // One text for any number: the last one stands in the places that are left.
        let rest = some.iter().chain(some.last().into_iter().cycle());
        for pseudonym in rest.take(PSEUDONYMS_AT_ONCE) {
            query = query.bind(pseudonym);
        }
        found.extend(query.all(db, read).await?);
    }
    let place = |one: &KeptTrace| (one.trace.at, one.log.clone(), one.index);
    found.sort_by_cached_key(|one| std::cmp::Reverse(place(one)));
    found.truncate(limit as usize);
    Ok(found)
}

/// The trace of a place, unless it is hidden.
pub(crate) async fn find(
    db: &Db,
    (log, index): (&str, i64),
    now: Timestamp,
) -> Result<Option<KeptTrace>, DbError> {
    FIND.bind(log)
        .bind(index)
        .bind(now)
        .optional(db, read)
        .await
}
