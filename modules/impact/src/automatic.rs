//! Figures that nobody types: the platform's journal counted per day, and made into the figure of a
//! period once it is over. Indicators also follow what the journal says of their products.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::{Entry, Handled, Subscriber};
use ports::ProductId;
use uuid::Uuid;

use crate::domain::observation::NewObservation;
use crate::domain::{Figure, Indicator, Observation, Origin, Quality, Quantity};
use crate::store::{counts, indicators, observations};
use crate::{Impact, ImpactError};

/// Days after a period's end before its figure is made: counts of an hour may reach the journal two
/// days later. What comes later still corrects the figure.
const SETTLES_DAYS: i64 = 3;
/// Indicators of one round of making figures.
const ROUND: u32 = 200;
/// Figures made of one indicator in one transaction.
const FIGURES_MAX: usize = 150;
/// Who records automatic figures.
const AUTHOR: &str = "impact";
/// Why a figure is made again.
const LATE: &str = "late-counts";

/// The source under which an automatic figure stands.
fn source_of(origin: Origin) -> String {
    format!("gouvernail:{}", origin.code())
}

/// Turns the journal's entries into counts and figures. Its cursor moves in the transaction that
/// writes them: each entry counts once.
#[derive(Debug, Clone)]
pub struct Counting(pub Impact);

/// The day in Paris of which an entry tells.
fn day_of(after: &serde_json::Value) -> Option<Date> {
    match (after["hour"].as_str(), after["day"].as_str()) {
        (Some(hour), _) => {
            let at: Timestamp = hour.parse().ok()?;
            Some(kit_time::day_in_paris(at))
        }
        (None, day) => day?.parse().ok(),
    }
}

/// What an entry counts: on which day, of what, how many.
fn counted(entry: &Entry) -> Option<(Date, Vec<(Origin, i64)>)> {
    let after = entry.after.as_ref()?;
    let subject: Uuid = entry.subject.id.parse().ok()?;
    let number = |name: &str| after[name].as_i64().unwrap_or_default();
    let counts = match (entry.action.as_str(), entry.subject.kind.as_str()) {
        ("identity.usage.count", "service") if after["outcome"] == "sign-in" => {
            vec![(Origin::SignIns(subject), number("number"))]
        }
        ("exchange.usage.count", "api") => vec![
            (
                Origin::Calls(subject),
                number("calls").saturating_sub(number("failures")),
            ),
            (Origin::PiecesSaved(subject), number("pieces_saved")),
        ],
        ("exchange.decision.count", "api") => vec![
            (Origin::FilesDecided(subject), number("decided")),
            (Origin::DecisionDays(subject), number("days")),
        ],
        ("observatory.review.count", "procedure") => vec![
            (Origin::Reviews(subject), number("reviews")),
            (Origin::Satisfaction(subject), number("points")),
        ],
        _ => return None,
    };
    // None of something says nothing; no day waited is part of a mean.
    let counts = counts
        .into_iter()
        .filter(|(origin, number)| *number > 0 || origin.per().is_some());
    Some((day_of(after)?, counts.collect()))
}

impl Subscriber for Counting {
    fn name(&self) -> &'static str {
        "impact.counting"
    }

    fn handle<'f>(&'f self, tx: &'f mut Tx, entry: &'f Entry) -> Handled<'f> {
        Box::pin(async move {
            if let Some((day, counted)) = counted(entry) {
                for (origin, number) in counted {
                    counts::add(tx, origin, day, number).await?;
                    self.0.count_again(tx, origin, day).await?;
                }
                return Ok(());
            }
            let is_about = matches!(
                entry.action.as_str(),
                "portfolio.product.change" | "portfolio.near_match.answer"
            );
            if let Some(product) = entry.subject.id.parse().ok().filter(|_| is_about) {
                self.0.follow_product(tx, product).await?;
            }
            Ok(())
        })
    }
}

impl Impact {
    /// Makes the figures of all periods that are over. Doing it twice, or in two processes at once,
    /// makes each figure once.
    pub async fn keep_house(&self) -> Result<(), ImpactError> {
        let settled = self.source.today().saturating_sub(SETTLES_DAYS.days());
        loop {
            // Each is looked at once: what it waits for moves past `settled`.
            let round = indicators::to_count(&self.db, settled, ROUND).await?;
            let mut moved = false;
            for indicator in &round {
                moved |= self.count_up(indicator.id, settled).await?;
            }
            if round.len() < ROUND as usize || !moved {
                return Ok(());
            }
        }
    }

