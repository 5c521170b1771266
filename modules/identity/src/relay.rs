//! Requests to providers that only an inner network reaches.
//!
//! ```text
//!   platform ──request──▶ desk ◀──takes── relay (inside) ──▶ provider
//!                          ▲────answers────┘
//! ```
//! The relay calls us, so nothing inside is open to the outside. It proves who it is by a token that
//! it gets as any service does, by its own client credentials; the operator names that service and the
//! hosts that go this way. What the relay asks inside is bounded by a list of its own.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::SignedDuration;
use kit_db::Db;
use kit_egress::{Carried, Courier, NotCarried, Parcel, Returned};
use kit_time::Source;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::domain::{Binding, ErrorCode, OAuthError};
use crate::store::relay as store;
use crate::userinfo::Presented;
use crate::{Identity, IdentityError};

/// How long a request may wait to be taken and answered: a little longer than who asks waits.
const LIVES: SignedDuration = SignedDuration::from_secs(15);
/// How long a relay that finds nothing waits before it is told so.
const RELAY_WAITS: Duration = Duration::from_secs(8);
/// How often another process is looked for; what happens in this one is seen at once.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

/// A request on its way through the relay.
#[derive(Clone, Serialize, Deserialize)]
pub struct RelayCall {
    /// Its id: the answer names it.
    pub id: Uuid,
    /// Where to.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// What is posted, in base64; nothing when something is asked for.
    pub body: Option<String>,
}

impl std::fmt::Debug for RelayCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayCall")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl RelayCall {
    /// What is posted, if anything; an error when it can't be read.
    pub fn posted(&self) -> Result<Option<Vec<u8>>, base64::DecodeError> {
        self.body
            .as_ref()
            .map(|body| STANDARD.decode(body))
            .transpose()
    }
}

/// What came of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayAnswer {
    /// The host answered.
    Answered {
        /// 100 to 599.
        status: u16,
        /// Names and values.
        headers: Vec<(String, String)>,
        /// In base64.
        body: String,
    },
    /// It was not asked, or didn't answer.
    Failed {
        /// Why, in a few words without the address.
        reason: String,
    },
}

impl RelayAnswer {
    /// The answer of a host.
    pub fn answered(status: u16, headers: Vec<(String, String)>, body: &[u8]) -> Self {
        Self::Answered {
            status,
            headers,
            body: STANDARD.encode(body),
        }
    }

    /// No answer, and why.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
        }
    }
}

impl std::fmt::Debug for RelayAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Answered { .. } => "Answered",
            Self::Failed { .. } => "Failed",
        })
    }
}

/// Where requests wait for the relay: a cheap clone.
#[derive(Clone)]
pub struct RelayDesk {
    db: Db,
    source: Source,
    came: Arc<Notify>,
    answered: Arc<Notify>,
}

impl std::fmt::Debug for RelayDesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RelayDesk")
    }
}

impl RelayDesk {
    /// A desk on a database; processes on one database share it.
    pub fn new(db: Db, source: Source) -> Self {
        Self {
            db,
            source,
            came: Arc::default(),
            answered: Arc::default(),
        }
    }

    async fn ask(&self, parcel: Parcel) -> Result<Returned, NotCarried> {
        let lost = |error: &dyn std::error::Error| {
            tracing::error!(error = %error, "identity.relay.ask");
            NotCarried("the relay's desk is out of order".to_owned())
        };
        let call = RelayCall {
            id: self.source.new_id(),
            url: parcel.url,
            headers: parcel.headers,
            body: parcel.body.map(|body| STANDARD.encode(body)),
        };
        let told = serde_json::to_vec(&call).map_err(|error| lost(&error))?;
        let now = self.source.now();
        let kept = store::keep(&self.db, call.id, &told, now, now + LIVES).await;
        kept.map_err(|error| lost(&error))?;
        self.came.notify_waiters();
        // Whoever asks drops this when it has waited long enough.
        loop {
            let woken = self.answered.notified();
            let found = store::read(&self.db, call.id).await;
            if let Some(answer) = found.map_err(|error| lost(&error))? {
                let answer = serde_json::from_slice(&answer).map_err(|error| lost(&error))?;
                return returned(answer);
            }
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(LOOKS_EVERY) => {}
            }
        }
    }

    /// The next request, after a while if none waits.
    async fn next(&self) -> Result<Option<RelayCall>, IdentityError> {
        let looking = async {
            loop {
                let woken = self.came.notified();
                if let Some((_, told)) = store::take(&self.db, self.source.now()).await? {
                    return Ok(serde_json::from_slice(&told).ok());
                }
                tokio::select! {
                    () = woken => {}
                    () = tokio::time::sleep(LOOKS_EVERY) => {}
                }
            }
        };
        match tokio::time::timeout(RELAY_WAITS, looking).await {
            Ok(found) => found,
            Err(_) => Ok(None),
        }
    }
}

