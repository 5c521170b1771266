//! A small State: two ministries, a project, and a brigade of three.

use std::sync::{Arc, Mutex};

use brigade::domain::{
    AnswerForm, AssignmentForm, DayForm, ExpertForm, MissionAct, MissionForm, ReportForm,
    RequestForm,
};
use brigade::{Brigade, BrigadeError, BrigadePorts};
use directory::domain::OrganisationForm;
use directory::{Directory, SessionLimits};
use jiff::SignedDuration;
use jiff::civil::Date;
use kit_access::{Actor, Grant, Reach, Role};
use kit_db::{Db, Migration, Tx};
use kit_http::testing::{Browser, URL};
use kit_jobs::Jobs;
use kit_time::{FixedClock, Source};
use portfolio::{Portfolio, ProductForm};
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, PRODUCT_TEAM};
use ports::{Answered as Port, NewRecommendation, RecommendationSummary, Recommending};
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "un long mot de passe";

pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
        brigade::MIGRATIONS,
    ]
    .concat()
}

pub(crate) fn root() -> Actor {
    Actor::system("test")
}

/// The address of Léa's account.
pub(crate) const LEA: &str = "lea.expert@x.example";

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) app: Browser,
    pub(crate) directory: Directory,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) brigade: Brigade,
    pub(crate) jobs: Jobs,
    /// What missions recommended.
    pub(crate) recommended: Arc<Recommended>,
    /// The ministry of the project.
    pub(crate) ministry: Uuid,
    /// Of the directorate, for the whole State.
    pub(crate) officer: Actor,
    /// Of the ministry.
    pub(crate) director: Actor,
    /// Of the ministry's products.
    pub(crate) team: Actor,
    /// Of another ministry.
    pub(crate) stranger: Actor,
    /// Somebody with an account and no role: an expert.
    pub(crate) lea: Actor,
    pub(crate) project: Uuid,
    /// Experts: Léa (cloud, security; full time), Marc (cloud; three days), Nour (accessibility).
    pub(crate) experts: [Uuid; 3],
}

/// Steering, as the brigade sees it.
#[derive(Default)]
pub(crate) struct Recommended(pub(crate) Mutex<Vec<(Uuid, RecommendationSummary)>>);

