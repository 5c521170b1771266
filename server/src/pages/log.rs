//! The journal's seal, as files that anybody can fetch and check: C2SP tlog-tiles, proofs, keys.

use kit_http::{Failure, IntoResponse, Json, JsonAnswer, Path, Response, State, StatusCode};
use kit_journal::Journal;
use kit_ledger::{JOURNAL_LOG, LedgerError, Tree};
use serde::{Deserialize, Serialize};
use tracelog::{ConsistencyText, TilePath};

use crate::app::Platform;

/// Tiles never change; a partial one is what the full one begins with.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// The head changes with each entry.
const FOR_NOW: &str = "no-cache";

fn told(error: LedgerError) -> Failure {
    match error {
        LedgerError::OutOfLog { .. } => Failure::NotFound,
        LedgerError::Files { .. } | LedgerError::Db { .. } => Failure::Unavailable(error.into()),
        error => Failure::internal(error),
    }
}

async fn tree(platform: &Platform) -> Result<Tree, Failure> {
    platform.journal_seal.tree().await.map_err(told)
}

fn text(bytes: impl Into<kit_http::Body>, cache: &'static str) -> Response {
    let headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", cache),
    ];
    (headers, bytes.into()).into_response()
}

/// The signed head of the log (C2SP tlog-checkpoint).
#[utoipa::path(get, path = "/log/journal/checkpoint", tag = "log", operation_id = "log_checkpoint",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn checkpoint(State(platform): State<Platform>) -> Result<Response, Failure> {
    let tree = tree(&platform).await?;
    // Another process may be the one that seals.
    tree.refresh().await.map_err(told)?;
    Ok(text(tree.checkpoint().to_string(), FOR_NOW))
}

/// The last head that witnesses have cosigned.
#[utoipa::path(get, path = "/log/journal/witnessed", tag = "log", operation_id = "log_witnessed",
    responses((status = 200, body = String, content_type = "text/plain"),
              (status = 404, description = "No witness has cosigned")))]
pub(crate) async fn witnessed(State(platform): State<Platform>) -> Result<Response, Failure> {
    let kept = tree(&platform).await?.witnessed().await.map_err(told)?;
    kept.map(|kept| text(kept, FOR_NOW))
        .ok_or(Failure::NotFound)
}

/// What a witness sends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Cosigned {
    /// The checkpoint that it saw, with its own signature below.
    checkpoint: String,
}

/// Keeps the word of a witness that is believed: its signature is all the proof that is needed.
#[utoipa::path(post, path = "/log/journal/witnessed", tag = "log", operation_id = "log_cosign",
    request_body = Cosigned,
    responses((status = 204, description = "Kept"),
              (status = 400, description = "Not JSON"),
              (status = 413, description = "More than the platform takes"),
              (status = 415, description = "Another kind of content"),
              (status = 422, description = "Not a checkpoint of this log with a signature of its witnesses")))]
pub(crate) async fn cosign(
    State(platform): State<Platform>,
    Json(sent): Json<Cosigned>,
) -> Result<StatusCode, Failure> {
    let believed = kit_ledger::witnesses(&platform.db, JOURNAL_LOG).await;
    let believed = believed.map_err(told)?;
    let tree = tree(&platform).await?;
    let kept = kit_ledger::keep_cosignatures(&tree, &believed, sent.checkpoint.as_bytes()).await;
    match kept {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(error @ (LedgerError::NotOurs { .. } | LedgerError::Cosignature(_))) => Err(
            Failure::field("checkpoint", "not-cosigned", error.to_string()),
        ),
        Err(error) => Err(told(error)),
    }
}

/// The keys whose signatures count, one a line, as `gouvernail verify-log --key` takes them.
#[utoipa::path(get, path = "/log/journal/key", tag = "log", operation_id = "log_key",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn key(State(platform): State<Platform>) -> Result<Response, Failure> {
    let tree = tree(&platform).await?;
    let lines = tree.verifiers().iter().map(|key| format!("{key}\n"));
    Ok(text(lines.collect::<String>(), FOR_NOW))
}

