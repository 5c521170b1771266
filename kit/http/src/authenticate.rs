//! Who sends a request. The module that knows people implements it; the server hands it over.

use std::future::Future;
use std::pin::Pin;

use kit_access::Actor;

/// The cookie that holds a session's token. `__Host-` binds it to this host and to HTTPS.
pub const SESSION_COOKIE: &str = "__Host-session";

/// What a request brought to say who sends it.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// The session cookie's value.
    pub session: Option<String>,
    /// The value of `Authorization: Bearer`.
    pub bearer: Option<String>,
}

impl Credentials {
    /// Whether nothing was brought.
    pub fn is_empty(&self) -> bool {
        self.session.is_none() && self.bearer.is_none()
    }
}

/// The future of [`Authenticator::authenticate`].
pub type Authenticated<'f> = Pin<
    Box<dyn Future<Output = Result<Actor, Box<dyn std::error::Error + Send + Sync>>> + Send + 'f>,
>;

/// Tells the actor from the credentials. Unknown or expired ones make an anonymous actor; an error
/// means that nobody could look them up.
pub trait Authenticator: Send + Sync {
    /// Looks the credentials up.
    fn authenticate<'f>(&'f self, credentials: &'f Credentials) -> Authenticated<'f>;
}

/// For a stack without people: everybody is anonymous.
#[derive(Debug, Clone, Copy)]
pub struct NobodySignsIn;

impl Authenticator for NobodySignsIn {
    fn authenticate<'f>(&'f self, _: &'f Credentials) -> Authenticated<'f> {
        Box::pin(async { Ok(Actor::anonymous()) })
    }
}
