//! Gateways: what they report is kept once, whatever is lost on the way.

use exchange::domain::{GatewaySign, Handled};
use exchange::{AlertFilter, AlertSide, AlertSource, ExchangeError, Side, TraceFilter};
use jiff::{SignedDuration, Timestamp};
use kit_db::Db;
use kit_time::Clock as _;
use ports::exchange::{
    CallCount, GatewayAlarm, GatewayAlarmKind, GatewayReport, GatewayTold, REPORT_ALARMS_MAX,
    REPORT_COUNTS_MAX, Trace,
};
use ports::roles::ADMINISTRATOR;
use uuid::Uuid;

use crate::traces::some;
use crate::world::{TOWN_SIRET, World, migrations, person, world};

kit_db::on_both_databases!(migrations() =>
    a_report_is_kept_once_whatever_is_lost_on_the_way, erased_traces_are_not_counted_again,
    reports_of_one_log_at_once_count_each_trace_once, a_log_belongs_to_one_gateway,
    a_nul_in_a_trace_does_not_hold_up_the_others, a_gateway_is_told_what_the_others_counted,
    gateways_are_shown_to_those_who_run_them, a_report_beyond_its_limits_is_refused,
    what_a_gateway_saw_is_an_alert_once,
);

const KEY: &str = "the-thumbprint-of-a-key";

pub(crate) fn report(log: &str, first: u64, traces: &[Trace]) -> GatewayReport {
    GatewayReport {
        log: log.into(),
        url: "https://echanges.example".into(),
        version: "0.1.0".into(),
        number: Some(1),
        told_at: None,
        durable: first + traces.len() as u64,
        first,
        traces: traces.to_vec(),
        life: Uuid::from_u128(7),
        counts: Vec::new(),
        alarms: Vec::new(),
        proofs: Vec::new(),
    }
}

impl World {
    async fn reported(&self, report: &GatewayReport) -> GatewayTold {
        self.exchange.keep_report(KEY, &[], report).await.unwrap()
    }

    async fn kept(&self) -> usize {
        let side = Side::Producer(self.fund);
        let filter = TraceFilter::default();
        let found = self
            .exchange
            .search_traces(&self.producer, &side, &filter, None, 100);
        found.await.unwrap().len()
    }

    async fn calls(&self) -> i64 {
        let day = jiff::civil::date(2026, 3, 2);
        let saved = self.exchange.saved((day, day)).await.unwrap();
        saved.iter().map(|line| line.calls).sum()
    }
}

async fn a_report_is_kept_once_whatever_is_lost_on_the_way(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let traces = some(&world, &quotient, 10);
    // The first question brings nothing: it asks where to go on.
    assert_eq!(world.reported(&report("a", 0, &[])).await.next, 0);
    assert_eq!(world.reported(&report("a", 0, &traces[..6])).await.next, 6);
    // The answer was lost: the same again, then the same with more, then too little.
    assert_eq!(world.reported(&report("a", 0, &traces[..6])).await.next, 6);
    assert_eq!(world.reported(&report("a", 0, &traces)).await.next, 10);
    assert_eq!(
        world.reported(&report("a", 2, &traces[2..4])).await.next,
        10
    );
    assert_eq!((world.kept().await, world.calls().await), (10, 10));
    // Places of another log are its own.
    assert_eq!(world.reported(&report("b", 0, &traces[..1])).await.next, 1);
    assert_eq!((world.kept().await, world.calls().await), (11, 11));
    // A log that was begun anew goes on from where it is.
    assert_eq!(
        world.reported(&report("c", 40, &traces[..2])).await.next,
        42
    );
}

async fn erased_traces_are_not_counted_again(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let traces = some(&world, &quotient, 4);
    let told = world.reported(&report("a", 0, &traces)).await;
    assert!(told.kept_since < traces[0].at);
    world.clock.advance(SignedDuration::from_hours(24 * 1_100));
    world.exchange.erase_traces().await.unwrap();
    assert_eq!(world.kept().await, 0);
    let told = world.reported(&report("a", 0, &traces)).await;
    assert_eq!((told.next, world.kept().await), (4, 0));
    assert_eq!(world.calls().await, 4);
    assert!(
        told.kept_since > traces[3].at,
        "the gateway erases them as well"
    );
}

async fn reports_of_one_log_at_once_count_each_trace_once(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let traces = some(&world, &quotient, 20);
    let told = [
        report("a", 0, &traces[..12]),
        report("a", 0, &traces),
        report("a", 0, &traces[..5]),
        report("a", 0, &traces),
    ];
    let all = told.map(|one| {
        let exchange = world.exchange.clone();
        tokio::spawn(async move { exchange.keep_report(KEY, &[], &one).await.unwrap().next })
    });
    for one in all {
        assert!([5, 12, 20].contains(&one.await.unwrap()));
    }
    assert_eq!((world.kept().await, world.calls().await), (20, 20));
}