    /// Makes the figures of one indicator up to a day; gives whether its day moved.
    async fn count_up(&self, id: Uuid, settled: Date) -> Result<bool, ImpactError> {
        let mut tx = self.db.begin().await?;
        let Some(indicator) = indicators::lock(&mut tx, id).await? else {
            return Ok(false);
        };
        let (origin, rhythm) = (indicator.description.origin, indicator.description.rhythm);
        let Some(until) = indicator.counted_until.filter(|_| origin.is_automatic()) else {
            return Ok(false);
        };
        let actor = Actor::system(AUTHOR);
        let mut number = rhythm.number(until) + 1;
        let mut made = 0;
        while made < FIGURES_MAX && rhythm.last(number) <= settled {
            if let Some(told) = self.figure_of(&mut tx, &indicator, number).await? {
                match self.append(&mut tx, &actor, &indicator, &told).await {
                    // A figure that stands there already was made before, or corrected by somebody.
                    Ok(_) | Err(ImpactError::Mistakes(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            number += 1;
            made += 1;
        }
        if made == 0 {
            return Ok(false);
        }
        let counted = Indicator {
            counted_until: Some(rhythm.last(number - 1)),
            ..indicator.clone()
        };
        indicators::set_counted(&mut tx, &counted).await?;
        self.refresh_latest(&mut tx, &indicator).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The figure of a period, from its counts; none when it is the mean of nothing.
    async fn figure_of(
        &self,
        tx: &mut Tx,
        indicator: &Indicator,
        number: i64,
    ) -> Result<Option<NewObservation>, ImpactError> {
        let (origin, rhythm) = (indicator.description.origin, indicator.description.rhythm);
        let (from, until) = (rhythm.first(number), rhythm.last(number));
        let sum = counts::sum(&mut *tx, origin, from, until).await?;
        let value = match origin.per() {
            None => Quantity::whole(sum),
            Some(per) => match counts::sum(tx, per, from, until).await? {
                0 => return Ok(None),
                times => Quantity::of_millionths(sum.saturating_mul(1_000_000) / times),
            },
        };
        Ok(Some(NewObservation {
            figure: Figure {
                // A count beyond a thousand billion would be told as that.
                value: value
                    .or_else(|| Quantity::whole(1_000_000_000_000))
                    .unwrap_or_default(),
                as_of: until,
                quality: Quality::Measured,
                standard_error: None,
            },
            source: source_of(origin),
        }))
    }

    /// Corrects the figures that were made before a count came. What a person corrected stays.
    async fn count_again(&self, tx: &mut Tx, origin: Origin, day: Date) -> Result<(), ImpactError> {
        for indicator in indicators::counted_past(tx, origin, day).await? {
            let Some(indicator) = indicators::lock(tx, indicator.id).await? else {
                continue;
            };
            let number = indicator.description.rhythm.number(day);
            let Some(told) = self.figure_of(tx, &indicator, number).await? else {
                continue;
            };
            let figure = told.figure;
            let there =
                observations::current(&mut *tx, indicator.id, figure.as_of, &told.source).await?;
            let Some((before, _)) = there else {
                // The mean of a period in which nothing had been counted.
                if origin.per().is_some() {
                    let actor = Actor::system(AUTHOR);
                    self.append(tx, &actor, &indicator, &told).await?;
                    self.refresh_latest(tx, &indicator).await?;
                }
                continue;
            };
            if before.author != AUTHOR || before.value == Some(figure.value) {
                continue;
            }
            let row = Observation {
                value: Some(figure.value),
                reason: LATE.to_owned(),
                ..before.clone()
            };
            let actor = Actor::system(AUTHOR);
            self.revise(tx, &actor, &indicator, &before, row).await?;
        }
        Ok(())
    }

    /// Follows a product's name, its ministry, and what it turned out to be another name of.
    async fn follow_product(&self, tx: &mut Tx, product: Uuid) -> Result<(), ImpactError> {
        for indicator in indicators::of_told_product(tx, product).await? {
            let told = ProductId(indicator.told_product_id);
            let Some(now) = self.products.product_in(&mut *tx, told).await? else {
                continue;
            };
            let shown = Indicator {
                product_id: now.id.0,
                product_title: now.title,
                ministry_id: now.ministry.map(|id| id.0),
                ..indicator
            };
            indicators::set_product(tx, &shown).await?;
        }
        Ok(())
    }
}
