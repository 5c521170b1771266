//! The exchange and its gateways, joined: what is in force goes out, traces come in.
//!
//! ```text
//!   exchange ──▶ Desk ──signed──▶ gateway here, and on other machines
//!      ▲                              │
//!      └────── traces ◀── its log ◀───┘
//! ```

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use exchange::{Exchange, ExchangeError};
use gateway::{
    Desk, Follower, Gateway, GatewaySettings, Here, Keeping, LedgerSink, LoggedAlarms, Made,
    REPORT_PATH, ReportKeeper, Reporter, SNAPSHOT_PATH, SnapshotMaker, Taken, Told, control_keys,
    own_key,
};
use jose::jwk::{JwkSet, SigningKey};
use kit_access::{Holders, Permission};
use kit_http::{
    Failure, HeaderMap, IntoResponse, Json, JsonAnswer, Method, ModuleRoutes, Query, Response,
    Routes, State, StatusCode,
};
use kit_ledger::Ledger;
use ports::exchange::{GatewayReport, Snapshot};
use ports::{Answered, PortError, TraceProof, TraceProofs};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::app::Platform;
use crate::error::CommandError;
use crate::gateway_log::open_log;

/// Ask as a gateway: each proves by its key that it is one.
const ASK: Permission = Permission {
    name: "platform.gateway.ask",
    holders: Holders::Everybody,
};
/// Where the public half of the key stands that signs what is in force.
const KEYS_PATH: &str = "/exchange/gateway/keys";
/// What this program is.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// How the exchange's gateways are set up.
#[derive(Debug, Clone)]
pub(crate) struct DataPlaneSettings {
    /// Folder of the gateway of this process.
    pub(crate) folder: PathBuf,
    /// Where this process answers calls itself, if it does.
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// The address at which requesters reach that gateway.
    pub(crate) url: Option<String>,
    /// What its log is named after instead of that address, where the address isn't the same at each
    /// start: a log keeps its name.
    pub(crate) log_name: Option<String>,
    /// File of the public keys of gateways on other machines.
    pub(crate) gateway_keys: Option<PathBuf>,
    /// File of the key that signs what is in force.
    pub(crate) control_key: PathBuf,
}

/// The desk, once the platform serves: commands that don't serve need no key. Beside it the log of the
/// gateway of this process, by the name under which its traces are kept, if it answers calls itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct DataPlane(Arc<OnceLock<Open>>, Arc<OnceLock<(String, Ledger)>>);

impl TraceProofs for DataPlane {
    fn holds(&self, log: &str) -> bool {
        self.1.get().is_some_and(|(name, _)| name == log)
    }

    fn proof<'f>(&'f self, log: &'f str, index: u64) -> Answered<'f, Option<TraceProof>> {
        let port = |error: kit_ledger::LedgerError| PortError(Box::new(error));
        Box::pin(async move {
            let Some((_, ledger)) = self.1.get().filter(|(name, _)| name == log) else {
                return Ok(None);
            };
            if index < ledger.first() || index >= ledger.tree().size() {
                return Ok(None);
            }
            let rows = ledger.read_from(index, 1).await.map_err(port)?;
            let Some(row) = rows.into_iter().find(|row| row.index == index) else {
                return Ok(None);
            };
            let inclusion = ledger.prove_inclusion(index).await.map_err(port)?;
            Ok(Some(TraceProof {
                row: row.entry.to_vec(),
                salt: row.salt.to_vec(),
                inclusion: inclusion.to_string(),
            }))
        })
    }
}

#[derive(Debug)]
struct Open {
    desk: Arc<Desk>,
    key: Arc<SigningKey>,
}

/// The exchange, as the desk asks it.
struct Maker(Exchange);

impl SnapshotMaker for Maker {
    fn number(&self) -> Made<'_, u64> {
        Box::pin(async move { Ok(self.0.snapshot_number().await?) })
    }

    fn snapshot(&self) -> Made<'_, Snapshot> {
        Box::pin(async move { Ok(self.0.snapshot().await?) })
    }
}

