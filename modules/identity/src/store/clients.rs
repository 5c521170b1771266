//! Services and their secrets.

use jiff::Timestamp;
use jose::{Algorithm, KeyManagement};
use kit_db::{Db, DbError, Handle, Query, Row, Tx};
use uuid::Uuid;

use crate::domain::{
    Advanced, Audience, AuthMethod, CertificateName, Client, ClientDraft, Demand, GrantType,
    Profile, Resources, Scopes, SubjectType,
};

kit_db::statements! {
    FIND = "identity.client.find": "SELECT * FROM oidc_client WHERE id = $1";
    NAMED = "identity.client.named": "SELECT * FROM oidc_client WHERE client_id = $1";
    LIST = "identity.client.list":
        "SELECT * FROM oidc_client WHERE name > $1 OR (name = $1 AND id > $2)
         ORDER BY name, id LIMIT $3";
    COUNT = "identity.client.count": "SELECT COUNT(*) AS n FROM oidc_client";
    INSERT = "identity.client.insert":
        "INSERT INTO oidc_client (id, client_id, created_at, name, purpose, organisation_id,
            profile, auth_method, grant_types, redirect_uris, post_logout_redirect_uris,
            backchannel_logout_uri, scopes, subject_type, id_token_algorithm, userinfo_algorithm,
            jwks, needs_pkce, asks_consent, introspects, audience)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21)";
    UPDATE = "identity.client.update":
        "UPDATE oidc_client SET version = version + 1, name = $4, purpose = $5,
            organisation_id = $6, profile = $7, auth_method = $8, grant_types = $9,
            redirect_uris = $10, post_logout_redirect_uris = $11, backchannel_logout_uri = $12,
            scopes = $13, subject_type = $14, id_token_algorithm = $15, userinfo_algorithm = $16,
            jwks = $17, needs_pkce = $18, asks_consent = $19, introspects = $20, audience = $21
         WHERE id = $1 AND client_id = $2 AND version = $3";
    // Beside the two statements above, which hold what every service has.
    ADVANCED = "identity.client.advanced":
        "UPDATE oidc_client SET resource = $2, reaches = $3, jwks_uri = $4,
            sector_identifier_uri = $5, certificate_name = $6, id_token_encryption = $7,
            userinfo_encryption = $8, demands = $9
         WHERE id = $1";
    OF_RESOURCE = "identity.client.of_resource": "SELECT * FROM oidc_client WHERE resource = $1";
    SUSPEND = "identity.client.suspend":
        "UPDATE oidc_client SET suspended = $2, version = version + 1 WHERE id = $1";
    SECRETS = "identity.secret.of_client":
        "SELECT hash, expires_at FROM oidc_secret WHERE client = $1 AND (expires_at IS NULL OR expires_at > $2)
         ORDER BY created_at DESC LIMIT 5";
    ADD_SECRET = "identity.secret.insert":
        "INSERT INTO oidc_secret (hash, client, created_at) VALUES ($1, $2, $3)";
    // The latest one goes on for a while; those before it end.
    RETIRE_SECRETS = "identity.secret.retire":
        "UPDATE oidc_secret SET expires_at = $2
         WHERE client = $1 AND (expires_at IS NULL OR expires_at > $2)";
    SECRET_STATE = "identity.secret.state":
        "SELECT created_at, expires_at FROM oidc_secret
         WHERE client = $1 AND (expires_at IS NULL OR expires_at > $2)
         ORDER BY created_at DESC LIMIT 5";
}

fn lines(list: &[String]) -> String {
    list.join("\n")
}

