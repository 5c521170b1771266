-- Identity providers through which people sign in to the platform.
CREATE TABLE oidc_provider (
    id BLOB PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    audience TEXT NOT NULL,
    profile TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    auth_method TEXT NOT NULL,
    auth_algorithm TEXT NOT NULL,
    -- Readable: it is sent to the provider at each sign-in, so a hash of it would be of no use. It
    -- is written once, and no page, no entry of the journal and no log line shows it.
    secret TEXT,
    scopes TEXT NOT NULL,
    acr_values TEXT NOT NULL,
    domains TEXT NOT NULL,
    foreign_domain TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    level_rules TEXT NOT NULL,
    level_max TEXT NOT NULL,
    creates_accounts BOOLEAN NOT NULL,
    id_token_algorithms TEXT NOT NULL,
    userinfo_algorithms TEXT NOT NULL,
    encryption TEXT NOT NULL,
    authorization_endpoint TEXT,
    token_endpoint TEXT,
    userinfo_endpoint TEXT,
    jwks_uri TEXT,
    end_session_endpoint TEXT,
    suspended BOOLEAN NOT NULL DEFAULT FALSE,
    suspended_for TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    -- When somebody last came back from it with a proof that held.
    good_at INTEGER
);

-- Sign-ins that left for a provider and aren't back. The state and the browser's cookie are kept as
-- hashes; the verifier must be sent, so it is readable for the minutes that the row lives.
CREATE TABLE oidc_departure (
    state_hash BLOB PRIMARY KEY,
    browser_hash BLOB NOT NULL,
    provider BLOB NOT NULL REFERENCES oidc_provider (id),
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    return_to TEXT NOT NULL,
    -- Seconds since 1970: the person must have proved who it is since then.
    auth_after INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX oidc_departure_expiry ON oidc_departure (expires_at);

-- Whose account a person of a provider has here. One may have several: it chooses.
CREATE TABLE oidc_provider_link (
    provider BLOB NOT NULL REFERENCES oidc_provider (id),
    subject_hash BLOB NOT NULL,
    person_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (provider, subject_hash, person_id)
);
CREATE INDEX oidc_provider_link_person ON oidc_provider_link (person_id);

-- Somebody who came back and chooses between accounts or organisations.
CREATE TABLE oidc_arrival (
    ticket_hash BLOB PRIMARY KEY,
    browser_hash BLOB NOT NULL,
    provider BLOB NOT NULL REFERENCES oidc_provider (id),
    arrived TEXT NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX oidc_arrival_expiry ON oidc_arrival (expires_at);

-- Sessions of ours that a provider opened: to end theirs with ours, and ours with theirs. The
-- identity token is kept because signing out at the provider shows it again.
CREATE TABLE oidc_provider_session (
    session_id BLOB PRIMARY KEY,
    provider BLOB NOT NULL REFERENCES oidc_provider (id),
    subject_hash BLOB NOT NULL,
    sid_hash BLOB,
    id_token TEXT NOT NULL,
    idp_acr TEXT,
    created_at INTEGER NOT NULL
);
CREATE INDEX oidc_provider_session_subject ON oidc_provider_session (provider, subject_hash);
CREATE INDEX oidc_provider_session_created ON oidc_provider_session (created_at);

-- How many sign-ins by provider, level and hour, and how many failures by cause: nobody in it.
CREATE TABLE oidc_provider_hour (
    hour INTEGER NOT NULL,
    provider BLOB NOT NULL,
    outcome TEXT NOT NULL,
    level TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (hour, provider, outcome, level)
);
CREATE INDEX oidc_provider_hour_of ON oidc_provider_hour (provider, hour);

-- What failed, under the code that the person was shown: nobody in it.
CREATE TABLE oidc_incident (
    code TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    cause TEXT NOT NULL,
    detail TEXT NOT NULL,
    provider BLOB,
    client BLOB
);
CREATE INDEX oidc_incident_at ON oidc_incident (at);
CREATE INDEX oidc_incident_provider ON oidc_incident (provider, at);
