-- Rules by which flows are watched. `content` is JSON: what the rule says.
CREATE TABLE exchange_rule (
    id BLOB PRIMARY KEY,
    producer_id BLOB NOT NULL,
    api_id BLOB NOT NULL REFERENCES exchange_api (id),
    operation_id BLOB,
    content TEXT NOT NULL,
    is_on BOOLEAN NOT NULL DEFAULT FALSE,
    on_since INTEGER,
    changed_by TEXT NOT NULL,
    row_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX exchange_rule_api ON exchange_rule (api_id);
CREATE INDEX exchange_rule_producer ON exchange_rule (producer_id, created_at, id);
CREATE INDEX exchange_rule_age ON exchange_rule (created_at, id);

-- What fired: once for a source, an accreditation and a window, whenever its calls are heard of.
-- `rule` and `measured` are JSON: the rule as it stood, and what was counted.
CREATE TABLE exchange_alert (
    id BLOB PRIMARY KEY,
    source TEXT NOT NULL,
    rule_id BLOB REFERENCES exchange_rule (id),
    rule TEXT,
    producer_id BLOB,
    api_id BLOB,
    operation_id BLOB,
    accreditation_id BLOB NOT NULL,
    requester TEXT NOT NULL,
    window_from INTEGER NOT NULL,
    window_to INTEGER NOT NULL,
    measured TEXT NOT NULL,
    fired_at INTEGER NOT NULL,
    stop_id BLOB REFERENCES exchange_stop (id),
    is_open BOOLEAN NOT NULL DEFAULT TRUE,
    handled_as TEXT,
    handled_at INTEGER,
    handled_by TEXT,
    note TEXT,
    UNIQUE (source, accreditation_id, window_from, window_to)
);
CREATE INDEX exchange_alert_age ON exchange_alert (fired_at, id);
CREATE INDEX exchange_alert_producer ON exchange_alert (producer_id, fired_at, id);
CREATE INDEX exchange_alert_requester ON exchange_alert (requester, fired_at, id);

-- Calls by hour, as they were counted from traces: what rules are measured by.
CREATE TABLE exchange_hour (
    api_id BLOB NOT NULL,
    accreditation_id BLOB NOT NULL,
    hour INTEGER NOT NULL,
    operation_id BLOB NOT NULL,
    calls INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (api_id, accreditation_id, hour, operation_id)
);
CREATE INDEX exchange_hour_api ON exchange_hour (api_id, hour);
CREATE INDEX exchange_hour_age ON exchange_hour (hour);

-- The pseudonyms that a rule counts in a window, until it fires.
CREATE TABLE exchange_rule_subject (
    rule_id BLOB NOT NULL,
    accreditation_id BLOB NOT NULL,
    window_from INTEGER NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (rule_id, accreditation_id, window_from, subject)
);
CREATE INDEX exchange_rule_subject_age ON exchange_rule_subject (window_from);

-- The place in each log up to which its traces were counted. What came before is not counted.
CREATE TABLE exchange_watched (
    log TEXT NOT NULL PRIMARY KEY,
    next_index INTEGER NOT NULL
);
INSERT INTO exchange_watched (log, next_index) SELECT log, next_index FROM exchange_gateway;

-- One row, locked by who counts: two processes never count at once.
CREATE TABLE exchange_watch (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    rounds INTEGER NOT NULL
);
INSERT INTO exchange_watch (one, rounds) VALUES (1, 0);

CREATE INDEX exchange_stop_of ON exchange_stop (target, producer_id);
