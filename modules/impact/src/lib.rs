//! Impact: what is promised of the State's digital products, what is measured, how promises stand.
//!
//! An indicator says what is measured and what is promised; observations are appended and corrected,
//! never changed; the platform's own counts become figures by themselves. The latest figure stands
//! on the indicator's row with what it says, so that lists never read observations.

pub mod access;
mod api;
mod automatic;
pub mod domain;
mod export;
mod import;
mod indicators;
mod keys;
mod observations;
mod pages;
mod polls;
mod port;
mod reading;
mod store;

use std::sync::Arc;

use kit_db::{Db, DbError, Migration};
use kit_http::ModuleRoutes;
use kit_journal::Journal;
use kit_time::Source;
use kit_ui::{Locale, NavigationItem, NavigationSection};
use ports::Products;

pub use api::openapi;
pub use automatic::Counting;
pub use domain::Mistake;
pub use domain::form::IndicatorForm;
pub use domain::observation::{CorrectionForm, ObservationForm};
pub use domain::poll::{PollFailure, PollForm, PollReading, PollRhythm};
pub use import::ImportOutcome;
pub use observations::Recorded;
pub use port::ImpactPort;
pub use reading::Told;
pub use store::list::{ListFilter, ListPage};
pub use store::polls::{Poll, PollSuccess};
pub use store::statements;

/// The tables of impact.
pub const MIGRATIONS: &[Migration] =
    kit_db::migrations!("impact": "0001_impact", "0002_polls", "0003_decisions", "0004_reviews");

/// The words of impact.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// The module: a cheap clone.
#[derive(Clone)]
pub struct Impact {
    db: Db,
    source: Source,
    journal: Journal,
    products: Arc<dyn Products>,
    polls: polls::Polls,
}

impl std::fmt::Debug for Impact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Impact")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// What impact can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum ImpactError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] kit_access::Denied),
    /// Nothing has this id.
    #[error("not found")]
    NotFound,
    /// The program's key isn't one of this indicator.
    #[error("the key isn't one of this indicator")]
    WrongKey,
    /// Somebody changed it first.
    #[error("changed in the meantime")]
    Stale,
    /// What was sent holds mistakes.
    #[error("{} mistake(s)", .0.len())]
    Mistakes(Vec<Mistake>),
    /// The file can't be read.
    #[error(transparent)]
    Table(#[from] tabular::TabularError),
    /// The portfolio failed.
    #[error(transparent)]
    Products(#[from] ports::PortError),
    /// A computation was interrupted.
    #[error("a computation was interrupted: {0}")]
    Task(String),
}

impl Impact {
    /// The indicators of a database, about the products that `products` tells.
    pub fn new(db: Db, source: Source, products: Arc<dyn Products>) -> Self {
        let journal = Journal::new(source.clone());
        Self {
            db,
            source,
            journal,
            products,
            polls: polls::Polls::default(),
        }
    }

    /// Its pages and API.
    pub fn routes(&self) -> ModuleRoutes {
        pages::routes(self.clone()).merge(api::routes(self.clone()))
    }

    /// Its links in the side navigation.
    pub fn navigation() -> NavigationSection {
        NavigationSection {
            key: "impact-nav",
            items: vec![NavigationItem {
                key: "impact-indicators",
                href: "/indicators",
                signed_in: false,
            }],
        }
    }

    /// What the portfolio and steering ask of impact.
    pub fn port(&self) -> ImpactPort {
        ImpactPort(self.clone())
    }
}
