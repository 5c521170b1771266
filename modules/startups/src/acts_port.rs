//! What start-ups did and need, as steering shows it.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_ui::{Locale, Words, format};
use ports::{
    ActEntry, Answered, Audience, Need, OrganisationId, PortError, ProductActs, ProductFact,
    ProductId,
};

use crate::decisions::hide;
use crate::domain::{ANNOUNCE_DAYS, DecisionKind};
use crate::store::decisions::StoredDecision;
use crate::store::{decisions, events, products, reviews};
use crate::{Event, Startups, StartupsError};

/// Most entries of a timeline.
const ENTRIES_MAX: u32 = 100;
/// Most needs of one answer.
const NEEDS_MAX: u32 = 50;

/// Start-ups, as steering sees them.
#[derive(Debug, Clone)]
pub struct ActsPort(pub(crate) Startups);

fn port(error: impl Into<StartupsError>) -> PortError {
    PortError(Box::new(error.into()))
}

fn kind(words: &Words, kind: DecisionKind) -> String {
    words.text(&format!("startups-decision-{}", kind.code()))
}

/// A decision in a timeline; what is published says nothing of who recorded it.
fn of_decision(words: &Words, one: &StoredDecision, audience: Audience) -> ActEntry {
    let args = [("decision", kind(words, one.decision.kind).into())];
    let (by, path) = match audience {
        Audience::Everybody => (None, "published"),
        Audience::Entitled => (Some(one.by.clone()), "decisions"),
    };
    ActEntry {
        on: one.decision.on,
        what: words.text_with("startups-act-decided", &args),
        detail: one.decision.reasons.clone(),
        by: by.filter(|by| !by.is_empty()),
        href: format!("/start-ups/{path}/{}", one.id),
    }
}

/// Anything else of the timeline.
fn of_event(words: &Words, product: ProductId, event: Event) -> ActEntry {
    let href = match event.subject_kind.as_str() {
        "review" if event.subject != product.0 => format!("/start-ups/reviews/{}", event.subject),
        "national" => format!("/products/{product}/national-impact"),
        "decision" => format!("/start-ups/decisions/{}", event.subject),
        _ => format!("/products/{product}/start-up"),
    };
    ActEntry {
        on: event.on,
        what: words.text(&format!(
            "startups-event-{}-{}",
            event.subject_kind, event.act
        )),
        detail: event.reason,
        by: event.by_id.map(|_| event.by_name),
        href,
    }
}

impl Startups {
    async fn told_to(
        &self,
        product: ProductId,
        (audience, locale): (Audience, Locale),
        until: Date,
        limit: u32,
    ) -> Result<Vec<ActEntry>, StartupsError> {
        let words = self.words(locale);
        let mut entries: Vec<ActEntry> = match audience {
            Audience::Everybody => {
                let all = decisions::of_product(&self.db, product.0).await?;
                all.into_iter()
                    .filter(|one| one.decision.on <= until && one.publication.is_open(until))
                    .map(|mut one| {
                        hide(&mut one);
                        of_decision(&words, &one, audience)
                    })
                    .collect()
            }
            Audience::Entitled => {
                let all = events::of_product(&self.db, product.0, until, limit).await?;
                all.into_iter()
                    .map(|event| of_event(&words, product, event))
                    .collect()
            }
        };
        entries.truncate(limit as usize);
        Ok(entries)
    }

