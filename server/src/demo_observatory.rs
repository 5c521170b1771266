//! Procedures of the demo State: what a year of their users said, what their teams declare, the editions
//! of the last quarters, and an indicator that counts satisfaction by itself.

use std::sync::Arc;

use impact::{Counting, IndicatorForm};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use kit_access::Actor;
use kit_journal::Subscribers;
use kit_time::Source;
use observatory::Observatory;
use observatory::domain::{
    Answers, DeclarationForm, Declared, Details, Help, ProcedureForm, Quarter, Satisfaction,
};
use portfolio::{ListFilter, Sort};
use ports::ProductId;
use uuid::Uuid;

use crate::app::Platform;
use crate::demo_impact::noon;
use crate::demo_startups::typed;
use crate::error::CommandError;

/// Name, users a year, whether it opens an aid, how many of twenty say good and medium, reviews a quarter.
const PROCEDURES: [(&str, &str, &str, usize, usize, usize); 5] = [
    (
        "Demander une aide à la rénovation",
        "1 240 000",
        "yes",
        13,
        4,
        120,
    ),
    (
        "Renouveler un titre professionnel",
        "412 000",
        "",
        17,
        2,
        112,
    ),
    (
        "Déclarer un changement de situation",
        "2 900 000",
        "",
        8,
        6,
        104,
    ),
    ("Contester une décision", "236 000", "", 11, 4, 24),
    ("Réserver une salle d’audience", "9 400", "", 15, 3, 12),
];

/// Accessibility, eco-design, security approved, asked again, sign-in, uptime, response time, online. An
/// empty one isn't declared.
const DECLARED: [[&str; 8]; 5] = [
    ["87,5", "58", "yes", "1", "state", "99,95", "0,36", "wholly"],
    [
        "100",
        "71,2",
        "yes",
        "0",
        "state-strong",
        "99,98",
        "0,31",
        "wholly",
    ],
    [
        "46",
        "",
        "no",
        "6",
        "own-account",
        "98,2",
        "1,12",
        "in-part",
    ],
    ["73", "44", "yes", "3", "state", "99,1", "0,62", "wholly"],
    ["", "", "yes", "", "none", "", "", "in-part"],
];

/// What people say, in their own words.
const COMMENTS: [&str; 8] = [
    "L’étape des pièces jointes refuse mes photos sans dire pourquoi.",
    "Simple et rapide, j’ai tout fait depuis mon téléphone.",
    "On me demande mon avis d’imposition alors que l’administration l’a déjà.",
    "Le mot «\u{a0}quotité\u{a0}» n’est expliqué nulle part.",
    "Rien à redire.",
    "J’ai attendu quarante minutes au téléphone.",
    "Le récapitulatif à la fin est très clair.",
    "La session s’est fermée pendant que je cherchais un document.",
];

/// Quarters that are told.
const QUARTERS: i64 = 3;

/// The observatory as it was at an instant; each moment has ids of its own.
fn at(platform: &Platform, at: Timestamp, seed: u64) -> Observatory {
    let source = Source::fixed(at, 20_000 + seed);
    platform.observatory.clone().with_source(source)
}

/// One of twenty ways in which it goes.
fn answers(good: usize, medium: usize, number: usize) -> Answers {
    // Steps of seven pass through all twenty.
    let place = number * 7 % 20;
    let (satisfaction, ease) = match place {
        _ if place < good => (Satisfaction::Good, 5 - (number % 3 / 2) as i64),
        _ if place < good + medium => (Satisfaction::Medium, 3),
        _ => (Satisfaction::Bad, 1 + (number % 2) as i64),
    };
    let help = match number % 5 {
        0..3 => Help::No,
        3 => Help::Reached,
        _ if place < good => Help::Reached,
        _ => Help::NotReached,
    };
    let comment = if number % 9 == 4 {
        COMMENTS[number / 9 % COMMENTS.len()]
    } else {
        ""
    };
    Answers {
        satisfaction,
        details: Details {
            ease: Some(ease),
            help: Some(help),
            help_ease: (help == Help::Reached).then_some(4),
            comment: comment.to_owned(),
            is_masked: false,
        },
    }
}

/// The last quarters that have an edition, the first of all first.
fn quarters(today: Date) -> Vec<Quarter> {
    let mut quarter = Quarter::ended_before(today.saturating_sub(15.days()));
    let mut all = vec![quarter];
    for _ in 1..QUARTERS {
        quarter = Quarter::ended_before(quarter.first());
        all.push(quarter);
    }
    all.reverse();
    all
}

