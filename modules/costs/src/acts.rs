//! What steering asks of costs: versions and publications in a product's timeline, costs that grew old,
//! facts for a conference.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_ui::{Locale, Words, format};
use ports::{
    ActEntry, Answered, Audience, Need, OrganisationId, PortError, ProductActs, ProductFact,
    ProductId,
};

use crate::domain::{LARGE_CENTS, stale_before};
use crate::reading::summary_of;
use crate::store::{files, publications, versions};
use crate::{Costs, CostsError};

/// Months after which a cost is old.
const OLD_MONTHS: i64 = 12;
/// Most entries, needs and facts that are told.
const ENTRIES_MAX: u32 = 100;
const NEEDS_MAX: u32 = 50;

/// The port; see [`ProductActs`].
#[derive(Debug, Clone)]
pub struct CostsActs(pub(crate) Costs);

fn failed(error: impl Into<CostsError>) -> PortError {
    PortError(Box::new(error.into()))
}

impl CostsActs {
    fn words(&self, locale: Locale) -> Words {
        Words::new(self.0.catalogue.clone(), locale)
    }

    async fn entries(
        &self,
        product: ProductId,
        audience: Audience,
        locale: Locale,
        until: Date,
        limit: u32,
    ) -> Result<Vec<ActEntry>, CostsError> {
        let (costs, words) = (&self.0, self.words(locale));
        let limit = limit.min(ENTRIES_MAX);
        let Some(file) = files::of_product(&costs.db, product.0).await? else {
            return Ok(Vec::new());
        };
        let published = publications::of_file(&costs.db, file.id, until, limit).await?;
        let mut entries: Vec<ActEntry> = published
            .into_iter()
            .map(|one| ActEntry {
                on: one.publication.on,
                what: words.text_with("costs-act-published", &[("number", one.number.into())]),
                detail: String::new(),
                by: (audience == Audience::Entitled).then_some(one.by),
                href: format!("/products/{product}/costs/published"),
            })
            .collect();
        if audience == Audience::Entitled {
            let all = versions::of_file(&costs.db, file.id, i64::MAX, ENTRIES_MAX).await?;
            let all = all
                .into_iter()
                .map(|one| (kit_time::day_in_paris(one.created_at), one));
            entries.extend(all.filter(|(on, _)| *on <= until).map(|(on, one)| {
                let total = format::millions(locale, one.total_cents);
                let args = [("number", one.number.into()), ("total", total.into())];
                ActEntry {
                    on,
                    what: words.text_with("costs-act-version", &args),
                    detail: one.reason,
                    by: Some(one.author).filter(|by| !by.is_empty()),
                    href: format!("/products/{product}/costs/{}", one.number),
                }
            }));
        }
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.on));
        entries.truncate(limit as usize);
        Ok(entries)
    }

    async fn wanting(
        &self,
        ministry: Option<OrganisationId>,
        locale: Locale,
        today: Date,
        limit: u32,
    ) -> Result<Vec<Need>, CostsError> {
        let words = self.words(locale);
        let limit = limit.min(NEEDS_MAX);
        let before = stale_before(today);
        let ministry = ministry.map(|id| id.0);
        let stale = files::stale(&self.0.db, before, LARGE_CENTS, ministry, limit).await?;
        let needs = stale.into_iter().map(|file| {
            let args = [
                ("product", file.title.as_str().into()),
                ("date", format::date(locale, file.as_of).into()),
            ];
            Need {
                product: Some(ProductId(file.product)),
                what: words.text_with("costs-need-stale", &args),
                due: Some(file.as_of.saturating_add(OLD_MONTHS.months())),
                amount_cents: Some(file.weight_cents),
                href: format!("/products/{}/costs", file.product),
            }
        });
        Ok(needs.collect())
    }

    async fn told_facts(
        &self,
        product: ProductId,
        locale: Locale,
        today: Date,
    ) -> Result<Vec<ProductFact>, CostsError> {
        let (costs, words) = (&self.0, self.words(locale));
        let Some(file) = files::of_product(&costs.db, product.0).await? else {
            return Ok(Vec::new());
        };
        let version = costs.version(&file, file.latest).await?;
        let summary = summary_of(&version.content)?;
        let href = format!("/products/{product}/costs");
        let fact = |key: &str, value: String| ProductFact {
            label: words.text(key),
            value,
            href: href.clone(),
        };
        let years = i64::from(version.content.years);
        let as_of = format::date(locale, version.content.as_of);
        let age = if version.content.as_of < stale_before(today) {
            words.text_with("costs-fact-old", &[("date", as_of.into())])
        } else {
            as_of
        };
        let whole = words.text_with(
            "costs-fact-whole-value",
            &[
                ("total", format::millions(locale, file.total_cents).into()),
                ("years", years.into()),
            ],
        );
        let mut facts = vec![
            fact("costs-fact-whole", whole),
            fact(
                "costs-fact-year",
                format::millions(locale, file.per_year_cents),
            ),
        ];
        let cents = summary.life.per_year_cents;
        if let Some(per) = costs.per_count(product, &version.content, cents).await? {
            let value = per.cents.map_or_else(
                || words.text("costs-unknown"),
                |cents| format::euros(locale, cents),
            );
            facts.push(fact(&format!("costs-per-{}", per.of.code()), value));
        }
        facts.push(fact("costs-fact-as-of", age));
        Ok(facts)
    }
}

impl ProductActs for CostsActs {
    fn timeline(
        &self,
        product: ProductId,
        audience: Audience,
        locale: Locale,
        until: Date,
        limit: u32,
    ) -> Answered<'_, Vec<ActEntry>> {
        Box::pin(async move {
            let entries = self.entries(product, audience, locale, until, limit);
            entries.await.map_err(failed)
        })
    }

    fn needs(
        &self,
        ministry: Option<OrganisationId>,
        locale: Locale,
        today: Date,
        limit: u32,
    ) -> Answered<'_, Vec<Need>> {
        Box::pin(async move {
            let needs = self.wanting(ministry, locale, today, limit);
            needs.await.map_err(failed)
        })
    }

    fn facts(
        &self,
        product: ProductId,
        locale: Locale,
        today: Date,
    ) -> Answered<'_, Vec<ProductFact>> {
        Box::pin(async move {
            self.told_facts(product, locale, today)
                .await
                .map_err(failed)
        })
    }
}
