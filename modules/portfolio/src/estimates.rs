//! Telling an estimate, setting a new baseline.

use jiff::civil::Date;
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use slips::slip_rate;
use tabular::{Cell, amount_cents, date, number};
use uuid::Uuid;

use crate::access::{ADD_ESTIMATE, REBASELINE};
use crate::domain::import::panorama::{COST_CENTS_MAX, DURATION_YEARS_MAX};
use crate::domain::{
    DURATION_YEAR_SECONDS, Estimate, Measure, Mistake, Phase, Rebaseline, standing,
};
use crate::store::estimates as store;
use crate::store::products::{self, Figures};
use crate::{Portfolio, PortfolioError};

/// What was typed about an estimate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EstimateForm {
    /// Day, month, year of the date that it speaks of.
    pub as_of: [String; 3],
    /// The cost, in millions of euros unless it says otherwise.
    pub cost: String,
    /// The planned duration, in years.
    pub duration: String,
    /// The phase's code.
    pub phase: String,
    /// Where it comes from.
    pub source: String,
}

/// What was typed about a new baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RebaselineForm {
    /// Day, month, year from which it is the current one.
    pub effective_on: [String; 3],
    /// The cost, in millions of euros.
    pub cost: String,
    /// The planned duration, in years.
    pub duration: String,
    /// Why.
    pub reason: String,
}

/// Shortest reason for a new baseline, in characters: a reason that can be read later.
const REASON_CHARS_MIN: usize = 20;
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 2_000;
/// Longest source, in characters.
const SOURCE_CHARS_MAX: usize = 200;

fn typed_date([day, month, year]: &[String; 3]) -> Option<Date> {
    date(&Cell::Text(format!(
        "{}/{}/{}",
        day.trim(),
        month.trim(),
        year.trim()
    )))
    .filter(|date| (1970..=2100).contains(&date.year()))
}

fn typed_cost(text: &str) -> Result<Option<i64>, &'static str> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match amount_cents(&Cell::Text(text.to_owned()), 100_000_000) {
        None => Err("portfolio-mistake-amount"),
        Some(cents) if cents <= 0 => Err("portfolio-mistake-amount-positive"),
        Some(cents) if cents > COST_CENTS_MAX => Err("portfolio-mistake-amount-large"),
        cents => Ok(cents),
    }
}

fn typed_duration(text: &str) -> Result<Option<i64>, &'static str> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match number(&Cell::Text(text.to_owned())) {
        None => Err("portfolio-mistake-duration"),
        Some(years) if years < 0.01 => Err("portfolio-mistake-duration-positive"),
        Some(years) if years > DURATION_YEARS_MAX => Err("portfolio-mistake-duration-large"),
        Some(years) => Ok(Some((years * DURATION_YEAR_SECONDS).round() as i64)),
    }
}

/// Reads a measure, noting its mistake.
fn checked(
    mistakes: &mut Vec<Mistake>,
    field: &'static str,
    read: Result<Option<i64>, &'static str>,
) -> Option<i64> {
    read.unwrap_or_else(|key| {
        mistakes.push(Mistake::new(field, key));
        None
    })
}

impl Portfolio {
    /// Tells an estimate of a product. It can't be dated before the frozen baseline, which would
    /// move it, nor in the future.
    pub async fn add_estimate(
        &self,
        actor: &Actor,
        product_id: Uuid,
        form: &EstimateForm,
    ) -> Result<(), PortfolioError> {
        let product = products::find(&self.db, product_id)
            .await?
            .ok_or(PortfolioError::NotFound)?;
        actor.demand(&ADD_ESTIMATE, product.description.ministry_id)?;
        let known = store::of_product(&self.db, product_id).await?;
        let mut mistakes = Vec::new();
        let as_of = typed_date(&form.as_of);
        let first = known
            .iter()
            .find(|estimate| estimate.counts())
            .map(|first| first.as_of);
        let key = match as_of {
            None => Some("portfolio-mistake-date"),
            Some(on) if on > self.source.today() => Some("portfolio-mistake-date-future"),
            Some(on) if first.is_some_and(|first| on < first) => {
                Some("portfolio-mistake-date-before-baseline")
            }
            Some(_) => None,
        };
        mistakes.extend(key.map(|key| Mistake::new("as_of", key)));
        let cost_cents = checked(&mut mistakes, "cost", typed_cost(&form.cost));
        let duration_seconds = checked(&mut mistakes, "duration", typed_duration(&form.duration));
        if mistakes.is_empty() && cost_cents.is_none() && duration_seconds.is_none() {
            mistakes.push(Mistake::new("cost", "portfolio-mistake-nothing"));
        }
        let phase = Phase::parse(&form.phase);
        if phase.is_none() && !form.phase.is_empty() {
            mistakes.push(Mistake::new("phase", "portfolio-mistake-phase"));
        }
        let source = form.source.trim();
        if source.is_empty() {
            mistakes.push(Mistake::new("source", "portfolio-mistake-source"));
        } else if source.chars().count() > SOURCE_CHARS_MAX {
            mistakes.push(Mistake::new("source", "portfolio-mistake-source-long"));
        }
        let Some(as_of) = as_of.filter(|_| mistakes.is_empty()) else {
            return Err(PortfolioError::Mistakes(mistakes));
        };
        let estimate = Estimate {
            as_of,
            cost_cents,
            duration_seconds,
            start_on: None,
            phase: phase.or(product.description.phase),
            source: source.to_owned(),
            author: actor.name().to_owned(),
        };
        let mut tx = self.db.begin().await?;
        let organisation = product.description.ministry_id;
        if !self
            .append_estimate(&mut tx, actor, product_id, organisation, &estimate)
            .await?
        {
            let twice = Mistake::new("as_of", "portfolio-mistake-estimate-twice");
            return Err(PortfolioError::Mistakes(vec![twice]));
        }
        tx.commit().await?;
        Ok(())
    }

