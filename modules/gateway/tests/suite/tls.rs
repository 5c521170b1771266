//! TLS on both sides: certificates that tokens are bound to, mutual TLS with producers, HTTP/2.

use std::sync::Arc;

use crate::support::*;
use bytes::Bytes;
use gateway::{GatewaySettings, Identity};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use ports::exchange::UpstreamProof;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

struct Made {
    identity: Identity,
    certificate: CertificateDer<'static>,
    pem: String,
}

fn text_of(kind: &str, der: &[u8]) -> String {
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
}

fn made(name: &str) -> Made {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let pem = text_of("CERTIFICATE", made.cert.der());
    Made {
        identity: Identity {
            certificates_pem: pem.clone().into_bytes(),
            key_pem: text_of("PRIVATE KEY", &made.signing_key.serialize_der()).into_bytes(),
        },
        certificate: made.cert.der().clone(),
        pem,
    }
}

fn parts(identity: &Identity) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let chain = CertificateDer::pem_slice_iter(&identity.certificates_pem);
    let key = PrivateKeyDer::from_pem_slice(&identity.key_pem).unwrap();
    (chain.map(Result::unwrap).collect(), key)
}

fn ring() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

async fn dial(
    world: &World,
    server: &Made,
    client: Option<&Made>,
    alpn: &[u8],
) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(server.certificate.clone()).unwrap();
    let builder = rustls::ClientConfig::builder_with_provider(ring())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match client {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let (chain, key) = parts(&client.identity);
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    config.alpn_protocols = vec![alpn.to_vec()];
    let tcp = world.connect().await;
    let name = "exchange.example".try_into().unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .unwrap()
}

async fn secured() -> (World, Made) {
    let server = made("exchange.example");
    let settings = GatewaySettings {
        tls: Some(server.identity.clone()),
        ..settings()
    };
    let producer = producer(|_| answer_of(HOUSEHOLD_ANSWER)).await;
    (World::set_up(settings, producer, |_| {}).await, server)
}

#[tokio::test]
async fn a_token_bound_to_a_certificate_works_with_it_alone() {
    let (world, server) = secured().await;
    let (own, other) = (made("town.example"), made("town.example"));
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &own.certificate);
    let thumbprint =
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, hash);
    let token = world.sign(
        &world
            .claims()
            .with("cnf", json!({ "x5t#S256": thumbprint })),
    );
    let request =
        format!("GET {PATH}?{WHY} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n");
    for (certificate, status, code) in [
        (Some(&own), 200, ""),
        (Some(&other), 401, "proof-invalid"),
        (None, 401, "proof-invalid"),
    ] {
        let mut stream = dial(&world, &server, certificate, b"http/1.1").await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let answered = read_answer(&mut stream).await;
        assert_eq!((answered.status, answered.code().as_str()), (status, code));
    }
    world.end().await;
}

#[tokio::test]
async fn http_2_is_spoken_with_requesters() {
    let (world, server) = secured().await;
    let stream = dial(&world, &server, None, b"h2").await;
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = |headers: &[(&str, &str)]| {
        let mut request = Request::builder()
            .uri(format!("https://exchange.example{PATH}?{WHY}"))
            .header("authorization", format!("Bearer {}", world.token()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Full::<Bytes>::default()).unwrap()
    };
    let all = (0..8).map(|_| {
        let (mut sender, request) = (sender.clone(), request(&[]));
        tokio::spawn(async move {
            sender.ready().await.unwrap();
            let response = sender.send_request(request).await.unwrap();
            assert_eq!(response.status(), 200);
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["data"]["quotient"], 850);
        })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    // Huge headers end the stream or the connection, not the gateway.
    let long = "a".repeat(40 << 10);
    let refused = sender.send_request(request(&[("x-long", &long)])).await;
    assert!(refused.is_err() || refused.is_ok_and(|response| response.status() == 431));
    world.end().await;
}

/// A producer that speaks HTTP/2 over mutual TLS, and tells the certificate that it was shown.
async fn strict_producer(server: &Made, client: &Made) -> std::net::SocketAddr {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(client.certificate.clone()).unwrap();
    let verifier =
        rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), ring());
    let (chain, key) = parts(&server.identity);
    let mut config = rustls::ServerConfig::builder_with_provider(ring())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(tls) = acceptor.accept(tcp).await else {
                    return;
                };
                let service = service_fn(|request: Request<hyper::body::Incoming>| async move {
                    let version = format!("{:?}", request.version());
                    let body = format!(
                        r#"{{"quotient": "{version}", "path": "{}"}}"#,
                        request.uri().path()
                    );
                    let response = Response::builder().header("content-type", "application/json");
                    response.body(Full::new(Bytes::from(body)))
                });
                drop(
                    Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(tls), service)
                        .await,
                );
            });
        }
    });
    address
}

#[tokio::test]
async fn a_producer_is_asked_by_mutual_tls_and_http_2() {
    let (server, client) = (made("localhost"), made("gateway.example"));
    let address = strict_producer(&server, &client).await;
    let settings = |identity: Option<Identity>| GatewaySettings {
        upstream_identity: identity,
        upstream_roots_pem: Some(server.pem.clone().into_bytes()),
        ..settings()
    };
    let upstream = format!("https://localhost:{}", address.port());
    let set_up = |identity| {
        let (settings, upstream) = (settings(identity), upstream.clone());
        async move {
            let unused = producer(|_| answer_of("{}")).await;
            World::set_up(settings, unused, |snapshot| {
                snapshot.apis[0].upstreams = vec![upstream];
                snapshot.apis[0].proof = UpstreamProof::MutualTls;
            })
            .await
        }
    };
    let world = set_up(Some(client.identity.clone())).await;
    for _ in 0..3 {
        let answered = world.call().await;
        assert_eq!(
            answered.json()["data"]["quotient"],
            "HTTP/2.0",
            "{answered:?}"
        );
    }
    world.end().await;
    for wrong in [None, Some(made("gateway.example").identity)] {
        let world = set_up(wrong).await;
        let answered = world.call().await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (502, "producer-failed")
        );
        world.end().await;
    }
}
