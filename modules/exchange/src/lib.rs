//! The data exchange's control plane: what producers offer, who was accredited to ask for it, which
//! flows are stopped, what was called.
//!
//! ```text
//!   producer ──API──▶ catalogue ──request──▶ decision ──version──▶ Snapshot ──▶ gateways
//!                                                    stops ───────────┘   traces ◀─┘
//! ```
//! Gateways answer calls by the snapshot alone; nothing here stands in the way of a call.

pub mod access;
mod access_files;
mod accreditations;
mod alerts;
mod api;
mod behalf;
mod catalogue;
mod citizens;
mod clients;
mod contests;
mod decisions;
pub mod domain;
mod figures;
mod gateways;
mod mails;
mod notices;
mod operations;
mod pages;
mod proofs;
mod rules;
mod scopes;
mod snapshot;
mod stops;
mod store;
mod traces;
mod trials;
mod usage;
mod watch;

use std::sync::Arc;

use kit_access::Actor;
use kit_db::{Db, DbError, Migration, Tx};
use kit_http::ModuleRoutes;
use kit_jobs::Jobs;
use kit_journal::Journal;
use kit_time::Source;
use kit_ui::{Catalogue, Locale, NavigationItem, NavigationSection, Words};
use ports::exchange::Party;
use ports::{
    Citizens, OrganisationId, Organisations, PARTIES_AT_ONCE_MAX, Parties, PortError, TokenIssuer,
    TraceProofs,
};
use uuid::Uuid;

pub use accreditations::NewRequest;
pub use api::openapi;
pub use behalf::AgreementEnds;
pub use catalogue::NewApi;
pub use citizens::{Access, AccessFilter, SureCitizen, Visitor};
pub use clients::{AccreditationPort, KeyShown};
pub use decisions::Details;
pub use notices::NOTICE_DAYS;
pub use operations::OperationForm;
pub use rules::{TRIED_DAYS, Tried};
pub use scopes::ScopeForm;
pub use store::accreditations::Accreditation;
pub use store::alerts::{AlertFilter, AlertSide, AlertSource, KeptAlert};
pub use store::contests::Contest;
pub use store::gateways::KnownGateway;
pub use store::list::ApiFilter;
pub use store::rules::{KeptRule, RuleFilter};
pub use store::statements;
pub use store::stops::StoredStop;
pub use store::traces::{KeptTrace, Side, TraceFilter};
pub use traces::{EXPORT_MAX, TRACES_AT_ONCE_MAX, TRACES_KEPT_MONTHS};

/// The tables of the exchange.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("exchange": "0001_exchange", "0002_accreditation", "0003_traces",
        "0005_gateways", "0006_citizens", "0007_rules", "0008_usage", "0009_behalf",
        "0010_trace_on_behalf", "0011_stop_of_api", "0012_proofs");

/// The words of the exchange.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// The kind of the job that sends a mail; its payload is `{to, subject, text}`.
const MAIL_JOB: &str = "mail.send";

/// How the exchange presents itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeSettings {
    /// The address at which people reach the platform, without a final slash.
    pub public_url: String,
    /// Whom tokens are for: the address of the exchange.
    pub audience: String,
    /// `production` or `test`.
    pub environment: String,
    /// Requests in a minute that one address may make, whoever it is.
    pub per_address_per_minute: u32,
}

impl ExchangeSettings {
    /// Production on a platform that people reach at `public_url`.
    pub fn of(public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self {
            audience: format!("{public_url}/exchange"),
            public_url,
            environment: "production".to_owned(),
            per_address_per_minute: 6_000,
        }
    }
}

