//! A small State: a ministry, an incubator, a start-up under construction and one in investigation.

use std::sync::Arc;

use directory::domain::OrganisationForm;
use directory::{Directory, SessionLimits};
use impact::{Impact, IndicatorForm, ObservationForm};
use jiff::SignedDuration;
use kit_access::{Actor, Grant, Reach, Role};
use kit_db::{Db, Migration};
use kit_http::testing::{Browser, URL};
use kit_jobs::Jobs;
use kit_time::{FixedClock, Source};
use portfolio::{Portfolio, ProductForm};
use ports::ProductId;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};
use startups::domain::{DecisionForm, Level, LevelForm, PreparationForm};
use startups::{Startups, StartupsError, StartupsPorts};
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "un long mot de passe";

pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
        impact::MIGRATIONS,
        startups::MIGRATIONS,
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
    pub(crate) startups: Startups,
    pub(crate) jobs: Jobs,
    pub(crate) ministry: Uuid,
    /// Of the directorate, for the whole State.
    pub(crate) officer: Actor,
    /// Of the incubator's committee.
    pub(crate) committee: Actor,
    /// Of the ministry's products.
    pub(crate) team: Actor,
    /// Of another ministry.
    pub(crate) stranger: Actor,
    /// Under construction since 1 September 2025.
    pub(crate) startup: Uuid,
    /// In investigation since 1 February 2026, without any promise.
    pub(crate) idea: Uuid,
}

pub(crate) fn typed(on: &str) -> [String; 3] {
    kit_acts::typed(on.parse().unwrap())
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
        jobs.clone(),
        kit_files::Files::in_memory(),
    );
    let impact = Impact::new(
        db.clone(),
        source.clone(),
        Arc::new(portfolio.products_port()),
    );
    let portfolio = portfolio.with_gate(Arc::new(impact.port()));
    let ports = StartupsPorts {
        products: Arc::new(portfolio.startups_port()),
        catalogue: Arc::new(portfolio.products_port()),
        progress: Arc::new(impact.port()),
        parties: Arc::new(directory.parties_port()),
        organisations: Arc::new(directory.organisations_port()),
    };
    let startups = Startups::new(db.clone(), source.clone(), jobs.clone(), ports, URL).unwrap();
    let routes = startups.routes().merge(directory.routes());
    let words = directory::WORDS.into_iter().chain(startups::WORDS);
    let app = Browser::new(routes, words, source, Arc::new(directory.clone()));
    let organisation = async |kind: &str, name: &str| {
        let form = OrganisationForm {
            kind: kind.into(),
            name: name.into(),
            ..OrganisationForm::default()
        };
        directory.add_organisation(&root(), &form).await.unwrap()
    };
    let ministry = organisation("ministry", "Ministère du Littoral").await;
    let other = organisation("ministry", "Ministère des Sommets").await;
    let incubator = organisation("incubator", "Fabrique du Littoral").await;
    let officer = person(&directory, "Olga Officer", PORTFOLIO_OFFICER, None).await;
    let committee = person(
        &directory,
        "Cleo Committee",
        PORTFOLIO_OFFICER,
        Some(incubator),
    )
    .await;
    let team = person(&directory, "Tim Team", PRODUCT_TEAM, Some(ministry)).await;
    let stranger = person(&directory, "Stan Stranger", DIGITAL_DIRECTOR, Some(other)).await;
    let source_actor = root();
    let add = async |title: &str, phases: &[(&str, &str, &str)]| {
        let row = |(phase, from, to): &(&str, &str, &str)| {
            [(*phase).to_owned(), (*from).to_owned(), (*to).to_owned()]
        };
        let form = ProductForm {
            kind: "start-up".into(),
            title: title.into(),
            ministry: ministry.to_string(),
            incubator: incubator.to_string(),
            phases: phases.iter().map(row).collect(),
            ..ProductForm::default()
        };
        portfolio.add_product(&source_actor, &form).await.unwrap()
    };
    let startup = add("Eau claire", &[("investigation", "01/03/2025", "")]).await;
    let idea = add("Marée basse", &[("investigation", "01/02/2026", "")]).await;
    let world = World {
        db,
        app,
        clock,
        portfolio,
        impact,
        startups,
        jobs,
        ministry,
        officer,
        committee,
        team,
        stranger,
        startup,
        idea,
    };
    world.promise(startup, "used", "100").await;
    // It is being built since September: the gate let it pass.
    let product = world.portfolio.product(startup).await.unwrap();
    let form = ProductForm {
        kind: "start-up".into(),
        title: "Eau claire".into(),
        ministry: ministry.to_string(),
        incubator: incubator.to_string(),
        phases: vec![
            [
                "investigation".into(),
                "01/03/2025".into(),
                "01/09/2025".into(),
            ],
            ["construction".into(), "01/09/2025".into(), String::new()],
        ],
        ..ProductForm::default()
    };
    world
        .portfolio
        .edit_product(&root(), startup, product.version, &form)
        .await
        .unwrap();
    // Followed since January: what is due in March is due in March.
    let january = Source::fixed("2026-01-15T08:00:00Z".parse().unwrap(), 99);
    let earlier = world.startups.clone().with_source(january);
    earlier.keep_house().await.unwrap();
    world.startups.keep_house().await.unwrap();
    world
}

