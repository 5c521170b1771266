//! Organisations: adding, changing, and finding them for other modules.

use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use names::normalise;
use ports::{
    Answered, NewOrganisation, OrganisationId, OrganisationKind, OrganisationSummary,
    Organisations, PortError,
};
use uuid::Uuid;

use crate::access::EDIT_ORGANISATIONS;
use crate::domain::{self, Mistake, NAME_CHARS_MAX, OrganisationDraft, OrganisationForm};
use crate::store::organisations::{self as store, Organisation};
use crate::{Directory, DirectoryError};

impl Directory {
    /// Every organisation of a kind, by name.
    pub async fn list_organisations(
        &self,
        kind: Option<OrganisationKind>,
    ) -> Result<Vec<Organisation>, DirectoryError> {
        Ok(store::list(&self.db, kind).await?)
    }

    /// An organisation.
    pub async fn organisation(&self, id: Uuid) -> Result<Organisation, DirectoryError> {
        store::find(&self.db, id)
            .await?
            .ok_or(DirectoryError::NotFound)
    }

    /// Adds an organisation.
    pub async fn add_organisation(
        &self,
        actor: &Actor,
        form: &OrganisationForm,
    ) -> Result<Uuid, DirectoryError> {
        let draft = domain::check_organisation(form).map_err(DirectoryError::Mistakes)?;
        actor.demand(&EDIT_ORGANISATIONS, draft.parent_id)?;
        let id = self.source.new_id();
        let mut tx = self.db.begin().await?;
        self.check_against_others(&mut tx, id, &draft).await?;
        self.insert(&mut tx, actor, id, &draft).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes an organisation. `version` is the one that the form was made from.
    pub async fn change_organisation(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &OrganisationForm,
    ) -> Result<(), DirectoryError> {
        let draft = domain::check_organisation(form).map_err(DirectoryError::Mistakes)?;
        actor.demand(&EDIT_ORGANISATIONS, Some(id))?;
        let mut tx = self.db.begin().await?;
        let before = store::find(&mut tx, id)
            .await?
            .ok_or(DirectoryError::NotFound)?;
        self.check_against_others(&mut tx, id, &draft).await?;
        if !store::update(&mut tx, id, &draft, version).await? {
            return Err(DirectoryError::Stale);
        }
        let after = store::find(&mut tx, id).await?;
        let change = Change::new("directory.organisation.change", "organisation", id)
            .of(Some(id))
            .public()
            .before(before)
            .after(after);
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn check_against_others(
        &self,
        tx: &mut Tx,
        id: Uuid,
        draft: &OrganisationDraft,
    ) -> Result<(), DirectoryError> {
        let mistake = |field, key| DirectoryError::Mistakes(vec![Mistake { field, key }]);
        if let Some(siret) = &draft.siret
            && store::id_of_siret(&mut *tx, siret.as_str())
                .await?
                .is_some_and(|of| of != id)
        {
            return Err(mistake("siret", "directory-mistake-siret-taken"));
        }
        let named = store::by_alias(&mut *tx, draft.kind, &normalise(&draft.name)).await?;
        if named.is_some_and(|OrganisationId(of)| of != id) {
            return Err(mistake("name", "directory-mistake-name-taken"));
        }
        if let Some(parent) = draft.parent_id {
            let nodes = store::nodes(&mut *tx).await?;
            if !nodes.iter().any(|node| node.id == parent) {
                return Err(mistake("parent", "directory-mistake-parent"));
            }
            if domain::is_below(&nodes, id, parent) {
                return Err(mistake("parent", "directory-mistake-ring"));
            }
        }
        Ok(())
    }

    async fn insert(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: Uuid,
        draft: &OrganisationDraft,
    ) -> Result<(), DirectoryError> {
        store::insert(tx, id, draft, self.source.now()).await?;
        let after = store::find(&mut *tx, id).await?;
        let change = Change::new("directory.organisation.add", "organisation", id)
            .of(Some(id))
            .public()
            .after(after);
        self.journal.append(tx, actor, change).await?;
        Ok(())
    }

    async fn ensure_organisation(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        new: NewOrganisation<'_>,
    ) -> Result<OrganisationId, DirectoryError> {
        let mut forms = vec![normalise(new.name), normalise(new.acronym)];
        forms.extend(new.aliases.iter().map(|alias| normalise(alias)));
        forms.retain(|form| !form.is_empty());
        for normalised in &forms {
            if let Some(found) = store::by_alias(&mut *tx, new.kind, normalised).await? {
                store::add_aliases(tx, found.0, new.kind, &forms).await?;
                return Ok(found);
            }
        }
        let name = if new.name.trim().is_empty() {
            new.acronym
        } else {
            new.name
        };
        let draft = OrganisationDraft {
            name: name.trim().chars().take(NAME_CHARS_MAX).collect(),
            acronym: new.acronym.trim().to_owned(),
            kind: new.kind,
            siret: None,
            parent_id: None,
        };
        let id = self.source.new_id();
        self.insert(tx, actor, id, &draft).await?;
        store::add_aliases(tx, id, new.kind, &forms).await?;
        Ok(OrganisationId(id))
    }
}

/// The directory, as other modules see it.
#[derive(Debug, Clone)]
pub struct OrganisationPort(pub(crate) Directory);

impl Organisations for OrganisationPort {
    fn ensure<'f>(
        &'f self,
        tx: &'f mut Tx,
        actor: &'f Actor,
        organisation: NewOrganisation<'f>,
    ) -> Answered<'f, OrganisationId> {
        Box::pin(async move {
            self.0
                .ensure_organisation(tx, actor, organisation)
                .await
                .map_err(|error| PortError(Box::new(error)))
        })
    }

    fn of_siret<'f>(&'f self, siret: &'f str) -> Answered<'f, Option<OrganisationSummary>> {
        Box::pin(async move {
            let failed = |error| PortError(Box::new(error));
            let db = &self.0.db;
            let Some(id) = store::id_of_siret(db, siret).await.map_err(failed)? else {
                return Ok(None);
            };
            let found = store::find(db, id).await.map_err(failed)?;
            Ok(found.map(summary))
        })
    }

    fn all(&self, kind: Option<OrganisationKind>) -> Answered<'_, Vec<OrganisationSummary>> {
        Box::pin(async move {
            let all = store::list(&self.0.db, kind)
                .await
                .map_err(|e| PortError(Box::new(e)))?;
            Ok(all.into_iter().map(summary).collect())
        })
    }
}

fn summary(organisation: Organisation) -> OrganisationSummary {
    OrganisationSummary {
        id: OrganisationId(organisation.id),
        kind: organisation.kind,
        name: organisation.name,
        acronym: organisation.acronym,
    }
}