fn list_of(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn decode<T>(row: &Row, column: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    read(&text).ok_or_else(|| DbError::Decode {
        column: column.to_owned(),
        value: text,
        expected: "a known code",
    })
}

fn read(row: &Row) -> Result<Client, DbError> {
    let userinfo: Option<String> = row.get("userinfo_algorithm")?;
    Ok(Client {
        id: row.get("id")?,
        client_id: row.get("client_id")?,
        draft: ClientDraft {
            name: row.get("name")?,
            purpose: row.get("purpose")?,
            organisation_id: row.get("organisation_id")?,
            audience: decode(row, "audience", Audience::parse)?,
            profile: decode(row, "profile", Profile::parse)?,
            auth_method: decode(row, "auth_method", AuthMethod::parse)?,
            grant_types: decode(row, "grant_types", |text| {
                text.lines().map(GrantType::parse).collect()
            })?,
            redirect_uris: list_of(&row.get::<String>("redirect_uris")?),
            post_logout_redirect_uris: list_of(&row.get::<String>("post_logout_redirect_uris")?),
            backchannel_logout_uri: row.get("backchannel_logout_uri")?,
            scopes: Scopes::parse(&row.get::<String>("scopes")?),
            subject_type: decode(row, "subject_type", SubjectType::parse)?,
            id_token_algorithm: decode(row, "id_token_algorithm", Algorithm::from_name)?,
            userinfo_algorithm: userinfo.as_deref().and_then(Algorithm::from_name),
            jwks: row.get("jwks")?,
            needs_pkce: row.get("needs_pkce")?,
            asks_consent: row.get("asks_consent")?,
            introspects: row.get("introspects")?,
            advanced: read_advanced(row)?,
        },
        suspended: row.get("suspended")?,
        version: row.get("version")?,
    })
}

fn read_advanced(row: &Row) -> Result<Advanced, DbError> {
    let encryption = |column: &str| -> Result<Option<KeyManagement>, DbError> {
        let text: Option<String> = row.get(column)?;
        Ok(text.as_deref().and_then(KeyManagement::from_name))
    };
    let certificate: Option<String> = row.get("certificate_name")?;
    Ok(Advanced {
        resource: row.get("resource")?,
        reaches: Resources::parse(&row.get::<String>("reaches")?),
        jwks_uri: row.get("jwks_uri")?,
        sector_identifier_uri: row.get("sector_identifier_uri")?,
        certificate_name: certificate.as_deref().and_then(CertificateName::parse),
        id_token_encryption: encryption("id_token_encryption")?,
        userinfo_encryption: encryption("userinfo_encryption")?,
        demands: decode(row, "demands", |text| {
            text.split_whitespace().map(Demand::parse).collect()
        })?,
    })
}

async fn write_advanced(tx: &mut Tx, id: Uuid, advanced: &Advanced) -> Result<(), DbError> {
    let name = |one: Option<KeyManagement>| one.map(|one| one.name().to_owned());
    let demands: Vec<&str> = advanced.demands.iter().map(|one| one.code()).collect();
    ADVANCED
        .bind(id)
        .bind(advanced.resource.clone())
        .bind(advanced.reaches.to_string())
        .bind(advanced.jwks_uri.clone())
        .bind(advanced.sector_identifier_uri.clone())
        .bind(advanced.certificate_name.as_ref().map(ToString::to_string))
        .bind(name(advanced.id_token_encryption))
        .bind(name(advanced.userinfo_encryption))
        .bind(demands.join(" "))
        .execute(tx)
        .await
        .map(drop)
}

/// The service whose address as a resource this is.
pub(crate) async fn of_resource(
    on: impl Into<Handle<'_>>,
    address: &str,
) -> Result<Option<Client>, DbError> {
    OF_RESOURCE.bind(address).optional(on, read).await
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Client>, DbError> {
    FIND.bind(id).by_key().optional(on, read).await
}

/// The service of the name by which it calls us.
pub(crate) async fn named(
    on: impl Into<Handle<'_>>,
    client_id: &str,
) -> Result<Option<Client>, DbError> {
    NAMED.bind(client_id).by_key().optional(on, read).await
}

/// Services after `(name, id)`, by name.
pub(crate) async fn list(db: &Db, after: (&str, Uuid), limit: u32) -> Result<Vec<Client>, DbError> {
    let query = LIST.bind(after.0).bind(after.1).bind(limit);
    query.all(db, read).await
}

pub(crate) async fn count(db: &Db) -> Result<i64, DbError> {
    COUNT.query().one(db, |row| row.get("n")).await
}

fn with_draft<'q>(query: Query<'q>, draft: &ClientDraft) -> Query<'q> {
    let grants: Vec<String> = draft
        .grant_types
        .iter()
        .map(|grant| grant.code().to_owned())
        .collect();
    query
        .bind(&draft.name)
        .bind(&draft.purpose)
        .bind(draft.organisation_id)
        .bind(draft.profile.code())
        .bind(draft.auth_method.code())
        .bind(lines(&grants))
        .bind(lines(&draft.redirect_uris))
        .bind(lines(&draft.post_logout_redirect_uris))
        .bind(draft.backchannel_logout_uri.clone())
        .bind(draft.scopes.to_string())
        .bind(draft.subject_type.code())
        .bind(draft.id_token_algorithm.name())
        .bind(draft.userinfo_algorithm.map(|one| one.name().to_owned()))
        .bind(draft.jwks.clone())
        .bind(draft.needs_pkce)
        .bind(draft.asks_consent)
        .bind(draft.introspects)
        .bind(draft.audience.code())
}

