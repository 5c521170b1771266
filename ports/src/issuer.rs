//! Who gives access tokens, as the data exchange needs it.
//!
//! ```text
//!   exchange ──asks──▶ TokenIssuer ◀──implements── identity
//! ```
//! It exists because a gateway checks tokens by the issuer's public keys, and an accreditation names
//! the clients that may use it.

use crate::{Answered, OrganisationId};

/// A registered client, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerClient {
    /// The name by which it calls.
    pub client_id: String,
    /// Its name, as people read it.
    pub name: String,
    /// Whose it is.
    pub organisation: Option<OrganisationId>,
}

/// Who gives access tokens.
pub trait TokenIssuer: Send + Sync {
    /// The issuer's name in tokens.
    fn issuer(&self) -> &str;

    /// Its public keys, as a JSON Web Key Set.
    fn keys(&self) -> Answered<'_, serde_json::Value>;

    /// The client of a name.
    fn client<'f>(&'f self, client_id: &'f str) -> Answered<'f, Option<IssuerClient>>;
}
