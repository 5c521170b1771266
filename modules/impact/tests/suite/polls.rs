//! Statistics pages that are read, against real servers on this machine, good ones and bad ones.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use impact::{Impact, ImpactError, PollForm};
use jiff::SignedDuration;
use kit_db::Db;
use kit_egress::{Egress, EgressSettings};
use kit_jobs::Jobs;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::support::{World, migrations, mistakes, officer, only, promise, world};

kit_db::on_both_databases!(migrations() =>
    a_page_becomes_a_figure, the_same_figure_of_a_period_is_kept_once,
    a_page_that_changes_its_mind_corrects_the_day, two_processes_ask_once,
    each_failure_stands_on_the_indicator, the_fifth_failure_is_mailed_once,
    a_try_keeps_nothing, addresses_within_are_refused, two_people_at_once_are_told,
    a_persons_correction_stays, automatic_indicators_read_no_page,
);

/// What the server answers next: the status line and headers, and the body.
type Said = Arc<Mutex<(String, String)>>;

struct Server {
    address: SocketAddr,
    said: Said,
    asked: Arc<AtomicUsize>,
}

impl Server {
    fn says(&self, body: &str) {
        self.answers("200 OK", body);
    }

    fn answers(&self, status: &str, body: &str) {
        *self.said.lock().unwrap() = (status.to_owned(), body.to_owned());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn server() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let said: Said = Arc::default();
    let asked = Arc::new(AtomicUsize::new(0));
    let (script, count) = (said.clone(), asked.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut buffer).await {
                    Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
                    _ => break,
                }
            }
            count.fetch_add(1, Ordering::SeqCst);
            let (status, body) = script.lock().unwrap().clone();
            if status == "nothing" {
                // Held until the client gives up.
                let _ = stream.read(&mut buffer).await;
                continue;
            }
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    Server {
        address,
        said,
        asked,
    }
}

struct NoPeople;

impl ports::Parties for NoPeople {
    fn party(
        &self,
        _: ports::OrganisationId,
    ) -> ports::Answered<'_, Option<ports::exchange::Party>> {
        Box::pin(async { Ok(None) })
    }
    fn party_of_siret<'f>(
        &'f self,
        _: &'f str,
    ) -> ports::Answered<'f, Option<ports::exchange::Party>> {
        Box::pin(async { Ok(None) })
    }
    fn parties_of_sirets<'f>(
        &'f self,
        _: &'f [String],
    ) -> ports::Answered<'f, Vec<ports::exchange::Party>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn holders(
        &self,
        _: kit_access::Role,
        _: Option<ports::OrganisationId>,
    ) -> ports::Answered<'_, Vec<ports::Addressee>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn holders_in<'f>(
        &'f self,
        _: &'f mut kit_db::Tx,
        role: kit_access::Role,
        organisation: Option<ports::OrganisationId>,
    ) -> ports::Answered<'f, Vec<ports::Addressee>> {
        self.holders(role, organisation)
    }
    fn addressee_of_email<'f>(
        &'f self,
        _: &'f str,
    ) -> ports::Answered<'f, Option<ports::Addressee>> {
        Box::pin(async { Ok(None) })
    }
    fn addressee_in<'f>(
        &'f self,
        _: &'f mut kit_db::Tx,
        id: ports::PersonId,
    ) -> ports::Answered<'f, Option<ports::Addressee>> {
        self.addressee(id)
    }
    fn addressee(&self, id: ports::PersonId) -> ports::Answered<'_, Option<ports::Addressee>> {
        Box::pin(async move {
            Ok(Some(ports::Addressee {
                id,
                name: "Inès Morel".into(),
                email: "ines.morel@ministere.example".into(),
            }))
        })
    }
}

fn polling(world: &World) -> Impact {
    let settings = EgressSettings {
        allowed: vec!["127.0.0.1".parse().unwrap()],
        timeout: Duration::from_millis(300),
        connect_timeout: Duration::from_millis(200),
        answer_bytes_max: 1_000,
        ..EgressSettings::default()
    };
    let egress = Egress::new(settings, world.source.clone()).unwrap();
    let jobs = Jobs::new(world.db.clone(), world.source.clone());
    world
        .impact
        .clone()
        .with_polls(egress)
        .with_mails(jobs, Arc::new(NoPeople), "https://g.example/")
        .unwrap()
}

fn page(server: &Server) -> PollForm {
    PollForm {
        url: format!("http://{}/stats", server.address),
        value_pointer: "/part".into(),
        rhythm: "daily".into(),
        factor: "100".into(),
        ..PollForm::default()
    }
}

fn ines() -> kit_access::Actor {
    let grant = kit_access::Grant {
        role: ports::roles::PORTFOLIO_OFFICER.0.to_owned(),
        reach: kit_access::Reach::State,
    };
    kit_access::Actor::person(Uuid::from_u128(7), "Inès Morel", vec![grant])
}

