//! What five products of the demo State cost over their whole life: two versions each, one grown old, one
//! published with a hidden line, one by user.

use costs::{Costs, PublicationForm, VersionForm};
use impact::{IndicatorForm, ObservationForm};
use jiff::SignedDuration;
use kit_access::Actor;
use kit_time::Source;
use portfolio::{ListFilter, Sort};
use ports::{ProductId, Products as _};
use uuid::Uuid;

use crate::app::Platform;
use crate::error::CommandError;

/// Kind, label, first year of the life from 0, years, and what each year costs in thousandths of the
/// portfolio's estimate.
const LINES: [(&str, &str, i16, i16, i64); 12] = [
    ("build-contractors", "Conception et réalisation", 0, 3, 160),
    ("build-agents", "Équipe produit", 0, 3, 70),
    ("data", "Reprise des données", 1, 2, 30),
    ("training", "Accompagnement des services", 2, 2, 25),
    (
        "accessibility",
        "Audits et corrections d’accessibilité",
        1,
        9,
        4,
    ),
    ("security", "Homologation et audits", 1, 9, 9),
    ("hosting", "Nuage interne de l’État", 1, 9, 18),
    ("licences", "Base de données et supervision", 1, 9, 11),
    ("run-agents", "Équipe produit en régime permanent", 3, 7, 34),
    ("run-contractors", "Maintenance et évolutions", 3, 7, 42),
    ("support", "Assistance aux usagers", 3, 7, 15),
    ("decommissioning", "Archivage et arrêt", 9, 1, 22),
];

const ASSUMPTIONS: &str = "hypothèse;valeur;unité;source;bas;haut;porte sur\n\
    Jour de prestataire hors taxes;620;€;Marché interministériel, prix médian;520;780;build-contractors\n\
    Jour de maintenance;560;€;Marché interministériel, prix médian;480;690;run-contractors\n\
    Agents de l’équipe permanente;9;emplois;Plafond d’emplois notifié;7;12;run-agents\n\
    Hausse de l’hébergement;1;fois le tarif de 2026;Grille du nuage interne;0,9;1,6;hosting\n\
    Usagers attendus;250000;usagers;Étude préalable;180000;320000;nothing";

/// Costs as they were some days ago.
fn ago(platform: &Platform, days: i64) -> Costs {
    let at = platform.source.now() - SignedDuration::from_hours(24 * days);
    // A seed of its own for each day: ids are drawn from it.
    let source = Source::fixed(at, 9_000 + days.unsigned_abs());
    platform.costs.clone().with_source(source)
}

/// The form of a version: the shape of lines on an estimate, `more` thousandths dearer.
fn form(estimate_cents: i64, first_year: i16, more: i64, as_of: String) -> VersionForm {
    let mut lines = "nature;année;libellé;montant".to_owned();
    for (kind, label, from, years, thousandths) in LINES {
        for year in from..from + years {
            // Whole thousands of euros: nobody plans in cents.
            let cents = i128::from(estimate_cents) * i128::from(thousandths * (1_000 + more));
            let thousands = cents / 1_000_000 / 100_000;
            let year = first_year + year;
            lines.push_str(&format!("\n{kind};{year};{label};{thousands} k€"));
        }
    }
    VersionForm {
        as_of,
        first_year: first_year.to_string(),
        years: "10".to_owned(),
        discount: "3,2".to_owned(),
        count_of: "user".to_owned(),
        lines,
        assumptions: ASSUMPTIONS.to_owned(),
        ..VersionForm::default()
    }
}

/// An indicator that counts the users of a year.
async fn users(
    platform: &Platform,
    actor: &Actor,
    product: ProductId,
) -> Result<Uuid, CommandError> {
    let form = IndicatorForm {
        name: "Usagers dans l’année".to_owned(),
        measured: "Personnes qui se sont servies du produit dans les douze derniers mois."
            .to_owned(),
        unit: "usagers".to_owned(),
        direction: "more".to_owned(),
        rhythm: "yearly".to_owned(),
        level: "used".to_owned(),
        source: "Statistiques du produit".to_owned(),
        ..IndicatorForm::default()
    };
    let id = platform.impact.add_indicator(actor, product, &form).await?;
    let figure = ObservationForm {
        value: "184250".to_owned(),
        as_of: platform.source.today().to_string(),
        source: "Statistiques du produit".to_owned(),
        ..ObservationForm::default()
    };
    platform.impact.add_observation(actor, id, &figure).await?;
    Ok(id)
}

/// Fills it, once projects are there.
pub(crate) async fn fill(platform: &Platform, actor: &Actor) -> Result<(), CommandError> {
    let filter = ListFilter::default();
    let order = (Sort::Cost, true);
    let dearest = platform.portfolio.list(&filter, order, None, 5).await?;
    let products = platform.portfolio.products_port();
    for (at, product) in (0_i64..).zip(&dearest.products) {
        let id = ProductId(product.id);
        let told = products
            .product(id)
            .await
            .map_err(costs::CostsError::from)?;
        let estimate = told
            .and_then(|told| told.cost_cents)
            .unwrap_or(1_500_000_000);
        // The last one wasn't looked at for more than a year.
        let (first, second) = if at == 4 {
            (820, 430)
        } else {
            (400 + at, 60 + at)
        };
        let (before, then) = (ago(platform, first), ago(platform, second));
        let year = platform.source.today().year() - 2;
        let day = |days: i64| {
            let at = platform.source.now() - SignedDuration::from_hours(24 * days);
            Source::fixed(at, 1).today().to_string()
        };
        let mut version = form(estimate, year, 0, day(first));
        version.reason = "Premier chiffrage du coût complet, à dire d’expert.".to_owned();
        before.add_version(actor, id, 0, &version).await?;
        let mut version = form(estimate, year, 80 + 15 * at, day(second));
        version.reason =
            "Prix du marché connus, reprise des données plus longue que prévu.".to_owned();
        if at < 2 {
            version.indicator = users(platform, actor, id).await?.to_string();
        }
        then.add_version(actor, id, 1, &version).await?;
        if at == 0 {
            let publication = PublicationForm {
                on: day(second - 20),
                redactions:
                    "1 | Prix d’un marché en cours de négociation\u{a0}: secret des affaires."
                        .to_owned(),
            };
            then.publish(actor, id, 2, 0, &publication).await?;
        }
    }
    Ok(())
}
