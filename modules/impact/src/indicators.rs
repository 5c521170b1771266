//! Saying what is measured and what is promised; retiring an indicator.

use jiff::civil::Date;
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use ports::ProductId;
use uuid::Uuid;

use crate::access::{BIND, EDIT};
use crate::domain::form::IndicatorForm;
use crate::domain::{Description, Indicator, Met, Mistake, Origin, judge};
use crate::store::indicators::{self as store, Latest};
use crate::store::{counts, observations};
use crate::{Impact, ImpactError};

/// Most indicators of one product that are in use: what other modules are told of.
const OF_PRODUCT_MAX: usize = 100;
/// Periods before today of which figures are made when counts are older than the indicator.
const PERIODS_BACK_MAX: i64 = 120;

impl Impact {
    /// Adds an indicator to a product.
    pub async fn add_indicator(
        &self,
        actor: &Actor,
        product: ProductId,
        form: &IndicatorForm,
    ) -> Result<Uuid, ImpactError> {
        let today = self.source.today();
        let mut tx = self.db.begin().await?;
        let product = self
            .products
            .product_in(&mut tx, product)
            .await?
            .ok_or(ImpactError::NotFound)?;
        let ministry = product.ministry.map(|id| id.0);
        actor.demand(&EDIT, ministry)?;
        let description = form.check(None, today).map_err(ImpactError::Mistakes)?;
        bind(actor, &description, None, ministry)?;
        let known = store::of_product(&mut tx, product.id.0).await?;
        refuse_same_name(&known, &description, None)?;
        if known.len() >= OF_PRODUCT_MAX {
            let mistake = Mistake::new("name", "impact-mistake-many");
            return Err(ImpactError::Mistakes(vec![mistake]));
        }
        let counted_until = self.counted_until(&mut tx, &description, None).await?;
        let new = Indicator {
            id: self.source.new_id(),
            product_id: product.id.0,
            told_product_id: product.id.0,
            product_title: product.title,
            ministry_id: ministry,
            description,
            in_use: true,
            version: 1,
            observations: 0,
            latest: None,
            met: Met::Neither,
            counted_until,
        };
        store::insert(&mut tx, &new, self.source.now()).await?;
        let change = Change::new("impact.indicator.add", "indicator", new.id)
            .of(ministry)
            .public()
            .after(said(&new));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(new.id)
    }

