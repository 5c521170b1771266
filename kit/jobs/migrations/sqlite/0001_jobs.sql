CREATE TABLE job (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    attempts_max INTEGER NOT NULL,
    leased_until INTEGER,
    progress_done INTEGER NOT NULL DEFAULT 0,
    progress_total INTEGER NOT NULL DEFAULT 0,
    result TEXT,
    problem TEXT,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
);
CREATE INDEX job_due ON job (state, run_at);
CREATE INDEX job_newest ON job (created_at, id);
