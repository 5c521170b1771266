//! Ways to sign in other than the password of an account, as the page that asks for it needs them.
//!
//! ```text
//!   directory ──asks──▶ SignInChoices ◀──implements── identity
//! ```
//! It exists because the address that a person writes decides where it proves who it is.

use uuid::Uuid;

use crate::Answered;

/// Where a person proves who it is. Paths are of this site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInWay {
    /// By the password of an account.
    Password,
    /// At an identity provider.
    Elsewhere {
        /// The provider's name.
        name: String,
        /// The path that leads there.
        path: String,
    },
    /// At one of several: name and path.
    Pick(Vec<(String, String)>),
}

/// Ways to sign in.
pub trait SignInChoices: Send + Sync {
    /// Whether there is any way but the password.
    fn are_there(&self) -> Answered<'_, bool>;

    /// The way of an address. `again` asks for a fresh proof; `return_to` is the path to go on to.
    fn of_email<'f>(
        &'f self,
        email: &'f str,
        return_to: &'f str,
        again: bool,
    ) -> Answered<'f, SignInWay>;

    /// Where a browser goes on whose session is about to end, to end it elsewhere too: a path.
    fn after_sign_out(&self, session: Uuid) -> Answered<'_, Option<String>>;
}
