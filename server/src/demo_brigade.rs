//! The brigade of the demo State: eight experts, requests in every state, missions of which one runs
//! at a project that drifts and one is closed.

use std::cell::Cell;

use brigade::domain::{
    AnswerForm, AssignmentForm, DayForm, ExpertForm, MissionAct, MissionForm, PeriodForm,
    RecommendForm, ReportForm, RequestAct, RequestForm, is_worked,
};
use brigade::{Brigade, BrigadeError};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use kit_access::Actor;
use kit_journal::Journal;
use kit_time::Source;
use portfolio::{ListFilter, Sort};
use steering::AlertAct;
use uuid::Uuid;

use crate::app::Platform;
use crate::error::CommandError;

/// Name, address before the at, days per week, employer, who lends it, expertises with levels.
type DemoExpert = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const EXPERTS: [DemoExpert; 8] = [
    (
        "Aïssa Benali",
        "aissa.benali",
        "5",
        "agent",
        "",
        &[("cloud", "expert"), ("devops", "confirmed")],
    ),
    (
        "Béatrice Lorgeril",
        "beatrice.lorgeril",
        "4",
        "agent",
        "",
        &[("accessibility", "expert"), ("ux", "confirmed")],
    ),
    (
        "Célestin Maupas",
        "celestin.maupas",
        "5",
        "contractor",
        "Atelier Numérique",
        &[("security", "confirmed"), ("cloud", "basic")],
    ),
    (
        "Dalila Ferrand",
        "dalila.ferrand",
        "3",
        "agent",
        "Ministère de la Culture",
        &[("ux", "expert")],
    ),
    (
        "Étienne Quéméner",
        "etienne.quemener",
        "5",
        "agent",
        "",
        &[("agile-coaching", "expert")],
    ),
    (
        "Farida Oulhaci",
        "farida.oulhaci",
        "2,5",
        "agent",
        "INSEE",
        &[("data", "expert"), ("eco-design", "basic")],
    ),
    (
        "Gaspard Tellier",
        "gaspard.tellier",
        "5",
        "contractor",
        "Coopérative Libre",
        &[("devops", "expert"), ("cloud", "confirmed")],
    ),
    (
        "Hortense Vialle",
        "hortense.vialle",
        "4",
        "agent",
        "",
        &[("eco-design", "confirmed"), ("accessibility", "confirmed")],
    ),
];

/// The brigade as it was some days ago.
struct Past<'p> {
    platform: &'p Platform,
    actor: &'p Actor,
    /// Of each step another seed: ids are drawn from it.
    seed: Cell<u64>,
    experts: Vec<Uuid>,
}

fn typed(on: Date) -> [String; 3] {
    [
        on.day().to_string(),
        on.month().to_string(),
        on.year().to_string(),
    ]
}

/// A mission of the demo.
struct Plan<'p> {
    title: &'p str,
    objective: &'p str,
    criterion: &'p str,
    /// The first and the last day, in days from today.
    days: (i64, i64),
    /// The place of the expert, the expertise, the days.
    goes: &'p [(usize, &'p str, &'p str)],
}

