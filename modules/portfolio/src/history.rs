//! The published series over time, and the part of one ministry or incubator.

use jiff::civil::Date;
use uuid::Uuid;

use crate::domain::{CohortFigures, HistoryPoint, dates, history, members_of};
use crate::store::series::{self, Marks};
use crate::store::{editions, estimates};
use crate::{Portfolio, PortfolioError};

/// The last series of the whole list that was computed, with what it was computed from: forty dates
/// of a hundred thousand products are worth keeping until something is appended.
pub(crate) type Remembered = Option<((Marks, Date), Vec<HistoryPoint>)>;

impl Portfolio {
    /// The series of a ministry's part of the list, or of the whole list.
    pub async fn history(
        &self,
        ministry: Option<Uuid>,
    ) -> Result<Vec<HistoryPoint>, PortfolioError> {
        let today = self.source.today();
        if ministry.is_some() {
            return self.compute_history(ministry, today).await;
        }
        // Who computes it does so once for all who wait.
        let mut remembered = self.history.lock().await;
        let key = (series::marks(&self.db).await?, today);
        if let Some((known, points)) = remembered.as_ref()
            && *known == key
        {
            return Ok(points.clone());
        }
        let points = self.compute_history(None, today).await?;
        *remembered = Some((key, points.clone()));
        Ok(points)
    }

    async fn compute_history(
        &self,
        ministry: Option<Uuid>,
        today: Date,
    ) -> Result<Vec<HistoryPoint>, PortfolioError> {
        let listed = editions::list(&self.db).await?;
        let editions: Vec<Date> = listed.iter().map(|edition| edition.published_on).collect();
        let rebaselines = estimates::rebaseline_dates(&self.db, ministry).await?;
        self.compute(move |series| {
            let dates = dates(&editions, series.first_day(), today);
            history(series, &dates, ministry, &rebaselines)
        })
        .await
    }

    /// The figures of a ministry's part of the list at a date.
    pub async fn figures_of(
        &self,
        ministry: Uuid,
        on: Date,
    ) -> Result<CohortFigures, PortfolioError> {
        self.compute(move |series| members_of(series, on, Some(ministry)))
            .await
    }
}
