//! The keys of a log, and who may add to it: kept in the database, as the keys that sign tokens are.
//!
//! Several processes on one database are one log, so each needs the key; and a copy of the database
//! is a copy of the platform. Who can write in the database can therefore sign: what holds them is
//! that readers keep checkpoints and witnesses cosign them, and that no proof leads from one of those
//! to a tree with another past.

use jiff::{SignedDuration, Timestamp};
use kit_access::Actor;
use kit_db::{Db, DbError, Handle, Migration, Statement};
use kit_journal::Journal;
use kit_time::Source;
use tracelog::{KeyKind, Signer, Verifier};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::LedgerError;
use crate::witnesses::change;

/// The tables of keys and leases.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("ledger": "0001_ledger", "0002_witness");

kit_db::statements! {
    SIGNING = "ledger.key.signing":
        "SELECT secret, salt FROM ledger_key WHERE log = $1 AND retired_at IS NULL
         ORDER BY number LIMIT 16";
    SHOWN = "ledger.key.shown":
        "SELECT secret FROM ledger_key WHERE log = $1 ORDER BY number LIMIT 100";
    ADD = "ledger.key.insert":
        "INSERT INTO ledger_key (log, number, secret, salt, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (log, number) DO NOTHING";
    RETIRE = "ledger.key.retire":
        "UPDATE ledger_key SET retired_at = $3
         WHERE log = $1 AND number < $2 AND retired_at IS NULL";
    NUMBER = "ledger.key.number":
        "SELECT COALESCE(MAX(number), 0) AS n FROM ledger_key WHERE log = $1";
    STATE = "ledger.key.state":
        "SELECT COUNT(*) AS made, COUNT(retired_at) AS retired FROM ledger_key WHERE log = $1";
    LEASE_FIRST = "ledger.lease.insert":
        "INSERT INTO ledger_lease (log, holder, until) VALUES ($1, $2, $3)
         ON CONFLICT (log) DO NOTHING";
    LEASE = "ledger.lease.take":
        "UPDATE ledger_lease SET holder = $2, until = $3
         WHERE log = $1 AND (holder = $2 OR until <= $4)";
    RELEASE = "ledger.lease.release":
        "UPDATE ledger_lease SET until = $3 WHERE log = $1 AND holder = $2";
}

/// Every statement of this crate, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let mut all: Vec<Statement> = ALL.iter().copied().cloned().collect();
    all.extend(crate::witnesses::statements());
    all
}

/// The keys of a log.
#[derive(Debug)]
pub struct LogKeys {
    /// Those that sign now; two while a key is being changed. The first one's name is the log's.
    pub signers: Vec<Signer>,
    /// Those whose signatures are believed: of these, and of former ones.
    pub verifiers: Vec<Verifier>,
    /// What the salts of entries are made of where they are computed, not kept.
    pub salt: Zeroizing<[u8; 32]>,
}

impl LogKeys {
    /// One key that signs.
    pub fn one(signer: Signer, salt: [u8; 32]) -> Self {
        Self {
            verifiers: vec![signer.verifier().clone()],
            signers: vec![signer],
            salt: Zeroizing::new(salt),
        }
    }

    /// The log's name: that of its key.
    pub fn origin(&self) -> Option<&str> {
        self.signers.first().map(|signer| signer.verifier().name())
    }
}

fn unusable(log: &str) -> impl Fn(&dyn std::fmt::Display) -> LedgerError {
    let log = log.to_owned();
    move |what| LedgerError::Keys {
        log: log.clone(),
        what: what.to_string(),
    }
}

/// The keys of a log, made when there are none: then `origin` becomes its name for good.
pub async fn keys(
    db: &Db,
    source: &Source,
    log: &str,
    origin: &str,
) -> Result<LogKeys, LedgerError> {
    if let Some(found) = read(db, log).await? {
        return Ok(found);
    }
    add(db, source, log, origin, 1, source.random()).await?;
    let found = read(db, log).await?;
    found.ok_or_else(|| unusable(log)(&"a key that was made isn't there"))
}

/// Makes a further key, which signs beside the former ones from now on: readers learn it before the
/// former ones stop ([`retire_former_keys`]). Processes that have the log open see it within seconds.
pub async fn add_key(
    db: &Db,
    source: &Source,
    actor: &Actor,
    log: &str,
) -> Result<LogKeys, LedgerError> {
    let unusable = unusable(log);
    let found = read(db, log).await?;
    let found = found.ok_or_else(|| unusable(&"the log has no key yet"))?;
    if found.signers.len() > 1 {
        return Err(unusable(
            &"two keys sign already: retire the former one first",
        ));
    }
    let origin = found.origin().ok_or_else(|| unusable(&"no key signs"))?;
    let mut tx = db.begin().await?;
    let number = NUMBER.bind(log);
    let number = number.one(&mut tx, |row| row.get::<i64>("n")).await?;
    let key = add(&mut tx, source, log, origin, number + 1, *found.salt).await?;
    let key = key.ok_or_else(|| unusable(&"somebody else is making a key"))?;
    let change = change("platform.log.add_key", log, &key);
    Journal::new(source.clone())
        .append(&mut tx, actor, change)
        .await?;
    tx.commit().await?;
    read(db, log)
        .await?
        .ok_or_else(|| unusable(&"the log has no key"))
}

