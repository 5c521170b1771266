//! Citizens: found again by two keyed hashes, known by name for half an hour, told to services by a
//! name of each service's own.
//!
//! ```text
//!   provider ──claims──▶ pivot ──hash──▶ citizen's id ──session of 30 minutes──▶ services
//! ```
//! A citizen is an id. The hashes are made under a secret of the platform, which can be renewed:
//! a new version is computed beside the former ones, a look-up tries all of them, and whoever comes
//! back is given keys of the newest. A former secret may be taken away once nobody is expected to
//! come who hasn't come since: for whoever does come then, services see a new person.

use jiff::Timestamp;
use jose::pairwise::PairwiseKey;
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::EDIT_SERVICES;
use crate::domain::{
    Audience, CITIZEN_SESSION_LIVES, CitizenClaims, Level, Pivot, PivotMistake, Recognised,
    UpstreamCause, UpstreamFailure, UpstreamIdentity, hash_of, recognise, session_lasts,
    subject_hash,
};
use crate::store::citizens::{self as store, CitizenSession, KeyOf};
use crate::store::providers;
use crate::upstream::Failed;
use crate::{Identity, IdentityError};

/// The cookie of a citizen's session.
pub use ports::CITIZEN_COOKIE;
/// A session's sign of life is written at most this often.
const SEEN_EVERY: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);
/// How often a first sign-in begins anew when another one made the same person at once.
const TRIES_MAX: u32 = 5;

/// A session that began.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CitizenCookie(pub(crate) String);

impl std::fmt::Debug for CitizenCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CitizenCookie(…)")
    }
}

/// Why nobody is signed in, told by a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CitizenRefusal {
    /// The pivot holds mistakes.
    #[error("the identity told by the provider is incomplete or wrong: {}", told(.0))]
    Pivot(Vec<PivotMistake>),
    /// Nothing that a citizen's sign-in may be worth.
    #[error("the provider vouches for less than eidas1")]
    Level,
    /// The provider's name of the person and the pivot are two citizens'.
    #[error("the provider's name of the person and the identity belong to two different people")]
    Conflict,
}