impl ReportKeeper for Maker {
    fn keep<'k>(
        &'k self,
        gateway: &'k str,
        known: &'k [String],
        report: &'k GatewayReport,
    ) -> Keeping<'k> {
        Box::pin(async move {
            match self.0.keep_report(gateway, known, report).await {
                Ok(told) => Ok(Some(told)),
                Err(error @ (ExchangeError::Stale | ExchangeError::Mistakes(_))) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, gateway, log = report.log, "gateway.report.refuse");
                    Ok(None)
                }
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// What gateways ask.
pub(crate) fn routes(platform: Platform) -> ModuleRoutes {
    Routes::new("platform")
        .protocol(Method::GET, SNAPSHOT_PATH, &ASK, snapshot)
        .protocol(Method::POST, REPORT_PATH, &ASK, report)
        .protocol(Method::GET, KEYS_PATH, &ASK, keys)
        .with_state(platform)
}

#[derive(Debug, Deserialize)]
struct Known {
    /// The number that the gateway knows.
    known: Option<u64>,
    /// Milliseconds that it waits for another one.
    wait_ms: Option<u64>,
}

fn not_yet() -> Failure {
    Failure::Unavailable("the exchange's desk isn't open".into())
}

async fn snapshot(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Query(asked): Query<Known>,
) -> Result<Response, Failure> {
    let open = platform.data_plane.0.get().ok_or_else(not_yet)?;
    let shown = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let wait = asked.wait_ms.map(Duration::from_millis);
    let told = open.desk.answer(shown, asked.known, wait).await;
    let no_store = [("cache-control", "no-store")];
    Ok(
        match told.map_err(|error| Failure::Unavailable(error.into()))? {
            Told::Stranger => (StatusCode::UNAUTHORIZED, no_store).into_response(),
            Told::Same => (StatusCode::NO_CONTENT, no_store).into_response(),
            Told::Newer(signed) => {
                let kind = [("content-type", "application/jose")];
                (StatusCode::OK, no_store, kind, signed.0).into_response()
            }
        },
    )
}

#[derive(Debug, Deserialize)]
struct Reported {
    /// What the gateway signed: a JWS that holds all of it.
    report: String,
}

async fn report(
    State(platform): State<Platform>,
    Json(sent): Json<Reported>,
) -> Result<Response, Failure> {
    let open = platform.data_plane.0.get().ok_or_else(not_yet)?;
    let taken = open.desk.take_report(&sent.report).await;
    Ok(
        match taken.map_err(|error| Failure::Unavailable(error.into()))? {
            Taken::Stranger => StatusCode::UNAUTHORIZED.into_response(),
            Taken::Refused => StatusCode::CONFLICT.into_response(),
            Taken::Told(told) => JsonAnswer(serde_json::json!(told)).into_response(),
        },
    )
}

async fn keys(State(platform): State<Platform>) -> Result<Response, Failure> {
    let open = platform.data_plane.0.get().ok_or_else(not_yet)?;
    let set = JwkSet {
        keys: vec![open.key.jwk()],
        skipped: Vec::new(),
    };
    Ok(JsonAnswer(set.to_json()).into_response())
}

/// Opens the desk, and answers calls in this process where the settings say so; gives the address at
/// which requesters reach it.
pub(crate) async fn open(platform: &Platform) -> Result<Option<String>, CommandError> {
    let told = &platform.settings.data_plane;
    if let Some(folder) = told.control_key.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let key = Arc::new(own_key(&told.control_key)?);
    let gateways = match &told.gateway_keys {
        None => Vec::new(),
        Some(path) => {
            let read = std::fs::read(path);
            let text = read.map_err(|error| CommandError::File {
                path: path.display().to_string(),
                error,
            })?;
            control_keys(&text)?
        }
    };
    let public_url = platform.settings.public_url();
    let maker = Arc::new(Maker(platform.exchange.clone()));
    let source = platform.source.clone();
    let desk = Desk::new(maker.clone(), key.clone(), gateways, &public_url, source);
    let desk = Arc::new(desk.with_keeper(maker));
    // A second opening of one platform finds it open.
    let _ = platform.data_plane.0.set(Open {
        desk: desk.clone(),
        key: key.clone(),
    });
    match told.listen {
        None => Ok(None),
        Some(listen) => answer(platform, listen, desk, &key).await.map(Some),
    }
}

/// A gateway in this process: it asks the desk without a network.
async fn answer(
    platform: &Platform,
    listen: std::net::SocketAddr,
    desk: Arc<Desk>,
    key: &SigningKey,
) -> Result<String, CommandError> {
    let told = &platform.settings.data_plane;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| CommandError::File {
            path: format!("listening on {listen} for calls of the exchange"),
            error,
        })?;
    let listen = listener.local_addr()?;
    let url = told
        .url
        .clone()
        .unwrap_or_else(|| format!("http://{listen}"));
    let own = Arc::new({
        std::fs::create_dir_all(&told.folder)?;
        own_key(&told.folder.join("gateway-key.pem"))?
    });
    let named = told.log_name.as_ref().unwrap_or(&url);
    let ledger = open_log(&told.folder, named, &platform.source).await?;
    let here = Here {
        desk: desk.clone(),
        gateway: own.kid().to_owned(),
    };
    let settings = GatewaySettings {
        public_url: url.clone(),
        upstream_key: Some(own),
        ..GatewaySettings::default()
    };
    let sink = Arc::new(LedgerSink(ledger.clone()));
    let gateway = Gateway::new(
        settings,
        platform.source.clone(),
        sink,
        Arc::new(LoggedAlarms),
    );
    let trusted = key.verification_key();
    let trusted = trusted.map_err(|error| CommandError::Usage(error.to_string()))?;
    let follower = Follower::new(gateway.clone(), vec![trusted], None);
    tokio::spawn(async move { follower.follow(&*desk).await });
    tokio::spawn(ledger.clone().keep_sealing());
    let reporter = Reporter::new(gateway.clone(), ledger.clone(), VERSION);
    // A second opening of one platform finds it open.
    let _ = platform
        .data_plane
        .1
        .set((reporter.log().to_owned(), ledger));
    tokio::spawn(async move { reporter.work(&here).await });
    tokio::spawn(async move {
        if let Err(error) = gateway.serve(listener, kit_http::asked_to_stop()).await {
            tracing::error!(error = &error as &dyn std::error::Error, "gateway.serve");
        }
    });
    tracing::info!(%listen, "gateway.listen");
    Ok(url)
}
