//! A small exchange: a producer that answers, a town that was accredited, gateways in processes of
//! their own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use directory::domain::OrganisationForm;
use directory::{Directory, SessionLimits};
use exchange::domain::{Act, ApiForm, ApiStatus, RequestForm, Step, Terms};
use exchange::{
    Details, Exchange, ExchangePorts, ExchangeSettings, NewApi, NewRequest, OperationForm,
    ScopeForm,
};
use identity::Identity;
use jiff::SignedDuration;
use jose::jwk::SigningKey;
use kit_access::{Actor, Grant, Reach};
use kit_db::{Db, DbOptions};
use kit_egress::{Egress, EgressSettings};
use kit_jobs::Jobs;
use kit_time::Source;
use ports::roles::{ADMINISTRATOR, DATA_PRODUCER};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Browser;

/// Whose data it is.
pub(crate) const PRODUCER_EMAIL: &str = "nour.haddad@cnp.example";
const PRODUCER_SIRET: &str = "99900010200015";
const TOWN_SIRET: &str = "99900030000015";
const DOCUMENT: &str = include_str!("../../demo/quotient-familial.yaml");

/// A town that was accredited, and what it was accredited for.
pub(crate) struct Market {
    pub(crate) api: Uuid,
    pub(crate) producer: Uuid,
    /// The town's opaque key.
    pub(crate) key: String,
}

/// Fills a database that was migrated: the producer answers at `upstream`; the town may call so often
/// in a day.
pub(crate) async fn fill(url: &str, upstream: &str, per_day: u64) -> Market {
    let db = Db::open(&DbOptions::new(url)).await.unwrap();
    let source = Source::system();
    let jobs = Jobs::new(db.clone(), source.clone());
    let address = "http://platform.example";
    let limits = SessionLimits::default();
    let directory = Directory::new(db.clone(), source.clone(), jobs.clone(), limits, address);
    let egress = Egress::new(EgressSettings::default(), source.clone()).unwrap();
    let organisations = Arc::new(directory.organisations_port());
    let accounts = Arc::new(directory.accounts_port());
    let of_identity = (source.clone(), jobs.clone(), organisations.clone());
    let identity = Identity::new(
        db.clone(),
        of_identity.0,
        of_identity.1,
        accounts,
        of_identity.2,
        egress,
        address,
    );
    let exchange_ports = ExchangePorts {
        organisations,
        parties: Arc::new(directory.parties_port()),
        issuer: Arc::new(identity.issuer_port()),
    };
    let settings = ExchangeSettings::of(address);
    let exchange = Exchange::new(db.clone(), source.clone(), jobs, exchange_ports, settings);
    let exchange = exchange.unwrap();
    let system = Actor::system("test");
    let mut bodies = Vec::new();
    for (name, siret) in [("Caisse", PRODUCER_SIRET), ("Valclair", TOWN_SIRET)] {
        let form = OrganisationForm {
            name: name.to_owned(),
            kind: "other".to_owned(),
            siret: siret.to_owned(),
            ..OrganisationForm::default()
        };
        bodies.push(directory.add_organisation(&system, &form).await.unwrap());
    }
    let producer = bodies[0];
    let nour = directory.add_person(&system, "Nour Haddad", PRODUCER_EMAIL, Some(producer));
    let nour = nour.await.unwrap();
    let role = DATA_PRODUCER.0;
    let granted = directory.grant(&system, nour, role, Some(producer));
    granted.await.unwrap();
    let password = directory.set_password(nour, super::PASSWORD).await;
    password.unwrap().unwrap();
    let api = offer(&exchange, producer, upstream).await;
    let accredited = accredit(&exchange, &source, bodies[1], api, per_day).await;
    let key = exchange.make_key(&system, accredited, "Serveur");
    let key = key.await.unwrap().0;
    db.close().await;
    Market { api, producer, key }
}

