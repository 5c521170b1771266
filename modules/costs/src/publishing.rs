//! Deciding what anybody reads of a version.

use kit_access::Actor;
use kit_journal::Change;
use ports::ProductId;
use serde_json::json;

use crate::access::PUBLISH;
use crate::domain::publication::PublicationForm;
use crate::store::publications::{self as store, Decided};
use crate::store::{files, versions};
use crate::{Costs, CostsError};

impl Costs {
    /// Decides from which day anybody reads a version, and without which lines. `seen` is the revision
    /// of the decision that the person saw, 0 when there was none.
    pub async fn publish(
        &self,
        actor: &Actor,
        product: ProductId,
        number: i64,
        seen: i64,
        form: &PublicationForm,
    ) -> Result<(), CostsError> {
        let mut tx = self.db.begin().await?;
        let found = self.products.product_in(&mut tx, product).await?;
        let product = found.ok_or(CostsError::NotFound)?;
        let ministry = product.ministry.map(|id| id.0);
        actor.demand(&PUBLISH, ministry)?;
        let file = files::lock(&mut tx, product.id.0).await?;
        let file = file.ok_or(CostsError::NotFound)?;
        let version = versions::find(&mut tx, file.id, number).await?;
        let version = version.ok_or(CostsError::NotFound)?;
        let before = store::find(&mut tx, version.id).await?;
        let planned = before.as_ref().map(|before| &before.publication);
        let publication = form.check(&version.content, planned, self.source.today())?;
        let revision = before.as_ref().map_or(0, |before| before.revision);
        if revision != seen {
            return Err(CostsError::Stale);
        }
        let decided = Decided {
            version: version.id,
            number,
            publication,
            revision: revision + 1,
            by: actor.name().to_owned(),
            at: self.source.now(),
        };
        if !store::set(&mut tx, file.id, &decided, seen).await? {
            return Err(CostsError::Stale);
        }
        let said = |one: &Decided| {
            json!({
                "number": number,
                "public_on": one.publication.on,
                "hidden_lines": one.publication.redactions,
            })
        };
        let mut change = Change::new("costs.publication.decide", "product", product.id.0)
            .of(ministry)
            .after(said(&decided));
        if let Some(before) = &before {
            change = change.before(said(before));
        }
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }
}
