//! Services that ask for two factors.

use aws_lc_rs::hmac;
use kit_db::Db;
use kit_ui::{Catalogue, Locale, Words};

use crate::world::{Browser, World, between, form, migrations, world};

kit_db::on_both_databases!(migrations() =>
    two_factors_are_proved_when_a_service_asks, who_has_one_factor_reads_how_to_get_another,
    a_verified_address_is_told_as_such,
);

const TWO_FACTORS: &str = r#"{"id_token":{"acr":{"essential":true,"values":["eidas1-mfa"]}}}"#;

pub(crate) fn words() -> Words {
    let catalogue = Catalogue::new(directory::WORDS).unwrap();
    Words::new(std::sync::Arc::new(catalogue), Locale::Fr)
}

/// The code of an application so many seconds after the world began.
fn code(secret: &[u8], seconds: i64) -> String {
    let began: jiff::Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
    let step = (began.as_second() + seconds) / 30;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let number = u32::from_be_bytes(tag[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

async fn enrol(world: &World) -> Vec<u8> {
    world.directory.begin_totp(world.ada).await.unwrap();
    let secret = world
        .directory
        .waiting_totp(world.ada)
        .await
        .unwrap()
        .unwrap();
    let typed = code(&secret, 0);
    let words = words();
    let confirmed = world.directory.confirm_totp(world.ada, &typed, &words);
    assert!(confirmed.await.unwrap().is_some());
    secret
}

async fn two_factors_are_proved_when_a_service_asks(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    // Signed in by a password alone, before the account has a second factor.
    let claims = world
        .claims(&world.tokens(&mut browser, &service, &[]).await.id)
        .await;
    assert_eq!(claims.text("acr"), Some("eidas1"));
    let secret = enrol(&world).await;
    world.clock.advance(jiff::SignedDuration::from_secs(60));
    let stopped = browser
        .sign_in_to(&world, &service, &[("claims", TWO_FACTORS)])
        .await;
    let page = &stopped["page"];
    assert!(page.contains("name=\"code\""), "{page}");
    assert!(browser.went.contains(&"/sign-in".to_owned()), "proved anew");
    let back = between(page, "name=\"return_to\" value=\"", "\"").to_owned();
    let second = browser.get(&world, "/sign-in/second").await;
    let typed = code(&secret, 60);
    let form = [("code", typed.as_str()), ("return_to", back.as_str())];
    let entered = browser
        .submit(&world, &second, "/sign-in/second", &form)
        .await;
    let answered = browser.follow(&world, entered.header("location")).await;
    let reply = service.exchange(&world, &answered["code"], &[]).await;
    let token = reply.json()["id_token"].as_str().unwrap().to_owned();
    let claims = world.claims(&token).await;
    assert_eq!(claims.text("acr"), Some("eidas1-mfa"));
    let amr = claims.get("amr").unwrap().to_string();
    assert_eq!(amr, r#"["pwd","otp"]"#);
    // The session holds: nobody is asked again.
    let again = browser
        .sign_in_to(&world, &service, &[("claims", TWO_FACTORS)])
        .await;
    assert!(again.contains_key("code"), "{again:?}");
}

async fn who_has_one_factor_reads_how_to_get_another(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let stopped = browser
        .sign_in_to(&world, &service, &[("claims", TWO_FACTORS)])
        .await;
    let page = &stopped["page"];
    assert!(page.contains("Un second facteur est nécessaire"), "{page}");
    assert!(page.contains("href=\"/account\""));
    assert!(page.contains("https://s.example/cb?error=unmet_authentication_requirements"));
    assert!(!page.contains("code="), "nothing is told");
    let resume = format!("/connect/{}", between(page, "href=\"/connect/", "\""));
    assert!(browser.follow(&world, &resume).await["page"].contains("second facteur"));
    let silent = [("claims", TWO_FACTORS), ("prompt", "none")];
    let refused = browser.sign_in_to(&world, &service, &silent).await;
    assert_eq!(refused["error"], "unmet_authentication_requirements");
}

async fn a_verified_address_is_told_as_such(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let tokens = world
        .tokens(&mut browser, &service, &[("scope", "openid email")])
        .await;
    let told = world.userinfo(&tokens.access).await.json();
    assert_eq!(told["email_verified"], false);
    world
        .directory
        .send_verification(world.ada, &words())
        .await
        .unwrap();
    let mails = world.jobs.newest(None, 20).await.unwrap();
    let mut texts = mails.iter().filter_map(|job| job.payload["text"].as_str());
    let link = texts.find_map(|text| text.split_once("/email/")).unwrap().1;
    let link = link.split_whitespace().next().unwrap();
    let followed = world.directory.follow_email_link(link).await.unwrap();
    assert_eq!(followed, directory::Followed::Done);
    let told = world.userinfo(&tokens.access).await.json();
    assert_eq!(told["email_verified"], true);
}
