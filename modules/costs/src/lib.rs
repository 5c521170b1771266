//! Costs: the total cost of owning a product over its whole life, with assumptions that are seen, and
//! the same work done by agents or by contractors.
//!
//! ```text
//!   form or file ──▶ version (never changed) ──▶ totals, what moves them, the published page
//!   portfolio ──estimate──▶ beside the version        impact ──count──▶ by user or act
//! ```
//! A version is kept as it was told; the product's row says what the latest one says, so that lists
//! read no version.

pub mod access;
mod acts;
mod api;
pub mod domain;
mod export;
mod pages;
mod publishing;
mod reading;
mod store;
mod versions;

use std::sync::Arc;

use kit_db::{Db, DbError, Migration};
use kit_http::ModuleRoutes;
use kit_journal::Journal;
use kit_time::Source;
use kit_ui::{Catalogue, Locale, NavigationItem, NavigationSection};
use ports::{Organisations, PortError, Products, Progress};

pub use acts::CostsActs;
pub use api::openapi;
pub use domain::Mistake;
pub use domain::form::VersionForm;
pub use domain::publication::PublicationForm;
pub use reading::{ListFilter, Told};
pub use store::files::File;
pub use store::publications::Decided;
pub use store::statements;
pub use store::versions::Version;
pub use versions::{Following, Imported};

/// The tables of costs.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("costs": "0001_costs");

/// The words of costs.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// The module: a cheap clone.
#[derive(Clone)]
pub struct Costs {
    db: Db,
    source: Source,
    journal: Journal,
    products: Arc<dyn Products>,
    organisations: Arc<dyn Organisations>,
    progress: Option<Arc<dyn Progress>>,
    catalogue: Arc<Catalogue>,
}

impl std::fmt::Debug for Costs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Costs")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// What the module can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum CostsError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Another module failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] kit_access::Denied),
    /// Nothing has this id or number.
    #[error("not found")]
    NotFound,
    /// Somebody added a version, or decided, first.
    #[error("changed in the meantime")]
    Stale,
    /// What was sent holds mistakes.
    #[error("{} mistake(s)", .0.len())]
    Mistakes(Vec<Mistake>),
    /// The file can't be read.
    #[error(transparent)]
    Table(#[from] tabular::TabularError),
    /// The words can't be read.
    #[error(transparent)]
    Words(#[from] kit_ui::CatalogueError),
    /// A computation was interrupted.
    #[error("a computation was interrupted: {0}")]
    Task(String),
}

impl From<Vec<Mistake>> for CostsError {
    fn from(mistakes: Vec<Mistake>) -> Self {
        Self::Mistakes(mistakes)
    }
}

impl Costs {
    /// Costs on a database, of the products that `products` tells.
    pub fn new(
        db: Db,
        source: Source,
        products: Arc<dyn Products>,
        organisations: Arc<dyn Organisations>,
    ) -> Result<Self, CostsError> {
        Ok(Self {
            journal: Journal::new(source.clone()),
            db,
            source,
            products,
            organisations,
            progress: None,
            catalogue: Arc::new(Catalogue::new(WORDS)?),
        })
    }

    /// The same, with the counts of impact.
    #[must_use]
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// The same on another clock: a demo tells what happened before today.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        self.journal = Journal::new(source.clone());
        self.source = source;
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
            key: "costs-nav",
            items: vec![
                item("costs-nav-list", "/costs", true),
                item(
                    "costs-nav-calculator",
                    "/costs/agents-or-contractors",
                    false,
                ),
                item("costs-nav-published", "/costs/published", false),
            ],
        }
    }

    /// What steering asks of costs.
    pub fn acts_port(&self) -> CostsActs {
        CostsActs(self.clone())
    }
}
