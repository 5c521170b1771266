//! What the demo State's products promised, and the figures that tell how their promises stand.

use std::sync::Arc;

use impact::{Counting, IndicatorForm, ObservationForm};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use kit_access::Actor;
use kit_journal::{Change, Journal, Subscribers};
use portfolio::{ListFilter, Sort};
use ports::ProductId;
use uuid::Uuid;

use crate::app::Platform;
use crate::error::CommandError;

/// A promise of the demo, and how its figures went.
struct Promise {
    name: &'static str,
    measured: &'static str,
    unit: &'static str,
    level: &'static str,
    is_more_better: bool,
    baseline: i64,
    target: i64,
    /// Months from the baseline to the due date; the baseline is 14 months old.
    months: i64,
    /// How much of the expected way the figures go, in hundredths.
    pace: i64,
    /// Months of the first and after the last figure; a month in between has none.
    told: (i64, i64),
    without: i64,
    quality: &'static str,
}

const ON_TRACK: Promise = Promise {
    name: "Demandes déposées en ligne",
    measured: "Part des demandes déposées sans papier ni guichet.",
    unit: "%",
    level: "used",
    is_more_better: true,
    baseline: 40,
    target: 80,
    months: 24,
    pace: 108,
    told: (1, 14),
    without: 0,
    quality: "measured",
};
const BEHIND: Promise = Promise {
    name: "Délai de réponse",
    measured: "Jours entre le dépôt d’une demande et la réponse, en médiane.",
    unit: "jours",
    level: "useful",
    is_more_better: false,
    baseline: 62,
    target: 20,
    months: 20,
    pace: 55,
    told: (1, 14),
    without: 6,
    quality: "measured",
};
const REACHED: Promise = Promise {
    name: "Usagers satisfaits",
    measured: "Part des usagers qui se disent satisfaits à la fin de leur démarche.",
    unit: "%",
    level: "useful",
    is_more_better: true,
    baseline: 55,
    target: 75,
    months: 18,
    pace: 145,
    told: (2, 14),
    without: 0,
    quality: "estimated",
};
const UNKNOWN: Promise = Promise {
    name: "Droits ouverts sans démarche",
    measured: "Personnes dont le droit est ouvert sans qu’elles aient à le demander.",
    unit: "personnes",
    level: "impactful",
    is_more_better: true,
    baseline: 0,
    target: 12_000,
    months: 24,
    pace: 90,
    told: (1, 6),
    without: 0,
    quality: "declared",
};
const MISSED: Promise = Promise {
    name: "Coût d’un dossier",
    measured: "Coût complet d’un dossier traité.",
    unit: "€",
    level: "efficient",
    is_more_better: false,
    baseline: 48,
    target: 25,
    months: 11,
    pace: 50,
    told: (1, 14),
    without: 0,
    quality: "estimated",
};

/// Sign-ins of each of the last months, the oldest first.
const SIGN_INS: [i64; 8] = [2_140, 2_980, 4_410, 5_020, 6_350, 8_120, 9_480, 10_260];

/// The last day of the month that lies some months back.
fn month_end(today: Date, months_back: i64) -> Date {
    today
        .first_of_month()
        .saturating_sub((months_back - 1).months())
        .saturating_sub(1.day())
}

impl Promise {
    fn form(&self, today: Date) -> IndicatorForm {
        let begun = month_end(today, 14);
        let direction = if self.is_more_better { "more" } else { "less" };
        IndicatorForm {
            name: self.name.to_owned(),
            measured: self.measured.to_owned(),
            unit: self.unit.to_owned(),
            direction: direction.to_owned(),
            source: "Tableau de bord du produit".to_owned(),
            method: "Relevé à la fin de chaque mois.".to_owned(),
            owner: "Équipe du produit".to_owned(),
            rhythm: "monthly".to_owned(),
            level: self.level.to_owned(),
            baseline: self.baseline.to_string(),
            baseline_on: begun.to_string(),
            target: self.target.to_string(),
            due_on: begun.saturating_add(self.months.months()).to_string(),
            ..IndicatorForm::default()
        }
    }

    /// The figure of a month after the baseline, with one decimal where people use some.
    fn figure(&self, month: i64) -> String {
        let wobble = [0, 3, -2, 4, -3, 1, -1][(month % 7) as usize];
        let gone = (month * self.pace + wobble * 2) * 10 / self.months;
        let tenths = self.baseline * 10 + (self.target - self.baseline) * gone / 100;
        if self.unit == "personnes" {
            (tenths / 10).to_string()
        } else {
            format!("{}.{}", tenths / 10, tenths.abs() % 10)
        }
    }

