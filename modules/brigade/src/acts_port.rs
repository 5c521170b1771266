//! What the brigade does for products, as steering shows it.

use jiff::civil::Date;
use kit_ui::{Locale, Words, format};
use ports::{
    ActEntry, Answered, Audience, Need, OrganisationId, PortError, ProductActs, ProductFact,
    ProductId,
};
use uuid::Uuid;

use crate::domain::MissionState;
use crate::store::{events, experts, missions, requests};
use crate::{Brigade, BrigadeError, Event, days_of, port};

/// The port by which steering reads.
#[derive(Debug, Clone)]
pub struct ActsPort(pub(crate) Brigade);

/// A text in short, for a line of a list.
fn short(text: &str) -> String {
    if text.chars().count() <= 160 {
        return text.to_owned();
    }
    let kept: String = text.chars().take(159).collect();
    format!("{kept}…")
}

fn path(event: &Event) -> String {
    match event.subject_kind.as_str() {
        "request" => format!("/brigade/requests/{}", event.subject),
        _ => format!("/brigade/missions/{}", event.subject),
    }
}

/// Half days as days, in words.
pub(crate) fn days_text(words: &Words, half_days: u32) -> String {
    let decimals = usize::from(half_days % 2 == 1);
    let days = format::decimal(words.locale, days_of(half_days), decimals);
    // French counts less than two as one.
    let is_one = match words.locale {
        Locale::Fr => half_days < 4,
        Locale::En => half_days == 2,
    };
    let key = if is_one {
        "brigade-days-one"
    } else {
        "brigade-days-many"
    };
    words.text_with(key, &[("days", days.into())])
}

impl Brigade {
    /// The names of trades, by their codes.
    pub(crate) async fn trades(
        &self,
        locale: Locale,
    ) -> Result<std::collections::BTreeMap<String, String>, BrigadeError> {
        let all = experts::expertises(&self.db).await?;
        let name = |one: experts::Expertise| match locale {
            Locale::Fr => (one.code, one.name_fr),
            Locale::En => (one.code, one.name_en),
        };
        Ok(all.into_iter().map(name).collect())
    }

    /// For everybody: that a mission took place, and of which trades; no name, no words of anybody.
    async fn public_acts(
        &self,
        product: Uuid,
        locale: Locale,
        (until, limit): (Date, u32),
    ) -> Result<Vec<ActEntry>, BrigadeError> {
        let words = self.words(locale);
        let names = self.trades(locale).await?;
        let mut all = Vec::new();
        for event in events::ends_of_missions(&self.db, product, until, limit).await? {
            let codes = missions::expertises(&self.db, event.subject).await?;
            let trades: Vec<&str> = codes
                .iter()
                .map(|code| names.get(code).map_or(code.as_str(), String::as_str))
                .collect();
            all.push(ActEntry {
                on: event.on,
                what: words.text("brigade-public-closed"),
                detail: trades.join(", "),
                by: None,
                href: format!("/products/{product}"),
            });
        }
        Ok(all)
    }

    async fn timeline_of(
        &self,
        product: Uuid,
        audience: Audience,
        locale: Locale,
        (until, limit): (Date, u32),
    ) -> Result<Vec<ActEntry>, BrigadeError> {
        // Another name of a product has no acts of its own.
        let known = self.products.product(ProductId(product)).await?;
        let product = known.map_or(product, |known| known.id.0);
        if audience == Audience::Everybody {
            return self.public_acts(product, locale, (until, limit)).await;
        }
        let words = self.words(locale);
        let all = events::of_product(&self.db, product, until, limit).await?;
        let entry = |event: &Event| ActEntry {
            on: event.on,
            what: words.text(&format!(
                "brigade-event-{}-{}",
                event.subject_kind, event.act
            )),
            detail: short(&event.reason),
            by: event.by_id.map(|_| event.by_name.clone()),
            href: path(event),
        };
        Ok(all.iter().map(entry).collect())
    }

