//! Steering of the demo State: a project whose opinion was unfavourable and what came of it, another
//! whose file is being examined, what the watch sees.

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use kit_access::Actor;
use kit_time::Source;
use portfolio::{ListFilter, Sort};
use ports::roles::DIGITAL_DIRECTOR;
use steering::Steering;
use steering::domain::{
    Answer, AnswerForm, Axis, Consulted, DecisionForm, FileForm, FileItem, RatingForm,
    RecommendationForm, ReviewAct, ReviewForm, StepForm, VerdictForm,
};
use uuid::Uuid;

use crate::app::Platform;
use crate::demo::OFFICER_PASSWORD;
use crate::error::CommandError;

/// A ministry's digital director, invented.
pub(crate) const DIRECTOR: (&str, &str) = ("Jeanne Riou", "jeanne.riou@ministere.example");

/// What the file of the demo's projects says.
const FILE: [(FileItem, &str); 10] = [
    (
        FileItem::Description,
        "Un outil commun à tous les services du ministère.",
    ),
    (
        FileItem::Cost,
        "Construction, deux ans d’exploitation, agents compris.",
    ),
    (
        FileItem::Options,
        "Progiciel, développement interne, reprise d’un commun\u{a0}: comparés.",
    ),
    (
        FileItem::Schedule,
        "Première mise en service dans dix-huit mois.",
    ),
    (
        FileItem::Governance,
        "Une directrice de projet, un comité mensuel.",
    ),
    (
        FileItem::Risks,
        "La reprise des données, la dépendance à un titulaire.",
    ),
    (
        FileItem::Security,
        "Analyse de risques faite, homologation prévue.",
    ),
    (
        FileItem::Impact,
        "Délai moyen de traitement\u{a0}: de 40 à 15 jours en deux ans.",
    ),
    (FileItem::Contracts, "Un accord-cadre, non signé."),
    (
        FileItem::Data,
        "Données personnelles hébergées par l’État ; export complet prévu.",
    ),
];

/// What is recommended: the text, the axis, in how many days from now it is due.
const RECOMMENDED: [(&str, Axis, i64); 3] = [
    (
        "Découper le projet en lots qui servent chacun sans attendre les autres.",
        Axis::Delivery,
        -20,
    ),
    (
        "Nommer une seule responsable, qui décide du budget et du calendrier.",
        Axis::Governance,
        45,
    ),
    (
        "Recalculer le coût complet sur dix ans, agents et reprise des données compris.",
        Axis::Finance,
        90,
    ),
];

/// Steering as it was some days ago.
struct Past<'p> {
    platform: &'p Platform,
    actor: &'p Actor,
}

impl Past<'_> {
    /// The day, and steering on it.
    fn ago(&self, days: i64) -> (Date, Steering) {
        let at = self.platform.source.now() - SignedDuration::from_hours(24 * days);
        // A seed of its own for each day: ids are drawn from it.
        let source = Source::fixed(at, 7_000 + days.unsigned_abs());
        let on = source.today();
        (on, self.platform.steering.clone().with_source(source))
    }

    async fn step(
        &self,
        steering: &Steering,
        id: Uuid,
        (act, on): (ReviewAct, Date),
        reason: &str,
    ) -> Result<(), CommandError> {
        let version = self.version(id).await?;
        let form = step(on, reason);
        Ok(steering.step(self.actor, id, version, act, &form).await?)
    }

    async fn version(&self, id: Uuid) -> Result<i64, CommandError> {
        let (one, _) = self.platform.steering.review(self.actor, id).await?;
        Ok(one.version)
    }

    /// A review whose file was complete some days ago.
    async fn received(&self, product: Uuid, days: i64) -> Result<Uuid, CommandError> {
        let (on, steering) = self.ago(days);
        let form = ReviewForm {
            product: product.to_string(),
            kind: "article-3".to_owned(),
            on: typed(on),
            foreseen: "48".to_owned(),
            effect: "ministry".to_owned(),
            asked_by: String::new(),
            reason: "Le coût prévu dépasse 9 M€.".to_owned(),
        };
        let id = steering.announce(self.actor, &form, None).await?;
        let begin = (ReviewAct::Begin, on);
        self.step(&steering, id, begin, "Le ministère réunit les pièces.")
            .await?;
        let items = FILE.map(|(item, text)| (item.code().to_owned(), text.to_owned()));
        let version = self.version(id).await?;
        let file = FileForm(items.into());
        steering.fill(self.actor, id, version, &file).await?;
        let receive = (ReviewAct::Receive, on);
        self.step(&steering, id, receive, "Toutes les pièces sont là.")
            .await?;
        Ok(id)
    }
}

pub(crate) fn typed(on: Date) -> [String; 3] {
    [
        on.day().to_string(),
        on.month().to_string(),
        on.year().to_string(),
    ]
}

fn step(on: Date, reason: &str) -> StepForm {
    StepForm {
        on: typed(on),
        reason: reason.to_owned(),
    }
}

