//! Reading costs, as pages and the API show them.

use jiff::civil::Date;
use kit_access::{Actor, Reach};
use ports::{IndicatorProgress, ProductId, ProductSummary};
use uuid::Uuid;

use crate::access::READ;
use crate::domain::{Content, CountOf, Summary, stale_before};
use crate::store::files::{self, File};
use crate::store::publications::{self, Decided, Open};
use crate::store::versions::{self, Version};
use crate::{Costs, CostsError};

/// Versions that a product's page lists; the API gives them all.
const VERSIONS_MAX: u32 = 50;

/// What a list is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListFilter {
    /// Only of this ministry.
    pub ministry: Option<Uuid>,
    /// Only those whose latest version is older than twelve months.
    pub is_stale: bool,
}

/// What a count of impact makes of a cost.
#[derive(Debug, Clone, PartialEq)]
pub struct PerCount {
    /// What is counted.
    pub of: CountOf,
    /// The indicator.
    pub indicator: Uuid,
    /// Its name; empty when it is gone.
    pub name: String,
    /// The count and its date, when there is a figure.
    pub count: Option<(f64, Date)>,
    /// The cost of a year by each, in cents; none when it isn't known.
    pub cents: Option<i64>,
}

/// A version with what a page says of it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The product.
    pub product: ProductSummary,
    /// The product's row.
    pub file: File,
    /// The version.
    pub version: Version,
    /// What it says.
    pub summary: Summary,
    /// The cost by user or act.
    pub per_count: Option<PerCount>,
    /// What is decided about its publication.
    pub decided: Option<Decided>,
}

impl Costs {
    /// A page of products with a cost that the actor may read, by name; at most 1,000. A cursor that
    /// somebody changed counts as none.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: ListFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<File>, Option<String>), CostsError> {
        let limit = limit.clamp(1, 1_000);
        let ministries = match (actor.reach(&READ), filter.ministry) {
            (Reach::State, None) => None,
            (_, Some(one)) => {
                actor.demand(&READ, Some(one))?;
                Some(vec![one])
            }
            (Reach::Organisations(_), None) => Some(self.known_ministries(actor).await?),
        };
        let stale = filter.is_stale.then(|| stale_before(self.source.today()));
        let after = cursor.and_then(files::place);
        let mut found = files::page(
            &self.db,
            ministries.as_deref(),
            stale,
            after.as_ref(),
            limit + 1,
        )
        .await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next = found.last().filter(|_| more).map(files::cursor);
        Ok((found, next))
    }

    /// The ministries with a cost that the actor may read.
    pub(crate) async fn known_ministries(&self, actor: &Actor) -> Result<Vec<Uuid>, CostsError> {
        let mut all = files::ministries(&self.db).await?;
        all.retain(|one| actor.may(&READ, Some(*one)));
        Ok(all)
    }

    /// A product, under the name that it is known by now.
    pub(crate) async fn product(&self, id: ProductId) -> Result<ProductSummary, CostsError> {
        let found = self.products.product(id).await?;
        found.ok_or(CostsError::NotFound)
    }

    /// A product's row, when it has a cost. Demands that the actor may read it.
    pub(crate) async fn file(
        &self,
        actor: &Actor,
        id: ProductId,
    ) -> Result<(ProductSummary, Option<File>), CostsError> {
        let product = self.product(id).await?;
        actor.demand(&READ, product.ministry.map(|id| id.0))?;
        let file = files::of_product(&self.db, product.id.0).await?;
        Ok((product, file))
    }

    /// A version with what it says; the latest when no number is told. Demands that the actor may read
    /// the product's costs.
    pub async fn told(
        &self,
        actor: &Actor,
        id: ProductId,
        number: Option<i64>,
    ) -> Result<Told, CostsError> {
        let (product, file) = self.file(actor, id).await?;
        let file = file.ok_or(CostsError::NotFound)?;
        let version = self.version(&file, number.unwrap_or(file.latest)).await?;
        let summary = summary_of(&version.content)?;
        let cents = summary.life.per_year_cents;
        let per_count = self.per_count(product.id, &version.content, cents).await?;
        let decided = publications::find(&self.db, version.id).await?;
        Ok(Told {
            product,
            file,
            version,
            summary,
            per_count,
            decided,
        })
    }

    pub(crate) async fn version(&self, file: &File, number: i64) -> Result<Version, CostsError> {
        let found = versions::find(&self.db, file.id, number).await?;
        found.ok_or(CostsError::NotFound)
    }

    /// The versions before a number, the latest first; at most 50.
    pub(crate) async fn versions(
        &self,
        file: &File,
        before: Option<i64>,
    ) -> Result<Vec<Version>, CostsError> {
        let before = before.unwrap_or(i64::MAX);
        Ok(versions::of_file(&self.db, file.id, before, VERSIONS_MAX).await?)
    }

    /// The indicators of a product that may count its users or acts.
    pub(crate) async fn indicators(
        &self,
        product: ProductId,
    ) -> Result<Vec<IndicatorProgress>, CostsError> {
        match &self.progress {
            None => Ok(Vec::new()),
            Some(progress) => Ok(progress.indicators(product, self.source.today()).await?),
        }
    }

    /// The cost of a year by user or act, as the indicator counts them today.
    pub(crate) async fn per_count(
        &self,
        product: ProductId,
        content: &Content,
        per_year_cents: i64,
    ) -> Result<Option<PerCount>, CostsError> {
        let Some(count) = content.count else {
            return Ok(None);
        };
        let all = self.indicators(product).await?;
        let found = all.into_iter().find(|one| one.id == count.indicator);
        let latest = found.as_ref().and_then(|one| one.latest);
        // Counts are kept in millionths: the float of the port holds them exactly up to 9 billion.
        let millionths = latest.map(|(value, _)| (value * 1e6).round() as i64);
        Ok(Some(PerCount {
            of: count.of,
            indicator: count.indicator,
            name: found.map(|one| one.name).unwrap_or_default(),
            count: latest,
            cents: millionths.and_then(|count| ownership::per(per_year_cents, count)),
        }))
    }

    /// The latest published versions, what was published last first.
    pub(crate) async fn published(
        &self,
        before: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<Open>, CostsError> {
        let today = self.source.today();
        Ok(publications::open(&self.db, today, before, limit).await?)
    }

    /// The latest version of a product that anybody may read today, without its hidden lines.
    pub(crate) async fn published_of(
        &self,
        id: ProductId,
    ) -> Result<(ProductSummary, Version, Decided), CostsError> {
        let product = self.product(id).await?;
        let file = files::of_product(&self.db, product.id.0).await?;
        let file = file.ok_or(CostsError::NotFound)?;
        let decided = publications::latest(&self.db, file.id, self.source.today()).await?;
        let decided = decided.ok_or(CostsError::NotFound)?;
        let mut version = self.version(&file, decided.number).await?;
        version.content = decided.publication.shown(&version.content);
        Ok((product, version, decided))
    }
}

/// What a version says: its form refuses one that says nothing.
pub(crate) fn summary_of(content: &Content) -> Result<Summary, CostsError> {
    let broken = || CostsError::Task("a version can't be added up".to_owned());
    content.summary().ok_or_else(broken)
}
