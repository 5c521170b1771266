//! Witnesses: others who look at a log's checkpoints and sign that they saw them (C2SP
//! tlog-cosignature). A log that showed two pasts would need the word of each of them for both.

use kit_access::Actor;
use kit_db::{Db, Statement, Tx};
use kit_journal::{Change, Journal};
use kit_time::Source;
use tracelog::{Cosignature, KeyKind, Note, Verifier};
use uuid::Uuid;

use crate::{LedgerError, Tree};

/// Most witnesses of a log.
pub const WITNESSES_MAX: usize = 16;

kit_db::statements! {
    ADD = "ledger.witness.insert":
        "INSERT INTO ledger_witness (log, key, added_at) VALUES ($1, $2, $3)
         ON CONFLICT (log, key) DO UPDATE SET added_at = excluded.added_at, removed_at = NULL
         WHERE ledger_witness.removed_at IS NOT NULL";
    REMOVE = "ledger.witness.remove":
        "UPDATE ledger_witness SET removed_at = $3
         WHERE log = $1 AND key = $2 AND removed_at IS NULL";
    LIST = "ledger.witness.list":
        "SELECT key FROM ledger_witness WHERE log = $1 AND removed_at IS NULL
         ORDER BY added_at, key LIMIT 100";
}

pub(crate) fn statements() -> Vec<Statement> {
    ALL.iter().copied().cloned().collect()
}

fn unusable(log: &str, what: impl Into<String>) -> LedgerError {
    LedgerError::Keys {
        log: log.to_owned(),
        what: what.into(),
    }
}

/// The witnesses of a log.
pub async fn witnesses(db: &Db, log: &str) -> Result<Vec<Verifier>, LedgerError> {
    let kept = LIST.bind(log).all(db, |row| row.get::<String>("key"));
    let parse = |key: String| {
        let read = key.parse::<Verifier>();
        read.map_err(|error| unusable(log, error.to_string()))
    };
    kept.await?.into_iter().map(parse).collect()
}

/// Believes a witness from now on; whether it wasn't believed before. It must be the key of a witness
/// (kind 4), and at most [`WITNESSES_MAX`] are.
pub async fn add_witness(
    db: &Db,
    source: &Source,
    actor: &Actor,
    log: &str,
    witness: &Verifier,
) -> Result<bool, LedgerError> {
    if witness.kind() != KeyKind::Witness {
        let told = format!("{witness} is not the key of a witness");
        return Err(unusable(log, told));
    }
    if witnesses(db, log).await?.len() >= WITNESSES_MAX {
        let told = format!("a log has at most {WITNESSES_MAX} witnesses");
        return Err(unusable(log, told));
    }
    let mut tx = db.begin().await?;
    let added = ADD.bind(log).bind(witness.to_string()).bind(source.now());
    let has_changed = added.execute(&mut tx).await? == 1;
    let change = change("platform.log.add_witness", log, witness);
    finish(tx, source, actor, has_changed.then_some(change)).await
}

/// Takes no word of a witness any more; whether it was believed. What it said stays where it stands.
pub async fn remove_witness(
    db: &Db,
    source: &Source,
    actor: &Actor,
    log: &str,
    witness: &Verifier,
) -> Result<bool, LedgerError> {
    let mut tx = db.begin().await?;
    let removed = REMOVE.bind(log).bind(witness.to_string());
    let has_changed = removed.bind(source.now()).execute(&mut tx).await? == 1;
    let change = change("platform.log.remove_witness", log, witness);
    finish(tx, source, actor, has_changed.then_some(change)).await
}

/// Appends a change when there is one, and ends the transaction; whether there was one.
async fn finish(
    mut tx: Tx,
    source: &Source,
    actor: &Actor,
    change: Option<Change<'_>>,
) -> Result<bool, LedgerError> {
    let Some(change) = change else {
        return Ok(false);
    };
    Journal::new(source.clone())
        .append(&mut tx, actor, change)
        .await?;
    tx.commit().await?;
    Ok(true)
}

/// A change of a log's keys or witnesses: anybody may know whose word counts. A log has a name, no id.
pub(crate) fn change<'c>(action: &'static str, log: &str, key: &Verifier) -> Change<'c> {
    Change::new(action, "log", Uuid::nil())
        .public()
        .after(serde_json::json!({ "log": log, "key": key.to_string() }))
}

/// Keeps what witnesses say: a checkpoint of this log with their signatures below. Those of strangers
/// are left out; when none is of a witness, or one doesn't fit, nothing is kept.
pub async fn keep_cosignatures(
    tree: &Tree,
    witnesses: &[Verifier],
    sent: &[u8],
) -> Result<Vec<Cosignature>, LedgerError> {
    let log = tree.prefix();
    let not_ours = |what: String| LedgerError::NotOurs {
        log: log.to_owned(),
        what,
    };
    let note = Note::parse(sent).map_err(|error| not_ours(error.to_string()))?;
    let has_signed = |witness: &&Verifier| {
        let mut signatures = note.signatures().iter();
        signatures.any(|one| one.name == witness.name() && one.key_id == witness.id())
    };
    let named: Vec<&Verifier> = witnesses.iter().filter(has_signed).collect();
    if named.is_empty() {
        return Err(not_ours(
            "none of its signatures is of a witness".to_owned(),
        ));
    }
    for witness in &named {
        tracelog::verify_cosignature(&note, witness)?;
    }
    let mut kept = Vec::new();
    for witness in named {
        kept.push(tree.add_cosignature(witness, sent).await?);
    }
    Ok(kept)
}
