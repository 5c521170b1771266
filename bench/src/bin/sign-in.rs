//! Sign-in, measured from outside side by side with npm oidc-provider: the same script drives both,
//! one after the other in each round, each provider alone on one core and the script on another.
//!
//! `cargo xtask bench --sign-in` builds what is needed and runs it; `README.md` says what each number
//! means.

#![allow(clippy::print_stdout, clippy::disallowed_methods)] // a measuring tool reads the clock and talks

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use clap::Parser;
use directory::{Directory, SessionLimits, SignIn};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use identity::Identity;
use identity::domain::ClientForm;
use kit_access::Actor;
use kit_db::{Db, DbOptions};
use kit_egress::{Egress, EgressSettings};
use kit_jobs::Jobs;
use kit_time::Source;
use serde::Deserialize;
use serde_json::Value;
use tokio::task::JoinSet;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Measures sign-in.
#[derive(Debug, Parser)]
struct Options {
    /// The program.
    #[arg(long)]
    program: PathBuf,
    /// The folder of the peer, with its packages installed.
    #[arg(long)]
    peer: PathBuf,
    /// A `PostgreSQL` to measure too: `postgres://…`, a database of its own.
    #[arg(long)]
    postgres: Option<String>,
    /// A folder for the program's files, emptied first.
    #[arg(long)]
    data: PathBuf,
    /// Rounds of which the median is told.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each kind in a round.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Connections that ask at once.
    #[arg(long, default_value_t = 8)]
    connections: usize,
}

/// A provider under measure: what it says of itself when it is ready.
#[derive(Debug, Clone, Deserialize)]
struct Ready {
    issuer: String,
    client_id: String,
    client_secret: String,
    /// Of a browser in which somebody is signed in.
    cookie: String,
}

/// A provider, running.
struct Provider {
    name: &'static str,
    child: Child,
    ready: Ready,
    paths: Paths,
}

/// Where it is called.
#[derive(Debug, Clone)]
struct Paths {
    authorize: String,
    token: String,
    userinfo: String,
    introspection: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Provider {
    fn memory_mib(&self, field: &str) -> Result<f64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kib: f64 = line
            .and_then(|line| line.split_whitespace().next())
            .ok_or("the memory isn't told")?
            .parse()?;
        Ok(kib / 1_024.0)
    }

    /// Processor time that it has used, in seconds; what a database server uses isn't in it.
    fn cpu_seconds(&self) -> Result<f64, Failed> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in brackets, may hold anything.
        let after = stat.rsplit_once(") ").ok_or("no times are told")?.1;
        let mut fields = after.split(' ').skip(11);
        let mut ticks = || -> Result<f64, Failed> {
            Ok(fields.next().ok_or("a time isn't told")?.parse::<f64>()?)
        };
        Ok((ticks()? + ticks()?) / 100.0)
    }

    fn address(&self) -> &str {
        self.ready.issuer.trim_start_matches("http://")
    }
}

/// On the first core, alone.
fn pinned(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program);
    command
}

/// The first line that begins so; what is said before it doesn't matter.
fn line_of(child: &mut Child, beginning: &str) -> Result<String, Failed> {
    let out = child.stdout.take().ok_or("it has no output")?;
    let mut lines = BufReader::new(out).lines();
    for line in lines.by_ref() {
        let line = line?;
        if line.starts_with(beginning) {
            // What it says later is read too: a closed pipe would end it.
            std::thread::spawn(move || lines.count());
            return Ok(line);
        }
    }
    Err("it ended before it was ready".into())
}

fn peer(folder: &Path) -> Result<(Child, Ready), Failed> {
    let mut child = pinned(Path::new("node"))
        .arg("provider.mjs")
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let ready = serde_json::from_str(&line_of(&mut child, "{")?)?;
    Ok((child, ready))
}

const PASSWORD: &str = "un long mot de passe";

