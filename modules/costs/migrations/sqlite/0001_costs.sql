-- A product whose cost is stored, with what its latest version says: lists read this table alone.
CREATE TABLE costs_file (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL UNIQUE,
    product_title TEXT NOT NULL,
    ministry_id BLOB,
    sort_key TEXT NOT NULL,
    -- The number of the latest version.
    latest BIGINT NOT NULL,
    as_of TEXT NOT NULL,
    total_cents BIGINT NOT NULL,
    per_year_cents BIGINT NOT NULL,
    -- The larger of the total and of the portfolio's estimate when the version was made.
    weight_cents BIGINT NOT NULL
);
CREATE INDEX costs_file_by_sort ON costs_file (sort_key, id);
CREATE INDEX costs_file_by_ministry ON costs_file (ministry_id, sort_key, id);
CREATE INDEX costs_file_by_age ON costs_file (as_of, id);

-- Append-only. A version is a document: its lines, assumptions and settings are read together, so that
-- they are kept as one JSON text.
CREATE TABLE costs_version (
    id BLOB PRIMARY KEY,
    file_id BLOB NOT NULL REFERENCES costs_file (id),
    number BIGINT NOT NULL,
    as_of TEXT NOT NULL,
    content TEXT NOT NULL,
    total_cents BIGINT NOT NULL,
    -- The portfolio's latest estimate as it stood, and its date.
    estimate_cents BIGINT,
    estimated_on TEXT,
    reason TEXT NOT NULL,
    author_id BLOB,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (file_id, number)
);
CREATE TRIGGER costs_version_never_changes BEFORE UPDATE ON costs_version
BEGIN SELECT RAISE(ABORT, 'versions never change'); END;
CREATE TRIGGER costs_version_never_goes BEFORE DELETE ON costs_version
BEGIN SELECT RAISE(ABORT, 'versions never change'); END;

-- From which day anybody reads a version, and without which lines.
CREATE TABLE costs_publication (
    version_id BLOB PRIMARY KEY REFERENCES costs_version (id),
    file_id BLOB NOT NULL REFERENCES costs_file (id),
    number BIGINT NOT NULL,
    public_on TEXT NOT NULL,
    redactions TEXT NOT NULL,
    revision BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE INDEX costs_publication_by_file ON costs_publication (file_id, number);
CREATE INDEX costs_publication_by_day ON costs_publication (public_on, version_id);
