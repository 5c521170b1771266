-- Keys of logs. `secret` is readable, as that of every key that signs: its process needs it.
CREATE TABLE ledger_key (
    log TEXT NOT NULL,
    number INTEGER NOT NULL,
    secret TEXT NOT NULL,
    salt BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    PRIMARY KEY (log, number)
);

-- Which process adds to a log, and until when it may without asking again.
CREATE TABLE ledger_lease (
    log TEXT PRIMARY KEY,
    holder BLOB NOT NULL,
    until INTEGER NOT NULL
);
