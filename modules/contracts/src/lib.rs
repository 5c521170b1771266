//! Success contracts and funds: what the directorate gives a product, what the product must change for
//! it, and when money is released.
//!
//! ```text
//!   call ──application──▶ selection ──▶ contract: draft ▶ negotiation ▶ two signatures ▶ in force
//!   fund ◀──commitment───────┘            tranche ──figures say so, a person releases──▶ payment
//! ```
//! A signature names the SHA-256 of the text that it signs. Of a fund nothing is committed twice.

pub mod access;
mod acts;
mod api;
pub mod domain;
mod drafting;
mod follow_up;
mod funds;
mod mails;
mod pages;
mod publications;
mod reading;
mod signing;
mod store;
mod tranches;
mod watch;

use std::sync::Arc;

use kit_access::Actor;
use kit_acts::{Happening, Wording};
use kit_db::{Db, DbError, Migration, Tx};
use kit_http::ModuleRoutes;
use kit_jobs::Jobs;
use kit_journal::Journal;
use kit_time::Source;
use kit_ui::{Catalogue, Locale, NavigationItem, NavigationSection, Words};
use ports::{
    FundingHolds, Organisations, Parties, PortError, ProductId, ProductSummary, Products, Progress,
};
use uuid::Uuid;

pub use acts::ContractsActs;
pub use api::openapi;
pub use kit_acts::Event;
pub use store::applications::Application;
pub use store::contracts::StoredContract;
pub use store::follow_up::{Check, Review};
pub use store::funds::{Call, Fund};
pub use store::statements;
pub use store::tranches::Tranche;
pub use store::versions::{Comment, Signature, Version};
pub use tranches::TrancheStanding;

use store::products::StoredProduct;

/// The tables of contracts.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("contracts": "0001_contracts");

/// The words of contracts.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// How the keys of its words begin.
const WORDING: Wording = kit_acts::wording!("contracts");

/// What other modules give contracts.
#[derive(Clone)]
pub struct ContractsPorts {
    /// Products.
    pub products: Arc<dyn Products>,
    /// Those who hold a role on a ministry.
    pub parties: Arc<dyn Parties>,
    /// Ministries, by name.
    pub organisations: Arc<dyn Organisations>,
    /// Measured promises: what contracts hold and tranches wait for.
    pub progress: Arc<dyn Progress>,
}

impl std::fmt::Debug for ContractsPorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContractsPorts")
    }
}

/// The module: a cheap clone.
#[derive(Clone)]
pub struct Contracts {
    db: Db,
    source: Source,
    journal: Journal,
    jobs: Jobs,
    ports: ContractsPorts,
    holds: Option<Arc<dyn FundingHolds>>,
    /// The address at which people reach the platform, without a final slash.
    public_url: Arc<str>,
    catalogue: Arc<Catalogue>,
}

impl std::fmt::Debug for Contracts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contracts")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// What the module can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum ContractsError {
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
    /// The words of mails can't be read.
    #[error(transparent)]
    Words(#[from] kit_ui::CatalogueError),
}

impl ContractsError {
    fn mistake(field: &str, key: &'static str, value: impl ToString) -> Self {
        Self::Mistakes(vec![domain::Mistake::about(field, key, value)])
    }
}

impl From<Vec<domain::Mistake>> for ContractsError {
    fn from(mistakes: Vec<domain::Mistake>) -> Self {
        Self::Mistakes(mistakes)
    }
}

impl Contracts {
    /// Contracts on a database.
    pub fn new(
        db: Db,
        source: Source,
        jobs: Jobs,
        ports: ContractsPorts,
        public_url: &str,
    ) -> Result<Self, ContractsError> {
        Ok(Self {
            journal: Journal::new(source.clone()),
            db,
            source,
            jobs,
            ports,
            holds: None,
            public_url: public_url.trim_end_matches('/').into(),
            catalogue: Arc::new(Catalogue::new(WORDS)?),
        })
    }

    /// The same, with what says that money is held.
    #[must_use]
    pub fn with_holds(mut self, holds: Option<Arc<dyn FundingHolds>>) -> Self {
        self.holds = holds;
        self
    }

    /// The same on another clock: a demo tells what happened before today.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        self.journal = Journal::new(source.clone());
        self.source = source;
        self
    }

    /// What contracts did for products, as steering shows it.
    pub fn acts_port(&self) -> ContractsActs {
        ContractsActs(self.clone())
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
            key: "contracts-nav",
            items: vec![
                item("contracts-nav-published", "/contracts/published", false),
                item("contracts-nav-contracts", "/contracts", true),
                item("contracts-nav-funds", "/funds", true),
                item("contracts-nav-applications", "/applications", true),
            ],
        }
    }

    /// The words of the platform's own texts in a language.
    fn words(&self, locale: Locale) -> Words {
        Words::new(self.catalogue.clone(), locale)
    }

    /// A product in the transaction that acts on it. It comes first in each act: its row is what acts on
    /// one product wait for.
    async fn product_in(
        &self,
        tx: &mut Tx,
        id: Uuid,
    ) -> Result<(ProductSummary, StoredProduct), ContractsError> {
        let found = self
            .ports
            .products
            .product_in(&mut *tx, ProductId(id))
            .await?;
        let product = found.ok_or(ContractsError::NotFound)?;
        let stored = store::products::keep(tx, &product).await?;
        Ok((product, stored))
    }

    /// Appends what happened to the list of events.
    async fn happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        what: Happening<'_>,
    ) -> Result<(), ContractsError> {
        let event = what.by(actor, &self.source);
        Ok(store::events::EVENTS.append(tx, &event).await?)
    }
}
