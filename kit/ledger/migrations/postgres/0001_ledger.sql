-- Keys of logs. `secret` is readable, as that of every key that signs: its process needs it.
CREATE TABLE ledger_key (
    log TEXT NOT NULL,
    number BIGINT NOT NULL,
    secret TEXT NOT NULL,
    salt BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    PRIMARY KEY (log, number)
);

-- Which process adds to a log, and until when it may without asking again.
CREATE TABLE ledger_lease (
    log TEXT PRIMARY KEY,
    holder UUID NOT NULL,
    until BIGINT NOT NULL
);
