//! The door against real servers on this machine, good ones and bad ones.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use kit_egress::{
    ANEW_MIN, Authorization, Egress, EgressError, EgressSettings, FAILURES_MAX, Lookup, Resolver,
};
use kit_time::{FixedClock, Source};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a server answers, with what it was asked.
type Script = Arc<dyn Fn(usize, &str) -> Answering + Send + Sync>;

enum Answering {
    Bytes(Vec<u8>),
    Nothing,
    Close,
}

struct Server {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

async fn server(script: impl Fn(usize, &str) -> Answering + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let (script, count): (Script, _) = (Arc::new(script), asked.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, script.clone(), count.clone()));
        }
    });
    Server { address, asked }
}

async fn serve(mut stream: TcpStream, script: Script, count: Arc<AtomicUsize>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let number = count.fetch_add(1, Ordering::SeqCst);
    let text = String::from_utf8_lossy(&request).into_owned();
    match script(number, &text) {
        Answering::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Answering::Nothing => tokio::time::sleep(Duration::from_mins(1)).await,
        Answering::Close => {}
    }
}

fn ok(headers: &str, body: &str) -> Answering {
    let length = body.len();
    Answering::Bytes(
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes(),
    )
}

fn status(line: &str) -> Answering {
    Answering::Bytes(format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n").into_bytes())
}

fn open() -> EgressSettings {
    EgressSettings {
        allowed: vec![
            "127.0.0.1".parse().unwrap(),
            "idp.intra.example".parse().unwrap(),
        ],
        timeout: Duration::from_millis(400),
        connect_timeout: Duration::from_millis(300),
        answer_bytes_max: 1_000,
        ..EgressSettings::default()
    }
}

fn door(settings: EgressSettings) -> (Egress, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::new("2026-03-01T08:00:00Z".parse().unwrap()));
    let source = Source::with_clock(clock.clone(), 1);
    (Egress::new(settings, source).unwrap(), clock)
}

fn url(server: &Server) -> String {
    format!("http://{}/keys?secret=s", server.address)
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    let server = server(|_, asked| {
        assert!(asked.starts_with("GET /keys?secret=s HTTP/1.1"), "{asked}");
        assert!(!asked.to_lowercase().contains("cookie"), "{asked}");
        ok(
            "content-type: application/json; charset=utf-8\r\nset-cookie: a=b\r\n",
            "{}",
        )
    })
    .await;
    let (door, _) = door(open());
    for _ in 0..2 {
        let answer = door.get(&url(&server), "application/json").await.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (200, &b"{}"[..]));
        assert_eq!(answer.media_type().as_deref(), Some("application/json"));
    }
}

#[tokio::test]
async fn a_form_is_sent_with_its_authorization() {
    let server = server(|_, asked| {
        assert!(asked.starts_with("POST "), "{asked}");
        assert!(asked.contains("authorization: Basic dTpw"), "{asked}");
        status("401 Unauthorized")
    })
    .await;
    let (door, _) = door(open());
    let authorization = Authorization::Basic {
        name: "u".into(),
        password: "p".into(),
    };
    let sent = door
        .post_form(&url(&server), &[("a", "b c")], Some(authorization))
        .await;
    assert_eq!(
        sent.unwrap().status,
        401,
        "an answer 400 to 599 is an answer"
    );
}

