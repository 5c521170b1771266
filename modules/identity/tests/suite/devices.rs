//! Signing in on a device without a browser (RFC 8628).

use http::StatusCode;
use jiff::SignedDuration;
use kit_db::Db;

use crate::world::{
    Browser, ISSUER, PASSWORD, Reply, Service, Tokens, World, form, migrations, world,
};

kit_db::on_both_databases!(migrations() =>
    a_person_connects_a_device, a_device_that_asks_too_often_is_slowed_down, saying_no_is_told_to_the_device,
    device_codes_end, a_user_code_is_forgiven_its_form_and_good_once, a_guessed_code_needs_a_person,
    only_clients_registered_for_it_have_devices,
);

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn with_devices(world: &World) -> Service {
    let mut form = form();
    form.advanced.has_devices = true;
    world.service(&form).await
}

/// The device's code, and the person's.
async fn begun(world: &World, service: &Service) -> (String, String) {
    let form = [("scope", "openid email")];
    let reply = service.call(world, "/api/v2/device", &form).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let json = reply.json();
    assert_eq!(json["verification_uri"], format!("{ISSUER}/device"));
    assert_eq!(
        (&json["expires_in"], &json["interval"]),
        (&600.into(), &5.into())
    );
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    let user_code = text("user_code");
    assert!(text("verification_uri_complete").ends_with(&format!("?code={user_code}")));
    (text("device_code"), user_code)
}

async fn polled(world: &World, service: &Service, code: &str) -> Reply {
    let form = [("grant_type", GRANT), ("device_code", code)];
    service.call(world, "/api/v2/token", &form).await
}

async fn signed_in(world: &World) -> Browser {
    let mut browser = Browser::default();
    let page = browser.get(world, "/sign-in").await;
    let form = [("email", "ada@x.example"), ("password", PASSWORD)];
    browser.submit(world, &page, "/sign-in", &form).await;
    browser
}

async fn answered(world: &World, browser: &mut Browser, code: &str, decision: &str) -> Reply {
    let path = format!("/device/{code}");
    let page = browser.get(world, &path).await;
    let form = [("decision", decision)];
    browser.submit(world, &page, &path, &form).await
}

async fn a_person_connects_a_device(db: Db) {
    let world = world(db).await;
    let service = with_devices(&world).await;
    let (device, code) = begun(&world, &service).await;
    assert_eq!(
        polled(&world, &service, &device).await.error(),
        "authorization_pending"
    );
    let mut browser = signed_in(&world).await;
    let page = browser.get(&world, &format!("/device?code={code}")).await;
    assert!(
        page.body.contains(&format!("value=\"{code}\"")),
        "filled in, and still confirmed"
    );
    let led = browser
        .submit(&world, &page, "/device", &[("code", &code)])
        .await;
    assert_eq!(led.header("location"), format!("/device/{code}"));
    let page = browser.get(&world, led.header("location")).await;
    for told in [
        "Guichet",
        "Suivre ses demandes",
        &code,
        "ada@x.example",
        "Est-ce bien votre appareil",
    ] {
        assert!(page.body.contains(told), "{told}");
    }
    assert!(
        !page.body.contains("checked"),
        "nothing is chosen beforehand"
    );
    let done = answered(&world, &mut browser, &code, "allow").await;
    assert!(
        done.body.contains("Votre appareil est connecté"),
        "{}",
        done.body
    );
    world.clock.advance(SignedDuration::from_secs(5));
    let tokens = Tokens::of(&polled(&world, &service, &device).await);
    let claims = world.claims(&tokens.id).await;
    assert_eq!(claims.text("acr"), Some("eidas1"));
    assert_eq!(
        world.userinfo(&tokens.access).await.json()["email"],
        "ada@x.example"
    );
    assert_eq!(
        polled(&world, &service, &device).await.error(),
        "invalid_grant",
        "good once"
    );
    Tokens::of(&service.refresh(&world, &tokens.refresh.unwrap()).await);
    // It is among the person's services, and ends with its consent.
    let page = browser.get(&world, "/account/services").await;
    let id = service.new.id.to_string();
    let path = "/account/services/withdraw";
    browser
        .submit(&world, &page, path, &[("service", &id)])
        .await;
    assert_eq!(
        world.userinfo(&tokens.access).await.status,
        StatusCode::UNAUTHORIZED
    );
}

