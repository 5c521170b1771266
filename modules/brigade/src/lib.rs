//! The intervention brigade: experts, requests for them, missions in days, the planning board.
//!
//! ```text
//!   ministry, alert, conference, decision ──▶ request ──matching──▶ mission ──▶ days ──▶ report
//!                                                                     └─▶ recommendations (steering)
//! ```
//! A person chooses who goes; the program proposes and explains. Half days that a mission takes are
//! booked week by week under the expert's row, so that nobody is booked twice.

pub mod access;
mod acts_port;
mod api;
mod board;
mod calendars;
mod calls;
pub mod domain;
mod experts;
mod extensions;
mod figures;
mod house;
mod mails;
mod missions;
mod pages;
mod reading;
mod reports;
mod requests;
mod store;

use std::sync::Arc;

use jiff::civil::Date;
use kit_access::Actor;
use kit_acts::{Happening, Wording};
use kit_db::{Db, DbError, Migration, Tx};
use kit_files::{Files, FilesError};
use kit_http::ModuleRoutes;
use kit_jobs::Jobs;
use kit_journal::Journal;
use kit_time::Source;
use kit_ui::{Catalogue, Locale, NavigationItem, NavigationSection, Words};
use ports::{Organisations, Parties, PortError, ProductId, ProductSummary, Products, Recommending};
use uuid::Uuid;

pub use acts_port::ActsPort;
pub use api::openapi;
pub use board::{Board, BoardRow};
pub use calendars::CalendarOf;
pub use calls::CallsPort;
pub use figures::{DaysOf, Outcomes};
pub use kit_acts::Event;
pub use reading::{MissionFilter, MissionView, RequestFilter, RequestView};
pub use store::experts::{Expert, Expertise};
pub use store::missions::{Assignment, Mission, SpentDay, StoredExtension};
pub use store::plan::Taken;
pub use store::requests::Request;
pub use store::statements;

/// The tables of the brigade.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("brigade": "0001_brigade");

/// The words of the brigade.
pub const WORDS: [(Locale, &str); 2] = [
    (Locale::Fr, include_str!("../locales/fr.ftl")),
    (Locale::En, include_str!("../locales/en.ftl")),
];

/// How the keys of its words begin.
const WORDING: Wording = kit_acts::wording!("brigade");

/// What the brigade needs of others.
#[derive(Clone)]
pub struct BrigadePorts {
    /// Products.
    pub products: Arc<dyn Products>,
    /// Those who hold a role on a ministry.
    pub parties: Arc<dyn Parties>,
    /// Ministries, by name.
    pub organisations: Arc<dyn Organisations>,
    /// Where files of reports are kept.
    pub files: Files,
}

impl std::fmt::Debug for BrigadePorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BrigadePorts")
    }
}

/// The module: a cheap clone.
#[derive(Clone)]
pub struct Brigade {
    db: Db,
    source: Source,
    journal: Journal,
    jobs: Jobs,
    products: Arc<dyn Products>,
    parties: Arc<dyn Parties>,
    organisations: Arc<dyn Organisations>,
    files: Files,
    recommending: Option<Arc<dyn Recommending>>,
    /// The address at which people reach the platform, without a final slash.
    public_url: Arc<str>,
    /// Words outside of a request.
    catalogue: Arc<Catalogue>,
    /// The words of mails, which are written in French.
    mail_words: Words,
}

impl std::fmt::Debug for Brigade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Brigade")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// Half days that somebody doesn't have left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overbooked {
    /// The field that asked for them.
    pub field: String,
    /// Who.
    pub name: String,
    /// Half days that were asked.
    pub wanted: u32,
    /// Half days that are free between the two days.
    pub free: u32,
    /// The missions that take the others.
    pub taken: Vec<Taken>,
}

