//! State start-ups: the six-monthly review on impact and its decision, investments, the test of
//! national impact, the Government's priorities.
//!
//! ```text
//!   due ──team prepares──▶ preparing ──hands over──▶ committee ──decides──▶ decided
//!                              ▲────────gives back────────┘        │
//!                                      phase, investment, publication
//! ```
//! Products, phases and figures stay with the portfolio and with impact: this module keeps what was
//! told of them and what was decided.

pub mod access;
mod acts_port;
mod api;
mod decisions;
pub mod domain;
mod following;
mod investments;
mod mails;
mod national;
mod pages;
mod priorities;
mod reading;
mod reviews;
mod store;

use std::sync::Arc;

use kit_access::Actor;
use kit_acts::{Happening, Wording};
use kit_db::{Db, DbError, Migration, Tx};
use kit_http::ModuleRoutes;
use kit_jobs::Jobs;
use kit_journal::Journal;
use kit_time::Source;
use kit_ui::{Catalogue, Locale, NavigationItem, NavigationSection, Words};
use ports::{IndicatorProgress, Organisations, Parties, PortError, ProductId, Products, Progress};
use uuid::Uuid;

pub use acts_port::ActsPort;
pub use api::openapi;
pub use kit_acts::Event;
pub use national::NationalFile;
pub use priorities::PriorityFile;
pub use reading::StartupFile;
pub use store::decisions::StoredDecision;
pub use store::investments::StoredInvestment;
pub use store::priorities::StoredPriority;
pub use store::products::StoredProduct;
pub use store::reviews::StoredReview;
pub use store::statements;

/// The tables of start-ups.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("startups": "0001_startups");

/// The words of start-ups.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// How the keys of its words begin.
const WORDING: Wording = kit_acts::wording!("startups");

/// What other modules give start-ups.
#[derive(Clone)]
pub struct StartupsPorts {
    /// Start-ups of the portfolio.
    pub products: Arc<dyn ports::Startups>,
    /// Any product, by name.
    pub catalogue: Arc<dyn Products>,
    /// Measured promises.
    pub progress: Arc<dyn Progress>,
    /// Those who hold a role on an organisation.
    pub parties: Arc<dyn Parties>,
    /// Ministries and incubators, by name.
    pub organisations: Arc<dyn Organisations>,
}

impl std::fmt::Debug for StartupsPorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StartupsPorts")
    }
}

/// The module: a cheap clone.
#[derive(Clone)]
pub struct Startups {
    db: Db,
    source: Source,
    journal: Journal,
    jobs: Jobs,
    products: Arc<dyn ports::Startups>,
    catalogue_of_products: Arc<dyn Products>,
    progress: Arc<dyn Progress>,
    parties: Arc<dyn Parties>,
    organisations: Arc<dyn Organisations>,
    /// The address at which people reach the platform, without a final slash.
    public_url: Arc<str>,
    /// The words of mails and of what other modules show.
    catalogue: Arc<Catalogue>,
}

impl std::fmt::Debug for Startups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Startups")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// What the module can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum StartupsError {
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
    /// The act isn't possible as things stand.
    #[error("not possible now")]
    Impossible,
    /// Somebody changed it first.
    #[error("changed in the meantime")]
    Stale,
    /// The words can't be read.
    #[error(transparent)]
    Words(#[from] kit_ui::CatalogueError),
}

impl StartupsError {
    fn mistake(field: &str, key: &'static str, value: impl ToString) -> Self {
        Self::Mistakes(vec![domain::Mistake::about(field, key, value)])
    }
}

impl From<Vec<domain::Mistake>> for StartupsError {
    fn from(mistakes: Vec<domain::Mistake>) -> Self {
        Self::Mistakes(mistakes)
    }
}

impl Startups {
    /// Start-ups on a database.
    pub fn new(
        db: Db,
        source: Source,
        jobs: Jobs,
        ports: StartupsPorts,
        public_url: &str,
    ) -> Result<Self, StartupsError> {
        Ok(Self {
            journal: Journal::new(source.clone()),
            db,
            source,
            jobs,
            products: ports.products,
            catalogue_of_products: ports.catalogue,
            progress: ports.progress,
            parties: ports.parties,
            organisations: ports.organisations,
            public_url: public_url.trim_end_matches('/').into(),
            catalogue: Arc::new(Catalogue::new(WORDS)?),
        })
    }

    /// The same on another clock: a demo tells what happened before today.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        self.journal = Journal::new(source.clone());
        self.source = source;
        self
    }

    /// What steering reads of start-ups.
    pub fn acts_port(&self) -> ActsPort {
        ActsPort(self.clone())
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
            key: "startups-nav",
            items: vec![
                item("startups-nav-published", "/start-ups/published", false),
                item("startups-nav-live", "/start-ups/live", true),
                item("startups-nav-reviews", "/start-ups/reviews", true),
                item("startups-nav-decisions", "/start-ups/decisions", true),
                item("startups-nav-priorities", "/start-ups/priorities", true),
                item("startups-nav-cohorts", "/start-ups/cohorts", true),
            ],
        }
    }

    /// Words in a language.
    fn words(&self, locale: Locale) -> Words {
        Words::new(self.catalogue.clone(), locale)
    }

    /// A product in the transaction that acts on it. It comes first in each act: its row is what acts
    /// on one product wait for.
    async fn product_in(&self, tx: &mut Tx, id: Uuid) -> Result<StoredProduct, StartupsError> {
        let found = self.products.record_in(&mut *tx, ProductId(id)).await?;
        let told = found.ok_or(StartupsError::NotFound)?;
        Ok(store::products::keep(tx, &told, self.source.today()).await?)
    }

    /// The indicators of a product today; asked before a transaction begins.
    async fn indicators(&self, product: Uuid) -> Result<Vec<IndicatorProgress>, StartupsError> {
        let today = self.source.today();
        Ok(self.progress.indicators(ProductId(product), today).await?)
    }

    /// Appends what happened to the list of events.
    async fn happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        what: Happening<'_>,
    ) -> Result<(), StartupsError> {
        let event = what.by(actor, &self.source);
        Ok(store::events::EVENTS.append(tx, &event).await?)
    }
}