async fn a_device_that_asks_too_often_is_slowed_down(db: Db) {
    let world = world(db).await;
    let service = with_devices(&world).await;
    let (device, _) = begun(&world, &service).await;
    for (wait, error) in [
        (0, "authorization_pending"),
        (4, "slow_down"),
        (9, "slow_down"),
        (15, "authorization_pending"),
        (15, "authorization_pending"),
    ] {
        world.clock.advance(SignedDuration::from_secs(wait));
        assert_eq!(
            polled(&world, &service, &device).await.error(),
            error,
            "{wait}"
        );
    }
}

async fn saying_no_is_told_to_the_device(db: Db) {
    let world = world(db).await;
    let service = with_devices(&world).await;
    let (device, code) = begun(&world, &service).await;
    let mut browser = signed_in(&world).await;
    let unsaid = answered(&world, &mut browser, &code, "").await;
    assert_eq!(
        unsaid.header("location"),
        format!("/device/{code}"),
        "asked again"
    );
    let done = answered(&world, &mut browser, &code, "deny").await;
    assert!(done.body.contains("n’est pas connecté"), "{}", done.body);
    assert_eq!(
        polled(&world, &service, &device).await.error(),
        "access_denied"
    );
    assert_eq!(
        polled(&world, &service, &device).await.error(),
        "invalid_grant"
    );
}

async fn device_codes_end(db: Db) {
    let world = world(db).await;
    let service = with_devices(&world).await;
    let (device, code) = begun(&world, &service).await;
    world.clock.advance(SignedDuration::from_secs(601));
    assert_eq!(
        polled(&world, &service, &device).await.error(),
        "expired_token"
    );
    let mut browser = signed_in(&world).await;
    let page = browser.get(&world, &format!("/device/{code}")).await;
    assert!(page.body.contains("n’est plus valable"));
    world.clock.advance(SignedDuration::from_hours(2));
    world.identity.keep_house().await.unwrap();
    assert_eq!(
        polled(&world, &service, &device).await.error(),
        "invalid_grant",
        "forgotten"
    );
}

async fn a_user_code_is_forgiven_its_form_and_good_once(db: Db) {
    let world = world(db).await;
    let service = with_devices(&world).await;
    let (_, code) = begun(&world, &service).await;
    let mut browser = signed_in(&world).await;
    let page = browser.get(&world, "/device").await;
    let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
    let led = browser
        .submit(&world, &page, "/device", &[("code", &typed)])
        .await;
    assert_eq!(led.header("location"), format!("/device/{code}"));
    for wrong in ["", "BCDF", "AAAAAAAA", "<script>"] {
        let again = browser
            .submit(&world, &page, "/device", &[("code", wrong)])
            .await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(!again.body.contains("<script>alert") && again.body.contains("huit lettres"));
    }
    answered(&world, &mut browser, &code, "allow").await;
    let path = format!("/device/{code}");
    let again = browser
        .submit(&world, &page, &path, &[("decision", "deny")])
        .await;
    assert_eq!(
        again.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "answered already"
    );
}

async fn a_guessed_code_needs_a_person(db: Db) {
    let world = world(db).await;
    let service = with_devices(&world).await;
    let (_, code) = begun(&world, &service).await;
    let mut stranger = Browser::default();
    let led = stranger.get(&world, &format!("/device/{code}")).await;
    assert!(
        led.header("location").starts_with("/sign-in?return_to="),
        "{}",
        led.body
    );
    let foreign = world
        .call(&format!("/device/{code}"), &[], &[("decision", "allow")])
        .await;
    assert_ne!(foreign.status, StatusCode::OK);
    let (device, _) = begun(&world, &service).await;
    assert_eq!(
        polled(&world, &service, &device).await.error(),
        "authorization_pending"
    );
}

async fn only_clients_registered_for_it_have_devices(db: Db) {
    let world = world(db).await;
    let (service, other) = (with_devices(&world).await, with_devices(&world).await);
    let plain = world.service(&form()).await;
    let ask = [("scope", "openid")];
    let refused = plain.call(&world, "/api/v2/device", &ask).await;
    assert_eq!(refused.error(), "unauthorized_client");
    let refused = service
        .call(&world, "/api/v2/device", &[("scope", "email")])
        .await;
    assert_eq!(refused.error(), "invalid_scope");
    let (device, _) = begun(&world, &service).await;
    assert_eq!(
        polled(&world, &other, &device).await.error(),
        "invalid_grant"
    );
    assert_eq!(
        polled(&world, &plain, &device).await.error(),
        "unauthorized_client"
    );
    assert_eq!(polled(&world, &service, "x").await.error(), "invalid_grant");
}
