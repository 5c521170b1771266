//! Conferences of the demo State: last year's, with its decision and what became of it, and this
//! year's, prepared.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use kit_access::{Actor, Grant, Reach, Role};
use kit_time::Source;
use portfolio::{ListFilter, Sort};
use ports::roles::{DIGITAL_DIRECTOR, PORTFOLIO_OFFICER};
use steering::Steering;
use steering::domain::{
    Answer, AnswerForm, ConferenceAct, ConferenceForm, ConferenceRecommendationForm, DecisionForm,
    MinutesForm,
};
use uuid::Uuid;

use crate::app::Platform;
use crate::demo::{OFFICER_EMAIL, OFFICER_NAME};
use crate::demo_steering::{DIRECTOR, director, typed};
use crate::error::CommandError;

/// Last year's conference was so many days ago: always in another year than the next one.
const LAST_DAYS: i64 = 364;
/// The next one is in so many days.
const NEXT_DAYS: i64 = 12;
/// Products on an agenda.
const POINTS: u32 = 4;

/// What was said of the points that were only looked at.
const SAID: [(&str, &str); 3] = [
    (
        "Le projet tient son calendrier. Le ministère montre les mesures des trois derniers mois ; la direction du budget demande le coût d’exploitation.",
        "Rien à trancher\u{a0}: prochain point à la revue d’impact.",
    ),
    (
        "L’équipe propose d’étendre le service à deux régions. La direction attend d’abord un indicateur avec une valeur de départ.",
        "La décision attend la première mesure.",
    ),
    (
        "Le marché arrive à son terme. Les options de reprise sont présentées.",
        "Le ministère revient avec un coût complet.",
    ),
];

/// What the conference recommended: text, axis, due so many days from now, whether it was done.
const RECOMMENDED: [(&str, &str, i64, bool); 2] = [
    (
        "Mettre un premier lot entre les mains d’un service pilote et mesurer le délai de traitement.",
        "delivery",
        -120,
        true,
    ),
    (
        "Publier le coût complet sur dix ans, agents et reprise des données compris.",
        "finance",
        60,
        false,
    ),
];

/// The conferences of one ministry.
pub(crate) struct Demo<'p> {
    platform: &'p Platform,
    officer: Actor,
    director: Actor,
    ministry: Uuid,
    products: Vec<Uuid>,
    seeds: AtomicU64,
}

