//! The gateway under measure: all on. A token is verified, the answer masked, each call counted and
//! traced in a log whose entries are on the disk before the answer leaves.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway::{
    Gateway, GatewaySettings, LedgerSink, LoggedAlarms, Newer, SignedSnapshot, SnapshotSource,
};
use jose::jwk::{KeyKind, SigningKey};
use kit_files::Files;
use kit_ledger::{Ledger, LedgerOptions, LogKeys};
use kit_time::Source;
use ports::exchange::Snapshot;
use tokio::net::TcpListener;
use tracelog::Signer;

use crate::Failed;

/// Where the log of traces stands.
const PREFIX: &str = "log/traces";

/// A control plane that has nothing new to say, every 200 ms.
struct Still;

impl SnapshotSource for Still {
    fn newer(&self, _: Option<u64>) -> Newer<'_> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            Ok(None::<SignedSnapshot>)
        })
    }
}

/// Serves until it is killed.
pub(crate) async fn serve(data: &Path, port: u16, upstream: u16) -> Result<(), Failed> {
    let mut snapshot: Snapshot =
        serde_json::from_slice(&std::fs::read(data.join("snapshot.json"))?)?;
    for api in &mut snapshot.apis {
        api.upstreams = vec![format!("http://127.0.0.1:{upstream}")];
    }
    let source = Source::system();
    let signer = Signer::from_seed(
        "bench.example/log/traces",
        tracelog::KeyKind::Note,
        &source.random(),
    )?;
    let files = Files::folder(&data.join("files"))?;
    let options = LedgerOptions::new(PREFIX, data.join("spool"));
    let keys = LogKeys::one(signer, source.random());
    let ledger = Ledger::open(files, options, keys, source.clone()).await?;
    tokio::spawn(ledger.clone().keep_sealing());
    let settings = GatewaySettings {
        public_url: format!("http://127.0.0.1:{port}"),
        threads: 1,
        ..GatewaySettings::default()
    };
    let now = source.now();
    let sink = Arc::new(LedgerSink(ledger));
    let gateway = Gateway::new(settings, source, sink, Arc::new(LoggedAlarms));
    gateway.put_in_force(snapshot, now)?;
    let key = SigningKey::generate(KeyKind::EdDsa)?.verification_key()?;
    let follower = gateway::Follower::new(gateway.clone(), vec![key], None);
    tokio::spawn(async move { follower.follow(&Still).await });
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    gateway.serve(listener, std::future::pending()).await?;
    Ok(())
}
