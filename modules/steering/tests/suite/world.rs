//! A small State: two ministries, a project that costs 40 M€ and one that keeps its word.

use std::collections::BTreeMap;
use std::sync::Arc;

use directory::domain::OrganisationForm;
use directory::{Directory, SessionLimits};
use jiff::SignedDuration;
use kit_access::{Actor, Grant, Reach, Role};
use kit_db::{Db, Migration};
use kit_http::testing::{Browser, URL};
use kit_jobs::Jobs;
use kit_time::{FixedClock, Source};
use portfolio::{EstimateForm, Portfolio, ProductForm};
use ports::ProductActs;
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};
use steering::domain::{
    Answer, AnswerForm, Axis, FileForm, FileItem, RecommendationForm, ReviewAct, ReviewForm,
    StepForm, VerdictForm,
};
use steering::{Steering, SteeringError, SteeringPorts};
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "un long mot de passe";

pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
        steering::MIGRATIONS,
    ]
    .concat()
}

pub(crate) fn root() -> Actor {
    Actor::system("test")
}

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) app: Browser,
    directory: Directory,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) portfolio: Portfolio,
    pub(crate) steering: Steering,
    pub(crate) jobs: Jobs,
    /// The ministry of the project.
    pub(crate) ministry: Uuid,
    /// The ministry of the stranger.
    pub(crate) other_ministry: Uuid,
    /// Of the directorate, for the whole State.
    pub(crate) officer: Actor,
    /// Of the ministry.
    pub(crate) director: Actor,
    /// Of the ministry's products.
    pub(crate) team: Actor,
    /// Of another ministry.
    pub(crate) stranger: Actor,
    /// A project of 40 M€.
    pub(crate) project: Uuid,
}

pub(crate) fn typed(on: &str) -> [String; 3] {
    kit_acts::typed(on.parse().unwrap())
}