    async fn needs_of(
        &self,
        ministry: Option<Uuid>,
        locale: Locale,
        (today, limit): (Date, u32),
    ) -> Result<Vec<Need>, BrigadeError> {
        let words = self.words(locale);
        let mut all = Vec::new();
        let need = |product: Uuid, (key, title): (&str, &str), due: Date, href: String| Need {
            product: Some(ProductId(product)),
            what: words.text_with(key, &[("title", title.into())]),
            due: Some(due),
            amount_cents: None,
            href,
        };
        for one in requests::oldest_open(&self.db, ministry, limit).await? {
            let href = format!("/brigade/requests/{}", one.id);
            let due = one
                .asked_on
                .saturating_add(jiff::Span::new().days(crate::figures::ANSWER_DAYS));
            let what = ("brigade-need-answer", one.product_title.as_str());
            all.push(need(one.product, what, due, href));
        }
        for one in missions::proposed(&self.db, ministry, limit).await? {
            let href = format!("/brigade/missions/{}", one.id);
            let what = ("brigade-need-agree", one.title.as_str());
            all.push(need(one.product, what, one.period.0, href));
        }
        for one in missions::late(&self.db, ministry, today, limit).await? {
            let href = format!("/brigade/missions/{}", one.id);
            let what = ("brigade-need-report", one.title.as_str());
            all.push(need(one.product, what, one.period.1, href));
        }
        all.sort_by(|one, other| (one.due, &one.href).cmp(&(other.due, &other.href)));
        all.truncate(limit as usize);
        Ok(all)
    }

    async fn facts_of(
        &self,
        product: Uuid,
        locale: Locale,
    ) -> Result<Vec<ProductFact>, BrigadeError> {
        let words = self.words(locale);
        let known = self.products.product(ProductId(product)).await?;
        let product = known.map_or(product, |known| known.id.0);
        let all = missions::of_product(&self.db, product).await?;
        let mut facts = Vec::new();
        if all.is_empty() {
            return Ok(facts);
        }
        let (mut agreed, mut spent) = (0, 0);
        for one in &all {
            if one.agreed_on.is_some() {
                for goes in missions::assignments(&self.db, one.id).await? {
                    agreed += goes.half_days;
                    spent += goes.spent;
                }
            }
        }
        let list = format!("/brigade/missions?product={product}");
        let running = all
            .iter()
            .filter(|one| one.state == MissionState::Running)
            .count();
        let args = [("count", all.len().into()), ("running", running.into())];
        facts.push(ProductFact {
            label: words.text("brigade-fact-missions"),
            value: words.text_with("brigade-fact-missions-value", &args),
            href: list.clone(),
        });
        let args = [
            ("spent", days_text(&words, spent).into()),
            ("agreed", days_text(&words, agreed).into()),
        ];
        facts.push(ProductFact {
            label: words.text("brigade-fact-days"),
            value: words.text_with("brigade-fact-days-value", &args),
            href: list,
        });
        if let Some(latest) = all.iter().find(|one| !one.changes.is_empty()) {
            facts.push(ProductFact {
                label: words.text("brigade-fact-changed"),
                value: short(&latest.changes),
                href: format!("/brigade/missions/{}", latest.id),
            });
        }
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
        let rows = (until, limit.clamp(1, 100));
        Box::pin(async move {
            let all = self.0.timeline_of(product.0, audience, locale, rows).await;
            all.map_err(port)
        })
    }

    fn needs(
        &self,
        ministry: Option<OrganisationId>,
        locale: Locale,
        today: Date,
        limit: u32,
    ) -> Answered<'_, Vec<Need>> {
        let (ministry, rows) = (ministry.map(|id| id.0), (today, limit.clamp(1, 50)));
        Box::pin(async move { self.0.needs_of(ministry, locale, rows).await.map_err(port) })
    }

    fn facts(
        &self,
        product: ProductId,
        locale: Locale,
        _today: Date,
    ) -> Answered<'_, Vec<ProductFact>> {
        Box::pin(async move {
            let facts = self.0.facts_of(product.0, locale).await;
            facts.map_err(|error: BrigadeError| -> PortError { port(error) })
        })
    }
}
