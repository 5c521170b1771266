//! What follows when a provider vouches for somebody, by audience.

use ports::{BegunSession, SeenBrowser};

use crate::domain::{Audience, UpstreamCause, UpstreamFailure, UpstreamIdentity};
use crate::upstream::Failed;
use crate::{Identity, IdentityError};

/// Where a person who came back goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A session of the platform began.
    SignedIn {
        /// The session.
        session: BegunSession,
        /// Where the person goes: a path of ours.
        return_to: String,
        /// The address that surprises, when the person is to be told.
        surprise: Option<String>,
    },
    /// The person says which account, or which organisation, it means.
    Choose {
        /// What finds the arrival again.
        ticket: String,
    },
    /// It can't go on.
    Failed(Failed),
}

/// The browser of somebody who came back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Browser<'b> {
    /// The cookie that ties it to its departure.
    pub(crate) departure: &'b str,
    /// What it shows of itself.
    pub(crate) seen: SeenBrowser<'b>,
}

impl Identity {
    /// The one way on for a person whom a provider vouches for.
    pub(crate) async fn arrive(
        &self,
        identity: UpstreamIdentity,
        return_to: &str,
        browser: Browser<'_>,
    ) -> Result<Arrival, IdentityError> {
        match identity.provider.draft.audience {
            Audience::Agents => self.agent_arrives(identity, return_to, browser).await,
            Audience::Citizens => {
                let told = "citizens aren't served";
                let failure = UpstreamFailure::new(UpstreamCause::Audience, told);
                let failed = self.failed(Some(&identity.provider), return_to, failure);
                Ok(Arrival::Failed(failed.await?))
            }
        }
    }
}
