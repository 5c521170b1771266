-- Witnesses of logs: whose word that they saw a checkpoint is kept beside it.
CREATE TABLE ledger_witness (
    log TEXT NOT NULL,
    key TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    removed_at INTEGER,
    PRIMARY KEY (log, key)
);
