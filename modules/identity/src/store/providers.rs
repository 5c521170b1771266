//! Identity providers.

use jiff::Timestamp;
use jose::{Algorithm, KeyManagement};
use kit_db::{Db, DbError, Handle, Query, Row, Tx};
use uuid::Uuid;

use crate::domain::{
    Audience, Endpoints, ForeignDomain, Level, Provider, ProviderAuth, ProviderDraft,
    ProviderProfile, level_rules, told_rules,
};

/// Most providers that are read at once: more than any State has.
pub(crate) const PROVIDERS_MAX: u32 = 1_000;

kit_db::statements! {
    FIND = "identity.provider.find": "SELECT * FROM oidc_provider WHERE id = $1";
    NAMED = "identity.provider.named": "SELECT * FROM oidc_provider WHERE code = $1";
    ALL_OF = "identity.provider.all":
        "SELECT * FROM oidc_provider WHERE audience = $1 ORDER BY code LIMIT $2";
    ANY_OPEN = "identity.provider.any_open":
        "SELECT COUNT(*) AS n FROM oidc_provider WHERE audience = $1 AND suspended = FALSE";
    LIST = "identity.provider.list":
        "SELECT * FROM oidc_provider WHERE code > $1 ORDER BY code LIMIT $2";
    COUNT = "identity.provider.count": "SELECT COUNT(*) AS n FROM oidc_provider";
    INSERT = "identity.provider.insert":
        "INSERT INTO oidc_provider (id, created_at, code, name, audience, profile, issuer,
            client_id, auth_method, auth_algorithm, scopes, acr_values, domains, foreign_domain,
            is_default, level_rules, level_max, creates_accounts, id_token_algorithms,
            userinfo_algorithms, encryption, authorization_endpoint, token_endpoint,
            userinfo_endpoint, jwks_uri, end_session_endpoint)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23, $24, $25, $26) ON CONFLICT (code) DO NOTHING";
    UPDATE = "identity.provider.update":
        "UPDATE oidc_provider SET version = version + 1, name = $4, audience = $5, profile = $6,
            issuer = $7, client_id = $8, auth_method = $9, auth_algorithm = $10, scopes = $11,
            acr_values = $12, domains = $13, foreign_domain = $14, is_default = $15,
            level_rules = $16, level_max = $17, creates_accounts = $18, id_token_algorithms = $19,
            userinfo_algorithms = $20, encryption = $21, authorization_endpoint = $22,
            token_endpoint = $23, userinfo_endpoint = $24, jwks_uri = $25,
            end_session_endpoint = $26
         WHERE id = $1 AND version = $2 AND code = $3";
    // One default for each audience: the latest.
    NO_OTHER_DEFAULT = "identity.provider.no_other_default":
        "UPDATE oidc_provider SET is_default = FALSE, version = version + 1
         WHERE audience = $1 AND id <> $2 AND is_default = TRUE";
    SUSPEND = "identity.provider.suspend":
        "UPDATE oidc_provider SET suspended = $2, suspended_for = $3, version = version + 1
         WHERE id = $1";
    SECRET = "identity.provider.secret": "SELECT secret FROM oidc_provider WHERE id = $1";
    SET_SECRET = "identity.provider.set_secret":
        "UPDATE oidc_provider SET secret = $2, version = version + 1 WHERE id = $1";
    GOOD = "identity.provider.good": "UPDATE oidc_provider SET good_at = $2 WHERE id = $1";
}

fn decode<T>(row: &Row, column: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    read(&text).ok_or_else(|| DbError::Decode {
        column: column.to_owned(),
        value: text,
        expected: "a known code",
    })
}

fn algorithms(text: &str) -> Option<Vec<Algorithm>> {
    text.split_whitespace().map(Algorithm::from_name).collect()
}

fn names(algorithms: &[Algorithm]) -> String {
    let names: Vec<&str> = algorithms.iter().map(|one| one.name()).collect();
    names.join(" ")
}