/// Former keys sign no more; what they have signed is believed. Gives the key that signs alone from
/// now on, or nothing when it does already.
pub async fn retire_former_keys(
    db: &Db,
    source: &Source,
    actor: &Actor,
    log: &str,
) -> Result<Option<Verifier>, LedgerError> {
    let mut tx = db.begin().await?;
    let number = NUMBER.bind(log);
    let number = number.one(&mut tx, |row| row.get::<i64>("n")).await?;
    let retired = RETIRE.bind(log).bind(number).bind(source.now());
    if retired.execute(&mut tx).await? == 0 {
        return Ok(None);
    }
    let unusable = unusable(log);
    let last = SIGNING
        .bind(log)
        .one(&mut tx, |row| {
            row.get::<String>("secret").map(Zeroizing::new)
        })
        .await?;
    let last = Signer::from_secret_text(&last).map_err(|error| unusable(&error))?;
    let last = last.verifier().clone();
    let change = change("platform.log.retire_keys", log, &last);
    Journal::new(source.clone())
        .append(&mut tx, actor, change)
        .await?;
    tx.commit().await?;
    Ok(Some(last))
}

/// How many keys were made and retired: whoever has the log open looks whether they changed.
pub(crate) async fn state(db: &Db, log: &str) -> Result<(i64, i64), DbError> {
    let state = STATE.bind(log);
    state
        .one(db, |row| Ok((row.get("made")?, row.get("retired")?)))
        .await
}

async fn add(
    on: impl Into<Handle<'_>>,
    source: &Source,
    log: &str,
    origin: &str,
    number: i64,
    salt: [u8; 32],
) -> Result<Option<Verifier>, LedgerError> {
    let unusable = unusable(log);
    let seed = Zeroizing::new(source.random::<32>());
    let signer = Signer::from_seed(origin, KeyKind::Note, &seed);
    let signer = signer.map_err(|error| unusable(&error))?;
    let secret = signer.to_secret_text();
    // Of two processes that make the first key at once, one keeps its own; the other reads that.
    let added = ADD
        .bind(log)
        .bind(number)
        .bind(secret.as_str())
        .bind(salt.to_vec())
        .bind(source.now())
        .execute(on)
        .await?;
    Ok((added > 0).then(|| signer.verifier().clone()))
}

async fn read(db: &Db, log: &str) -> Result<Option<LogKeys>, LedgerError> {
    let unusable = unusable(log);
    let signing = SIGNING
        .bind(log)
        .all(db, |row| {
            let secret = Zeroizing::new(row.get::<String>("secret")?);
            Ok((secret, row.get::<Vec<u8>>("salt")?))
        })
        .await?;
    let Some((_, salt)) = signing.first() else {
        return Ok(None);
    };
    let salt = salt.as_slice().try_into();
    let salt = salt.map_err(|_| unusable(&"the salt isn't 32 bytes"))?;
    let signer = |secret: &str| Signer::from_secret_text(secret).map_err(|error| unusable(&error));
    let signers: Result<Vec<_>, _> = signing.iter().map(|(secret, _)| signer(secret)).collect();
    let shown = SHOWN
        .bind(log)
        .all(db, |row| row.get::<String>("secret").map(Zeroizing::new))
        .await?;
    let verifiers: Result<Vec<_>, _> = shown
        .iter()
        .map(|secret| signer(secret).map(|signer| signer.verifier().clone()))
        .collect();
    Ok(Some(LogKeys {
        signers: signers?,
        verifiers: verifiers?,
        salt: Zeroizing::new(salt),
    }))
}

/// Takes or keeps the lease of a log for a time; whether it was got. Who holds it is alone in adding
/// to the log, as long as clocks differ by less than the lease's time.
pub(crate) async fn lease(
    db: &Db,
    log: &str,
    holder: Uuid,
    now: Timestamp,
    time: SignedDuration,
) -> Result<bool, DbError> {
    let until = now.saturating_add(time).unwrap_or(now);
    let took = LEASE.bind(log).bind(holder).bind(until).bind(now);
    if took.execute(db).await? > 0 {
        return Ok(true);
    }
    let first = LEASE_FIRST.bind(log).bind(holder).bind(until);
    Ok(first.execute(db).await? > 0)
}

/// Gives the lease back.
pub(crate) async fn release(
    db: &Db,
    log: &str,
    holder: Uuid,
    now: Timestamp,
) -> Result<(), DbError> {
    let given = RELEASE.bind(log).bind(holder).bind(now);
    given.execute(db).await.map(drop)
}
