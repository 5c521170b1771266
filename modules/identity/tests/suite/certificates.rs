//! Certificates of services, behind a proxy of ours (RFC 8705, RFC 9440).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request, StatusCode};
use kit_db::Db;
use kit_http::{Body, Peer};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};
use serde_json::json;

use crate::world::{
    Browser, CALLBACK, Reply, Service, Tokens, World, encoded, form, migrations, world,
};

kit_db::on_both_databases!(migrations() =>
    a_certificate_of_an_authority_proves_a_service, a_certificate_with_a_registered_key_proves_a_service,
    header_smuggling_is_refused, a_token_bound_to_a_certificate_needs_it,
);

pub(crate) const PROXY: &str = "10.0.0.1:4000";

pub(crate) struct Cert {
    pub(crate) header: String,
    escaped: String,
    key: KeyPair,
}

pub(crate) fn certificate(name: &str) -> Cert {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![format!("{name}.example")]).unwrap();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CountryName, "FR");
    subject.push(DnType::OrganizationName, "Ministère");
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    params
        .subject_alt_names
        .push(SanType::IpAddress([192, 0, 2, 1].into()));
    let made = params.self_signed(&key).unwrap();
    let encoded = STANDARD.encode(made.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n");
    let escaped: String = pem
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    Cert {
        header: format!(":{encoded}:"),
        escaped,
        key,
    }
}

/// The key of a certificate as a set. P-256, which is what is made by default.
fn jwks(cert: &Cert) -> String {
    let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let point = cert.key.public_key_raw();
    let (x, y) = point[1..].split_at(32);
    json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) }] }).to_string()
}

pub(crate) async fn call_from(
    world: &World,
    from: &str,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    form: &[(&str, &str)],
) -> Reply {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(encoded(form))).unwrap();
    Peer::connected(&mut request, from.parse().unwrap());
    world.send(request).await
}

/// A token that a service asks for itself by its certificate.
async fn itself(world: &World, from: &str, service: &Service, headers: &[(&str, &str)]) -> Reply {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", service.new.client_id.as_str()),
    ];
    call_from(world, from, Method::POST, "/api/v2/token", headers, &form).await
}

pub(crate) async fn known_by(world: &World, name: &str) -> Service {
    let mut form = form();
    form.auth_method = "tls_client_auth".into();
    form.acts_for_itself = true;
    form.advanced.certificate_name = name.into();
    world.service(&form).await
}

async fn a_certificate_of_an_authority_proves_a_service(db: Db) {
    let world = world(db).await;
    let cert = certificate("guichet");
    let verdict = ("client-verify", "SUCCESS");
    for name in [
        "CN=guichet,O=Ministère,C=FR",
        "CN=guichet, O=Ministère, C=FR",
        "dns:guichet.example",
        "ip:192.0.2.1",
    ] {
        let service = known_by(&world, name).await;
        for header in [&cert.header, &cert.escaped] {
            let shown = [("client-cert", header.as_str()), verdict];
            let reply = itself(&world, PROXY, &service, &shown).await;
            assert_eq!(reply.status, StatusCode::OK, "{name}: {}", reply.body);
        }
        // Nobody vouches for it, or for another one, or none came.
        let own = [("client-cert", cert.header.as_str())];
        let failed = [own[0], ("client-verify", "FAILED:self signed certificate")];
        let other = certificate("autre");
        let other = [("client-cert", other.header.as_str()), verdict];
        for shown in [&own[..], &failed, &[verdict], &[]] {
            let reply = itself(&world, PROXY, &service, shown).await;
            assert_eq!(reply.error(), "invalid_client", "{name} {shown:?}");
        }
        if !name.starts_with("ip:") {
            let reply = itself(&world, PROXY, &service, &other).await;
            assert_eq!(reply.error(), "invalid_client", "{name}");
        }
    }
    for wrong in ["guichet", "", "dns:"] {
        let mut form = form();
        form.auth_method = "tls_client_auth".into();
        form.advanced.certificate_name = wrong.into();
        assert!(form.check().is_err(), "{wrong}");
    }
}