impl Past<'_> {
    /// The brigade on a day: before today when it is negative.
    fn on(&self, days: i64) -> Brigade {
        self.seed.set(self.seed.get() + 1);
        let at = self.platform.source.now() + SignedDuration::from_hours(24 * days);
        let source = Source::fixed(at, self.seed.get());
        self.platform.brigade.clone().with_source(source)
    }

    fn day(&self, days: i64) -> Date {
        self.platform.source.today().saturating_add(days.days())
    }

    async fn ask(
        &self,
        (days, product): (i64, Uuid),
        need: &str,
        wanted: &[(&str, &str)],
        impact: &str,
    ) -> Result<Uuid, CommandError> {
        let wanted = wanted
            .iter()
            .map(|(code, days)| ((*code).to_owned(), (*days).to_owned()));
        let form = RequestForm {
            product: product.to_string(),
            need: need.to_owned(),
            wanted: wanted.collect(),
            from: typed(self.day(days + 7)),
            to: typed(self.day(days + 90)),
            contribution: "Un diagnostic, puis des corrections faites avec l’équipe.".to_owned(),
            impact: impact.to_owned(),
        };
        Ok(self.on(days).ask(self.actor, &form).await?)
    }

    async fn answer(
        &self,
        days: i64,
        request: Uuid,
        act: RequestAct,
        form: &AnswerForm,
    ) -> Result<(), CommandError> {
        let brigade = self.on(days);
        let version = brigade.request(self.actor, request).await?.request.version;
        let done = brigade.act_on_request(self.actor, request, version, act, form);
        Ok(done.await?)
    }

    async fn propose(
        &self,
        days: i64,
        request: Uuid,
        plan: &Plan<'_>,
    ) -> Result<Uuid, CommandError> {
        let brigade = self.on(days);
        let assignments = plan.goes.iter().map(|(at, code, days)| AssignmentForm {
            who: format!("{}:{code}", self.experts[*at]),
            days: (*days).to_owned(),
        });
        let form = MissionForm {
            title: plan.title.to_owned(),
            objective: plan.objective.to_owned(),
            criterion: plan.criterion.to_owned(),
            from: typed(self.day(plan.days.0)),
            to: typed(self.day(plan.days.1)),
            assignments: assignments.collect(),
        };
        let version = brigade.request(self.actor, request).await?.request.version;
        let done = brigade.propose_mission(self.actor, request, version, &form);
        Ok(done.await?)
    }

    async fn act(
        &self,
        days: i64,
        mission: Uuid,
        act: MissionAct,
        reason: &str,
    ) -> Result<(), CommandError> {
        let brigade = self.on(days);
        let version = brigade.mission(self.actor, mission).await?.mission.version;
        let form = AnswerForm {
            reason: reason.to_owned(),
            ..AnswerForm::default()
        };
        let done = brigade.act_on_mission(self.actor, mission, version, act, &form);
        Ok(done.await?)
    }

    /// Whole days of an expert, on the first working days of a mission.
    async fn spend(
        &self,
        days: i64,
        mission: Uuid,
        (expert, count): (usize, usize),
    ) -> Result<(), CommandError> {
        let brigade = self.on(days);
        let from = brigade.mission(self.actor, mission).await?.mission.period.0;
        let worked = (0..60_i64)
            .map(|after| from.saturating_add(after.days()))
            .filter(|day| is_worked(*day));
        for on in worked.take(count) {
            let form = DayForm {
                expert: self.experts[expert].to_string(),
                on: typed(on),
                half_days: "2".to_owned(),
            };
            brigade.record_day(self.actor, mission, &form).await?;
        }
        Ok(())
    }
}

/// Fills it, once projects and what steering sees of them are there.
pub(crate) async fn fill(platform: &Platform, actor: &Actor) -> Result<(), CommandError> {
    let filter = ListFilter::default();
    let order = (Sort::Slip, true);
    let worst = platform.portfolio.list(&filter, order, None, 5).await?;
    let ids: Vec<Uuid> = worst.products.iter().map(|one| one.id).collect();
    let [first, drifting, third, fourth, ..] = ids.as_slice() else {
        return Ok(());
    };
    let mut past = Past {
        platform,
        actor,
        seed: Cell::new(90_000),
        experts: Vec::new(),
    };
    for (name, address, days_week, employer, lender, skills) in EXPERTS {
        let skills = skills
            .iter()
            .map(|(code, level)| ((*code).to_owned(), (*level).to_owned()));
        let form = ExpertForm {
            name: name.to_owned(),
            email: format!("{address}@brigade.example"),
            employer: employer.to_owned(),
            lender: lender.to_owned(),
            days_week: days_week.to_owned(),
            skills: skills.collect(),
            ..ExpertForm::default()
        };
        let id = past.on(-300).add_expert(actor, &form).await?;
        past.experts.push(id);
    }
    missions(&past, *drifting, *third).await?;
    requests(&past, (*first, *fourth)).await?;
    call(&past).await?;
    // An absence that comes after the bookings: the board says that it is too much.
    let form = PeriodForm {
        from: typed(past.day(2)),
        to: typed(past.day(12)),
        days_week: "0".to_owned(),
    };
    past.on(-1)
        .add_period(actor, past.experts[0], &form)
        .await?;
    Ok(platform.brigade.keep_house().await?)
}

