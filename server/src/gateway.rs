//! `gouvernail gateway`: answers calls of the data exchange on a machine of its own.
//!
//! It asks the control plane what is in force, keeps the last answer, and keeps traces in a log of its
//! own. It opens no database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway::{
    Follower, GatewaySettings, Identity, LedgerSink, LoggedAlarms, RemoteControl, Reporter,
    control_keys, own_key,
};
use kit_time::Source;
use tokio::net::TcpListener;

use crate::cli::Gateway;
use crate::data_plane::VERSION;
use crate::error::CommandError;
use crate::gateway_log::open_log;

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path).map_err(|error| CommandError::File {
        path: path.display().to_string(),
        error,
    })
}

/// Answers until the process is told to end.
pub(crate) async fn run(told: &Gateway) -> Result<(), CommandError> {
    let source = Source::system();
    let folder = &told.data;
    std::fs::create_dir_all(folder)?;
    let key = Arc::new(own_key(&folder.join("gateway-key.pem"))?);
    let settings = settings(told, key.clone())?;
    let control = control_keys(&read(&told.control_keys)?)?;
    if control.is_empty() {
        let told = "the file of --control-keys holds no Ed25519 key".to_owned();
        return Err(CommandError::Usage(told));
    }
    let ledger = open_log(folder, &told.public_url, &source).await?;
    let remote = RemoteControl::new(&settings, &told.control, key.clone(), source.clone())?;
    let remote = remote.known_as(told.control_name.as_ref().unwrap_or(&told.control));
    let remote = Arc::new(remote);
    let sink = Arc::new(LedgerSink(ledger.clone()));
    let gateway = gateway::Gateway::new(settings, source, sink, Arc::new(LoggedAlarms));
    let follower = Follower::new(gateway.clone(), control, Some(folder.join("snapshot.jws")));
    if let Err(error) = follower.begin() {
        // Without its copy it waits for the control plane.
        tracing::warn!(error = &error as &dyn std::error::Error, "gateway.copy");
    }
    let listener = TcpListener::bind(told.listen).await?;
    let public = serde_json::Value::Object(key.jwk().to_members());
    let log: Vec<String> = ledger.tree().signing().map(ToString::to_string).collect();
    let log = log.join(" and ");
    crate::commands::print(&format!(
        "this gateway's key, for the control plane: {public}\n\
         its log's key, for verify-log: {log}\nlistening on {}\n",
        listener.local_addr()?
    ))?;
    let asked = remote.clone();
    let following = tokio::spawn(async move { follower.follow(&*asked).await });
    let reporter = Reporter::new(gateway.clone(), ledger.clone(), VERSION);
    let reporting = tokio::spawn(async move { reporter.work(&*remote).await });
    let sealing = tokio::spawn(ledger.clone().keep_sealing());
    let served = gateway.serve(listener, kit_http::asked_to_stop()).await;
    following.abort();
    reporting.abort();
    sealing.abort();
    // What was acknowledged is on the disk already; sealing it now saves it for the next start.
    if let Err(error) = ledger.seal().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "ledger.seal.fail");
    }
    Ok(served?)
}

fn settings(
    told: &Gateway,
    key: Arc<jose::jwk::SigningKey>,
) -> Result<GatewaySettings, CommandError> {
    let identity = |pair: &Option<Vec<std::path::PathBuf>>| match pair.as_deref() {
        Some([certificates, key]) => Ok(Some(Identity {
            certificates_pem: read(certificates)?,
            key_pem: read(key)?,
        })),
        _ => Ok::<_, CommandError>(None),
    };
    let defaults = GatewaySettings::default();
    Ok(GatewaySettings {
        public_url: told.public_url.trim_end_matches('/').to_owned(),
        tls: identity(&told.tls)?,
        upstream_identity: identity(&told.upstream_tls)?,
        upstream_key: Some(key),
        upstream_roots_pem: told.authorities.as_deref().map(read).transpose()?,
        proxies: told.proxy.clone().into(),
        bound_only: told.bound_only,
        cut_off_max: told.cut_off_seconds.map_or_else(
            || Duration::from_mins(told.cut_off_minutes),
            Duration::from_secs,
        ),
        threads: told.threads.map_or(defaults.threads, usize::from),
        ..defaults
    })
}