async fn a_certificate_with_a_registered_key_proves_a_service(db: Db) {
    let world = world(db).await;
    let cert = certificate("guichet");
    let mut form = form();
    form.auth_method = "self_signed_tls_client_auth".into();
    form.acts_for_itself = true;
    form.jwks = jwks(&cert);
    let service = world.service(&form).await;
    let shown = [("client-cert", cert.header.as_str())];
    let reply = itself(&world, PROXY, &service, &shown).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    // The same name under another key is another certificate.
    let other = certificate("guichet");
    let shown = [
        ("client-cert", other.header.as_str()),
        ("client-verify", "SUCCESS"),
    ];
    let reply = itself(&world, PROXY, &service, &shown).await;
    assert_eq!(reply.error(), "invalid_client");
    // And one whose time is over is none.
    world
        .clock
        .advance(jiff::SignedDuration::from_hours(24 * 365 * 3_000));
    let shown = [("client-cert", cert.header.as_str())];
    let reply = itself(&world, PROXY, &service, &shown).await;
    assert_eq!(reply.error(), "invalid_client");
}

async fn header_smuggling_is_refused(db: Db) {
    let world = world(db).await;
    let cert = certificate("guichet");
    let service = known_by(&world, "dns:guichet.example").await;
    let shown = [
        ("client-cert", cert.header.as_str()),
        ("client-verify", "SUCCESS"),
    ];
    assert_eq!(
        itself(&world, PROXY, &service, &shown).await.status,
        StatusCode::OK
    );
    // Whoever reaches us past the proxy writes what it likes, and isn't heard.
    for from in ["10.0.0.2:4000", "192.0.2.7:4000", "[::1]:4000"] {
        let reply = itself(&world, from, &service, &shown).await;
        assert_eq!(reply.error(), "invalid_client", "{from}");
        let forwarded = [shown[0], shown[1], ("x-forwarded-for", "10.0.0.1")];
        let reply = itself(&world, from, &service, &forwarded).await;
        assert_eq!(
            reply.error(),
            "invalid_client",
            "{from} claims to be the proxy"
        );
    }
    // Two headers: one isn't the proxy's. Nor is a header with two values one certificate.
    let two = [shown[0], shown[0], shown[1]];
    let verdicts = [shown[0], ("client-verify", "FAILED"), shown[1]];
    let joined = format!("{0}, {0}", cert.header);
    let joined = [("client-cert", joined.as_str()), shown[1]];
    for headers in [&two[..], &verdicts, &joined] {
        let reply = itself(&world, PROXY, &service, headers).await;
        assert_eq!(reply.error(), "invalid_client");
    }
}

async fn a_token_bound_to_a_certificate_needs_it(db: Db) {
    let world = world(db).await;
    let cert = certificate("guichet");
    let mut form = form();
    form.advanced.demands = vec!["certificate".into()];
    let service = world.service(&form).await;
    let mut browser = Browser::default();
    let basic = service.basic();
    let shown = ("client-cert", cert.header.as_str());
    let exchange = async |code: &str, headers: &[(&str, &str)]| {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
        ];
        let mut all = vec![("authorization", basic.as_str())];
        all.extend_from_slice(headers);
        call_from(&world, PROXY, Method::POST, "/api/v2/token", &all, &form).await
    };
    let code = world.code(&mut browser, &service, &[]).await;
    assert_eq!(
        exchange(&code, &[]).await.error(),
        "invalid_request",
        "none came"
    );
    let tokens = Tokens::of(&exchange(&code, &[shown]).await);
    let bearer = format!("Bearer {}", tokens.access);
    let userinfo = async |headers: &[(&str, &str)]| {
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        call_from(&world, PROXY, Method::GET, "/api/v2/userinfo", &all, &[]).await
    };
    assert_eq!(userinfo(&[shown]).await.status, StatusCode::OK);
    let other = certificate("guichet");
    for stolen in [&[][..], &[("client-cert", other.header.as_str())]] {
        assert_eq!(userinfo(stolen).await.error(), "invalid_token");
    }
    let told = service
        .call(
            &world,
            "/api/v2/introspection",
            &[("token", &tokens.access)],
        )
        .await
        .json();
    let thumbprint = told["cnf"]["x5t#S256"].as_str().unwrap();
    assert_eq!(thumbprint.len(), 43);
    assert_eq!(told["token_type"], "Bearer");
}