impl World {
    /// An indicator with a baseline of 2025, a target and a figure of February 2026.
    pub(crate) async fn promise(&self, product: Uuid, level: &str, latest: &str) -> Uuid {
        let form = IndicatorForm {
            name: format!("Plages suivies ({level})"),
            measured: "Plages dont l’eau est suivie chaque jour".into(),
            unit: "plages".into(),
            direction: "more".into(),
            rhythm: "monthly".into(),
            level: level.into(),
            baseline: "50".into(),
            baseline_on: "2025-03-01".into(),
            target: "200".into(),
            due_on: "2026-12-31".into(),
            source: "Équipe".into(),
            method: "Relevé mensuel".into(),
            owner: "Équipe".into(),
            ..IndicatorForm::default()
        };
        let id = self
            .impact
            .add_indicator(&root(), ProductId(product), &form)
            .await
            .unwrap();
        self.measure(id, latest, "2026-02-01").await;
        id
    }

    pub(crate) async fn measure(&self, indicator: Uuid, value: &str, on: &str) {
        let form = ObservationForm {
            value: value.into(),
            as_of: on.into(),
            source: "Équipe".into(),
            ..ObservationForm::default()
        };
        self.impact
            .add_observation(&root(), indicator, &form)
            .await
            .unwrap();
    }

    pub(crate) async fn indicator(&self, product: Uuid) -> Uuid {
        let file = self.startups.startup(&self.officer, product).await.unwrap();
        file.indicators[0].id
    }

    /// Time passes: to nine o'clock of a day.
    pub(crate) fn wait_until(&self, day: &str) {
        let at: jiff::Timestamp = format!("{day}T08:00:00Z").parse().unwrap();
        let now = kit_time::Clock::now(&*self.clock);
        self.clock
            .advance(SignedDuration::from_secs(at.as_second() - now.as_second()));
    }

    pub(crate) async fn version(&self, review: Uuid) -> i64 {
        let (one, ..) = self.startups.review(&self.officer, review).await.unwrap();
        one.version
    }

    /// A complete preparation whose levels up to "used" are reached.
    pub(crate) async fn prepared(&self, product: Uuid) -> PreparationForm {
        let indicators = self.startups.startup(&self.officer, product).await.unwrap();
        let indicator = indicators.indicators.first().map(|one| one.id.to_string());
        let levels = Level::ALL.iter().map(|level| {
            let is_reached = *level <= Level::Used && indicator.is_some();
            let form = LevelForm {
                reached: if is_reached { "yes" } else { "no" }.into(),
                indicator: indicator.clone().filter(|_| is_reached).unwrap_or_default(),
                comment: "Voir la courbe".into(),
            };
            (level.code().to_owned(), form)
        });
        PreparationForm {
            learnt: "Les communes veulent une alerte le matin.".into(),
            users: "1 200".into(),
            users_told: "Agents des communes du littoral".into(),
            spent: "90 000".into(),
            plan: "Ouvrir à deux autres départements.".into(),
            levels: levels.collect(),
        }
    }

    /// The review of a product, handed over to the committee.
    pub(crate) async fn submitted(&self, product: Uuid) -> Uuid {
        let startups = &self.startups;
        let id = startups.open_review(&self.team, product).await.unwrap();
        let form = self.prepared(product).await;
        let version = self.version(id).await;
        startups
            .prepare(&self.team, id, version, &form)
            .await
            .unwrap();
        let version = self.version(id).await;
        startups.submit(&self.team, id, version).await.unwrap();
        id
    }

    pub(crate) async fn decide(
        &self,
        actor: &Actor,
        review: Uuid,
        form: &DecisionForm,
    ) -> Result<Uuid, StartupsError> {
        let version = self.version(review).await;
        self.startups.decide(actor, review, version, form).await
    }

    /// Mails that wait: to whom and their subject.
    pub(crate) async fn mails(&self) -> Vec<(String, String)> {
        let jobs = self.jobs.newest_of("mail.send", 200).await.unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        jobs.iter()
            .map(|job| (text(&job.payload["to"]), text(&job.payload["subject"])))
            .collect()
    }

    /// The cookies of somebody who has signed in.
    pub(crate) async fn signed_in(&self, email: &str) -> String {
        self.app.signed_in(email, PASSWORD).await
    }
}

/// A decision of the committee, with a next step by 1 September.
pub(crate) fn decision(kind: &str, on: &str) -> DecisionForm {
    let is = |wanted: &str| kind == wanted;
    DecisionForm {
        kind: kind.into(),
        on: typed(on),
        committee: "Comité d’investissement".into(),
        reasons: "L’usage croît, 12 communes attendent.".into(),
        conditions: "Publier le budget".into(),
        next: "Ouvrir à deux départements".into(),
        next_by: typed("2026-09-01"),
        receiver: if is("transfer") {
            "Agence de l’eau".into()
        } else {
            String::new()
        },
        avoided: if is("stop") {
            "120 000".into()
        } else {
            String::new()
        },
        kept_assets: if is("stop") {
            "Le code, publié".into()
        } else {
            String::new()
        },
    }
}

/// The mistakes of what was refused, by field and key.
pub(crate) fn mistakes<T: std::fmt::Debug>(
    refused: Result<T, StartupsError>,
) -> Vec<(String, &'static str)> {
    match refused {
        Err(StartupsError::Mistakes(all)) => {
            all.into_iter().map(|one| (one.field, one.key)).collect()
        }
        other => panic!("{other:?}"),
    }
}