/// Our program on a fresh database with one service and one session.
async fn ours(program: &Path, database: &str, data: &Path) -> Result<(Child, Ready), Failed> {
    std::fs::create_dir_all(data)?;
    let mut child = pinned(program)
        .env("GOUVERNAIL_DATABASE__URL", database)
        .env("GOUVERNAIL_LIMITS__REQUESTS_PER_MINUTE", "1000000")
        .env("GOUVERNAIL_TELEMETRY__FILTER", "error")
        // As in packaging/gouvernail.service.
        .env("MALLOC_ARENA_MAX", "2")
        .env("MALLOC_MMAP_THRESHOLD_", "1048576")
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()?;
    let line = line_of(&mut child, "listening on ")?;
    let issuer = line.trim_start_matches("listening on ").to_owned();
    let db = Db::open(&DbOptions::new(database)).await?;
    let source = Source::system();
    let jobs = Jobs::new(db.clone(), source.clone());
    let limits = SessionLimits::default();
    let directory = Directory::new(db.clone(), source.clone(), jobs.clone(), limits, &issuer);
    let egress = Egress::new(EgressSettings::default(), source.clone())?;
    let identity = Identity::new(
        db.clone(),
        source,
        jobs,
        Arc::new(directory.accounts_port()),
        Arc::new(directory.organisations_port()),
        egress,
        &issuer,
    );
    let actor = Actor::system("bench");
    let person = directory
        .add_person(&actor, "Ada Martin", "ada@min.example", None)
        .await?;
    directory
        .set_password(person, PASSWORD)
        .await?
        .map_err(|_| "the password is refused")?;
    let SignIn::Done(session) = directory.sign_in("ada@min.example", PASSWORD).await? else {
        return Err("nobody is signed in".into());
    };
    let form = ClientForm {
        name: "Bench".into(),
        purpose: "Mesurer".into(),
        profile: "standard".into(),
        auth_method: "client_secret_basic".into(),
        redirect_uris: "https://service.example/cb".into(),
        scopes: ["openid", "profile", "email"].map(str::to_owned).into(),
        subject_type: "pairwise".into(),
        id_token_algorithm: "ES256".into(),
        refreshes: true,
        acts_for_itself: true,
        needs_pkce: true,
        ..ClientForm::default()
    };
    let service = identity.register(&actor, &form).await?;
    db.close().await;
    let secret = service.secret.ok_or("the service has no secret")?.0;
    let ready = Ready {
        issuer,
        client_id: service.client_id,
        client_secret: secret,
        cookie: format!("__Host-session={}", session.token),
    };
    Ok((child, ready))
}

/// One connection that is kept.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    async fn open(address: &str) -> Result<Self, Failed> {
        let stream = tokio::net::TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: address.to_owned(),
        })
    }

    /// Sends a request; gives the status, where it leads, and the body.
    async fn send(
        &mut self,
        path: &str,
        (name, value): (&str, &str),
        form: Option<String>,
    ) -> Result<(StatusCode, String, Bytes), Failed> {
        let mut request = Request::builder()
            .uri(path)
            .header("host", &self.host)
            .header(name, value);
        if form.is_some() {
            request = request
                .method("POST")
                .header("content-type", "application/x-www-form-urlencoded");
        }
        let request = request.body(Full::from(form.unwrap_or_default()))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let location = answer.headers().get("location");
        let location = location.and_then(|value| value.to_str().ok());
        let location = location.unwrap_or_default().to_owned();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok((status, location, body))
    }
}

async fn paths(ready: &Ready) -> Result<Paths, Failed> {
    let address = ready.issuer.trim_start_matches("http://");
    let mut connection = Connection::open(address).await?;
    let path = "/.well-known/openid-configuration";
    let (_, _, body) = connection.send(path, ("accept", "*/*"), None).await?;
    let known: Value = serde_json::from_slice(&body)?;
    let path = |name: &str| {
        let whole = known[name].as_str().unwrap_or_default();
        whole.trim_start_matches(&ready.issuer).to_owned()
    };
    Ok(Paths {
        authorize: path("authorization_endpoint"),
        token: path("token_endpoint"),
        userinfo: path("userinfo_endpoint"),
        introspection: path("introspection_endpoint"),
    })
}

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Authorization with PKCE, the code for tokens, userinfo.
    Flow,
    /// A token for the service itself.
    ForItself,
    /// What a token is worth.
    Introspection,
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs).finish()
}

