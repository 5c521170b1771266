//! Notices of an end, and the end.

use exchange::domain::{Act, Standing};
use jiff::SignedDuration;
use kit_db::Db;

use crate::world::{migrations, world};

kit_db::on_both_databases!(migrations() =>
    notice_is_given_at_90_30_and_7_days_once, a_renewal_begins_notices_anew, an_end_is_told,
);

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}

async fn notice_is_given_at_90_30_and_7_days_once(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let notices = async || {
        world.exchange.keep_house().await.unwrap();
        world.exchange.keep_house().await.unwrap();
        let mails = world.mails().await;
        let of = |word: &str| {
            mails
                .iter()
                .filter(|(_, subject)| subject.contains(word))
                .count()
        };
        [of("90 jours"), of("30 jours"), of("7 jours")]
    };
    // 24 months from 2 March 2026: 731 days.
    world.clock.advance(days(640));
    assert_eq!(notices().await, [0, 0, 0]);
    world.clock.advance(days(1));
    // The author, and those named for business and technique.
    assert_eq!(notices().await, [3, 0, 0]);
    world.clock.advance(days(60));
    assert_eq!(notices().await, [3, 3, 0]);
    world.clock.advance(days(23));
    assert_eq!(notices().await, [3, 3, 3]);
    let cookies = world.signed_in("rosa.req@x.example").await;
    let page = world
        .get(&format!("/exchange/requests/{id}"), &cookies)
        .await;
    assert!(page.body.contains("Renouveler sans rien changer"));
    assert!(page.body.contains("Elle prend fin le"));
}

async fn a_renewal_begins_notices_anew(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    world.clock.advance(days(729));
    world.exchange.keep_house().await.unwrap();
    let before = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    assert_eq!(before.noticed_days, Some(7));
    world.act(&world.requester, id, Act::Renew, "").await;
    world.approve(id).await;
    let after = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    assert_eq!(after.noticed_days, None);
}

async fn an_end_is_told(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let number = world.exchange.snapshot_number().await.unwrap();
    world.clock.advance(days(732));
    // Over already, whether or not somebody noted it.
    assert!(
        world
            .exchange
            .snapshot()
            .await
            .unwrap()
            .accreditations
            .is_empty()
    );
    world.exchange.keep_house().await.unwrap();
    let one = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    assert_eq!(one.life.granted.unwrap().standing, Standing::Expired);
    assert!(world.exchange.snapshot_number().await.unwrap() > number);
    let mails = world.mails().await;
    let ended = mails
        .iter()
        .filter(|(_, subject)| subject.contains("a expiré"))
        .count();
    assert_eq!(ended, 3);
    // It is renewed as it was.
    world.act(&world.requester, id, Act::Renew, "").await;
    world.approve(id).await;
    assert_eq!(
        world
            .exchange
            .snapshot()
            .await
            .unwrap()
            .accreditations
            .len(),
        1
    );
}
