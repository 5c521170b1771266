//! Rules: what fires, once, and what it stops.

use exchange::domain::RuleForm;
use exchange::{AlertFilter, AlertSide, AlertSource, ExchangeError, KeptAlert, RuleFilter};
use jiff::{SignedDuration, Timestamp};
use kit_db::{Db, Statement};
use ports::exchange::{StopTarget, Trace};
use uuid::Uuid;

use crate::world::{Published, TOWN_SIRET, World, migrations, world};

kit_db::on_both_databases!(migrations() =>
    a_rule_fires_once_across_late_traces, two_processes_fire_once,
    each_kind_of_rule_fires,
    two_who_edit_at_once_are_shown_each_others_change, what_a_rule_would_have_done_is_told,
    each_limit_of_a_rule_is_told, what_was_stopped_is_not_counted, counting_reads_new_traces_only,
    what_is_over_before_a_rule_is_switched_on_is_the_past,
);

pub(crate) fn form(api: Uuid, kind: &str, limit: &str, effect: &str) -> RuleForm {
    RuleForm {
        api: api.to_string(),
        name: "Surveillance de nuit".into(),
        kind: kind.into(),
        window: "hour".into(),
        limit: limit.into(),
        calls_min: "4".into(),
        from_hour: "8".into(),
        to_hour: "19".into(),
        days: ["1", "2", "3", "4", "5"].map(String::from).into(),
        effect: effect.into(),
        ..RuleForm::default()
    }
}

/// A call of the town, `minutes` after the world began (8:00 UTC, 9:00 in Paris, a Monday).
pub(crate) fn call(world: &World, of: &Published, accreditation: Uuid, minutes: i64) -> Trace {
    let at: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    Trace {
        request: Uuid::from_u128(u128::from(minutes.unsigned_abs())),
        at: at + SignedDuration::from_mins(minutes),
        accreditation: Some((accreditation, 1)),
        requester: Some(TOWN_SIRET.into()),
        editor: None,
        producer: world.fund,
        api: of.api,
        operation: of.operation,
        purpose: Some("cantine".into()),
        object: None,
        legal_basis: None,
        recipient: None,
        subject: Some(format!("{minutes:064}")),
        status: 200,
        problem: None,
        latency_us: 1,
        bytes: 1,
        pieces_saved: 0,
        hidden_until: None,
        on_behalf: false,
    }
}

/// The rules of a producer.
pub(crate) fn of(producer: Uuid) -> RuleFilter {
    RuleFilter {
        producer: Some(producer),
        ..RuleFilter::default()
    }
}

pub(crate) struct Ruled {
    pub(crate) world: World,
    pub(crate) accreditation: Uuid,
    pub(crate) api: Published,
}

/// A town that is accredited.
pub(crate) async fn ruled(db: Db) -> Ruled {
    let world = world(db).await;
    let (accreditation, api, _) = world.accredited().await;
    Ruled {
        world,
        accreditation,
        api,
    }
}

impl Ruled {
    /// A rule of the fund that is on.
    pub(crate) async fn rule(&self, form: &RuleForm) -> Uuid {
        let exchange = &self.world.exchange;
        let producer = &self.world.producer;
        let id = exchange.add_rule(producer, form).await.unwrap();
        exchange.switch_rule(producer, id, 1, true).await.unwrap();
        id
    }

    /// Calls at these minutes, kept in a log from a place on.
    pub(crate) async fn called(
        &self,
        log: &str,
        first: u64,
        minutes: impl IntoIterator<Item = i64>,
    ) {
        let all: Vec<Trace> = minutes
            .into_iter()
            .map(|at| call(&self.world, &self.api, self.accreditation, at))
            .collect();
        self.kept(log, first, &all).await;
    }

    pub(crate) async fn kept(&self, log: &str, first: u64, traces: &[Trace]) {
        let exchange = &self.world.exchange;
        exchange.keep_traces(log, first, traces).await.unwrap();
    }

    pub(crate) async fn watch(&self) -> u64 {
        self.world.exchange.watch_flows().await.unwrap()
    }