pub(crate) async fn insert(tx: &mut Tx, client: &Client, at: Timestamp) -> Result<(), DbError> {
    let query = INSERT.bind(client.id).bind(&client.client_id).bind(at);
    with_draft(query, &client.draft).execute(&mut *tx).await?;
    write_advanced(tx, client.id, &client.draft.advanced).await
}

/// Changes a service whose version is still that of `client`; gives whether it was.
pub(crate) async fn update(
    tx: &mut Tx,
    client: &Client,
    draft: &ClientDraft,
) -> Result<bool, DbError> {
    let query = UPDATE
        .bind(client.id)
        .bind(&client.client_id)
        .bind(client.version);
    if with_draft(query, draft).execute(&mut *tx).await? != 1 {
        return Ok(false);
    }
    write_advanced(tx, client.id, &draft.advanced).await?;
    Ok(true)
}

pub(crate) async fn suspend(tx: &mut Tx, id: Uuid, suspended: bool) -> Result<(), DbError> {
    SUSPEND.bind(id).bind(suspended).execute(tx).await.map(drop)
}

/// A secret that works: its hash.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) hash: Vec<u8>,
    expires_at: Option<Timestamp>,
}

impl Secret {
    /// Whether it still works.
    pub(crate) fn works(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The secrets that work.
pub(crate) async fn secrets(
    on: impl Into<Handle<'_>>,
    client: Uuid,
    now: Timestamp,
) -> Result<Vec<Secret>, DbError> {
    let query = SECRETS.bind(client).bind(now);
    query
        .all(on, |row| {
            Ok(Secret {
                hash: row.get("hash")?,
                expires_at: row.get("expires_at")?,
            })
        })
        .await
}

/// When the secrets that work were made, and until when they work.
pub(crate) async fn secret_states(
    db: &Db,
    client: Uuid,
    now: Timestamp,
) -> Result<Vec<(Timestamp, Option<Timestamp>)>, DbError> {
    let query = SECRET_STATE.bind(client).bind(now);
    query
        .all(db, |row| {
            Ok((row.get("created_at")?, row.get("expires_at")?))
        })
        .await
}

/// Adds a secret; those before it work until `former_until`.
pub(crate) async fn replace_secret(
    tx: &mut Tx,
    client: Uuid,
    hash: Vec<u8>,
    now: Timestamp,
    former_until: Timestamp,
) -> Result<(), DbError> {
    RETIRE_SECRETS
        .bind(client)
        .bind(former_until)
        .execute(&mut *tx)
        .await?;
    ADD_SECRET
        .bind(hash)
        .bind(client)
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}
