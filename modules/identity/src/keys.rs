//! Keys that sign tokens: made when they are needed, shown before they sign and after.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use jose::jwe::{DecryptionKey, DecryptionKind};
use jose::jwk::{JwkSet, KeyKind, SigningKey};
use jose::pairwise::PairwiseKey;
use jose::{Algorithm, KeyManagement};
use kit_access::Actor;
use kit_journal::Change;
use uuid::Uuid;

use crate::access::EDIT_SERVICES;
use crate::store::keys::{self as store, StoredKey};
use crate::{Identity, IdentityError};

/// How long a process signs with its copy of the keys.
const COPY_LIVES: SignedDuration = SignedDuration::from_secs(60);
/// How long it shows and believes its copy. The first key of an algorithm signs at once: what
/// another process signed with it is checked here a moment later.
const SHOWN_COPY_LIVES: SignedDuration = SignedDuration::from_secs(1);
/// How long a key is shown before it signs: services keep copies too.
const SHOWN_BEFORE: SignedDuration = SignedDuration::from_hours(1);
/// How long a key is shown after it signed for the last time: longer than any token lives.
const SHOWN_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// How long a key signs.
const SIGNS_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);

/// One key.
struct Key {
    signing: SigningKey,
    signs_from: Timestamp,
    shown_until: Option<Timestamp>,
}

/// The keys of an instant.
pub(crate) struct Keys {
    all: Vec<Key>,
    /// What providers encrypt to, as far as one of them was told to.
    decryption: Vec<DecryptionKey>,
    pairwise: PairwiseKey,
    read_at: Timestamp,
}

/// A process's copy of the keys.
#[derive(Clone, Default)]
pub(crate) struct KeyRing(Arc<RwLock<Option<Arc<Keys>>>>);

impl KeyRing {
    fn get(&self) -> Option<Arc<Keys>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, keys: Option<Arc<Keys>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

impl Keys {
    /// The key that signs with an algorithm now: the newest whose time has come.
    pub(crate) fn signing(&self, algorithm: Algorithm, now: Timestamp) -> Option<&SigningKey> {
        self.all
            .iter()
            .rev()
            .filter(|key| key.signing.algorithm() == algorithm)
            .find(|key| key.signs_from <= now && key.shown_until.is_none_or(|end| end > now))
            .map(|key| &key.signing)
    }

    /// Every key's public half.
    pub(crate) fn public(&self) -> JwkSet {
        let signing = self.all.iter().map(|key| key.signing.jwk());
        let encryption = self.decryption.iter().map(DecryptionKey::jwk);
        JwkSet {
            keys: signing.chain(encryption).collect(),
            skipped: Vec::new(),
        }
    }

    /// The key of ours that is encrypted to in one way.
    pub(crate) fn decryption(&self, management: KeyManagement) -> Option<&DecryptionKey> {
        let mut keys = self.decryption.iter();
        keys.find(|key| key.management() == management)
    }

    /// What makes pairwise names.
    pub(crate) fn pairwise(&self) -> &PairwiseKey {
        &self.pairwise
    }
}

/// From when a new key signs.
#[derive(Clone, Copy)]
enum NewKey {
    /// The first of its algorithm: made unless another process has made one.
    First(Timestamp),
    /// It takes the place of another one.
    Next(Timestamp),
}

/// Under which name a key that decrypts is kept, and what it is made as.
fn decryption_kind(management: KeyManagement) -> (&'static str, DecryptionKind) {
    match management {
        KeyManagement::RsaOaep256 => ("decrypt.rsa-oaep-256", DecryptionKind::RsaOaep256Bits2048),
        KeyManagement::EcdhEs => ("decrypt.ecdh-es", DecryptionKind::EcdhEs),
        KeyManagement::EcdhEsA256Kw => ("decrypt.ecdh-es-a256kw", DecryptionKind::EcdhEsA256Kw),
    }
}

fn kind_of(algorithm: Algorithm) -> KeyKind {
    match algorithm {
        Algorithm::Es256 => KeyKind::Es256,
        Algorithm::EdDsa => KeyKind::EdDsa,
        Algorithm::Ps256 => KeyKind::Ps256Bits2048,
        Algorithm::Rs256 => KeyKind::Rs256Bits2048,
    }
}

impl Identity {
    /// The keys to sign with, at most a minute old.
    pub(crate) async fn keys(&self) -> Result<Arc<Keys>, IdentityError> {
        self.keys_since(COPY_LIVES).await
    }

    /// The keys to show, and to check with what any process signed: at most a second old.
    pub(crate) async fn shown_keys(&self) -> Result<Arc<Keys>, IdentityError> {
        self.keys_since(SHOWN_COPY_LIVES).await
    }

    async fn keys_since(&self, age: SignedDuration) -> Result<Arc<Keys>, IdentityError> {
        let now = self.source.now();
        if let Some(keys) = self.keys.get()
            && now.duration_since(keys.read_at).abs() < age
        {
            return Ok(keys);
        }
        self.read_keys(now).await
    }

    async fn read_keys(&self, now: Timestamp) -> Result<Arc<Keys>, IdentityError> {
        let secret: [u8; 32] = self.source.random();
        let pairwise = store::secret_or(&self.db, "pairwise", secret.to_vec()).await?;
        let mut all = Vec::new();
        for stored in store::live(&self.db, now).await? {
            let algorithm = Algorithm::from_name(&stored.algorithm)
                .ok_or_else(|| IdentityError::key("a key of an unknown algorithm"))?;
            let signing = SigningKey::from_pkcs8(algorithm, &stored.pkcs8)
                .map_err(IdentityError::key)?
                .with_kid(stored.kid);
            all.push(Key {
                signing,
                signs_from: stored.signs_from,
                shown_until: stored.shown_until,
            });
        }
        let mut decryption = Vec::new();
        for management in KeyManagement::ALL {
            let (name, _) = decryption_kind(management);
            if let Some(der) = store::secret(&self.db, name).await? {
                let key = DecryptionKey::from_pkcs8(management, &der);
                decryption.push(key.map_err(IdentityError::key)?);
            }
        }
        let keys = Arc::new(Keys {
            all,
            decryption,
            pairwise: PairwiseKey::new(&pairwise).map_err(IdentityError::key)?,
            read_at: now,
        });
        self.keys.set(Some(keys.clone()));
        Ok(keys)
    }