fn basic(ready: &Ready) -> String {
    // Form-encoded before (RFC 6749, section 2.3.1).
    let encode =
        |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = format!(
        "{}:{}",
        encode(&ready.client_id),
        encode(&ready.client_secret)
    );
    let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
    format!("Basic {encoded}")
}

fn must(status: StatusCode, expected: StatusCode, what: &str, body: &[u8]) -> Result<(), Failed> {
    if status == expected {
        return Ok(());
    }
    let body = String::from_utf8_lossy(body);
    Err(format!(
        "{what}: {status} {}",
        body.chars().take(300).collect::<String>()
    )
    .into())
}

/// One flow; gives the access token.
async fn flow(
    connection: &mut Connection,
    ready: &Ready,
    paths: &Paths,
    number: usize,
) -> Result<String, Failed> {
    let state = format!("state-{number}-0123456789");
    let query = encoded(&[
        ("response_type", "code"),
        ("client_id", &ready.client_id),
        ("redirect_uri", "https://service.example/cb"),
        ("scope", "openid profile email"),
        ("state", &state),
        ("nonce", &state),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let path = format!("{}?{query}", paths.authorize);
    let (status, location, body) = connection
        .send(&path, ("cookie", &ready.cookie), None)
        .await?;
    if !status.is_redirection() {
        must(status, StatusCode::FOUND, "authorize", &body)?;
    }
    let query = location.split_once('?').map_or("", |(_, query)| query);
    let find = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let code = find("code").ok_or_else(|| format!("no code: {location}"))?;
    if find("state").as_deref() != Some(&state) {
        return Err("another state came back".into());
    }
    let form = encoded(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "https://service.example/cb"),
        ("code_verifier", VERIFIER),
    ]);
    let header = basic(ready);
    let (status, _, body) = connection
        .send(&paths.token, ("authorization", &header), Some(form))
        .await?;
    must(status, StatusCode::OK, "token", &body)?;
    let tokens: Value = serde_json::from_slice(&body)?;
    if tokens["id_token"].as_str().is_none() {
        return Err("no identity token".into());
    }
    let access = tokens["access_token"]
        .as_str()
        .ok_or("no access token")?
        .to_owned();
    let bearer = format!("Bearer {access}");
    let (status, _, body) = connection
        .send(&paths.userinfo, ("authorization", &bearer), None)
        .await?;
    must(status, StatusCode::OK, "userinfo", &body)?;
    let told: Value = serde_json::from_slice(&body)?;
    if told["email"] != "ada@min.example" {
        return Err(format!("userinfo says {told}").into());
    }
    Ok(access)
}

async fn once(
    kind: Kind,
    connection: &mut Connection,
    ready: &Ready,
    paths: &Paths,
    number: usize,
    token: &str,
) -> Result<(), Failed> {
    let header = basic(ready);
    match kind {
        Kind::Flow => flow(connection, ready, paths, number).await.map(drop),
        Kind::ForItself => {
            let form = encoded(&[("grant_type", "client_credentials"), ("scope", "email")]);
            let (status, _, body) = connection
                .send(&paths.token, ("authorization", &header), Some(form))
                .await?;
            must(status, StatusCode::OK, "client credentials", &body)
        }
        Kind::Introspection => {
            let form = encoded(&[("token", token)]);
            let (status, _, body) = connection
                .send(&paths.introspection, ("authorization", &header), Some(form))
                .await?;
            must(status, StatusCode::OK, "introspection", &body)?;
            let told: Value = serde_json::from_slice(&body)?;
            if told["active"] == true {
                Ok(())
            } else {
                Err("the token isn't active".into())
            }
        }
    }
}

