-- Whom a service signs in: agents or citizens.
ALTER TABLE oidc_client ADD COLUMN audience TEXT NOT NULL DEFAULT 'agents';

-- Citizens: an id, and nothing that says who it is.
CREATE TABLE citizen (
    id UUID PRIMARY KEY,
    created_at BIGINT NOT NULL
);

-- By what a citizen is found again: keyed hashes of the pivot, and of the names by which providers
-- know the person. `key_version` says under which secret of the platform.
CREATE TABLE citizen_key (
    kind TEXT NOT NULL,
    key_version BIGINT NOT NULL,
    hash TEXT NOT NULL,
    citizen UUID NOT NULL REFERENCES citizen (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, key_version, hash)
);
CREATE INDEX citizen_key_citizen ON citizen_key (citizen);

-- Their sessions. `identity` is all that is known of the person: it is emptied when the session
-- ends, with the hash of the cookie. The rest stays for the person's own history.
CREATE TABLE citizen_session (
    id UUID PRIMARY KEY,
    token_hash BYTEA UNIQUE,
    citizen UUID NOT NULL REFERENCES citizen (id),
    provider UUID NOT NULL,
    provider_name TEXT NOT NULL,
    level TEXT NOT NULL,
    methods TEXT NOT NULL,
    identity TEXT,
    -- When the person proved who it is, as the provider says: seconds since 1970.
    auth_time BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX citizen_session_citizen ON citizen_session (citizen, begun_at, id);
CREATE INDEX citizen_session_live ON citizen_session (ended_at, expires_at);
CREATE INDEX citizen_session_provider ON citizen_session (provider, ended_at);
