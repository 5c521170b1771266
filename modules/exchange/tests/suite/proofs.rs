//! Proofs of calls whose log is on another machine: asked for by the person, brought by the gateway,
//! checked, given, forgotten.

use exchange::ExchangeError;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use kit_db::{Db, Statement};
use kit_time::Clock as _;
use ports::exchange::{GatewayReport, GatewayTold, Trace};
use ports::{LogProof, ProofAnswer, REPORT_PROOFS_MAX};
use sha2::{Digest as _, Sha256};
use tracelog::{
    Checkpoint, Digest, InclusionText, KeyKind, Signer, leaf_hash, node_hash, verify_inclusion,
};

use crate::citizen_world::{cookie, elodie, marc, sure};
use crate::gateways::report;
use crate::world::{World, migrations, world};

kit_db::on_both_databases!(migrations() =>
    a_proof_is_asked_for_brought_checked_and_given, nobody_asks_for_what_is_anothers_or_hidden,
    what_proves_nothing_is_not_given, a_salt_goes_with_its_trace,
    a_gateway_that_does_not_answer_is_told_of, not_too_many_wait,
);

const ORIGIN: &str = "g.example/log/traces";
const LOG: &str = "g.example/log/traces#0a";
const KEY: &str = "the-thumbprint-of-a-key";
const PAGE: &str = "/citizen/access?log=g.example%2Flog%2Ftraces%230a&index=";
const FILE: &str = "/citizen/access/proof?log=g.example%2Flog%2Ftraces%230a&index=";

/// A log as a gateway has it.
struct Log {
    rows: Vec<String>,
}

fn salt(index: usize) -> [u8; 32] {
    [u8::try_from(index).unwrap(); 32]
}

fn leaf(row: &str, salt: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(row);
    leaf_hash(&hash.finalize())
}

/// The root of a tree (RFC 6962, section 2.1), and the hashes that lead to it from a leaf, near it first.
fn tree(leaves: &[Digest], index: usize) -> (Digest, Vec<Digest>) {
    if let [leaf] = leaves {
        return (*leaf, Vec::new());
    }
    let middle = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(middle);
    let ((left, of_left), (right, of_right)) =
        (tree(left, index), tree(right, index.wrapping_sub(middle)));
    let (mut path, beside) = if index < middle {
        (of_left, right)
    } else {
        (of_right, left)
    };
    path.push(beside);
    (node_hash(&left, &right), path)
}

impl Log {
    fn of(traces: &[Trace]) -> Self {
        let rows = traces.iter().map(|one| serde_json::to_string(one).unwrap());
        Self {
            rows: rows.collect(),
        }
    }

    fn proof(&self, index: usize) -> LogProof {
        let rows = self.rows.iter().enumerate();
        let leaves: Vec<Digest> = rows.map(|(at, row)| leaf(row, &salt(at))).collect();
        let (root, proof) = tree(&leaves, index);
        let signer = Signer::from_seed(ORIGIN, KeyKind::Note, &[7; 32]).unwrap();
        let said = Checkpoint::new(ORIGIN, leaves.len() as u64, root);
        let inclusion = InclusionText {
            extra: Vec::new(),
            index: index as u64,
            proof,
            checkpoint: said.signed(&[&signer]).unwrap(),
        };
        LogProof {
            row: self.rows[index].clone(),
            salt: pseudonym::hex(&salt(index)),
            inclusion: inclusion.to_string(),
        }
    }

    fn answer(&self, index: usize) -> ProofAnswer {
        ProofAnswer {
            index: index as u64,
            proof: Some(self.proof(index)),
        }
    }
}

impl World {
    /// Five calls about Élodie that a gateway elsewhere reported.
    async fn five_calls(&self) -> (Log, Vec<Trace>) {
        let (id, status) = self.accredited_by_status().await;
        let subject = self.about_elodie(&status).await;
        let traces: Vec<Trace> = (0..5)
            .map(|second| Trace {
                at: self.clock.now() + SignedDuration::from_secs(second),
                ..self.trace_of(&status, id, &subject)
            })
            .collect();
        self.told(&report(LOG, 0, &traces)).await;
        (Log::of(&traces), traces)
    }

    async fn told(&self, report: &GatewayReport) -> GatewayTold {
        let told = self.exchange.keep_report(KEY, &[], report).await;
        told.unwrap()
    }

