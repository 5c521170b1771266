//! Reports: traces on their way from a gateway's log to the control plane, and whose word is believed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway::{
    Desk, Gateway, GatewaySettings, Keeping, LoggedAlarms, Made, RemoteControl, ReportError,
    ReportKeeper, ReportTo, Reported, Reporter, SnapshotMaker, Taken,
};
use jiff::{SignedDuration, Timestamp};
use jose::claims::Claims;
use jose::jwk::{KeyKind, SigningKey};
use jose::jws::{Signing, sign};
use kit_files::Files;
use kit_ledger::{Ledger, LedgerOptions, LogKeys};
use kit_time::Source;
use ports::exchange::{GatewayAlarmKind, GatewayReport, GatewayTold, Snapshot, Trace};
use serde_json::json;
use tracelog::{KeyKind as LogKeyKind, Signer};
use uuid::Uuid;

use crate::support::*;

const PLANE: &str = "https://platform.example";
const ADDRESS: &str = "https://platform.example/exchange/gateway/report";

/// A control plane as a test lays it out: it keeps what comes next in its place.
#[derive(Default)]
pub(crate) struct Plane {
    pub(crate) kept: Mutex<Vec<Trace>>,
    pub(crate) reports: Mutex<Vec<(String, GatewayReport)>>,
    /// Answers that are lost on their way, before others come.
    pub(crate) lost: Mutex<u32>,
    pub(crate) kept_since: Option<Timestamp>,
    /// Places whose proofs it wants.
    pub(crate) wanted: Mutex<Vec<u64>>,
}

impl Plane {
    fn keep_one(&self, report: &GatewayReport) -> GatewayTold {
        let mut kept = self.kept.lock().unwrap();
        let known = (kept.len() as u64).saturating_sub(report.first) as usize;
        kept.extend(report.traces.iter().skip(known).cloned());
        GatewayTold {
            next: kept.len() as u64,
            gateways: 1,
            others: Vec::new(),
            kept_since: self.kept_since.unwrap_or(Timestamp::MIN),
            wanted: self.wanted.lock().unwrap().clone(),
        }
    }
}

impl ReportTo for Plane {
    fn report<'r>(&'r self, report: &'r GatewayReport) -> Reported<'r> {
        Box::pin(async move {
            self.reports
                .lock()
                .unwrap()
                .push((String::new(), report.clone()));
            let told = self.keep_one(report);
            let mut lost = self.lost.lock().unwrap();
            if *lost > 0 {
                *lost -= 1;
                return Err(ReportError::Refused);
            }
            Ok(told)
        })
    }
}

impl ReportKeeper for Plane {
    fn keep<'k>(
        &'k self,
        gateway: &'k str,
        _: &'k [String],
        report: &'k GatewayReport,
    ) -> Keeping<'k> {
        let mut reports = self.reports.lock().unwrap();
        reports.push((gateway.to_owned(), report.clone()));
        let told = self.keep_one(report);
        Box::pin(async move { Ok(Some(told)) })
    }
}

impl SnapshotMaker for Plane {
    fn number(&self) -> Made<'_, u64> {
        Box::pin(async { Ok(1) })
    }

    fn snapshot(&self) -> Made<'_, Snapshot> {
        Box::pin(async { Err("nobody asks".into()) })
    }
}

fn source() -> Source {
    Source::fixed(start(), 5)
}

pub(crate) fn trace(number: u128, at: Timestamp) -> Trace {
    Trace {
        request: Uuid::from_u128(number),
        at,
        accreditation: None,
        requester: None,
        editor: None,
        producer: PRODUCER,
        api: API,
        operation: HOUSEHOLD,
        purpose: None,
        object: None,
        legal_basis: None,
        recipient: None,
        subject: None,
        status: 401,
        problem: Some("token-missing".into()),
        latency_us: 1,
        bytes: 0,
        pieces_saved: 0,
        hidden_until: None,
        on_behalf: false,
    }
}

pub(crate) struct Log {
    folder: tempfile::TempDir,
    pub(crate) ledger: Ledger,
}

async fn open(folder: &std::path::Path) -> Ledger {
    let signer = Signer::from_seed("g.example/log/traces", LogKeyKind::Note, &[1; 32]).unwrap();
    let files = Files::folder(&folder.join("files")).unwrap();
    let options = LedgerOptions::new("log/traces", folder.join("spool"));
    let keys = LogKeys::one(signer, [9; 32]);
    Ledger::open(files, options, keys, Source::system())
        .await
        .unwrap()
}

/// A log with so many traces, one an hour.
pub(crate) async fn log(count: u128) -> Log {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(folder.path()).await;
    for number in 0..count {
        let hours = i64::try_from(number).unwrap();
        let at = start() + SignedDuration::from_hours(hours);
        let entry = serde_json::to_vec(&trace(number, at)).unwrap();
        ledger.append(entry).await.unwrap();
    }
    ledger.seal().await.unwrap();
    Log { folder, ledger }
}