async fn declare(
    platform: &Platform,
    actor: &Actor,
    id: Uuid,
    place: usize,
    on: Date,
) -> Result<(), CommandError> {
    let told = at(platform, noon(on), 500 + place as u64);
    for (declared, value) in Declared::ALL.iter().zip(DECLARED[place]) {
        if value.is_empty() {
            continue;
        }
        // The second one's approval ends soon: somebody is asked for a new one.
        let until = if place == 1 {
            platform.source.today().saturating_add(25.days())
        } else {
            on.saturating_add(2.years())
        };
        let form = DeclarationForm {
            value: value.to_owned(),
            as_of: typed(on),
            until: typed(until),
            evidence: format!("https://demarches.example/{place}/{}", declared.code()),
        };
        told.declare(actor, id, *declared, &form).await?;
    }
    Ok(())
}

/// Fills it, once products are there.
pub(crate) async fn fill(platform: &Platform, actor: &Actor) -> Result<(), CommandError> {
    let today = platform.source.today();
    let quarters = quarters(today);
    let (Some(first), Some(last)) = (quarters.first(), quarters.last()) else {
        return Ok(());
    };
    let filter = ListFilter::default();
    let products = platform
        .portfolio
        .list(&filter, (Sort::Slip, true), None, 5);
    let products = products.await?.products;
    let begun = first.first().saturating_sub(10.days());
    let mut told = Vec::new();
    for (place, (product, of)) in products.iter().zip(PROCEDURES).enumerate() {
        let (name, users, opens_aid, good, medium, reviews) = of;
        let form = ProcedureForm {
            name: name.to_owned(),
            address: format!("https://demarches.example/{place}"),
            users: users.to_owned(),
            opens_aid: opens_aid.to_owned(),
        };
        let product = ProductId(product.id);
        let then = at(platform, noon(begun), place as u64);
        let id = then.add_procedure(actor, product, &form).await?;
        declare(platform, actor, id, place, begun.saturating_add(5.days())).await?;
        let mut all = Vec::new();
        for (later, quarter) in quarters.iter().enumerate() {
            let days = i64::from((quarter.last() - quarter.first()).get_days());
            for number in 0..reviews {
                let day = days * number as i64 / reviews as i64;
                let when = noon(quarter.first().saturating_add(day.days()))
                    + SignedDuration::from_secs(number as i64);
                // It goes better from quarter to quarter.
                let good = good + usize::from(later > 1 && place == 0);
                all.push((when, answers(good, medium, number + 3 * later)));
            }
        }
        // A few of the quarter that goes on.
        for number in 0..14 {
            let when = noon(last.last().saturating_add((1 + number as i64 % 12).days()))
                + SignedDuration::from_secs(number as i64);
            all.push((when, answers(good, medium, number)));
        }
        then.fill(id, &all).await?;
        told.push((product, id));
    }
    for (place, quarter) in quarters.iter().enumerate() {
        let then = at(
            platform,
            noon(quarter.last().saturating_add(16.days())),
            900 + place as u64,
        );
        then.make_edition(*quarter).await?;
    }
    platform.observatory.keep_house().await?;
    match told.first() {
        Some((product, procedure)) => count(platform, actor, *product, *procedure).await,
        None => Ok(()),
    }
}

/// An indicator that nobody types: how satisfied a procedure's users are, by quarter.
async fn count(
    platform: &Platform,
    actor: &Actor,
    product: ProductId,
    procedure: Uuid,
) -> Result<(), CommandError> {
    let counting = Arc::new(Counting(platform.impact.clone()));
    Subscribers::new(platform.db.clone(), vec![counting])
        .run_once()
        .await?;
    let today = platform.source.today();
    let form = IndicatorForm {
        name: "Satisfaction des usagers".to_owned(),
        measured: "Ce que les usagers disent à la fin de la démarche, compté par la plateforme."
            .to_owned(),
        unit: "sur 10".to_owned(),
        direction: "more".to_owned(),
        formula: "Moyenne des avis du trimestre\u{a0}: Bien 10, Moyen 5, Mal 0.".to_owned(),
        source: "Bouton «\u{a0}Je donne mon avis\u{a0}»".to_owned(),
        method: "Comptage par la plateforme, sans donnée personnelle.".to_owned(),
        owner: "Équipe du produit".to_owned(),
        rhythm: "quarterly".to_owned(),
        level: "useful".to_owned(),
        baseline: "6".to_owned(),
        baseline_on: today.saturating_sub(14.months()).to_string(),
        target: "8".to_owned(),
        due_on: today.saturating_add(9.months()).to_string(),
        origin: "satisfaction".to_owned(),
        subject: procedure.to_string(),
        ..IndicatorForm::default()
    };
    platform.impact.add_indicator(actor, product, &form).await?;
    platform.impact.keep_house().await?;
    Ok(())
}
