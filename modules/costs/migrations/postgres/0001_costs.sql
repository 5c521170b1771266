-- A product whose cost is stored, with what its latest version says: lists read this table alone.
CREATE TABLE costs_file (
    id UUID PRIMARY KEY,
    product_id UUID NOT NULL UNIQUE,
    product_title TEXT NOT NULL,
    ministry_id UUID,
    sort_key TEXT COLLATE "C" NOT NULL,
    -- The number of the latest version.
    latest BIGINT NOT NULL,
    as_of TEXT COLLATE "C" NOT NULL,
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
    id UUID PRIMARY KEY,
    file_id UUID NOT NULL REFERENCES costs_file (id),
    number BIGINT NOT NULL,
    as_of TEXT COLLATE "C" NOT NULL,
    content TEXT NOT NULL,
    total_cents BIGINT NOT NULL,
    -- The portfolio's latest estimate as it stood, and its date.
    estimate_cents BIGINT,
    estimated_on TEXT COLLATE "C",
    reason TEXT NOT NULL,
    author_id UUID,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (file_id, number)
);
CREATE FUNCTION costs_version_never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'versions never change'; END $$;
CREATE TRIGGER costs_version_never_changes BEFORE UPDATE OR DELETE ON costs_version
FOR EACH ROW EXECUTE FUNCTION costs_version_never_changes();

-- From which day anybody reads a version, and without which lines.
CREATE TABLE costs_publication (
    version_id UUID PRIMARY KEY REFERENCES costs_version (id),
    file_id UUID NOT NULL REFERENCES costs_file (id),
    number BIGINT NOT NULL,
    public_on TEXT COLLATE "C" NOT NULL,
    redactions TEXT NOT NULL,
    revision BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE INDEX costs_publication_by_file ON costs_publication (file_id, number);
CREATE INDEX costs_publication_by_day ON costs_publication (public_on, version_id);
