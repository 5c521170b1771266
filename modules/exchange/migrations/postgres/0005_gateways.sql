-- Gateways by their logs of traces: where each stands, and which place of its log comes next.
CREATE TABLE exchange_gateway (
    log TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    id UUID NOT NULL,
    gateway TEXT NOT NULL,
    url TEXT NOT NULL,
    version TEXT NOT NULL,
    number BIGINT,
    told_at BIGINT,
    heard_at BIGINT NOT NULL,
    durable BIGINT NOT NULL,
    next_index BIGINT NOT NULL
);
CREATE INDEX exchange_gateway_heard ON exchange_gateway (heard_at);

-- Calls that were let through, as each life of a gateway counted them last.
CREATE TABLE exchange_call_count (
    accreditation_id UUID NOT NULL,
    life UUID NOT NULL,
    minute BIGINT NOT NULL,
    in_minute BIGINT NOT NULL,
    day BIGINT NOT NULL,
    in_day BIGINT NOT NULL,
    PRIMARY KEY (accreditation_id, life)
);
CREATE INDEX exchange_call_count_day ON exchange_call_count (day);