    pub(crate) async fn alerts(&self) -> Vec<KeptAlert> {
        let (exchange, producer) = (&self.world.exchange, &self.world.producer);
        let side = AlertSide::Producer(self.world.fund);
        let first = (Timestamp::MAX, Uuid::max());
        let filter = AlertFilter::default();
        let all = exchange.alerts(producer, &side, &filter, first, 100);
        all.await.unwrap()
    }

    pub(crate) async fn stops(&self) -> usize {
        self.world.exchange.snapshot().await.unwrap().stops.len()
    }

    pub(crate) async fn journal(&self, action: &str) -> usize {
        let all = kit_journal::Journal::after(&self.world.db, 0, 1_000);
        let all = all.await.unwrap();
        all.iter().filter(|entry| entry.action == action).count()
    }
}

async fn a_rule_fires_once_across_late_traces(db: Db) {
    let ruled = ruled(db).await;
    let rule = ruled
        .rule(&form(ruled.api.api, "volume", "5", "suspend"))
        .await;
    ruled.called("one", 0, 0..4).await;
    assert_eq!(ruled.watch().await, 0);
    let number = ruled.world.exchange.snapshot_number().await.unwrap();
    let before = ruled.world.mails().await;
    // A gateway that was cut off brings calls of the same hour later.
    ruled.called("two", 0, 10..12).await;
    assert_eq!(ruled.watch().await, 1);
    let mails = ruled.world.mails().await;
    let to = |mails: &[(String, String)], address: &str| {
        mails.iter().filter(|(to, _)| to == address).count()
    };
    for address in [
        "paul.prod@x.example",
        "rosa.req@x.example",
        "ines.inst@x.example",
    ] {
        let (before, now) = (to(&before, address), to(&mails, address));
        assert_eq!(now, before + 1, "{address}: one mail for each firing");
    }
    // More of that hour, of either; also after another process was told.
    ruled.called("one", 4, 20..30).await;
    ruled.called("two", 2, 30..40).await;
    assert_eq!((ruled.watch().await, ruled.watch().await), (0, 0));
    let alerts = ruled.alerts().await;
    let [alert] = alerts.as_slice() else {
        panic!("one alert: {alerts:?}")
    };
    assert!(matches!(alert.source, AlertSource::Rule { id, .. } if id == rule));
    assert_eq!((alert.measured.value, alert.measured.calls), (6, 6));
    assert_eq!(alert.accreditation, ruled.accreditation);
    let window = ["2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"];
    assert_eq!(
        [alert.window.0, alert.window.1],
        window.map(|at| at.parse().unwrap())
    );
    let snapshot = ruled.world.exchange.snapshot().await.unwrap();
    assert!(snapshot.number > number, "gateways ask again");
    let [stop] = snapshot.stops.as_slice() else {
        panic!("one stop")
    };
    assert_eq!(stop.target, StopTarget::Accreditation(ruled.accreditation));
    assert_eq!(stop.producer, Some(ruled.world.fund));
    assert!(
        stop.reason.contains("Surveillance de nuit"),
        "{}",
        stop.reason
    );
    assert_eq!(ruled.world.mails().await.len(), mails.len());
    // The next hour is another window: it fires again, and finds the flow stopped.
    ruled.called("one", 14, 60..67).await;
    assert_eq!(ruled.watch().await, 1);
    let alerts = ruled.alerts().await;
    assert_eq!(alerts.len(), 2);
    assert_eq!(alerts[0].stop, alerts[1].stop);
    assert_eq!(ruled.stops().await, 1);
    let (raised, stopped) = ("exchange.alert.raise", "exchange.flow.stop");
    assert_eq!(
        (ruled.journal(raised).await, ruled.journal(stopped).await),
        (2, 1)
    );
}

async fn two_processes_fire_once(db: Db) {
    let ruled = ruled(db).await;
    ruled
        .rule(&form(ruled.api.api, "volume", "5", "suspend"))
        .await;
    ruled
        .rule(&form(ruled.api.api, "enumeration", "5", "alert"))
        .await;
    // Each log alone is under the limit.
    ruled.called("one", 0, 0..4).await;
    ruled.called("two", 0, 10..14).await;
    let exchange = &ruled.world.exchange;
    let (a, b, c) = tokio::join!(
        exchange.watch_flows(),
        exchange.watch_flows(),
        exchange.watch_flows()
    );
    assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 2);
    let alerts = ruled.alerts().await;
    assert_eq!((alerts.len(), ruled.stops().await), (2, 1));
    assert!(alerts.iter().all(|one| one.measured.value == 8));
}

