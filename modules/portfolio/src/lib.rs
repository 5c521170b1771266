//! The portfolio: the State's digital products, what was promised of them and what became of it.

pub mod access;
mod acts_port;
mod api;
pub mod domain;
mod editing;
mod estimates;
mod export;
mod gate;
mod history;
mod import;
mod pages;
mod products_port;
mod reading;
mod review;
mod runs;
mod startups_port;
mod store;

use std::sync::Arc;

use kit_db::{Db, DbError, Migration};
use kit_files::{Files, FilesError};
use kit_http::ModuleRoutes;
use kit_jobs::Jobs;
use kit_journal::Journal;
use kit_time::Source;
use kit_ui::{Locale, NavigationItem, NavigationSection};
use ports::{ImpactGate, Organisations};

pub use acts_port::ActsPort;
pub use api::openapi;
pub use domain::Mistake;
pub use domain::editing::ProductForm;
pub use estimates::{EstimateForm, RebaselineForm};
pub use import::{Fate, ImportFile, ImportOutcome};
pub use products_port::ProductsPort;
pub use runs::{ImportProgress, NewRun, Run, RunOrder, RunResult, SourceKind};
pub use startups_port::StartupsPort;
pub use store::editions::NearMatch;
pub use store::list::{ListFilter, ListPage, Sort};
pub use store::products::Product;
pub use store::statements;

/// The portfolio's tables.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("portfolio":
        "0001_portfolio", "0002_decided_fields", "0003_quick_lists",
        "0004_search");

/// The portfolio's words.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// The module: a cheap clone.
#[derive(Clone)]
pub struct Portfolio {
    db: Db,
    source: Source,
    journal: Journal,
    organisations: Arc<dyn Organisations>,
    gate: Option<Arc<dyn ImpactGate>>,
    jobs: Jobs,
    files: Files,
    running: runs::RunningImports,
    series: Arc<tokio::sync::RwLock<reading::Followed>>,
    history: Arc<tokio::sync::Mutex<history::Remembered>>,
    paths: Arc<tokio::sync::Mutex<reading::KnownPaths>>,
    finished: Arc<tokio::sync::Mutex<reading::KnownFinished>>,
    computing: Arc<tokio::sync::Semaphore>,
}

impl std::fmt::Debug for Portfolio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Portfolio")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// What the portfolio can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum PortfolioError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] kit_access::Denied),
    /// Nothing has this id.
    #[error("not found")]
    NotFound,
    /// Somebody changed it first.
    #[error("changed in the meantime")]
    Stale,
    /// What was sent holds mistakes.
    #[error("{} mistake(s)", .0.len())]
    Mistakes(Vec<Mistake>),
    /// The edition can't be read.
    #[error(transparent)]
    Edition(domain::import::panorama::EditionError),
    /// The archive can't be read.
    #[error(transparent)]
    Archive(domain::import::archive::ArchiveError),
    /// The storage of files failed.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The directory failed.
    #[error(transparent)]
    Organisations(#[from] ports::PortError),
    /// A computation was interrupted.
    #[error("a computation was interrupted: {0}")]
    Task(String),
}

impl Portfolio {
    /// The portfolio of a database.
    pub fn new(
        db: Db,
        source: Source,
        organisations: Arc<dyn Organisations>,
        jobs: Jobs,
        files: Files,
    ) -> Self {
        let journal = Journal::new(source.clone());
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            db,
            source,
            journal,
            organisations,
            gate: None,
            jobs,
            files,
            running: Arc::default(),
            series: Arc::default(),
            history: Arc::default(),
            paths: Arc::default(),
            finished: Arc::default(),
            computing: Arc::new(tokio::sync::Semaphore::new(processors)),
        }
    }

    /// Has people ask a gate before a product goes into construction. What a source tells isn't
    /// asked: it says what is already so.
    #[must_use]
    pub fn with_gate(mut self, gate: Arc<dyn ImpactGate>) -> Self {
        self.gate = Some(gate);
        self
    }

    /// What steering and impact ask of products.
    pub fn products_port(&self) -> ProductsPort {
        ProductsPort(self.clone())
    }

    /// What the reviews of start-ups ask of products.
    pub fn startups_port(&self) -> StartupsPort {
        StartupsPort(self.clone())
    }

    /// Its pages and API. An upload may have `upload_bytes_max` bytes.
    pub fn routes(&self, upload_bytes_max: u64) -> ModuleRoutes {
        pages::routes(self.clone(), upload_bytes_max).merge(api::routes(self.clone()))
    }

    /// Its links in the side navigation.
    pub fn navigation() -> NavigationSection {
        let item = |key, href, signed_in| NavigationItem {
            key,
            href,
            signed_in,
        };
        NavigationSection {
            key: "portfolio-nav",
            items: vec![
                item("portfolio-nav-overview", "/", false),
                item("portfolio-nav-products", "/products", false),
                item("portfolio-nav-cohorts", "/cohorts", false),
                item("portfolio-nav-groups", "/slips", false),
                item("portfolio-nav-history", "/slips/history", false),
                item("portfolio-nav-forecasts", "/forecasts", false),
                item("portfolio-nav-startups", "/start-ups", false),
                item("portfolio-nav-imports", "/imports", true),
            ],
        }
    }
}
