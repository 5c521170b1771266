//! APIs, their scopes, what changed in them, and documents that wait.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json, to_json};
use crate::domain::{Api, ApiStatus, Difference, Scope};

/// Most APIs that are read at once.
const APIS_MAX: u32 = 5_000;
/// Most scopes that are read at once.
const SCOPES_MAX: u32 = 50_000;
/// Changes of one API that are shown.
const CHANGES_MAX: u32 = 100;

kit_db::statements! {
    FIND = "exchange.api.find": "SELECT * FROM exchange_api WHERE id = $1";
    BY_PREFIX = "exchange.api.by_prefix": "SELECT * FROM exchange_api WHERE prefix = $1";
    EVERY = "exchange.api.every": "SELECT * FROM exchange_api ORDER BY name, id LIMIT $1";
    KEYED = "exchange.api.keyed":
        "SELECT * FROM exchange_api WHERE status IN ('published', 'deprecated')
         ORDER BY id LIMIT $1";
    DOCUMENT = "exchange.api.document": "SELECT document FROM exchange_api WHERE id = $1";
    INSERT = "exchange.api.insert":
        "INSERT INTO exchange_api (id, producer_id, prefix, name, search, sensitivity, status,
            api_version, profile, document, pseudonym_key, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)";
    UPDATE = "exchange.api.update":
        "UPDATE exchange_api SET name = $3, search = $4, sensitivity = $5, status = $6,
            api_version = $7, profile = $8, updated_at = $9, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    SET_DOCUMENT = "exchange.api.set_document":
        "UPDATE exchange_api SET document = $2 WHERE id = $1";
    SCOPES = "exchange.scope.of_api":
        "SELECT * FROM exchange_scope WHERE api_id = $1 ORDER BY code LIMIT 200";
    EVERY_SCOPE = "exchange.scope.every": "SELECT * FROM exchange_scope ORDER BY code LIMIT $1";
    SCOPE = "exchange.scope.find": "SELECT * FROM exchange_scope WHERE id = $1";
    ADD_SCOPE = "exchange.scope.insert":
        "INSERT INTO exchange_scope (id, api_id, code, label, fields, tells_identity)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (code) DO NOTHING";
    SET_SCOPE = "exchange.scope.update":
        "UPDATE exchange_scope SET label = $2, fields = $3, tells_identity = $4 WHERE id = $1";
    SCOPE_OF_CODE = "exchange.scope.of_code": "SELECT * FROM exchange_scope WHERE code = $1";
    KEYS = "exchange.api.keys":
        "SELECT id, producer_id, pseudonym_key FROM exchange_api WHERE id > $1 ORDER BY id LIMIT $2";
    REMOVE_SCOPE = "exchange.scope.delete": "DELETE FROM exchange_scope WHERE id = $1";
    ADD_CHANGE = "exchange.api_change.insert":
        "INSERT INTO exchange_api_change (id, api_id, at, api_version, note, differences)
         VALUES ($1, $2, $3, $4, $5, $6)";
    CHANGES = "exchange.api_change.of_api":
        "SELECT * FROM exchange_api_change WHERE api_id = $1 ORDER BY at DESC, id DESC LIMIT $2";
    ADD_IMPORT = "exchange.import.insert":
        "INSERT INTO exchange_import (id, api_id, document, created_at) VALUES ($1, $2, $3, $4)";
    IMPORT = "exchange.import.find": "SELECT api_id, document FROM exchange_import WHERE id = $1";
    REMOVE_IMPORT = "exchange.import.delete": "DELETE FROM exchange_import WHERE id = $1";
    FORGET_IMPORTS = "exchange.import.forget": "DELETE FROM exchange_import WHERE created_at < $1";
}

pub(super) fn read(row: &Row) -> Result<Api, DbError> {
    Ok(Api {
        id: row.get("id")?,
        producer: row.get("producer_id")?,
        prefix: row.get("prefix")?,
        version: row.get("api_version")?,
        status: code(row, "status", ApiStatus::parse)?,
        profile: json(row, "profile")?,
        row_version: row.get("row_version")?,
    })
}

