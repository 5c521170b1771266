//! Traces of calls: keeping what gateways logged, searching it, erasing what is old.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kit_access::Actor;
use kit_db::Tx;
use ports::PARTIES_AT_ONCE_MAX;
use ports::exchange::Trace;
use tabular::write_csv;
use uuid::Uuid;

use crate::access::{READ_OWN, READ_PRODUCED};
use crate::store::traces::{self as store, By, Counted, KeptTrace, Place, Side, Sums, TraceFilter};
use crate::store::{apis, head};
use crate::{Exchange, ExchangeError};

/// For how long traces are kept, in months (CRPA, article R114-9-7).
pub const TRACES_KEPT_MONTHS: i64 = 36;
/// Traces that are erased in one go: other writes come between.
const ERASED_AT_ONCE: u32 = 5_000;
/// Rounds of erasing at one call.
const ROUNDS_MAX: u32 = 200;
/// Most traces of one transaction.
pub const TRACES_AT_ONCE_MAX: usize = 10_000;
/// Longest name of a log, in bytes.
const LOG_BYTES_MAX: usize = 200;
/// Most rows of a file of traces.
pub const EXPORT_MAX: usize = 50_000;
/// Rows read at once for a file.
const CHUNK: u32 = 5_000;

/// The columns of a file of traces, in their stable order.
const COLUMNS: [&str; 23] = [
    "at",
    "request",
    "accreditation",
    "version",
    "requester",
    "editor",
    "recipient",
    "api",
    "operation",
    "purpose",
    "object",
    "legal_basis",
    "subject",
    "status",
    "problem",
    "latency_us",
    "bytes",
    "log",
    "log_index",
    "hidden_until",
    "requester_name",
    "recipient_name",
    "on_behalf",
];

impl Exchange {
    /// Keeps traces `first_index`, `first_index + 1`… of a log, at most [`TRACES_AT_ONCE_MAX`]; those
    /// that are kept already are left alone. When this returns `Ok`, they survive a power cut.
    pub async fn keep_traces(
        &self,
        log: &str,
        first_index: u64,
        traces: &[Trace],
    ) -> Result<u64, ExchangeError> {
        let first = check_batch(log, first_index, traces.len())?;
        let mut tx = self.db.begin().await?;
        let kept = self.insert_traces(&mut tx, log, first, traces).await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// The same in a transaction that goes on; counts what wasn't kept yet.
    pub(crate) async fn insert_traces(
        &self,
        tx: &mut Tx,
        log: &str,
        first: i64,
        traces: &[Trace],
    ) -> Result<u64, ExchangeError> {
        let mut counts: BTreeMap<Counted, Sums> = BTreeMap::new();
        let mut kept = 0;
        for (index, trace) in (first..).zip(traces) {
            if !store::insert(tx, log, index, trace).await? {
                continue;
            }
            kept += 1;
            let day = kit_time::day_in_paris(trace.at);
            let requester = trace.requester.clone().unwrap_or_default();
            let purpose = store::text(trace.purpose.clone().unwrap_or_default());
            let key = (day, trace.producer, trace.api, requester, purpose);
            let sums = counts.entry(key).or_default();
            sums.calls += 1;
            sums.failures += i64::from(trace.status >= 400);
            sums.pieces += i64::from(trace.pieces_saved);
        }
        store::count(tx, &counts).await?;
        Ok(kept)
    }

    /// The last place of a log that is kept: where whoever copies a log goes on.
    pub async fn last_trace(&self, log: &str) -> Result<Option<u64>, ExchangeError> {
        let last = store::last(&self.db, log).await?;
        Ok(last.and_then(|last| u64::try_from(last).ok()))
    }

    /// Refuses unless the actor may look from this side.
    async fn demand_side(&self, actor: &Actor, side: &Side) -> Result<(), ExchangeError> {
        match side {
            Side::Producer(id) => actor.demand(&READ_PRODUCED, Some(*id))?,
            Side::Requester(siret) => {
                let party = self.parties.party_of_siret(siret).await?;
                let party = party.ok_or(ExchangeError::NotFound)?;
                actor.demand(&READ_OWN, Some(party.id))?;
            }
        }
        Ok(())
    }

    /// Traces before a place, the latest first, at most `limit`. A requester isn't told pseudonyms,
    /// which are the producer's.
    pub async fn search_traces(
        &self,
        actor: &Actor,
        side: &Side,
        filter: &TraceFilter,
        before: Option<Place>,
        limit: u32,
    ) -> Result<Vec<KeptTrace>, ExchangeError> {
        self.demand_side(actor, side).await?;
        let filter = match side {
            Side::Producer(_) => filter.clone(),
            Side::Requester(_) => TraceFilter {
                subject: None,
                ..filter.clone()
            },
        };
        let first = || (Timestamp::MAX, String::new(), i64::MAX);
        let before = before.unwrap_or_else(first);
        let mut found = store::page(&self.db, side, &filter, &before, limit).await?;
        if matches!(side, Side::Requester(_)) {
            for one in &mut found {
                one.trace.subject = None;
            }
        }
        Ok(found)
    }

    /// Calls of a side between two days: by day, by requester, by purpose.
    pub(crate) async fn count_traces(
        &self,
        actor: &Actor,
        side: &Side,
        days: (jiff::civil::Date, jiff::civil::Date),
    ) -> Result<[Vec<(String, Sums)>; 3], ExchangeError> {
        self.demand_side(actor, side).await?;
        Ok([
            store::counted(&self.db, side, By::Day, days).await?,
            store::counted(&self.db, side, By::Requester, days).await?,
            store::counted(&self.db, side, By::Purpose, days).await?,
        ])
    }

    /// The same traces as a CSV file of at most [`EXPORT_MAX`] rows, the latest first.
    pub async fn traces_csv(
        &self,
        actor: &Actor,
        side: &Side,
        filter: &TraceFilter,
    ) -> Result<Vec<u8>, ExchangeError> {
        let mut rows = Vec::new();
        let mut before = None;
        while rows.len() < EXPORT_MAX {
            let found = self
                .search_traces(actor, side, filter, before, CHUNK)
                .await?;
            let is_last = found.len() < CHUNK as usize;
            before = found
                .last()
                .map(|one| (one.trace.at, one.log.clone(), one.index));
            rows.extend(found);
            if is_last {
                break;
            }
        }
        rows.truncate(EXPORT_MAX);
        let names = self.party_names(rows.iter().flat_map(sirets)).await?;
        let writing = tokio::task::spawn_blocking(move || {
            let mut file = Vec::new();
            write_csv(
                &mut file,
                &COLUMNS,
                rows.iter().map(|kept| row(kept, &names)),
            )
            .map(|()| file)
        });
        let file = writing.await.map_err(std::io::Error::other)?;
        Ok(file?)
    }

    /// Erases what is older than [`TRACES_KEPT_MONTHS`]; the proofs of logs stay valid, since they
    /// hold hashes only.
    pub async fn erase_traces(&self) -> Result<(), ExchangeError> {
        let before = crate::gateways::kept_since(self.source.now());
        for _ in 0..ROUNDS_MAX {
            if store::erase(&self.db, before, ERASED_AT_ONCE).await? < u64::from(ERASED_AT_ONCE) {
                break;
            }
        }
        Ok(())
    }

    /// The names of APIs, for pages that show traces.
    pub(crate) async fn api_names(&self) -> Result<BTreeMap<Uuid, String>, ExchangeError> {
        let apis = apis::every(&self.db).await?;
        let apis = apis.into_iter().map(|api| (api.id, api.profile.name));
        Ok(apis.collect())
    }

    /// The names of bodies by SIRET number, as the directory has them, asked for together; those that left
    /// it as they were named last. Of a number that nobody has, nothing.
    pub(crate) async fn party_names<'s>(
        &self,
        sirets: impl IntoIterator<Item = &'s str>,
    ) -> Result<BTreeMap<String, String>, ExchangeError> {
        let wanted: BTreeSet<&str> = sirets.into_iter().filter(|one| !one.is_empty()).collect();
        let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
        let mut names = BTreeMap::new();
        for some in wanted.chunks(PARTIES_AT_ONCE_MAX) {
            let found = self.parties.parties_of_sirets(some).await?;
            names.extend(found.into_iter().map(|party| (party.siret, party.name)));
        }
        let gone = |siret: &String| !names.contains_key(siret);
        let gone: BTreeSet<&String> = wanted.iter().filter(|siret| gone(siret)).collect();
        if !gone.is_empty() {
            let kept = head::parties(&self.db).await?.into_iter();
            let kept = kept.filter(|party| gone.contains(&party.siret));
            names.extend(kept.map(|party| (party.siret, party.name)));
        }
        Ok(names)
    }
}