pub(crate) fn reporter(ledger: &Ledger) -> Reporter {
    let settings = GatewaySettings {
        public_url: PUBLIC_URL.into(),
        ..GatewaySettings::default()
    };
    let sink = Arc::new(Sink::default());
    let gateway = Gateway::new(settings, source(), sink, Arc::new(LoggedAlarms));
    Reporter::new(gateway, ledger.clone(), "0.1.0")
}

fn numbers(traces: &[Trace]) -> Vec<u128> {
    traces.iter().map(|one| one.request.as_u128()).collect()
}

#[tokio::test]
async fn traces_come_once_whatever_answers_are_lost_and_whoever_begins_anew() {
    let log = log(2_500).await;
    let plane = Plane {
        lost: Mutex::new(1),
        ..Plane::default()
    };
    let mut first = reporter(&log.ledger);
    // The first answer is lost: it asks again where to go on.
    assert!(first.once(&plane, None).await.is_err());
    let (told, is_all) = first.once(&plane, None).await.unwrap();
    assert_eq!((told.next, is_all), (0, true));
    let (told, is_all) = first.once(&plane, Some(0)).await.unwrap();
    assert_eq!((told.next, is_all), (1_000, false));
    // Kept, but the gateway doesn't hear so; then it begins anew.
    *plane.lost.lock().unwrap() = 1;
    assert!(first.once(&plane, Some(1_000)).await.is_err());
    drop(first);
    drop(log.ledger);
    let ledger = open(log.folder.path()).await;
    let mut again = reporter(&ledger);
    let (told, _) = again.once(&plane, None).await.unwrap();
    assert_eq!(told.next, 2_000);
    let (told, is_all) = again.once(&plane, Some(told.next)).await.unwrap();
    assert_eq!((told.next, is_all), (2_500, true));
    // The control plane was put back to what it was: the log still has the rest.
    plane.kept.lock().unwrap().truncate(2_400);
    let (told, _) = again.once(&plane, None).await.unwrap();
    again.once(&plane, Some(told.next)).await.unwrap();
    let kept = plane.kept.lock().unwrap();
    assert_eq!(numbers(&kept), (0..2_500).collect::<Vec<_>>());
    let reports = plane.reports.lock().unwrap();
    let names: std::collections::HashSet<_> = reports.iter().map(|(_, one)| &one.log).collect();
    assert_eq!(names.len(), 1, "a log keeps its name");
    let lives: std::collections::HashSet<_> = reports.iter().map(|(_, one)| one.life).collect();
    assert!(!lives.is_empty());
    assert_eq!(reports[0].1.url, PUBLIC_URL);
}

#[tokio::test]
async fn a_log_that_was_begun_anew_has_another_name() {
    let (one, other) = (log(1).await, log(1).await);
    let plane = Plane::default();
    for log in [&one, &other] {
        reporter(&log.ledger).once(&plane, None).await.unwrap();
    }
    let reports = plane.reports.lock().unwrap();
    assert_ne!(reports[0].1.log, reports[1].1.log);
    assert!(reports[0].1.log.starts_with("g.example/log/traces#"));
}

#[tokio::test]
async fn traces_that_are_old_and_kept_elsewhere_are_erased() {
    let log = log(100).await;
    let plane = Plane {
        kept_since: Some(start() + SignedDuration::from_hours(60)),
        ..Plane::default()
    };
    // What isn't kept elsewhere stays, however old it is.
    reporter(&log.ledger).once(&plane, None).await.unwrap();
    assert_eq!(log.ledger.first(), 0);
    let mut one = reporter(&log.ledger);
    one.once(&plane, Some(0)).await.unwrap();
    assert_eq!(log.ledger.first(), 60);
    // It isn't looked for again within the hour.
    let later = Plane {
        kept: Mutex::new(plane.kept.lock().unwrap().clone()),
        kept_since: Some(start() + SignedDuration::from_hours(80)),
        ..Plane::default()
    };
    one.once(&later, Some(100)).await.unwrap();
    assert_eq!(log.ledger.first(), 60);
}

