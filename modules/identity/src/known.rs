//! Services that were looked up a moment ago.
//!
//! Each call names a service. It is read from the database once a second at most; in the process
//! that suspends or changes one, the change counts from the next call on, in others within that
//! second.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::domain::Client;
use crate::store::clients::{self, Secret};
use crate::{Identity, IdentityError};

/// How long what was read is believed.
const BELIEVED: SignedDuration = SignedDuration::from_secs(1);
/// Most services that are kept: more than any State has.
const SERVICES_MAX: usize = 20_000;

/// A service with its secrets.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) client: Client,
    pub(crate) secrets: Vec<Secret>,
    read_at: Timestamp,
}

/// What a process keeps.
#[derive(Clone, Default)]
pub(crate) struct KnownServices(Arc<RwLock<Kept>>);

#[derive(Default)]
struct Kept {
    by_id: HashMap<Uuid, Arc<Known>>,
    ids: HashMap<String, Uuid>,
}

impl KnownServices {
    fn find(&self, id: Uuid, now: Timestamp) -> Option<Arc<Known>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = kept.by_id.get(&id)?;
        (now.duration_since(known.read_at).abs() < BELIEVED).then(|| known.clone())
    }

    fn id(&self, named: &str) -> Option<Uuid> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.ids.get(named).copied()
    }

    fn keep(&self, known: &Arc<Known>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.by_id.len() >= SERVICES_MAX {
            kept.by_id.clear();
            kept.ids.clear();
        }
        let id = known.client.id;
        kept.ids.insert(known.client.client_id.clone(), id);
        kept.by_id.insert(id, known.clone());
    }

    /// Forgets a service that was changed.
    pub(crate) fn forget(&self, id: Uuid) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.by_id.remove(&id);
    }
}

impl Identity {
    /// The service of the name by which it calls us.
    pub(crate) async fn known(&self, named: &str) -> Result<Option<Arc<Known>>, IdentityError> {
        let now = self.source.now();
        let id = self.services.id(named);
        if let Some(known) = id.and_then(|id| self.services.find(id, now)) {
            return Ok(Some(known));
        }
        let client = clients::named(&self.db, named).await?;
        self.with_secrets(client, now).await
    }

    /// The service of an id.
    pub(crate) async fn of_id(&self, id: Uuid) -> Result<Option<Arc<Known>>, IdentityError> {
        let now = self.source.now();
        if let Some(known) = self.services.find(id, now) {
            return Ok(Some(known));
        }
        let client = clients::find(&self.db, id).await?;
        self.with_secrets(client, now).await
    }

    async fn with_secrets(
        &self,
        client: Option<Client>,
        now: Timestamp,
    ) -> Result<Option<Arc<Known>>, IdentityError> {
        let Some(client) = client else {
            return Ok(None);
        };
        let secrets = clients::secrets(&self.db, client.id, now).await?;
        let known = Arc::new(Known {
            client,
            secrets,
            read_at: now,
        });
        self.services.keep(&known);
        Ok(Some(known))
    }
}