/// The SIRET numbers of a trace: who was accredited, and for whom the data was.
pub(crate) fn sirets(kept: &KeptTrace) -> impl Iterator<Item = &str> {
    let trace = &kept.trace;
    [&trace.requester, &trace.recipient]
        .into_iter()
        .filter_map(|siret| siret.as_deref())
}

/// A place in a log as a column holds it.
pub(crate) fn index(place: u64) -> Result<i64, ExchangeError> {
    // Places beyond what a column holds are refused before anything is kept.
    let index = i64::try_from(place).ok();
    let index = index.filter(|index| index.checked_add(TRACES_AT_ONCE_MAX as i64).is_some());
    index.ok_or_else(|| ExchangeError::mistake("first_index", "exchange-mistake-number", place))
}

/// Checks what comes of a log; gives the first place.
pub(crate) fn check_batch(log: &str, first: u64, traces: usize) -> Result<i64, ExchangeError> {
    if log.is_empty() || log.len() > LOG_BYTES_MAX || log.contains('\0') {
        let limit = LOG_BYTES_MAX;
        return Err(ExchangeError::mistake(
            "log",
            "exchange-mistake-long",
            limit,
        ));
    }
    if traces > TRACES_AT_ONCE_MAX {
        let key = "exchange-mistake-count";
        return Err(ExchangeError::mistake("traces", key, TRACES_AT_ONCE_MAX));
    }
    index(first)
}

fn row(kept: &KeptTrace, names: &BTreeMap<String, String>) -> Vec<tabular::Value> {
    let name = |siret: &Option<String>| siret.as_ref().and_then(|siret| names.get(siret)).cloned();
    let trace = &kept.trace;
    let accreditation = trace.accreditation.map(|(id, _)| id.to_string());
    let version = trace.accreditation.map(|(_, version)| version.to_string());
    vec![
        trace.at.to_string().into(),
        trace.request.to_string().into(),
        accreditation.into(),
        version.into(),
        trace.requester.clone().into(),
        trace.editor.clone().into(),
        trace.recipient.clone().into(),
        trace.api.to_string().into(),
        trace.operation.to_string().into(),
        trace.purpose.clone().into(),
        trace.object.clone().into(),
        trace.legal_basis.clone().into(),
        trace.subject.clone().into(),
        trace.status.to_string().into(),
        trace.problem.clone().into(),
        trace.latency_us.to_string().into(),
        trace.bytes.to_string().into(),
        kept.log.clone().into(),
        kept.index.to_string().into(),
        trace.hidden_until.map(|until| until.to_string()).into(),
        name(&trace.requester).into(),
        name(&trace.recipient).into(),
        trace.on_behalf.to_string().into(),
    ]
}
