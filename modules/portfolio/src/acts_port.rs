//! What happened to the estimates of a product, as steering shows it beside what was done about it.

use std::sync::Arc;

use jiff::civil::Date;
use kit_ui::{Catalogue, CatalogueError, Locale, Words, format};
use ports::{
    ActEntry, Answered, Audience, Need, OrganisationId, PortError, ProductActs, ProductFact,
    ProductId,
};
use uuid::Uuid;

use crate::domain::{DAY_SECONDS, Estimate, MeasureOutlook, Rebaseline};
use crate::products_port::port;
use crate::store::estimates;
use crate::{Portfolio, PortfolioError, WORDS};

/// Estimates, new baselines and the forecast. All of it is public: the portfolio's pages are.
#[derive(Clone)]
pub struct ActsPort {
    portfolio: Portfolio,
    catalogue: Arc<Catalogue>,
}

impl std::fmt::Debug for ActsPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ActsPort")
    }
}

impl Portfolio {
    /// What steering shows of estimates.
    pub fn acts_port(&self) -> Result<ActsPort, CatalogueError> {
        Ok(ActsPort {
            portfolio: self.clone(),
            catalogue: Arc::new(Catalogue::new(WORDS)?),
        })
    }
}

fn failed(error: PortfolioError) -> PortError {
    PortError(Box::new(error))
}

/// A cost, else a duration, in words.
fn told(words: &Words, cost_cents: Option<i64>, duration_seconds: Option<i64>) -> Option<String> {
    let locale = words.locale;
    match (cost_cents, duration_seconds) {
        (Some(cents), _) => Some(format::millions(locale, cents)),
        (None, Some(seconds)) => Some(format::days(locale, seconds / DAY_SECONDS)),
        (None, None) => None,
    }
}

fn of_estimate(words: &Words, one: &Estimate, href: &str) -> Option<ActEntry> {
    let value = told(words, one.cost_cents, one.duration_seconds)?;
    Some(ActEntry {
        on: one.as_of,
        what: words.text_with("portfolio-act-estimate", &[("value", value.into())]),
        detail: one.source.clone(),
        by: None,
        href: href.to_owned(),
    })
}

fn of_rebaseline(words: &Words, one: &Rebaseline, href: &str) -> Option<ActEntry> {
    let value = told(words, one.cost_cents, one.duration_seconds)?;
    Some(ActEntry {
        on: one.effective_on,
        what: words.text_with("portfolio-act-rebaseline", &[("value", value.into())]),
        detail: one.reason.clone(),
        by: Some(one.author.clone()).filter(|author| !author.is_empty()),
        href: href.to_owned(),
    })
}

impl ActsPort {
    fn words(&self, locale: Locale) -> Words {
        Words::new(self.catalogue.clone(), locale)
    }

    async fn entries(
        &self,
        product: Uuid,
        (locale, until, limit): (Locale, Date, u32),
    ) -> Result<Vec<ActEntry>, PortError> {
        let db = &self.portfolio.db;
        let words = self.words(locale);
        let href = format!("/products/{product}");
        let given = estimates::of_product(db, product).await.map_err(port)?;
        let acts = estimates::rebaselines(db, product).await.map_err(port)?;
        let given = given
            .iter()
            .filter_map(|one| of_estimate(&words, one, &href));
        let acts = acts
            .iter()
            .filter_map(|one| of_rebaseline(&words, one, &href));
        let mut all: Vec<ActEntry> = given.chain(acts).filter(|one| one.on <= until).collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.on));
        all.truncate(limit as usize);
        Ok(all)
    }

    async fn forecast(&self, product: Uuid, locale: Locale) -> Result<Vec<ProductFact>, PortError> {
        let outlook = match self.portfolio.outlook(product).await {
            Err(PortfolioError::NotFound) => return Ok(Vec::new()),
            other => other.map_err(failed)?,
        };
        let words = self.words(locale);
        let href = format!("/products/{product}");
        let fact = |key: &str, p50: String, p80: String, basis: &MeasureOutlook| ProductFact {
            label: words.text(key),
            value: words.text_with(
                "portfolio-fact-forecast",
                &[
                    ("p50", p50.into()),
                    ("p80", p80.into()),
                    (
                        "basis",
                        words
                            .text(&format!("portfolio-basis-{}", basis.basis))
                            .into(),
                    ),
                ],
            ),
            href: href.clone(),
        };
        let mut facts = Vec::new();
        let Some(outlook) = outlook else {
            return Ok(facts);
        };
        if let Some(cost) = &outlook.cost {
            let [p50, p80] = [cost.p50, cost.p80].map(|cents| format::millions(locale, cents));
            facts.push(fact("portfolio-fact-forecast-cost", p50, p80, cost));
        }
        if let (Some(end), Some(duration)) = (&outlook.end, &outlook.duration) {
            let [p50, p80] = [end.p50, end.p80].map(|day| format::date(locale, day));
            facts.push(fact("portfolio-fact-forecast-end", p50, p80, duration));
        }
        Ok(facts)
    }
}

impl ProductActs for ActsPort {
    fn timeline(
        &self,
        product: ProductId,
        _audience: Audience,
        locale: Locale,
        until: Date,
        limit: u32,
    ) -> Answered<'_, Vec<ActEntry>> {
        Box::pin(self.entries(product.0, (locale, until, limit)))
    }

    fn needs(
        &self,
        _ministry: Option<OrganisationId>,
        _locale: Locale,
        _today: Date,
        _limit: u32,
    ) -> Answered<'_, Vec<Need>> {
        // The watch tells what estimates need.
        Box::pin(async { Ok(Vec::new()) })
    }

    fn facts(
        &self,
        product: ProductId,
        locale: Locale,
        _today: Date,
    ) -> Answered<'_, Vec<ProductFact>> {
        Box::pin(self.forecast(product.0, locale))
    }
}