    /// The keys, among them one that signs with `algorithm`: made when there is none yet.
    pub(crate) async fn keys_for(&self, algorithm: Algorithm) -> Result<Arc<Keys>, IdentityError> {
        let keys = self.keys().await?;
        let now = self.source.now();
        if keys.signing(algorithm, now).is_some() {
            return Ok(keys);
        }
        let keys = self.read_keys(now).await?;
        if keys.signing(algorithm, now).is_some() {
            return Ok(keys);
        }
        let first = NewKey::First(now);
        self.add_key(&Actor::system("identity"), algorithm, first)
            .await?;
        self.read_keys(now).await
    }

    /// Sees to it that a key is there, and published, to which providers encrypt in this way.
    pub(crate) async fn ensure_decryption(
        &self,
        management: KeyManagement,
    ) -> Result<(), IdentityError> {
        if self.keys().await?.decryption(management).is_some() {
            return Ok(());
        }
        let (name, kind) = decryption_kind(management);
        let made = tokio::task::spawn_blocking(move || DecryptionKey::generate(kind)).await;
        let key = made
            .map_err(IdentityError::key)?
            .map_err(IdentityError::key)?;
        let der = key.to_pkcs8().map_err(IdentityError::key)?.to_vec();
        store::secret_or(&self.db, name, der).await?;
        self.keys.set(None);
        Ok(())
    }

    async fn add_key(
        &self,
        actor: &Actor,
        algorithm: Algorithm,
        new: NewKey,
    ) -> Result<(), IdentityError> {
        let (NewKey::First(signs_from) | NewKey::Next(signs_from)) = new;
        let kind = kind_of(algorithm);
        let made = tokio::task::spawn_blocking(move || SigningKey::generate(kind)).await;
        let key = made
            .map_err(IdentityError::key)?
            .map_err(IdentityError::key)?;
        let stored = StoredKey {
            kid: key.kid().to_owned(),
            algorithm: algorithm.name().to_owned(),
            pkcs8: key.to_pkcs8().map_err(IdentityError::key)?.to_vec(),
            signs_from,
            shown_until: None,
        };
        let mut tx = self.db.begin().await?;
        let change = Change::new("identity.key.add", "signing-key", Uuid::nil())
            .after(serde_json::json!({ "kid": stored.kid, "algorithm": stored.algorithm }));
        // The journal's lock comes first: of two processes that begin at once one makes the first
        // key, and the other one sees it here.
        self.journal.append(&mut tx, actor, change).await?;
        // As of now, not of when this process began: the other one's may be younger than that.
        if matches!(new, NewKey::First(_))
            && store::signs(&mut tx, &stored.algorithm, self.source.now()).await?
        {
            return Ok(());
        }
        store::insert(&mut tx, &stored, self.source.now()).await?;
        let until = signs_from + SHOWN_AFTER;
        store::retire_others(&mut tx, &stored.algorithm, &stored.kid, until).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Makes a new key for each algorithm in use; it signs an hour later, and the former one is
    /// shown for a day more. For an operator who fears that a key is known.
    pub async fn rotate_keys(&self, actor: &Actor) -> Result<(), IdentityError> {
        actor.demand(&EDIT_SERVICES, None)?;
        let now = self.source.now();
        let mut algorithms: Vec<Algorithm> = Vec::new();
        for key in &self.keys().await?.all {
            if !algorithms.contains(&key.signing.algorithm()) {
                algorithms.push(key.signing.algorithm());
            }
        }
        for algorithm in algorithms {
            let next = NewKey::Next(now + SHOWN_BEFORE);
            self.add_key(actor, algorithm, next).await?;
        }
        self.keys.set(None);
        Ok(())
    }

    /// Renews keys that have signed for long, and forgets those that are shown no more.
    pub(crate) async fn renew_keys(&self) -> Result<(), IdentityError> {
        let now = self.source.now();
        let keys = self.keys_for(Algorithm::Es256).await?;
        for algorithm in Algorithm::ALL {
            let newest = keys
                .all
                .iter()
                .filter(|key| key.signing.algorithm() == algorithm)
                .map(|key| key.signs_from)
                .max();
            if newest.is_some_and(|from| now.duration_since(from) > SIGNS_FOR) {
                let actor = Actor::system("identity");
                let next = NewKey::Next(now + SHOWN_BEFORE);
                self.add_key(&actor, algorithm, next).await?;
                self.keys.set(None);
            }
        }
        store::forget(&self.db, now - SHOWN_AFTER).await?;
        Ok(())
    }

    /// The keys that are shown: id, algorithm, when it signs from, until when it is shown.
    pub(crate) async fn key_list(
        &self,
    ) -> Result<Vec<(String, &'static str, Timestamp, Option<Timestamp>)>, IdentityError> {
        let keys = self.keys().await?;
        let list = keys.all.iter().map(|key| {
            let algorithm = key.signing.algorithm().name();
            let kid = key.signing.kid().to_owned();
            (kid, algorithm, key.signs_from, key.shown_until)
        });
        Ok(list.collect())
    }
}