    async fn what_waits(
        &self,
        ministry: Option<OrganisationId>,
        locale: Locale,
        today: Date,
        limit: u32,
    ) -> Result<Vec<Need>, StartupsError> {
        let words = self.words(locale);
        let ministry = ministry.map(|id| id.0);
        let until = today.saturating_add(ANNOUNCE_DAYS.days());
        let in_committee = reviews::in_committee(&self.db, ministry, limit).await?;
        let mut needs = Vec::new();
        let said = |key: &str, title: &str| words.text_with(key, &[("product", title.into())]);
        for one in products::due(&self.db, until, ministry, limit).await? {
            // Its committee has it: told below.
            if in_committee.iter().any(|review| review.product == one.id) {
                continue;
            }
            let key = if one.due_on < Some(today) {
                "startups-need-overdue"
            } else {
                "startups-need-due"
            };
            needs.push(Need {
                product: Some(ProductId(one.id)),
                what: said(key, &one.title),
                due: one.due_on,
                amount_cents: None,
                href: format!("/products/{}/start-up", one.id),
            });
        }
        for one in in_committee {
            needs.push(Need {
                product: Some(ProductId(one.product)),
                what: said("startups-need-decision", &one.product_title),
                due: Some(one.due_on),
                amount_cents: None,
                href: format!("/start-ups/reviews/{}", one.id),
            });
        }
        for one in decisions::missed(&self.db, today, ministry, limit).await? {
            needs.push(Need {
                product: Some(ProductId(one.product)),
                what: said("startups-need-next", &one.product_title),
                due: one.decision.next_by,
                amount_cents: None,
                href: format!("/start-ups/decisions/{}", one.id),
            });
        }
        needs.sort_by_key(|one| one.due);
        needs.truncate(limit as usize);
        Ok(needs)
    }

    async fn facts_of(
        &self,
        product: ProductId,
        locale: Locale,
        today: Date,
    ) -> Result<Vec<ProductFact>, StartupsError> {
        let Some(kept) = products::find(&self.db, product.0).await? else {
            return Ok(Vec::new());
        };
        if !kept.is_startup {
            return Ok(Vec::new());
        }
        let words = self.words(locale);
        let unknown = || words.text("startups-unknown");
        let href = format!("/products/{}/start-up", kept.id);
        let fact = |key: &str, value: String| ProductFact {
            label: words.text(&format!("startups-fact-{key}")),
            value,
            href: href.clone(),
        };
        let day = |on: Option<Date>| on.map_or_else(unknown, |on| format::date(locale, on));
        let level = kept.level.map_or_else(unknown, |level| {
            words.text(&format!("startups-level-{}", level.code()))
        });
        let due = match kept.due_on {
            Some(due) if due < today => {
                let args = [("date", format::date(locale, due).into())];
                words.text_with("startups-overdue-since", &args)
            }
            due => day(due),
        };
        let mut facts = vec![
            fact("level", level),
            fact("last-review", day(kept.last_review_on)),
            fact("next-review", due),
            fact("invested", format::euros(locale, kept.invested_cents)),
            fact("spent", format::euros(locale, kept.spent_cents)),
        ];
        let decided = decisions::of_product(&self.db, kept.id).await?;
        if let Some(latest) = decided.iter().find(|one| one.decision.on <= today) {
            let on = format::date(locale, latest.decision.on);
            let value = format!("{} ({on})", kind(&words, latest.decision.kind));
            facts.push(ProductFact {
                href: format!("/start-ups/decisions/{}", latest.id),
                ..fact("decision", value)
            });
        }
        let national = self.national_of(kept.clone()).await?;
        let result = words.text(&format!("startups-national-{}", national.result.code()));
        facts.push(ProductFact {
            href: format!("/products/{}/national-impact", kept.id),
            ..fact("national", result)
        });
        Ok(facts)
    }
}

impl ProductActs for ActsPort {
    fn timeline(
        &self,
        product: ProductId,
        audience: Audience,
        locale: Locale,
        until: Date,
        limit: u32,
    ) -> Answered<'_, Vec<ActEntry>> {
        Box::pin(async move {
            let limit = limit.clamp(1, ENTRIES_MAX);
            let told = self.0.told_to(product, (audience, locale), until, limit);
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
            let waits = self.0.what_waits(ministry, locale, today, limit);
            waits.await.map_err(port)
        })
    }

    fn facts(
        &self,
        product: ProductId,
        locale: Locale,
        today: Date,
    ) -> Answered<'_, Vec<ProductFact>> {
        Box::pin(async move { self.0.facts_of(product, locale, today).await.map_err(port) })
    }
}