/// How many a second, and how many for each second of processor time, over `connections`, for `time`.
async fn measure(
    provider: &Provider,
    kind: Kind,
    connections: usize,
    time: Duration,
) -> Result<[f64; 2], Failed> {
    let mut first = Connection::open(provider.address()).await?;
    let token = flow(&mut first, &provider.ready, &provider.paths, 0).await?;
    let mut workers: JoinSet<Result<usize, Failed>> = JoinSet::new();
    let used = provider.cpu_seconds()?;
    let begun = Instant::now();
    for worker in 0..connections {
        let (ready, paths) = (provider.ready.clone(), provider.paths.clone());
        let (address, token) = (provider.address().to_owned(), token.clone());
        workers.spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mut done = 0;
            while begun.elapsed() < time {
                let number = worker * 1_000_000 + done;
                once(kind, &mut connection, &ready, &paths, number, &token).await?;
                done += 1;
            }
            Ok(done)
        });
    }
    let mut all = 0;
    while let Some(done) = workers.join_next().await {
        all += done??;
    }
    let took = begun.elapsed().as_secs_f64();
    let used = provider.cpu_seconds()? - used;
    Ok([all as f64 / took, all as f64 / used.max(0.01)])
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let options = Options::parse();
    let data = &options.data;
    if data.exists() {
        std::fs::remove_dir_all(data)?;
    }
    std::fs::create_dir_all(data)?;
    let mut providers = Vec::new();
    let (child, ready) = peer(&options.peer)?;
    providers.push(("oidc-provider (memory)", child, ready));
    let file = format!("sqlite:{}", data.join("sign-in.sqlite").display());
    let (child, ready) = ours(&options.program, &file, &data.join("sqlite")).await?;
    providers.push(("Gouvernail (SQLite)", child, ready));
    if let Some(database) = &options.postgres {
        let (child, ready) = ours(&options.program, database, &data.join("postgres")).await?;
        providers.push(("Gouvernail (PostgreSQL)", child, ready));
    }
    let mut all = Vec::new();
    for (name, child, ready) in providers {
        let paths = paths(&ready).await?;
        all.push(Provider {
            name,
            child,
            ready,
            paths,
        });
    }
    let mut at_rest = Vec::new();
    for provider in &all {
        at_rest.push(provider.memory_mib("VmRSS:")?);
    }
    let kinds = [Kind::Flow, Kind::ForItself, Kind::Introspection];
    let mut figures = vec![vec![[Vec::new(), Vec::new()]; kinds.len()]; all.len()];
    for round in 0..options.rounds {
        for (at, kind) in kinds.into_iter().enumerate() {
            for (which, provider) in all.iter().enumerate() {
                let time = Duration::from_secs(options.seconds);
                let [speed, each] = measure(provider, kind, options.connections, time).await?;
                println!(
                    "round {}: {} {kind:?} {speed:.0}/s, {each:.0} for each second of processor",
                    round + 1,
                    provider.name
                );
                figures[which][at][0].push(speed);
                figures[which][at][1].push(each);
            }
        }
    }
    for (measure, title) in ["a second", "a second of its processor time"]
        .into_iter()
        .enumerate()
    {
        println!(
            "\n| provider, {title} | flows | × | tokens for itself | × | introspections | × |"
        );
        println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        let mut peers = Vec::new();
        for (which, provider) in all.iter().enumerate() {
            let mut row = format!("| {}", provider.name);
            for (at, figures) in figures[which].iter_mut().enumerate() {
                let number = median(&mut figures[measure]);
                if which == 0 {
                    peers.push(number);
                }
                row.push_str(&format!(" | {number:.0} | {:.1}", number / peers[at]));
            }
            println!("{row} |");
        }
    }
    println!("\n| provider | memory at rest | at the end | at most |");
    println!("| --- | ---: | ---: | ---: |");
    for (provider, rest) in all.iter().zip(at_rest) {
        let (now, most) = (
            provider.memory_mib("VmRSS:")?,
            provider.memory_mib("VmHWM:")?,
        );
        println!(
            "| {} | {rest:.0} MiB | {now:.0} MiB | {most:.0} MiB |",
            provider.name
        );
    }
    Ok(())
}