async fn offer(exchange: &Exchange, producer: Uuid, upstream: &str) -> Uuid {
    let actor = Actor::system("test");
    let new = NewApi {
        producer,
        prefix: "cnp/quotient-familial",
        document: DOCUMENT.as_bytes(),
    };
    let api = exchange.add_api(&actor, new).await.unwrap();
    let text = |text: &str| text.to_owned();
    let form = ApiForm {
        name: text("Quotient familial"),
        description: text("Le quotient familial d’un foyer."),
        sensitivity: text("personal"),
        legal_nature: text("exchange"),
        legal_text: text("CRPA, article L114-8"),
        legal_url: text("https://www.legifrance.gouv.fr/"),
        per_minute: text("100000"),
        per_day: text("1000000"),
        service_level: text("Toujours."),
        contact: text("api@cnp.example"),
        upstreams: text(upstream),
        timeout_ms: text("5000"),
        proof: text("none"),
        ..ApiForm::default()
    };
    exchange.change_api(&actor, api, 1, &form).await.unwrap();
    let scope = ScopeForm {
        tells_identity: false,
        code: text("cnp_quotient_familial"),
        label: text("Quotient familial"),
        fields: ["getQuotientFamilial", "getQuotientFamilialParEtatCivil"]
            .map(|operation| (text(operation), text("quotientFamilial")))
            .into(),
    };
    exchange.add_scope(&actor, api, &scope).await.unwrap();
    // By a number of the producer, and by the civil register.
    let operations = exchange.operations(&actor, api).await.unwrap();
    assert_eq!(operations.len(), 2);
    let number = [text("path:numeroAllocataire")];
    let changed = exchange.change_operation(&actor, operations[0], &number, 1);
    changed.await.unwrap();
    let register = [
        ("query:nomNaissance", "family-name"),
        ("query:prenoms", "given-names"),
        ("query:dateNaissance", "birth-date"),
        ("query:communeNaissance", "birthplace"),
    ]
    .map(|(parameter, fact)| (text(parameter), text(fact)));
    let form = OperationForm {
        subject: register.iter().map(|(name, _)| name.clone()).collect(),
        facts: register.into(),
        pieces_saved: 1,
        ..OperationForm::default()
    };
    let described = exchange.describe_operation(&actor, operations[1], &form);
    described.await.unwrap();
    let published = exchange.set_status(&actor, api, ApiStatus::Published);
    published.await.unwrap();
    api
}

async fn accredit(
    exchange: &Exchange,
    source: &Source,
    town: Uuid,
    api: Uuid,
    per_day: u64,
) -> Uuid {
    let asker = Actor::system("test");
    let new = NewRequest {
        requester: town,
        api: None,
    };
    let id = exchange.begin_request(&asker, new).await.unwrap();
    let text = |text: &str| text.to_owned();
    let contact = || [text("Awa Diop"), text("awa.diop@valclair.example")];
    let form = RequestForm {
        apis: vec![api.to_string()],
        scopes: vec![text("cnp_quotient_familial")],
        title: text("Cantine"),
        description: text("Calculer le tarif sans redemander de justificatif."),
        purposes: text("cantine : Calculer le tarif de la cantine"),
        expected_start: [text("1"), text("9"), text("2026")],
        per_minute: text("100000"),
        per_day: per_day.to_string(),
        legal_nature: text("exchange"),
        legal_text: text("CRPA, article L114-8"),
        recipients: text(TOWN_SIRET),
        retention_months: text("12"),
        modalities: vec![text("identifier")],
        contacts: [contact(), contact(), contact(), contact()],
        wants_keys: true,
        keys_reason: text("Le logiciel ne sait pas demander de jeton."),
        ..RequestForm::default()
    };
    let saved = exchange.save_step(&asker, id, 1, Step::Contacts, form);
    saved.await.unwrap();
    let none = Details::default();
    let sent = exchange.act(&asker, id, 2, Act::Submit, &none);
    sent.await.unwrap();
    let grant = Grant {
        role: ADMINISTRATOR.0.to_owned(),
        reach: Reach::State,
    };
    let instructor = Actor::person(source.new_id(), "Hugo Marchand", vec![grant]);
    let yes = Details {
        reason: text("Proportionné."),
        terms: Some(Terms {
            months: 24,
            per_minute: 100_000,
            per_day,
            keys_allowed: true,
            hidden_days: 0,
        }),
        to: String::new(),
    };
    let tomorrow = source.now() + SignedDuration::from_hours(24);
    let approved = exchange.act(&instructor, id, 3, Act::Approve(tomorrow), &yes);
    approved.await.unwrap();
    id
}

/// A producer on this machine: whoever asks is told the same. It ends with the process.
pub(crate) fn producer() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || tell(stream));
        }
    });
    address
}

