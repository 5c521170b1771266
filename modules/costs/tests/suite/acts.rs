//! What steering is told of costs.

use costs::PublicationForm;
use jiff::civil::date;
use kit_db::Db;
use kit_ui::Locale;
use ports::{Audience, OrganisationId, ProductActs as _};

use crate::world::{form, migrations, world};

kit_db::on_both_databases!(migrations() =>
    a_timeline_tells_versions_to_the_entitled_and_publications_to_all,
    an_old_cost_of_a_large_product_is_a_need, facts_say_what_is_known,
);

async fn a_timeline_tells_versions_to_the_entitled_and_publications_to_all(db: Db) {
    let world = world(db).await;
    let acts = world.costs.acts_port();
    let told = async |audience, until| {
        let entries = acts.timeline(world.product, audience, Locale::Fr, until, 100);
        let entries = entries.await.unwrap();
        entries
            .into_iter()
            .map(|one| (one.on, one.what))
            .collect::<Vec<_>>()
    };
    let today = date(2026, 3, 2);
    assert_eq!(told(Audience::Entitled, today).await, []);
    world.add(0, &form()).await.unwrap();
    let entries = told(Audience::Entitled, today).await;
    assert_eq!(entries.len(), 1);
    assert!(entries[0].1.contains("Version 1"), "{entries:?}");
    assert_eq!(told(Audience::Entitled, date(2026, 3, 1)).await, []);
    assert_eq!(told(Audience::Everybody, today).await, []);
    let publication = PublicationForm {
        on: "2026-03-10".into(),
        redactions: String::new(),
    };
    let published = world
        .costs
        .publish(&world.director, world.product, 1, 0, &publication);
    published.await.unwrap();
    assert_eq!(told(Audience::Everybody, date(2026, 3, 9)).await, []);
    assert_eq!(told(Audience::Everybody, date(2026, 3, 10)).await.len(), 1);
    let all = told(Audience::Entitled, date(2026, 3, 10)).await;
    assert_eq!(
        all.iter().map(|one| one.0).collect::<Vec<_>>(),
        [date(2026, 3, 10), today]
    );
}

async fn an_old_cost_of_a_large_product_is_a_need(db: Db) {
    let world = world(db).await;
    let acts = world.costs.acts_port();
    world.add(0, &form()).await.unwrap();
    let ministry = Some(OrganisationId(world.ministry));
    let needs = acts.needs(ministry, Locale::Fr, date(2027, 2, 1), 10);
    assert_eq!(needs.await.unwrap(), [], "exactly twelve months are recent");
    let needs = acts.needs(ministry, Locale::Fr, date(2027, 2, 2), 10);
    let needs = needs.await.unwrap();
    assert_eq!((needs.len(), needs[0].due), (1, Some(date(2027, 2, 1))));
    assert_eq!(needs[0].amount_cents, Some(4_000_000_050));
    let other = Some(OrganisationId(world.other));
    let needs = acts.needs(other, Locale::Fr, date(2027, 2, 2), 10);
    assert_eq!(needs.await.unwrap(), []);
}

async fn facts_say_what_is_known(db: Db) {
    let world = world(db).await;
    let acts = world.costs.acts_port();
    let facts = acts
        .facts(world.product, Locale::Fr, date(2026, 3, 2))
        .await;
    assert_eq!(facts.unwrap(), []);
    let counted = costs::VersionForm {
        indicator: world.users().await.to_string(),
        ..form()
    };
    world.add(0, &counted).await.unwrap();
    let facts = acts
        .facts(world.product, Locale::En, date(2026, 3, 2))
        .await;
    let values: Vec<String> = facts.unwrap().into_iter().map(|one| one.value).collect();
    assert_eq!(values.len(), 4);
    assert!(values[0].contains("10 years"), "{values:?}");
    assert!(values[2].contains("20"), "{values:?}");
}
