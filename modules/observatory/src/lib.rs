//! The observatory: how good online procedures are, said by those who use them, by what their teams
//! declare with evidence, and published every quarter.
//!
//! ```text
//!   user ──review──▶ counted by day ──▶ journal ──▶ impact (satisfaction, number of reviews)
//!   team ──declares──▶ accessibility, security… ─┐
//!                      answers of the quarter  ──┴──▶ edition, which never changes
//! ```
//! Nobody knows who gave a review. What names somebody is taken out of a comment before it is stored.

pub mod access;
mod acts_port;
mod api;
mod declarations;
pub mod domain;
mod editions;
mod following;
mod pages;
mod procedures;
mod reading;
mod reviews;
mod store;

use std::sync::Arc;

use kit_access::Actor;
use kit_acts::{Happening, Wording};
use kit_db::{Db, DbError, Migration, Tx};
use kit_http::ModuleRoutes;
use kit_journal::Journal;
use kit_time::Source;
use kit_ui::{Catalogue, Locale, NavigationItem, NavigationSection, Words};
use ports::{Organisations, PortError, Products};

pub use acts_port::ActsPort;
pub use api::openapi;
pub use following::Following;
pub use kit_acts::Event;
pub use reading::{Results, ReviewFilter, Standing};
pub use store::declarations::StoredDeclaration;
pub use store::editions::{Edition, EditionRow, Standings};
pub use store::procedures::StoredProcedure;
pub use store::reviews::StoredReview;
pub use store::statements;

/// The tables of the observatory.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("observatory": "0001_observatory");

/// The words of the observatory.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// How the keys of its words begin.
const WORDING: Wording = kit_acts::wording!("observatory");

/// The module: a cheap clone.
#[derive(Clone)]
pub struct Observatory {
    db: Db,
    source: Source,
    journal: Journal,
    products: Arc<dyn Products>,
    organisations: Arc<dyn Organisations>,
    /// The address at which people reach the platform, without a final slash.
    public_url: Arc<str>,
    /// How many reviews an address may give.
    floods: reviews::Floods,
    /// The words of what other modules show.
    catalogue: Arc<Catalogue>,
}

impl std::fmt::Debug for Observatory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observatory")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// What the module can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum ObservatoryError {
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
    /// The procedure takes no reviews, or this one was completed.
    #[error("not possible now")]
    Closed,
    /// Too many reviews came from one address.
    #[error("too many reviews from one address")]
    Flood {
        /// After how many seconds one more is taken.
        retry_after_seconds: u64,
    },
    /// Somebody changed it first.
    #[error("changed in the meantime")]
    Stale,
    /// The words can't be read.
    #[error(transparent)]
    Words(#[from] kit_ui::CatalogueError),
}

impl From<Vec<domain::Mistake>> for ObservatoryError {
    fn from(mistakes: Vec<domain::Mistake>) -> Self {
        Self::Mistakes(mistakes)
    }
}

impl Observatory {
    /// The observatory on a database.
    pub fn new(
        db: Db,
        source: Source,
        products: Arc<dyn Products>,
        organisations: Arc<dyn Organisations>,
        public_url: &str,
    ) -> Result<Self, ObservatoryError> {
        Ok(Self {
            journal: Journal::new(source.clone()),
            db,
            source,
            products,
            organisations,
            public_url: public_url.trim_end_matches('/').into(),
            floods: reviews::Floods::default(),
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

    /// What steering reads of the observatory.
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
            key: "observatory-nav",
            items: vec![
                item("observatory-nav-editions", "/observatory", false),
                item(
                    "observatory-nav-procedures",
                    "/observatory/procedures",
                    true,
                ),
            ],
        }
    }

    /// Words in a language.
    fn words(&self, locale: Locale) -> Words {
        Words::new(self.catalogue.clone(), locale)
    }

    /// Appends what happened to the list of events.
    async fn happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        what: Happening<'_>,
    ) -> Result<(), ObservatoryError> {
        let event = what.by(actor, &self.source);
        Ok(store::events::EVENTS.append(tx, &event).await?)
    }
}
