//! Procedures follow what the journal says of their products.

use kit_db::Tx;
use kit_journal::{Entry, Handled, Subscriber};
use ports::ProductId;
use uuid::Uuid;

use crate::store::procedures::{self, StoredProcedure};
use crate::{Observatory, ObservatoryError};

/// Keeps each product's name and ministry beside its procedures, and what it turned out to be another name
/// of.
#[derive(Debug, Clone)]
pub struct Following(pub Observatory);

impl Subscriber for Following {
    fn name(&self) -> &'static str {
        "observatory.following"
    }

    fn handle<'f>(&'f self, tx: &'f mut Tx, entry: &'f Entry) -> Handled<'f> {
        Box::pin(async move {
            let is_about = matches!(
                entry.action.as_str(),
                "portfolio.product.change" | "portfolio.near_match.answer"
            );
            if let Some(product) = entry.subject.id.parse().ok().filter(|_| is_about) {
                self.0.follow_product(tx, product).await?;
            }
            Ok(())
        })
    }
}

impl Observatory {
    async fn follow_product(&self, tx: &mut Tx, product: Uuid) -> Result<(), ObservatoryError> {
        let all = procedures::of_product(&mut *tx, product).await?;
        if all.is_empty() {
            return Ok(());
        }
        let found = self
            .products
            .product_in(&mut *tx, ProductId(product))
            .await?;
        let Some(now) = found else {
            return Ok(());
        };
        for one in all {
            let Some(held) = procedures::lock(&mut *tx, one.id).await? else {
                continue;
            };
            let shown = StoredProcedure {
                product: now.id.0,
                product_title: now.title.clone(),
                ministry: now.ministry.map(|id| id.0),
                ..held
            };
            procedures::update(&mut *tx, &shown).await?;
        }
        Ok(())
    }
}