/// One that runs, one that is to begin, one that waits for its ministry, one cancelled, one closed.
async fn missions(past: &Past<'_>, drifting: Uuid, third: Uuid) -> Result<(), CommandError> {
    let request = past
        .ask(
            (-50, drifting),
            "Le coût d’hébergement double chaque année et chaque mise en service prend deux semaines.",
            &[("cloud", "20"), ("devops", "12")],
            "Mise en service en un jour au lieu de dix, avant la fin de l’année.",
        )
        .await?;
    let running = Plan {
        title: "Remise à plat de l’hébergement",
        objective: "Réduire le coût d’hébergement et automatiser la mise en service.",
        criterion: "Une mise en service par semaine, sans arrêt, pendant un mois.",
        days: (-35, 40),
        goes: &[(0, "cloud", "20"), (6, "devops", "12")],
    };
    let id = past.propose(-42, request, &running).await?;
    past.act(-39, id, MissionAct::Agree, "").await?;
    past.act(-34, id, MissionAct::Start, "").await?;
    past.spend(-1, id, (0, 9)).await?;
    past.spend(-1, id, (6, 4)).await?;
    let next = Plan {
        title: "Accompagnement de l’équipe",
        objective: "Passer d’un seul lot à des livraisons tous les quinze jours.",
        criterion: "Quatre livraisons d’affilée, décidées avec les usagers.",
        days: (21, 80),
        goes: &[(4, "agile-coaching", "10")],
    };
    let id = past.propose(-12, request, &next).await?;
    past.act(-8, id, MissionAct::Agree, "").await?;
    let request = past
        .ask(
            (-20, drifting),
            "Les formulaires ne se remplissent ni au clavier ni au lecteur d’écran.",
            &[("accessibility", "8")],
            "Taux de conformité RGAA de 40 à 85\u{a0}% en six mois.",
        )
        .await?;
    let refused = Plan {
        title: "Audit d’accessibilité",
        objective: "Auditer tous les parcours.",
        criterion: "Un rapport d’audit complet.",
        days: (-5, 30),
        goes: &[(7, "accessibility", "8")],
    };
    let id = past.propose(-15, request, &refused).await?;
    let why = "Un audit seul ne suffit pas\u{a0}: l’équipe veut être formée en même temps.";
    past.act(-13, id, MissionAct::Cancel, why).await?;
    let waits = Plan {
        title: "Accessibilité des formulaires",
        objective: "Corriger les trois parcours les plus suivis avec l’équipe, qui se forme en le faisant.",
        criterion: "Les trois parcours se font au clavier et au lecteur d’écran.",
        days: (10, 60),
        goes: &[(1, "accessibility", "8")],
    };
    past.propose(-6, request, &waits).await?;
    closed(past, third).await
}

