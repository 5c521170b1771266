-- Statistics pages from which the platform reads the figure of an indicator: one an indicator.
CREATE TABLE impact_poll (
    indicator_id BLOB PRIMARY KEY REFERENCES impact_indicator (id),
    url TEXT NOT NULL,
    -- JSON pointers (RFC 6901); empty: the whole document for the value, none for the others.
    value_pointer TEXT NOT NULL,
    has_date BOOLEAN NOT NULL,
    date_pointer TEXT NOT NULL,
    has_unit BOOLEAN NOT NULL,
    unit_pointer TEXT NOT NULL,
    -- The unit that the indicator had when the poll was set up.
    unit TEXT NOT NULL,
    rhythm TEXT NOT NULL CHECK (rhythm IN ('hourly', 'daily', 'weekly', 'monthly')),
    -- What the page's number is multiplied by, in millionths.
    factor BIGINT NOT NULL,
    version BIGINT NOT NULL,
    set_by_id BLOB,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    -- Until when a process reads it alone, and how many times one began to.
    leased_until BIGINT,
    runs BIGINT NOT NULL DEFAULT 0,
    succeeded_at BIGINT,
    success_code TEXT,
    success_value BIGINT,
    success_on TEXT,
    failed_at BIGINT,
    failure_code TEXT,
    failure_told TEXT,
    -- Failures since the last success.
    failures BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX impact_poll_due ON impact_poll (due_at, indicator_id);
