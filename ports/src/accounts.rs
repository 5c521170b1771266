//! Accounts and their sessions, as the module that signs people in to services needs them.
//!
//! ```text
//!   identity ──asks──▶ Accounts ◀──implements── directory
//! ```
//! It exists because a service is told about a person who has signed in to the platform, and how.

use std::net::IpAddr;

use jiff::Timestamp;
use kit_access::Actor;
use kit_db::Tx;
use kit_ui::Words;
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
    /// When an identity provider opened it: what is known of that.
    pub brokered: Option<BrokeredSession>,
}

/// What an identity provider proved when it opened a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokeredSession {
    /// The provider's code.
    pub provider: String,
    /// The name of the level.
    pub level: String,
    /// When the person proved there who it is, as far as the provider says.
    pub proved_at: Option<Timestamp>,
}

/// A session that an identity provider opens.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'s> {
    /// Whose.
    pub person: PersonId,
    /// How the person proved who it is: values of RFC 8176.
    pub methods: &'s [String],
    /// The name of the level.
    pub level: &'s str,
    /// The provider's code.
    pub provider: &'s str,
    /// When the person proved there who it is, as far as the provider says.
    pub proved_at: Option<Timestamp>,
    /// In which browser.
    pub browser: SeenBrowser<'s>,
}

/// The cookie that tells a browser in which somebody has signed in. It opens nothing.
pub const DEVICE_COOKIE: &str = "__Host-device";

/// A browser, as it shows itself.
#[derive(Debug, Clone, Copy)]
pub struct SeenBrowser<'b> {
    /// What it says of itself (`User-Agent`).
    pub user_agent: &'b str,
    /// Where it calls from.
    pub client: IpAddr,
    /// The session cookie that it has.
    pub session: Option<&'b str>,
    /// The device cookie that it has.
    pub device: Option<&'b str>,
    /// The words of its reader: those of the mail about a new device.
    pub words: &'b Words,
}

/// A session that began.
#[derive(Clone, PartialEq, Eq)]
pub struct BegunSession {
    /// Its id, which is no secret.
    pub id: Uuid,
    /// The cookie's value, which is one.
    pub token: String,
    /// How long the cookie lives, in seconds.
    pub max_age_seconds: u64,
    /// The value of the device cookie.
    pub device: Option<String>,
    /// How long the device cookie lives, in seconds.
    pub device_max_age_seconds: u64,
}

impl std::fmt::Debug for BegunSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BegunSession")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// An account that an identity provider makes.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    /// The person's name, which may be empty.
    pub name: &'a str,
    /// Its address.
    pub email: &'a str,
    /// Where it works.
    pub organisation: Option<OrganisationId>,
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

    /// The account of an address, open or closed.
    fn account_of_email<'f>(&'f self, email: &'f str) -> Answered<'f, Option<PersonId>>;

    /// Adds an account in `tx`; `None` when its address can't be one or is taken.
    fn add_account<'f>(
        &'f self,
        tx: &'f mut Tx,
        actor: &'f Actor,
        account: NewAccount<'f>,
    ) -> Answered<'f, Option<PersonId>>;

    /// Begins a session in `tx`; `None` when the account is closed.
    fn begin_session<'f>(
        &'f self,
        tx: &'f mut Tx,
        session: NewSession<'f>,
    ) -> Answered<'f, Option<BegunSession>>;

    /// The code of the provider that opened a session; `None` for one opened here, even if it goes on
    /// where a provider's was.
    fn provider_of(&self, session: Uuid) -> Answered<'_, Option<String>>;

    /// Ends a session, wherever it was begun; gives whether it was live.
    fn end_session(&self, session: Uuid) -> Answered<'_, bool>;
}
