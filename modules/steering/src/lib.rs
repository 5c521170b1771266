//! Steering: reviews of projects with their legal clock, recommendations that are followed up, the
//! watch that sees projects drift, decisions that are remembered.
//!
//! ```text
//!   products ──drift──▶ alert ──▶ review ──opinion──▶ recommendations ──overdue──▶ escalation
//!                         └────────────┴──────────────────┴──▶ decision ──▶ public page
//! ```
//! What happened to a product is one list of events that never change.

pub mod access;
mod acts;
mod agenda;
mod alerts;
mod api;
mod conference_agenda;
mod conference_files;
mod conference_minutes;
mod conference_public;
mod conferences;
mod decisions;
pub mod domain;
mod escalation;
mod mails;
mod ministries;
mod pages;
mod publications;
mod ratings;
mod reading;
mod recommendations;
mod reviews;
mod store;
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
    BrigadeCalls, Organisations, Parties, PortError, ProductActs, ProductId, ProductSummary,
    Products, Progress,
};
use uuid::Uuid;

pub use acts::{FundingHoldsPort, RecommendingPort};
pub use alerts::AlertAct;
pub use api::openapi;
pub use conference_agenda::Way;
pub use kit_acts::Event;
pub use store::agenda::AgendaPoint;
pub use store::alerts::Alert;
pub use store::conferences::{Conference, ConferencePoint};
pub use store::decisions::StoredDecision;
pub use store::recommendations::Recommendation;
pub use store::reviews::StoredReview;
pub use store::statements;

use store::products::StoredProduct;

/// The tables of steering.
pub const MIGRATIONS: &[Migration] =
    kit_db::migrations!("steering": "0001_steering", "0002_origins", "0003_conferences");

/// The words of steering.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// How the keys of its words begin.
const WORDING: Wording = kit_acts::wording!("steering");

/// What other modules give steering.
#[derive(Clone)]
pub struct SteeringPorts {
    /// Products.
    pub products: Arc<dyn Products>,
    /// Those who hold a role on a ministry.
    pub parties: Arc<dyn Parties>,
    /// Ministries, by name.
    pub organisations: Arc<dyn Organisations>,
}

impl std::fmt::Debug for SteeringPorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SteeringPorts")
    }
}

/// The module: a cheap clone.
#[derive(Clone)]
pub struct Steering {
    db: Db,
    source: Source,
    journal: Journal,
    jobs: Jobs,
    products: Arc<dyn Products>,
    parties: Arc<dyn Parties>,
    organisations: Arc<dyn Organisations>,
    progress: Option<Arc<dyn Progress>>,
    /// What other modules do for products.
    acts: Arc<[Arc<dyn ProductActs>]>,
    brigade: Option<Arc<dyn BrigadeCalls>>,
    /// The address at which people reach the platform, without a final slash.
    public_url: Arc<str>,
    /// The words of mails, which are written in French.
    mail_words: Words,
}

impl std::fmt::Debug for Steering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Steering")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// What the module can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum SteeringError {
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
    /// What is kept of a review can't be read again.
    #[error(transparent)]
    Review(domain::ReviewRefusal),
    /// The words of mails can't be read.
    #[error(transparent)]
    Words(#[from] kit_ui::CatalogueError),
}

impl SteeringError {
    fn mistake(field: &str, key: &'static str, value: impl ToString) -> Self {
        Self::Mistakes(vec![domain::Mistake::about(field, key, value)])
    }
}

impl From<Vec<domain::Mistake>> for SteeringError {
    fn from(mistakes: Vec<domain::Mistake>) -> Self {
        Self::Mistakes(mistakes)
    }
}

impl Steering {
    /// Steering on a database.
    pub fn new(
        db: Db,
        source: Source,
        jobs: Jobs,
        ports: SteeringPorts,
        public_url: &str,
    ) -> Result<Self, SteeringError> {
        let catalogue = Arc::new(Catalogue::new(WORDS)?);
        Ok(Self {
            journal: Journal::new(source.clone()),
            db,
            source,
            jobs,
            products: ports.products,
            parties: ports.parties,
            organisations: ports.organisations,
            progress: None,
            acts: Arc::new([]),
            brigade: None,
            public_url: public_url.trim_end_matches('/').into(),
            mail_words: Words::new(catalogue, Locale::Fr),
        })
    }

    /// The same, with measured promises.
    #[must_use]
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// The same, with what other modules do for products: it is shown beside steering's own acts.
    #[must_use]
    pub fn with_acts(mut self, acts: Vec<Arc<dyn ProductActs>>) -> Self {
        self.acts = acts.into();
        self
    }

    /// The same, with a brigade that can be sent.
    #[must_use]
    pub fn with_brigade(mut self, brigade: Arc<dyn BrigadeCalls>) -> Self {
        self.brigade = Some(brigade);
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
            key: "steering-nav",
            items: vec![
                item("steering-nav-published", "/steering/published", false),
                item("steering-nav-morning", "/steering", true),
                item("steering-nav-reviews", "/steering/reviews", true),
                item(
                    "steering-nav-recommendations",
                    "/steering/recommendations",
                    true,
                ),
                item("steering-nav-alerts", "/steering/alerts", true),
                item("steering-nav-decisions", "/steering/decisions", true),
                item("steering-nav-conferences", "/steering/conferences", true),
                item("steering-nav-ministries", "/steering/ministries", true),
            ],
        }
    }

    /// Lets clocks run out, takes the steps of overdue recommendations, and looks for drifts once an
    /// hour. Call it every few minutes; two processes may do so at once.
    pub async fn keep_house(&self) -> Result<(), SteeringError> {
        self.let_clocks_run_out().await?;
        self.escalate().await?;
        let now = self.source.now();
        let hour = jiff::SignedDuration::from_mins(55);
        if store::products::take_round(&self.db, "watch", now, now - hour).await? {
            self.look().await?;
        }
        Ok(())
    }

    /// A product in the transaction that acts on it, and what steering knows of it. It comes first in
    /// each act: its row is what acts on one product wait for.
    async fn product_in(
        &self,
        tx: &mut Tx,
        id: Uuid,
    ) -> Result<(ProductSummary, StoredProduct), SteeringError> {
        let found = self.products.product_in(&mut *tx, ProductId(id)).await?;
        let product = found.ok_or(SteeringError::NotFound)?;
        let stored = store::products::keep(tx, &product).await?;
        Ok((product, stored))
    }

    /// Appends what happened to the list of events.
    async fn happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        what: Happening<'_>,
    ) -> Result<(), SteeringError> {
        let event = what.by(actor, &self.source);
        Ok(store::events::EVENTS.append(tx, &event).await?)
    }
}
