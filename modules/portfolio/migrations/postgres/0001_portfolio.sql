CREATE TABLE product (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('large-project', 'product', 'start-up')),
    title TEXT NOT NULL,
    mission TEXT NOT NULL,
    description TEXT NOT NULL,
    ministry_id UUID,
    ministry_key TEXT NOT NULL,
    incubator_id UUID,
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
    sort_title TEXT COLLATE "C" NOT NULL,
    baseline_cents BIGINT,
    cost_cents BIGINT,
    cost_slip DOUBLE PRECISION,
    baseline_seconds BIGINT,
    duration_seconds BIGINT,
    duration_slip DOUBLE PRECISION,
    estimated_on TEXT COLLATE "C",
    -- The product of which this one turned out to be another name.
    merged_into UUID REFERENCES product (id),
    version BIGINT NOT NULL DEFAULT 1,
    -- Grows with each change of any product: what readers that keep a copy follow.
    changed_seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL
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
    product_id UUID NOT NULL REFERENCES product (id)
);
CREATE INDEX product_alias_of ON product_alias (product_id);

CREATE TABLE product_attribute (
    product_id UUID NOT NULL REFERENCES product (id),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (product_id, kind, value)
);

CREATE TABLE product_phase (
    product_id UUID NOT NULL REFERENCES product (id),
    position BIGINT NOT NULL,
    phase TEXT NOT NULL,
    started_on TEXT COLLATE "C" NOT NULL,
    ended_on TEXT,
    PRIMARY KEY (product_id, position)
);

CREATE TABLE product_event (
    product_id UUID NOT NULL REFERENCES product (id),
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    happened_on TEXT COLLATE "C" NOT NULL,
    comment TEXT NOT NULL,
    PRIMARY KEY (product_id, position)
);

-- Append-only.
CREATE TABLE estimate (
    seq BIGINT PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    product_id UUID NOT NULL REFERENCES product (id),
    as_of TEXT COLLATE "C" NOT NULL,
    cost_cents BIGINT,
    duration_seconds BIGINT,
    start_on TEXT,
    phase TEXT,
    source TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    UNIQUE (product_id, as_of, source)
);
CREATE INDEX estimate_product ON estimate (product_id, as_of, seq);
CREATE FUNCTION estimate_never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'estimates never change'; END $$;
CREATE TRIGGER estimate_never_changes BEFORE UPDATE OR DELETE ON estimate
FOR EACH ROW EXECUTE FUNCTION estimate_never_changes();

-- Re-baselines: acts with an author and a reason. The first baseline is the first estimate that
-- counts and needs no row. Append-only.
CREATE TABLE rebaseline (
    id UUID PRIMARY KEY,
    seq BIGINT NOT NULL UNIQUE,
    product_id UUID NOT NULL REFERENCES product (id),
    effective_on TEXT COLLATE "C" NOT NULL,
    cost_cents BIGINT,
    duration_seconds BIGINT,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX rebaseline_product ON rebaseline (product_id, effective_on, seq);
CREATE FUNCTION rebaseline_never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'baselines never change'; END $$;
CREATE TRIGGER rebaseline_never_changes BEFORE UPDATE OR DELETE ON rebaseline
FOR EACH ROW EXECUTE FUNCTION rebaseline_never_changes();

-- A published list and its members.
CREATE TABLE edition (
    published_on TEXT COLLATE "C" PRIMARY KEY,
    file_name TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    rows_read BIGINT NOT NULL,
    imported_at BIGINT NOT NULL
);
CREATE TABLE listing (
    published_on TEXT COLLATE "C" NOT NULL REFERENCES edition (published_on),
    product_id UUID NOT NULL REFERENCES product (id),
    PRIMARY KEY (published_on, product_id)
);
CREATE INDEX listing_product ON listing (product_id);

-- Names that are near: what was proposed and what a person answered.
CREATE TABLE near_match (
    product_id UUID NOT NULL REFERENCES product (id),
    candidate_id UUID NOT NULL REFERENCES product (id),
    nearness DOUBLE PRECISION NOT NULL,
    answer TEXT CHECK (answer IN ('same', 'different')),
    answered_by TEXT,
    answered_at BIGINT,
    proposed_at BIGINT NOT NULL,
    PRIMARY KEY (product_id, candidate_id)
);
CREATE INDEX near_match_open ON near_match (answer, proposed_at);

CREATE TABLE saved_view (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (person_id, name)
);

-- Numbers that grow: of estimates, of changes.
CREATE TABLE portfolio_counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO portfolio_counter (name, value) VALUES ('estimate', 0), ('change', 0);
