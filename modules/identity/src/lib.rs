//! Identity: services sign people in through the platform, by OpenID Connect.
//!
//! ```text
//!   service ──authorize──▶ decide ──▶ sign in, agree ──▶ code ──token──▶ identity token
//! ```
//! Names of people and their sessions are the directory's; this module keeps which service was
//! told what of whom, since when, and under which keys.

pub mod access;
mod accredited;
mod agents;
mod arrival;
mod authorize;
mod certificates;
mod choices;
mod citizens;
mod citizens_port;
mod client_auth;
mod client_keys;
mod devices;
pub mod domain;
mod exchange;
mod figures;
mod introspect;
mod issuer_port;
mod keys;
mod known;
mod logout;
mod mock;
mod on_behalf;
mod own;
mod pages;
mod people;
mod person;
mod proof;
mod protocol;
mod provider_logout;
mod providers;
mod pushed;
mod relay;
mod response;
mod services;
mod signed;
mod store;
mod tokens;
mod upstream;
mod upstream_calls;
mod userinfo;

use std::sync::Arc;

use kit_db::{Db, DbError, Migration};
use kit_egress::Egress;
use kit_http::ModuleRoutes;
use kit_jobs::Jobs;
use kit_journal::Journal;
use kit_time::Source;
use kit_ui::{Locale, NavigationItem, NavigationSection};
use ports::exchange::Accreditations;
use ports::{Accounts, Organisations, PortError};

pub use certificates::ClientCertificates;
pub use choices::SignInPort;
pub use citizens::CITIZEN_COOKIE;
pub use citizens_port::CitizensPort;
pub use issuer_port::IssuerPort;
pub use logout::{LOGOUT_JOB, LogoutNotice, SessionEnds};
pub use protocol::openapi;
pub use providers::ProviderSecret;
pub use relay::{RelayAnswer, RelayCall, RelayDesk};
pub use services::{NewService, SecretShown};
pub use store::departures::Incident;
pub use store::statements;

/// The tables of sign-in.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("identity": "0001_identity", "0002_broker", "0003_citizens", "0004_protocol", "0005_relay");

/// The words of sign-in.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// The module: a cheap clone.
#[derive(Clone)]
pub struct Identity {
    pub(crate) db: Db,
    pub(crate) source: Source,
    pub(crate) journal: Journal,
    pub(crate) jobs: Jobs,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) organisations: Arc<dyn Organisations>,
    /// The one door to addresses that others supplied.
    pub(crate) egress: Egress,
    pub(crate) issuer: Arc<str>,
    pub(crate) keys: keys::KeyRing,
    pub(crate) services: known::KnownServices,
    pub(crate) certificates: Option<Arc<ClientCertificates>>,
    pub(crate) relay: Option<relay::RelayDuty>,
    /// Who is accredited in the data exchange, where there is one.
    pub(crate) accreditations: Option<Arc<dyn Accreditations>>,
    /// Pages of others that a citizen's space leads to: key of the words, address.
    pub(crate) citizens_pages: Arc<[(&'static str, &'static str)]>,
    /// The mock providers and the test service, when they run.
    pub(crate) mocks: Option<mock::Mocks>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// What the module can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The request is refused, in the words of its protocol.
    #[error(transparent)]
    Refused(#[from] domain::OAuthError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The directory failed.
    #[error(transparent)]
    Port(#[from] PortError),
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
    /// A key could not be made, read or used.
    #[error("a signing key can't be used: {0}")]
    Key(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl IdentityError {
    pub(crate) fn key(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Key(error.into())
    }
}

impl Identity {
    /// Sign-in on a database. `issuer` is the address at which services reach the platform, without
    /// a final slash; it is what tokens say they come from.
    pub fn new(
        db: Db,
        source: Source,
        jobs: Jobs,
        accounts: Arc<dyn Accounts>,
        organisations: Arc<dyn Organisations>,
        egress: Egress,
        issuer: &str,
    ) -> Self {
        Self {
            journal: Journal::new(source.clone()),
            db,
            source,
            jobs,
            accounts,
            organisations,
            egress,
            issuer: issuer.trim_end_matches('/').into(),
            keys: keys::KeyRing::default(),
            services: known::KnownServices::default(),
            certificates: None,
            relay: None,
            accreditations: None,
            citizens_pages: Arc::new([]),
            mocks: None,
        }
    }

    /// The same, which hears of certificates. Without it no certificate is seen.
    #[must_use]
    pub fn with_client_certificates(mut self, certificates: ClientCertificates) -> Self {
        self.certificates = Some(Arc::new(certificates));
        self
    }

    /// The same, which gives tokens for the data exchange. Without it nobody gets one.
    #[must_use]
    pub fn with_accreditations(mut self, accreditations: Arc<dyn Accreditations>) -> Self {
        self.accreditations = Some(accreditations);
        self
    }

    /// Its pages, and the addresses that services call.
    pub fn routes(&self) -> ModuleRoutes {
        protocol::routes(self.clone())
            .merge(pages::routes(self.clone()))
            .merge(mock::routes(self.clone()))
    }

    /// The port through which the sign-in page finds the way of an address.
    pub fn sign_in_port(&self) -> SignInPort {
        SignInPort(self.clone())
    }

    /// The port through which the data exchange knows keys and clients.
    pub fn issuer_port(&self) -> IssuerPort {
        IssuerPort(self.clone())
    }

    /// The port through which the data exchange knows which citizen is signed in.
    pub fn citizens_port(&self) -> CitizensPort {
        CitizensPort(self.clone())
    }

    /// The same, whose citizens find these pages in their space: key of the words, address.
    #[must_use]
    pub fn with_citizens_pages(mut self, pages: &[(&'static str, &'static str)]) -> Self {
        self.citizens_pages = pages.into();
        self
    }

    /// Its links in the side navigation.
    pub fn navigation() -> NavigationSection {
        let item = |key, href| NavigationItem {
            key,
            href,
            signed_in: true,
        };
        NavigationSection {
            key: "identity-nav",
            items: vec![
                item("identity-nav-services", "/services"),
                item("identity-nav-providers", "/providers"),
                item("identity-nav-own", "/account/services"),
            ],
        }
    }

    /// Forgets what has ended, renews keys that are old, tells the journal the counts of hours that
    /// are over. Call it every few minutes; two processes may do so at once.
    pub async fn keep_house(&self) -> Result<(), IdentityError> {
        let now = self.source.now();
        store::requests::forget(&self.db, now).await?;
        // A device may ask for a while why its code is over.
        let an_hour_ago = now - jiff::SignedDuration::from_hours(1);
        store::devices::forget(&self.db, an_hour_ago).await?;
        // Used codes and refresh tokens are remembered for a day: their second use is noticed.
        let yesterday = now - jiff::SignedDuration::from_hours(24);
        store::tokens::forget(&self.db, yesterday).await?;
        // The history that a person reads goes back one year.
        let last_year = now - jiff::SignedDuration::from_hours(24 * 365);
        store::authorizations::forget(&self.db, last_year).await?;
        self.forget_citizens(last_year).await?;
        self.forget_departures().await?;
        store::relay::forget(&self.db, now).await?;
        self.renew_keys().await?;
        self.tell_figures().await
    }

    /// A new secret of 256 bits.
    pub(crate) fn new_secret(&self) -> String {
        domain::new_secret(self.source.random())
    }

    /// The instant, in whole seconds since 1970, as tokens hold it.
    pub(crate) fn now_seconds(&self) -> i64 {
        self.source.now().as_second()
    }

    /// An address of ours, such as `/api/v2/token`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }
}
