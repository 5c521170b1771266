-- Accreditations: the request that is worked on (`form`, JSON, as typed), and where all of it stands.
CREATE TABLE exchange_accreditation (
    id UUID PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    requester_id UUID NOT NULL REFERENCES exchange_party (id),
    author_id UUID,
    author_name TEXT NOT NULL,
    title TEXT NOT NULL,
    form TEXT NOT NULL,
    request TEXT NOT NULL,
    kind TEXT NOT NULL,
    submitted_at BIGINT,
    due_on TEXT COLLATE "C",
    decided_at BIGINT,
    instructor_id UUID,
    instructor_name TEXT NOT NULL DEFAULT '',
    granted_version BIGINT,
    standing TEXT,
    valid_until BIGINT,
    noticed_days BIGINT,
    editor_id UUID,
    row_version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX exchange_accreditation_requester ON exchange_accreditation (requester_id, updated_at);
CREATE INDEX exchange_accreditation_editor ON exchange_accreditation (editor_id);
CREATE INDEX exchange_accreditation_request ON exchange_accreditation (request, due_on);
CREATE INDEX exchange_accreditation_standing ON exchange_accreditation (standing, valid_until);

-- One row: the number of the next accreditation, taken under its lock.
CREATE TABLE exchange_counter (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    accreditations BIGINT NOT NULL
);
INSERT INTO exchange_counter (one, accreditations) VALUES (1, 0);

-- What each approval froze. Append-only.
CREATE TABLE exchange_version (
    accreditation_id UUID NOT NULL REFERENCES exchange_accreditation (id),
    number BIGINT NOT NULL,
    content TEXT NOT NULL,
    approved_at BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    PRIMARY KEY (accreditation_id, number)
);
CREATE FUNCTION exchange_version_never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'versions never change'; END $$;
CREATE TRIGGER exchange_version_never_changes BEFORE UPDATE OR DELETE ON exchange_version
FOR EACH ROW EXECUTE FUNCTION exchange_version_never_changes();

-- The APIs that a request names or a version grants, for whoever looks from the producer's side.
CREATE TABLE exchange_accreditation_api (
    accreditation_id UUID NOT NULL REFERENCES exchange_accreditation (id),
    api_id UUID NOT NULL REFERENCES exchange_api (id),
    producer_id UUID NOT NULL,
    PRIMARY KEY (accreditation_id, api_id)
);
CREATE INDEX exchange_accreditation_api_producer ON exchange_accreditation_api (producer_id);

-- How long each decision took, and what it was.
CREATE TABLE exchange_decision (
    id UUID PRIMARY KEY,
    accreditation_id UUID NOT NULL REFERENCES exchange_accreditation (id),
    submitted_at BIGINT NOT NULL,
    decided_at BIGINT NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX exchange_decision_at ON exchange_decision (decided_at);

-- The thread of a request.
CREATE TABLE exchange_message (
    id UUID PRIMARY KEY,
    accreditation_id UUID NOT NULL REFERENCES exchange_accreditation (id),
    at BIGINT NOT NULL,
    author_name TEXT NOT NULL,
    side TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX exchange_message_of ON exchange_message (accreditation_id, at, id);

-- The clients that may use an accreditation, and whose they are.
CREATE TABLE exchange_client (
    accreditation_id UUID NOT NULL REFERENCES exchange_accreditation (id),
    client_id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    organisation_id UUID NOT NULL,
    named_at BIGINT NOT NULL,
    PRIMARY KEY (accreditation_id, client_id)
);
CREATE INDEX exchange_client_named ON exchange_client (client_id);

-- Opaque keys: hashes only.
CREATE TABLE exchange_key (
    id UUID PRIMARY KEY,
    accreditation_id UUID NOT NULL REFERENCES exchange_accreditation (id),
    hash BYTEA NOT NULL UNIQUE,
    label TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX exchange_key_of ON exchange_key (accreditation_id, made_at);

-- Flows that are or were stopped. No producer: everybody's, by the directorate.
CREATE TABLE exchange_stop (
    id UUID PRIMARY KEY,
    producer_id UUID,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    target_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    since BIGINT NOT NULL,
    stopped_by TEXT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT,
    end_reason TEXT
);
CREATE INDEX exchange_stop_since ON exchange_stop (since, id);