#[tokio::test]
async fn traces_that_wait_are_brought_as_they_come() {
    let log = log(3).await;
    let plane = Arc::new(Plane::default());
    let (to, reporter) = (plane.clone(), reporter(&log.ledger));
    let working = tokio::spawn(async move { reporter.work(&*to).await });
    let comes = async |count: usize| {
        while plane.kept.lock().unwrap().len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let soon = Duration::from_secs(30);
    tokio::time::timeout(soon, comes(3)).await.unwrap();
    let entry = serde_json::to_vec(&trace(3, start())).unwrap();
    log.ledger.append(entry).await.unwrap();
    tokio::time::timeout(soon, comes(4)).await.unwrap();
    working.abort();
}

fn ed25519() -> SigningKey {
    SigningKey::generate(KeyKind::EdDsa).unwrap()
}

fn desk(plane: &Arc<Plane>, key: &SigningKey) -> Desk {
    let keys = vec![key.verification_key().unwrap()];
    let own = Arc::new(ed25519());
    Desk::new(plane.clone(), own, keys, PLANE, source()).with_keeper(plane.clone())
}

fn signed(key: &SigningKey, typ: &str, audience: &str, age_seconds: i64) -> String {
    let report = json!({
        "log": "g.example/log/traces#1", "url": PUBLIC_URL, "version": "0.1.0", "number": 1,
        "told_at": null, "durable": 1, "first": 0, "traces": [trace(1, start())],
        "life": Uuid::from_u128(7)
    });
    let claims = Claims::new()
        .issuer(key.kid())
        .audience(audience)
        .lifetime(start().as_second() - age_seconds, 60)
        .id("a-report")
        .with("report", report);
    let signing = Signing {
        typ: Some(typ),
        ..Signing::default()
    };
    sign(key, &signing, &claims.to_bytes()).unwrap()
}

#[tokio::test]
async fn a_report_is_believed_from_a_known_gateway_only() {
    let (plane, key) = (Arc::new(Plane::default()), ed25519());
    let desk = desk(&plane, &key);
    let typ = "gateway-report+jwt";
    let good = signed(&key, typ, ADDRESS, 0);
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    let other = signed(&key, typ, ADDRESS, 1);
    let payload = other.split('.').nth(1).unwrap();
    let strange = [
        String::new(),
        "a.b.c".to_owned(),
        // Another's key; a key that says that it is this one.
        signed(&ed25519(), typ, ADDRESS, 0),
        // What was signed for something else, for somebody else, or long ago.
        signed(&key, "gateway+jwt", ADDRESS, 0),
        signed(
            &key,
            typ,
            "https://platform.example/exchange/gateway/snapshot",
            0,
        ),
        signed(
            &key,
            typ,
            "https://other.example/exchange/gateway/report",
            0,
        ),
        signed(&key, typ, ADDRESS, 200),
        // Another content under the same signature.
        format!("{header}.{payload}.{signature}"),
    ];
    for one in strange {
        let taken = desk.take_report(&one).await.unwrap();
        assert!(matches!(taken, Taken::Stranger), "{one}");
    }
    assert!(plane.kept.lock().unwrap().is_empty());
    let taken = desk.take_report(&good).await.unwrap();
    assert!(matches!(taken, Taken::Told(told) if told.next == 1));
    // Whoever plays it again changes nothing.
    let taken = desk.take_report(&good).await.unwrap();
    assert!(matches!(taken, Taken::Told(told) if told.next == 1));
    assert_eq!(plane.reports.lock().unwrap()[0].0, key.kid());
}

#[tokio::test]
async fn a_report_that_cant_be_read_is_refused() {
    let (plane, key) = (Arc::new(Plane::default()), ed25519());
    let desk = desk(&plane, &key);
    for report in [json!(null), json!({}), json!({ "log": 1 }), json!([1, 2])] {
        let claims = Claims::new()
            .issuer(key.kid())
            .audience(ADDRESS)
            .lifetime(start().as_second(), 60)
            .id("a-report")
            .with("report", report);
        let signing = Signing {
            typ: Some("gateway-report+jwt"),
            ..Signing::default()
        };
        let signed = sign(&key, &signing, &claims.to_bytes()).unwrap();
        let taken = desk.take_report(&signed).await.unwrap();
        assert!(matches!(taken, Taken::Refused));
    }
}

#[tokio::test]
async fn a_platform_that_isnt_there_leaves_traces_where_they_are() {
    let log = log(3).await;
    // Nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let key = Arc::new(ed25519());
    let remote = RemoteControl::new(&GatewaySettings::default(), &url, key, source()).unwrap();
    let mut reporter = reporter(&log.ledger);
    assert!(reporter.once(&remote, Some(0)).await.is_err());
    assert_eq!(log.ledger.read_from(0, 10).await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_a_gateway_alarmed_of_is_told_until_it_was_heard() {
    let world = World::new().await;
    for one in 1..=8 {
        let target = format!("/caf/quotient-familial/v1/foyers/{one}?{WHY}");
        assert_eq!(world.get(&target, &world.token()).await.status, 200);
    }
    let log = log(1).await;
    let plane = Plane {
        lost: Mutex::new(1),
        ..Plane::default()
    };
    let mut reporter = Reporter::new(world.gateway.clone(), log.ledger.clone(), "0.1.0");
    assert!(reporter.once(&plane, None).await.is_err());
    for _ in 0..2 {
        reporter.once(&plane, None).await.unwrap();
    }
    let reports = plane.reports.lock().unwrap().clone();
    let kinds: Vec<Vec<GatewayAlarmKind>> = reports
        .iter()
        .map(|(_, one)| one.alarms.iter().map(|alarm| alarm.kind).collect())
        .collect();
    let both = vec![GatewayAlarmKind::ManyPeople, GatewayAlarmKind::Suspended];
    assert_eq!(kinds, [both.clone(), both, Vec::new()]);
    world.end().await;
}