async fn each_kind_of_rule_fires(db: Db) {
    let ruled = ruled(db).await;
    let mut calls: Vec<Trace> = (0..4)
        .map(|at| call(&ruled.world, &ruled.api, ruled.accreditation, at))
        .collect();
    for kind in ["errors", "enumeration", "hours"] {
        let limit = match kind {
            "errors" => "40",
            "enumeration" => "2",
            _ => "0",
        };
        ruled.rule(&form(ruled.api.api, kind, limit, "alert")).await;
    }
    // The same person four times, half of them unknown; at an hour that is expected.
    for (at, one) in calls.iter_mut().enumerate() {
        one.subject = Some("ab".repeat(32));
        if at % 2 == 0 {
            one.status = 404;
            one.problem = Some("not-found".into());
        }
    }
    ruled.kept("one", 0, &calls).await;
    assert_eq!(ruled.watch().await, 1, "the share of refusals alone");
    // Others, at five in the morning in Paris.
    let early: Vec<Trace> = (0..3)
        .map(|at| call(&ruled.world, &ruled.api, ruled.accreditation, at - 4 * 60))
        .collect();
    ruled.kept("one", 4, &early).await;
    assert_eq!(
        ruled.watch().await,
        0,
        "that hour was over when they were switched on"
    );
    let late: Vec<Trace> = (0..3)
        .map(|at| call(&ruled.world, &ruled.api, ruled.accreditation, at + 12 * 60))
        .collect();
    ruled.kept("one", 7, &late).await;
    assert_eq!(ruled.watch().await, 2);
    let mut measured: Vec<(u64, u64)> = ruled
        .alerts()
        .await
        .iter()
        .map(|one| (one.measured.value, one.measured.calls))
        .collect();
    measured.sort_unstable();
    assert_eq!(measured, [(3, 3), (3, 3), (50, 4)]);
    assert_eq!(ruled.stops().await, 0, "they alert only");
    // One operation alone: another one isn't counted.
    let other = RuleForm {
        operation: ruled.api.operation.to_string(),
        ..form(ruled.api.api, "volume", "1", "alert")
    };
    ruled.rule(&other).await;
    let mut elsewhere = late.clone();
    for one in &mut elsewhere {
        one.operation = Uuid::from_u128(77);
        one.at += SignedDuration::from_hours(1);
    }
    ruled.kept("one", 10, &elsewhere).await;
    let raised = ruled.watch().await;
    let volumes = ruled.alerts().await;
    assert!(volumes.iter().all(|one| one.measured.value != 0));
    assert_eq!(
        raised, 2,
        "people and hours of the whole API, not the operation's volume"
    );
}

