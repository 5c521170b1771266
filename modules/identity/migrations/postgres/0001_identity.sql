-- Services that sign people in through the platform.
CREATE TABLE oidc_client (
    id UUID PRIMARY KEY,
    client_id TEXT NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    purpose TEXT NOT NULL,
    organisation_id UUID,
    profile TEXT NOT NULL,
    auth_method TEXT NOT NULL,
    grant_types TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    backchannel_logout_uri TEXT,
    scopes TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    id_token_algorithm TEXT NOT NULL,
    userinfo_algorithm TEXT,
    jwks TEXT,
    needs_pkce BOOLEAN NOT NULL,
    asks_consent BOOLEAN NOT NULL,
    introspects BOOLEAN NOT NULL,
    suspended BOOLEAN NOT NULL DEFAULT FALSE,
    version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL
);
CREATE INDEX oidc_client_name ON oidc_client (name, id);

-- Their secrets: hashes only. The former one works until `expires_at`, so that it can be replaced
-- without an interruption.
CREATE TABLE oidc_secret (
    hash BYTEA PRIMARY KEY,
    client UUID NOT NULL REFERENCES oidc_client (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX oidc_secret_client ON oidc_secret (client);

-- Keys that sign. A key is shown before it signs, and after, until what it signed has ended.
CREATE TABLE oidc_key (
    kid TEXT PRIMARY KEY,
    algorithm TEXT NOT NULL,
    pkcs8 BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    signs_from BIGINT NOT NULL,
    shown_until BIGINT
);

-- Secrets of the platform itself, such as the key of pairwise names.
CREATE TABLE oidc_platform_secret (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

-- What a service was told, and may be told, of a person since one sign-in.
CREATE TABLE oidc_authorization (
    id UUID PRIMARY KEY,
    client UUID NOT NULL REFERENCES oidc_client (id),
    person_id UUID NOT NULL,
    session_id UUID NOT NULL,
    scopes TEXT NOT NULL,
    claims TEXT NOT NULL,
    nonce TEXT,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    offline BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    -- Its code: good once, and remembered so that a second use is seen.
    code_hash BYTEA NOT NULL UNIQUE,
    redirect_uri TEXT NOT NULL,
    challenge TEXT,
    code_jkt TEXT,
    code_expires_at BIGINT NOT NULL,
    code_used_at BIGINT
);
CREATE INDEX oidc_authorization_person ON oidc_authorization (person_id, created_at, id);
CREATE INDEX oidc_authorization_session ON oidc_authorization (session_id);
CREATE INDEX oidc_authorization_created ON oidc_authorization (created_at, client);

-- Access and refresh tokens. `authorization_id` is empty for a token that a service asked for itself.
CREATE TABLE oidc_token (
    hash BYTEA PRIMARY KEY,
    is_refresh BOOLEAN NOT NULL,
    authorization_id UUID,
    client UUID NOT NULL,
    scopes TEXT NOT NULL,
    dpop_jkt TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX oidc_token_expiry ON oidc_token (expires_at);

-- What a person agreed to tell a service.
CREATE TABLE oidc_consent (
    person_id UUID NOT NULL,
    client UUID NOT NULL REFERENCES oidc_client (id),
    scopes TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, client)
);

-- Requests that wait for a person, and requests pushed beforehand (RFC 9126).
CREATE TABLE oidc_request (
    hash BYTEA PRIMARY KEY,
    client UUID NOT NULL,
    kind TEXT NOT NULL,
    parameters TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX oidc_request_expiry ON oidc_request (expires_at);

-- What may be used once: assertions of clients, proofs of possession.
CREATE TABLE oidc_used (
    hash BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX oidc_used_expiry ON oidc_used (expires_at);

-- How many of what happened in which hour: no person in it.
CREATE TABLE oidc_hour (
    hour BIGINT NOT NULL,
    client UUID NOT NULL,
    outcome TEXT NOT NULL,
    number BIGINT NOT NULL,
    told BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (hour, client, outcome)
);
CREATE INDEX oidc_hour_client ON oidc_hour (client, hour);