impl Recommending for Recommended {
    fn recommend_in<'f>(
        &'f self,
        _: &'f mut Tx,
        _: &'f Actor,
        new: NewRecommendation,
    ) -> Port<'f, Uuid> {
        Box::pin(async move {
            let mut all = self.0.lock().unwrap();
            let id = Uuid::from_u128(all.len() as u128 + 1);
            let one = RecommendationSummary {
                id,
                text: new.text,
                status: "proposed",
                due: new.due,
                reoriented: None,
            };
            all.push((new.origin.1, one));
            Ok(id)
        })
    }

    fn resting_on(&self, origin: (&'static str, Uuid)) -> Port<'_, Vec<RecommendationSummary>> {
        Box::pin(async move {
            let all = self.0.lock().unwrap();
            let of = all.iter().filter(|(mission, _)| *mission == origin.1);
            Ok(of.map(|(_, one)| one.clone()).collect())
        })
    }
}

pub(crate) fn typed(on: &str) -> [String; 3] {
    kit_acts::typed(on.parse().unwrap())
}

pub(crate) fn reason(text: &str) -> AnswerForm {
    AnswerForm {
        reason: text.into(),
        ..AnswerForm::default()
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
    let ports = BrigadePorts {
        products: Arc::new(portfolio.products_port()),
        parties: Arc::new(directory.parties_port()),
        organisations: Arc::new(directory.organisations_port()),
        files: kit_files::Files::in_memory(),
    };
    let recommended = Arc::new(Recommended::default());
    let brigade = Brigade::new(db.clone(), source.clone(), jobs.clone(), ports, URL)
        .unwrap()
        .with_recommending(recommended.clone());
    let routes = brigade.routes().merge(directory.routes());
    let words = directory::WORDS.into_iter().chain(brigade::WORDS);
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
    let director = person(
        &directory,
        "Dora Director",
        DIGITAL_DIRECTOR,
        Some(ministry),
    )
    .await;
    let team = person(&directory, "Tim Team", PRODUCT_TEAM, Some(ministry)).await;
    let stranger = person(&directory, "Stan Stranger", DIGITAL_DIRECTOR, Some(other)).await;
    let lea = directory
        .add_person(&root(), "Lea Expert", LEA, None)
        .await
        .unwrap();
    directory
        .set_password(lea, PASSWORD)
        .await
        .unwrap()
        .unwrap();
    let form = ProductForm {
        kind: "large-project".into(),
        title: "Refonte du cadastre marin".into(),
        ministry: ministry.to_string(),
        ..ProductForm::default()
    };
    let project = portfolio.add_product(&root(), &form).await.unwrap();
    let experts = [
        expert(
            "Léa Expert",
            "lea@brigade.example",
            "5",
            &["cloud", "security"],
            LEA,
        ),
        expert("Marc Martin", "marc@brigade.example", "3", &["cloud"], ""),
        expert(
            "Nour Naïm",
            "nour@brigade.example",
            "5",
            &["accessibility"],
            "",
        ),
    ];
    let mut ids = [Uuid::nil(); 3];
    for (id, form) in ids.iter_mut().zip(&experts) {
        *id = brigade.add_expert(&officer, form).await.unwrap();
    }
    World {
        db,
        app,
        directory,
        clock,
        brigade,
        jobs,
        recommended,
        ministry,
        officer,
        director,
        team,
        stranger,
        lea: Actor::person(lea, "Lea Expert", Vec::new()),
        project,
        experts: ids,
    }
}

pub(crate) fn expert(
    name: &str,
    email: &str,
    days: &str,
    skills: &[&str],
    account: &str,
) -> ExpertForm {
    let skills = skills
        .iter()
        .map(|code| ((*code).into(), "confirmed".into()));
    ExpertForm {
        name: name.into(),
        email: email.into(),
        account: account.into(),
        employer: "agent".into(),
        days_week: days.into(),
        skills: skills.collect(),
        ..ExpertForm::default()
    }
}

impl World {
    pub(crate) fn today(&self) -> Date {
        let now = kit_time::Clock::now(&*self.clock);
        jiff::tz::TimeZone::UTC.to_datetime(now).date()
    }

    /// Time passes: to nine o'clock of a day.
    pub(crate) fn wait_until(&self, day: &str) {
        let at: jiff::Timestamp = format!("{day}T08:00:00Z").parse().unwrap();
        let now = kit_time::Clock::now(&*self.clock);
        self.clock
            .advance(SignedDuration::from_secs(at.as_second() - now.as_second()));
    }

    /// Five days of cloud and two of accessibility, in March.
    pub(crate) fn request_form(&self) -> RequestForm {
        RequestForm {
            product: self.project.to_string(),
            need: "Notre hébergement coûte trop cher et tombe souvent.".into(),
            wanted: [("cloud", "5"), ("accessibility", "2")]
                .map(|(code, days)| (code.into(), days.into()))
                .into(),
            from: typed("2026-03-02"),
            to: typed("2026-03-27"),
            contribution: "Un plan de migration".into(),
            impact: "Disponibilité de 99,5 % fin 2026".into(),
        }
    }

    pub(crate) async fn asked(&self) -> Uuid {
        let form = self.request_form();
        self.brigade.ask(&self.director, &form).await.unwrap()
    }

    /// A mission of experts over some days, from 2 to 27 March.
    pub(crate) fn mission_form(goes: &[(Uuid, &str, &str)]) -> MissionForm {
        let assignments = goes.iter().map(|(expert, code, days)| AssignmentForm {
            who: format!("{expert}:{code}"),
            days: (*days).into(),
        });
        MissionForm {
            title: "Migration du cadastre".into(),
            objective: "Préparer la migration".into(),
            criterion: "Un plan chiffré et accepté".into(),
            from: typed("2026-03-02"),
            to: typed("2026-03-27"),
            assignments: assignments.collect(),
        }
    }

    pub(crate) async fn propose(
        &self,
        request: Uuid,
        goes: &[(Uuid, &str, &str)],
    ) -> Result<Uuid, BrigadeError> {
        let view = self.brigade.request(&self.officer, request).await?;
        let form = Self::mission_form(goes);
        let version = view.request.version;
        self.brigade
            .propose_mission(&self.officer, request, version, &form)
            .await
    }

    pub(crate) async fn act(
        &self,
        actor: &Actor,
        mission: Uuid,
        act: MissionAct,
    ) -> Result<(), BrigadeError> {
        let view = self.brigade.mission(&self.officer, mission).await?;
        let version = view.mission.version;
        self.brigade
            .act_on_mission(actor, mission, version, act, &reason("Ainsi"))
            .await
    }

    /// A mission of Léa, five days of cloud, which is running.
    pub(crate) async fn running(&self) -> Uuid {
        let request = self.asked().await;
        let id = self
            .propose(request, &[(self.experts[0], "cloud", "5")])
            .await
            .unwrap();
        self.act(&self.director, id, MissionAct::Agree)
            .await
            .unwrap();
        self.act(&self.officer, id, MissionAct::Start)
            .await
            .unwrap();
        id
    }

    pub(crate) async fn record(
        &self,
        actor: &Actor,
        mission: Uuid,
        (on, half_days): (&str, &str),
    ) -> Result<(), BrigadeError> {
        let form = DayForm {
            expert: self.experts[0].to_string(),
            on: typed(on),
            half_days: half_days.into(),
        };
        self.brigade.record_day(actor, mission, &form).await
    }

    pub(crate) async fn report(&self, actor: &Actor, mission: Uuid) -> Result<(), BrigadeError> {
        let view = self.brigade.mission(&self.officer, mission).await?;
        let form = ReportForm {
            findings: "Trois serveurs dorment.".into(),
            changes: "Deux sont éteints.".into(),
            link: "https://ministere.example/plan".into(),
        };
        let version = view.mission.version;
        self.brigade.report(actor, mission, version, &form).await
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
