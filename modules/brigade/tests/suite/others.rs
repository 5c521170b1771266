//! What the brigade tells steering, and calendars.

use brigade::BrigadeError;
use brigade::domain::MissionAct;
use jiff::civil::date;
use kit_db::Db;
use kit_ui::Locale;
use ports::{Audience, OrganisationId, ProductActs as _, ProductId};

use crate::world::{migrations, world};

kit_db::on_both_databases!(migrations() =>
    everybody_reads_that_a_mission_ended_and_nothing_else, what_waits_is_a_need,
    facts_tell_days, a_calendar_is_read_by_its_address_alone,
);

async fn everybody_reads_that_a_mission_ended_and_nothing_else(db: Db) {
    let world = world(db).await;
    let port = world.brigade.acts_port();
    let product = ProductId(world.project);
    let until = date(2026, 12, 31);
    let public = async || {
        let read = port.timeline(product, Audience::Everybody, Locale::Fr, until, 50);
        read.await.unwrap()
    };
    let id = world.running().await;
    world.report(&world.officer, id).await.unwrap();
    assert!(public().await.is_empty(), "not before it is closed");
    world
        .act(&world.officer, id, MissionAct::Close)
        .await
        .unwrap();
    let all = public().await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].detail, "Cloud");
    assert_eq!(all[0].by, None);
    let told = format!("{all:?}");
    for hidden in [
        "Léa",
        "Olga",
        "Migration",
        "serveurs",
        "hébergement",
        "brigade/",
    ] {
        assert!(!told.contains(hidden), "{hidden}: {told}");
    }
    let inside = port
        .timeline(product, Audience::Entitled, Locale::Fr, until, 50)
        .await
        .unwrap();
    assert_eq!(inside.len(), 7);
    assert_eq!(inside[0].what, "Mission close");
    assert!(inside.iter().all(|one| !one.what.contains('⟦')));
    let before = port
        .timeline(
            product,
            Audience::Entitled,
            Locale::Fr,
            date(2026, 3, 1),
            50,
        )
        .await
        .unwrap();
    assert!(before.is_empty());
}

async fn what_waits_is_a_need(db: Db) {
    let world = world(db).await;
    let port = world.brigade.acts_port();
    let of = async |ministry| {
        let needs = port.needs(ministry, Locale::Fr, world.today(), 50);
        needs.await.unwrap()
    };
    let request = world.asked().await;
    let needs = of(None).await;
    assert_eq!(needs.len(), 1);
    assert_eq!(needs[0].due, Some(date(2026, 3, 12)));
    assert_eq!(needs[0].href, format!("/brigade/requests/{request}"));
    let other = Some(OrganisationId(uuid::Uuid::from_u128(5)));
    assert!(of(other).await.is_empty());
    let id = world
        .propose(request, &[(world.experts[0], "cloud", "1")])
        .await
        .unwrap();
    let needs = of(Some(OrganisationId(world.ministry))).await;
    assert_eq!(needs.len(), 1);
    assert!(needs[0].what.contains("Migration du cadastre"));
    world
        .act(&world.director, id, MissionAct::Agree)
        .await
        .unwrap();
    world
        .act(&world.officer, id, MissionAct::Start)
        .await
        .unwrap();
    assert!(of(None).await.is_empty());
    world.wait_until("2026-03-28");
    let needs = of(None).await;
    assert_eq!(needs.len(), 1, "the report is late");
    assert_eq!(needs[0].due, Some(date(2026, 3, 27)));
}

async fn facts_tell_days(db: Db) {
    let world = world(db).await;
    let port = world.brigade.acts_port();
    let facts = async || {
        let facts = port.facts(ProductId(world.project), Locale::Fr, world.today());
        facts.await.unwrap()
    };
    assert!(facts().await.is_empty());
    let id = world.running().await;
    world
        .record(&world.lea, id, ("2026-03-02", "1"))
        .await
        .unwrap();
    let found = facts().await;
    assert_eq!(found[0].value, "1 dont 1 en cours");
    assert_eq!(found[1].value, "0,5 jour passés sur 5 jours accordés");
}

async fn a_calendar_is_read_by_its_address_alone(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    let lea = world.experts[0];
    let cookies = world.signed_in("olga.officer@x.example").await;
    let page = format!("/brigade/experts/{lea}/calendar");
    let shown = world.app.post(&page, &page, &cookies, &[]).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let (_, rest) = shown.body.split_once("/brigade/calendars/").unwrap();
    let token: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    assert_eq!(token.len(), 64);
    let path = format!("/brigade/calendars/{token}");
    let text = world.app.get(&path, "").await;
    assert_eq!(text.status, 200);
    assert!(text.body.starts_with("BEGIN:VCALENDAR\r\n"));
    for line in [
        "SUMMARY:Migration du cadastre\r\n",
        "DTSTART;VALUE=DATE:20260302\r\n",
        "DTEND;VALUE=DATE:20260328\r\n",
    ] {
        assert!(text.body.contains(line), "{}", text.body);
    }
    let unfolded = text.body.replace("\r\n ", "");
    assert!(unfolded.contains(&format!("UID:{id}@g.example")));
    assert!(!text.body.contains("marin"), "no product's name");
    // Nothing that is kept opens it.
    let kept = kit_db::Statement::new("test.hash", "SELECT hash FROM brigade_calendar");
    let hashes: Vec<Vec<u8>> = kept
        .query()
        .all(&world.db, |row| row.get("hash"))
        .await
        .unwrap();
    let digits = hashes[0].iter().map(|byte| format!("{byte:02x}"));
    let hash = digits.collect::<Vec<_>>().concat();
    assert_ne!(hash, token);
    for wrong in [hash.as_str(), "", "0"] {
        let path = format!("/brigade/calendars/{wrong}");
        assert_eq!(world.app.get(&path, "").await.status, 404, "{path}");
    }
    // A new address takes the place of the former one; without one nobody reads.
    let of = brigade::CalendarOf::Expert(lea);
    let other = world.brigade.share_calendar(&world.lea, of).await.unwrap();
    assert_eq!(world.app.get(&path, "").await.status, 404);
    assert_eq!(world.app.get(&other, "").await.status, 200);
    let denied = world.brigade.share_calendar(&world.director, of).await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
    world
        .brigade
        .revoke_calendar(&world.officer, of)
        .await
        .unwrap();
    assert_eq!(world.app.get(&other, "").await.status, 404);
}