/// Fills it, once projects are there.
pub(crate) async fn fill(platform: &Platform, actor: &Actor) -> Result<(), CommandError> {
    let order = (Sort::Slip, true);
    let filter = ListFilter::default();
    let worst = platform.portfolio.list(&filter, order, None, 3).await?;
    let [_, refused, examined] = worst.products.as_slice() else {
        return Ok(());
    };
    if let Some(ministry) = refused.description.ministry_id {
        director(platform, actor, ministry).await?;
    }
    let past = Past { platform, actor };
    unfavourable(&past, refused.id).await?;
    running(&past, examined.id).await?;
    Ok(platform.steering.keep_house().await?)
}

/// The digital director of a ministry, once.
pub(crate) async fn director(
    platform: &Platform,
    actor: &Actor,
    ministry: Uuid,
) -> Result<Uuid, CommandError> {
    let directory = &platform.directory;
    if let Some(person) = directory.person_by_email(DIRECTOR.1).await? {
        return Ok(person);
    }
    let (name, email) = DIRECTOR;
    let person = directory
        .add_person(actor, name, email, Some(ministry))
        .await?;
    directory
        .grant(actor, person, DIGITAL_DIRECTOR.0, Some(ministry))
        .await?;
    if directory
        .set_password(person, OFFICER_PASSWORD)
        .await?
        .is_err()
    {
        return Err(CommandError::Usage(
            "the demo's password is refused".to_owned(),
        ));
    }
    Ok(person)
}

/// An unfavourable opinion with three recommendations, of which one is overdue, and the decision.
async fn unfavourable(past: &Past<'_>, product: Uuid) -> Result<(), CommandError> {
    let id = past.received(product, 150).await?;
    let (on, steering) = past.ago(128);
    let scores = [
        (
            Axis::Strategy,
            "3",
            "Le besoin est réel, l’impact promis est mesurable.",
        ),
        (
            Axis::Finance,
            "1",
            "Le coût complet est sous-estimé de moitié.",
        ),
        (
            Axis::Governance,
            "2",
            "Trois directions décident, aucune ne répond.",
        ),
        (
            Axis::Delivery,
            "1",
            "Un seul lot, une seule mise en service.",
        ),
        (
            Axis::Planning,
            "2",
            "Aucune marge avant la fin du support actuel.",
        ),
    ];
    let form = VerdictForm {
        step: step(
            on,
            "Le dossier est instruit, l’ANSSI et le Budget ont répondu.",
        ),
        opinion: "unfavourable".to_owned(),
        summary:
            "Le besoin est réel, mais le projet ne peut pas commencer en l’état\u{a0}: un seul lot, \
                  un coût sous-estimé, personne pour en répondre."
                .to_owned(),
        scores: scores
            .map(|(axis, score, comment)| {
                (
                    axis.code().to_owned(),
                    (score.to_owned(), comment.to_owned()),
                )
            })
            .into(),
    };
    let version = past.version(id).await?;
    steering
        .give_opinion(past.actor, id, version, &form)
        .await?;
    let today = past.platform.source.today();
    for (text, axis, days) in RECOMMENDED {
        let form = RecommendationForm {
            review: id.to_string(),
            text: text.to_owned(),
            axis: axis.code().to_owned(),
            owner: "Directrice de projet".to_owned(),
            due: typed(today.saturating_add(days.days())),
            ..RecommendationForm::default()
        };
        let given = steering.recommend(past.actor, &form).await?;
        let nothing = AnswerForm::default();
        steering
            .answer(past.actor, given, 1, Answer::Accept, &nothing)
            .await?;
    }
    for (side, confidence, comment) in [
        ("own", "green", "Le comité de projet est confiant."),
        (
            "independent",
            "red",
            "Le coût et le calendrier ne tiennent pas.",
        ),
    ] {
        let form = RatingForm {
            side: side.to_owned(),
            confidence: confidence.to_owned(),
            on: typed(on),
            comment: comment.to_owned(),
        };
        steering.rate(past.actor, product, &form).await?;
    }
    let (on, steering) = past.ago(60);
    let form = DecisionForm {
        kind: "reorient".to_owned(),
        on: typed(on),
        reasons: "L’avis est défavorable et le besoin demeure.".to_owned(),
        next: "Livrer un premier lot utile à un service, et le mesurer.".to_owned(),
        next_by: typed(today.saturating_add(120.days())),
        ..DecisionForm::default()
    };
    steering
        .decide(past.actor, product, Some(id), &form)
        .await?;
    Ok(())
}

/// A file that is being examined: information was asked, and given.
async fn running(past: &Past<'_>, product: Uuid) -> Result<(), CommandError> {
    let id = past.received(product, 20).await?;
    let (on, steering) = past.ago(15);
    let ask = (ReviewAct::Ask, on);
    past.step(&steering, id, ask, "Le coût de chaque option manque.")
        .await?;
    let (on, steering) = past.ago(9);
    let inform = (ReviewAct::Inform, on);
    past.step(&steering, id, inform, "Le tableau des options est joint.")
        .await?;
    let (on, steering) = past.ago(4);
    let version = past.version(id).await?;
    let form = step(on, "Favorable, sous réserve de l’homologation.");
    steering
        .record_consultation(past.actor, id, version, Consulted::Anssi, &form)
        .await?;
    Ok(())
}
