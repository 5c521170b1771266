//! Organisations.

use kit_db::{Db, DbError, Handle, Row, Tx};
use names::normalise;
use ports::{OrganisationId, OrganisationKind};
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{OrganisationDraft, TreeNode};

/// Most organisations that a list holds.
const ORGANISATIONS_MAX: u32 = 5_000;

kit_db::statements! {
    FIND = "directory.organisation.find": "SELECT * FROM organisation WHERE id = $1";
    LIST = "directory.organisation.list":
        "SELECT * FROM organisation
         WHERE CAST($1 AS TEXT) IS NULL OR kind = $1 ORDER BY name, id LIMIT $2";
    NODES = "directory.organisation.nodes":
        "SELECT id, parent_id, name FROM organisation ORDER BY id LIMIT $1";
    BY_ALIAS = "directory.organisation.by_alias":
        "SELECT organisation_id FROM organisation_alias WHERE kind = $1 AND normalised = $2";
    INSERT = "directory.organisation.insert":
        "INSERT INTO organisation (id, parent_id, kind, name, acronym, siret, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    UPDATE = "directory.organisation.update":
        "UPDATE organisation SET parent_id = $2, kind = $3, name = $4, acronym = $5, siret = $6,
            version = version + 1
         WHERE id = $1 AND version = $7";
    ADD_ALIAS = "directory.organisation.add_alias":
        "INSERT INTO organisation_alias (kind, normalised, organisation_id) VALUES ($1, $2, $3)
         ON CONFLICT (kind, normalised) DO NOTHING";
    SIRET_OF = "directory.organisation.by_siret":
        "SELECT id FROM organisation WHERE siret = $1";
}

/// An organisation, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Organisation {
    /// Its id.
    pub id: Uuid,
    /// The one above it.
    pub parent_id: Option<Uuid>,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: String,
    /// Its acronym.
    pub acronym: String,
    /// Its SIRET.
    pub siret: Option<String>,
    /// Grows by one with each change.
    pub version: i64,
}

fn read(row: &Row) -> Result<Organisation, DbError> {
    let kind: String = row.get("kind")?;
    Ok(Organisation {
        id: row.get("id")?,
        parent_id: row.get("parent_id")?,
        kind: OrganisationKind::parse(&kind).unwrap_or(OrganisationKind::Other),
        name: row.get("name")?,
        acronym: row.get("acronym")?,
        siret: row.get("siret")?,
        version: row.get("version")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<Organisation>, DbError> {
    FIND.bind(id).optional(on, read).await
}

pub(crate) async fn list(
    db: &Db,
    kind: Option<OrganisationKind>,
) -> Result<Vec<Organisation>, DbError> {
    LIST.bind(kind.map(OrganisationKind::code))
        .bind(ORGANISATIONS_MAX)
        .all(db, read)
        .await
}

pub(crate) async fn nodes(on: impl Into<Handle<'_>>) -> Result<Vec<TreeNode>, DbError> {
    NODES
        .bind(ORGANISATIONS_MAX)
        .all(on, |row| {
            Ok(TreeNode {
                id: row.get("id")?,
                parent_id: row.get("parent_id")?,
                name: row.get("name")?,
            })
        })
        .await
}

pub(crate) async fn by_alias(
    on: impl Into<Handle<'_>>,
    kind: OrganisationKind,
    normalised: &str,
) -> Result<Option<OrganisationId>, DbError> {
    BY_ALIAS
        .bind(kind.code())
        .bind(normalised)
        .optional(on, |row| row.get("organisation_id").map(OrganisationId))
        .await
}

pub(crate) async fn id_of_siret(
    on: impl Into<Handle<'_>>,
    siret: &str,
) -> Result<Option<Uuid>, DbError> {
    SIRET_OF.bind(siret).optional(on, |row| row.get("id")).await
}

pub(crate) async fn insert(
    tx: &mut Tx,
    id: Uuid,
    draft: &OrganisationDraft,
    at: jiff::Timestamp,
) -> Result<(), DbError> {
    INSERT
        .bind(id)
        .bind(draft.parent_id)
        .bind(draft.kind.code())
        .bind(&draft.name)
        .bind(&draft.acronym)
        .bind(draft.siret.as_ref().map(ToString::to_string))
        .bind(at)
        .execute(&mut *tx)
        .await?;
    add_aliases(
        tx,
        id,
        draft.kind,
        &[normalise(&draft.name), normalise(&draft.acronym)],
    )
    .await
}

pub(crate) async fn update(
    tx: &mut Tx,
    id: Uuid,
    draft: &OrganisationDraft,
    version: i64,
) -> Result<bool, DbError> {
    let changed = UPDATE
        .bind(id)
        .bind(draft.parent_id)
        .bind(draft.kind.code())
        .bind(&draft.name)
        .bind(&draft.acronym)
        .bind(draft.siret.as_ref().map(ToString::to_string))
        .bind(version)
        .execute(&mut *tx)
        .await?;
    add_aliases(
        tx,
        id,
        draft.kind,
        &[normalise(&draft.name), normalise(&draft.acronym)],
    )
    .await?;
    Ok(changed == 1)
}

/// Adds the forms, already normalised, by which an organisation is found.
pub(crate) async fn add_aliases(
    tx: &mut Tx,
    id: Uuid,
    kind: OrganisationKind,
    forms: &[String],
) -> Result<(), DbError> {
    for normalised in forms.iter().filter(|form| !form.is_empty()) {
        ADD_ALIAS
            .bind(kind.code())
            .bind(normalised)
            .bind(id)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
