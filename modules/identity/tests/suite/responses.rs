//! How answers reach a service: by address, in a form, signed as a whole (JARM), and with identity
//! tokens that only it can read.

use jose::claims::Rules;
use kit_db::Db;

use crate::world::{Browser, CALLBACK, ISSUER, Tokens, between, form, migrations, world};

kit_db::on_both_databases!(migrations() =>
    an_answer_comes_in_a_form, an_answer_is_signed_as_a_whole, mistakes_are_told_in_the_same_way,
    an_identity_token_is_encrypted_for_its_service, userinfo_is_encrypted_as_registered,
);

async fn an_answer_comes_in_a_form(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    world.tokens(&mut browser, &service, &[]).await;
    let address = service.address(&[("response_mode", "form_post"), ("state", "\"><script>")]);
    let page = browser.get(&world, &address).await;
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' https://s.example;"),
        "{policy}"
    );
    assert!(
        page.body
            .contains(&format!("method=\"post\" action=\"{CALLBACK}\""))
    );
    assert!(page.body.contains("data-send") && !page.body.contains("\"><script>"));
    let form = page.body.split_once("data-send").unwrap().1;
    let form = form.split_once("</form>").unwrap().0;
    assert!(
        !form.contains("csrf_token"),
        "our proof of origin stays here"
    );
    let code = between(form, "name=\"code\" value=\"", "\"");
    assert_eq!(between(form, "name=\"iss\" value=\"", "\""), ISSUER);
    Tokens::of(&service.exchange(&world, code, &[]).await);
}

async fn an_answer_is_signed_as_a_whole(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    for mode in ["jwt", "query.jwt"] {
        let back = browser
            .sign_in_to(&world, &service, &[("response_mode", mode)])
            .await;
        assert!(
            !back.contains_key("code") && !back.contains_key("state"),
            "{back:?}"
        );
        let claims = world.claims(&back["response"]).await;
        Rules::new()
            .issuer(ISSUER)
            .audience(&service.new.client_id)
            .lifetime_seconds_max(600)
            .check(&claims, world.seconds())
            .unwrap();
        assert_eq!(claims.text("state"), Some("st"));
        let code = claims.text("code").unwrap();
        Tokens::of(&service.exchange(&world, code, &[]).await);
    }
    let address = service.address(&[("response_mode", "form_post.jwt")]);
    let page = browser.get(&world, &address).await;
    let token = between(&page.body, "name=\"response\" value=\"", "\"");
    assert!(world.claims(token).await.text("code").is_some());
    assert!(!page.body.contains("name=\"code\""));
}

async fn mistakes_are_told_in_the_same_way(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let silent = ("prompt", "none");
    let back = browser
        .sign_in_to(&world, &service, &[("response_mode", "jwt"), silent])
        .await;
    let claims = world.claims(&back["response"]).await;
    assert_eq!(claims.text("error"), Some("login_required"));
    let address = service.address(&[("response_mode", "form_post"), silent]);
    let page = browser.get(&world, &address).await;
    assert_eq!(
        between(&page.body, "name=\"error\" value=\"", "\""),
        "login_required"
    );
    for unknown in ["fragment", "web_message", "fragment.jwt"] {
        let back = browser
            .sign_in_to(&world, &service, &[("response_mode", unknown)])
            .await;
        assert_eq!(back["error"], "invalid_request", "{unknown}");
    }
}

async fn an_identity_token_is_encrypted_for_its_service(db: Db) {
    use jose::jwe::DecryptionKind::{EcdhEs, RsaOaep256Bits2048};
    let world = world(db).await;
    let mut browser = Browser::default();
    for (kind, name) in [(EcdhEs, "ECDH-ES"), (RsaOaep256Bits2048, "RSA-OAEP-256")] {
        let key = jose::jwe::DecryptionKey::generate(kind).unwrap();
        let mut form = form();
        form.advanced.id_token_encryption = name.into();
        assert!(form.check().is_err(), "it needs a key");
        form.jwks = serde_json::json!({ "keys": [key.jwk().to_members()] }).to_string();
        let service = world.service(&form).await;
        let tokens = world.tokens(&mut browser, &service, &[]).await;
        let accepted = [jose::ContentEncryption::A256Gcm];
        let limits = jose::Limits::ENCRYPTED;
        let opened = jose::jwe::decrypt(&tokens.id, &[&key], &accepted, &limits).unwrap();
        let signed = String::from_utf8(opened.content.to_vec()).unwrap();
        let claims = world.claims(&signed).await;
        assert_eq!(claims.text("nonce"), Some("no"));
        // What is inside hints at the person.
        let more = [("prompt", "none"), ("id_token_hint", signed.as_str())];
        assert!(
            browser
                .sign_in_to(&world, &service, &more)
                .await
                .contains_key("code")
        );
    }
}

async fn userinfo_is_encrypted_as_registered(db: Db) {
    let world = world(db).await;
    let rsa = jose::jwe::DecryptionKey::generate(jose::jwe::DecryptionKind::RsaOaep256Bits2048);
    let ec = jose::jwe::DecryptionKey::generate(jose::jwe::DecryptionKind::EcdhEs);
    let (rsa, ec) = (rsa.unwrap(), ec.unwrap());
    let mut form = form();
    form.userinfo_algorithm = "PS256".into();
    form.advanced.userinfo_encryption = "RSA-OAEP-256".into();
    let keys = [ec.jwk().to_members(), rsa.jwk().to_members()];
    form.jwks = serde_json::json!({ "keys": keys }).to_string();
    let service = world.service(&form).await;
    let mut browser = Browser::default();
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    let reply = world.userinfo(&tokens.access).await;
    let accepted = [jose::ContentEncryption::A256Gcm];
    let limits = jose::Limits::ENCRYPTED;
    assert!(jose::jwe::decrypt(&reply.body, &[&ec], &accepted, &limits).is_err());
    let opened = jose::jwe::decrypt(&reply.body, &[&rsa], &accepted, &limits).unwrap();
    let signed = String::from_utf8(opened.content.to_vec()).unwrap();
    assert!(world.claims(&signed).await.text("sub").is_some());
    // Without a signature, the claims themselves are inside.
    form.userinfo_algorithm = String::new();
    let service = world.service(&form).await;
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    let reply = world.userinfo(&tokens.access).await;
    let opened = jose::jwe::decrypt(&reply.body, &[&rsa], &accepted, &limits).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&opened.content).unwrap();
    assert!(claims["sub"].is_string());
    assert_eq!(claims["aud"], service.new.client_id.as_str());
}
