-- One row: the number of what gateways know, which grows in the transaction of each change that they
-- must hear of, and the issuer's keys as they were told last.
CREATE TABLE exchange_head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL,
    keys TEXT NOT NULL
);
INSERT INTO exchange_head (one, number, keys) VALUES (1, 1, '');

-- Bodies with the number and name that they had when they were last looked up.
CREATE TABLE exchange_party (
    id UUID PRIMARY KEY,
    siret TEXT NOT NULL,
    name TEXT NOT NULL
);

-- APIs of producers. `profile` is JSON: what the producer says. The key of pseudonyms is readable,
-- because each pseudonym is computed from it; whoever copies the database guards the copy.
CREATE TABLE exchange_api (
    id UUID PRIMARY KEY,
    producer_id UUID NOT NULL REFERENCES exchange_party (id),
    prefix TEXT NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    search TEXT NOT NULL,
    sensitivity TEXT NOT NULL,
    status TEXT NOT NULL,
    api_version TEXT NOT NULL,
    profile TEXT NOT NULL,
    document TEXT NOT NULL,
    pseudonym_key BYTEA NOT NULL,
    row_version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX exchange_api_name ON exchange_api (name, id);
CREATE INDEX exchange_api_producer ON exchange_api (producer_id);

-- What can be asked. `described` is JSON: what the document says.
CREATE TABLE exchange_operation (
    id UUID PRIMARY KEY,
    api_id UUID NOT NULL REFERENCES exchange_api (id),
    name TEXT COLLATE "C" NOT NULL,
    described TEXT NOT NULL,
    subject TEXT NOT NULL,
    pieces_saved BIGINT NOT NULL DEFAULT 0,
    is_removed BOOLEAN NOT NULL DEFAULT FALSE,
    UNIQUE (api_id, name)
);

-- Scopes: unique in the whole exchange, because a token carries them without their API.
CREATE TABLE exchange_scope (
    id UUID PRIMARY KEY,
    api_id UUID NOT NULL REFERENCES exchange_api (id),
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    label TEXT NOT NULL,
    fields TEXT NOT NULL
);
CREATE INDEX exchange_scope_api ON exchange_scope (api_id, code);

-- What changed in an API, for those who use it.
CREATE TABLE exchange_api_change (
    id UUID PRIMARY KEY,
    api_id UUID NOT NULL REFERENCES exchange_api (id),
    at BIGINT NOT NULL,
    api_version TEXT NOT NULL,
    note TEXT NOT NULL,
    differences TEXT NOT NULL
);
CREATE INDEX exchange_api_change_of ON exchange_api_change (api_id, at);

-- Documents that were sent and not taken yet.
CREATE TABLE exchange_import (
    id UUID PRIMARY KEY,
    api_id UUID NOT NULL REFERENCES exchange_api (id),
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX exchange_import_age ON exchange_import (created_at);