    /// Appends an estimate and brings what lists show up to date; gives whether it was new.
    pub(crate) async fn append_estimate(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        product: Uuid,
        organisation: Option<Uuid>,
        estimate: &Estimate,
    ) -> Result<bool, PortfolioError> {
        let id = self.source.new_id();
        if !store::insert(tx, id, product, estimate, self.source.now()).await? {
            return Ok(false);
        }
        self.refresh_figures(tx, product).await?;
        // What is estimated under another name is shown with the product that it is a name of.
        if let Some(into) = products::find(&mut *tx, product)
            .await?
            .and_then(|p| p.merged_into)
        {
            self.refresh_figures(tx, into).await?;
        }
        let change = Change::new("portfolio.estimate.add", "product", product)
            .of(organisation)
            .public()
            .after(estimate);
        self.journal.append(tx, actor, change).await?;
        Ok(true)
    }

    /// Recomputes what lists show of a product from its estimates.
    pub(crate) async fn refresh_figures(
        &self,
        tx: &mut Tx,
        product: Uuid,
    ) -> Result<(), PortfolioError> {
        let estimates = store::of_product(&mut *tx, product).await?;
        let acts = store::rebaselines(&mut *tx, product).await?;
        let last = estimates.last().map(|estimate| estimate.as_of);
        let standing = |measure| standing(&estimates, &acts, last?, measure);
        let (cost, duration) = (standing(Measure::Cost), standing(Measure::Duration));
        let figures = Figures {
            baseline_cents: cost.map(|s| s.baseline),
            cost_cents: cost.map(|s| s.latest),
            cost_slip: cost.and_then(|s| slip_rate(s.baseline, s.latest)),
            baseline_seconds: duration.map(|s| s.baseline),
            duration_seconds: duration.map(|s| s.latest),
            duration_slip: duration.and_then(|s| slip_rate(s.baseline, s.latest)),
            estimated_on: last,
        };
        products::set_figures(tx, product, &figures).await?;
        Ok(())
    }

    /// Sets a new baseline. The first one stays visible, and slips are told against it.
    pub async fn rebaseline(
        &self,
        actor: &Actor,
        product_id: Uuid,
        form: &RebaselineForm,
    ) -> Result<(), PortfolioError> {
        let product = products::find(&self.db, product_id)
            .await?
            .ok_or(PortfolioError::NotFound)?;
        actor.demand(&REBASELINE, product.description.ministry_id)?;
        let mut mistakes = Vec::new();
        let effective_on = typed_date(&form.effective_on);
        if effective_on.is_none() {
            mistakes.push(Mistake::new("effective_on", "portfolio-mistake-date"));
        }
        if product.baseline_cents.is_none() && product.baseline_seconds.is_none() {
            mistakes.push(Mistake::new("cost", "portfolio-mistake-no-baseline"));
        }
        let cost_cents = checked(&mut mistakes, "cost", typed_cost(&form.cost));
        let duration_seconds = checked(&mut mistakes, "duration", typed_duration(&form.duration));
        if mistakes.is_empty() && cost_cents.is_none() && duration_seconds.is_none() {
            mistakes.push(Mistake::new("cost", "portfolio-mistake-nothing"));
        }
        let reason = form.reason.trim();
        if !(REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
            mistakes.push(Mistake::new("reason", "portfolio-mistake-reason"));
        }
        let Some(effective_on) = effective_on.filter(|_| mistakes.is_empty()) else {
            return Err(PortfolioError::Mistakes(mistakes));
        };
        let act = Rebaseline {
            effective_on,
            cost_cents,
            duration_seconds,
            reason: reason.to_owned(),
            author: actor.name().to_owned(),
        };
        let mut tx = self.db.begin().await?;
        let (id, now) = (self.source.new_id(), self.source.now());
        store::add_rebaseline(&mut tx, id, product_id, &act, now).await?;
        let change = Change::new("portfolio.baseline.set", "product", product_id)
            .of(product.description.ministry_id)
            .public()
            .before(serde_json::json!({
                "cost_cents": product.baseline_cents,
                "duration_seconds": product.baseline_seconds,
            }))
            .after(&act);
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }
}
