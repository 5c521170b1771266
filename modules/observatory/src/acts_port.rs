//! What procedures did and need, as steering shows it: in a product's timeline, on the morning page, in a
//! conference's file.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_ui::{Locale, Words, format};
use ports::{
    ActEntry, Answered, Audience, Need, OrganisationId, PortError, ProductActs, ProductFact,
    ProductId,
};

use crate::domain::{Criterion, Figure, Level};
use crate::pages::words::{criterion, value};
use crate::store::{declarations, editions, events, procedures};
use crate::{Event, Observatory, ObservatoryError};

/// Most entries of a timeline.
const ENTRIES_MAX: u32 = 100;
/// Most needs of one answer.
const NEEDS_MAX: u32 = 50;
/// Days before it grows old that a declaration is asked for again.
const ANNOUNCE_DAYS: i64 = 60;
/// Procedures of a product whose facts are told.
const PROCEDURES_MAX: usize = 4;
/// Of which facts are told, of each procedure.
const FACTS: [Criterion; 5] = [
    Criterion::Satisfaction,
    Criterion::Accessibility,
    Criterion::EcoDesign,
    Criterion::Security,
    Criterion::OnceOnly,
];

/// The observatory, as steering sees it.
#[derive(Debug, Clone)]
pub struct ActsPort(pub(crate) Observatory);

fn port(error: impl Into<ObservatoryError>) -> PortError {
    PortError(Box::new(error.into()))
}

fn entry(words: &Words, event: Event, audience: Audience) -> ActEntry {
    let key = format!("observatory-event-{}-{}", event.subject_kind, event.act);
    ActEntry {
        on: event.on,
        what: words.text(&key),
        detail: event.reason,
        by: event
            .by_id
            .filter(|_| audience == Audience::Entitled)
            .map(|_| event.by_name),
        href: format!("/observatory/procedures/{}", event.subject),
    }
}

/// Whether anybody may read of it: what was declared is public, what was taken away isn't.
fn is_public(event: &Event) -> bool {
    event.act != "erase"
}

impl Observatory {
    async fn what_waits(
        &self,
        ministry: Option<OrganisationId>,
        locale: Locale,
        today: Date,
        limit: u32,
    ) -> Result<Vec<Need>, ObservatoryError> {
        let words = self.words(locale);
        let until = today.saturating_add(ANNOUNCE_DAYS.days());
        let ministry = ministry.map(|id| id.0);
        let limit = limit.min(NEEDS_MAX);
        let aging = declarations::aging(&self.db, until, ministry, limit).await?;
        let needs = aging.into_iter().map(|(one, declared, valid_until)| {
            let key = if valid_until < today {
                "observatory-need-old"
            } else {
                "observatory-need-aging"
            };
            let what = words.text(&format!("observatory-declared-{}", declared.code()));
            let args = [
                ("procedure", one.procedure.name.as_str().into()),
                ("what", what.into()),
                ("date", format::date(locale, valid_until).into()),
            ];
            Need {
                product: Some(ProductId(one.product)),
                what: words.text_with(key, &args),
                due: Some(valid_until),
                amount_cents: None,
                href: format!(
                    "/observatory/procedures/{}/declarations/{}",
                    one.id,
                    declared.code()
                ),
            }
        });
        Ok(needs.collect())
    }

    async fn told_facts(
        &self,
        product: ProductId,
        locale: Locale,
        today: Date,
    ) -> Result<Vec<ProductFact>, ObservatoryError> {
        let words = self.words(locale);
        let all = procedures::of_product(&self.db, product.0).await?;
        let open: Vec<_> = all.into_iter().filter(|one| one.is_open).collect();
        let mut facts = Vec::new();
        for one in open.iter().take(PROCEDURES_MAX) {
            let figures = self.figures_on(one, today).await?;
            for figure in figures {
                if !FACTS.contains(&figure.criterion) || figure.value.is_none() {
                    continue;
                }
                let label = words.text_with(
                    "observatory-fact-label",
                    &[
                        ("what", criterion(&words, figure.criterion).into()),
                        ("procedure", one.procedure.name.as_str().into()),
                    ],
                );
                facts.push(ProductFact {
                    label,
                    value: told(&words, &figure),
                    href: format!("/observatory/procedures/{}", one.id),
                });
            }
        }
        Ok(facts)
    }

    /// The figures of the last edition of a procedure, with what is declared since; as they stand when no
    /// edition tells of it.
    async fn figures_on(
        &self,
        one: &crate::StoredProcedure,
        today: Date,
    ) -> Result<Vec<Figure>, ObservatoryError> {
        let standing = self.figures_today(one, today).await?;
        let published = editions::of_procedure(&self.db, one.id).await?;
        let Some(last) = published.into_iter().next() else {
            return Ok(standing);
        };
        // What people said is told of a whole quarter; what is declared, as it stands.
        let of_edition = last
            .figures
            .into_iter()
            .filter(|figure| figure.answers.is_some());
        let declared = standing
            .into_iter()
            .filter(|figure| figure.answers.is_none());
        Ok(of_edition.chain(declared).collect())
    }
}

/// A figure with how good it is.
fn told(words: &Words, figure: &Figure) -> String {
    let text = value(words, figure);
    match figure.level {
        Level::Shown => text,
        level => {
            let args = [
                ("value", text.into()),
                (
                    "level",
                    words
                        .text(&format!("observatory-level-{}", level.code()))
                        .into(),
                ),
            ];
            words.text_with("observatory-fact-value", &args)
        }
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
            let limit = limit.min(ENTRIES_MAX);
            let words = self.0.words(locale);
            let all = events::of_product(&self.0.db, product.0, until, limit).await;
            let entries = all.map_err(port)?.into_iter();
            Ok(entries
                .filter(|event| audience == Audience::Entitled || is_public(event))
                .map(|event| entry(&words, event, audience))
                .collect())
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
            let needs = self.0.what_waits(ministry, locale, today, limit);
            needs.await.map_err(port)
        })
    }

    fn facts(
        &self,
        product: ProductId,
        locale: Locale,
        today: Date,
    ) -> Answered<'_, Vec<ProductFact>> {
        Box::pin(async move {
            let facts = self.0.told_facts(product, locale, today);
            facts.await.map_err(port)
        })
    }
}
