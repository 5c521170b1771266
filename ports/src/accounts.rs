//! Accounts and their sessions, as the module that signs people in to services needs them.
//!
//! ```text
//!   identity ──asks──▶ Accounts ◀──implements── directory
//! ```
//! It exists because a service is told about a person who has signed in to the platform, and how.

use jiff::Timestamp;
use uuid::Uuid;

use crate::{Answered, OrganisationId, PersonId};

/// A person, as services may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSummary {
    /// Its id.
    pub id: PersonId,
    /// Its name, as it signs.
    pub name: String,
    /// Its address, in lower case.
    pub email: String,
    /// Whether a mail to that address was followed.
    pub email_verified: bool,
    /// Where it works.
    pub organisation: Option<AccountOrganisation>,
}

/// Where a person works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOrganisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Its SIRET number, 14 digits.
    pub siret: Option<String>,
}

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSummary {
    /// Its id, which is no secret: knowing it opens nothing.
    pub id: Uuid,
    /// Whose.
    pub person: PersonId,
    /// When the person proved who it is.
    pub begun_at: Timestamp,
    /// How: values of RFC 8176, such as `pwd`.
    pub methods: Vec<String>,
}

/// Accounts, and the sessions of the platform's cookie.
pub trait Accounts: Send + Sync {
    /// An open account; `None` when there is none or when it is closed.
    fn account(&self, id: PersonId) -> Answered<'_, Option<AccountSummary>>;

    /// The same, if a session of it goes on too, when one is named.
    fn account_in(
        &self,
        id: PersonId,
        session: Option<Uuid>,
    ) -> Answered<'_, Option<AccountSummary>>;

    /// The live session of a cookie's value.
    fn session<'f>(&'f self, cookie: &'f str) -> Answered<'f, Option<SessionSummary>>;

    /// Whether an account has a second factor, with which its person can reach a level that asks for
    /// two.
    fn has_second_factor(&self, id: PersonId) -> Answered<'_, bool>;

    /// Whether a session goes on: not ended, and not past its longest time. One that is idle here
    /// goes on for the services that it opened.
    fn is_live(&self, session: Uuid) -> Answered<'_, bool>;

    /// Ends a session, wherever it was begun; gives whether it was live.
    fn end_session(&self, session: Uuid) -> Answered<'_, bool>;
}