async fn a_log_belongs_to_one_gateway(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let traces = some(&world, &quotient, 4);
    world.reported(&report("a", 0, &traces[..2])).await;
    // Whoever holds another gateway's key can't put words into this one's log.
    let both = [KEY.to_owned(), "other".to_owned()];
    let forged = report("a", 2, &traces[2..]);
    let refused = world.exchange.keep_report("other", &both, &forged).await;
    assert!(matches!(refused, Err(ExchangeError::Stale)));
    assert_eq!(world.kept().await, 2);
    // Its key was replaced: the log goes on under the new one.
    let taken = world
        .exchange
        .keep_report("other", &both[1..], &forged)
        .await;
    assert_eq!(taken.unwrap().next, 4);
    let back = world.exchange.keep_report(KEY, &both[1..], &forged).await;
    assert!(matches!(back, Err(ExchangeError::Stale)));
}

async fn a_nul_in_a_trace_does_not_hold_up_the_others(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let mut traces = some(&world, &quotient, 3);
    traces[1].purpose = Some("can\0tine".into());
    traces[1].object = Some("\0".into());
    assert_eq!(world.reported(&report("a", 0, &traces)).await.next, 3);
    assert_eq!((world.kept().await, world.calls().await), (3, 3));
}

async fn a_gateway_is_told_what_the_others_counted(db: Db) {
    let world = world(db).await;
    let counted = |accreditation, minute, in_minute, day, in_day| CallCount {
        accreditation: Uuid::from_u128(accreditation),
        minute,
        in_minute,
        day,
        in_day,
    };
    let tell = async |log: &str, life, count: CallCount| {
        let told = GatewayReport {
            life: Uuid::from_u128(life),
            counts: vec![count],
            ..report(log, 0, &[])
        };
        let told = world.reported(&told).await;
        let other = told.others[0];
        (told.gateways, other.in_minute, other.in_day)
    };
    assert_eq!(tell("a", 1, counted(5, 100, 3, 9, 30)).await, (1, 0, 0));
    assert_eq!(tell("b", 2, counted(5, 100, 4, 9, 40)).await, (2, 3, 30));
    assert_eq!(tell("a", 1, counted(5, 100, 5, 9, 32)).await, (2, 4, 40));
    // The same again, late: what was counted never shrinks.
    assert_eq!(tell("a", 1, counted(5, 100, 3, 9, 30)).await, (2, 4, 40));
    assert_eq!(tell("b", 2, counted(5, 100, 4, 9, 40)).await, (2, 5, 32));
    // A gateway that began anew is told what it counted in its former life.
    assert_eq!(tell("a", 3, counted(5, 100, 0, 9, 0)).await, (2, 9, 72));
    // Another minute of the same day, another day, another accreditation.
    assert_eq!(tell("b", 2, counted(5, 101, 1, 9, 41)).await, (2, 0, 32));
    assert_eq!(tell("b", 2, counted(5, 1_500, 1, 10, 1)).await, (2, 0, 0));
    assert_eq!(tell("b", 2, counted(6, 101, 1, 9, 1)).await, (2, 0, 0));
    // One that is silent doesn't live.
    world.clock.advance(SignedDuration::from_secs(31));
    assert_eq!(tell("a", 3, counted(5, 100, 0, 9, 0)).await.0, 1);
}

async fn gateways_are_shown_to_those_who_run_them(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let traces = some(&world, &quotient, 3);
    let waits = GatewayReport {
        durable: 1_503,
        told_at: Some(world.clock.now()),
        ..report("g.example/log/traces#1", 0, &traces)
    };
    world.reported(&waits).await;
    let _ = person(&world.directory, "Ada Admin", ADMINISTRATOR, None).await;
    let cookies = world.signed_in("ada.admin@x.example").await;
    let page = world.get("/exchange/gateways", &cookies).await;
    assert_eq!(page.status, 200);
    for shown in [
        "https://echanges.example",
        "g.example/log/traces#1",
        "1\u{202f}500",
        "0.1.0",
        "en vigueur",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains("Silencieuse"));
    world.clock.advance(SignedDuration::from_secs(61));
    let page = world.get("/exchange/gateways", &cookies).await;
    assert!(page.body.contains("Silencieuse"));
    // Whose data it is doesn't see how gateways are run.
    let theirs = world.signed_in("paul.prod@x.example").await;
    assert_eq!(world.get("/exchange/gateways", &theirs).await.status, 403);
    let journal = kit_journal::Journal::after(&world.db, 0, 1_000).await;
    let journal = journal.unwrap();
    let appeared = journal
        .iter()
        .filter(|entry| entry.action == "exchange.gateway.appear");
    assert_eq!(appeared.count(), 1);
}

