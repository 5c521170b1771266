-- One row: the number of what gateways know, which grows in the transaction of each change that they
-- must hear of, and the issuer's keys as they were told last.
CREATE TABLE exchange_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    keys TEXT NOT NULL
);
INSERT INTO exchange_head (one, number, keys) VALUES (1, 1, '');

-- Bodies with the number and name that they had when they were last looked up.
CREATE TABLE exchange_party (
    id BLOB PRIMARY KEY,
    siret TEXT NOT NULL,
    name TEXT NOT NULL
);

-- APIs of producers. `profile` is JSON: what the producer says. The key of pseudonyms is readable,
-- because each pseudonym is computed from it; whoever copies the database guards the copy.
CREATE TABLE exchange_api (
    id BLOB PRIMARY KEY,
    producer_id BLOB NOT NULL REFERENCES exchange_party (id),
    prefix TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    sensitivity TEXT NOT NULL,
    status TEXT NOT NULL,
    api_version TEXT NOT NULL,
    profile TEXT NOT NULL,
    document TEXT NOT NULL,
    pseudonym_key BLOB NOT NULL,
    row_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX exchange_api_name ON exchange_api (name, id);
CREATE INDEX exchange_api_producer ON exchange_api (producer_id);

-- What can be asked. `described` is JSON: what the document says.
CREATE TABLE exchange_operation (
    id BLOB PRIMARY KEY,
    api_id BLOB NOT NULL REFERENCES exchange_api (id),
    name TEXT NOT NULL,
    described TEXT NOT NULL,
    subject TEXT NOT NULL,
    pieces_saved INTEGER NOT NULL DEFAULT 0,
    is_removed BOOLEAN NOT NULL DEFAULT FALSE,
    UNIQUE (api_id, name)
);

-- Scopes: unique in the whole exchange, because a token carries them without their API.
CREATE TABLE exchange_scope (
    id BLOB PRIMARY KEY,
    api_id BLOB NOT NULL REFERENCES exchange_api (id),
    code TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    fields TEXT NOT NULL
);
CREATE INDEX exchange_scope_api ON exchange_scope (api_id, code);

-- What changed in an API, for those who use it.
CREATE TABLE exchange_api_change (
    id BLOB PRIMARY KEY,
    api_id BLOB NOT NULL REFERENCES exchange_api (id),
    at INTEGER NOT NULL,
    api_version TEXT NOT NULL,
    note TEXT NOT NULL,
    differences TEXT NOT NULL
);
CREATE INDEX exchange_api_change_of ON exchange_api_change (api_id, at);

-- Documents that were sent and not taken yet.
CREATE TABLE exchange_import (
    id BLOB PRIMARY KEY,
    api_id BLOB NOT NULL REFERENCES exchange_api (id),
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX exchange_import_age ON exchange_import (created_at);
