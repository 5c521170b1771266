-- Traces of calls, as gateways logged them. A log's entry is kept once.
CREATE TABLE exchange_trace (
    log TEXT COLLATE "C" NOT NULL,
    log_index BIGINT NOT NULL,
    request_id UUID NOT NULL,
    at BIGINT NOT NULL,
    accreditation_id UUID,
    accreditation_version BIGINT,
    requester TEXT,
    editor TEXT,
    producer_id UUID NOT NULL,
    api_id UUID NOT NULL,
    operation_id UUID NOT NULL,
    purpose TEXT,
    object TEXT,
    legal_basis TEXT,
    recipient TEXT,
    subject TEXT,
    status BIGINT NOT NULL,
    problem TEXT,
    latency_us BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    pieces_saved BIGINT NOT NULL,
    hidden_until BIGINT,
    PRIMARY KEY (log, log_index)
);
CREATE INDEX exchange_trace_producer ON exchange_trace (producer_id, at, log, log_index);
CREATE INDEX exchange_trace_requester ON exchange_trace (requester, at, log, log_index);
CREATE INDEX exchange_trace_age ON exchange_trace (at);
CREATE INDEX exchange_trace_subject ON exchange_trace (subject, at);

-- Calls and pieces of information that nobody was asked for again, by day: kept when traces go.
CREATE TABLE exchange_day (
    day TEXT COLLATE "C" NOT NULL,
    producer_id UUID NOT NULL,
    api_id UUID NOT NULL,
    requester TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    calls BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    pieces_saved BIGINT NOT NULL,
    PRIMARY KEY (day, api_id, requester, purpose)
);
CREATE INDEX exchange_day_producer ON exchange_day (producer_id, day);
CREATE INDEX exchange_day_requester ON exchange_day (requester, day);
