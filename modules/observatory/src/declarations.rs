//! Declaring what no visitor can say.

use kit_access::Actor;
use kit_acts::Happening;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::domain::{Declaration, DeclarationForm, Declared};
use crate::store::declarations::{self as store, StoredDeclaration};
use crate::{Observatory, ObservatoryError};

impl Observatory {
    /// Declares something of a procedure. What was declared before stays in the list: an edition that was
    /// published keeps what it said.
    pub async fn declare(
        &self,
        actor: &Actor,
        procedure: Uuid,
        declared: Declared,
        form: &DeclarationForm,
    ) -> Result<Uuid, ObservatoryError> {
        let mut tx = self.db.begin().await?;
        let procedure = self.editable_in(&mut tx, actor, procedure).await?;
        let declaration = form.read(declared, self.source.today())?;
        let before = store::latest(&mut tx, procedure.id, declared, declaration.as_of).await?;
        let one = StoredDeclaration {
            id: self.source.new_id(),
            declaration,
            by: actor.name().to_owned(),
            at: self.source.now(),
        };
        store::insert(&mut tx, procedure.id, &one).await?;
        let what = Happening {
            product: Some(procedure.product),
            subject: ("procedure", procedure.id),
            act: &format!("declare-{}", declared.code()),
            on: one.declaration.as_of,
            reason: &procedure.procedure.name,
        };
        self.happened(&mut tx, actor, what).await?;
        let mut change = Change::new("observatory.declaration.add", "procedure", procedure.id)
            .of(procedure.ministry)
            .after(json!({ "declaration": one.declaration }));
        if let Some(before) = before {
            change = change.before(json!({ "declaration": before.declaration }));
        }
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(one.id)
    }
}

/// What stored declarations say.
pub(crate) fn said(all: &[StoredDeclaration]) -> Vec<Declaration> {
    all.iter().map(|one| one.declaration.clone()).collect()
}
