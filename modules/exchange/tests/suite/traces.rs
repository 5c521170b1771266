//! Traces: kept once, searched, counted, erased.

use exchange::{ExchangeError, Side, TraceFilter};
use jiff::SignedDuration;
use kit_db::Db;
use kit_time::Clock as _;
use ports::exchange::Trace;
use ports::{PARTIES_AT_ONCE_MAX, Parties as _};
use uuid::Uuid;

use crate::world::{Published, TAX_SIRET, TOWN_SIRET, World, migrations, world};

kit_db::on_both_databases!(migrations() =>
    a_trace_is_kept_once, a_producer_searches_and_exports, a_requester_sees_its_own_without_pseudonyms,
    many_bodies_are_named_together,
    what_was_saved_is_counted, old_traces_are_erased_and_counts_stay,
);

fn trace(world: &World, of: &Published, number: u128, purpose: &str) -> Trace {
    Trace {
        request: Uuid::from_u128(number),
        at: world.clock.now() + SignedDuration::from_secs(i64::try_from(number).unwrap()),
        accreditation: Some((Uuid::from_u128(5), 1)),
        requester: Some(TOWN_SIRET.into()),
        editor: None,
        producer: world.fund,
        api: of.api,
        operation: of.operation,
        purpose: Some(purpose.into()),
        object: Some(format!("=dossier {number}")),
        legal_basis: Some("CRPA, article L114-8".into()),
        recipient: Some(TOWN_SIRET.into()),
        subject: Some("ab".repeat(32)),
        status: if number.is_multiple_of(5) { 502 } else { 200 },
        problem: number
            .is_multiple_of(5)
            .then(|| "producer-unavailable".into()),
        latency_us: 1_500,
        bytes: 120,
        pieces_saved: if number.is_multiple_of(5) { 0 } else { 2 },
        hidden_until: None,
        // One of them.
        on_behalf: number == 10,
    }
}

pub(crate) fn some(world: &World, of: &Published, count: u128) -> Vec<Trace> {
    (1..=count)
        .map(|number| {
            trace(
                world,
                of,
                number,
                if number.is_multiple_of(2) {
                    "cantine"
                } else {
                    "creche"
                },
            )
        })
        .collect()
}

async fn a_trace_is_kept_once(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let traces = some(&world, &quotient, 10);
    let exchange = &world.exchange;
    assert_eq!(
        exchange
            .keep_traces("log-a", 0, &traces[..6])
            .await
            .unwrap(),
        6
    );
    // The same again, overlapping: what a copier does that was killed.
    assert_eq!(
        exchange
            .keep_traces("log-a", 4, &traces[4..])
            .await
            .unwrap(),
        4
    );
    assert_eq!(exchange.keep_traces("log-a", 0, &traces).await.unwrap(), 0);
    // Another log has places of its own.
    assert_eq!(
        exchange
            .keep_traces("log-b", 0, &traces[..1])
            .await
            .unwrap(),
        1
    );
    assert_eq!(exchange.last_trace("log-a").await.unwrap(), Some(9));
    assert_eq!(exchange.last_trace("log-c").await.unwrap(), None);
    let today = jiff::civil::date(2026, 3, 2);
    let saved = exchange.saved((today, today)).await.unwrap();
    let pieces: i64 = saved.iter().map(|line| line.pieces_saved).sum();
    assert_eq!(pieces, 8 * 2 + 2, "nothing is counted twice");
    let many = vec![traces[0].clone(); exchange::TRACES_AT_ONCE_MAX + 1];
    assert!(matches!(
        exchange.keep_traces("log-a", 10, &many).await,
        Err(ExchangeError::Mistakes(_))
    ));
    let beyond = exchange.keep_traces("log-a", u64::MAX, &traces[..1]).await;
    assert!(matches!(beyond, Err(ExchangeError::Mistakes(_))));
}

async fn a_producer_searches_and_exports(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let traces = some(&world, &quotient, 10);
    world.exchange.keep_traces("log", 0, &traces).await.unwrap();
    let side = Side::Producer(world.fund);
    let search = async |filter: TraceFilter| {
        let exchange = &world.exchange;
        let found = exchange
            .search_traces(&world.producer, &side, &filter, None, 100)
            .await;
        found
            .unwrap()
            .into_iter()
            .map(|one| one.index)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        search(TraceFilter::default()).await,
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    );
    let of_canteen = TraceFilter {
        purpose: Some("cantine".into()),
        ..TraceFilter::default()
    };
    assert_eq!(search(of_canteen.clone()).await, [9, 7, 5, 3, 1]);
    let early = TraceFilter {
        to: Some(traces[3].at),
        ..of_canteen
    };
    assert_eq!(search(early).await, [1]);
    let person = TraceFilter {
        subject: Some("cd".repeat(32)),
        requester: Some(TOWN_SIRET.into()),
        api: Some(quotient.api),
        ..TraceFilter::default()
    };
    assert_eq!(search(person).await, Vec::<i64>::new());
    let csv = world
        .exchange
        .traces_csv(&world.producer, &side, &TraceFilter::default())
        .await
        .unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert_eq!(csv.lines().count(), 11);
    assert!(
        csv.contains("'=dossier 3"),
        "what looks like a formula is disarmed"
    );
    // A town that never asked for anything has its name from the directory.
    let named = csv.lines().nth(1).unwrap().to_owned();
    assert!(
        named.ends_with("Commune de Valclair,Commune de Valclair,true"),
        "{named}"
    );
    let cookies = world.signed_in("paul.prod@x.example").await;
    let page = world
        .get("/exchange/traces?from=2026-03-01&to=2026-03-03", &cookies)
        .await;
    assert_eq!(page.status, 200);
    for shown in [
        "502 producer-unavailable",
        "=dossier 10",
        "cantine",
        "Commune de Valclair",
        TOWN_SIRET,
        "Quotient",
        "au nom de l’usager",
    ] {
        assert!(
            page.body.to_lowercase().contains(&shown.to_lowercase()),
            "{shown}"
        );
    }
    assert_eq!(page.body.matches("au nom de l’usager").count(), 1);
    assert!(!page.body.contains('⟦'));
    let file = world
        .get(
            "/exchange/traces.csv?from=2026-03-01&to=2026-03-03",
            &cookies,
        )
        .await;
    assert_eq!((file.status.as_u16(), file.body.lines().count()), (200, 11));
    for path in [
        "/exchange/traces?from=hier",
        "/exchange/traces?api=zz",
        "/exchange/traces?from=2020-01-01&to=2026-03-01",
        "/exchange/traces.csv?side=zz",
    ] {
        assert_eq!(world.get(path, &cookies).await.status, 422, "{path}");
    }
    let foreign = format!("/exchange/traces?side=producer:{}", world.tax);
    assert_eq!(world.get(&foreign, &cookies).await.status, 403);
}

