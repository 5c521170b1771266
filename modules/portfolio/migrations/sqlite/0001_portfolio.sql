CREATE TABLE product (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('large-project', 'product', 'start-up')),
    title TEXT NOT NULL,
    mission TEXT NOT NULL,
    description TEXT NOT NULL,
    ministry_id BLOB,
    ministry_key TEXT NOT NULL,
    incubator_id BLOB,
    area TEXT NOT NULL,
    policy_priority TEXT NOT NULL,
    interministerial BOOLEAN NOT NULL,
    phase TEXT,
    phase_since TEXT,
    link TEXT NOT NULL,
    repository TEXT NOT NULL,
    stats_url TEXT NOT NULL,
    budget_url TEXT NOT NULL,
    impact_url TEXT NOT NULL,
    accessibility TEXT NOT NULL,
    source TEXT NOT NULL,
    -- What a list sorts by and shows, kept beside the product so that a page reads one table.
    sort_title TEXT NOT NULL,
    baseline_cents INTEGER,
    cost_cents INTEGER,
    cost_slip REAL,
    baseline_seconds INTEGER,
    duration_seconds INTEGER,
    duration_slip REAL,
    estimated_on TEXT,
    -- The product of which this one turned out to be another name.
    merged_into BLOB REFERENCES product (id),
    version INTEGER NOT NULL DEFAULT 1,
    -- Grows with each change of any product: what readers that keep a copy follow.
    changed_seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX product_by_title ON product (sort_title, id) WHERE merged_into IS NULL;
CREATE INDEX product_by_cost ON product (COALESCE(cost_cents, -1), id) WHERE merged_into IS NULL;
CREATE INDEX product_by_slip ON product (COALESCE(cost_slip, -9), id) WHERE merged_into IS NULL;
CREATE INDEX product_by_delay ON product (COALESCE(duration_slip, -9), id) WHERE merged_into IS NULL;
CREATE INDEX product_by_estimated ON product (COALESCE(estimated_on, ''), id) WHERE merged_into IS NULL;
CREATE INDEX product_by_ministry ON product (ministry_id, sort_title, id) WHERE merged_into IS NULL;
CREATE INDEX product_by_incubator ON product (incubator_id, sort_title, id) WHERE merged_into IS NULL;
CREATE INDEX product_by_kind ON product (kind, sort_title, id) WHERE merged_into IS NULL;
CREATE INDEX product_by_phase ON product (phase, sort_title, id) WHERE merged_into IS NULL;
CREATE INDEX product_by_changed ON product (changed_seq);

-- Every normalised name under which a product is found.
CREATE TABLE product_alias (
    normalised TEXT PRIMARY KEY,
    product_id BLOB NOT NULL REFERENCES product (id)
);
CREATE INDEX product_alias_of ON product_alias (product_id);

CREATE TABLE product_attribute (
    product_id BLOB NOT NULL REFERENCES product (id),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (product_id, kind, value)
);

CREATE TABLE product_phase (
    product_id BLOB NOT NULL REFERENCES product (id),
    position INTEGER NOT NULL,
    phase TEXT NOT NULL,
    started_on TEXT NOT NULL,
    ended_on TEXT,
    PRIMARY KEY (product_id, position)
);

CREATE TABLE product_event (
    product_id BLOB NOT NULL REFERENCES product (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    happened_on TEXT NOT NULL,
    comment TEXT NOT NULL,
    PRIMARY KEY (product_id, position)
);

-- Append-only.
CREATE TABLE estimate (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    product_id BLOB NOT NULL REFERENCES product (id),
    as_of TEXT NOT NULL,
    cost_cents INTEGER,
    duration_seconds INTEGER,
    start_on TEXT,
    phase TEXT,
    source TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    UNIQUE (product_id, as_of, source)
);
CREATE INDEX estimate_product ON estimate (product_id, as_of, seq);
CREATE TRIGGER estimate_never_changes BEFORE UPDATE ON estimate
BEGIN SELECT RAISE(ABORT, 'estimates never change'); END;
CREATE TRIGGER estimate_never_goes BEFORE DELETE ON estimate
BEGIN SELECT RAISE(ABORT, 'estimates never change'); END;

-- Re-baselines: acts with an author and a reason. The first baseline is the first estimate that
-- counts and needs no row. Append-only.
CREATE TABLE rebaseline (
    id BLOB PRIMARY KEY,
    seq INTEGER NOT NULL UNIQUE,
    product_id BLOB NOT NULL REFERENCES product (id),
    effective_on TEXT NOT NULL,
    cost_cents INTEGER,
    duration_seconds INTEGER,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
);
CREATE INDEX rebaseline_product ON rebaseline (product_id, effective_on, seq);
CREATE TRIGGER rebaseline_never_changes BEFORE UPDATE ON rebaseline
BEGIN SELECT RAISE(ABORT, 'baselines never change'); END;
CREATE TRIGGER rebaseline_never_goes BEFORE DELETE ON rebaseline
BEGIN SELECT RAISE(ABORT, 'baselines never change'); END;

-- A published list and its members.
CREATE TABLE edition (
    published_on TEXT PRIMARY KEY,
    file_name TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    rows_read INTEGER NOT NULL,
    imported_at INTEGER NOT NULL
);
CREATE TABLE listing (
    published_on TEXT NOT NULL REFERENCES edition (published_on),
    product_id BLOB NOT NULL REFERENCES product (id),
    PRIMARY KEY (published_on, product_id)
);
CREATE INDEX listing_product ON listing (product_id);

-- Names that are near: what was proposed and what a person answered.
CREATE TABLE near_match (
    product_id BLOB NOT NULL REFERENCES product (id),
    candidate_id BLOB NOT NULL REFERENCES product (id),
    nearness REAL NOT NULL,
    answer TEXT CHECK (answer IN ('same', 'different')),
    answered_by TEXT,
    answered_at INTEGER,
    proposed_at INTEGER NOT NULL,
    PRIMARY KEY (product_id, candidate_id)
);
CREATE INDEX near_match_open ON near_match (answer, proposed_at);

CREATE TABLE saved_view (
    id BLOB PRIMARY KEY,
    person_id BLOB NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (person_id, name)
);

-- Numbers that grow: of estimates, of changes.
CREATE TABLE portfolio_counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT INTO portfolio_counter (name, value) VALUES ('estimate', 0), ('change', 0);
