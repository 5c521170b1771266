//! What other modules do for products, and what steering gives them.

use std::sync::{Arc, Mutex};

use http::StatusCode;
use jiff::civil::{Date, date};
use kit_access::Actor;
use kit_db::{Db, Tx};
use kit_ui::Locale;
use ports::{
    ActEntry, Answered, Audience, BrigadeCall, BrigadeCalls, FundingHolds as _, Need,
    NewRecommendation, OrganisationId, ProductActs, ProductFact, ProductId, Recommending as _,
};
use steering::{AlertAct, SteeringError};
use uuid::Uuid;

use crate::world::{World, migrations, world};

kit_db::on_both_databases!(migrations() =>
    a_recommendation_rests_on_a_mission, a_recommendation_needs_its_words,
    who_may_not_recommend_recommends_nothing_elsewhere, what_is_held_is_told_to_who_pays,
    an_alert_sends_the_brigade, without_a_brigade_none_is_sent,
    acts_of_other_modules_stand_in_the_timeline, anybody_reads_what_is_published_only,
);

/// Another module: it did something on two days, publishes one of them, and waits for something.
pub(crate) struct Other;

fn entry(on: Date, what: &str) -> ActEntry {
    ActEntry {
        on,
        what: what.into(),
        detail: "Deux tranches".into(),
        by: Some("Olga Officer".into()),
        href: "/contracts/1".into(),
    }
}

impl ProductActs for Other {
    fn timeline(
        &self,
        _product: ProductId,
        audience: Audience,
        _locale: Locale,
        until: Date,
        _limit: u32,
    ) -> Answered<'_, Vec<ActEntry>> {
        let mut all = vec![entry(date(2026, 2, 10), "Contrat proposé")];
        if audience == Audience::Entitled {
            all.insert(0, entry(date(2026, 3, 1), "Contrat négocié"));
        }
        all.retain(|one| one.on <= until);
        Box::pin(async move { Ok(all) })
    }

    fn needs(
        &self,
        _ministry: Option<OrganisationId>,
        _locale: Locale,
        today: Date,
        _limit: u32,
    ) -> Answered<'_, Vec<Need>> {
        let need = Need {
            product: None,
            what: "Libérer la première tranche".into(),
            due: Some(today),
            amount_cents: Some(250_000_000),
            href: "/contracts/1".into(),
        };
        Box::pin(async move { Ok(vec![need]) })
    }

    fn facts(
        &self,
        _product: ProductId,
        _locale: Locale,
        _today: Date,
    ) -> Answered<'_, Vec<ProductFact>> {
        let fact = ProductFact {
            label: "Soutien engagé".into(),
            value: "5 M€".into(),
            href: "/contracts/1".into(),
        };
        Box::pin(async { Ok(vec![fact]) })
    }
}

/// A brigade that remembers who called.
#[derive(Default)]
pub(crate) struct Called(pub(crate) Mutex<Vec<BrigadeCall>>);

impl BrigadeCalls for Called {
    fn call_in<'f>(
        &'f self,
        _tx: &'f mut Tx,
        _actor: &'f Actor,
        call: BrigadeCall,
    ) -> Answered<'f, Uuid> {
        self.0.lock().unwrap().push(call);
        Box::pin(async { Ok(Uuid::nil()) })
    }
}

fn new(world: &World, mission: Uuid) -> NewRecommendation {
    NewRecommendation {
        product: ProductId(world.project),
        text: "Confier l’accessibilité à quelqu’un".into(),
        axis: "governance",
        owner: "Cheffe de projet".into(),
        due: date(2026, 6, 30),
        origin: ("mission", mission),
    }
}

async fn a_recommendation_rests_on_a_mission(db: Db) {
    let world = world(db).await;
    let port = world.steering.recommending_port();
    let mission = Uuid::from_u128(7);
    let mut tx = world.db.begin().await.unwrap();
    let given = port.recommend_in(&mut tx, &world.officer, new(&world, mission));
    let id = given.await.unwrap();
    tx.commit().await.unwrap();
    let resting = port.resting_on(("mission", mission)).await.unwrap();
    assert_eq!(resting.len(), 1);
    assert_eq!((resting[0].id, resting[0].status), (id, "proposed"));
    assert_eq!(resting[0].reoriented, None);
    let elsewhere = port.resting_on(("conference", mission)).await.unwrap();
    assert_eq!(elsewhere, []);
    let (one, _) = world
        .steering
        .recommendation(&world.director, id)
        .await
        .unwrap();
    assert_eq!(one.origin, Some(("mission".to_owned(), mission)));
    let cookies = world.signed_in("dora.director@x.example").await;
    let page = world
        .app
        .get(&format!("/steering/recommendations/{id}"), &cookies)
        .await;
    assert!(page.body.contains("une mission de la brigade"));
}

async fn a_recommendation_needs_its_words(db: Db) {
    let world = world(db).await;
    let port = world.steering.recommending_port();
    let mut tx = world.db.begin().await.unwrap();
    let mut short = new(&world, Uuid::from_u128(7));
    short.text = "Trop peu".into();
    short.due = date(2026, 3, 1);
    let refused = port.recommend_in(&mut tx, &world.officer, short).await;
    let refused = refused.unwrap_err().0;
    let Some(SteeringError::Mistakes(mistakes)) = refused.downcast_ref::<SteeringError>() else {
        panic!("{refused}");
    };
    let told: Vec<_> = mistakes
        .iter()
        .map(|one| (one.field.as_str(), one.key))
        .collect();
    assert_eq!(
        told,
        [
            ("text", "steering-mistake-short"),
            ("due", "steering-mistake-past")
        ]
    );
}