    /// Changes what is said of an indicator. `version` is the one that the person saw.
    pub async fn edit_indicator(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &IndicatorForm,
    ) -> Result<(), ImpactError> {
        let today = self.source.today();
        let mut tx = self.db.begin().await?;
        let before = store::lock(&mut tx, id)
            .await?
            .ok_or(ImpactError::NotFound)?;
        actor.demand(&EDIT, before.ministry_id)?;
        let old = (&before.description, before.observations > 0);
        let description = form
            .check(Some(old), today)
            .map_err(ImpactError::Mistakes)?;
        bind(actor, &description, Some(&before), before.ministry_id)?;
        if before.version != version {
            return Err(ImpactError::Stale);
        }
        let known = store::of_product(&mut tx, before.product_id).await?;
        refuse_same_name(&known, &description, Some(id))?;
        if description == before.description {
            return Ok(());
        }
        let counted_until = self
            .counted_until(&mut tx, &description, Some(&before))
            .await?;
        let after = Indicator {
            description,
            counted_until,
            ..before.clone()
        };
        if !store::update(&mut tx, &after, version).await? {
            return Err(ImpactError::Stale);
        }
        self.refresh_latest(&mut tx, &after).await?;
        let change = Change::new("impact.indicator.change", "indicator", id)
            .of(before.ministry_id)
            .public()
            .before(said(&before))
            .after(said(&after));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Retires an indicator, or takes it into use again. Its figures stay.
    pub async fn set_in_use(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        in_use: bool,
    ) -> Result<(), ImpactError> {
        let mut tx = self.db.begin().await?;
        let before = store::lock(&mut tx, id)
            .await?
            .ok_or(ImpactError::NotFound)?;
        actor.demand(&EDIT, before.ministry_id)?;
        if before.in_use == in_use {
            return Ok(());
        }
        if in_use {
            let known = store::of_product(&mut tx, before.product_id).await?;
            refuse_same_name(&known, &before.description, Some(id))?;
        }
        if before.version != version || !store::set_use(&mut tx, id, version, in_use).await? {
            return Err(ImpactError::Stale);
        }
        let after = Indicator { in_use, ..before };
        self.refresh_latest(&mut tx, &after).await?;
        let action = if in_use {
            "impact.indicator.restore"
        } else {
            "impact.indicator.retire"
        };
        let change = Change::new(action, "indicator", id)
            .of(after.ministry_id)
            .public()
            .before(serde_json::json!({ "in_use": !in_use }))
            .after(serde_json::json!({ "in_use": in_use }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// An indicator.
    pub async fn indicator(&self, id: Uuid) -> Result<Indicator, ImpactError> {
        let found = store::find(&self.db, id).await?;
        found.ok_or(ImpactError::NotFound)
    }

    /// Brings what the row says of its latest figure up to date.
    pub(crate) async fn refresh_latest(
        &self,
        tx: &mut Tx,
        indicator: &Indicator,
    ) -> Result<(), ImpactError> {
        let figure = observations::latest(&mut *tx, indicator.id, Date::MAX).await?;
        let promise = &indicator.description.promise;
        let latest = figure.map_or_else(Latest::default, |figure| {
            let verdict = judge(promise, &figure);
            let is_neither = verdict.met == Met::Neither;
            Latest {
                figure: Some(figure),
                met: verdict.met,
                behind: verdict.behind,
                fresh_until: Some(indicator.description.rhythm.fresh_until(figure.as_of)),
                owing: indicator.in_use
                    && is_neither
                    && promise.target.is_some()
                    && promise.due_on.is_some(),
                lagging: indicator.in_use && verdict.behind && verdict.met != Met::Target,
            }
        });
        store::set_latest(tx, indicator.id, &latest).await?;
        Ok(())
    }

    /// Up to which day the figures of an automatic indicator count as made: those of later periods
    /// are made from counts.
    async fn counted_until(
        &self,
        tx: &mut Tx,
        described: &Description,
        before: Option<&Indicator>,
    ) -> Result<Option<Date>, ImpactError> {
        if described.origin == Origin::Hand {
            return Ok(None);
        }
        let rhythm = described.rhythm;
        let same = before.filter(|before| before.description.origin == described.origin);
        if let Some(until) = same.and_then(|before| before.counted_until) {
            // Of another rhythm: the period that holds this day may not be over.
            let number = rhythm.number(until);
            let is_over = rhythm.last(number) == until;
            return Ok(Some(rhythm.last(if is_over { number } else { number - 1 })));
        }
        let current = rhythm.number(self.source.today());
        let first = counts::first_day(&mut *tx, described.origin)
            .await?
            .map_or(current, |day| rhythm.number(day));
        let first = first.clamp(current - PERIODS_BACK_MAX, current);
        Ok(Some(rhythm.last(first - 1)))
    }
}

/// What the journal keeps of an indicator.
fn said(indicator: &Indicator) -> serde_json::Value {
    let mut said = serde_json::to_value(&indicator.description).unwrap_or_default();
    said["product"] = indicator.product_id.to_string().into();
    said
}

/// Names are told apart within a product.
fn refuse_same_name(
    known: &[Indicator],
    described: &Description,
    own: Option<Uuid>,
) -> Result<(), ImpactError> {
    let name = names::normalise(&described.name);
    let same = known
        .iter()
        .any(|one| Some(one.id) != own && names::normalise(&one.description.name) == name);
    if same {
        let mistake = Mistake::new("name", "impact-mistake-name-known");
        return Err(ImpactError::Mistakes(vec![mistake]));
    }
    Ok(())
}

/// Whoever has the platform count something that wasn't counted for this indicator needs a
/// permission of its own.
fn bind(
    actor: &Actor,
    described: &Description,
    before: Option<&Indicator>,
    ministry: Option<Uuid>,
) -> Result<(), ImpactError> {
    let same = before.is_some_and(|before| before.description.origin == described.origin);
    if described.origin.is_automatic() && !same && !actor.may(&BIND, ministry) {
        let mistake = Mistake::new("origin", "impact-mistake-bind");
        return Err(ImpactError::Mistakes(vec![mistake]));
    }
    Ok(())
}
