-- Accreditations: the request that is worked on (`form`, JSON, as typed), and where all of it stands.
CREATE TABLE exchange_accreditation (
    id BLOB PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    requester_id BLOB NOT NULL REFERENCES exchange_party (id),
    author_id BLOB,
    author_name TEXT NOT NULL,
    title TEXT NOT NULL,
    form TEXT NOT NULL,
    request TEXT NOT NULL,
    kind TEXT NOT NULL,
    submitted_at INTEGER,
    due_on TEXT,
    decided_at INTEGER,
    instructor_id BLOB,
    instructor_name TEXT NOT NULL DEFAULT '',
    granted_version INTEGER,
    standing TEXT,
    valid_until INTEGER,
    noticed_days INTEGER,
    editor_id BLOB,
    row_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX exchange_accreditation_requester ON exchange_accreditation (requester_id, updated_at);
CREATE INDEX exchange_accreditation_editor ON exchange_accreditation (editor_id);
CREATE INDEX exchange_accreditation_request ON exchange_accreditation (request, due_on);
CREATE INDEX exchange_accreditation_standing ON exchange_accreditation (standing, valid_until);

-- One row: the number of the next accreditation, taken under its lock.
CREATE TABLE exchange_counter (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    accreditations INTEGER NOT NULL
);
INSERT INTO exchange_counter (one, accreditations) VALUES (1, 0);

-- What each approval froze. Append-only.
CREATE TABLE exchange_version (
    accreditation_id BLOB NOT NULL REFERENCES exchange_accreditation (id),
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    approved_at INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    PRIMARY KEY (accreditation_id, number)
);
CREATE TRIGGER exchange_version_never_changes BEFORE UPDATE ON exchange_version
BEGIN SELECT RAISE(ABORT, 'versions never change'); END;
CREATE TRIGGER exchange_version_never_goes BEFORE DELETE ON exchange_version
BEGIN SELECT RAISE(ABORT, 'versions never change'); END;

-- The APIs that a request names or a version grants, for whoever looks from the producer's side.
CREATE TABLE exchange_accreditation_api (
    accreditation_id BLOB NOT NULL REFERENCES exchange_accreditation (id),
    api_id BLOB NOT NULL REFERENCES exchange_api (id),
    producer_id BLOB NOT NULL,
    PRIMARY KEY (accreditation_id, api_id)
);
CREATE INDEX exchange_accreditation_api_producer ON exchange_accreditation_api (producer_id);

-- How long each decision took, and what it was.
CREATE TABLE exchange_decision (
    id BLOB PRIMARY KEY,
    accreditation_id BLOB NOT NULL REFERENCES exchange_accreditation (id),
    submitted_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX exchange_decision_at ON exchange_decision (decided_at);

-- The thread of a request.
CREATE TABLE exchange_message (
    id BLOB PRIMARY KEY,
    accreditation_id BLOB NOT NULL REFERENCES exchange_accreditation (id),
    at INTEGER NOT NULL,
    author_name TEXT NOT NULL,
    side TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX exchange_message_of ON exchange_message (accreditation_id, at, id);

-- The clients that may use an accreditation, and whose they are.
CREATE TABLE exchange_client (
    accreditation_id BLOB NOT NULL REFERENCES exchange_accreditation (id),
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    organisation_id BLOB NOT NULL,
    named_at INTEGER NOT NULL,
    PRIMARY KEY (accreditation_id, client_id)
);
CREATE INDEX exchange_client_named ON exchange_client (client_id);

-- Opaque keys: hashes only.
CREATE TABLE exchange_key (
    id BLOB PRIMARY KEY,
    accreditation_id BLOB NOT NULL REFERENCES exchange_accreditation (id),
    hash BLOB NOT NULL UNIQUE,
    label TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    revoked_at INTEGER
);
CREATE INDEX exchange_key_of ON exchange_key (accreditation_id, made_at);

-- Flows that are or were stopped. No producer: everybody's, by the directorate.
CREATE TABLE exchange_stop (
    id BLOB PRIMARY KEY,
    producer_id BLOB,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    target_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL,
    stopped_by TEXT NOT NULL,
    ended_at INTEGER,
    ended_by TEXT,
    end_reason TEXT
);
CREATE INDEX exchange_stop_since ON exchange_stop (since, id);
