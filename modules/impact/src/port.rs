//! What the portfolio and steering ask of impact.

use jiff::civil::Date;
use kit_db::{Handle, Tx};
use ports::{
    Answered, ImpactGap, ImpactGate, IndicatorProgress, PortError, ProductId, Progress, Standing,
};
use uuid::Uuid;

use crate::domain::{Figure, Indicator, Quantity, standing};
use crate::store::{indicators, observations};
use crate::{Impact, ImpactError};

/// Most promises of one answer.
const WANTING_MAX: u32 = 200;

/// Indicators, as the portfolio and steering see them.
#[derive(Debug, Clone)]
pub struct ImpactPort(pub(crate) Impact);

fn port(error: impl Into<ImpactError>) -> PortError {
    PortError(Box::new(error.into()))
}

/// The figure that was the latest on a day: the row's own, unless it is of a later day.
async fn figure_on(
    on_db: impl Into<Handle<'_>>,
    indicator: &Indicator,
    day: Date,
) -> Result<Option<Figure>, kit_db::DbError> {
    match indicator.latest {
        Some(latest) if latest.as_of > day => observations::latest(on_db, indicator.id, day).await,
        latest => Ok(latest),
    }
}

fn progress(indicator: Indicator, figure: Option<Figure>, on: Date) -> IndicatorProgress {
    let described = indicator.description;
    let promise = &described.promise;
    let standing = standing(promise, described.rhythm, figure.as_ref(), on);
    IndicatorProgress {
        id: indicator.id,
        product: ProductId(indicator.product_id),
        more_is_better: promise.more_is_better,
        baseline: promise.baseline.map(|(value, day)| (value.to_f64(), day)),
        target: promise
            .target
            .map(Quantity::to_f64)
            .map(|value| (value, promise.due_on)),
        latest: figure.map(|figure| (figure.value.to_f64(), figure.as_of)),
        name: described.name,
        unit: described.unit,
        level: described.level.code(),
        automatic: described.origin.is_automatic(),
        source: described.source,
        standing,
    }
}

impl ImpactPort {
    async fn all_on(
        &self,
        found: Vec<Indicator>,
        on: Date,
    ) -> Result<Vec<IndicatorProgress>, PortError> {
        let mut all = Vec::with_capacity(found.len());
        for indicator in found {
            let figure = figure_on(&self.0.db, &indicator, on).await.map_err(port)?;
            all.push(progress(indicator, figure, on));
        }
        Ok(all)
    }
}

impl ImpactGate for ImpactPort {
    fn gaps<'f>(&'f self, tx: &'f mut Tx, product: ProductId) -> Answered<'f, Vec<ImpactGap>> {
        Box::pin(async move { indicators::gaps(tx, product.0).await.map_err(port) })
    }
}

impl Progress for ImpactPort {
    fn indicators(&self, product: ProductId, on: Date) -> Answered<'_, Vec<IndicatorProgress>> {
        Box::pin(async move {
            // Another name of a product has no indicators of its own.
            let known = self.0.products.product(product).await?;
            let product = known.map_or(product, |known| known.id);
            let found = indicators::of_product(&self.0.db, product.0)
                .await
                .map_err(port)?;
            self.all_on(found, on).await
        })
    }

    fn indicator_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        indicator: Uuid,
        on: Date,
    ) -> Answered<'f, Option<IndicatorProgress>> {
        Box::pin(async move {
            let Some(found) = indicators::find(&mut *tx, indicator).await.map_err(port)? else {
                return Ok(None);
            };
            let figure = figure_on(tx, &found, on).await.map_err(port)?;
            Ok(Some(progress(found, figure, on)))
        })
    }

    fn source_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        indicator: Uuid,
        on: Date,
    ) -> Answered<'f, Option<String>> {
        Box::pin(async move {
            let found = observations::latest_row(tx, indicator, on).await;
            Ok(found.map_err(port)?.map(|row| row.source))
        })
    }

    fn wanting(&self, on: Date, limit: u32) -> Answered<'_, Vec<IndicatorProgress>> {
        Box::pin(async move {
            let limit = limit.clamp(1, WANTING_MAX);
            let mut found = indicators::missed(&self.0.db, on, limit)
                .await
                .map_err(port)?;
            let left = limit.saturating_sub(found.len() as u32);
            if left > 0 {
                let behind = indicators::behind(&self.0.db, on, left).await;
                found.extend(behind.map_err(port)?);
            }
            let mut all = self.all_on(found, on).await?;
            // On a past day the figures of that day may have said something else.
            all.retain(|one| matches!(one.standing, Standing::Missed | Standing::Behind));
            Ok(all)
        })
    }
}
