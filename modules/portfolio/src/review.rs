//! Near names: what a person answers is remembered, and can be taken back.

use kit_access::{Actor, Identity};
use kit_journal::Change;
use uuid::Uuid;

use crate::access::IMPORT;
use crate::store::{editions, products};
use crate::{Portfolio, PortfolioError};

impl Portfolio {
    /// Says whether a product is the same as a near one (`Some`), or takes the answer back
    /// (`None`). When they are the same, the later one becomes another name of the earlier one:
    /// nothing is moved, so that it can be undone.
    pub async fn answer_near_match(
        &self,
        actor: &Actor,
        product_id: Uuid,
        candidate_id: Uuid,
        same: Option<bool>,
    ) -> Result<(), PortfolioError> {
        actor.demand(&IMPORT, None)?;
        let by = match &actor.identity {
            Identity::Person { name, .. } => name.as_str(),
            Identity::System(part) => part,
            Identity::Anonymous => "",
        };
        let mut tx = self.db.begin().await?;
        let product = products::find(&mut tx, product_id)
            .await?
            .ok_or(PortfolioError::NotFound)?;
        let candidate = products::find(&mut tx, candidate_id)
            .await?
            .ok_or(PortfolioError::NotFound)?;
        let now = self.source.now();
        if !editions::answer(&mut tx, (product_id, candidate_id), same, by, now).await? {
            return Err(PortfolioError::NotFound);
        }
        // The one that is itself another name leads to the product that it is a name of.
        let into = candidate.merged_into.unwrap_or(candidate_id);
        let merged = match same {
            Some(true) if into != product_id => Some(into),
            _ if product.merged_into == Some(into) => None,
            _ => product.merged_into,
        };
        if merged != product.merged_into {
            products::set_merged(&mut tx, product_id, merged).await?;
            self.refresh_figures(&mut tx, into).await?;
            self.refresh_figures(&mut tx, product_id).await?;
        }
        let change = Change::new("portfolio.near_match.answer", "product", product_id)
            .of(product.description.ministry_id)
            .public()
            .before(serde_json::json!({ "merged_into": product.merged_into }))
            .after(serde_json::json!({
                "candidate": candidate_id, "same": same, "merged_into": merged,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }
}