fn read(row: &Row) -> Result<Provider, DbError> {
    let encryption: String = row.get("encryption")?;
    Ok(Provider {
        id: row.get("id")?,
        draft: ProviderDraft {
            code: row.get("code")?,
            name: row.get("name")?,
            audience: decode(row, "audience", Audience::parse)?,
            profile: decode(row, "profile", ProviderProfile::parse)?,
            issuer: row.get("issuer")?,
            client_id: row.get("client_id")?,
            auth_method: decode(row, "auth_method", ProviderAuth::parse)?,
            auth_algorithm: decode(row, "auth_algorithm", Algorithm::from_name)?,
            scopes: row.get("scopes")?,
            acr_values: row.get("acr_values")?,
            domains: row
                .get::<String>("domains")?
                .lines()
                .map(str::to_owned)
                .collect(),
            foreign_domain: decode(row, "foreign_domain", ForeignDomain::parse)?,
            is_default: row.get("is_default")?,
            level_rules: decode(row, "level_rules", level_rules)?,
            level_max: decode(row, "level_max", Level::parse)?,
            creates_accounts: row.get("creates_accounts")?,
            id_token_algorithms: decode(row, "id_token_algorithms", algorithms)?,
            userinfo_algorithms: decode(row, "userinfo_algorithms", algorithms)?,
            encryption: KeyManagement::from_name(&encryption),
            endpoints: Endpoints {
                authorization: row.get("authorization_endpoint")?,
                token: row.get("token_endpoint")?,
                userinfo: row.get("userinfo_endpoint")?,
                jwks: row.get("jwks_uri")?,
                end_session: row.get("end_session_endpoint")?,
            },
        },
        suspended: row.get("suspended")?,
        suspended_for: row.get("suspended_for")?,
        version: row.get("version")?,
        good_at: row.get("good_at")?,
    })
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Provider>, DbError> {
    FIND.bind(id).by_key().optional(on, read).await
}

pub(crate) async fn named(
    on: impl Into<Handle<'_>>,
    code: &str,
) -> Result<Option<Provider>, DbError> {
    NAMED.bind(code).by_key().optional(on, read).await
}

/// Every provider of an audience, suspended ones too, by code.
pub(crate) async fn all_of(
    on: impl Into<Handle<'_>>,
    audience: Audience,
) -> Result<Vec<Provider>, DbError> {
    let query = ALL_OF.bind(audience.code()).bind(PROVIDERS_MAX);
    query.all(on, read).await
}

/// Whether somebody may sign in through any provider of an audience.
pub(crate) async fn any_open(db: &Db, audience: Audience) -> Result<bool, DbError> {
    let query = ANY_OPEN.bind(audience.code());
    let open: i64 = query.one(db, |row| row.get("n")).await?;
    Ok(open > 0)
}

/// Providers after a code, by code.
pub(crate) async fn list(db: &Db, after: &str, limit: u32) -> Result<Vec<Provider>, DbError> {
    LIST.bind(after).bind(limit).all(db, read).await
}

pub(crate) async fn count(db: &Db) -> Result<i64, DbError> {
    COUNT.query().one(db, |row| row.get("n")).await
}

fn with_draft<'q>(query: Query<'q>, draft: &ProviderDraft) -> Query<'q> {
    query
        .bind(&draft.name)
        .bind(draft.audience.code())
        .bind(draft.profile.code())
        .bind(&draft.issuer)
        .bind(&draft.client_id)
        .bind(draft.auth_method.code())
        .bind(draft.auth_algorithm.name())
        .bind(&draft.scopes)
        .bind(&draft.acr_values)
        .bind(draft.domains.join("\n"))
        .bind(draft.foreign_domain.code())
        .bind(draft.is_default)
        .bind(told_rules(&draft.level_rules))
        .bind(draft.level_max.name())
        .bind(draft.creates_accounts)
        .bind(names(&draft.id_token_algorithms))
        .bind(names(&draft.userinfo_algorithms))
        .bind(draft.encryption.map_or("", KeyManagement::name))
        .bind(draft.endpoints.authorization.clone())
        .bind(draft.endpoints.token.clone())
        .bind(draft.endpoints.userinfo.clone())
        .bind(draft.endpoints.jwks.clone())
        .bind(draft.endpoints.end_session.clone())
}

/// Adds a provider; gives whether its code was free.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: Uuid,
    draft: &ProviderDraft,
    now: Timestamp,
) -> Result<bool, DbError> {
    let query = INSERT.bind(id).bind(now).bind(&draft.code);
    Ok(with_draft(query, draft).execute(tx).await? == 1)
}

/// Changes a provider whose version is still `version`; gives whether it was.
pub(crate) async fn update(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    draft: &ProviderDraft,
) -> Result<bool, DbError> {
    let query = UPDATE.bind(id).bind(version).bind(&draft.code);
    Ok(with_draft(query, draft).execute(tx).await? == 1)
}

pub(crate) async fn no_other_default(
    tx: &mut Tx,
    audience: Audience,
    id: Uuid,
) -> Result<(), DbError> {
    let query = NO_OTHER_DEFAULT.bind(audience.code()).bind(id);
    query.execute(tx).await.map(drop)
}

pub(crate) async fn suspend(
    tx: &mut Tx,
    id: Uuid,
    suspended: bool,
    why: &str,
) -> Result<(), DbError> {
    let query = SUSPEND.bind(id).bind(suspended).bind(why);
    query.execute(tx).await.map(drop)
}

/// The secret that a provider gave us, to be sent to it.
pub(crate) async fn secret(db: &Db, id: Uuid) -> Result<Option<String>, DbError> {
    let found = SECRET.bind(id).optional(db, |row| row.get("secret"));
    Ok(found.await?.flatten())
}

pub(crate) async fn set_secret(
    tx: &mut Tx,
    id: Uuid,
    secret: Option<String>,
) -> Result<(), DbError> {
    SET_SECRET.bind(id).bind(secret).execute(tx).await.map(drop)
}

/// Notes that somebody came back from a provider with a proof that held.
pub(crate) async fn good(
    on: impl Into<Handle<'_>>,
    id: Uuid,
    now: Timestamp,
) -> Result<(), DbError> {
    GOOD.bind(id).bind(now).execute(on).await.map(drop)
}
