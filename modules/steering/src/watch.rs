//! The watch: products that drift get an alert, and those that don't any more lose it.

use std::collections::HashMap;

use jiff::ToSpan as _;
use kit_access::Actor;
use kit_acts::Happening;
use kit_journal::Change;
use ports::{IndicatorProgress, ProductId, ProductSummary, Slipping};
use serde_json::json;
use uuid::Uuid;

use crate::domain::{Limits, Ratings, Rule, finding, is_news};
use crate::store::alerts::{self as store, Alert};
use crate::store::products::{self, count, rules};
use crate::{Steering, SteeringError};

/// Products read at once.
const PAGE: u32 = 200;

/// Whether a rule tells a drift, which puts the product's money at risk.
pub(crate) fn is_drift(rule: Rule) -> bool {
    matches!(rule, Rule::Cost | Rule::Duration | Rule::Impact)
}

/// What a round has seen.
#[derive(Debug, Default)]
struct Round {
    limits: Limits,
    /// Open alerts that no look has confirmed yet, by product and rule.
    open: HashMap<(Uuid, Rule), Uuid>,
}

impl Steering {
    /// Looks at every product that may drift.
    pub(crate) async fn look(&self) -> Result<(), SteeringError> {
        let today = self.source.today();
        let limits = rules(&self.db).await?.limits;
        let open = store::every_open(&self.db).await?.into_iter();
        let mut round = Round {
            limits,
            open: open
                .map(|(product, rule, id)| ((product, rule), id))
                .collect(),
        };
        for (rule, by, limit) in [
            (Rule::Cost, Slipping::Cost, limits.cost_rate),
            (Rule::Duration, Slipping::Duration, limits.duration_rate),
        ] {
            self.look_at_slips(&mut round, rule, by, limit).await?;
        }
        let before = today.saturating_sub(limits.stale_days.days());
        for product in self.products.stale(before, None, PAGE).await? {
            self.check(&mut round, Rule::Stale, &product, &[], Ratings::default())
                .await?;
        }
        if let Some(progress) = &self.progress {
            let mut seen = std::collections::BTreeSet::new();
            for wanting in progress.wanting(today, PAGE).await? {
                if !seen.insert(wanting.product.0) {
                    continue;
                }
                if let Some(product) = self.products.product(wanting.product).await? {
                    let all = progress.indicators(product.id, today).await?;
                    self.check(&mut round, Rule::Impact, &product, &all, Ratings::default())
                        .await?;
                }
            }
        }
        self.look_at_ratings(&mut round).await?;
        self.check_again(&mut round).await
    }