/// What the module can refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum BrigadeError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Another module failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// A file can't be kept or read.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] kit_access::Denied),
    /// Nothing has this id.
    #[error("not found")]
    NotFound,
    /// What was sent holds mistakes.
    #[error("{} mistake(s)", .0.len())]
    Mistakes(Vec<domain::Mistake>),
    /// Somebody hasn't that many half days left.
    #[error("{} has {} half days left of {}", .0.name, .0.free, .0.wanted)]
    Overbooked(Box<Overbooked>),
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

impl BrigadeError {
    fn mistake(field: &str, key: &'static str, value: impl ToString) -> Self {
        Self::Mistakes(vec![domain::Mistake::about(field, key, value)])
    }
}

impl From<Vec<domain::Mistake>> for BrigadeError {
    fn from(mistakes: Vec<domain::Mistake>) -> Self {
        Self::Mistakes(mistakes)
    }
}

/// An error as a port tells it.
fn port(error: impl Into<BrigadeError>) -> PortError {
    PortError(Box::new(error.into()))
}

impl Brigade {
    /// The brigade on a database.
    pub fn new(
        db: Db,
        source: Source,
        jobs: Jobs,
        ports: BrigadePorts,
        public_url: &str,
    ) -> Result<Self, BrigadeError> {
        let catalogue = Arc::new(Catalogue::new(WORDS)?);
        Ok(Self {
            journal: Journal::new(source.clone()),
            db,
            source,
            jobs,
            products: ports.products,
            parties: ports.parties,
            organisations: ports.organisations,
            files: ports.files,
            recommending: None,
            public_url: public_url.trim_end_matches('/').into(),
            mail_words: Words::new(catalogue.clone(), Locale::Fr),
            catalogue,
        })
    }

    /// The same, whose missions give recommendations.
    #[must_use]
    pub fn with_recommending(mut self, recommending: Arc<dyn Recommending>) -> Self {
        self.recommending = Some(recommending);
        self
    }

    /// The same on another clock: a demo tells what happened before today.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        self.journal = Journal::new(source.clone());
        self.source = source;
        self
    }

    /// What the brigade does for products.
    pub fn acts_port(&self) -> ActsPort {
        ActsPort(self.clone())
    }

    /// The brigade, as others send it.
    pub fn calls_port(&self) -> CallsPort {
        CallsPort(self.clone())
    }

    /// Its pages and API.
    pub fn routes(&self) -> ModuleRoutes {
        pages::routes(self.clone()).merge(api::routes(self.clone()))
    }

    /// Its links in the side navigation.
    pub fn navigation() -> NavigationSection {
        let item = |key, href| NavigationItem {
            key,
            href,
            signed_in: true,
        };
        NavigationSection {
            key: "brigade-nav",
            items: vec![
                item("brigade-nav-requests", "/brigade/requests"),
                item("brigade-nav-missions", "/brigade/missions"),
                item("brigade-nav-board", "/brigade/board"),
                item("brigade-nav-experts", "/brigade/experts"),
                item("brigade-nav-figures", "/brigade/figures"),
                item("brigade-nav-mine", "/brigade/mine"),
            ],
        }
    }

    fn words(&self, locale: Locale) -> Words {
        Words::new(self.catalogue.clone(), locale)
    }

    /// A product in the transaction that acts on it. It comes first in each act: its row is what acts
    /// on one product wait for.
    async fn product_in(&self, tx: &mut Tx, id: Uuid) -> Result<ProductSummary, BrigadeError> {
        let found = self.products.product_in(&mut *tx, ProductId(id)).await?;
        let product = found.ok_or(BrigadeError::NotFound)?;
        store::products::keep(tx, &product).await?;
        Ok(product)
    }

    /// Appends what happened to the list of events.
    async fn happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        what: Happening<'_>,
    ) -> Result<(), BrigadeError> {
        let event = what.by(actor, &self.source);
        Ok(store::events::EVENTS.append(tx, &event).await?)
    }
}

/// Days of half days, for columns and figures.
fn days_of(half_days: u32) -> f64 {
    f64::from(half_days) / 2.0
}

/// The place before everything, of a list that runs from the latest day.
fn latest_first() -> (Date, Uuid) {
    (Date::MAX, Uuid::max())
}
