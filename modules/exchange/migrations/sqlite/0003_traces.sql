-- Traces of calls, as gateways logged them. A log's entry is kept once.
CREATE TABLE exchange_trace (
    log TEXT NOT NULL,
    log_index INTEGER NOT NULL,
    request_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    accreditation_id BLOB,
    accreditation_version INTEGER,
    requester TEXT,
    editor TEXT,
    producer_id BLOB NOT NULL,
    api_id BLOB NOT NULL,
    operation_id BLOB NOT NULL,
    purpose TEXT,
    object TEXT,
    legal_basis TEXT,
    recipient TEXT,
    subject TEXT,
    status INTEGER NOT NULL,
    problem TEXT,
    latency_us INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    pieces_saved INTEGER NOT NULL,
    hidden_until INTEGER,
    PRIMARY KEY (log, log_index)
);
CREATE INDEX exchange_trace_producer ON exchange_trace (producer_id, at, log, log_index);
CREATE INDEX exchange_trace_requester ON exchange_trace (requester, at, log, log_index);
CREATE INDEX exchange_trace_age ON exchange_trace (at);
CREATE INDEX exchange_trace_subject ON exchange_trace (subject, at);

-- Calls and pieces of information that nobody was asked for again, by day: kept when traces go.
CREATE TABLE exchange_day (
    day TEXT NOT NULL,
    producer_id BLOB NOT NULL,
    api_id BLOB NOT NULL,
    requester TEXT NOT NULL,
    purpose TEXT NOT NULL,
    calls INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    pieces_saved INTEGER NOT NULL,
    PRIMARY KEY (day, api_id, requester, purpose)
);
CREATE INDEX exchange_day_producer ON exchange_day (producer_id, day);
CREATE INDEX exchange_day_requester ON exchange_day (requester, day);
