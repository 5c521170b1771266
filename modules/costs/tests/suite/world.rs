//! A ministry's product of 40 M€, those who may and those who may not.

use std::sync::Arc;

use costs::{Costs, CostsError, VersionForm};
use directory::domain::OrganisationForm;
use directory::{Directory, SessionLimits};
use impact::{Impact, IndicatorForm, ObservationForm};
use jiff::SignedDuration;
use jiff::civil::Date;
use kit_access::{Actor, Grant, Reach, Role};
use kit_db::{Db, Migration};
use kit_jobs::Jobs;
use kit_time::{FixedClock, Source};
use portfolio::{EstimateForm, Portfolio, ProductForm};
use ports::ProductId;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM, READER};
use uuid::Uuid;

pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
        impact::MIGRATIONS,
        costs::MIGRATIONS,
    ]
    .concat()
}

pub(crate) fn root() -> Actor {
    Actor::system("test")
}

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) source: Source,
    pub(crate) portfolio: Portfolio,
    pub(crate) impact: Impact,
    pub(crate) costs: Costs,
    pub(crate) ministry: Uuid,
    pub(crate) other: Uuid,
    /// Of the directorate, for the whole State.
    pub(crate) officer: Actor,
    /// Of the ministry.
    pub(crate) director: Actor,
    /// Of the ministry's products.
    pub(crate) team: Actor,
    /// Of another ministry.
    pub(crate) stranger: Actor,
    /// Of the ministry, who reads only.
    pub(crate) reader: Actor,
    pub(crate) product: ProductId,
}

fn typed(on: &str) -> [String; 3] {
    let on: Date = on.parse().unwrap();
    [
        on.day().to_string(),
        on.month().to_string(),
        on.year().to_string(),
    ]
}

fn person(number: u128, name: &str, role: Role, ministry: Option<Uuid>) -> Actor {
    let reach = match ministry {
        None => Reach::State,
        Some(id) => Reach::Organisations(Arc::new([id].into())),
    };
    let role = role.0.to_owned();
    Actor::person(Uuid::from_u128(number), name, vec![Grant { role, reach }])
}

/// The world on 2 March 2026, a Monday.
pub(crate) async fn world(db: Db) -> World {
    let clock = Arc::new(FixedClock::new("2026-03-02T08:00:00Z".parse().unwrap()));
    let source = Source::with_clock(clock.clone(), 1);
    let jobs = Jobs::new(db.clone(), source.clone());
    let limits = SessionLimits::default();
    let url = "https://g.example";
    let directory = Directory::new(db.clone(), source.clone(), jobs.clone(), limits, url);
    let organisations = Arc::new(directory.organisations_port());
    let files = kit_files::Files::in_memory();
    let portfolio = Portfolio::new(
        db.clone(),
        source.clone(),
        organisations.clone(),
        jobs,
        files,
    );
    let products = Arc::new(portfolio.products_port());
    let impact = Impact::new(db.clone(), source.clone(), products.clone());
    let costs = Costs::new(db.clone(), source.clone(), products, organisations)
        .unwrap()
        .with_progress(Arc::new(impact.port()));
    let organisation = async |name: &str| {
        let form = OrganisationForm {
            kind: "ministry".into(),
            name: name.into(),
            ..OrganisationForm::default()
        };
        directory.add_organisation(&root(), &form).await.unwrap()
    };
    let ministry = organisation("Ministère du Littoral").await;
    let other = organisation("Ministère des Sommets").await;
    let form = ProductForm {
        kind: "large-project".into(),
        title: "Refonte du cadastre marin".into(),
        ministry: ministry.to_string(),
        ..ProductForm::default()
    };
    let product = portfolio.add_product(&root(), &form).await.unwrap();
    let estimate = EstimateForm {
        as_of: typed("2026-01-15"),
        cost: "40".into(),
        duration: "4".into(),
        phase: "build".into(),
        source: "Équipe".into(),
    };
    portfolio
        .add_estimate(&root(), product, &estimate)
        .await
        .unwrap();
    World {
        db,
        clock,
        source,
        portfolio,
        impact,
        costs,
        ministry,
        other,
        officer: person(1, "Olga Officer", PORTFOLIO_OFFICER, None),
        director: person(2, "Dora Director", DIGITAL_DIRECTOR, Some(ministry)),
        team: person(3, "Tim Team", PRODUCT_TEAM, Some(ministry)),
        stranger: person(4, "Stan Stranger", DIGITAL_DIRECTOR, Some(other)),
        reader: person(5, "Rita Reader", READER, Some(ministry)),
        product: ProductId(product),
    }
}

impl World {
    /// Lets days go by.
    pub(crate) fn wait_days(&self, days: i64) {
        self.clock.advance(SignedDuration::from_hours(24 * days));
    }

    pub(crate) async fn add(&self, seen: i64, form: &VersionForm) -> Result<i64, CostsError> {
        self.costs
            .add_version(&self.team, self.product, seen, form)
            .await
    }

    /// An indicator that counts 200,000 users.
    pub(crate) async fn users(&self) -> Uuid {
        let form = IndicatorForm {
            name: "Usagers".into(),
            measured: "Comptes actifs dans l’année".into(),
            unit: "usagers".into(),
            direction: "more".into(),
            rhythm: "monthly".into(),
            level: "used".into(),
            ..IndicatorForm::default()
        };
        let root = root();
        let id = self.impact.add_indicator(&root, self.product, &form);
        let id = id.await.unwrap();
        let figure = ObservationForm {
            value: "200000".into(),
            as_of: "2026-02-28".into(),
            source: "Tableau de bord".into(),
            ..ObservationForm::default()
        };
        let recorded = self.impact.add_observation(&root, id, &figure).await;
        recorded.unwrap();
        id
    }
}

pub(crate) const LINES: &str = "nature;année;libellé;montant\n\
    Construction, prestataires;2026;Lot 1;20 M€\n\
    Construction, agents;2026;Équipe;5 M€\n\
    Hébergement;2028;Nuage;2 000 000\n\
    Fonctionnement, agents;2030;Équipe;13000000,50";

/// Ten years, 40 000 000,50 €.
pub(crate) fn form() -> VersionForm {
    VersionForm {
        as_of: "2026-02-01".into(),
        first_year: "2026".into(),
        years: "10".into(),
        discount: "0".into(),
        count_of: "user".into(),
        reason: "Première estimation complète".into(),
        lines: LINES.into(),
        assumptions: "hypothèse;valeur;unité;source;bas;haut;porte sur\n\
                      Jour de prestataire;650;€;Marché 2026;520;780;Construction, prestataires"
            .into(),
        ..VersionForm::default()
    }
}

/// The field and code of each mistake.
pub(crate) fn mistakes<T: std::fmt::Debug>(
    refused: Result<T, CostsError>,
) -> Vec<(String, &'static str)> {
    match refused {
        Err(CostsError::Mistakes(mistakes)) => mistakes
            .into_iter()
            .map(|mistake| (mistake.field.clone(), mistake.code()))
            .collect(),
        other => panic!("{other:?}"),
    }
}
