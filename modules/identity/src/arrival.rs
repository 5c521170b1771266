//! What follows when a provider vouches for somebody, by audience.

use crate::domain::{Audience, UpstreamCause, UpstreamFailure, UpstreamIdentity};
use crate::upstream::Failed;
use crate::{Identity, IdentityError};

/// Where a person who came back goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A session of the platform began.
    #[expect(dead_code, reason = "no audience is served yet")]
    SignedIn {
        /// The value of the session's cookie.
        token: String,
        /// How long the cookie lives, in seconds.
        max_age_seconds: u64,
        /// Where the person goes: a path of ours.
        return_to: String,
    },
    /// It can't go on.
    Failed(Failed),
}

impl Identity {
    /// The one way on for a person whom a provider vouches for.
    pub(crate) async fn arrive(
        &self,
        identity: UpstreamIdentity,
        return_to: &str,
    ) -> Result<Arrival, IdentityError> {
        let failure = match identity.provider.draft.audience {
            Audience::Agents | Audience::Citizens => {
                UpstreamFailure::new(UpstreamCause::Audience, "this audience isn't served")
            }
        };
        let failed = self.failed(Some(&identity.provider), return_to, failure);
        Ok(Arrival::Failed(failed.await?))
    }
}
