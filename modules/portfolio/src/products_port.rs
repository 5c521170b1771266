//! Products, as steering and impact see them.

use jiff::civil::Date;
use kit_db::{DbError, Tx};
use ports::{
    Answered, OrganisationId, PortError, ProductId, ProductSummary, Products, ProductsPage,
    Slipping,
};

use crate::Portfolio;
use crate::domain::Phase;
use crate::store::list::{self, ListFilter, ListPage, Sort};
use crate::store::products::{self, Product};

/// A product that was joined to another, which was joined to a third… ends here.
pub(crate) const JOINED_MAX: usize = 8;
/// The most products of one answer.
const PAGE_MAX: u32 = 200;

/// The portfolio's products, as steering and impact see them.
#[derive(Debug, Clone)]
pub struct ProductsPort(pub(crate) Portfolio);

pub(crate) fn port(error: DbError) -> PortError {
    PortError(Box::new(error))
}

pub(crate) fn summary(product: Product) -> ProductSummary {
    ProductSummary {
        id: ProductId(product.id),
        kind: product.description.kind.code(),
        title: product.description.title,
        phase: product.description.phase.map(Phase::code),
        ministry: product.description.ministry_id.map(OrganisationId),
        policy_priority: product.description.policy_priority,
        baseline_cents: product.baseline_cents,
        cost_cents: product.cost_cents,
        cost_slip: product.cost_slip,
        duration_slip: product.duration_slip,
        estimated_on: product.estimated_on,
    }
}

fn page(page: ListPage) -> ProductsPage {
    ProductsPage {
        products: page.products.into_iter().map(summary).collect(),
        next: page.next,
    }
}

fn of_ministry(text: &str, ministry: Option<OrganisationId>) -> ListFilter {
    ListFilter {
        text: text.to_owned(),
        ministry_id: ministry.map(|id| id.0),
        ..ListFilter::default()
    }
}

impl Products for ProductsPort {
    fn product(&self, id: ProductId) -> Answered<'_, Option<ProductSummary>> {
        Box::pin(async move {
            let mut id = id.0;
            for _ in 0..JOINED_MAX {
                let found = products::find(&self.0.db, id).await.map_err(port)?;
                match found {
                    Some(Product {
                        merged_into: Some(into),
                        ..
                    }) => id = into,
                    found => return Ok(found.map(summary)),
                }
            }
            Ok(None)
        })
    }

    fn product_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        id: ProductId,
    ) -> Answered<'f, Option<ProductSummary>> {
        Box::pin(async move {
            let mut id = id.0;
            for _ in 0..JOINED_MAX {
                let found = products::find(&mut *tx, id).await.map_err(port)?;
                match found {
                    Some(Product {
                        merged_into: Some(into),
                        ..
                    }) => id = into,
                    found => return Ok(found.map(summary)),
                }
            }
            Ok(None)
        })
    }

    fn products<'f>(
        &'f self,
        text: &'f str,
        ministry: Option<OrganisationId>,
        cursor: Option<&'f str>,
        limit: u32,
    ) -> Answered<'f, ProductsPage> {
        Box::pin(async move {
            let filter = of_ministry(text, ministry);
            let limit = limit.clamp(1, PAGE_MAX);
            let found = list::page(&self.0.db, &filter, (Sort::Title, false), cursor, limit).await;
            found.map(page).map_err(port)
        })
    }

    fn slipping<'f>(
        &'f self,
        by: Slipping,
        ministry: Option<OrganisationId>,
        cursor: Option<&'f str>,
        limit: u32,
    ) -> Answered<'f, ProductsPage> {
        Box::pin(async move {
            let sort = match by {
                Slipping::Cost => Sort::Slip,
                Slipping::Duration => Sort::Delay,
            };
            let filter = of_ministry("", ministry);
            let limit = limit.clamp(1, PAGE_MAX);
            let found = list::page(&self.0.db, &filter, (sort, true), cursor, limit).await;
            found.map(page).map_err(port)
        })
    }

    fn stale(
        &self,
        before: Date,
        ministry: Option<OrganisationId>,
        limit: u32,
    ) -> Answered<'_, Vec<ProductSummary>> {
        Box::pin(async move {
            let limit = limit.clamp(1, PAGE_MAX);
            let found = match ministry {
                Some(id) => list::oldest_of(&self.0.db, id.0, before, limit).await,
                None => list::oldest(&self.0.db, before, limit).await,
            };
            Ok(found.map_err(port)?.into_iter().map(summary).collect())
        })
    }
}