impl Demo<'_> {
    /// The day, and steering on it.
    fn ago(&self, days: i64) -> (Date, Steering) {
        let at = self.platform.source.now() - SignedDuration::from_hours(24 * days);
        // A seed of its own each time: ids are drawn from it.
        let seed = self.seeds.fetch_add(1, Ordering::Relaxed);
        let source = Source::fixed(at, seed);
        let on = source.today();
        (on, self.platform.steering.clone().with_source(source))
    }

    async fn act(
        &self,
        steering: &Steering,
        actor: &Actor,
        id: Uuid,
        act: ConferenceAct,
    ) -> Result<(), CommandError> {
        let (one, ..) = steering.conference(&self.officer, id).await?;
        let version = one.version;
        Ok(steering
            .act_on_conference(actor, id, version, act, "")
            .await?)
    }

    /// A conference on a day, planned and prepared so many days ago.
    async fn prepared(&self, day: Date, planned: i64, prepared: i64) -> Result<Uuid, CommandError> {
        let (_, steering) = self.ago(planned);
        let id = steering
            .plan_conference(&self.officer, self.ministry, &form(day))
            .await?;
        for product in &self.products {
            let note = "Parmi les projets du ministère dont le coût a le plus bougé.";
            steering
                .take_point(&self.officer, id, *product, note)
                .await?;
        }
        let (_, steering) = self.ago(prepared);
        self.act(&steering, &self.officer, id, ConferenceAct::Prepare)
            .await?;
        Ok(id)
    }

    /// This year's conference, prepared, and an extraordinary one.
    pub(crate) async fn this_year(&self) -> Result<(), CommandError> {
        let today = self.platform.source.today();
        let next = today.saturating_add(NEXT_DAYS.days());
        self.prepared(next, 30, 3).await?;
        self.another(today.saturating_add(45.days())).await
    }

    /// An extraordinary one, whose agenda is being made.
    async fn another(&self, day: Date) -> Result<(), CommandError> {
        let (_, steering) = self.ago(2);
        let form = ConferenceForm {
            kind: "extraordinary".to_owned(),
            reason:
                "Le titulaire d’un marché se retire\u{a0}: la suite ne peut pas attendre un an."
                    .to_owned(),
            ..form(day)
        };
        let id = steering
            .plan_conference(&self.officer, self.ministry, &form)
            .await?;
        if let Some(product) = self.products.last() {
            let note = "C’est le projet dont le titulaire se retire.";
            steering
                .take_point(&self.officer, id, *product, note)
                .await?;
        }
        Ok(())
    }

    /// Last year's conference: a project was reoriented; its minutes are adopted and public.
    pub(crate) async fn last_year(&self) -> Result<(), CommandError> {
        let (day, _) = self.ago(LAST_DAYS);
        let id = self.prepared(day, LAST_DAYS + 45, LAST_DAYS + 10).await?;
        let (_, steering) = self.ago(LAST_DAYS);
        self.act(&steering, &self.officer, id, ConferenceAct::Hold)
            .await?;
        let (on, steering) = self.ago(LAST_DAYS - 2);
        let (_, points, _) = steering.conference(&self.officer, id).await?;
        for (at, point) in points.iter().enumerate() {
            let ids = (id, point.id);
            if at > 0 {
                let (said, undecided) = SAID[(at - 1) % SAID.len()];
                let form = MinutesForm {
                    discussion: said.to_owned(),
                    undecided: undecided.to_owned(),
                };
                steering.write_minutes(&self.officer, ids, 1, &form).await?;
                continue;
            }
            let said = MinutesForm {
                discussion: "Le coût a dérivé et aucun service n’utilise encore l’outil. Le ministère reconnaît que le lot unique est un risque ; la direction du budget ne financera pas la suite à l’identique."
                    .to_owned(),
                undecided: String::new(),
            };
            steering
                .write_minutes(&self.director, ids, 1, &said)
                .await?;
            let decision = DecisionForm {
                kind: "reorient".to_owned(),
                on: typed(day),
                reasons: "Le besoin demeure, le lot unique non.".to_owned(),
                next: "Découper en trois lots et livrer le premier à un service pilote.".to_owned(),
                next_by: typed(on.saturating_add(180.days())),
                ..DecisionForm::default()
            };
            steering
                .decide_point(&self.officer, ids, 2, &decision)
                .await?;
            self.recommend(&steering, ids).await?;
        }
        let (_, steering) = self.ago(LAST_DAYS - 14);
        self.act(
            &steering,
            &self.officer,
            id,
            ConferenceAct::AdoptDirectorate,
        )
        .await?;
        let adopts = ConferenceAct::AdoptMinistry;
        self.act(&steering, &self.director, id, adopts).await
    }

    async fn recommend(&self, steering: &Steering, ids: (Uuid, Uuid)) -> Result<(), CommandError> {
        let today = self.platform.source.today();
        for (text, axis, days, is_done) in RECOMMENDED {
            let form = ConferenceRecommendationForm {
                text: text.to_owned(),
                axis: axis.to_owned(),
                owner: "Directrice de projet".to_owned(),
                due: typed(today.saturating_add(days.days())),
            };
            let given = steering.recommend_point(&self.officer, ids, &form).await?;
            let mut answers = vec![(LAST_DAYS - 30, Answer::Accept)];
            if is_done {
                answers.extend([
                    (LAST_DAYS - 60, Answer::Start),
                    (140, Answer::Claim),
                    (130, Answer::Verify),
                ]);
            }
            for (version, (days, answer)) in (1..).zip(answers) {
                let (_, then) = self.ago(days);
                let actor = if answer == Answer::Verify {
                    &self.officer
                } else {
                    &self.director
                };
                let form = AnswerForm {
                    reason: "Le premier lot sert 40 agents ; le délai est mesuré chaque mois."
                        .to_owned(),
                    link: String::new(),
                };
                then.answer(actor, given, version, answer, &form).await?;
            }
        }
        Ok(())
    }
}

fn form(day: Date) -> ConferenceForm {
    ConferenceForm {
        kind: "ordinary".to_owned(),
        reason: String::new(),
        day: typed(day),
        hour: "14:30".to_owned(),
        place: "Salle du conseil, au ministère".to_owned(),
        people: [
            format!("{OFFICER_NAME}, cheffe du pôle portefeuille"),
            format!(
                "{}, directrice du numérique\nPaul Kerven, secrétaire général adjoint",
                DIRECTOR.0
            ),
            "Inès Vallat, cheffe de bureau".to_owned(),
        ],
    }
}

/// The conferences of the ministry of which most is told. Last year's comes before what happened since.
pub(crate) async fn of<'p>(
    platform: &'p Platform,
    actor: &Actor,
) -> Result<Option<Demo<'p>>, CommandError> {
    let worst = (Sort::Slip, true);
    let all = ListFilter::default();
    let all = platform.portfolio.list(&all, worst, None, 2).await?;
    let ministry = all.products.get(1);
    let Some(ministry) = ministry.and_then(|one| one.description.ministry_id) else {
        return Ok(None);
    };
    let Some(officer) = platform.directory.person_by_email(OFFICER_EMAIL).await? else {
        return Ok(None);
    };
    let director = director(platform, actor, ministry).await?;
    let filter = ListFilter {
        ministry_id: Some(ministry),
        ..ListFilter::default()
    };
    let own = platform
        .portfolio
        .list(&filter, worst, None, POINTS)
        .await?;
    let grant = |role: Role, reach| Grant {
        role: role.0.to_owned(),
        reach,
    };
    let of_ministry = Reach::Organisations(std::sync::Arc::new([ministry].into()));
    Ok(Some(Demo {
        platform,
        officer: Actor::person(
            officer,
            OFFICER_NAME,
            vec![grant(PORTFOLIO_OFFICER, Reach::State)],
        ),
        director: Actor::person(
            director,
            DIRECTOR.0,
            vec![grant(DIGITAL_DIRECTOR, of_ministry)],
        ),
        ministry,
        products: own.products.iter().map(|one| one.id).collect(),
        seeds: AtomicU64::new(90_000),
    }))
}
