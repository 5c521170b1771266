//! The crate `openidconnect`, an independent relying party, signs in through our provider.

use std::future::Future;
use std::pin::Pin;

use http::{Method, Request};
use kit_db::Db;
use kit_http::Router;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    RedirectUrl, Scope, TokenResponse as _,
};

use crate::world::{Browser, CALLBACK, ISSUER, form, migrations, send, world};

kit_db::on_both_databases!(migrations() => the_crate_openidconnect_signs_a_person_in);

/// Its calls go to the program in this process instead of through the network.
struct InProcess(Router);

impl<'c> AsyncHttpClient<'c> for InProcess {
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let mut to = Request::builder()
                .method(Method::from_bytes(parts.method.as_str().as_bytes()).unwrap())
                .uri(parts.uri.path_and_query().unwrap().as_str());
            for (name, value) in &parts.headers {
                to = to.header(name.as_str(), value.as_bytes());
            }
            let reply = send(&self.0, to.body(body.into()).unwrap()).await;
            let mut answer = http::Response::builder().status(reply.status);
            for (name, value) in &reply.headers {
                answer = answer.header(name, value);
            }
            Ok(answer.body(reply.body.into_bytes()).unwrap())
        })
    }
}

async fn the_crate_openidconnect_signs_a_person_in(db: Db) {
    let world = world(db).await;
    // The client reads the machine's clock: ours follows it for once.
    let now = kit_time::Source::system().now();
    let ours = kit_time::Clock::now(&*world.clock);
    world.clock.advance(now.duration_since(ours));
    let service = world.service(&form()).await;
    let calls = InProcess(world.app.clone());
    let issuer = IssuerUrl::new(ISSUER.to_owned()).unwrap();
    let known = CoreProviderMetadata::discover_async(issuer, &calls)
        .await
        .unwrap();
    let client = CoreClient::from_provider_metadata(
        known,
        ClientId::new(service.new.client_id.clone()),
        Some(ClientSecret::new(service.secret().to_owned())),
    )
    .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("profile".into()))
        .add_scope(Scope::new("email".into()))
        .set_pkce_challenge(challenge)
        .url();
    let mut browser = Browser::default();
    let path = address.as_str().strip_prefix(ISSUER).unwrap();
    let back = browser.follow(&world, path).await;
    assert_eq!(&back["state"], state.secret());
    let tokens = client
        .exchange_code(AuthorizationCode::new(back["code"].clone()))
        .unwrap()
        .set_pkce_verifier(verifier)
        .request_async(&calls)
        .await
        .unwrap();
    let id_token = tokens.id_token().unwrap();
    let checks = client.id_token_verifier();
    let claims = id_token.claims(&checks, &nonce).unwrap();
    let hash = AccessTokenHash::from_token(
        tokens.access_token(),
        id_token.signing_alg().unwrap(),
        id_token.signing_key(&checks).unwrap(),
    );
    assert_eq!(claims.access_token_hash(), Some(&hash.unwrap()));
    let person: CoreUserInfoClaims = client
        .user_info(
            tokens.access_token().clone(),
            Some(claims.subject().clone()),
        )
        .unwrap()
        .request_async(&calls)
        .await
        .unwrap();
    assert_eq!(person.email().unwrap().as_str(), "ada@x.example");
    let renewed = client
        .exchange_refresh_token(tokens.refresh_token().unwrap())
        .unwrap()
        .request_async(&calls)
        .await
        .unwrap();
    assert_ne!(
        renewed.access_token().secret(),
        tokens.access_token().secret()
    );
}
