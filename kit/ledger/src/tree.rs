//! A log in the storage of files: its tiles, its bundles and its checkpoint.
//!
//! ```text
//!   PREFIX/checkpoint            the head, signed; changed by compare-and-swap
//!   PREFIX/witnessed             the last head that witnesses have cosigned
//!   PREFIX/tile/0/000            hashes of leaves       PREFIX/tile/1/000   roots of tiles…
//!   PREFIX/tile/entries/000      the entries: hashes of salt and row
//! ```
//! Tiles are written before the checkpoint that tells of them. A crash between leaves tiles that the
//! next try writes again, with the same bytes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kit_files::{Files, FilesError, Version};
use tokio::sync::Mutex;
use tracelog::{
    Appender, Checkpoint, Cosignature, Digest, EdgeError, InclusionText, Note, TileError, TileKind,
    TilePath, Tiles, Verifier, prove_consistency, prove_inclusion,
};

use crate::{LedgerError, LogKeys};

/// Tiles that are written or read at the same time.
const TILES_AT_ONCE: usize = 8;
/// Tries at writing a head that others change meanwhile.
const TRIES: usize = 5;

/// A log.
#[derive(Debug, Clone)]
pub struct Tree(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    files: Files,
    prefix: String,
    keys: LogKeys,
    /// What readers see; they never wait for the storage.
    head: RwLock<Arc<Head>>,
    /// One change of the head at a time.
    changing: Mutex<()>,
}

#[derive(Debug, Clone)]
struct Head {
    appender: Appender,
    note: Note,
    version: Version,
}

impl Tree {
    /// Opens a log below a prefix of the storage, and begins it when there is none. A checkpoint that
    /// isn't signed by all keys that sign now is signed by them.
    pub async fn open(files: Files, prefix: &str, keys: LogKeys) -> Result<Self, LedgerError> {
        let opening = Opening {
            files: &files,
            prefix,
            keys: &keys,
        };
        let head = opening.head().await?;
        let tree = Self(Arc::new(Inner {
            files,
            prefix: prefix.to_owned(),
            keys,
            head: RwLock::new(Arc::new(head)),
            changing: Mutex::default(),
        }));
        tree.sign_by_all().await?;
        Ok(tree)
    }