    async fn brought(&self, proofs: Vec<ProofAnswer>) -> GatewayTold {
        let bare = report(LOG, 5, &[]);
        self.told(&GatewayReport { proofs, ..bare }).await
    }

    async fn ask_as(&self, who: &str, index: i64) -> crate::world::Answer {
        let page = self.get(&format!("{PAGE}{index}"), &cookie(who)).await;
        let form = page.cookies.first().cloned().unwrap_or_default();
        let token = if page.status == StatusCode::OK {
            page.token()
        } else {
            String::new()
        };
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf_token", &token)
            .append_pair("log", LOG)
            .append_pair("index", &index.to_string());
        let cookies = format!("{}; {form}", cookie(who));
        self.post_raw("/citizen/access/proof", &cookies, body.finish())
            .await
    }

    async fn page_of(&self, index: i64) -> String {
        let page = self.get(&format!("{PAGE}{index}"), &cookie("elodie")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        page.body
    }

    async fn file(&self, index: i64, who: &str) -> crate::world::Answer {
        self.get(&format!("{FILE}{index}"), &cookie(who)).await
    }

    /// Proofs that are kept, and those of them that hold a salt.
    async fn salts(&self) -> (i64, i64) {
        let text = "SELECT COUNT(*) AS rows_kept, COUNT(salt) AS salts FROM exchange_proof";
        let statement = Statement::composed("test.salts", text.to_owned());
        let read = |row: &kit_db::Row| Ok((row.get("rows_kept")?, row.get("salts")?));
        statement.query().one(&self.db, read).await.unwrap()
    }
}

async fn a_proof_is_asked_for_brought_checked_and_given(db: Db) {
    let world = world(db).await;
    let (log, traces) = world.five_calls().await;
    assert!(world.page_of(2).await.contains("Demander la preuve"));
    assert_eq!(world.file(2, "elodie").await.status, StatusCode::NOT_FOUND);
    let asked = world.ask_as("elodie", 2).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    assert_eq!(asked.location, format!("{PAGE}2"));
    // Twice is once.
    let again = world.exchange.ask_proof(&sure(elodie()), LOG, 2).await;
    again.unwrap();
    let waits = world.page_of(2).await;
    assert!(waits.contains("La preuve est demandée à la passerelle"));
    assert!(waits.contains("Revenez dans un instant"));
    assert!(waits.contains("Actualiser la page"));
    assert!(!waits.contains("Demander la preuve"));
    world
        .exchange
        .ask_proof(&sure(elodie()), LOG, 4)
        .await
        .unwrap();

    // The gateway hears of it as often as it reports, until it says something of it.
    for _ in 0..2 {
        assert_eq!(world.brought(Vec::new()).await.wanted, [2, 4]);
    }
    // What nobody asked for is not kept, whatever it is.
    let told = world.brought(vec![log.answer(2), log.answer(3)]).await;
    assert_eq!(told.wanted, [4]);
    assert_eq!(world.salts().await, (2, 1));
    // The answer was lost: the same again changes nothing.
    let other = ProofAnswer {
        index: 2,
        proof: None,
    };
    assert_eq!(world.brought(vec![log.answer(2), other]).await.wanted, [4]);

    let page = world.page_of(2).await;
    assert!(page.contains("La preuve est arrivée"), "{page}");
    let file = world.file(2, "elodie").await;
    assert_eq!(file.status, StatusCode::OK);
    let told: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!((&told["log"], &told["log_index"]), (&LOG.into(), &2.into()));
    // As the guide says that one checks it.
    let row = told["row"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Trace>(row).unwrap(), traces[2]);
    let salt: [u8; 32] = pseudonym::from_hex(told["salt"].as_str().unwrap()).unwrap();
    let inclusion = told["inclusion"].as_str().unwrap();
    let inclusion = InclusionText::parse(inclusion.as_bytes()).unwrap();
    let said: Checkpoint = inclusion.checkpoint.text().parse().unwrap();
    let of_row = leaf(row, &salt);
    verify_inclusion(&of_row, 2, said.size, &inclusion.proof, &said.root).unwrap();
    for somebody in ["marc", "stranger", "unsure"] {
        let status = world.file(2, somebody).await.status;
        assert_ne!(status, StatusCode::OK, "{somebody}");
    }

    // A day later salts are gone, whether or not somebody keeps house.
    world.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(world.file(2, "elodie").await.status, StatusCode::NOT_FOUND);
    assert!(world.page_of(2).await.contains("Demander la preuve"));
    world.exchange.keep_house().await.unwrap();
    assert_eq!(world.salts().await, (0, 0));
    // It may be asked for again.
    let again = world.ask_as("elodie", 2).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(world.brought(Vec::new()).await.wanted, [2]);
    let journal = kit_journal::Journal::after(&world.db, 0, 1_000).await;
    let journal = journal.unwrap();
    let mut told = journal.iter().map(|entry| entry.action.as_str());
    assert!(!told.any(|action| action.starts_with("exchange.proof")));
}

async fn nobody_asks_for_what_is_anothers_or_hidden(db: Db) {
    let world = world(db).await;
    let (_, traces) = world.five_calls().await;
    let hidden = Trace {
        hidden_until: Some(world.clock.now() + SignedDuration::from_hours(24)),
        ..traces[0].clone()
    };
    world.told(&report(LOG, 5, &[hidden])).await;
    // A log of which no gateway was ever heard, such as one of a demo.
    let exchange = &world.exchange;
    exchange.keep_traces("log", 0, &traces[..1]).await.unwrap();
    let (she, he) = (sure(elodie()), sure(marc()));
    for (who, log, index) in [
        (&he, LOG, 2),
        (&she, LOG, 5),
        (&she, LOG, 6),
        (&she, LOG, -1),
        (&she, "log", 0),
        (&she, "l\0g", 0),
    ] {
        let asked = exchange.ask_proof(who, log, index).await;
        assert!(
            matches!(asked, Err(ExchangeError::NotFound)),
            "{log} {index}: {asked:?}"
        );
    }
    let asked = world.ask_as("elodie", 5).await;
    assert_ne!(asked.status, StatusCode::SEE_OTHER);
    // Without the token of the page, and without a citizen's session.
    let body = "log=g.example%2Flog%2Ftraces%230a&index=2".to_owned();
    let bare = world
        .post_raw("/citizen/access/proof", &cookie("elodie"), body)
        .await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN);
    assert!(world.brought(Vec::new()).await.wanted.is_empty());
    let page = world
        .get("/citizen/access?log=log&index=0", &cookie("elodie"))
        .await;
    assert!(!page.body.contains("Demander la preuve"));
    let page = world
        .get("/citizen/access?log=l%00g&index=0", &cookie("elodie"))
        .await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

async fn what_proves_nothing_is_not_given(db: Db) {
    let world = world(db).await;
    let (log, traces) = world.five_calls().await;
    let who = sure(elodie());
    // A log that says something else, and proves it well.
    let mut others = traces.clone();
    others[0].purpose = Some("impots".into());
    let forged = Log::of(&others).answer(0);
    // The right row, and hashes that lead nowhere.
    let mut broken = log.answer(1);
    if let Some(proof) = &mut broken.proof {
        proof.salt = pseudonym::hex(&salt(2));
    }
    let elsewhere = ProofAnswer {
        index: 2,
        proof: Some(log.proof(3)),
    };
    let gone = ProofAnswer {
        index: 3,
        proof: None,
    };
    for index in 0..4 {
        world.exchange.ask_proof(&who, LOG, index).await.unwrap();
    }
    let beyond = ProofAnswer {
        index: u64::MAX,
        proof: None,
    };
    let told = world
        .brought(vec![forged, broken, elsewhere, gone, beyond])
        .await;
    assert!(told.wanted.is_empty(), "it isn't asked on and on");
    assert_eq!(world.salts().await, (4, 0));
    for index in 0..3 {
        let page = world.page_of(index).await;
        assert!(page.contains("ne prouve rien"), "{index}: {page}");
    }
    assert!(world.page_of(3).await.contains("n’a plus cette ligne"));
    for index in 0..4 {
        let file = world.file(index, "elodie").await;
        assert_eq!(file.status, StatusCode::NOT_FOUND);
    }
    let journal = kit_journal::Journal::after(&world.db, 0, 1_000).await;
    let journal = journal.unwrap();
    let refused = journal
        .iter()
        .filter(|entry| entry.action == "exchange.proof.refuse");
    assert_eq!(refused.count(), 3);
    // Too many at once are none.
    let many = vec![log.answer(4); REPORT_PROOFS_MAX + 1];
    let bare = report(LOG, 5, &[]);
    let many = GatewayReport {
        proofs: many,
        ..bare
    };
    let refused = world.exchange.keep_report(KEY, &[], &many).await;
    assert!(matches!(refused, Err(ExchangeError::Mistakes(_))));
}

async fn a_salt_goes_with_its_trace(db: Db) {
    let world = world(db).await;
    let (_, traces) = world.five_calls().await;
    // About to be as old as traces become.
    let now = world.clock.now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let old = now.checked_sub(jiff::Span::new().months(36)).unwrap();
    let at: Timestamp = old.timestamp() + SignedDuration::from_hours(5);
    let aged = Trace {
        at,
        ..traces[0].clone()
    };
    let mut all = traces.clone();
    all.push(aged.clone());
    world.told(&report(LOG, 5, &[aged])).await;
    let log = Log::of(&all);
    let who = sure(elodie());
    for index in [1, 5] {
        world.exchange.ask_proof(&who, LOG, index).await.unwrap();
    }
    world.brought(vec![log.answer(1), log.answer(5)]).await;
    assert_eq!(world.salts().await, (2, 2));
    assert_eq!(world.file(5, "elodie").await.status, StatusCode::OK);
    world.clock.advance(SignedDuration::from_hours(10));
    // The day isn't over, the 36 months are.
    world.exchange.erase_traces().await.unwrap();
    assert_eq!(world.salts().await, (1, 1));
    assert_eq!(world.file(1, "elodie").await.status, StatusCode::OK);
    assert_eq!(world.file(5, "elodie").await.status, StatusCode::NOT_FOUND);
}

async fn a_gateway_that_does_not_answer_is_told_of(db: Db) {
    let world = world(db).await;
    world.five_calls().await;
    let who = sure(elodie());
    world.exchange.ask_proof(&who, LOG, 0).await.unwrap();
    world.clock.advance(SignedDuration::from_secs(119));
    assert!(!world.page_of(0).await.contains("pas encore répondu"));
    world.clock.advance(SignedDuration::from_secs(2));
    assert!(world.page_of(0).await.contains("pas encore répondu"));
    world.clock.advance(SignedDuration::from_hours(24));
    assert!(world.page_of(0).await.contains("Demander la preuve"));
    assert!(world.brought(Vec::new()).await.wanted.is_empty());
}

async fn not_too_many_wait(db: Db) {
    let world = world(db).await;
    let (_, traces) = world.five_calls().await;
    let more = vec![traces[0].clone(); 20];
    world.told(&report(LOG, 5, &more)).await;
    let who = sure(elodie());
    for index in 0..20 {
        world.exchange.ask_proof(&who, LOG, index).await.unwrap();
    }
    let refused = world.ask_as("elodie", 20).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Vous attendez déjà 20 preuves"));
    // Those of another log count for her as well.
    world.told(&report("h#1", 0, &traces[..1])).await;
    let refused = world.exchange.ask_proof(&who, "h#1", 0).await;
    assert!(matches!(refused, Err(ExchangeError::Mistakes(_))));
    // The first ones are named first, so many at once.
    let told = world.brought(Vec::new()).await;
    assert_eq!(told.wanted.len(), REPORT_PROOFS_MAX);
    assert_eq!(told.wanted[0], 0);

    // A thousand others wait at the same gateway.
    let others = vec![
        Trace {
            subject: Some("ab".repeat(32)),
            ..traces[0].clone()
        };
        1_000
    ];
    world.told(&report("crowded#1", 0, &others)).await;
    let one_of_hers = world.told(&report("crowded#1", 1_000, &traces[..1])).await;
    assert_eq!(one_of_hers.next, 1_001);
    let until = world.clock.now().as_microsecond() + 86_400_000_000;
    let text = format!(
        "INSERT INTO exchange_proof (log, log_index, asked_at, until)
         SELECT log, log_index, at, {until} FROM exchange_trace
         WHERE log = 'crowded#1' AND log_index < 1000"
    );
    let crowd = Statement::composed("test.crowd", text);
    crowd.query().execute(&world.db).await.unwrap();
    let gone: Vec<ProofAnswer> = (0..16)
        .map(|index| ProofAnswer { index, proof: None })
        .collect();
    world.brought(gone).await;
    let refused = world.exchange.ask_proof(&who, "crowded#1", 1_000).await;
    let Err(ExchangeError::Mistakes(mistakes)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(mistakes[0].key, "exchange-mistake-proofs-of-log");
    world.exchange.ask_proof(&who, "h#1", 0).await.unwrap();
}
