//! Start-ups of the demo State: reviews in several states, decisions of every kind, investments, a test
//! of national impact, priorities of the Government of which one has no product.

use impact::{IndicatorForm, ObservationForm};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use kit_access::Actor;
use kit_time::Source;
use portfolio::{ListFilter, Product, Sort};
use ports::roles::{PORTFOLIO_OFFICER, PRODUCT_TEAM};
use ports::{OrganisationKind, ProductId};
use startups::Startups;
use startups::domain::{
    AnswerForm, CheckForm, Criterion, DecisionForm, InvestmentForm, Level, LevelForm,
    PreparationForm, PriorityForm, ThresholdForm,
};
use uuid::Uuid;

use crate::app::Platform;
use crate::demo::OFFICER_PASSWORD;
use crate::error::CommandError;

/// Reviews have been followed for so many days.
const FOLLOWED_DAYS: i64 = 160;

/// Start-ups that have a story; the others are only due.
const TOLD_MAX: usize = 24;

/// What teams say that they learnt.
const LEARNT: [&str; 4] = [
    "Les usagers abandonnent à l’étape des pièces jointes\u{a0}: nous la supprimons.",
    "Les agents gardent un tableau à côté tant que l’export manque.",
    "Le bouche-à-oreille entre communes amène la moitié des nouveaux comptes.",
    "Le droit est mieux compris quand le montant est montré avant la demande.",
];

/// What they plan.
const PLANS: [&str; 3] = [
    "Ouvrir à trois départements, publier le budget, brancher l’identité numérique.",
    "Diviser par deux le délai de réponse et le mesurer chaque semaine.",
    "Préparer la reprise par l’administration centrale, agents compris.",
];

/// Priorities: name, what for, how many products serve it.
const PRIORITIES: [(&str, &str, usize); 4] = [
    (
        "Simplifier l’accès aux droits",
        "Que chacun touche ce à quoi il a droit, sans démarche quand c’est possible.",
        3,
    ),
    (
        "Rénover les logements",
        "Aider les ménages à choisir et à financer leurs travaux.",
        2,
    ),
    (
        "Insérer les jeunes",
        "Repérer les décrochages et proposer un stage ou une formation.",
        2,
    ),
    (
        "Réduire les délais de justice",
        "Qu’une décision arrive en moins d’un an.",
        0,
    ),
];

pub(crate) fn typed(on: Date) -> [String; 3] {
    [
        on.day().to_string(),
        on.month().to_string(),
        on.year().to_string(),
    ]
}

/// What a start-up of the demo becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    /// Its review ended in this decision.
    Decided(&'static str),
    /// Its review is with the committee.
    Committee,
    /// Its team writes.
    Preparing,
    /// Nothing but what the calendar says.
    Due,
}

struct Teller<'t> {
    platform: &'t Platform,
    actor: &'t Actor,
}