async fn two_who_edit_at_once_are_shown_each_others_change(db: Db) {
    let ruled = ruled(db).await;
    let exchange = &ruled.world.exchange;
    let first = form(ruled.api.api, "volume", "5", "alert");
    let id = exchange
        .add_rule(&ruled.world.producer, &first)
        .await
        .unwrap();
    let cookies = ruled.world.signed_in("paul.prod@x.example").await;
    let path = format!("/exchange/rules/{id}");
    let page = ruled.world.get(&path, &cookies).await;
    assert!(page.body.contains("name=\"version\" value=\"1\""));
    // Meanwhile the directorate changes the limit.
    let theirs = form(ruled.api.api, "volume", "777", "alert");
    exchange
        .change_rule(&ruled.world.instructor, id, 1, &theirs)
        .await
        .unwrap();
    let fields = |version: &'static str| {
        [
            ("version", version),
            ("name", "Mon nom à moi"),
            ("kind", "volume"),
            ("window", "hour"),
            ("limit", "12"),
            ("effect", "alert"),
        ]
    };
    let answer = ruled.world.post(&path, &cookies, &fields("1")).await;
    assert_eq!(answer.status, 422);
    for shown in ["Inès Inst a modifié cette règle", "777", "Mon nom à moi"] {
        assert!(answer.body.contains(shown), "{shown}");
    }
    assert_eq!(
        exchange
            .rule(&ruled.world.producer, id)
            .await
            .unwrap()
            .rule
            .limit,
        777
    );
    // Having seen it, what was typed may replace it.
    assert!(answer.body.contains("name=\"version\" value=\"2\""));
    let answer = ruled.world.post(&path, &cookies, &fields("2")).await;
    assert_eq!(answer.status, 303);
    let kept = exchange.rule(&ruled.world.producer, id).await.unwrap();
    assert_eq!(
        (kept.rule.limit, kept.rule.name.as_str()),
        (12, "Mon nom à moi")
    );
    let switch = format!("{path}/switch");
    let late = [("version", "1"), ("on", "1")];
    assert_eq!(ruled.world.post(&switch, &cookies, &late).await.status, 422);
    assert_eq!(
        exchange
            .rule(&ruled.world.producer, id)
            .await
            .unwrap()
            .on_since,
        None
    );
    let (added, changed) = ("exchange.rule.add", "exchange.rule.change");
    assert_eq!(
        (ruled.journal(added).await, ruled.journal(changed).await),
        (1, 2)
    );
}

