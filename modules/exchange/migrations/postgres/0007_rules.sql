-- Rules by which flows are watched. `content` is JSON: what the rule says.
CREATE TABLE exchange_rule (
    id UUID PRIMARY KEY,
    producer_id UUID NOT NULL,
    api_id UUID NOT NULL REFERENCES exchange_api (id),
    operation_id UUID,
    content TEXT NOT NULL,
    is_on BOOLEAN NOT NULL DEFAULT FALSE,
    on_since BIGINT,
    changed_by TEXT NOT NULL,
    row_version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX exchange_rule_api ON exchange_rule (api_id);
CREATE INDEX exchange_rule_producer ON exchange_rule (producer_id, created_at, id);
CREATE INDEX exchange_rule_age ON exchange_rule (created_at, id);

-- What fired: once for a source, an accreditation and a window, whenever its calls are heard of.
-- `rule` and `measured` are JSON: the rule as it stood, and what was counted.
CREATE TABLE exchange_alert (
    id UUID PRIMARY KEY,
    source TEXT COLLATE "C" NOT NULL,
    rule_id UUID REFERENCES exchange_rule (id),
    rule TEXT,
    producer_id UUID,
    api_id UUID,
    operation_id UUID,
    accreditation_id UUID NOT NULL,
    requester TEXT COLLATE "C" NOT NULL,
    window_from BIGINT NOT NULL,
    window_to BIGINT NOT NULL,
    measured TEXT NOT NULL,
    fired_at BIGINT NOT NULL,
    stop_id UUID REFERENCES exchange_stop (id),
    is_open BOOLEAN NOT NULL DEFAULT TRUE,
    handled_as TEXT,
    handled_at BIGINT,
    handled_by TEXT,
    note TEXT,
    UNIQUE (source, accreditation_id, window_from, window_to)
);
CREATE INDEX exchange_alert_age ON exchange_alert (fired_at, id);
CREATE INDEX exchange_alert_producer ON exchange_alert (producer_id, fired_at, id);
CREATE INDEX exchange_alert_requester ON exchange_alert (requester, fired_at, id);

-- Calls by hour, as they were counted from traces: what rules are measured by.
CREATE TABLE exchange_hour (
    api_id UUID NOT NULL,
    accreditation_id UUID NOT NULL,
    hour BIGINT NOT NULL,
    operation_id UUID NOT NULL,
    calls BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (api_id, accreditation_id, hour, operation_id)
);
CREATE INDEX exchange_hour_api ON exchange_hour (api_id, hour);
CREATE INDEX exchange_hour_age ON exchange_hour (hour);

-- The pseudonyms that a rule counts in a window, until it fires.
CREATE TABLE exchange_rule_subject (
    rule_id UUID NOT NULL,
    accreditation_id UUID NOT NULL,
    window_from BIGINT NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (rule_id, accreditation_id, window_from, subject)
);
CREATE INDEX exchange_rule_subject_age ON exchange_rule_subject (window_from);

-- The place in each log up to which its traces were counted. What came before is not counted.
CREATE TABLE exchange_watched (
    log TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    next_index BIGINT NOT NULL
);
INSERT INTO exchange_watched (log, next_index) SELECT log, next_index FROM exchange_gateway;

-- One row, locked by who counts: two processes never count at once.
CREATE TABLE exchange_watch (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    rounds BIGINT NOT NULL
);
INSERT INTO exchange_watch (one, rounds) VALUES (1, 0);

CREATE INDEX exchange_stop_of ON exchange_stop (target, producer_id);
