//! Reports: computed from the packed series, which follows what was appended.

use std::sync::Arc;

use jiff::civil::Date;
use uuid::Uuid;

use crate::domain::{
    CohortFigures, Estimate, Finished, Funnel, Group, GroupBy, Outlook, Path, Report, Series,
    finished, funnel, groups, members_at, outlook, report,
};
use crate::store::editions::{self, NearMatch};
use crate::store::list::{self, ListFilter, ListPage, Sort};
use crate::store::series::{self, Marks};
use crate::store::{estimates, products};
use crate::{Portfolio, PortfolioError, Product};

/// The series and how far it has followed.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    series: Series,
    marks: Marks,
}

/// The start-ups' histories, with the number of the last change that they hold.
pub(crate) type KnownPaths = Option<(i64, Arc<Vec<Path>>)>;

/// What finished projects became, with the marks of what it was read from.
pub(crate) type KnownFinished = Option<(Marks, Arc<Finished>)>;

impl Portfolio {
    /// Brings the series up to date and computes from it. One small query tells whether anything
    /// came in; who finds something fills it in while the others wait.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        from_series: impl FnOnce(&Series) -> T + Send + 'static,
    ) -> Result<T, PortfolioError> {
        let now = series::marks(&self.db).await?;
        let mut followed = self.series.clone().read_owned().await;
        if followed.marks != now {
            drop(followed);
            let mut filling = self.series.write().await;
            if filling.marks != now {
                let from = filling.marks;
                // On a failure half-way the series is read again from the beginning.
                filling.marks = Marks::default();
                let mut series = std::mem::take(&mut filling.series);
                let marks = series::follow(&self.db, &mut series, from).await?;
                *filling = Followed { series, marks };
            }
            drop(filling);
            followed = self.series.clone().read_owned().await;
        }
        // A hundred thousand products take milliseconds: not on a thread that answers requests, and
        // not more at once than there are processors, since each takes megabytes meanwhile.
        let permit = self.computing.clone().acquire_owned().await;
        let permit = permit.map_err(|error| PortfolioError::Task(error.to_string()))?;
        tokio::task::spawn_blocking(move || {
            let answer = from_series(&followed.series);
            drop(permit);
            answer
        })
        .await
        .map_err(|error| PortfolioError::Task(error.to_string()))
    }

    /// Reads every estimate before anybody asks, so that nobody waits for it.
    pub async fn warm(&self) -> Result<(), PortfolioError> {
        self.finished().await?;
        self.history(None).await.map(drop)
    }

    /// Slips between two dates.
    pub async fn report(&self, from: Date, to: Date) -> Result<Report, PortfolioError> {
        self.compute(move |series| report(series, from, to)).await
    }

    /// The figures of the whole list at a date.
    pub async fn figures(&self, on: Date) -> Result<CohortFigures, PortfolioError> {
        self.compute(move |series| members_at(series, on)).await
    }

    /// The list at a date, cut into groups.
    pub async fn groups(&self, on: Date, by: GroupBy) -> Result<Vec<Group>, PortfolioError> {
        self.compute(move |series| groups(series, on, by)).await
    }

    /// A page of the list.
    pub async fn list(
        &self,
        filter: &ListFilter,
        sort: (Sort, bool),
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<ListPage, PortfolioError> {
        Ok(list::page(&self.db, filter, sort, cursor, limit).await?)
    }

    /// How many products there are, other names left out.
    pub async fn count(&self) -> Result<i64, PortfolioError> {
        Ok(list::total(&self.db).await?)
    }

    /// A product.
    pub async fn product(&self, id: Uuid) -> Result<Product, PortfolioError> {
        products::find(&self.db, id)
            .await?
            .ok_or(PortfolioError::NotFound)
    }

    /// The estimates of a product and of its other names, by date.
    pub async fn estimates(&self, id: Uuid) -> Result<Vec<Estimate>, PortfolioError> {
        Ok(estimates::of_product(&self.db, id).await?)
    }

    /// Near names that wait for an answer.
    pub async fn near_matches(&self) -> Result<Vec<NearMatch>, PortfolioError> {
        Ok(editions::open(&self.db).await?)
    }

    /// The start-ups' funnel at a date.
    pub async fn funnel(&self, on: Date) -> Result<Funnel, PortfolioError> {
        self.draw_funnel(None, on).await
    }

    /// The funnel of one incubator's start-ups at a date.
    pub async fn funnel_of(&self, incubator: Uuid, on: Date) -> Result<Funnel, PortfolioError> {
        self.draw_funnel(Some(incubator), on).await
    }

    async fn draw_funnel(
        &self,
        incubator: Option<Uuid>,
        on: Date,
    ) -> Result<Funnel, PortfolioError> {
        let paths = self.paths().await?;
        tokio::task::spawn_blocking(move || {
            let of = |path: &&Path| incubator.is_none() || path.incubator_id == incubator;
            funnel(&paths.iter().filter(of).collect::<Vec<_>>(), on)
        })
        .await
        .map_err(|error| PortfolioError::Task(error.to_string()))
    }

    /// What finished projects became, found again when something was appended.
    pub async fn finished(&self) -> Result<Arc<Finished>, PortfolioError> {
        let now = series::marks(&self.db).await?;
        let mut known = self.finished.lock().await;
        if let Some((marks, finished)) = known.as_ref()
            && *marks == now
        {
            return Ok(finished.clone());
        }
        let found = Arc::new(self.compute(finished).await?);
        *known = Some((now, found.clone()));
        Ok(found)
    }

    /// What is forecast of a product; `None` when it has ended or nothing was estimated.
    pub async fn outlook(&self, id: Uuid) -> Result<Option<Outlook>, PortfolioError> {
        self.product(id).await?;
        let estimates = self.estimates(id).await?;
        Ok(outlook(&*self.finished().await?, &estimates))
    }

    /// The histories of all start-ups, read again when a product changed.
    pub(crate) async fn paths(&self) -> Result<Arc<Vec<Path>>, PortfolioError> {
        // The mark is read first: what changes after it is read again at the next request.
        let change = series::marks(&self.db).await?.change;
        let mut known = self.paths.lock().await;
        if let Some((mark, paths)) = known.as_ref()
            && *mark == change
        {
            return Ok(paths.clone());
        }
        let paths = Arc::new(series::paths(&self.db).await?);
        *known = Some((change, paths.clone()));
        Ok(paths)
    }
}
