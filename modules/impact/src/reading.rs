//! Reading indicators, as pages and the API show them.

use jiff::civil::Date;
use ports::{ProductId, ProductSummary, Standing};
use uuid::Uuid;

use crate::domain::{
    Doubt, Figure, Gap, Indicator, Observation, Quantity, Reading, doubts, gaps, read, standing,
};
use crate::store::list::{self, ListFilter, ListPage};
use crate::store::observations;
use crate::{Impact, ImpactError};

/// Most figures of one indicator on a page: more than three years of weeks. The API gives them all.
const FIGURES_MAX: u32 = 200;

/// An indicator with all that a page says of it.
#[derive(Debug, Clone)]
pub struct Told {
    /// It, with its latest figure.
    pub indicator: Indicator,
    /// How its promise stands today.
    pub standing: Standing,
    /// The last figures that count, in order of dates, one a day.
    pub figures: Vec<Observation>,
    /// Whether older ones are left out.
    pub is_cut: bool,
    /// Periods without figure.
    pub gaps: Vec<Gap>,
    /// How sure the latest figure is.
    pub reading: Reading,
    /// What the expected path says on the latest figure's date.
    pub expected: Option<Quantity>,
    /// What the figures can't show.
    pub doubts: Vec<Doubt>,
    /// The last corrections, the latest first.
    pub corrections: Vec<Observation>,
}

impl Indicator {
    /// How its promise stands on a day that isn't before its latest figure.
    pub fn standing(&self, on: Date) -> Standing {
        let described = &self.description;
        standing(
            &described.promise,
            described.rhythm,
            self.latest.as_ref(),
            on,
        )
    }
}

impl Impact {
    /// A page of indicators as they stand today; at most 1,000. A cursor that somebody changed
    /// counts as none.
    pub async fn list(
        &self,
        filter: &ListFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<ListPage, ImpactError> {
        Ok(list::page(&self.db, filter, self.source.today(), cursor, limit).await?)
    }

    /// An indicator with its figures and what they say today.
    pub async fn told(&self, id: Uuid) -> Result<Told, ImpactError> {
        let today = self.source.today();
        let indicator = self.indicator(id).await?;
        let mut rows = observations::series(&self.db, id, today, FIGURES_MAX + 1).await?;
        let is_cut = rows.len() > FIGURES_MAX as usize;
        if is_cut {
            rows.remove(0);
        }
        let described = &indicator.description;
        // Of one day the one that was told last counts; it stands last.
        let mut figures: Vec<Observation> = Vec::with_capacity(rows.len());
        for row in rows {
            match figures.last_mut() {
                Some(last) if last.as_of == row.as_of => *last = row,
                _ => figures.push(row),
            }
        }
        let series: Vec<Figure> = figures.iter().filter_map(Observation::figure).collect();
        let reading = read(&series, described.rhythm);
        let latest = indicator.latest.as_ref();
        Ok(Told {
            standing: indicator.standing(today),
            is_cut,
            gaps: gaps(&series, described.rhythm),
            expected: latest.and_then(|figure| described.promise.expected(figure.as_of)),
            doubts: doubts(
                &described.promise,
                described.rhythm,
                latest,
                &reading,
                today,
            ),
            reading,
            corrections: observations::corrections(&self.db, id).await?,
            figures,
            indicator,
        })
    }

    /// The last 200 figures that count, in order of dates, one a day.
    pub(crate) async fn figures(&self, id: Uuid) -> Result<Vec<Figure>, ImpactError> {
        let figures = self.told(id).await?.figures;
        Ok(figures.iter().filter_map(Observation::figure).collect())
    }

    /// What was recorded of an indicator, in that order, after a number; at most 1,000.
    pub async fn observations(
        &self,
        id: Uuid,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Observation>, ImpactError> {
        self.indicator(id).await?;
        Ok(observations::page(&self.db, id, after, limit.clamp(1, 1_000)).await?)
    }

    /// The observation of a number.
    pub async fn observation(&self, id: Uuid, number: i64) -> Result<Observation, ImpactError> {
        let found = observations::numbered(&self.db, id, number).await?;
        found.ok_or(ImpactError::NotFound)
    }

    /// The row that counts of the day and source of a number.
    pub(crate) async fn current_of(
        &self,
        id: Uuid,
        number: i64,
    ) -> Result<Observation, ImpactError> {
        let row = self.observation(id, number).await?;
        let found = observations::current(&self.db, id, row.as_of, &row.source).await?;
        Ok(found.map_or(row, |(current, _)| current))
    }

    /// A product, under the name that it is known by now.
    pub async fn product(&self, id: ProductId) -> Result<ProductSummary, ImpactError> {
        let found = self.products.product(id).await?;
        found.ok_or(ImpactError::NotFound)
    }
}
