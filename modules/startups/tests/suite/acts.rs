//! What steering reads of start-ups.

use jiff::civil::date;
use kit_db::Db;
use kit_ui::Locale;
use ports::{Audience, OrganisationId, ProductActs as _, ProductId};
use startups::domain::PublicationForm;

use crate::world::{decision, migrations, typed, world};

kit_db::on_both_databases!(migrations() =>
    needs_follow_reviews_and_decisions, everybody_reads_what_is_published, facts_are_told,
);

async fn needs_follow_reviews_and_decisions(db: Db) {
    let world = world(db).await;
    let acts = world.startups.acts_port();
    let ministry = Some(OrganisationId(world.ministry));
    let needs = async |on, of| {
        let all = acts.needs(of, Locale::Fr, on, 50).await.unwrap();
        let pair = |need: ports::Need| (need.what, need.due);
        all.into_iter().map(pair).collect::<Vec<_>>()
    };
    let today = date(2026, 3, 2);
    let late = needs(today, ministry).await;
    assert_eq!(late.len(), 1);
    assert!(
        late[0].0.contains("en retard") && late[0].0.contains("Eau claire"),
        "{late:?}"
    );
    let other = Some(OrganisationId(uuid::Uuid::from_u128(9)));
    assert!(needs(today, other).await.is_empty());
    let id = world.submitted(world.startup).await;
    let waits = needs(today, None).await;
    assert_eq!(waits.len(), 1);
    assert!(waits[0].0.contains("décision"), "{waits:?}");
    world
        .decide(&world.officer, id, &decision("continue", "2026-03-02"))
        .await
        .unwrap();
    assert!(needs(today, None).await.is_empty());
    let later = needs(date(2026, 9, 1), None).await;
    let dues: Vec<_> = later.iter().map(|(_, due)| due.unwrap()).collect();
    assert_eq!(dues, [date(2026, 8, 1), date(2026, 9, 1), date(2026, 9, 2)]);
}

async fn everybody_reads_what_is_published(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let id = world.submitted(world.startup).await;
    let decided = world
        .decide(&world.officer, id, &decision("accelerate", "2026-03-02"))
        .await
        .unwrap();
    let acts = startups.acts_port();
    let product = ProductId(world.startup);
    let told = async |audience, until| {
        acts.timeline(product, audience, Locale::Fr, until, 100)
            .await
            .unwrap()
    };
    let today = date(2026, 3, 2);
    assert!(told(Audience::Everybody, today).await.is_empty());
    let all = told(Audience::Entitled, today).await;
    assert!(all.len() >= 5, "{all:?}");
    assert!(all.iter().all(|entry| !entry.what.contains('⟦')), "{all:?}");
    let form = PublicationForm {
        on: typed("2026-03-02"),
        redactions: "12 communes | Négociation".into(),
        ..PublicationForm::default()
    };
    startups
        .plan(&world.officer, decided, 1, &form)
        .await
        .unwrap();
    let public = told(Audience::Everybody, today).await;
    assert_eq!(public.len(), 1);
    assert_eq!(public[0].by, None);
    assert!(public[0].detail.contains("[…]") && !public[0].detail.contains("12 communes"));
    assert!(told(Audience::Everybody, date(2026, 3, 1)).await.is_empty());
}

async fn facts_are_told(db: Db) {
    let world = world(db).await;
    let acts = world.startups.acts_port();
    let today = date(2026, 3, 2);
    for locale in [Locale::Fr, Locale::En] {
        let facts = acts
            .facts(ProductId(world.startup), locale, today)
            .await
            .unwrap();
        assert!(facts.len() >= 6);
        assert!(
            facts
                .iter()
                .all(|fact| !fact.label.contains('⟦') && !fact.value.contains('⟦'))
        );
    }
    let unknown = ProductId(uuid::Uuid::from_u128(1));
    assert!(
        acts.facts(unknown, Locale::Fr, today)
            .await
            .unwrap()
            .is_empty()
    );
}