fn scope(row: &Row) -> Result<Scope, DbError> {
    Ok(Scope {
        id: row.get("id")?,
        api: row.get("api_id")?,
        code: row.get("code")?,
        label: row.get("label")?,
        fields: json(row, "fields")?,
        tells_identity: row.get("tells_identity")?,
    })
}

/// What a search compares with.
fn search_text(api: &Api, producer_name: &str) -> String {
    let profile = &api.profile;
    let all = [
        profile.name.as_str(),
        &profile.description,
        producer_name,
        &api.prefix,
    ];
    names::normalise(&all.join(" "))
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Api>, DbError> {
    FIND.bind(id).optional(on, read).await
}

pub(crate) async fn by_prefix(
    on: impl Into<Handle<'_>>,
    prefix: &str,
) -> Result<Option<Api>, DbError> {
    BY_PREFIX.bind(prefix).optional(on, read).await
}

/// Every API, by name.
pub(crate) async fn every(on: impl Into<Handle<'_>>) -> Result<Vec<Api>, DbError> {
    EVERY.bind(APIS_MAX).all(on, read).await
}

/// Every API that is called, with the key of its pseudonyms.
pub(crate) async fn keyed(tx: &mut Tx) -> Result<Vec<(Api, Vec<u8>)>, DbError> {
    let read = |row: &Row| Ok((read(row)?, row.get("pseudonym_key")?));
    KEYED.bind(APIS_MAX).all(tx, read).await
}

/// The document of an API, as JSON.
pub(crate) async fn document(db: &Db, id: Uuid) -> Result<Option<String>, DbError> {
    DOCUMENT
        .bind(id)
        .optional(db, |row| row.get("document"))
        .await
}

/// What is kept of a new API beside itself.
pub(crate) struct Founding<'f> {
    pub(crate) producer_name: &'f str,
    pub(crate) document: String,
    pub(crate) pseudonym_key: [u8; 32],
    pub(crate) at: Timestamp,
}

pub(crate) async fn insert(tx: &mut Tx, api: &Api, of: Founding<'_>) -> Result<(), DbError> {
    INSERT
        .bind(api.id)
        .bind(api.producer)
        .bind(&api.prefix)
        .bind(&api.profile.name)
        .bind(search_text(api, of.producer_name))
        .bind(api.profile.sensitivity.code())
        .bind(api.status.code())
        .bind(&api.version)
        .bind(to_json(&api.profile))
        .bind(of.document)
        .bind(of.pseudonym_key.to_vec())
        .bind(of.at)
        .execute(tx)
        .await
        .map(drop)
}

