//! A small State: a ministry with a product that promises to go from 40 to 80 %, and another ministry.

use std::sync::Arc;
use std::sync::Mutex;

use contracts::domain::{
    Act, ApplicationForm, CallForm, FundForm, Kind, ReasonForm, Side, TermsForm,
};
use contracts::{Contracts, ContractsError, ContractsPorts};
use directory::domain::OrganisationForm;
use directory::{Directory, SessionLimits};
use impact::{Impact, IndicatorForm, ObservationForm};
use jiff::SignedDuration;
use jiff::civil::date;
use kit_access::{Actor, Grant, Reach, Role};
use kit_db::{Db, Migration, Tx};
use kit_http::testing::{Browser, URL};
use kit_jobs::Jobs;
use kit_time::{FixedClock, Source};
use portfolio::{Portfolio, ProductForm};
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER, READER};
use ports::{FundingHold, FundingHolds, ProductId};
use uuid::Uuid;

const PASSWORD: &str = "un long mot de passe";

pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
        impact::MIGRATIONS,
        contracts::MIGRATIONS,
    ]
    .concat()
}

pub(crate) fn root() -> Actor {
    Actor::system("test")
}

/// Holds that a test sets.
#[derive(Debug, Default)]
pub(crate) struct Holds(pub(crate) Mutex<Option<FundingHold>>);

impl FundingHolds for Holds {
    fn hold_in<'f>(
        &'f self,
        _: &'f mut Tx,
        _: ProductId,
    ) -> ports::Answered<'f, Option<FundingHold>> {
        let held = self.0.lock().unwrap().clone();
        Box::pin(async move { Ok(held) })
    }
}

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) app: Browser,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) portfolio: Portfolio,
    pub(crate) impact: Impact,
    pub(crate) contracts: Contracts,
    pub(crate) holds: Arc<Holds>,
    pub(crate) jobs: Jobs,
    pub(crate) ministry: Uuid,
    /// Of the directorate, for the whole State; signs for it.
    pub(crate) officer: Actor,
    /// Of the directorate too.
    pub(crate) second: Actor,
    /// Of the ministry; signs for it.
    pub(crate) director: Actor,
    /// Reads the ministry's files.
    pub(crate) reader: Actor,
    /// Of another ministry.
    pub(crate) stranger: Actor,
    pub(crate) product: Uuid,
    pub(crate) indicator: Uuid,
}

pub(crate) fn typed(on: &str) -> [String; 3] {
    kit_acts::typed(on.parse().unwrap())
}