fn tell(stream: TcpStream) {
    let mut writing = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines();
    let body = r#"{"quotientFamilial":850,"adresse":{"commune":"Valclair"}}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    while let Some(Ok(line)) = lines.next() {
        // A question ends by an empty line: it has no body.
        if line.is_empty() && writing.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// What a gateway answers to the town, in a word: `data`, or the code of a problem.
pub(crate) struct Called {
    pub(crate) word: String,
    pub(crate) request: Uuid,
    /// Calls that it says are left.
    pub(crate) left: Option<u64>,
}

/// Calls a gateway as the town does, on a connection of its own.
pub(crate) fn call(address: &str, key: &str) -> std::io::Result<Called> {
    ask(address, key, "foyers/1234567?")
}

/// The same about the person whom the mock provider knows as Élodie.
pub(crate) fn call_about_elodie(address: &str, key: &str) -> std::io::Result<Called> {
    let of_her = "quotients?nomNaissance=FONTENEAU&prenoms=Elodie&dateNaissance=1962-08-24\
                  &communeNaissance=75107&";
    ask(address, key, of_her)
}

fn ask(address: &str, key: &str, what: &str) -> std::io::Result<Called> {
    let path = format!(
        "/cnp/quotient-familial/v1/{what}context=cantine&object=Dossier%2012\
         &recipient={TOWN_SIRET}"
    );
    let more = format!("Authorization: Bearer {key}\r\n");
    let answer = Browser::new(address).send("GET", &path, &more, |_| Ok(()))?;
    let read: Value = serde_json::from_str(&answer.body)?;
    let request = answer.header("x-request-id").next().unwrap_or_default();
    Ok(Called {
        word: match answer.status {
            200 => {
                assert_eq!(read["data"], json!({ "quotientFamilial": 850 }));
                "data".to_owned()
            }
            _ => read["code"].as_str().unwrap_or_default().to_owned(),
        },
        request: request.parse().unwrap(),
        left: answer
            .header("ratelimit-remaining")
            .next()
            .map(|left| left.parse().unwrap()),
    })
}

/// The keys of gateways, and the file in which the platform reads them.
pub(crate) struct Keys {
    pub(crate) file: PathBuf,
}

impl Keys {
    /// Makes a key in each folder.
    pub(crate) fn made(file: PathBuf, folders: &[PathBuf]) -> Self {
        let own = |folder: &PathBuf| -> SigningKey {
            std::fs::create_dir_all(folder).unwrap();
            gateway::own_key(&folder.join("gateway-key.pem")).unwrap()
        };
        let keys = folders.iter().map(own);
        let keys: Vec<Value> = keys
            .map(|key| Value::Object(key.jwk().to_members()))
            .collect();
        std::fs::write(&file, json!({ "keys": keys }).to_string()).unwrap();
        Self { file }
    }

    /// The platform's setting.
    pub(crate) fn setting(&self) -> String {
        format!("exchange.gateway_keys={}", self.file.display())
    }
}

/// Fetches the keys that sign what is in force.
pub(crate) fn fetch_control_keys(platform: &str, to: &Path) {
    let published = Browser::new(platform)
        .get("/exchange/gateway/keys")
        .unwrap();
    std::fs::write(to, &published.body).unwrap();
}

/// A gateway in a process of its own; killed when dropped.
pub(crate) struct GatewayProcess {
    child: Child,
    pub(crate) address: String,
    /// The key of its log, for `verify-log`.
    pub(crate) log_key: String,
}

impl GatewayProcess {
    /// Starts one in a folder, which asks the platform at `control`.
    pub(crate) fn start(folder: &Path, control: &str, keys: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gouvernail"))
            .args(["gateway", "--listen", "127.0.0.1:0", "--threads", "1"])
            .args(["--public-url", "http://exchange.example"])
            .args(["--control", &format!("http://{control}"), "--data"])
            .arg(folder)
            .arg("--control-keys")
            .arg(keys)
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        assert!(first.contains("\"crv\":\"Ed25519\""), "{first}");
        let mut told = |beginning: &str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(beginning).unwrap().to_owned()
        };
        Self {
            log_key: told("its log's key, for verify-log: "),
            address: told("listening on "),
            child,
        }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for GatewayProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A wire between a gateway and the platform that can be cut.
pub(crate) struct Wire {
    pub(crate) address: String,
    state: Arc<std::sync::Mutex<WireState>>,
}

#[derive(Default)]
struct WireState {
    is_cut: bool,
    carried: Vec<TcpStream>,
}

impl Wire {
    pub(crate) fn to(platform: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state: Arc<std::sync::Mutex<WireState>> = Arc::default();
        let (kept, platform) = (state.clone(), platform.to_owned());
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let mut state = kept.lock().unwrap();
                if state.is_cut {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&platform) else {
                    continue;
                };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(std::net::Shutdown::Both);
                    });
                }
                state.carried.extend([near, far]);
            }
        });
        Self { address, state }
    }

    /// Ends what is carried, and carries nothing more.
    pub(crate) fn cut(&self) {
        let mut state = self.state.lock().unwrap();
        state.is_cut = true;
        for stream in state.carried.drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    pub(crate) fn mend(&self) {
        self.state.lock().unwrap().is_cut = false;
    }
}