pub(crate) fn step(on: &str, reason: &str) -> StepForm {
    StepForm {
        on: typed(on),
        reason: reason.into(),
    }
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

/// The pages of steering and of those who sign in.
fn app(steering: &Steering, directory: &Directory, source: Source) -> Browser {
    let routes = steering.routes().merge(directory.routes());
    let words = directory::WORDS.into_iter().chain(steering::WORDS);
    Browser::new(routes, words, source, Arc::new(directory.clone()))
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
    let ports = SteeringPorts {
        products: Arc::new(portfolio.products_port()),
        parties: Arc::new(directory.parties_port()),
        organisations: Arc::new(directory.organisations_port()),
    };
    let steering = Steering::new(db.clone(), source.clone(), jobs.clone(), ports, URL).unwrap();
    let app = app(&steering, &directory, source);

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
    let director = person(
        &directory,
        "Dora Director",
        DIGITAL_DIRECTOR,
        Some(ministry),
    )
    .await;
    let team = person(&directory, "Tim Team", PRODUCT_TEAM, Some(ministry)).await;
    let stranger = person(&directory, "Stan Stranger", DIGITAL_DIRECTOR, Some(other)).await;
    let form = ProductForm {
        kind: "large-project".into(),
        title: "Refonte du cadastre marin".into(),
        ministry: ministry.to_string(),
        ..ProductForm::default()
    };
    let project = portfolio.add_product(&root(), &form).await.unwrap();
    let world = World {
        db,
        app,
        directory,
        clock,
        portfolio,
        steering,
        jobs,
        ministry,
        other_ministry: other,
        officer,
        director,
        team,
        stranger,
        project,
    };
    world.estimate("2026-01-15", "40", "4").await;
    world
}

impl World {
    /// The same with what other modules do for products.
    pub(crate) fn with_others(mut self, acts: Vec<Arc<dyn ProductActs>>) -> Self {
        self.steering = self.steering.with_acts(acts);
        let source = Source::with_clock(self.clock.clone(), 2);
        self.app = app(&self.steering, &self.directory, source);
        self
    }

    /// An estimate in millions of euros and years.
    pub(crate) async fn estimate(&self, on: &str, cost: &str, years: &str) {
        let form = EstimateForm {
            as_of: typed(on),
            cost: cost.into(),
            duration: years.into(),
            phase: "build".into(),
            source: "Équipe".into(),
        };
        self.portfolio
            .add_estimate(&root(), self.project, &form)
            .await
            .unwrap();
    }

    /// A product of the same ministry of which nothing is to be said.
    pub(crate) async fn another_project(&self, title: &str) -> Uuid {
        self.product_of(title, self.ministry).await
    }

    /// A product of the other ministry.
    pub(crate) async fn project_of_others(&self, title: &str) -> Uuid {
        self.product_of(title, self.other_ministry).await
    }

    async fn product_of(&self, title: &str, ministry: Uuid) -> Uuid {
        let form = ProductForm {
            kind: "product".into(),
            title: title.into(),
            ministry: ministry.to_string(),
            ..ProductForm::default()
        };
        self.portfolio.add_product(&root(), &form).await.unwrap()
    }

    /// Time passes: to nine o'clock of a day.
    pub(crate) fn wait_until(&self, day: &str) {
        let at: jiff::Timestamp = format!("{day}T08:00:00Z").parse().unwrap();
        let now = kit_time::Clock::now(&*self.clock);
        self.clock
            .advance(SignedDuration::from_secs(at.as_second() - now.as_second()));
    }

    pub(crate) fn review_form(&self, kind: &str) -> ReviewForm {
        ReviewForm {
            product: self.project.to_string(),
            kind: kind.into(),
            on: typed("2026-03-02"),
            foreseen: "40".into(),
            effect: "ministry".into(),
            asked_by: "Premier ministre".into(),
            reason: "Le seuil de 9 M€ sera franchi".into(),
        }
    }

    pub(crate) async fn version(&self, id: Uuid) -> i64 {
        let (one, _) = self.steering.review(&self.officer, id).await.unwrap();
        one.version
    }

    pub(crate) async fn step(&self, actor: &Actor, id: Uuid, act: ReviewAct, on: &str) {
        let version = self.version(id).await;
        self.steering
            .step(actor, id, version, act, &step(on, "Ainsi"))
            .await
            .unwrap();
    }

    /// A review of the project whose file is complete since 2 March.
    pub(crate) async fn running(&self) -> Uuid {
        let form = self.review_form("article-3");
        let steering = &self.steering;
        let id = steering
            .announce(&self.director, &form, None)
            .await
            .unwrap();
        self.step(&self.team, id, ReviewAct::Begin, "2026-03-02")
            .await;
        let version = self.version(id).await;
        let file = file();
        steering.fill(&self.team, id, version, &file).await.unwrap();
        self.step(&self.officer, id, ReviewAct::Receive, "2026-03-02")
            .await;
        id
    }

    /// An unfavourable opinion, given on 20 March.
    pub(crate) async fn unfavourable(&self) -> Uuid {
        let id = self.running().await;
        self.wait_until("2026-03-20");
        let version = self.version(id).await;
        let form = verdict("2026-03-20", "unfavourable");
        self.steering
            .give_opinion(&self.officer, id, version, &form)
            .await
            .unwrap();
        id
    }

    pub(crate) async fn recommended(&self, review: Uuid, due: &str) -> Uuid {
        let form = RecommendationForm {
            review: review.to_string(),
            text: "Découper le projet en lots qui servent seuls".into(),
            axis: "delivery".into(),
            owner: "Cheffe de projet".into(),
            due: typed(due),
            ..RecommendationForm::default()
        };
        self.steering.recommend(&self.officer, &form).await.unwrap()
    }

    pub(crate) async fn answer(
        &self,
        actor: &Actor,
        id: Uuid,
        answer: Answer,
    ) -> Result<(), SteeringError> {
        let (one, _) = self.steering.recommendation(&self.officer, id).await?;
        let form = AnswerForm {
            reason: "Voici pourquoi".into(),
            link: String::new(),
        };
        self.steering
            .answer(actor, id, one.version, answer, &form)
            .await
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

/// A complete file.
pub(crate) fn file() -> FileForm {
    let items = FileItem::ALL.iter();
    FileForm(
        items
            .map(|item| (item.code().to_owned(), format!("Pièce {}", item.code())))
            .collect(),
    )
}

pub(crate) fn verdict(on: &str, opinion: &str) -> VerdictForm {
    let scores: BTreeMap<String, (String, String)> = Axis::ALL
        .iter()
        .map(|axis| {
            let comment = format!("Axe {}", axis.code());
            (axis.code().to_owned(), ("2".to_owned(), comment))
        })
        .collect();
    VerdictForm {
        step: step(on, "Le dossier est instruit"),
        opinion: opinion.into(),
        summary: "Le prix de 12 M€ n’est pas tenable.".into(),
        scores,
    }
}