pub(crate) fn because(reason: &str) -> ReasonForm {
    ReasonForm {
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
    let holds = Arc::new(Holds::default());
    let ports = ContractsPorts {
        products: Arc::new(portfolio.products_port()),
        parties: Arc::new(directory.parties_port()),
        organisations: Arc::new(directory.organisations_port()),
        progress: Arc::new(impact.port()),
    };
    let contracts = Contracts::new(db.clone(), source.clone(), jobs.clone(), ports, URL)
        .unwrap()
        .with_holds(Some(holds.clone()));
    let routes = contracts.routes().merge(directory.routes());
    let words = directory::WORDS.into_iter().chain(contracts::WORDS);
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
    let second = person(&directory, "Sam Second", PORTFOLIO_OFFICER, None).await;
    let director = person(
        &directory,
        "Dora Director",
        DIGITAL_DIRECTOR,
        Some(ministry),
    )
    .await;
    let reader = person(&directory, "Rita Reader", READER, Some(ministry)).await;
    let stranger = person(&directory, "Stan Stranger", DIGITAL_DIRECTOR, Some(other)).await;
    let form = ProductForm {
        kind: "product".into(),
        title: "Cadastre marin".into(),
        ministry: ministry.to_string(),
        ..ProductForm::default()
    };
    let product = portfolio.add_product(&root(), &form).await.unwrap();
    let form = IndicatorForm {
        name: "Demandes en ligne".into(),
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
    };
    let indicator = impact
        .add_indicator(&root(), ProductId(product), &form)
        .await
        .unwrap();
    World {
        db,
        app,
        clock,
        portfolio,
        impact,
        contracts,
        holds,
        jobs,
        ministry,
        officer,
        second,
        director,
        reader,
        stranger,
        product,
        indicator,
    }
}

impl World {
    /// Time passes: to nine o'clock of a day.
    pub(crate) fn wait_until(&self, day: &str) {
        let at: jiff::Timestamp = format!("{day}T08:00:00Z").parse().unwrap();
        let now = kit_time::Clock::now(&*self.clock);
        self.clock
            .advance(SignedDuration::from_secs(at.as_second() - now.as_second()));
    }

    pub(crate) async fn observe(&self, as_of: &str, value: &str) {
        let form = ObservationForm {
            value: value.into(),
            as_of: as_of.into(),
            source: "Tableau de bord".into(),
            ..ObservationForm::default()
        };
        let impact = &self.impact;
        impact
            .add_observation(&root(), self.indicator, &form)
            .await
            .unwrap();
    }

    /// A text of two tranches: half of the way, and all of it.
    pub(crate) fn text(&self) -> TermsForm {
        let mut form = self.contracts.template(Kind::Money, "Cadastre marin");
        form.set("purpose", "Passer les demandes en ligne");
        form.set("directorate_signatory", "Olga Officer");
        form.set("ministry_body", "Ministère du Littoral");
        form.set("ministry_signatory", "Dora Director");
        form.set("indicators", self.indicator.to_string());
        form.set_day("ends", date(2027, 3, 1));
        for (number, amount) in [("1", "300 000"), ("2", "200 000,50")] {
            form.set(&format!("tranche{number}_amount"), amount);
            form.set(
                &format!("tranche{number}_indicator"),
                self.indicator.to_string(),
            );
        }
        form
    }

    pub(crate) async fn drafted(&self, application: Option<Uuid>) -> Uuid {
        let (contracts, text) = (&self.contracts, self.text());
        contracts
            .draft(&self.officer, self.product, Kind::Money, application, &text)
            .await
            .unwrap()
    }

    pub(crate) async fn version(&self, id: Uuid) -> i64 {
        let file = self.contracts.contract(&self.officer, id).await.unwrap();
        file.contract.version
    }

    pub(crate) async fn step(&self, id: Uuid, act: Act) -> Result<(), ContractsError> {
        let seen = self.version(id).await;
        let why = because("Ainsi");
        self.contracts
            .step(&self.officer, id, seen, act, &why)
            .await
    }

    pub(crate) async fn sign(
        &self,
        actor: &Actor,
        id: Uuid,
        side: Side,
    ) -> Result<(), ContractsError> {
        let file = self.contracts.contract(&self.officer, id).await.unwrap();
        let hash = file.latest().unwrap().sha256.clone();
        let seen = file.contract.version;
        self.contracts.sign(actor, id, seen, side, &hash).await
    }

    pub(crate) async fn to_sign(&self, application: Option<Uuid>) -> Uuid {
        let id = self.drafted(application).await;
        self.step(id, Act::Negotiate).await.unwrap();
        self.step(id, Act::Settle).await.unwrap();
        id
    }

    pub(crate) async fn in_force(&self, application: Option<Uuid>) -> Uuid {
        let id = self.to_sign(application).await;
        self.sign(&self.director, id, Side::Ministry).await.unwrap();
        self.sign(&self.officer, id, Side::Directorate)
            .await
            .unwrap();
        id
    }

    pub(crate) async fn release(
        &self,
        actor: &Actor,
        id: Uuid,
        number: i64,
    ) -> Result<(), ContractsError> {
        let seen = self.tranche_version(id, number).await;
        let none = because("");
        self.contracts.release(actor, id, number, seen, &none).await
    }

    pub(crate) async fn tranche_version(&self, id: Uuid, number: i64) -> i64 {
        let all = self.contracts.standings(&self.officer, id).await.unwrap();
        all[number as usize - 1].tranche.version
    }

    /// A fund of a million and a call that is open in March.
    pub(crate) async fn fund(&self) -> (Uuid, Uuid) {
        let form = FundForm {
            name: "Fonds de transformation".into(),
            purpose: "Transformer".into(),
            envelope: "1 000 000".into(),
        };
        let fund = self
            .contracts
            .open_fund(&self.officer, &form)
            .await
            .unwrap();
        let form = CallForm {
            title: "Premier appel".into(),
            criteria: "Impact mesuré".into(),
            opens: typed("2026-03-01"),
            closes: typed("2026-03-31"),
        };
        let call = self
            .contracts
            .open_call(&self.officer, fund, &form)
            .await
            .unwrap();
        (fund, call)
    }

    pub(crate) async fn apply(
        &self,
        call: Uuid,
        (product, indicator): (Uuid, Uuid),
        amount: &str,
    ) -> Result<Uuid, ContractsError> {
        let form = ApplicationForm {
            amount: amount.into(),
            contribution: "Des demandes en ligne".into(),
            indicator: indicator.to_string(),
        };
        self.contracts
            .apply(&self.director, call, product, &form)
            .await
    }

    /// The cookies of somebody who has signed in.
    pub(crate) async fn signed_in(&self, email: &str) -> String {
        self.app.signed_in(email, PASSWORD).await
    }
}
