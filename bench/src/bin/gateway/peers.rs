//! What is measured, started: a producer, nginx, `HAProxy` and the gateway, each with one worker.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jose::Algorithm;
use jose::claims::Claims;
use jose::jwk::SigningKey;
use jose::jws::{Signing, sign};
use ports::exchange::{
    AccreditationGrant, ApiGrant, ApiRoute, OnBehalf, OperationRoute, Parameter, Party,
    ScopeFields, Snapshot, UpstreamProof,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{BELOW, CALL, Failed};

const ISSUER: &str = "https://identity.example";
const AUDIENCE: &str = "https://exchange.example";
const TOWN: &str = "21750001600019";

/// All that runs; it ends with this.
pub(crate) struct Peers {
    pub(crate) upstream: u16,
    pub(crate) nginx: u16,
    pub(crate) haproxy: u16,
    pub(crate) gateway: u16,
    pub(crate) token: String,
    children: Vec<Child>,
    data: std::path::PathBuf,
}

impl Drop for Peers {
    fn drop(&mut self) {
        for child in &mut self.children {
            // It may have ended by itself.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// A free port. Somebody else may take it before its user does: then the measure fails and is run
/// again.
fn port() -> Result<u16, Failed> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// 1 KiB of JSON, of which a part is granted.
fn household() -> String {
    let member = |at: usize| {
        json!({ "nom": "Dupont", "prenoms": ["Camille", "Ada"], "date_naissance": "2014-03-01",
                "nir": format!("2{at:014}"), "rang": at })
    };
    let mut answer = json!({
        "quotient_familial": { "valeur": 850, "annee": 2026, "mois": 5, "revenu": 1234.5 },
        "allocataires": [member(1), member(2)],
        "enfants": [member(3), member(4), member(5)],
        "adresse": { "rue": "1 place du Marché", "code_postal": "75001", "ville": "Paris" },
        "reste": "",
    });
    let missing = 1_024_usize.saturating_sub(answer.to_string().len());
    answer["reste"] = "x".repeat(missing).into();
    answer.to_string()
}

fn snapshot(key: &SigningKey) -> Snapshot {
    let party = |id, siret: &str, name: &str| Party {
        id: Uuid::from_u128(id),
        siret: siret.to_owned(),
        name: name.to_owned(),
    };
    let fields = [
        "quotient_familial.valeur",
        "quotient_familial.annee",
        "enfants.*.prenoms",
        "enfants.*.rang",
        "reste",
    ];
    Snapshot {
        number: 1,
        made_at: Timestamp::now(),
        environment: "test".to_owned(),
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        keys: json!({ "keys": [Value::Object(key.jwk().to_members())] }),
        apis: vec![ApiRoute {
            id: Uuid::from_u128(1),
            name: "Quotient familial".to_owned(),
            producer: party(2, "13002526500013", "Caisse de démonstration"),
            prefix: "caf/quotient-familial".to_owned(),
            upstreams: Vec::new(),
            health_path: Some(BELOW.to_owned()),
            timeout_ms: 10_000,
            proof: UpstreamProof::None,
            operations: vec![OperationRoute {
                id: Uuid::from_u128(3),
                name: "getFoyer".to_owned(),
                method: "GET".to_owned(),
                path: "/v1/foyers/{numero}".to_owned(),
                scopes: vec![ScopeFields {
                    scope: "quotient".to_owned(),
                    fields: fields.map(str::to_owned).to_vec(),
                    tells_identity: false,
                }],
                subject: vec![Parameter::Path("numero".to_owned())],
                pieces_saved: 1,
                hidden_days: 0,
                on_behalf: OnBehalf::Closed,
                level_min: 0,
            }],
            pseudonym_key: "0a".repeat(32),
        }],
        accreditations: vec![AccreditationGrant {
            id: Uuid::from_u128(4),
            version: 1,
            requester: party(5, TOWN, "Ville de démonstration"),
            editor: None,
            clients: vec!["town".to_owned()],
            apis: vec![ApiGrant {
                api: Uuid::from_u128(1),
                scopes: vec!["quotient".to_owned()],
            }],
            purposes: vec!["CANTINE".to_owned()],
            legal_basis: "CRPA L114-8".to_owned(),
            addresses: vec!["127.0.0.0/8".to_owned()],
            recipients: Vec::new(),
            per_minute: u32::MAX,
            per_day: u64::MAX,
            valid_until: Timestamp::MAX,
            key_hashes: Vec::new(),
            hidden_days: 0,
            on_behalf: false,
        }],
        stops: Vec::new(),
        per_address_per_minute: u32::MAX,
        form: ports::exchange::SNAPSHOT_FORM,
        behalf: None,
    }
}

/// A token that the gateway takes and that `HAProxy` verifies: RS256, which is what it verifies
/// fastest.
fn token(key: &SigningKey) -> Result<String, Failed> {
    let claims = Claims::new()
        .issuer(ISSUER)
        .subject("town")
        .audience(AUDIENCE)
        .lifetime(Timestamp::now().as_second(), 3_600)
        .id("measure")
        .with("client_id", "town")
        .with("environment", "test")
        .with(
            "accreditation",
            json!({ "id": Uuid::from_u128(4).to_string(), "version": 1 }),
        );
    let signing = Signing {
        typ: Some("at+jwt"),
        ..Signing::default()
    };
    Ok(sign(key, &signing, &claims.to_bytes())?)
}

const NGINX_COMMON: &str = "worker_processes 1; master_process off; daemon off; error_log stderr error; pid {pid};
events { worker_connections 1024; }
http { access_log off; keepalive_requests 100000000; default_type application/json;
  client_body_temp_path {tmp}; proxy_temp_path {tmp}; fastcgi_temp_path {tmp}; uwsgi_temp_path {tmp}; scgi_temp_path {tmp};
";

impl Peers {
    /// Starts all, and waits until each answers.
    pub(crate) async fn start(data: &Path) -> Result<Self, Failed> {
        if data.exists() {
            std::fs::remove_dir_all(data)?;
        }
        std::fs::create_dir_all(data)?;
        let data = data.canonicalize()?;
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| "no key")?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| "no key")?;
        let key = SigningKey::from_pkcs8(Algorithm::Rs256, der.as_ref())?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| "no key")?;
        let lines: Vec<String> = STANDARD
            .encode(public.as_ref())
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        );
        std::fs::write(data.join("public.pem"), pem)?;
        std::fs::write(
            data.join("snapshot.json"),
            serde_json::to_vec(&snapshot(&key))?,
        )?;
        let mut peers = Self {
            upstream: port()?,
            nginx: port()?,
            haproxy: port()?,
            gateway: port()?,
            token: token(&key)?,
            children: Vec::new(),
            data,
        };
        peers.start_nginx(
            "producer",
            peers.upstream,
            &format!("return 200 '{}';", household()),
        )?;
        let pass =
            "proxy_pass http://producer; proxy_http_version 1.1; proxy_set_header Connection '';";
        peers.start_nginx("proxy", peers.nginx, pass)?;
        peers.start_haproxy()?;
        let program = std::env::current_exe()?;
        let (own, upstream) = (peers.gateway.to_string(), peers.upstream.to_string());
        let mut gateway = Command::new(program);
        gateway.arg("serve").arg("--data").arg(&peers.data);
        gateway.args(["--port", &own, "--upstream", &upstream]);
        peers.children.push(gateway.spawn()?);
        for (port, path) in [
            (peers.upstream, BELOW),
            (peers.nginx, BELOW),
            (peers.haproxy, BELOW),
            (peers.gateway, CALL),
        ] {
            peers.wait(port, path).await?;
        }
        Ok(peers)
    }

    async fn wait(&self, port: u16, path: &'static str) -> Result<(), Failed> {
        let mut last = None;
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let once = Duration::from_millis(20);
            match crate::load::at_rate(port, path, &self.token, 1, 100.0, once) {
                Ok(_) => return Ok(()),
                Err(error) => last = Some(error),
            }
        }
        Err(format!("nothing answers on port {port}: {last:?}").into())
    }

    fn start_nginx(&mut self, name: &str, port: u16, location: &str) -> Result<(), Failed> {
        let folder = self.data.join(name);
        std::fs::create_dir_all(&folder)?;
        let place = |file: &str| folder.join(file).display().to_string();
        let common = NGINX_COMMON
            .replace("{pid}", &place("pid"))
            .replace("{tmp}", &place("tmp"));
        let upstream = self.upstream;
        let config = format!(
            "{common} upstream producer {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port} reuseport; location / {{ {location} }} }} }}\n"
        );
        std::fs::write(folder.join("nginx.conf"), config)?;
        let mut nginx = Command::new("nginx");
        nginx
            .arg("-p")
            .arg(&folder)
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .args(["-e", "stderr"]);
        self.children.push(nginx.spawn()?);
        Ok(())
    }

    fn start_haproxy(&mut self) -> Result<(), Failed> {
        let (upstream, port) = (self.upstream, self.haproxy);
        let key = self.data.join("public.pem").display().to_string();
        let config = format!(
            "global
  nbthread 1
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout connect 3s
  timeout client 30s
  timeout server 10s
  http-reuse always
frontend in
  bind 127.0.0.1:{port}
  http-request deny content-type 'text/html' string 'no token' unless {{ req.hdr(authorization) -m found }}
  http-request set-var(txn.iss) http_auth_bearer,jwt_payload_query('$.iss')
  http-request set-var(txn.aud) http_auth_bearer,jwt_payload_query('$.aud')
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny unless {{ var(txn.iss) -m str {ISSUER} }}
  http-request deny unless {{ var(txn.aud) -m str {AUDIENCE} }}
  http-request deny if {{ var(txn.exp),sub(txn.now) -m int lt 0 }}
  http-request deny unless {{ http_auth_bearer,jwt_verify('RS256','{key}') 1 }}
  default_backend producer
backend producer
  server one 127.0.0.1:{upstream}
"
        );
        let path = self.data.join("haproxy.cfg");
        std::fs::write(&path, config)?;
        let log = std::fs::File::create(self.data.join("haproxy.log"))?;
        let haproxy = Command::new("haproxy")
            .arg("-db")
            .arg("-f")
            .arg(&path)
            .stdout(Stdio::from(log))
            .spawn()?;
        self.children.push(haproxy);
        Ok(())
    }

    /// Ends all, and counts the traces in the gateway's log by its head.
    pub(crate) fn end(mut self) -> Result<String, Failed> {
        // The last entries are sealed within a second.
        std::thread::sleep(Duration::from_millis(2_500));
        for child in &mut self.children {
            drop(child.kill());
            drop(child.wait());
        }
        self.children.clear();
        let checkpoint = std::fs::read_to_string(self.data.join("files/log/traces/checkpoint"))?;
        Ok(checkpoint.lines().nth(1).unwrap_or_default().to_owned())
    }
}
