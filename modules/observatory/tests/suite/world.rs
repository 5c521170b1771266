//! A small State: a ministry, its product, and the procedure that people know of it.

use std::sync::Arc;

use directory::domain::OrganisationForm;
use directory::{Directory, SessionLimits};
use impact::{Counting, Impact};
use jiff::{SignedDuration, Timestamp};
use kit_access::{Actor, Grant, Reach, Role};
use kit_db::{Db, Migration};
use kit_http::testing::{Browser, URL};
use kit_jobs::Jobs;
use kit_journal::Subscribers;
use kit_time::{FixedClock, Source};
use observatory::domain::{Answers, Details, ProcedureForm, Satisfaction};
use observatory::{Following, Observatory, ObservatoryError};
use portfolio::{Portfolio, ProductForm};
use ports::ProductId;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM, READER};
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "un long mot de passe";

pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
        impact::MIGRATIONS,
        observatory::MIGRATIONS,
    ]
    .concat()
}

pub(crate) fn root() -> Actor {
    Actor::system("test")
}

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) app: Browser,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) portfolio: Portfolio,
    pub(crate) impact: Impact,
    pub(crate) observatory: Observatory,
    pub(crate) ministry: Uuid,
    /// Of the directorate, for the whole State.
    pub(crate) officer: Actor,
    /// Of the ministry's products.
    pub(crate) team: Actor,
    /// Of the ministry: reads only.
    pub(crate) reader: Actor,
    /// Of another ministry.
    pub(crate) stranger: Actor,
    pub(crate) product: Uuid,
    /// "Demander une aide", 300,000 users a year.
    pub(crate) procedure: Uuid,
}

async fn person(
    directory: &Directory,
    name: &str,
    role: Role,
    organisation: Option<Uuid>,
) -> Actor {
    let email = format!("{}@x.example", name.to_lowercase().replace(' ', "."));
    let id = directory
        .add_person(&root(), name, &email, organisation)
        .await
        .unwrap();
    directory.set_password(id, PASSWORD).await.unwrap().unwrap();
    directory
        .grant(&root(), id, role.0, organisation)
        .await
        .unwrap();
    let reach = match organisation {
        None => Reach::State,
        Some(id) => Reach::Organisations(Arc::new([id].into())),
    };
    let role = role.0.to_owned();
    Actor::person(id, name, vec![Grant { role, reach }])
}

pub(crate) fn form(name: &str, users: &str) -> ProcedureForm {
    ProcedureForm {
        name: name.into(),
        address: "https://aides.example/demande".into(),
        users: users.into(),
        ..ProcedureForm::default()
    }
}

/// The world on 2 March 2026, a Monday.
pub(crate) async fn world(db: Db) -> World {
    let clock = Arc::new(FixedClock::new("2026-03-02T08:00:00Z".parse().unwrap()));
    let source = Source::with_clock(clock.clone(), 1);
    let jobs = Jobs::new(db.clone(), source.clone());
    let limits = SessionLimits::default();
    let directory = Directory::new(db.clone(), source.clone(), jobs.clone(), limits, URL);
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
    let observatory = Observatory::new(
        db.clone(),
        source.clone(),
        Arc::new(portfolio.products_port()),
        Arc::new(directory.organisations_port()),
        URL,
    )
    .unwrap();
    let routes = observatory.routes().merge(directory.routes());
    let words = directory::WORDS.into_iter().chain(observatory::WORDS);
    let app = Browser::new(routes, words, source, Arc::new(directory.clone()));
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
    let officer = person(&directory, "Olga Officer", PORTFOLIO_OFFICER, None).await;
    let team = person(&directory, "Tim Team", PRODUCT_TEAM, Some(ministry)).await;
    let reader = person(&directory, "Rita Reader", READER, Some(ministry)).await;
    let stranger = person(&directory, "Stan Stranger", DIGITAL_DIRECTOR, Some(other)).await;
    let told = ProductForm {
        kind: "product".into(),
        title: "Guichet des aides".into(),
        ministry: ministry.to_string(),
        ..ProductForm::default()
    };
    let product = portfolio.add_product(&root(), &told).await.unwrap();
    let procedure = observatory
        .add_procedure(
            &team,
            ProductId(product),
            &form("Demander une aide", "300 000"),
        )
        .await
        .unwrap();
    World {
        db,
        app,
        clock,
        portfolio,
        impact,
        observatory,
        ministry,
        officer,
        team,
        reader,
        stranger,
        product,
        procedure,
    }
}

impl World {
    /// Time passes: to nine o'clock of a day.
    pub(crate) fn wait_until(&self, day: &str) {
        let at: Timestamp = format!("{day}T08:00:00Z").parse().unwrap();
        let now = kit_time::Clock::now(&*self.clock);
        self.clock
            .advance(SignedDuration::from_secs(at.as_second() - now.as_second()));
    }

    pub(crate) fn wait_minutes(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    /// Reviews given on a day: good, medium and bad ones.
    pub(crate) async fn give(&self, day: &str, numbers: [usize; 3]) {
        let at: Timestamp = format!("{day}T10:00:00Z").parse().unwrap();
        let mut all = Vec::new();
        for (satisfaction, number) in Satisfaction::ALL.iter().zip(numbers) {
            let one = Answers {
                satisfaction: *satisfaction,
                details: Details::default(),
            };
            all.extend(std::iter::repeat_n((at, one), number));
        }
        self.observatory.fill(self.procedure, &all).await.unwrap();
    }

    /// What follows the journal has read all of it.
    pub(crate) async fn follow(&self) {
        let counting = Arc::new(Counting(self.impact.clone()));
        let known = Arc::new(Following(self.observatory.clone()));
        let subscribers = Subscribers::new(self.db.clone(), vec![counting, known]);
        subscribers.run_once().await.unwrap();
        for state in subscribers.states().await.unwrap() {
            assert_eq!(state.failures, 0, "{state:?}");
        }
    }

    pub(crate) async fn version(&self, procedure: Uuid) -> i64 {
        self.observatory.procedure(procedure).await.unwrap().version
    }

    /// The cookies of somebody who has signed in.
    pub(crate) async fn signed_in(&self, email: &str) -> String {
        self.app.signed_in(email, PASSWORD).await
    }
}

/// The mistakes of what was refused, by field and key.
pub(crate) fn mistakes<T: std::fmt::Debug>(
    refused: Result<T, ObservatoryError>,
) -> Vec<(String, &'static str)> {
    match refused {
        Err(ObservatoryError::Mistakes(all)) => {
            all.into_iter().map(|one| (one.field, one.key)).collect()
        }
        other => panic!("{other:?}"),
    }
}