pub(crate) async fn tile(
    State(platform): State<Platform>,
    Path(rest): Path<String>,
) -> Result<Response, Failure> {
    let path: Result<TilePath, _> = format!("tile/{rest}").parse();
    let path = path.map_err(|_| Failure::NotFound)?;
    let found = tree(&platform).await?.tile(&path).await.map_err(told)?;
    let bytes = found.ok_or(Failure::NotFound)?;
    let headers = [
        ("content-type", "application/octet-stream"),
        ("cache-control", FOR_GOOD),
    ];
    Ok((StatusCode::OK, headers, bytes).into_response())
}

/// The proof that the entry at an index is in the log, with the checkpoint (C2SP tlog-proof).
#[utoipa::path(get, path = "/log/journal/inclusion/{index}", tag = "log", operation_id = "log_inclusion",
    params(("index" = u64, Path, description = "From 0")),
    responses((status = 200, body = String, content_type = "text/plain"),
              (status = 404, description = "Not in the log")))]
pub(crate) async fn inclusion(
    State(platform): State<Platform>,
    Path(index): Path<u64>,
) -> Result<Response, Failure> {
    let tree = tree(&platform).await?;
    let proof = tree.prove_inclusion(index).await.map_err(told)?;
    Ok(text(proof.to_string(), FOR_NOW))
}

/// The proof that the log of some entries is the beginning of what it is now.
#[utoipa::path(get, path = "/log/journal/consistency/{before}", tag = "log", operation_id = "log_consistency",
    params(("before" = u64, Path, description = "How many entries")),
    responses((status = 200, body = String, content_type = "text/plain"),
              (status = 404, description = "Not in the log")))]
pub(crate) async fn consistency(
    State(platform): State<Platform>,
    Path(before): Path<u64>,
) -> Result<Response, Failure> {
    let tree = tree(&platform).await?;
    let checkpoint = tree.checkpoint();
    let head: Result<tracelog::Checkpoint, _> = checkpoint.text().parse();
    let size = head.map_err(Failure::internal)?.size;
    let proof = tree.prove_consistency(before, size).await.map_err(told)?;
    let told = ConsistencyText {
        before,
        proof,
        checkpoint,
    };
    Ok(text(told.to_string(), FOR_NOW))
}

/// A public entry as it was sealed: `SHA-256(salt || entry)` is entry `index` of the log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SealedEntry {
    index: u64,
    /// 32 bytes in hexadecimal.
    salt: String,
    /// The bytes of the entry: JSON.
    entry: String,
}

/// A public entry as it was sealed.
#[utoipa::path(get, path = "/log/journal/entry/{number}", tag = "log", operation_id = "log_entry",
    params(("number" = u64, Path, description = "Its number, from 1")),
    responses((status = 200, body = SealedEntry),
              (status = 404, description = "Not in the log")))]
pub(crate) async fn entry(
    State(platform): State<Platform>,
    Path(number): Path<u64>,
) -> Result<JsonAnswer<SealedEntry>, Failure> {
    let seq = i64::try_from(number).map_err(|_| Failure::NotFound)?;
    let before = seq.checked_sub(1).filter(|before| *before >= 0);
    let before = before.ok_or(Failure::NotFound)?;
    let found = Journal::after(&platform.db, before, 1).await;
    let found = found.map_err(Failure::internal)?.into_iter().next();
    let found = found.filter(|entry| entry.seq == seq && entry.public);
    let found = found.ok_or(Failure::NotFound)?;
    let salt = platform.journal_seal.salt(number).await.map_err(told)?;
    Ok(JsonAnswer(SealedEntry {
        index: number - 1,
        salt: salt
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat(),
        entry: String::from_utf8_lossy(&found.canonical_bytes()).into_owned(),
    }))
}