async fn a_report_beyond_its_limits_is_refused(db: Db) {
    let world = world(db).await;
    let good = report("a", 0, &[]);
    let count = CallCount {
        accreditation: Uuid::nil(),
        minute: 0,
        in_minute: 1,
        day: 0,
        in_day: 1,
    };
    let beyond = CallCount {
        in_day: u64::MAX,
        ..count
    };
    let alarm = alarm(Uuid::from_u128(1), world.clock.now());
    let wrong = [
        GatewayReport {
            log: String::new(),
            ..good.clone()
        },
        GatewayReport {
            log: "x".repeat(201),
            ..good.clone()
        },
        GatewayReport {
            log: "x\0".into(),
            ..good.clone()
        },
        GatewayReport {
            url: "x".repeat(201),
            ..good.clone()
        },
        GatewayReport {
            version: "x".repeat(51),
            ..good.clone()
        },
        GatewayReport {
            first: u64::MAX,
            ..good.clone()
        },
        GatewayReport {
            counts: vec![count; REPORT_COUNTS_MAX + 1],
            ..good.clone()
        },
        GatewayReport {
            counts: vec![beyond],
            ..good.clone()
        },
        GatewayReport {
            alarms: vec![alarm; REPORT_ALARMS_MAX + 1],
            ..good.clone()
        },
    ];
    for one in wrong {
        let refused = world.exchange.keep_report(KEY, &[], &one).await;
        assert!(
            matches!(refused, Err(ExchangeError::Mistakes(_))),
            "{one:?}"
        );
    }
    let huge = GatewayReport {
        durable: u64::MAX,
        number: Some(u64::MAX),
        ..good
    };
    assert_eq!(world.reported(&huge).await.next, 0);
}

fn alarm(accreditation: Uuid, at: Timestamp) -> GatewayAlarm {
    GatewayAlarm {
        accreditation,
        at,
        kind: GatewayAlarmKind::Suspended,
    }
}

async fn what_a_gateway_saw_is_an_alert_once(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let now = world.clock.now();
    let before = world.mails().await;
    let seen = GatewayReport {
        alarms: vec![
            alarm(id, now),
            alarm(id, now + SignedDuration::from_mins(1)),
        ],
        ..report("a", 0, &[])
    };
    // The answer was lost, and another gateway saw the same.
    world.reported(&seen).await;
    world.reported(&seen).await;
    let elsewhere = GatewayReport {
        log: "b".into(),
        ..seen
    };
    world.reported(&elsewhere).await;
    let list = async |actor: &kit_access::Actor, side: AlertSide| {
        let first = (Timestamp::MAX, Uuid::max());
        let filter = AlertFilter::default();
        let found = world.exchange.alerts(actor, &side, &filter, first, 10);
        found.await
    };
    let found = list(&world.instructor, AlertSide::All).await.unwrap();
    let [alert] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(alert.source, AlertSource::Gateway(GatewaySign::Suspended));
    assert_eq!(alert.requester, TOWN_SIRET);
    let told = world.mails().await;
    for address in ["paul.prod@x.example", "rosa.req@x.example"] {
        let count =
            |mails: &[(String, String)]| mails.iter().filter(|(to, _)| to == address).count();
        assert_eq!(count(&told), count(&before) + 1, "{address}");
    }
    // It is of no producer alone: the directorate handles it, the requester sees it.
    let handle = async |actor, how| {
        world
            .exchange
            .handle_alert(actor, alert.id, how, "Vu.")
            .await
    };
    let denied = handle(&world.producer, Handled::Closed).await;
    assert!(matches!(denied, Err(ExchangeError::Denied(_))));
    let nothing = handle(&world.instructor, Handled::Resumed).await;
    assert!(matches!(nothing, Err(ExchangeError::Mistakes(_))));
    let cookies = world.signed_in("rosa.req@x.example").await;
    let path = format!("/exchange/alerts/{}", alert.id);
    let page = world.get(&path, &cookies).await;
    assert!(page.body.contains("passait en revue des identités"));
    handle(&world.instructor, Handled::Closed).await.unwrap();
    // The hour after is another matter.
    let later = GatewayReport {
        alarms: vec![alarm(id, now + SignedDuration::from_hours(1))],
        ..report("a", 0, &[])
    };
    world.reported(&later).await;
    let found = list(&world.instructor, AlertSide::All).await.unwrap();
    assert_eq!(found.len(), 2);
}
