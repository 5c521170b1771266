-- Gateways by their logs of traces: where each stands, and which place of its log comes next.
CREATE TABLE exchange_gateway (
    log TEXT NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    gateway TEXT NOT NULL,
    url TEXT NOT NULL,
    version TEXT NOT NULL,
    number INTEGER,
    told_at INTEGER,
    heard_at INTEGER NOT NULL,
    durable INTEGER NOT NULL,
    next_index INTEGER NOT NULL
);
CREATE INDEX exchange_gateway_heard ON exchange_gateway (heard_at);

-- Calls that were let through, as each life of a gateway counted them last.
CREATE TABLE exchange_call_count (
    accreditation_id BLOB NOT NULL,
    life BLOB NOT NULL,
    minute INTEGER NOT NULL,
    in_minute INTEGER NOT NULL,
    day INTEGER NOT NULL,
    in_day INTEGER NOT NULL,
    PRIMARY KEY (accreditation_id, life)
);
CREATE INDEX exchange_call_count_day ON exchange_call_count (day);