/// A page is read for an indicator in %, of which it gives fractions.
async fn set_up(db: &Db) -> (World, Impact, Server, Uuid) {
    let world = world(db);
    let impact = polling(&world);
    let server = server().await;
    let (_, id) = world.indicator(&promise()).await;
    let set = impact.set_poll(&ines(), id, 0, &page(&server)).await;
    set.unwrap();
    (world, impact, server, id)
}

async fn values(impact: &Impact, id: Uuid) -> Vec<(String, String)> {
    let told = impact.told(id).await.unwrap();
    let figures = told.figures.iter();
    figures
        .map(|row| {
            let value = row.value.map(|value| value.to_string());
            (row.as_of.to_string(), value.unwrap_or_default())
        })
        .collect()
}

fn figure(day: &str, value: &str) -> (String, String) {
    (day.to_owned(), value.to_owned())
}

async fn a_page_becomes_a_figure(db: Db) {
    let (_, impact, server, id) = set_up(&db).await;
    server.says(r#"{"part": 0.525}"#);
    impact.poll_due().await.unwrap();
    assert_eq!(values(&impact, id).await, [figure("2026-03-01", "52.5")]);
    let told = impact.told(id).await.unwrap();
    let (row, latest) = (&told.figures[0], told.indicator.latest.unwrap());
    assert_eq!(
        (row.source.as_str(), row.author.as_str()),
        ("poll", "impact.poll")
    );
    assert_eq!(latest.value.to_string(), "52.5");
    let poll = impact.poll(id).await.unwrap().unwrap();
    assert_eq!(poll.success.unwrap().code, "new");
    // Not due before tomorrow.
    impact.poll_due().await.unwrap();
    assert_eq!(server.asked(), 1);
}

async fn the_same_figure_of_a_period_is_kept_once(db: Db) {
    let (world, impact, server, id) = set_up(&db).await;
    server.says(r#"{"part": 0.5}"#);
    let weekly = PollForm {
        rhythm: "monthly".into(),
        ..page(&server)
    };
    impact.set_poll(&ines(), id, 1, &weekly).await.unwrap();
    impact.poll_due().await.unwrap();
    world.wait_days(30);
    impact.poll_due().await.unwrap();
    assert_eq!(server.asked(), 2);
    let poll = impact.poll(id).await.unwrap().unwrap();
    assert_eq!(poll.success.unwrap().code, "same");
    assert_eq!(values(&impact, id).await, [figure("2026-03-01", "50")]);
    // The next month has its own.
    world.wait_days(30);
    impact.poll_due().await.unwrap();
    let two = [figure("2026-03-01", "50"), figure("2026-04-30", "50")];
    assert_eq!(values(&impact, id).await, two);
}

async fn a_page_that_changes_its_mind_corrects_the_day(db: Db) {
    let (world, impact, server, id) = set_up(&db).await;
    let dated = PollForm {
        date_pointer: "/au".into(),
        rhythm: "hourly".into(),
        ..page(&server)
    };
    impact.set_poll(&ines(), id, 1, &dated).await.unwrap();
    server.says(r#"{"part": 0.5, "au": "2026-02-28"}"#);
    impact.poll_due().await.unwrap();
    server.says(r#"{"part": 0.51, "au": "2026-02-28"}"#);
    world.clock.advance(SignedDuration::from_hours(2));
    impact.poll_due().await.unwrap();
    assert_eq!(values(&impact, id).await, [figure("2026-02-28", "51")]);
    let all = impact.observations(id, 0, 10).await.unwrap();
    assert_eq!(all.len(), 2, "what was corrected stays");
    assert_eq!(all[1].reason, "page-changed");
}

async fn two_processes_ask_once(db: Db) {
    let (world, impact, server, id) = set_up(&db).await;
    let other = polling(&world);
    server.says(r#"{"part": 0.5}"#);
    let (one, two) = tokio::join!(impact.poll_due(), other.poll_due());
    one.and(two).unwrap();
    assert_eq!(server.asked(), 1);
    assert_eq!(values(&impact, id).await.len(), 1);
}

async fn each_failure_stands_on_the_indicator(db: Db) {
    let (world, impact, server, id) = set_up(&db).await;
    let large = format!("{{\"part\": 1, \"x\": \"{}\"}}", "x".repeat(1_000));
    for (status, body, code) in [
        ("nothing", "", "timeout"),
        ("200 OK", large.as_str(), "too-large"),
        ("404 Not Found", "", "status"),
        ("302 Found", "", "redirected"),
        ("200 OK", "<html>", "not-json"),
        ("200 OK", "{}", "value-nothing"),
        ("200 OK", r#"{"part": "beaucoup"}"#, "not-a-number"),
    ] {
        server.answers(status, body);
        world.wait_days(2);
        impact.poll_due().await.unwrap();
        let poll = impact.poll(id).await.unwrap().unwrap();
        let (_, failure) = poll.failure.unwrap();
        assert_eq!(failure.code, code, "{status} {body}");
    }
    assert_eq!(values(&impact, id).await, []);
    // A success forgets the failures in a row, not the last one.
    server.says(r#"{"part": 0.5}"#);
    world.wait_days(2);
    impact.poll_due().await.unwrap();
    let poll = impact.poll(id).await.unwrap().unwrap();
    assert_eq!((poll.failures, poll.failure.is_some()), (0, true));
}

async fn the_fifth_failure_is_mailed_once(db: Db) {
    let (world, impact, server, _) = set_up(&db).await;
    let jobs = Jobs::new(db.clone(), world.source.clone());
    server.answers("500 Internal Server Error", "");
    for failures in 1..=7 {
        world.wait_days(2);
        impact.poll_due().await.unwrap();
        let mails = jobs.newest_of("mail.send", 10).await.unwrap();
        assert_eq!(mails.len(), usize::from(failures >= 5), "{failures}");
    }
    let mail = &jobs.newest_of("mail.send", 1).await.unwrap()[0];
    assert_eq!(mail.payload["to"], "ines.morel@ministere.example");
    let text = mail.payload["text"].as_str().unwrap();
    assert!(
        text.contains("500") && text.contains("https://g.example/indicators/"),
        "{text}"
    );
}

async fn a_try_keeps_nothing(db: Db) {
    let (_, impact, server, id) = set_up(&db).await;
    server.says(r#"{"part": 0.25}"#);
    let tried = impact.try_poll(&ines(), id, &page(&server)).await.unwrap();
    assert_eq!(tried.unwrap().value.to_string(), "25");
    server.says("{}");
    let tried = impact.try_poll(&ines(), id, &page(&server)).await.unwrap();
    assert_eq!(tried.unwrap_err().code, "value-nothing");
    assert_eq!(values(&impact, id).await, []);
    assert_eq!(impact.poll(id).await.unwrap().unwrap().success, None);
    let nobody = impact
        .try_poll(&kit_access::Actor::anonymous(), id, &page(&server))
        .await;
    assert!(matches!(nobody, Err(ImpactError::Denied(_))), "{nobody:?}");
}

async fn addresses_within_are_refused(db: Db) {
    let (_, impact, server, id) = set_up(&db).await;
    for (url, code) in [
        ("", "poll-url"),
        ("stats", "poll-url"),
        ("http://stats.example/", "poll-https"),
        ("ftp://stats.example/", "poll-https"),
        ("https://user:secret@stats.example/", "poll-userinfo"),
        ("https://stats.example:22/", "poll-port"),
        ("https://10.0.0.1/", "poll-forbidden"),
        ("https://169.254.169.254/latest", "poll-forbidden"),
    ] {
        let form = PollForm {
            url: url.into(),
            ..page(&server)
        };
        let set = impact.set_poll(&ines(), id, 1, &form).await;
        assert_eq!(mistakes(set), only("url", code), "{url}");
    }
}

async fn two_people_at_once_are_told(db: Db) {
    let (_, impact, server, id) = set_up(&db).await;
    let hourly = PollForm {
        rhythm: "hourly".into(),
        ..page(&server)
    };
    impact.set_poll(&ines(), id, 1, &hourly).await.unwrap();
    let second = impact.set_poll(&officer(), id, 1, &page(&server)).await;
    assert!(matches!(second, Err(ImpactError::Stale)), "{second:?}");
    let second = impact.remove_poll(&officer(), id, 1).await;
    assert!(matches!(second, Err(ImpactError::Stale)), "{second:?}");
    impact.remove_poll(&officer(), id, 2).await.unwrap();
    assert_eq!(impact.poll(id).await.unwrap(), None);
}

async fn a_persons_correction_stays(db: Db) {
    let (world, impact, server, id) = set_up(&db).await;
    let dated = PollForm {
        date_pointer: "/au".into(),
        ..page(&server)
    };
    impact.set_poll(&ines(), id, 1, &dated).await.unwrap();
    server.says(r#"{"part": 0.5, "au": "2026-02-28"}"#);
    impact.poll_due().await.unwrap();
    let correction = impact::CorrectionForm {
        value: "49".into(),
        reason: "Un double compte était dans la page.".into(),
        ..impact::CorrectionForm::default()
    };
    let corrected = impact
        .correct_observation(&ines(), id, 1, &correction)
        .await;
    corrected.unwrap();
    world.wait_days(2);
    impact.poll_due().await.unwrap();
    assert_eq!(values(&impact, id).await, [figure("2026-02-28", "49")]);
    let poll = impact.poll(id).await.unwrap().unwrap();
    assert_eq!(poll.success.unwrap().code, "corrected");
}

async fn automatic_indicators_read_no_page(db: Db) {
    let world = world(&db);
    let impact = polling(&world);
    let server = server().await;
    let form = impact::IndicatorForm {
        origin: "sign-ins".into(),
        subject: Uuid::from_u128(3).to_string(),
        ..promise()
    };
    let (_, id) = world.indicator(&form).await;
    let set = impact.set_poll(&ines(), id, 0, &page(&server)).await;
    assert_eq!(mistakes(set), only("url", "poll-automatic"));
}