    async fn look_at_slips(
        &self,
        round: &mut Round,
        rule: Rule,
        by: Slipping,
        limit: f64,
    ) -> Result<(), SteeringError> {
        let mut cursor: Option<String> = None;
        loop {
            let cursor_now = cursor.as_deref();
            let page = self.products.slipping(by, None, cursor_now, PAGE).await?;
            for product in &page.products {
                let slip = match by {
                    Slipping::Cost => product.cost_slip,
                    Slipping::Duration => product.duration_slip,
                };
                // The worst come first: nothing after drifts.
                if slip.is_none_or(|slip| slip <= limit) {
                    return Ok(());
                }
                self.check(round, rule, product, &[], Ratings::default())
                    .await?;
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    async fn look_at_ratings(&self, round: &mut Round) -> Result<(), SteeringError> {
        let mut after = Uuid::nil();
        loop {
            let page = products::disagreeing(&self.db, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.id;
            for kept in page {
                if let Some(product) = self.products.product(ProductId(kept.id)).await? {
                    self.check(round, Rule::Confidence, &product, &[], kept.ratings)
                        .await?;
                }
            }
        }
    }

    /// Alerts that no look has confirmed: the figure moved, or the list was longer than a page.
    async fn check_again(&self, round: &mut Round) -> Result<(), SteeringError> {
        let left: Vec<((Uuid, Rule), Uuid)> = round.open.drain().collect();
        for ((product, rule), id) in left {
            self.check_one(&round.limits, product, rule, Some(id))
                .await?;
        }
        Ok(())
    }

    /// Looks at one product at once, by every rule.
    pub(crate) async fn look_at(&self, product: Uuid) -> Result<(), SteeringError> {
        let limits = rules(&self.db).await?.limits;
        let open = store::of_product(&self.db, product).await?;
        for rule in Rule::ALL {
            let found = open.iter().find(|one| one.finding.rule() == *rule);
            self.check_one(&limits, product, *rule, found.map(|one| one.id))
                .await?;
        }
        Ok(())
    }

    async fn check_one(
        &self,
        limits: &Limits,
        product: Uuid,
        rule: Rule,
        open: Option<Uuid>,
    ) -> Result<(), SteeringError> {
        let today = self.source.today();
        let Some(product) = self.products.product(ProductId(product)).await? else {
            return Ok(());
        };
        let indicators = match &self.progress {
            Some(progress) if rule == Rule::Impact => {
                progress.indicators(product.id, today).await?
            }
            _ => Vec::new(),
        };
        let kept = products::find(&self.db, product.id.0).await?;
        let ratings = kept.map(|kept| kept.ratings).unwrap_or_default();
        let found = finding(rule, &product, &indicators, ratings, limits, today);
        match (found, open) {
            (None, Some(id)) => self.clear(id).await,
            (Some(_), None) => {
                let mut round = Round {
                    limits: *limits,
                    open: HashMap::new(),
                };
                self.check(&mut round, rule, &product, &indicators, ratings)
                    .await
            }
            _ => Ok(()),
        }
    }

    /// Opens an alert when a rule finds something that isn't told yet.
    async fn check(
        &self,
        round: &mut Round,
        rule: Rule,
        product: &ProductSummary,
        indicators: &[IndicatorProgress],
        ratings: Ratings,
    ) -> Result<(), SteeringError> {
        let today = self.source.today();
        let Some(found) = finding(rule, product, indicators, ratings, &round.limits, today) else {
            return Ok(());
        };
        if round.open.remove(&(product.id.0, rule)).is_some() {
            return Ok(());
        }
        let latest = store::latest(&self.db, product.id.0, rule).await?;
        let dismissed = latest.as_ref().and_then(|one| match &one.closed {
            None => Some((&one.finding, today)),
            Some((on, how, _)) if how == "dismiss" => Some((&one.finding, *on)),
            Some(_) => None,
        });
        if !is_news(&found, dismissed, &round.limits, today) {
            return Ok(());
        }
        let actor = Actor::system("steering");
        let mut tx = self.db.begin().await?;
        let (_, mut kept) = self.product_in(&mut tx, product.id.0).await?;
        let one = Alert {
            id: self.source.new_id(),
            product: kept.id,
            product_title: kept.title.clone(),
            ministry: kept.ministry,
            finding: found,
            cost_cents: kept.cost_cents,
            opened_at: self.source.now(),
            asked: None,
            explained: None,
            closed: None,
            version: 1,
        };
        if !store::open(&mut tx, &one).await? {
            return Ok(());
        }
        if is_drift(rule) {
            kept.open_alerts += 1;
            products::save(&mut tx, kept).await?;
        }
        count(&mut tx, "alerts-open", 1).await?;
        let what = Happening {
            product: Some(one.product),
            subject: ("alert", one.id),
            act: rule_act(rule),
            on: today,
            reason: "",
        };
        self.happened(&mut tx, &actor, what).await?;
        let change = Change::new("steering.alert.open", "alert", one.id)
            .of(one.ministry)
            .after(json!({ "product": one.product, "finding": one.finding }));
        self.journal.append(&mut tx, &actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Closes an alert whose figures are back within the limit.
    async fn clear(&self, id: Uuid) -> Result<(), SteeringError> {
        let actor = Actor::system("steering");
        let mut tx = self.db.begin().await?;
        let mut one = self.alert_in(&mut tx, id).await?;
        if one.closed.is_some() {
            return Ok(());
        }
        one.closed = Some((self.source.today(), "clear".to_owned(), String::new()));
        self.close_alert(&mut tx, &actor, &one, "clear", "").await?;
        Ok(tx.commit().await?)
    }
}

/// The act of an alert that opens.
fn rule_act(rule: Rule) -> &'static str {
    match rule {
        Rule::Cost => "open-cost",
        Rule::Duration => "open-duration",
        Rule::Stale => "open-stale",
        Rule::Impact => "open-impact",
        Rule::Confidence => "open-confidence",
    }
}