/// The module: a cheap clone.
#[derive(Clone)]
pub struct Exchange {
    pub(crate) db: Db,
    pub(crate) source: Source,
    pub(crate) journal: Journal,
    pub(crate) jobs: Jobs,
    pub(crate) organisations: Arc<dyn Organisations>,
    pub(crate) parties: Arc<dyn Parties>,
    pub(crate) issuer: Arc<dyn TokenIssuer>,
    pub(crate) settings: Arc<ExchangeSettings>,
    /// Through which addresses for trials are asked.
    pub(crate) egress: Option<kit_egress::Egress>,
    /// Who says which citizen is signed in, where citizens sign in.
    pub(crate) citizens: Option<Arc<dyn Citizens>>,
    /// Where proofs of traces come from, where a gateway's log is kept beside the platform.
    pub(crate) proofs: Option<Arc<dyn TraceProofs>>,
    /// The words of mails, which are written in French.
    pub(crate) mail_words: Words,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What the module can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Another module failed.
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
    /// A document can't be taken.
    #[error(transparent)]
    Document(#[from] domain::openapi::DocumentMistake),
    /// The act isn't possible as things stand.
    #[error(transparent)]
    Impossible(#[from] domain::Impossible),
    /// Somebody changed it first.
    #[error("changed in the meantime")]
    Stale,
    /// The words of mails can't be read.
    #[error(transparent)]
    Words(#[from] kit_ui::CatalogueError),
    /// A file can't be written.
    #[error(transparent)]
    File(#[from] std::io::Error),
}

impl ExchangeError {
    pub(crate) fn mistake(field: &'static str, key: &'static str, value: impl ToString) -> Self {
        Self::Mistakes(vec![domain::Mistake::about(field, key, value)])
    }
}

/// What other modules give the exchange.
#[derive(Clone)]
pub struct ExchangePorts {
    /// Organisations, to choose from.
    pub organisations: Arc<dyn Organisations>,
    /// Bodies by number, and those who hold a role on them.
    pub parties: Arc<dyn Parties>,
    /// Who gives access tokens.
    pub issuer: Arc<dyn TokenIssuer>,
}

impl std::fmt::Debug for ExchangePorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExchangePorts")
    }
}

impl Exchange {
    /// The exchange on a database.
    pub fn new(
        db: Db,
        source: Source,
        jobs: Jobs,
        ports: ExchangePorts,
        settings: ExchangeSettings,
    ) -> Result<Self, ExchangeError> {
        let catalogue = Arc::new(Catalogue::new(WORDS)?);
        Ok(Self {
            journal: Journal::new(source.clone()),
            db,
            source,
            jobs,
            egress: None,
            citizens: None,
            proofs: None,
            organisations: ports.organisations,
            parties: ports.parties,
            issuer: ports.issuer,
            settings: Arc::new(settings),
            mail_words: Words::new(catalogue, Locale::Fr),
        })
    }

    /// The same, where citizens sign in and see who looked at their data. Without it nobody does.
    #[must_use]
    pub fn with_citizens(mut self, citizens: Arc<dyn Citizens>) -> Self {
        self.citizens = Some(citizens);
        self
    }

    /// The same, which gives people the proofs that their traces are in the logs kept here.
    #[must_use]
    pub fn with_proofs(mut self, proofs: Arc<dyn TraceProofs>) -> Self {
        self.proofs = Some(proofs);
        self
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
            key: "exchange-nav",
            items: vec![
                item("exchange-nav-catalogue", "/exchange", false),
                item("exchange-nav-active", "/exchange/active", false),
                item("exchange-nav-once-only", "/exchange/once-only", false),
                item("exchange-nav-requests", "/exchange/requests", true),
                item("exchange-nav-queue", "/exchange/queue", true),
                item("exchange-nav-producer", "/exchange/producer", true),
                item("exchange-nav-stops", "/exchange/stops", true),
                item("exchange-nav-alerts", "/exchange/alerts", true),
                item("exchange-nav-traces", "/exchange/traces", true),
                item("exchange-nav-contests", "/exchange/contests", true),
            ],
        }
    }

    /// Forgets documents that nobody took, gives notice of what will expire, ends what has expired,
    /// erases old traces. Call it every few minutes; two processes may do so at once.
    pub async fn keep_house(&self) -> Result<(), ExchangeError> {
        let yesterday = self.source.now() - jiff::SignedDuration::from_hours(24);
        store::apis::forget_imports(&self.db, yesterday).await?;
        self.refresh_parties().await?;
        self.refresh_keys().await?;
        self.tell_usage().await?;
        self.give_notice().await?;
        self.expire().await?;
        self.forget_counts().await?;
        self.forget_watched().await?;
        self.forget_behalf().await?;
        self.forget_contests().await?;
        self.forget_proofs().await?;
        self.erase_traces().await
    }

    /// A body of the directory that has a number, kept as it is named now.
    pub(crate) async fn known_party(&self, id: Uuid) -> Result<Option<Party>, ExchangeError> {
        Ok(self.parties.party(OrganisationId(id)).await?)
    }

    /// Brings the names of bodies up to date, asking the directory for many together.
    async fn refresh_parties(&self) -> Result<(), ExchangeError> {
        let all = store::head::parties(&self.db).await?;
        for some in all.chunks(PARTIES_AT_ONCE_MAX) {
            let sirets: Vec<String> = some.iter().map(|party| party.siret.clone()).collect();
            let found = self.parties.parties_of_sirets(&sirets).await?;
            for kept in some {
                let now = found.iter().find(|party| party.id == kept.id).cloned();
                let now = match now {
                    Some(now) => Some(now),
                    // Its number changed, or it left.
                    None => self.known_party(kept.id).await?,
                };
                // One that left the directory keeps its last name.
                let Some(now) = now.filter(|now| now != kept) else {
                    continue;
                };
                let mut tx = self.db.begin().await?;
                store::head::keep_party(&mut tx, &now).await?;
                store::head::bump(&mut tx).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Makes gateways ask again, and appends a change: what each act does last.
    pub(crate) async fn finish(
        &self,
        mut tx: Tx,
        actor: &Actor,
        change: kit_journal::Change<'_>,
    ) -> Result<(), ExchangeError> {
        store::head::bump(&mut tx).await?;
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }
}