async fn who_may_not_recommend_recommends_nothing_elsewhere(db: Db) {
    let world = world(db).await;
    let port = world.steering.recommending_port();
    for actor in [&world.director, &world.team, &world.stranger] {
        let mut tx = world.db.begin().await.unwrap();
        let refused = port.recommend_in(&mut tx, actor, new(&world, Uuid::from_u128(7)));
        let refused = refused.await.unwrap_err().0;
        let told = refused.downcast_ref::<SteeringError>();
        assert!(matches!(told, Some(SteeringError::Denied(_))), "{refused}");
    }
}

/// The alert of a project whose cost grew by half.
pub(crate) async fn alerted(world: &World) -> steering::Alert {
    world.estimate("2026-02-20", "60", "4").await;
    world.steering.keep_house().await.unwrap();
    let cookies = world.signed_in("olga.officer@x.example").await;
    let list = world.app.get("/steering/alerts", &cookies).await.body;
    let (_, rest) = list.split_once("href=\"/steering/alerts/").unwrap();
    let id: Uuid = rest.split('"').next().unwrap().parse().unwrap();
    world.steering.alert(&world.officer, id).await.unwrap().0
}

async fn what_is_held_is_told_to_who_pays(db: Db) {
    let world = world(db).await;
    let port = world.steering.holds_port();
    let product = ProductId(world.project);
    let asked = async || {
        let mut tx = world.db.begin().await.unwrap();
        port.hold_in(&mut tx, product).await.unwrap()
    };
    assert_eq!(asked().await, None);
    let one = alerted(&world).await;
    world
        .steering
        .act_on_alert(
            &world.officer,
            one.id,
            one.version,
            AlertAct::Hold,
            "Le coût dérive",
        )
        .await
        .unwrap();
    let hold = asked().await.unwrap();
    assert_eq!(
        (hold.since, hold.reason.as_str()),
        (date(2026, 3, 2), "Le coût dérive")
    );
    world
        .steering
        .release_funding(&world.officer, world.project, "Le projet est découpé")
        .await
        .unwrap();
    assert_eq!(asked().await, None);
}

async fn an_alert_sends_the_brigade(db: Db) {
    let mut world = world(db).await;
    let one = alerted(&world).await;
    let called = Arc::new(Called::default());
    world.steering = world.steering.clone().with_brigade(called.clone());
    let act = AlertAct::Brigade;
    let why = "L’accessibilité n’avance pas";
    let denied = world
        .steering
        .act_on_alert(&world.director, one.id, one.version, act, why)
        .await;
    assert!(matches!(denied, Err(SteeringError::Denied(_))));
    world
        .steering
        .act_on_alert(&world.officer, one.id, one.version, act, why)
        .await
        .unwrap();
    let (again, _) = world.steering.alert(&world.officer, one.id).await.unwrap();
    let twice = world
        .steering
        .act_on_alert(&world.officer, one.id, again.version, act, why)
        .await;
    assert!(matches!(twice, Err(SteeringError::Impossible)));
    let calls = called.0.lock().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].product, ProductId(world.project));
    assert_eq!(
        (calls[0].origin, calls[0].reason.as_str()),
        (("alert", one.id), why)
    );
}

async fn without_a_brigade_none_is_sent(db: Db) {
    let world = world(db).await;
    let one = alerted(&world).await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    let page = world
        .app
        .get(&format!("/steering/alerts/{}", one.id), &cookies)
        .await;
    assert!(!page.body.contains("Envoyer la brigade"));
    let refused = world
        .steering
        .act_on_alert(
            &world.officer,
            one.id,
            one.version,
            AlertAct::Brigade,
            "Vite",
        )
        .await;
    assert!(matches!(refused, Err(SteeringError::Impossible)));
}

async fn acts_of_other_modules_stand_in_the_timeline(db: Db) {
    let world = world(db).await.with_others(vec![Arc::new(Other)]);
    let _ = alerted(&world).await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    let path = format!("/products/{}/steering", world.project);
    let body = world.app.get(&path, &cookies).await.body;
    let at = |text: &str| {
        body.find(text)
            .unwrap_or_else(|| panic!("{text} is missing"))
    };
    assert!(at("Alerte\u{a0}: dérive du coût") < at("Contrat négocié"));
    assert!(at("Contrat négocié") < at("Contrat proposé"));
    assert!(body.contains("Deux tranches"));
    assert!(body.contains("Soutien engagé") && body.contains("5 M€"));
    assert!(body.contains("href=\"/contracts/1\""));
    let morning = world.app.get("/steering", &cookies).await.body;
    assert!(morning.contains("Libérer la première tranche"));
}

async fn anybody_reads_what_is_published_only(db: Db) {
    let world = world(db).await.with_others(vec![Arc::new(Other)]);
    let review = world.unfavourable().await;
    world.recommended(review, "2026-06-30").await;
    let path = format!("/steering/published/products/{}", world.project);
    let before = world.app.get(&path, "").await;
    assert_eq!(before.status, StatusCode::OK);
    assert!(before.body.contains("Contrat proposé"));
    assert!(!before.body.contains("Contrat négocié"));
    assert!(!before.body.contains("Le prix de 12 M€ n’est pas tenable."));
    assert!(!before.body.contains("Découper le projet"));
    world.wait_until("2026-09-01");
    let after = world.app.get(&path, "").await;
    assert!(after.body.contains("Le prix de 12 M€ n’est pas tenable."));
    assert!(after.body.contains("Découper le projet"));
    assert!(!after.body.contains("Cheffe de projet"));
    let nowhere = format!("/steering/published/products/{}", Uuid::from_u128(9));
    assert_eq!(
        world.app.get(&nowhere, "").await.status,
        StatusCode::NOT_FOUND
    );
}