/// Changes an API that is still of its `row_version`; gives whether it was.
pub(crate) async fn update(
    tx: &mut Tx,
    api: &Api,
    producer_name: &str,
    at: Timestamp,
) -> Result<bool, DbError> {
    let query = UPDATE
        .bind(api.id)
        .bind(api.row_version)
        .bind(&api.profile.name)
        .bind(search_text(api, producer_name))
        .bind(api.profile.sensitivity.code())
        .bind(api.status.code())
        .bind(&api.version)
        .bind(to_json(&api.profile))
        .bind(at);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn set_document(tx: &mut Tx, id: Uuid, document: &str) -> Result<(), DbError> {
    SET_DOCUMENT
        .bind(id)
        .bind(document)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn scopes(on: impl Into<Handle<'_>>, api: Uuid) -> Result<Vec<Scope>, DbError> {
    SCOPES.bind(api).all(on, scope).await
}

/// Every scope, by code.
pub(crate) async fn every_scope(on: impl Into<Handle<'_>>) -> Result<Vec<Scope>, DbError> {
    EVERY_SCOPE.bind(SCOPES_MAX).all(on, scope).await
}

pub(crate) async fn find_scope(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<Scope>, DbError> {
    SCOPE.bind(id).optional(on, scope).await
}

/// The scope of a code.
pub(crate) async fn scope_of_code(
    on: impl Into<Handle<'_>>,
    code: &str,
) -> Result<Option<Scope>, DbError> {
    SCOPE_OF_CODE.bind(code).optional(on, scope).await
}

/// An API with whose it is and the key of its pseudonyms. It holds a secret.
pub(crate) struct ApiKey {
    pub(crate) api: Uuid,
    pub(crate) producer: Uuid,
    pub(crate) key: Vec<u8>,
}

/// Keys of every API after one, at most `limit`: also of those that are called no more.
pub(crate) async fn keys_after(db: &Db, after: Uuid, limit: u32) -> Result<Vec<ApiKey>, DbError> {
    let read = |row: &Row| {
        Ok(ApiKey {
            api: row.get("id")?,
            producer: row.get("producer_id")?,
            key: row.get("pseudonym_key")?,
        })
    };
    KEYS.bind(after).bind(limit).all(db, read).await
}

/// Adds a scope; gives whether its code was free.
pub(crate) async fn add_scope(tx: &mut Tx, scope: &Scope) -> Result<bool, DbError> {
    let query = ADD_SCOPE
        .bind(scope.id)
        .bind(scope.api)
        .bind(&scope.code)
        .bind(&scope.label)
        .bind(to_json(&scope.fields))
        .bind(scope.tells_identity);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn set_scope(tx: &mut Tx, scope: &Scope) -> Result<(), DbError> {
    let query = SET_SCOPE.bind(scope.id).bind(&scope.label);
    query
        .bind(to_json(&scope.fields))
        .bind(scope.tells_identity)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn remove_scope(tx: &mut Tx, id: Uuid) -> Result<(), DbError> {
    REMOVE_SCOPE.bind(id).execute(tx).await.map(drop)
}

/// A line of the changelog.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiChange {
    pub(crate) id: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) version: String,
    pub(crate) note: String,
    pub(crate) differences: Vec<Difference>,
}

pub(crate) async fn add_change(tx: &mut Tx, api: Uuid, change: &ApiChange) -> Result<(), DbError> {
    ADD_CHANGE
        .bind(change.id)
        .bind(api)
        .bind(change.at)
        .bind(&change.version)
        .bind(&change.note)
        .bind(to_json(&change.differences))
        .execute(tx)
        .await
        .map(drop)
}

/// What changed in an API, the latest first.
pub(crate) async fn changes(db: &Db, api: Uuid) -> Result<Vec<ApiChange>, DbError> {
    let read = |row: &Row| {
        Ok(ApiChange {
            id: row.get("id")?,
            at: row.get("at")?,
            version: row.get("api_version")?,
            note: row.get("note")?,
            differences: json(row, "differences")?,
        })
    };
    CHANGES.bind(api).bind(CHANGES_MAX).all(db, read).await
}

pub(crate) async fn add_import(
    tx: &mut Tx,
    id: Uuid,
    api: Uuid,
    document: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    let query = ADD_IMPORT.bind(id).bind(api).bind(document).bind(at);
    query.execute(tx).await.map(drop)
}

/// A document that waits, and the API for which it was sent.
pub(crate) async fn import(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<(Uuid, String)>, DbError> {
    let read = |row: &Row| Ok((row.get("api_id")?, row.get("document")?));
    IMPORT.bind(id).optional(on, read).await
}

pub(crate) async fn remove_import(tx: &mut Tx, id: Uuid) -> Result<bool, DbError> {
    Ok(REMOVE_IMPORT.bind(id).execute(tx).await? == 1)
}

pub(crate) async fn forget_imports(db: &Db, before: Timestamp) -> Result<(), DbError> {
    FORGET_IMPORTS.bind(before).execute(db).await.map(drop)
}
