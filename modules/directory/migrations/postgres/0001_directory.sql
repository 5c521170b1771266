CREATE TABLE organisation (
    id UUID PRIMARY KEY,
    parent_id UUID REFERENCES organisation (id),
    kind TEXT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    acronym TEXT NOT NULL,
    siret TEXT UNIQUE,
    version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL
);
CREATE INDEX organisation_parent ON organisation (parent_id);
CREATE INDEX organisation_kind ON organisation (kind, name);

-- Every form by which an organisation is found: its name, its acronym, its former ones.
CREATE TABLE organisation_alias (
    kind TEXT NOT NULL,
    normalised TEXT NOT NULL,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    PRIMARY KEY (kind, normalised)
);
CREATE INDEX organisation_alias_of ON organisation_alias (organisation_id);

CREATE TABLE person (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    organisation_id UUID REFERENCES organisation (id),
    password_hash TEXT,
    failed_attempts BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT,
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL
);
CREATE INDEX person_name ON person (name, id);

CREATE TABLE role_grant (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    organisation_id UUID REFERENCES organisation (id),
    granted_by TEXT NOT NULL,
    granted_at BIGINT NOT NULL
);
CREATE INDEX role_grant_person ON role_grant (person_id);

CREATE TABLE session (
    token_hash BYTEA PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE password_reset (
    token_hash BYTEA PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id),
    expires_at BIGINT NOT NULL
);
