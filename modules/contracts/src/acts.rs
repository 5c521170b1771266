//! What contracts did for products, as steering shows it.

use jiff::civil::Date;
use kit_ui::{Locale, format};
use ports::{
    ActEntry, Answered, Audience, Need, OrganisationId, PortError, ProductActs, ProductFact,
    ProductId,
};
use uuid::Uuid;

use crate::domain::{CheckState, TrancheState};
use crate::store::{contracts, events, follow_up, tranches, versions};
use crate::{Contracts, ContractsError};

/// Most entries of a timeline.
const TIMELINE_MAX: u32 = 100;
/// Most needs.
const NEEDS_MAX: u32 = 50;
/// Most facts.
const FACTS_MAX: usize = 20;

/// Contracts and funds, as steering sees them.
#[derive(Debug, Clone)]
pub struct ContractsActs(pub(crate) Contracts);

fn port(error: impl Into<ContractsError>) -> PortError {
    PortError(Box::new(error.into()))
}

impl Contracts {
    async fn timeline_of(
        &self,
        product: Uuid,
        audience: Audience,
        locale: Locale,
        (until, limit): (Date, u32),
    ) -> Result<Vec<ActEntry>, ContractsError> {
        let words = self.words(locale);
        let is_public = audience == Audience::Everybody;
        let found = if is_public {
            // What is published later is not there yet, whichever day is asked for.
            let until = until.min(self.source.today());
            events::of_product_public(&self.db, product, until, limit).await?
        } else {
            events::of_product(&self.db, product, until, limit).await?
        };
        let entries = found.into_iter().map(|event| {
            let key = format!("contracts-event-{}-{}", event.subject_kind, event.act);
            let (kind, id) = (event.subject_kind.as_str(), event.subject);
            let href = match (is_public, kind) {
                (true, _) => format!("/contracts/published/{id}"),
                (false, "application") => format!("/applications/{id}"),
                (false, _) => format!("/contracts/{id}"),
            };
            ActEntry {
                on: event.on,
                what: words.text(&key),
                // Reasons are written for those who may read the contract: the public page tells what
                // its authors let through.
                detail: if is_public {
                    String::new()
                } else {
                    event.reason
                },
                by: event.by_id.filter(|_| !is_public).map(|_| event.by_name),
                href,
            }
        });
        Ok(entries.collect())
    }

    async fn needs_of(
        &self,
        ministry: Option<Uuid>,
        locale: Locale,
        today: Date,
        limit: u32,
    ) -> Result<Vec<Need>, ContractsError> {
        let words = self.words(locale);
        let text = |key: &str, title: &str| words.text_with(key, &[("title", title.into())]);
        let mut all = Vec::new();
        for one in contracts::to_review(&self.db, today, ministry, limit).await? {
            all.push(Need {
                product: Some(ProductId(one.product)),
                what: text("contracts-need-review", &one.title),
                due: one.next_review_on,
                amount_cents: (one.amount_cents > 0).then_some(one.amount_cents),
                href: format!("/contracts/{}", one.id),
            });
        }
        for one in tranches::met(&self.db, ministry, limit).await? {
            all.push(Need {
                product: Some(ProductId(one.product)),
                what: text("contracts-need-release", &one.label),
                due: one.met_on,
                amount_cents: Some(one.amount_cents),
                href: format!("/contracts/{}", one.contract),
            });
        }
        for one in self.to_sign(ministry, limit).await? {
            let signatures = versions::signatures(&self.db, one.id).await?;
            let signed = signatures
                .iter()
                .any(|signature| signature.number == one.latest && signature.voided.is_none());
            let key = if signed {
                "contracts-need-second"
            } else {
                "contracts-need-sign"
            };
            all.push(Need {
                product: Some(ProductId(one.product)),
                what: text(key, &one.title),
                due: None,
                amount_cents: (one.amount_cents > 0).then_some(one.amount_cents),
                href: format!("/contracts/{}", one.id),
            });
        }
        // What has no day comes last.
        all.sort_by_key(|one| one.due.unwrap_or(Date::MAX));
        all.truncate(limit as usize);
        Ok(all)
    }

    async fn facts_of(
        &self,
        product: Uuid,
        locale: Locale,
        today: Date,
    ) -> Result<Vec<ProductFact>, ContractsError> {
        let words = self.words(locale);
        let mut facts = Vec::new();
        for one in contracts::of_product(&self.db, product, 20).await? {
            if !one.state.is_in_force() || one.starts_on.is_some_and(|on| on > today) {
                continue;
            }
            let href = format!("/contracts/{}", one.id);
            let mut fact = |key: &str, value: String| {
                facts.push(ProductFact {
                    label: words.text(&format!("contracts-told-fact-{key}")),
                    value,
                    href: href.clone(),
                });
            };
            let ends = one
                .ends_on
                .map_or_else(String::new, |on| format::date(locale, on));
            let args = [("title", one.title.as_str().into()), ("date", ends.into())];
            fact(
                "contract",
                words.text_with("contracts-fact-in-force", &args),
            );
            let all = tranches::of_contract(&self.db, one.id).await?;
            if !all.is_empty() {
                let sum = |states: &[TrancheState]| {
                    let of_them = all.iter().filter(|one| states.contains(&one.state));
                    of_them.map(|one| one.amount_cents).sum::<i64>()
                };
                let released = sum(&[TrancheState::Released, TrancheState::Paid]);
                let args = [
                    ("released", format::euros(locale, released).into()),
                    ("total", format::euros(locale, one.amount_cents).into()),
                ];
                fact(
                    "money",
                    words.text_with("contracts-fact-released-of", &args),
                );
            }
            let checks = follow_up::checks(&self.db, one.id).await?;
            let not_met: Vec<String> = checks
                .iter()
                .filter(|one| one.state == CheckState::NotMet)
                .map(|one| words.text(&format!("contracts-doctrine-{}", one.doctrine.code())))
                .collect();
            if !not_met.is_empty() {
                fact("clauses", not_met.join(", "));
            }
            if let Some(on) = one.next_review_on {
                fact("review", format::date(locale, on));
            }
        }
        facts.truncate(FACTS_MAX);
        Ok(facts)
    }

    /// Whether a product is known under this id; another name of it gives the product.
    async fn same_product(&self, product: ProductId) -> Result<Uuid, ContractsError> {
        let found = self.ports.products.product(product).await?;
        Ok(found.map_or(product.0, |found| found.id.0))
    }
}

impl ProductActs for ContractsActs {
    fn timeline(
        &self,
        product: ProductId,
        audience: Audience,
        locale: Locale,
        until: Date,
        limit: u32,
    ) -> Answered<'_, Vec<ActEntry>> {
        Box::pin(async move {
            let limit = limit.clamp(1, TIMELINE_MAX);
            let id = self.0.same_product(product).await.map_err(port)?;
            let told = self.0.timeline_of(id, audience, locale, (until, limit));
            told.await.map_err(port)
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
            let limit = limit.clamp(1, NEEDS_MAX);
            let ministry = ministry.map(|one| one.0);
            let told = self.0.needs_of(ministry, locale, today, limit);
            told.await.map_err(port)
        })
    }

    fn facts(
        &self,
        product: ProductId,
        locale: Locale,
        today: Date,
    ) -> Answered<'_, Vec<ProductFact>> {
        Box::pin(async move {
            let id = self.0.same_product(product).await.map_err(port)?;
            self.0.facts_of(id, locale, today).await.map_err(port)
        })
    }
}