async fn what_a_rule_would_have_done_is_told(db: Db) {
    let ruled = ruled(db).await;
    let exchange = &ruled.world.exchange;
    let producer = &ruled.world.producer;
    // Calls of yesterday's hour and of today's, which no rule watched.
    ruled.called("one", 0, (0..6).map(|at| at - 24 * 60)).await;
    ruled.called("one", 6, 0..4).await;
    // And of long ago.
    ruled
        .called("one", 10, (0..9).map(|at| at - 40 * 24 * 60))
        .await;
    assert_eq!(ruled.watch().await, 0);
    for (kind, limit, values) in [
        ("volume", "5", vec![6]),
        ("volume", "3", vec![4, 6]),
        ("enumeration", "3", vec![4, 6]),
        ("volume", "100", vec![]),
    ] {
        let id = exchange
            .add_rule(producer, &form(ruled.api.api, kind, limit, "suspend"))
            .await
            .unwrap();
        let tried = exchange.try_rule(producer, id).await.unwrap();
        let found: Vec<u64> = tried.fired.iter().map(|one| one.measured.value).collect();
        assert_eq!(found, values, "{kind} {limit}");
    }
    // It is tried only: nothing was raised or stopped.
    assert_eq!((ruled.alerts().await.len(), ruled.stops().await), (0, 0));
    let first = (Timestamp::MAX, Uuid::max());
    let all = exchange
        .rules(producer, &of(ruled.world.fund), first, 10)
        .await
        .unwrap();
    let cookies = ruled.world.signed_in("paul.prod@x.example").await;
    let of_three = all.iter().find(|one| one.rule.limit == 3).unwrap();
    let path = format!("/exchange/rules/{}", of_three.id);
    let page = ruled.world.get(&path, &cookies).await;
    assert_eq!(page.status, 200);
    for shown in [
        "déclenchée 2 fois",
        "Tarif de la cantine",
        "Activer la règle",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    assert!(!page.body.contains('⟦'));
}

async fn each_limit_of_a_rule_is_told(db: Db) {
    let ruled = ruled(db).await;
    let exchange = &ruled.world.exchange;
    let producer = &ruled.world.producer;
    let fields = async |form: RuleForm| match exchange.add_rule(producer, &form).await {
        Err(ExchangeError::Mistakes(mistakes)) => mistakes
            .into_iter()
            .map(|one| one.field)
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let good = || form(ruled.api.api, "volume", "5", "alert");
    let stranger = RuleForm {
        operation: Uuid::from_u128(4).to_string(),
        ..good()
    };
    assert_eq!(fields(stranger).await, ["operation"]);
    let nowhere = RuleForm {
        api: Uuid::from_u128(4).to_string(),
        ..good()
    };
    assert_eq!(fields(nowhere).await, ["api"]);
    let cookies = ruled.world.signed_in("paul.prod@x.example").await;
    let api = ruled.api.api.to_string();
    let sent = [("api", api.as_str()), ("kind", "errors"), ("limit", "100")];
    let answer = ruled
        .world
        .post("/exchange/rules/new", &cookies, &sent)
        .await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("1 – 99"));
    for _ in 0..exchange::domain::RULES_MAX {
        exchange.add_rule(producer, &good()).await.unwrap();
    }
    assert_eq!(fields(good()).await, ["api"]);
}

async fn what_was_stopped_is_not_counted(db: Db) {
    let ruled = ruled(db).await;
    ruled
        .rule(&form(ruled.api.api, "errors", "50", "suspend"))
        .await;
    let mut calls: Vec<Trace> = (0..30)
        .map(|at| call(&ruled.world, &ruled.api, ruled.accreditation, at))
        .collect();
    for one in &mut calls {
        one.status = 403;
        one.problem = Some("flow-stopped".into());
    }
    // Nor is what nobody valid asked for.
    for at in 30..60 {
        let mut one = call(&ruled.world, &ruled.api, ruled.accreditation, at);
        one.accreditation = None;
        one.status = 401;
        calls.push(one);
    }
    ruled.kept("one", 0, &calls).await;
    assert_eq!((ruled.watch().await, ruled.stops().await), (0, 0));
}

/// Rows that were counted, as the count of a round tells.
async fn counted(db: &Db) -> i64 {
    let sum = "SELECT CAST(COALESCE(SUM(calls), 0) AS BIGINT) AS n FROM exchange_hour";
    let sum = Statement::new("test.counted", sum);
    sum.query().one(db, |row| row.get("n")).await.unwrap()
}

async fn counting_reads_new_traces_only(db: Db) {
    let ruled = ruled(db.clone()).await;
    ruled
        .rule(&form(ruled.api.api, "volume", "100000", "alert"))
        .await;
    // More than one transaction's worth, in two logs.
    ruled.called("one", 0, (0..2_300).map(|at| at % 60)).await;
    ruled.called("two", 0, (0..1_000).map(|at| at % 60)).await;
    ruled.watch().await;
    assert_eq!(counted(&db).await, 3_300);
    let rounds = Statement::new(
        "test.rounds",
        "SELECT rounds FROM exchange_watch WHERE one = 1",
    );
    let rounds = async || {
        let found = rounds.query().one(&db, |row| row.get::<i64>("rounds"));
        found.await.unwrap()
    };
    let before = rounds().await;
    // Nothing new: nothing is locked or read again.
    ruled.watch().await;
    assert_eq!((rounds().await, counted(&db).await), (before, 3_300));
    // What was kept already and comes again isn't counted again.
    ruled.called("two", 998, 0..3).await;
    ruled.watch().await;
    assert_eq!((rounds().await, counted(&db).await), (before + 1, 3_301));
    // The marks hold over an erasure of what they passed.
    ruled
        .world
        .clock
        .advance(SignedDuration::from_hours(24 * 1_200));
    ruled.world.exchange.keep_house().await.unwrap();
    assert_eq!(counted(&db).await, 0);
    ruled.watch().await;
    assert_eq!(counted(&db).await, 0);
}

async fn what_is_over_before_a_rule_is_switched_on_is_the_past(db: Db) {
    let ruled = ruled(db).await;
    ruled.world.clock.advance(SignedDuration::from_hours(2));
    let id = ruled
        .rule(&form(ruled.api.api, "volume", "5", "suspend"))
        .await;
    ruled.called("one", 0, 0..10).await;
    assert_eq!(ruled.watch().await, 0);
    // The hour that goes on counts whole.
    ruled.called("one", 10, 120..130).await;
    assert_eq!(ruled.watch().await, 1);
    // Off, it sees nothing.
    let (exchange, producer) = (&ruled.world.exchange, &ruled.world.producer);
    exchange.switch_rule(producer, id, 2, false).await.unwrap();
    ruled.called("one", 20, 180..200).await;
    assert_eq!(ruled.watch().await, 0);
}