/// A mission that ended, with its report and a recommendation where steering takes it.
async fn closed(past: &Past<'_>, product: Uuid) -> Result<(), CommandError> {
    let actor = past.actor;
    let request = past
        .ask(
            (-170, product),
            "Les données sont ressaisies trois fois et ne concordent jamais.",
            &[("data", "6"), ("security", "4")],
            "Une seule saisie, et moins de 1\u{a0}% d’écarts.",
        )
        .await?;
    let plan = Plan {
        title: "Une donnée saisie une fois",
        objective: "Trouver d’où viennent les écarts et supprimer les ressaisies.",
        criterion: "Les écarts sont passés sous 1\u{a0}%.",
        days: (-150, -100),
        goes: &[(5, "data", "6"), (2, "security", "4")],
    };
    let id = past.propose(-162, request, &plan).await?;
    past.act(-158, id, MissionAct::Agree, "").await?;
    past.act(-149, id, MissionAct::Start, "").await?;
    past.spend(-101, id, (5, 6)).await?;
    past.spend(-101, id, (2, 3)).await?;
    let brigade = past.on(-99);
    let form = RecommendForm {
        text: "Faire du registre la seule source, et fermer les deux saisies qui le copient."
            .to_owned(),
        axis: "delivery".to_owned(),
        owner: "Directrice de projet".to_owned(),
        due: typed(past.day(60)),
    };
    match brigade.recommend(actor, id, &form).await {
        // Nobody keeps recommendations here.
        Ok(_) | Err(BrigadeError::Impossible) => {}
        Err(error) => return Err(error.into()),
    }
    let form = ReportForm {
        findings: "Trois services recopiaient le même registre, chacun la nuit, sans se le dire."
            .to_owned(),
        changes: "Deux recopies sont supprimées, la troisième lit le registre à la demande."
            .to_owned(),
        link: String::new(),
    };
    let version = brigade.mission(actor, id).await?.mission.version;
    brigade.report(actor, id, version, &form).await?;
    let minimal = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
        2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
    brigade
        .attach(actor, id, "compte-rendu.pdf", minimal.to_vec())
        .await?;
    past.act(-90, id, MissionAct::Close, "").await?;
    let done = AnswerForm {
        reason: "La mission a répondu au besoin.".to_owned(),
        ..AnswerForm::default()
    };
    past.answer(-90, request, RequestAct::Close, &done).await
}

/// Requests that wait, are put off, declined or withdrawn.
async fn requests(past: &Past<'_>, (first, fourth): (Uuid, Uuid)) -> Result<(), CommandError> {
    past.ask(
        (-4, first),
        "Personne ne sait pourquoi les usagers abandonnent à la troisième page.",
        &[("ux", "10"), ("data", "3")],
        "Taux d’abandon de 45 à 25\u{a0}% avant l’été.",
    )
    .await?;
    let request = past
        .ask(
            (-25, fourth),
            "Nos pages pèsent huit mégaoctets.",
            &[("eco-design", "5")],
            "Deux mégaoctets par page.",
        )
        .await?;
    let later = AnswerForm {
        reason: "Les deux personnes compétentes sont prises jusque-là.".to_owned(),
        until: typed(past.day(30)),
    };
    past.answer(-18, request, RequestAct::PutOff, &later)
        .await?;
    let request = past
        .ask(
            (-60, fourth),
            "Rédiger le cahier des charges du prochain marché.",
            &[("agile-coaching", "15")],
            "Un marché notifié.",
        )
        .await?;
    let why = AnswerForm {
        reason: "La brigade n’écrit pas de marché\u{a0}: voyez la mission achats de la direction."
            .to_owned(),
        ..AnswerForm::default()
    };
    past.answer(-46, request, RequestAct::Decline, &why).await?;
    let request = past
        .ask(
            (-33, first),
            "Un pic de trafic est attendu.",
            &[("devops", "3")],
            "Aucune coupure.",
        )
        .await?;
    let back = AnswerForm {
        reason: "Le pic est passé sans coupure.".to_owned(),
        ..AnswerForm::default()
    };
    past.answer(-30, request, RequestAct::Withdraw, &back).await
}

/// The watch sends the brigade to the product of its first alert.
async fn call(past: &Past<'_>) -> Result<(), CommandError> {
    let db = &past.platform.db;
    let entries = Journal::after(db, 0, 5_000).await?;
    let alert = entries
        .iter()
        .filter(|one| one.action == "steering.alert.open")
        .find_map(|one| one.subject.id.parse::<Uuid>().ok());
    let Some(alert) = alert else {
        return Ok(());
    };
    let steering = &past.platform.steering;
    let (found, _) = steering.alert(past.actor, alert).await?;
    let why = "La dérive est confirmée\u{a0}: il faut un regard extérieur sur l’architecture.";
    let send = AlertAct::Brigade;
    Ok(steering
        .act_on_alert(past.actor, alert, found.version, send, why)
        .await?)
}