#[tokio::test]
async fn this_machine_is_out_of_reach_unless_opened() {
    let server = server(|_, _| ok("", "secret")).await;
    let (closed, _) = door(EgressSettings::default());
    for address in [
        format!("http://{}/", server.address),
        format!("https://{}/", server.address),
        "https://localhost/".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://[::1]/".to_owned(),
        "https://2130706433/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        assert!(closed.get(&address, "*/*").await.is_err(), "{address}");
    }
    assert_eq!(server.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let inside = server(|_, _| ok("", "inside")).await;
    let target = inside.address;
    let outside = server(move |_, _| {
        Answering::Bytes(
            format!(
                "HTTP/1.1 302 Found\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n"
            )
            .into_bytes(),
        )
    })
    .await;
    let (door, _) = door(open());
    let refused = door.get(&url(&outside), "*/*").await.unwrap_err();
    assert!(
        matches!(refused, EgressError::Redirected { status: 302, .. }),
        "{refused}"
    );
    assert_eq!(inside.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn too_many_bytes_are_refused_announced_or_not() {
    for announced in [true, false] {
        let server = server(move |_, _| {
            let body = "x".repeat(1_001);
            if announced {
                ok("", &body)
            } else {
                Answering::Bytes(
                    format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}").into_bytes(),
                )
            }
        })
        .await;
        let (door, _) = door(open());
        let refused = door.get(&url(&server), "*/*").await.unwrap_err();
        assert!(
            matches!(refused, EgressError::TooLarge { limit: 1_000, .. }),
            "{refused}"
        );
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}

#[tokio::test]
async fn compressed_bytes_are_not_unpacked() {
    let server = server(|_, _| ok("content-encoding: gzip\r\n", "bomb")).await;
    let (door, _) = door(open());
    let refused = door.get(&url(&server), "*/*").await.unwrap_err();
    assert!(
        matches!(refused, EgressError::Compressed { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_silent_server_is_left_after_its_time() {
    let server = server(|_, _| Answering::Nothing).await;
    let (door, _) = door(open());
    let refused = door.get(&url(&server), "*/*").await.unwrap_err();
    assert!(matches!(refused, EgressError::Slow { .. }), "{refused}");
}

#[tokio::test]
async fn a_failing_host_rests_and_is_tried_again() {
    let server = server(|number, _| {
        if number < FAILURES_MAX as usize {
            Answering::Close
        } else {
            ok("", "back")
        }
    })
    .await;
    let (door, clock) = door(open());
    for _ in 0..FAILURES_MAX {
        assert!(door.get(&url(&server), "*/*").await.is_err());
    }
    let resting = door.get(&url(&server), "*/*").await.unwrap_err();
    assert!(matches!(resting, EgressError::Resting { .. }), "{resting}");
    assert_eq!(
        server.asked.load(Ordering::SeqCst),
        FAILURES_MAX as usize,
        "nobody asked"
    );
    assert_eq!(door.health().len(), 1);
    clock.advance(SignedDuration::try_from(kit_egress::REST_MAX).unwrap());
    assert_eq!(door.get(&url(&server), "*/*").await.unwrap().body, "back");
}

/// A name whose first answer is harmless and whose second is not.
struct Rebinding(AtomicUsize);

impl Resolver for Rebinding {
    fn lookup<'a>(&'a self, host: &'a str) -> Lookup<'a> {
        let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
        let addresses: Vec<IpAddr> = match host {
            "mixed.example" => vec![
                "93.184.216.34".parse().unwrap(),
                "10.0.0.1".parse().unwrap(),
            ],
            "idp.intra.example" => vec!["127.0.0.1".parse().unwrap()],
            _ if first => vec!["192.0.2.1".parse().unwrap()],
            _ => vec!["127.0.0.1".parse().unwrap()],
        };
        Box::pin(async move { Ok(addresses) })
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused() {
    let server = server(|_, _| ok("", "inside")).await;
    let source = Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), 1);
    let resolver = Arc::new(Rebinding(AtomicUsize::new(1)));
    let settings = EgressSettings {
        allowed: vec!["idp.intra.example".parse().unwrap()],
        ..open()
    };
    let door = Egress::with_resolver(settings, source, resolver).unwrap();
    for host in ["evil.example", "mixed.example"] {
        let refused = door
            .get(&format!("https://{host}/"), "*/*")
            .await
            .unwrap_err();
        assert!(
            matches!(refused, EgressError::Forbidden { .. }),
            "{host}: {refused}"
        );
    }
    let port = server.address.port();
    let opened = door
        .get(&format!("http://idp.intra.example:{port}/"), "*/*")
        .await;
    assert_eq!(
        opened.unwrap().body,
        "inside",
        "an operator opened this one by name"
    );
}

#[tokio::test]
async fn a_document_is_fetched_once_while_it_is_good_and_serves_when_its_server_is_gone() {
    let server = server(|number, _| match number {
        0 => ok("cache-control: max-age=120\r\n", "one"),
        1 => ok("cache-control: max-age=120\r\n", "two"),
        _ => Answering::Close,
    })
    .await;
    let (door, clock) = door(open());
    let address = url(&server);
    let asked = || server.asked.load(Ordering::SeqCst);
    let together = futures_util::future::join_all(
        (0..8).map(|_| door.cached_get(&address, "application/json")),
    );
    for cached in together.await {
        assert_eq!(cached.unwrap().answer.body, "one");
    }
    assert_eq!(asked(), 1, "eight callers, one request");
    // Whoever lacks a key asks for it anew, but not at will.
    assert_eq!(
        door.cached_get_anew(&address, "application/json")
            .await
            .unwrap()
            .answer
            .body,
        "one"
    );
    clock.advance(SignedDuration::try_from(ANEW_MIN).unwrap());
    assert_eq!(
        door.cached_get_anew(&address, "application/json")
            .await
            .unwrap()
            .answer
            .body,
        "two"
    );
    assert_eq!(asked(), 2);
    clock.advance(SignedDuration::from_secs(121));
    let stale = door.cached_get(&address, "application/json").await.unwrap();
    assert!(stale.is_stale && stale.answer.body == "two");
    assert_eq!(asked(), 3);
    door.cached_get(&address, "application/json").await.unwrap();
    assert_eq!(asked(), 3, "a server that fails isn't asked at each call");
    clock.advance(SignedDuration::from_hours(25));
    assert!(
        door.cached_get(&address, "application/json").await.is_err(),
        "too old to serve"
    );
}