fn returned(answer: RelayAnswer) -> Result<Returned, NotCarried> {
    match answer {
        RelayAnswer::Failed { reason } => Err(NotCarried(format!("the relay says: {reason}"))),
        RelayAnswer::Answered {
            status,
            headers,
            body,
        } => match STANDARD.decode(body) {
            Ok(body) => Ok(Returned {
                status,
                headers,
                body: Bytes::from(body),
            }),
            Err(_) => Err(NotCarried("the relay's answer can't be read".to_owned())),
        },
    }
}

impl Courier for RelayDesk {
    fn carry(&self, parcel: Parcel) -> Carried<'_> {
        Box::pin(self.ask(parcel))
    }
}

/// The relay that may take requests.
#[derive(Debug, Clone)]
pub(crate) struct RelayDuty {
    desk: RelayDesk,
    service: Arc<str>,
}

impl Identity {
    /// Lets the service of the name `service` (its `client_id`) take what waits at `desk`.
    #[must_use]
    pub fn with_relay(mut self, desk: RelayDesk, service: &str) -> Self {
        self.relay = Some(RelayDuty {
            desk,
            service: service.into(),
        });
        self
    }

    /// The desk, for whoever proves to be the relay: by a token of its own, bound to nothing, that
    /// speaks for no person.
    async fn desk_for(&self, presented: Option<&Presented>) -> Result<&RelayDesk, IdentityError> {
        let told = "a token of the relay is needed";
        let refused = || OAuthError::new(ErrorCode::InvalidToken, told);
        let (Some(duty), Some(presented)) = (&self.relay, presented) else {
            return Err(refused().into());
        };
        let live = self.live_token(&presented.token).await?;
        let is_relay = live.is_some_and(|live| {
            let resources = &live.access.resources;
            // A token for elsewhere was shown elsewhere.
            let is_for_us = resources.is_empty() || resources.has(&self.issuer);
            is_for_us
                && live.person.is_none()
                && live.access.authorization.is_none()
                && live.access.bound == Binding::default()
                && *live.client.client.client_id == *duty.service
        });
        if is_relay {
            Ok(&duty.desk)
        } else {
            Err(refused().into())
        }
    }

    /// Refuses whoever isn't the relay.
    pub(crate) async fn is_relay(
        &self,
        presented: Option<&Presented>,
    ) -> Result<(), IdentityError> {
        self.desk_for(presented).await.map(drop)
    }

    /// The request that has waited longest; waits for one for some seconds.
    pub(crate) async fn take_relay_call(
        &self,
        presented: Option<&Presented>,
    ) -> Result<Option<RelayCall>, IdentityError> {
        self.desk_for(presented).await?.next().await
    }

    /// Takes the answer to a request; one that nobody awaits is not found.
    pub(crate) async fn answer_relay_call(
        &self,
        presented: Option<&Presented>,
        id: Uuid,
        answer: &RelayAnswer,
    ) -> Result<(), IdentityError> {
        let desk = self.desk_for(presented).await?;
        let told = serde_json::to_vec(answer).map_err(IdentityError::key)?;
        if !store::answer(&self.db, id, &told, self.source.now()).await? {
            return Err(IdentityError::NotFound);
        }
        desk.answered.notify_waiters();
        Ok(())
    }
}