impl Teller<'_> {
    /// Start-ups as they were some days ago; each start-up has ids of its own.
    fn ago(&self, days: i64, at: usize) -> (Date, Startups) {
        let back = SignedDuration::from_hours(24 * days) + SignedDuration::from_secs(at as i64);
        let source = Source::fixed(self.platform.source.now() - back, 9_000 + at as u64);
        let on = source.today();
        (on, self.platform.startups.clone().with_source(source))
    }

    /// An indicator with a baseline and a figure each quarter.
    async fn measure(&self, product: Uuid, at: usize) -> Result<Uuid, CommandError> {
        let today = self.platform.source.today();
        let begun = today.saturating_sub(14.months());
        let base = 400 + 130 * at as i64;
        let form = IndicatorForm {
            name: "Personnes aidées par mois".to_owned(),
            measured: "Personnes qui terminent leur démarche dans le mois.".to_owned(),
            unit: "personnes".to_owned(),
            direction: "more".to_owned(),
            source: "Page de statistiques du produit".to_owned(),
            owner: "Équipe du produit".to_owned(),
            rhythm: "quarterly".to_owned(),
            level: if at.is_multiple_of(3) {
                "impactful"
            } else {
                "used"
            }
            .to_owned(),
            baseline: base.to_string(),
            baseline_on: begun.to_string(),
            target: (base * 4).to_string(),
            due_on: today.saturating_add(10.months()).to_string(),
            ..IndicatorForm::default()
        };
        let impact = &self.platform.impact;
        let id = impact
            .add_indicator(self.actor, ProductId(product), &form)
            .await?;
        for quarter in 1..5_i64 {
            let form = ObservationForm {
                value: (base + quarter * (60 + 35 * (at as i64 % 7))).to_string(),
                as_of: begun.saturating_add((quarter * 3).months()).to_string(),
                source: "Page de statistiques du produit".to_owned(),
                ..ObservationForm::default()
            };
            impact.add_observation(self.actor, id, &form).await?;
        }
        Ok(id)
    }

    /// What a team prepares.
    fn prepared(at: usize, indicator: Uuid) -> PreparationForm {
        let highest = [Level::Used, Level::Useful, Level::Impactful][at % 3];
        let levels = Level::ALL.iter().map(|level| {
            // One team claims impact without use: the page asks.
            let is_reached = *level <= highest && !(at == 6 && *level == Level::Used);
            let form = LevelForm {
                reached: if is_reached { "yes" } else { "no" }.to_owned(),
                indicator: if is_reached {
                    indicator.to_string()
                } else {
                    String::new()
                },
                comment: if is_reached {
                    "La courbe monte depuis un an.".to_owned()
                } else {
                    String::new()
                },
            };
            (level.code().to_owned(), form)
        });
        PreparationForm {
            learnt: LEARNT[at % LEARNT.len()].to_owned(),
            users: (800 + at * 517).to_string(),
            users_told: "Particuliers, et les agents qui les reçoivent.".to_owned(),
            spent: (60_000 + at * 7_500).to_string(),
            plan: PLANS[at % PLANS.len()].to_owned(),
            levels: levels.collect(),
        }
    }

    async fn tell(&self, at: usize, product: &Product, story: Story) -> Result<(), CommandError> {
        if story == Story::Due {
            return Ok(());
        }
        let days = match story {
            Story::Decided(_) => 25 + (at as i64 * 29) % 130,
            _ => 12,
        };
        let (on, startups) = self.ago(days, at);
        let is_too_early = product
            .description
            .phase_since
            .is_none_or(|since| since > on);
        if is_too_early {
            return Ok(());
        }
        let indicator = self.measure(product.id, at).await?;
        let actor = self.actor;
        let id = startups.open_review(actor, product.id).await?;
        let form = Self::prepared(at, indicator);
        startups.prepare(actor, id, 1, &form).await?;
        if story == Story::Preparing {
            return Ok(());
        }
        startups.submit(actor, id, 2).await?;
        let Story::Decided(kind) = story else {
            return Ok(());
        };
        let is = |wanted: &str| kind == wanted;
        let form = DecisionForm {
            kind: kind.to_owned(),
            on: typed(on),
            committee: "Comité d’investissement de l’incubateur".to_owned(),
            reasons: match kind {
                "accelerate" => "L’usage double chaque semestre et trois régions attendent.",
                "transfer" => "Le produit est stable\u{a0}; l’agence a l’équipe et le budget.",
                "stop" => "Après deux semestres, presque personne ne revient.",
                _ => "L’usage croît, l’impact reste à montrer.",
            }
            .to_owned(),
            conditions: if is("stop") {
                String::new()
            } else {
                "Publier le budget et les statistiques.".to_owned()
            },
            next: if is("stop") {
                String::new()
            } else {
                "Montrer l’effet sur le délai dans trois départements.".to_owned()
            },
            next_by: if is("stop") {
                Default::default()
            } else {
                typed(on.saturating_add(4.months()))
            },
            receiver: if is("transfer") {
                "Agence des territoires numériques".to_owned()
            } else {
                String::new()
            },
            avoided: if is("stop") { "380 000" } else { "" }.to_owned(),
            kept_assets: if is("stop") {
                "Le code, publié, et l’étude des parcours.".to_owned()
            } else {
                String::new()
            },
        };
        let decided = startups.decide(actor, id, 3, &form).await?;
        if !is("stop") && !is("transfer") {
            let form = InvestmentForm {
                amount: (180_000 + at * 20_000).to_string(),
                from: typed(on),
                to: typed(on.saturating_add(6.months())),
                fund: if at.is_multiple_of(2) {
                    "Fonds d’accélération FAST".to_owned()
                } else {
                    "Programme 129, action 11".to_owned()
                },
            };
            startups.invest(actor, decided, &form).await?;
        }
        if at == 0 {
            self.national(product.id, indicator).await?;
        }
        Ok(())
    }

    /// A test of national impact that lacks one check.
    async fn national(&self, product: Uuid, indicator: Uuid) -> Result<(), CommandError> {
        let startups = &self.platform.startups;
        let form = ThresholdForm {
            indicator: indicator.to_string(),
            value: "600".to_owned(),
            reason: "Un dixième des personnes concernées dans le pays.".to_owned(),
        };
        startups
            .set_threshold(self.actor, product, 0, &form)
            .await?;
        for criterion in Criterion::ALL {
            let form = AnswerForm {
                met: "yes".to_owned(),
                evidence: match criterion {
                    Criterion::Nationwide => "Ouvert dans 101 départements.",
                    Criterion::Threshold => "Voir l’indicateur.",
                    Criterion::Accessibility => "Audit RGAA\u{a0}: 100\u{a0}% des critères.",
                    Criterion::Security => "Homologation signée pour trois ans.",
                    Criterion::Data => "Registre et analyse d’impact publiés.",
                    Criterion::OpenSource => "Code publié sous licence libre.",
                }
                .to_owned(),
                link: "https://startup-0.example/conformite".to_owned(),
            };
            startups
                .answer(self.actor, product, *criterion, 0, &form)
                .await?;
            if *criterion != Criterion::Security {
                let form = CheckForm {
                    check: "met".to_owned(),
                    comment: "Preuve lue.".to_owned(),
                };
                startups
                    .check(self.actor, product, *criterion, 1, &form)
                    .await?;
            }
        }
        Ok(())
    }

    async fn priorities(&self, products: &[Product]) -> Result<(), CommandError> {
        let today = self.platform.source.today();
        let all = self.platform.directory.list_organisations(None).await?;
        let mut ministries = all
            .iter()
            .filter(|one| one.kind == OrganisationKind::Ministry);
        let mut left = products.iter();
        for (at, (title, description, count)) in PRIORITIES.into_iter().enumerate() {
            let ministry = ministries.next().filter(|_| at > 0);
            let form = PriorityForm {
                title: title.to_owned(),
                description: description.to_owned(),
                ministry: ministry.map(|one| one.id.to_string()).unwrap_or_default(),
                from: typed(today.saturating_sub(8.months()).first_of_month()),
                to: typed(today.saturating_add(28.months()).last_of_month()),
            };
            let startups = &self.platform.startups;
            let id = startups.add_priority(self.actor, &form).await?;
            for product in left.by_ref().take(count) {
                startups.serve(self.actor, id, product.id, true).await?;
            }
        }
        Ok(())
    }

    /// Of an incubator: its committee and a team.
    async fn people(&self, incubator: Option<Uuid>) -> Result<(), CommandError> {
        let directory = &self.platform.directory;
        for (name, email, role) in [
            (
                "Lila Marchand",
                "lila.marchand@incubateur.example",
                PORTFOLIO_OFFICER,
            ),
            (
                "Yanis Petit",
                "yanis.petit@incubateur.example",
                PRODUCT_TEAM,
            ),
        ] {
            let person = directory
                .add_person(self.actor, name, email, incubator)
                .await?;
            directory
                .grant(self.actor, person, role.0, incubator)
                .await?;
            let set = directory.set_password(person, OFFICER_PASSWORD).await?;
            if set.is_err() {
                return Err(CommandError::Usage(
                    "the demo's password is refused".to_owned(),
                ));
            }
        }
        Ok(())
    }
}

