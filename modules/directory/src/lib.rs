//! The directory: organisations as a tree, people, roles and grants, and sign-in by local account
//! until an identity provider takes over.

pub mod access;
mod account_port;
mod accounts;
mod api;
mod brokered;
mod choices;
pub mod domain;
mod email;
mod grants;
mod organisations;
mod pages;
mod parties;
mod passkeys;
mod password;
mod second_factor;
mod sessions;
mod sign_in;
mod store;
mod visit;

use std::sync::Arc;

use kit_db::{Db, DbError, Migration};
use kit_http::ModuleRoutes;
use kit_jobs::Jobs;
use kit_journal::Journal;
use kit_time::Source;
use kit_ui::{Locale, NavigationItem, NavigationSection};
use webauthn::RelyingParty;

pub use account_port::AccountPort;
pub use accounts::Chosen;
pub use api::openapi;
pub use email::Followed;
pub use organisations::OrganisationPort;
pub use parties::PartyPort;
pub use passkeys::{Ceremony, NewPasskey, PasskeySignIn};
pub use sign_in::{SecondFactor, SignIn, SignedIn};
pub use store::organisations::Organisation;
pub use store::statements;
pub use visit::Visit;

/// The directory's tables.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("directory": "0001_directory", "0002_session_ids", "0003_broker_sessions", "0004_own_accounts");

/// The directory's words.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// The kind of the job that sends a mail; its payload is `{to, subject, text}`.
pub const MAIL_JOB: &str = "mail.send";

/// How long sessions live.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// From sign-in to the end, whatever happens.
    pub absolute: jiff::SignedDuration,
    /// Without a request.
    pub idle: jiff::SignedDuration,
}

impl Default for SessionLimits {
    /// 12 hours, 2 of them idle at most.
    fn default() -> Self {
        Self {
            absolute: jiff::SignedDuration::from_hours(12),
            idle: jiff::SignedDuration::from_hours(2),
        }
    }
}

/// The module: a cheap clone.
#[derive(Debug, Clone)]
pub struct Directory {
    db: Db,
    source: Source,
    journal: Journal,
    jobs: Jobs,
    limits: SessionLimits,
    public_url: Arc<str>,
    choices: choices::Choices,
    /// Whom passkeys are for; none where browsers offer none.
    party: Option<RelyingParty>,
}

/// What the directory can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] kit_access::Denied),
    /// Nothing has this id.
    #[error("not found")]
    NotFound,
    /// What was sent holds mistakes.
    #[error("{} mistake(s)", .0.len())]
    Mistakes(Vec<domain::Mistake>),
    /// Somebody changed it first.
    #[error("changed in the meantime")]
    Stale,
    /// Another module failed.
    #[error(transparent)]
    Port(#[from] ports::PortError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] password::HashError),
}

impl Directory {
    /// The directory of a database. `public_url` is put before the links in mails.
    pub fn new(
        db: Db,
        source: Source,
        jobs: Jobs,
        limits: SessionLimits,
        public_url: &str,
    ) -> Self {
        let journal = Journal::new(source.clone());
        Self {
            db,
            source,
            journal,
            jobs,
            limits,
            public_url: public_url.into(),
            choices: choices::Choices::default(),
            party: RelyingParty::of_address(public_url),
        }
    }

    /// Its pages and API.
    pub fn routes(&self) -> ModuleRoutes {
        pages::routes(self.clone()).merge(api::routes(self.clone()))
    }

    /// Its links in the side navigation.
    pub fn navigation() -> NavigationSection {
        let item = |key, href, signed_in| NavigationItem {
            key,
            href,
            signed_in,
        };
        NavigationSection {
            key: "directory-nav",
            items: vec![
                item("directory-nav-organisations", "/organisations", false),
                item("directory-nav-people", "/people", true),
            ],
        }
    }

    /// The port through which other modules find accounts and their sessions.
    pub fn accounts_port(&self) -> AccountPort {
        AccountPort(self.clone())
    }

    /// The port through which other modules find bodies by number, and those who hold a role on them.
    pub fn parties_port(&self) -> PartyPort {
        PartyPort(self.clone())
    }

    /// The port through which other modules find organisations.
    pub fn organisations_port(&self) -> OrganisationPort {
        OrganisationPort(self.clone())
    }
}
