-- Proofs of traces whose log is on another machine: asked for by the person whom the call is about, given
-- by the gateway with its next report. Kept until `until` at most. With its salt a row can be known again by
-- its hash, which must end when the row is erased: it goes with the trace.
CREATE TABLE exchange_proof (
    log TEXT NOT NULL,
    log_index INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    answered_at INTEGER,
    entry BLOB,
    salt BLOB,
    inclusion TEXT,
    PRIMARY KEY (log, log_index),
    FOREIGN KEY (log, log_index) REFERENCES exchange_trace (log, log_index) ON DELETE CASCADE
);
CREATE INDEX exchange_proof_waiting ON exchange_proof (log, asked_at, log_index) WHERE state = 'waiting';
CREATE INDEX exchange_proof_until ON exchange_proof (until);