/// Fills it, once start-ups are there.
pub(crate) async fn fill(platform: &Platform, actor: &Actor) -> Result<(), CommandError> {
    let teller = Teller { platform, actor };
    let (_, earlier) = teller.ago(FOLLOWED_DAYS, 999);
    earlier.keep_house().await?;
    let filter = ListFilter {
        kind: Some(portfolio::domain::ProductKind::StartUp),
        ..ListFilter::default()
    };
    let order = (Sort::Title, false);
    let all = platform.portfolio.list(&filter, order, None, 100).await?;
    let live: Vec<Product> = all
        .products
        .into_iter()
        .filter(|one| {
            one.description
                .phase
                .is_some_and(portfolio::domain::Phase::is_live)
        })
        .collect();
    let (mut accelerated, mut stopped, mut transferred) = (false, false, false);
    for (at, product) in live.iter().take(TOLD_MAX).enumerate() {
        let phase = product
            .description
            .phase
            .map(portfolio::domain::Phase::code);
        let story = match (at % 6, phase) {
            (1, Some("construction")) if !accelerated => {
                accelerated = true;
                Story::Decided("accelerate")
            }
            (1 | 2, Some("acceleration")) if !stopped => {
                stopped = true;
                Story::Decided("stop")
            }
            (1 | 2, Some("consolidation")) if !transferred => {
                transferred = true;
                Story::Decided("transfer")
            }
            (0..=2, _) => Story::Decided("continue"),
            (3, _) => Story::Preparing,
            (4, _) => Story::Committee,
            _ => Story::Due,
        };
        teller.tell(at, product, story).await?;
    }
    teller.priorities(&live).await?;
    if let Some(first) = live.first() {
        teller.people(first.description.incubator_id).await?;
    }
    Ok(platform.startups.keep_house().await?)
}