    fn opening(&self) -> Opening<'_> {
        Opening {
            files: &self.0.files,
            prefix: &self.0.prefix,
            keys: &self.0.keys,
        }
    }

    fn key(&self, name: impl std::fmt::Display) -> String {
        format!("{}/{name}", self.0.prefix)
    }

    fn head(&self) -> Arc<Head> {
        let head = self.0.head.read();
        head.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_head(&self, head: Head) {
        let mut kept = self.0.head.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Arc::new(head);
    }

    fn moved(&self) -> LedgerError {
        LedgerError::Moved {
            log: self.0.prefix.clone(),
        }
    }

    /// Where it stands in the storage.
    pub(crate) fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// The keys that sign now.
    pub fn signing(&self) -> impl Iterator<Item = &Verifier> {
        self.0.keys.signers.iter().map(tracelog::Signer::verifier)
    }

    /// The keys whose signatures are believed.
    pub fn verifiers(&self) -> &[Verifier] {
        &self.0.keys.verifiers
    }

    pub(crate) fn keys(&self) -> &LogKeys {
        &self.0.keys
    }

    /// Entries that are sealed.
    pub fn size(&self) -> u64 {
        self.head().appender.size()
    }

    /// The head, as this process wrote or read it last.
    pub fn checkpoint(&self) -> Note {
        self.head().note.clone()
    }

    /// Reads the head again: another process may have added to the log.
    pub async fn refresh(&self) -> Result<u64, LedgerError> {
        let now = self.0.files.find_version(&self.key("checkpoint")).await?;
        if now.is_some_and(|now| now.bytes() == self.head().version.bytes()) {
            return Ok(self.size());
        }
        // Who is changing the head in this process sets it; nobody waits for that.
        if let Ok(_alone) = self.0.changing.try_lock() {
            self.set_head(self.opening().head().await?);
        }
        Ok(self.size())
    }

    /// Adds entries after the first `from` ones, writes their tiles, and then the head. When somebody
    /// else has added to the log, nothing is added and the answer is [`LedgerError::Moved`];
    /// [`Tree::refresh`] then tells where it is.
    pub async fn seal(&self, from: u64, entries: &[[u8; 32]]) -> Result<u64, LedgerError> {
        let _alone = self.0.changing.lock().await;
        let head = self.head();
        if head.appender.size() != from {
            return Err(self.moved());
        }
        if entries.is_empty() {
            return Ok(from);
        }
        // In a folder nobody else writes tiles meanwhile; elsewhere the lease or the one spool that
        // owns the log sees to it. The condition on the head decides in any case.
        let _locked = self.0.files.lock(&self.0.prefix).await?;
        let now = self.0.files.find_version(&self.key("checkpoint")).await?;
        if now.is_none_or(|now| now.bytes() != head.version.bytes()) {
            return Err(self.moved());
        }
        let mut appender = head.appender.clone();
        let added = appender.append(entries.iter().map(<[u8; 32]>::as_slice));
        // An entry of 32 bytes is never too long.
        let added = added.map_err(|error| self.opening().damaged(&error))?;
        let filled: Vec<TilePath> = added.filled().copied().collect();
        stream::iter(added.tiles)
            .map(|(path, bytes)| async move { self.0.files.put(&self.key(path), bytes).await })
            .buffer_unordered(TILES_AT_ONCE)
            .try_collect::<()>()
            .await?;
        let note = self.opening().signed(added.size, added.root)?;
        let version = self.put_head(&note, &head.version).await?;
        self.set_head(Head {
            appender,
            note,
            version,
        });
        self.remove_partial(from, &filled).await;
        Ok(added.size)
    }

    async fn put_head(&self, note: &Note, expected: &Version) -> Result<Version, LedgerError> {
        let key = self.key("checkpoint");
        let put = self
            .0
            .files
            .put_if_unchanged(&key, note.to_string(), expected);
        put.await.map_err(|error| match error {
            FilesError::Changed { .. } => self.moved(),
            error => error.into(),
        })
    }

    /// Partial tiles that a full one has taken the place of. They do no harm if they stay.
    async fn remove_partial(&self, before: u64, filled: &[TilePath]) {
        for path in filled {
            let level = match path.kind() {
                TileKind::Hashes(level) => level,
                TileKind::Entries => 0,
            };
            if tracelog::hash_width(before, level, path.index()) == 0 {
                continue;
            }
            let folder = self.key(path.partial_folder());
            let listed = self.0.files.list(&folder, None, 256).await;
            for one in listed.into_iter().flatten() {
                if let Err(error) = self.0.files.delete(&one.key).await {
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "ledger.tile.stays"
                    );
                }
            }
        }
    }

    /// The same head, signed by the keys that sign now; cosignatures stay.
    async fn sign_by_all(&self) -> Result<(), LedgerError> {
        let _alone = self.0.changing.lock().await;
        let head = self.head();
        let signers = &self.0.keys.signers;
        let signed = head.note.verify(&self.0.keys.verifiers);
        let signed = signed.map_err(|error| self.opening().damaged(&error))?;
        if signers.iter().all(|one| signed.contains(&one.verifier())) {
            return Ok(());
        }
        let mut note = head.note.clone();
        for signer in signers {
            let signed = note.sign(signer);
            signed.map_err(|error| self.opening().damaged(&error))?;
        }
        self.put_note(&head, note).await
    }

    /// Puts another note about the same tree in place of the head.
    async fn put_note(&self, head: &Head, note: Note) -> Result<(), LedgerError> {
        let version = self.put_head(&note, &head.version).await?;
        self.set_head(Head {
            appender: head.appender.clone(),
            note,
            version,
        });
        Ok(())
    }

    /// A tile as it is served: what the path names, or what a full tile in its place begins with.
    pub async fn tile(&self, path: &TilePath) -> Result<Option<Bytes>, LedgerError> {
        if let Some(found) = self.0.files.find(&self.key(path)).await? {
            return Ok(Some(found));
        }
        if !path.is_partial() {
            return Ok(None);
        }
        let full = self.0.files.find(&self.key(path.full())).await?;
        Ok(full.and_then(|full| path.cut(&full)).map(Bytes::from))
    }

    /// The last head that witnesses have cosigned, with their words.
    pub async fn witnessed(&self) -> Result<Option<Bytes>, LedgerError> {
        Ok(self.0.files.find(&self.key("witnessed")).await?)
    }

    /// Adds the cosignature of a witness, who sends the checkpoint that it saw with its own
    /// signature. The checkpoint must be one that this log has signed. Nothing is added when the
    /// signature doesn't fit.
    pub async fn add_cosignature(
        &self,
        witness: &Verifier,
        sent: &[u8],
    ) -> Result<Cosignature, LedgerError> {
        let not_ours = |what: &dyn std::fmt::Display| LedgerError::NotOurs {
            log: self.0.prefix.clone(),
            what: what.to_string(),
        };
        let sent = Note::parse(sent).map_err(|error| not_ours(&error))?;
        let seen = Checkpoint::verified(&sent, &self.0.keys.verifiers);
        let seen = seen.map_err(|error| not_ours(&error))?;
        let checked = tracelog::verify_cosignature(&sent, witness)?;
        let mut signatures = sent.signatures().iter();
        let signature = signatures
            .find(|one| one.name == witness.name() && one.key_id == witness.id())
            .cloned()
            .ok_or_else(|| not_ours(&"the witness hasn't signed"))?;
        self.put_witnessed(&sent, &seen, witness, &signature)
            .await?;
        let _alone = self.0.changing.lock().await;
        let head = self.head();
        if head.note.text() == sent.text() {
            let mut note = head.note.clone();
            note.add_cosignature(witness, signature)?;
            match self.put_note(&head, note).await {
                // The log has grown meanwhile: the word stands with the head that it is about.
                Ok(()) | Err(LedgerError::Moved { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(checked)
    }

    async fn put_witnessed(
        &self,
        sent: &Note,
        seen: &Checkpoint,
        witness: &Verifier,
        signature: &tracelog::Signature,
    ) -> Result<(), LedgerError> {
        let key = self.key("witnessed");
        for _ in 0..TRIES {
            let now = self.0.files.find_version(&key).await?;
            let kept = now.as_ref().map(|now| Note::parse(now.bytes()));
            let kept = kept.transpose();
            let kept = kept.map_err(|error| self.opening().damaged(&error))?;
            let mut note = match &kept {
                Some(kept) if kept.text() == sent.text() => kept.clone(),
                Some(kept) => {
                    let kept: Result<Checkpoint, _> = kept.text().parse();
                    if kept.is_ok_and(|kept| kept.size > seen.size) {
                        return Ok(());
                    }
                    self.opening().signed(seen.size, seen.root)?
                }
                None => self.opening().signed(seen.size, seen.root)?,
            };
            note.add_cosignature(witness, signature.clone())?;
            let put = match &now {
                Some(now) => {
                    let text = note.to_string();
                    self.0.files.put_if_unchanged(&key, text, now).await
                }
                None => self.0.files.put_if_absent(&key, note.to_string()).await,
            };
            match put {
                Ok(_) => return Ok(()),
                Err(FilesError::Changed { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(self.moved())
    }

    /// The proof that an entry is in the log, with the checkpoint that it leads to.
    pub async fn prove_inclusion(&self, index: u64) -> Result<InclusionText, LedgerError> {
        let head = self.head();
        let size = head.appender.size();
        let proof = self.with_tiles(size, size, |tiles| prove_inclusion(tiles, index));
        Ok(InclusionText {
            extra: Vec::new(),
            index,
            proof: proof.await?,
            checkpoint: head.note.clone(),
        })
    }

    /// The proof that the log of `before` entries is the beginning of the log of `size` entries.
    pub async fn prove_consistency(
        &self,
        before: u64,
        size: u64,
    ) -> Result<Vec<Digest>, LedgerError> {
        let sealed = self.size();
        if size > sealed {
            return Err(LedgerError::OutOfLog { size: sealed });
        }
        self.with_tiles(size, sealed, |tiles| prove_consistency(tiles, before))
            .await
    }

    /// Does arithmetic on tiles that are fetched as it asks for them: a proof asks for some ten.
    async fn with_tiles<T>(
        &self,
        size: u64,
        written: u64,
        arithmetic: impl Fn(&Tiles<'_, Wanted<'_>>) -> Result<T, TileError<()>>,
    ) -> Result<T, LedgerError> {
        let mut kept = HashMap::new();
        loop {
            let missing = {
                let wanted = Wanted {
                    kept: &kept,
                    missing: RefCell::default(),
                };
                let failure = match arithmetic(&Tiles::of_first(size, written, &wanted)) {
                    Ok(done) => return Ok(done),
                    Err(failure) => failure,
                };
                match (wanted.missing.into_inner(), failure) {
                    (Some(missing), _) => missing,
                    (None, TileError::OutOfTree { size }) => {
                        return Err(LedgerError::OutOfLog { size });
                    }
                    (None, other) => return Err(self.opening().damaged(&other)),
                }
            };
            let bytes = self.tile(&missing).await?;
            let bytes = bytes.ok_or_else(|| LedgerError::TileMissing {
                log: self.0.prefix.clone(),
                path: missing,
            })?;
            kept.insert(missing, bytes);
        }
    }
}

/// Tiles that are there, and the first one that isn't.
struct Wanted<'k> {
    kept: &'k HashMap<TilePath, Bytes>,
    missing: RefCell<Option<TilePath>>,
}

impl tracelog::ReadTile for Wanted<'_> {
    type Error = ();

    fn read(&self, path: &TilePath) -> Result<Vec<u8>, ()> {
        match self.kept.get(path) {
            Some(bytes) => Ok(bytes.to_vec()),
            None => {
                *self.missing.borrow_mut() = Some(*path);
                Err(())
            }
        }
    }
}

/// What a log is opened with.
struct Opening<'o> {
    files: &'o Files,
    prefix: &'o str,
    keys: &'o LogKeys,
}

impl Opening<'_> {
    fn damaged(&self, what: &dyn std::fmt::Display) -> LedgerError {
        LedgerError::Log {
            log: self.prefix.to_owned(),
            what: what.to_string(),
        }
    }

    fn signed(&self, size: u64, root: Digest) -> Result<Note, LedgerError> {
        let unusable = |what: &dyn std::fmt::Display| LedgerError::Keys {
            log: self.prefix.to_owned(),
            what: what.to_string(),
        };
        let origin = self.keys.origin();
        let origin = origin.ok_or_else(|| unusable(&"no key signs"))?;
        let signers: Vec<_> = self.keys.signers.iter().collect();
        let note = Checkpoint::new(origin, size, root).signed(&signers);
        note.map_err(|error| unusable(&error))
    }

    /// Reads the head and its right edge, and begins the log when there is none.
    async fn head(&self) -> Result<Head, LedgerError> {
        let key = format!("{}/checkpoint", self.prefix);
        let mut version = self.files.find_version(&key).await?;
        if version.is_none() {
            let appender = Appender::new();
            let note = self.signed(0, appender.root())?;
            match self.files.put_if_absent(&key, note.to_string()).await {
                Ok(put) => version = Some(put),
                Err(FilesError::Changed { .. }) => version = self.files.find_version(&key).await?,
                Err(error) => return Err(error.into()),
            }
        }
        let version = version.ok_or_else(|| self.damaged(&"the checkpoint went away"))?;
        let note = Note::parse(version.bytes()).map_err(|error| self.damaged(&error))?;
        let checkpoint = Checkpoint::verified(&note, &self.keys.verifiers);
        let checkpoint = checkpoint.map_err(|error| self.damaged(&error))?;
        if Some(checkpoint.origin.as_str()) != self.keys.origin() {
            let what = format!("the checkpoint is about {}", checkpoint.origin);
            return Err(self.damaged(&what));
        }
        let appender = self.edge(&checkpoint).await?;
        Ok(Head {
            appender,
            note,
            version,
        })
    }

    async fn edge(&self, checkpoint: &Checkpoint) -> Result<Appender, LedgerError> {
        let mut kept = HashMap::new();
        loop {
            let missing = {
                let wanted = Wanted {
                    kept: &kept,
                    missing: RefCell::default(),
                };
                let loaded = Appender::load(checkpoint.size, &checkpoint.root, &wanted);
                match (loaded, wanted.missing.into_inner()) {
                    (Ok(appender), _) => return Ok(appender),
                    (Err(_), Some(missing)) => missing,
                    (Err(EdgeError::Tile(error)), None) => {
                        return Err(self.damaged(&error));
                    }
                    (Err(EdgeError::Bundle { path }), None) => {
                        let what = format!("{path} doesn't hold what its hashes were made of");
                        return Err(self.damaged(&what));
                    }
                    (Err(EdgeError::Root { .. }), None) => {
                        return Err(self.damaged(&"the last tiles don't lead to the root"));
                    }
                }
            };
            let key = format!("{}/{missing}", self.prefix);
            let found = self.files.find(&key).await?;
            let found = found.ok_or_else(|| LedgerError::TileMissing {
                log: self.prefix.to_owned(),
                path: missing,
            })?;
            kept.insert(missing, found);
        }
    }
}
