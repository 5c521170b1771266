//! Acts on procedures.

use kit_access::Actor;
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use ports::ProductId;
use serde_json::json;
use uuid::Uuid;

use crate::access::EDIT;
use crate::domain::{Mistake, ProcedureForm};
use crate::store::procedures::{self as store, StoredProcedure};
use crate::{Observatory, ObservatoryError};

/// Most procedures of a product.
const PROCEDURES_MAX: i64 = 100;

impl Observatory {
    /// Adds a procedure to a product: its users can give reviews at once.
    pub async fn add_procedure(
        &self,
        actor: &Actor,
        product: ProductId,
        form: &ProcedureForm,
    ) -> Result<Uuid, ObservatoryError> {
        let mut tx = self.db.begin().await?;
        let found = self.products.product_in(&mut tx, product).await?;
        let product = found.ok_or(ObservatoryError::NotFound)?;
        let ministry = product.ministry.map(|id| id.0);
        actor.demand(&EDIT, ministry)?;
        let one = StoredProcedure {
            id: self.source.new_id(),
            product: product.id.0,
            product_title: product.title,
            ministry,
            procedure: form.read()?,
            is_open: true,
            version: 1,
            created_at: self.source.now(),
        };
        if store::count(&mut tx, one.product).await? >= PROCEDURES_MAX {
            let key = "observatory-mistake-many";
            return Err(vec![Mistake::about("name", key, PROCEDURES_MAX)].into());
        }
        store::insert(&mut tx, &one).await?;
        self.told(&mut tx, actor, &one, "add", None).await?;
        tx.commit().await?;
        Ok(one.id)
    }

    /// Changes what is said of a procedure. `version` is the one that the person saw.
    pub async fn edit_procedure(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &ProcedureForm,
    ) -> Result<(), ObservatoryError> {
        let mut tx = self.db.begin().await?;
        let before = self.editable_in(&mut tx, actor, id).await?;
        let procedure = form.read()?;
        if before.version != version {
            return Err(ObservatoryError::Stale);
        }
        let one = StoredProcedure {
            procedure,
            ..before.clone()
        };
        store::update(&mut tx, &one).await?;
        self.told(&mut tx, actor, &one, "edit", Some(&before))
            .await?;
        Ok(tx.commit().await?)
    }

    /// Opens a procedure to reviews, or closes it: what was said stays.
    pub async fn set_open(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        is_open: bool,
    ) -> Result<(), ObservatoryError> {
        let mut tx = self.db.begin().await?;
        let before = self.editable_in(&mut tx, actor, id).await?;
        if before.is_open == is_open {
            return Ok(());
        }
        if before.version != version {
            return Err(ObservatoryError::Stale);
        }
        let one = StoredProcedure {
            is_open,
            ..before.clone()
        };
        store::update(&mut tx, &one).await?;
        let act = if is_open { "open" } else { "close" };
        self.told(&mut tx, actor, &one, act, Some(&before)).await?;
        Ok(tx.commit().await?)
    }

    /// A procedure that the actor may change, held by the transaction.
    pub(crate) async fn editable_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: Uuid,
    ) -> Result<StoredProcedure, ObservatoryError> {
        let found = store::lock(tx, id).await?;
        let one = found.ok_or(ObservatoryError::NotFound)?;
        actor.demand(&EDIT, one.ministry)?;
        Ok(one)
    }

    async fn told(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &StoredProcedure,
        act: &'static str,
        before: Option<&StoredProcedure>,
    ) -> Result<(), ObservatoryError> {
        let what = Happening {
            product: Some(one.product),
            subject: ("procedure", one.id),
            act,
            on: self.source.today(),
            reason: &one.procedure.name,
        };
        self.happened(tx, actor, what).await?;
        let said = |one: &StoredProcedure| json!({ "product": one.product, "procedure": one.procedure, "is_open": one.is_open });
        let action = match act {
            "add" => "observatory.procedure.add",
            "edit" => "observatory.procedure.edit",
            "open" => "observatory.procedure.open",
            _ => "observatory.procedure.close",
        };
        let mut change = Change::new(action, "procedure", one.id)
            .of(one.ministry)
            .after(said(one));
        if let Some(before) = before {
            change = change.before(said(before));
        }
        self.journal.append(tx, actor, change).await?;
        Ok(())
    }
}
