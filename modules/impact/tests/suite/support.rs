//! A product with what is promised of it.

use std::sync::Arc;

use directory::{Directory, SessionLimits};
use impact::{Impact, ImpactError, IndicatorForm, ObservationForm};
use jiff::SignedDuration;
use kit_access::Actor;
use kit_db::{Db, Migration};
use kit_jobs::Jobs;
use kit_time::{FixedClock, Source};
use portfolio::{Portfolio, ProductForm};
use ports::ProductId;
use uuid::Uuid;

pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
        impact::MIGRATIONS,
    ]
    .concat()
}

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) source: Source,
    pub(crate) portfolio: Portfolio,
    pub(crate) impact: Impact,
}

/// 1 March 2026, nine o'clock in Paris.
pub(crate) fn world(db: &Db) -> World {
    let clock = Arc::new(FixedClock::new("2026-03-01T08:00:00Z".parse().unwrap()));
    let source = Source::with_clock(clock.clone(), 1);
    let jobs = Jobs::new(db.clone(), source.clone());
    let directory = Directory::new(
        db.clone(),
        source.clone(),
        jobs.clone(),
        SessionLimits::default(),
        "https://g.example",
    );
    let portfolio = Portfolio::new(
        db.clone(),
        source.clone(),
        Arc::new(directory.organisations_port()),
        jobs,
        kit_files::Files::in_memory(),
    );
    let impact = Impact::new(
        db.clone(),
        source.clone(),
        Arc::new(portfolio.products_port()),
    );
    let portfolio = portfolio.with_gate(Arc::new(impact.port()));
    World {
        db: db.clone(),
        clock,
        source,
        portfolio,
        impact,
    }
}

pub(crate) fn officer() -> Actor {
    Actor::system("test")
}

impl World {
    /// Lets days go by.
    pub(crate) fn wait_days(&self, days: i64) {
        self.clock.advance(SignedDuration::from_hours(24 * days));
    }

    pub(crate) async fn product(&self, title: &str) -> ProductId {
        let form = ProductForm {
            kind: "product".into(),
            title: title.into(),
            ..ProductForm::default()
        };
        let id = self.portfolio.add_product(&officer(), &form).await.unwrap();
        ProductId(id)
    }

    /// A product with one indicator.
    pub(crate) async fn indicator(&self, form: &IndicatorForm) -> (ProductId, Uuid) {
        let product = self.product("Portail des aides").await;
        let id = self.add(product, form).await.unwrap();
        (product, id)
    }

    pub(crate) async fn add(
        &self,
        product: ProductId,
        form: &IndicatorForm,
    ) -> Result<Uuid, ImpactError> {
        self.impact.add_indicator(&officer(), product, form).await
    }

    pub(crate) async fn observe(&self, id: Uuid, as_of: &str, value: &str) {
        let recorded = self
            .impact
            .add_observation(&officer(), id, &figure(as_of, value))
            .await
            .unwrap();
        assert!(recorded.is_new);
    }
}

/// From 40 % on 1 January 2026 to 80 % on 31 December 2026.
pub(crate) fn promise() -> IndicatorForm {
    IndicatorForm {
        name: "Démarches terminées en ligne".into(),
        measured: "Part des demandes déposées sans papier".into(),
        unit: "%".into(),
        direction: "more".into(),
        rhythm: "monthly".into(),
        level: "used".into(),
        baseline: "40".into(),
        baseline_on: "2026-01-01".into(),
        target: "80".into(),
        due_on: "2026-12-31".into(),
        origin: "hand".into(),
        ..IndicatorForm::default()
    }
}

pub(crate) fn figure(as_of: &str, value: &str) -> ObservationForm {
    ObservationForm {
        value: value.into(),
        as_of: as_of.into(),
        source: "Tableau de bord".into(),
        ..ObservationForm::default()
    }
}

/// The field and code of each mistake.
pub(crate) fn mistakes<T: std::fmt::Debug>(
    refused: Result<T, ImpactError>,
) -> Vec<(String, &'static str)> {
    match refused {
        Err(ImpactError::Mistakes(mistakes)) => mistakes
            .into_iter()
            .map(|mistake| (mistake.field.clone().into_owned(), mistake.code()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn only(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), code)]
}