fn told(mistakes: &[PivotMistake]) -> String {
    let texts: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

impl CitizenRefusal {
    /// What operators count and the person is told.
    fn cause(&self) -> UpstreamCause {
        match self {
            Self::Pivot(_) => UpstreamCause::CitizenPivot,
            Self::Level => UpstreamCause::CitizenLevel,
            Self::Conflict => UpstreamCause::CitizenConflict,
        }
    }
}

/// The keys of one arrival, under one version of the secret.
struct Keys {
    version: i64,
    subject: String,
    pivot: String,
}

impl Keys {
    fn of(&self, kind: KeyOf) -> (KeyOf, i64, &str) {
        let hash = match kind {
            KeyOf::Pivot => &self.pivot,
            KeyOf::Subject => &self.subject,
        };
        (kind, self.version, hash)
    }
}

impl Identity {
    /// The way on for a citizen whom a provider vouches for: a session, or a failure under a code.
    pub(crate) async fn arrive_citizen(
        &self,
        arrived: &UpstreamIdentity,
        return_to: &str,
        former: Option<&str>,
    ) -> Result<Result<CitizenCookie, Failed>, IdentityError> {
        match self.welcome_citizen(arrived, former).await? {
            Ok(cookie) => Ok(Ok(cookie)),
            Err(refusal) => {
                // What is wrong, and never a value: an operator reads it.
                let failure = UpstreamFailure::new(refusal.cause(), refusal.to_string());
                let provider = Some(&arrived.provider);
                Ok(Err(self.failed(provider, return_to, failure).await?))
            }
        }
    }

    /// Signs a citizen in: finds the person again or adds it, and begins a session under a new
    /// cookie. `former` is the cookie that the browser brought: the same person's session by the
    /// same provider goes on under the new cookie, any other one ends.
    async fn welcome_citizen(
        &self,
        arrived: &UpstreamIdentity,
        former: Option<&str>,
    ) -> Result<Result<CitizenCookie, CitizenRefusal>, IdentityError> {
        let Some(level) = arrived.level.of_citizen() else {
            return Ok(Err(CitizenRefusal::Level));
        };
        let pivot = match Pivot::read(&arrived.claims, self.source.today()) {
            Ok(pivot) => pivot,
            Err(mistakes) => return Ok(Err(CitizenRefusal::Pivot(mistakes))),
        };
        let keys = self.citizen_keys(&pivot, arrived).await?;
        for _ in 0..TRIES_MAX {
            let mut tx = self.db.begin().await?;
            let Some(found) = self.find_or_add(&mut tx, &keys, arrived).await? else {
                // Somebody else added the same person at the same instant: it is found now.
                // Dropped, the transaction leaves nothing.
                continue;
            };
            let citizen = match found {
                Ok(citizen) => citizen,
                Err(refusal) => {
                    // The journal's entry stays.
                    tx.commit().await?;
                    return Ok(Err(refusal));
                }
            };
            let identity = CitizenClaims::new(&pivot, &arrived.claims);
            let cookie = self
                .begin_citizen_session(&mut tx, citizen, (arrived, level), identity, former)
                .await?;
            tx.commit().await?;
            return Ok(Ok(cookie));
        }
        Err(IdentityError::Stale)
    }

    /// The keys of an arrival under every version of the secret, the oldest first.
    async fn citizen_keys(
        &self,
        pivot: &Pivot,
        arrived: &UpstreamIdentity,
    ) -> Result<Vec<Keys>, IdentityError> {
        let mut secrets = store::secrets(&self.db).await?;
        if secrets.is_empty() {
            let secret: [u8; 32] = self.source.random();
            store::add_secret(&self.db, 1, secret.to_vec()).await?;
            secrets = store::secrets(&self.db).await?;
        }
        // Under another issuer a provider's names are other people's.
        let provider = format!("{} {}", arrived.provider.id, arrived.provider.draft.issuer);
        let keys = secrets.into_iter().map(|(version, secret)| {
            let key = PairwiseKey::new(&secret).map_err(IdentityError::key)?;
            Ok(Keys {
                version,
                subject: subject_hash(&key, &provider, &arrived.subject),
                pivot: pivot.hash(&key),
            })
        });
        keys.collect()
    }

    /// The citizen of these keys; a refusal, journalled, when they are two people's; `None` when
    /// another transaction won.
    async fn find_or_add(
        &self,
        tx: &mut Tx,
        keys: &[Keys],
        arrived: &UpstreamIdentity,
    ) -> Result<Option<Result<Uuid, CitizenRefusal>>, IdentityError> {
        let mut found = [None, None];
        for (kind, found) in [KeyOf::Subject, KeyOf::Pivot].into_iter().zip(&mut found) {
            // The newest version first.
            for keys in keys.iter().rev() {
                if found.is_none() {
                    *found = store::find_key(&mut *tx, keys.of(kind)).await?;
                }
            }
        }
        let actor = Actor::system("identity");
        let now = self.source.now();
        let (citizen, action) = match recognise(found[0], found[1]) {
            Recognised::New => {
                let id = self.source.new_id();
                store::add(&mut *tx, id, now).await?;
                (id, Some("identity.citizen.add"))
            }
            Recognised::Known(id) if found[1].is_none() => (id, Some("identity.citizen.correct")),
            Recognised::Known(id) if found[0].is_none() => (id, Some("identity.citizen.link")),
            Recognised::Known(id) => (id, None),
            Recognised::Conflict {
                by_subject,
                by_pivot,
            } => {
                let told = json!({ "provider": arrived.provider.id, "pivot_of": by_pivot });
                let change =
                    Change::new("identity.citizen.conflict", "citizen", by_subject).after(told);
                self.journal.append(tx, &actor, change).await?;
                return Ok(Some(Err(CitizenRefusal::Conflict)));
            }
        };
        if let Some(newest) = keys.last() {
            // Always in this order: two transactions never wait for each other.
            for kind in [KeyOf::Subject, KeyOf::Pivot] {
                let key = newest.of(kind);
                if store::add_key(&mut *tx, key, citizen, now).await? {
                    continue;
                }
                if store::find_key(&mut *tx, key).await? != Some(citizen) {
                    return Ok(None);
                }
            }
        }
        if let Some(action) = action {
            let told = json!({ "provider": arrived.provider.id });
            let change = Change::new(action, "citizen", citizen).after(told);
            self.journal.append(tx, &actor, change).await?;
        }
        Ok(Some(Ok(citizen)))
    }

    async fn begin_citizen_session(
        &self,
        tx: &mut Tx,
        citizen: Uuid,
        (arrived, level): (&UpstreamIdentity, Level),
        identity: CitizenClaims,
        former: Option<&str>,
    ) -> Result<CitizenCookie, IdentityError> {
        let now = self.source.now();
        let former = match former {
            Some(cookie) => store::of_token(&mut *tx, hash_of(cookie)).await?,
            None => None,
        };
        let same = former.as_ref().filter(|one| {
            one.citizen == citizen
                && one.provider == arrived.provider.id
                && session_lasts(one.begun_at, None, now)
        });
        let same = same.map(|one| one.id);
        if let Some(former) = former.filter(|one| same != Some(one.id)) {
            let one = (former.id, former.citizen);
            self.end_in(&mut *tx, one, "replaced", now).await?;
        }
        let session = CitizenSession {
            id: same.unwrap_or_else(|| self.source.new_id()),
            citizen,
            provider: arrived.provider.id,
            provider_name: arrived.provider.draft.name.clone(),
            level,
            methods: arrived.methods.clone(),
            identity,
            auth_time: arrived.auth_time.unwrap_or(i64::MAX).min(now.as_second()),
            begun_at: now,
            seen_at: now,
            expires_at: now + CITIZEN_SESSION_LIVES,
        };
        let cookie = self.new_secret();
        store::keep_session(&mut *tx, &session, hash_of(&cookie), same.is_some()).await?;
        let told = json!({
            "citizen": citizen,
            "provider": arrived.provider.id,
            "level": level.name(),
        });
        let change = Change::new(
            "identity.citizen_session.begin",
            "citizen-session",
            session.id,
        )
        .after(told);
        let actor = Actor::system("identity");
        self.journal.append(tx, &actor, change).await?;
        Ok(CitizenCookie(cookie))
    }

    async fn end_in(
        &self,
        tx: &mut Tx,
        (session, citizen): (Uuid, Uuid),
        why: &'static str,
        now: Timestamp,
    ) -> Result<bool, IdentityError> {
        if !store::end(&mut *tx, session, now).await? {
            return Ok(false);
        }
        let told = json!({ "citizen": citizen, "why": why });
        let change = Change::new(CITIZEN_SESSION_END, "citizen-session", session).after(told);
        let actor = Actor::system("identity");
        self.journal.append(tx, &actor, change).await?;
        Ok(true)
    }

    /// The live session of a cookie.
    pub(crate) async fn citizen_session(
        &self,
        cookie: Option<&str>,
    ) -> Result<Option<CitizenSession>, IdentityError> {
        let Some(cookie) = cookie else {
            return Ok(None);
        };
        let now = self.source.now();
        let found = store::of_token(&self.db, hash_of(cookie)).await?;
        let Some(session) = found.filter(|one| session_lasts(one.begun_at, Some(one.seen_at), now))
        else {
            return Ok(None);
        };
        if now.duration_since(session.seen_at) > SEEN_EVERY {
            store::see(&self.db, session.id, now).await?;
        }
        Ok(Some(session))
    }

    /// What is known of a citizen while its session goes on for the services that it opened.
    pub(crate) async fn citizen_in(
        &self,
        citizen: Uuid,
        session: Uuid,
    ) -> Result<Option<CitizenClaims>, IdentityError> {
        let now = self.source.now();
        let found = store::of_id(&self.db, session).await?;
        let live =
            found.filter(|one| one.citizen == citizen && session_lasts(one.begun_at, None, now));
        Ok(live.map(|one| one.identity))
    }

    /// Ends a session of a citizen, as the person asked; gives whether it was that person's.
    pub(crate) async fn end_citizen_session(
        &self,
        citizen: Uuid,
        session: Uuid,
    ) -> Result<bool, IdentityError> {
        let now = self.source.now();
        let mut tx = self.db.begin().await?;
        let found = store::of_id(&mut tx, session).await?;
        if found.is_none_or(|one| one.citizen != citizen) {
            return Ok(false);
        }
        let ended = self
            .end_in(&mut tx, (session, citizen), "signed-out", now)
            .await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends every session that a provider opened, in the transaction that suspends it.
    pub(crate) async fn end_sessions_of(
        &self,
        tx: &mut Tx,
        provider: Uuid,
    ) -> Result<(), IdentityError> {
        let now = self.source.now();
        loop {
            let some = store::of_provider(&mut *tx, provider).await?;
            if some.is_empty() {
                return Ok(());
            }
            for one in some {
                self.end_in(&mut *tx, one, "provider-suspended", now)
                    .await?;
            }
        }
    }

    /// Forgets who people were whose sessions are over, and sessions that ended a year ago.
    pub(crate) async fn forget_citizens(&self, last_year: Timestamp) -> Result<(), IdentityError> {
        let now = self.source.now();
        loop {
            let mut tx = self.db.begin().await?;
            let some = store::over(&mut tx, now).await?;
            if some.is_empty() {
                break;
            }
            for one in some {
                self.end_in(&mut tx, one, "over", now).await?;
            }
            tx.commit().await?;
        }
        store::forget(&self.db, last_year).await?;
        Ok(())
    }

    /// Makes a new secret behind citizens' keys, beside the former ones: see the top of this file.
    pub async fn rotate_citizen_key(&self, actor: &Actor) -> Result<(), IdentityError> {
        actor.demand(&EDIT_SERVICES, None)?;
        let mut tx = self.db.begin().await?;
        let newest = store::secrets(&mut tx)
            .await?
            .last()
            .map_or(0, |(version, _)| *version);
        let secret: [u8; 32] = self.source.random();
        if !store::add_secret(&mut tx, newest + 1, secret.to_vec()).await? {
            return Err(IdentityError::Stale);
        }
        let change = Change::new("identity.citizen_key.add", "citizen-key", Uuid::nil())
            .after(json!({ "version": newest + 1 }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What the journal says when a citizen's session ends.
pub(crate) const CITIZEN_SESSION_END: &str = "identity.citizen_session.end";

/// A provider that a citizen may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Its name in addresses.
    pub(crate) code: String,
    /// Its name, as people read it.
    pub(crate) name: String,
    /// The highest level that it may give.
    pub(crate) level_max: &'static str,
}

impl Identity {
    /// Providers of citizens that are open and may reach one of `levels`, of any if none is named.
    pub(crate) async fn citizens_providers(
        &self,
        levels: &[String],
    ) -> Result<Vec<Choice>, IdentityError> {
        let all = providers::all_of(&self.db, Audience::Citizens).await?;
        let choices = all.into_iter().filter(|one| !one.suspended);
        let choices = choices.filter_map(|one| {
            let level_max = one.draft.level_max.of_citizen()?;
            level_max.satisfies_any(levels).then(|| Choice {
                code: one.draft.code,
                name: one.draft.name,
                level_max: level_max.name(),
            })
        });
        Ok(choices.collect())
    }
}
