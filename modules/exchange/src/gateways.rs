//! Gateways: where each stands, its traces as it brings them, the calls that all of them counted.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use kit_access::Actor;
use kit_journal::Change;
use ports::REPORT_PROOFS_MAX;
use ports::exchange::{
    CallCount, GatewayReport, GatewayTold, REPORT_ALARMS_MAX, REPORT_COUNTS_MAX,
};
use serde_json::json;

use crate::access::READ_GATEWAYS;
use crate::store::gateways::{self as store, KnownGateway};
use crate::traces::TRACES_KEPT_MONTHS;
use crate::{Exchange, ExchangeError};

/// Longest version of a program, in bytes.
const VERSION_BYTES_MAX: usize = 50;
/// Longest address of a gateway, in bytes.
const URL_BYTES_MAX: usize = 200;
/// How long a gateway counts as living after it was heard of: it tells every ten seconds.
const LIVES: SignedDuration = SignedDuration::from_secs(30);
const DAY_SECONDS: i64 = 86_400;

impl Exchange {
    /// Keeps what a gateway reports: where it stands, the traces that aren't kept yet, its counts. When
    /// this returns `Ok`, all of it survives a power cut. `gateway` is the thumbprint of its key.
    /// A log belongs to the gateway that reported it first: another is refused
    /// ([`ExchangeError::Stale`]) unless the first one's key isn't `known` any more.
    pub async fn keep_report(
        &self,
        gateway: &str,
        known: &[String],
        report: &GatewayReport,
    ) -> Result<GatewayTold, ExchangeError> {
        check(report)?;
        let now = self.source.now();
        let alarms = self.prepare_alarms(&report.alarms).await?;
        let mut tx = self.db.begin().await?;
        let new = self.source.new_id();
        let cursor = store::heard(&mut tx, new, gateway, report, now).await?;
        if cursor.gateway != gateway {
            if known.contains(&cursor.gateway) {
                return Err(ExchangeError::Stale);
            }
            store::own(&mut tx, &report.log, gateway).await?;
        }
        if cursor.id == new || cursor.gateway != gateway {
            let change =
                Change::new("exchange.gateway.appear", "gateway", cursor.id).after(json!({
                    "log": report.log, "url": report.url, "key": gateway, "version": report.version,
                }));
            let actor = Actor::system("gateway");
            self.journal.append(&mut tx, &actor, change).await?;
        }
        // What is kept already is left out, also when its trace was erased since.
        let first = crate::traces::index(report.first)?;
        let kept = usize::try_from(cursor.next.saturating_sub(first)).unwrap_or(0);
        let new = report.traces.get(kept..).unwrap_or_default();
        let mut next = cursor.next;
        if !new.is_empty() {
            let from = first.max(cursor.next);
            self.insert_traces(&mut tx, &report.log, from, new).await?;
            next = from + new.len() as i64;
            store::set_next(&mut tx, &report.log, next).await?;
        }
        let mut others = Vec::new();
        // In the same order everywhere: two reports never wait for each other.
        let mut counts = report.counts.clone();
        counts.sort_by_key(|one| one.accreditation);
        for counted in &counts {
            others.push(store::count(&mut tx, report.life, counted).await?);
        }
        for alarm in alarms {
            self.raise_alarm(&mut tx, alarm).await?;
        }
        let wanted = self.take_proofs(&mut tx, cursor.id, report, now).await?;
        let gateways = store::live(&mut tx, now - LIVES).await?;
        tx.commit().await?;
        Ok(GatewayTold {
            next: next.unsigned_abs(),
            gateways: u32::try_from(gateways).unwrap_or(u32::MAX),
            others,
            kept_since: kept_since(now),
            wanted,
        })
    }

    /// Gateways that were heard of, the latest first, after a place.
    pub async fn gateways(
        &self,
        actor: &Actor,
        after: Option<(Timestamp, String)>,
        limit: u32,
    ) -> Result<Vec<KnownGateway>, ExchangeError> {
        actor.demand(&READ_GATEWAYS, None)?;
        let (at, log) = after.unwrap_or_else(|| (Timestamp::MAX, String::new()));
        Ok(store::list(&self.db, (at, &log), limit).await?)
    }

    /// Forgets what was counted before yesterday.
    pub(crate) async fn forget_counts(&self) -> Result<(), ExchangeError> {
        let today = self.source.now().as_second().div_euclid(DAY_SECONDS);
        store::forget_counts(&self.db, today - 1).await?;
        Ok(())
    }
}

/// The instant before which traces are erased.
pub(crate) fn kept_since(now: Timestamp) -> Timestamp {
    let zone = TimeZone::get(kit_time::PARIS).unwrap_or(TimeZone::UTC);
    let now = now.to_zoned_datetime(zone);
    now.saturating_sub(TRACES_KEPT_MONTHS.months()).timestamp()
}

fn check(report: &GatewayReport) -> Result<(), ExchangeError> {
    let texts = [
        ("url", &report.url, URL_BYTES_MAX),
        ("version", &report.version, VERSION_BYTES_MAX),
    ];
    for (field, text, bytes_max) in texts {
        if text.len() > bytes_max || text.contains('\0') {
            let key = "exchange-mistake-long";
            return Err(ExchangeError::mistake(field, key, bytes_max));
        }
    }
    crate::traces::check_batch(&report.log, report.first, report.traces.len())?;
    let is_beyond = |one: &CallCount| {
        let most = i64::MAX.unsigned_abs();
        one.in_minute > most || one.in_day > most
    };
    if report.counts.len() > REPORT_COUNTS_MAX || report.counts.iter().any(is_beyond) {
        let key = "exchange-mistake-count";
        return Err(ExchangeError::mistake("counts", key, REPORT_COUNTS_MAX));
    }
    if report.alarms.len() > REPORT_ALARMS_MAX {
        let key = "exchange-mistake-count";
        return Err(ExchangeError::mistake("alarms", key, REPORT_ALARMS_MAX));
    }
    if report.proofs.len() > REPORT_PROOFS_MAX {
        let key = "exchange-mistake-count";
        return Err(ExchangeError::mistake("proofs", key, REPORT_PROOFS_MAX));
    }
    Ok(())
}
