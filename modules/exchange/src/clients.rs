//! What may use an accreditation: clients of the issuer, and opaque keys where they are allowed.

use std::fmt::Write as _;

use kit_access::Actor;
use kit_journal::Change;
use ports::exchange::{Accreditations, BehalfRequest, ScopeTold, TokenGrant};
use ports::{Answered, PortError};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::accreditations::Seen;
use crate::domain::{RequestState, Standing};
use crate::store::clients::{self as store, NamedClient, StoredKey};
use crate::store::{accreditations, versions};
use crate::{Exchange, ExchangeError};

/// Most clients of one accreditation.
const CLIENTS_MAX: usize = 50;
/// Most keys of one accreditation that work.
const KEYS_MAX: usize = 20;
/// Longest name of a key, in characters.
const LABEL_CHARS_MAX: usize = 100;
/// The beginning of each key: whoever finds one in a file knows what it is.
const KEY_MARK: &str = "gvx_";

/// A key, the one time that it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyShown(pub String);

impl std::fmt::Debug for KeyShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyShown(…)")
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text doesn't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Exchange {
    /// An accreditation that the actor may use: as its requester or its editor.
    async fn used(&self, actor: &Actor, id: Uuid) -> Result<Seen, ExchangeError> {
        let seen = self.seen(actor, id).await?;
        if !seen.seat.uses() {
            actor.demand(&crate::access::ASK, Some(seen.one.requester))?;
        }
        let granted = seen.one.life.granted;
        match granted.map(|granted| granted.standing) {
            Some(Standing::InForce | Standing::Suspended)
                if seen.one.life.request != RequestState::Archived =>
            {
                Ok(seen)
            }
            _ => Err(ExchangeError::mistake(
                "client_id",
                "exchange-mistake-not-granted",
                "",
            )),
        }
    }

    /// Names a client that may use an accreditation: one of the requester's, or of its editor's.
    pub async fn name_client(
        &self,
        actor: &Actor,
        id: Uuid,
        client_id: &str,
    ) -> Result<(), ExchangeError> {
        let seen = self.used(actor, id).await?;
        let client_id = client_id.trim();
        let unknown = || ExchangeError::mistake("client_id", "exchange-mistake-client", client_id);
        if client_id.is_empty() || client_id.len() > 200 {
            return Err(unknown());
        }
        let client = self.issuer.client(client_id).await?.ok_or_else(unknown)?;
        // Somebody else's client, named here, could no longer get tokens for what it has.
        let organisation = client.organisation.map(|id| id.0).ok_or_else(unknown)?;
        let is_theirs = organisation == seen.one.requester || Some(organisation) == seen.one.editor;
        if !is_theirs {
            return Err(unknown());
        }
        let mut tx = self.db.begin().await?;
        if store::of_accreditation(&mut tx, id).await?.len() >= CLIENTS_MAX {
            let key = "exchange-mistake-count";
            return Err(ExchangeError::mistake("client_id", key, CLIENTS_MAX));
        }
        let named = NamedClient {
            accreditation: id,
            client_id: client.client_id,
            name: client.name,
            organisation,
        };
        store::name(&mut tx, &named, self.source.now()).await?;
        let change = Change::new("exchange.client.name", "accreditation", id)
            .of(Some(seen.one.requester))
            .after(json!({ "client_id": named.client_id }));
        self.finish(tx, actor, change).await
    }

    /// Takes a client's name away: its tokens open nothing any more.
    pub async fn remove_client(
        &self,
        actor: &Actor,
        id: Uuid,
        client_id: &str,
    ) -> Result<(), ExchangeError> {
        let seen = self.used(actor, id).await?;
        let mut tx = self.db.begin().await?;
        if !store::remove(&mut tx, id, client_id).await? {
            return Err(ExchangeError::NotFound);
        }
        let change = Change::new("exchange.client.remove", "accreditation", id)
            .of(Some(seen.one.requester))
            .before(json!({ "client_id": client_id }));
        self.finish(tx, actor, change).await
    }

    /// The clients of an accreditation, and its keys without their secrets.
    pub(crate) async fn uses_of(
        &self,
        seen: &Seen,
    ) -> Result<(Vec<NamedClient>, Vec<StoredKey>), ExchangeError> {
        let id = seen.one.id;
        let clients = store::of_accreditation(&self.db, id).await?;
        Ok((clients, store::keys(&self.db, id).await?))
    }

    /// Makes an opaque key of 256 random bits, where the version in force allows keys. It is in the
    /// answer and nowhere else.
    pub async fn make_key(
        &self,
        actor: &Actor,
        id: Uuid,
        label: &str,
    ) -> Result<KeyShown, ExchangeError> {
        let seen = self.used(actor, id).await?;
        let version = self.version_of(&seen.one).await?;
        if !version.is_some_and(|version| version.keys_allowed) {
            return Err(ExchangeError::mistake(
                "label",
                "exchange-mistake-no-keys",
                "",
            ));
        }
        let label = label.trim();
        if label.is_empty() || label.chars().count() > LABEL_CHARS_MAX {
            let key = "exchange-mistake-long";
            return Err(ExchangeError::mistake("label", key, LABEL_CHARS_MAX));
        }
        let secret: [u8; 32] = self.source.random();
        let shown = format!("{KEY_MARK}{}", hexadecimal(&secret));
        // 256 random bits: nobody guesses them from their hash, and no salt is needed.
        let hash: [u8; 32] = Sha256::digest(shown.as_bytes()).into();
        let key = StoredKey {
            id: self.source.new_id(),
            label: label.to_owned(),
            made_by: actor.name().to_owned(),
            made_at: self.source.now(),
            revoked_at: None,
        };
        let existing = store::keys(&self.db, id).await?;
        if existing
            .iter()
            .filter(|one| one.revoked_at.is_none())
            .count()
            >= KEYS_MAX
        {
            let limit = KEYS_MAX;
            return Err(ExchangeError::mistake(
                "label",
                "exchange-mistake-count",
                limit,
            ));
        }
        let mut tx = self.db.begin().await?;
        store::add_key(&mut tx, id, &key, hash).await?;
        let change = Change::new("exchange.key.make", "accreditation", id)
            .of(Some(seen.one.requester))
            .after(json!({ "key": key.id, "label": key.label }));
        self.finish(tx, actor, change).await?;
        Ok(KeyShown(shown))
    }

    /// Revokes a key at once.
    pub async fn revoke_key(
        &self,
        actor: &Actor,
        id: Uuid,
        key: Uuid,
    ) -> Result<(), ExchangeError> {
        let seen = self.used(actor, id).await?;
        let mut tx = self.db.begin().await?;
        if !store::revoke(&mut tx, key, id, self.source.now()).await? {
            return Err(ExchangeError::NotFound);
        }
        let change = Change::new("exchange.key.revoke", "accreditation", id)
            .of(Some(seen.one.requester))
            .before(json!({ "key": key }));
        self.finish(tx, actor, change).await
    }

    /// What a client may ask tokens for.
    async fn token_grant(
        &self,
        client: &str,
        accreditation: Option<Uuid>,
    ) -> Result<Option<TokenGrant>, ExchangeError> {
        let now = self.source.now();
        let usable = store::usable(&self.db, client, now).await?;
        let id = match (accreditation, usable.as_slice()) {
            (Some(named), all) if all.contains(&named) => named,
            (None, [only]) => *only,
            _ => return Ok(None),
        };
        let Some(one) = accreditations::find(&self.db, id).await? else {
            return Ok(None);
        };
        let Some(granted) = one.life.granted.filter(|_| one.life.is_usable(now)) else {
            return Ok(None);
        };
        let found = versions::find(&self.db, id, granted.version).await?;
        Ok(found.map(|version| {
            let mut scopes: Vec<String> = version
                .apis
                .iter()
                .flat_map(|api| api.scopes.iter().map(|(code, _)| code.clone()))
                .collect();
            scopes.sort();
            TokenGrant {
                accreditation: id,
                version: granted.version,
                scopes,
                requester: version.requester.siret,
            }
        }))
    }

    /// The port through which the issuer knows what a client may ask for.
    pub fn accreditations_port(&self) -> AccreditationPort {
        AccreditationPort(self.clone())
    }
}

/// Accreditations, as the issuer of tokens sees them.
#[derive(Debug, Clone)]
pub struct AccreditationPort(Exchange);

impl Accreditations for AccreditationPort {
    fn audience(&self) -> &str {
        &self.0.settings.audience
    }

    fn of_client<'f>(
        &'f self,
        client: &'f str,
        accreditation: Option<Uuid>,
    ) -> Answered<'f, Option<TokenGrant>> {
        Box::pin(async move {
            let found = self.0.token_grant(client, accreditation).await;
            found.map_err(|error| PortError(Box::new(error)))
        })
    }

    fn environment(&self) -> &str {
        &self.0.settings.environment
    }

    fn scopes<'f>(&'f self, codes: &'f [String]) -> Answered<'f, Vec<ScopeTold>> {
        Box::pin(async move {
            let found = self.0.scopes_told(codes).await;
            found.map_err(|error| PortError(Box::new(error)))
        })
    }

    fn on_behalf(&self, request: BehalfRequest) -> Answered<'_, Option<String>> {
        Box::pin(async move {
            let sealed = self.0.seal_citizen(request).await;
            sealed.map_err(|error| PortError(Box::new(error)))
        })
    }
}