async fn many_bodies_are_named_together(db: Db) {
    let world = world(db).await;
    let parties = world.directory.parties_port();
    let known = [TOWN_SIRET, TAX_SIRET, TOWN_SIRET].map(String::from);
    // In any number, repeated, among numbers that nobody has.
    for strangers in [0, 1, 18, 150, PARTIES_AT_ONCE_MAX - known.len()] {
        let strangers = (0..strangers).map(|number| format!("{number:014}"));
        let asked: Vec<String> = strangers.chain(known.clone()).collect();
        let found = parties.parties_of_sirets(&asked).await.unwrap();
        let mut ids: Vec<Uuid> = found.into_iter().map(|party| party.id).collect();
        ids.sort();
        let mut wanted = [world.town, world.tax];
        wanted.sort();
        assert_eq!(ids, wanted);
    }
    // What is no number at all shifts nothing.
    let odd = ["", "12", "é", "0", TOWN_SIRET].map(String::from);
    let found = parties.parties_of_sirets(&odd).await.unwrap();
    assert_eq!((found.len(), found[0].id), (1, world.town));
    assert!(parties.parties_of_sirets(&[]).await.unwrap().is_empty());
    let many = vec![TOWN_SIRET.to_owned(); PARTIES_AT_ONCE_MAX + 1];
    assert!(parties.parties_of_sirets(&many).await.is_err());
}

async fn a_requester_sees_its_own_without_pseudonyms(db: Db) {
    let world = world(db).await;
    let (id, quotient, _) = world.accredited().await;
    let mut traces = some(&world, &quotient, 3);
    traces[2].requester = Some(TAX_SIRET.into());
    world.exchange.keep_traces("log", 0, &traces).await.unwrap();
    let own = Side::Requester(TOWN_SIRET.into());
    let filter = TraceFilter {
        subject: Some("zz".into()),
        ..TraceFilter::default()
    };
    let found = world
        .exchange
        .search_traces(&world.requester, &own, &filter, None, 10)
        .await
        .unwrap();
    // Neither shown nor to be searched by.
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|one| one.trace.subject.is_none()));
    let other = Side::Requester(TAX_SIRET.into());
    let denied = world
        .exchange
        .search_traces(&world.requester, &other, &filter, None, 10)
        .await;
    assert!(matches!(denied, Err(ExchangeError::Denied(_))));
    let denied = world
        .exchange
        .search_traces(
            &world.requester,
            &Side::Producer(world.fund),
            &filter,
            None,
            10,
        )
        .await;
    assert!(matches!(denied, Err(ExchangeError::Denied(_))));
    let _ = id;
    let cookies = world.signed_in("rosa.req@x.example").await;
    let page = world.get("/exchange/traces", &cookies).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains(&"ab".repeat(32)));
}

async fn what_was_saved_is_counted(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let traces = some(&world, &quotient, 10);
    world.exchange.keep_traces("log", 0, &traces).await.unwrap();
    let answer = world
        .get(
            "/api/v1/exchange/once-only?from=2026-03-02&to=2026-03-02",
            "",
        )
        .await;
    let answer: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let lines = answer["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    let of = |purpose: &str| {
        lines
            .iter()
            .find(|line| line["purpose"] == purpose)
            .unwrap()
    };
    assert_eq!(
        (
            of("cantine")["calls"].as_i64(),
            of("cantine")["pieces_saved"].as_i64()
        ),
        (Some(5), Some(8))
    );
    let page = world
        .get("/exchange/once-only?from=2026-03-02&to=2026-03-02", "")
        .await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Informations non redemandées"));
}

async fn old_traces_are_erased_and_counts_stay(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let old = some(&world, &quotient, 4);
    world.exchange.keep_traces("log", 0, &old).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(24 * 365));
    let new = some(&world, &quotient, 2);
    world.exchange.keep_traces("log", 4, &new).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(24 * 730));
    let side = Side::Producer(world.fund);
    let count = async || {
        world.exchange.erase_traces().await.unwrap();
        let filter = TraceFilter::default();
        let found = world
            .exchange
            .search_traces(&world.producer, &side, &filter, None, 10)
            .await;
        found.unwrap().len()
    };
    // 36 months are not over: 1 095 days after 2 March 2026 it is 1 March 2029.
    assert_eq!(count().await, 6);
    world.clock.advance(SignedDuration::from_hours(24 * 2));
    assert_eq!(count().await, 2);
    let day = jiff::civil::date(2026, 3, 2);
    let saved = world.exchange.saved((day, day)).await.unwrap();
    assert_eq!(saved.iter().map(|line| line.calls).sum::<i64>(), 4);
}