    async fn tell(
        &self,
        platform: &Platform,
        actor: &Actor,
        product: ProductId,
    ) -> Result<(), CommandError> {
        let today = platform.source.today();
        let impact = &platform.impact;
        let id = impact
            .add_indicator(actor, product, &self.form(today))
            .await?;
        for month in self.told.0..self.told.1 {
            if month == self.without {
                continue;
            }
            let form = ObservationForm {
                value: self.figure(month),
                as_of: month_end(today, 14 - month).to_string(),
                source: "Tableau de bord du produit".to_owned(),
                quality: self.quality.to_owned(),
                ..ObservationForm::default()
            };
            impact.add_observation(actor, id, &form).await?;
        }
        Ok(())
    }
}

/// Fills the demo in; `service` is the one whose sign-ins are counted.
pub(crate) async fn fill(
    platform: &Platform,
    actor: &Actor,
    service: Option<Uuid>,
) -> Result<(), CommandError> {
    let products = async |kind| {
        let filter = ListFilter {
            kind: Some(kind),
            ..ListFilter::default()
        };
        let sort = (Sort::Title, false);
        platform.portfolio.list(&filter, sort, None, 6).await
    };
    let startups = products(portfolio::domain::ProductKind::StartUp).await?;
    let projects = products(portfolio::domain::ProductKind::LargeProject).await?;
    let told = [
        (&startups, 0, &ON_TRACK),
        (&startups, 0, &REACHED),
        (&startups, 1, &UNKNOWN),
        (&projects, 0, &ON_TRACK),
        (&projects, 0, &BEHIND),
        (&projects, 1, &MISSED),
        (&projects, 2, &BEHIND),
    ];
    for (page, at, promise) in told {
        if let Some(product) = page.products.get(at) {
            promise.tell(platform, actor, ProductId(product.id)).await?;
        }
    }
    // The project of the unfavourable opinion is measured too: its contract will rest on the same counts.
    let slipping = platform
        .portfolio
        .list(&ListFilter::default(), (Sort::Slip, true), None, 3)
        .await?;
    let counted = startups.products.first().into_iter();
    let counted = counted
        .chain(slipping.products.get(1))
        .map(|one| ProductId(one.id));
    match service {
        Some(service) => count(platform, actor, &counted.collect::<Vec<_>>(), service).await,
        None => Ok(()),
    }
}

/// Indicators that nobody types: what the platform counted at a service.
async fn count(
    platform: &Platform,
    actor: &Actor,
    products: &[ProductId],
    service: Uuid,
) -> Result<(), CommandError> {
    let today = platform.source.today();
    let journal = Journal::new(platform.source.clone());
    let mut tx = platform.db.begin().await?;
    for (back, number) in (1_i64..).zip(SIGN_INS.into_iter().rev()) {
        let told = serde_json::json!({
            "hour": noon(month_end(today, back)).to_string(),
            "outcome": "sign-in",
            "number": number,
        });
        let change = Change::new("identity.usage.count", "service", service).after(told);
        journal.append(&mut tx, actor, change).await?;
    }
    tx.commit().await?;
    let counting = Arc::new(Counting(platform.impact.clone()));
    Subscribers::new(platform.db.clone(), vec![counting])
        .run_once()
        .await?;
    let form = IndicatorForm {
        name: "Connexions par mois".to_owned(),
        measured: "Connexions réussies au service, comptées par la plateforme.".to_owned(),
        unit: "connexions".to_owned(),
        direction: "more".to_owned(),
        formula: "Somme des connexions réussies du mois civil, à l’heure de Paris.".to_owned(),
        method: "Comptage par la plateforme, sans donnée personnelle.".to_owned(),
        owner: "Équipe du produit".to_owned(),
        rhythm: "monthly".to_owned(),
        level: "used".to_owned(),
        baseline: "2000".to_owned(),
        baseline_on: month_end(today, 9).to_string(),
        due_on: month_end(today, -4).to_string(),
        origin: "sign-ins".to_owned(),
        subject: service.to_string(),
        ..IndicatorForm::default()
    };
    // The start-up has reached its target; the project promised more.
    for (product, target) in products.iter().zip(["9000", "20000"]) {
        let form = IndicatorForm {
            target: target.to_owned(),
            ..form.clone()
        };
        platform
            .impact
            .add_indicator(actor, *product, &form)
            .await?;
    }
    platform.impact.keep_house().await?;
    Ok(())
}

pub(crate) fn noon(day: Date) -> Timestamp {
    let at = DateTime::from_parts(day, jiff::civil::time(12, 0, 0, 0));
    TimeZone::UTC.to_timestamp(at).unwrap_or_default()
}
