-- Promises that are measured. Quantities are whole numbers of millionths of the unit.
CREATE TABLE impact_indicator (
    id UUID PRIMARY KEY,
    -- The product of which it tells; `told_product_id` is the one that was named, which may have
    -- turned out to be another name of the first.
    product_id UUID NOT NULL,
    told_product_id UUID NOT NULL,
    -- The product's name and ministry, kept beside so that a page reads one table.
    product_title TEXT NOT NULL,
    ministry_id UUID,
    sort_key TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    measured TEXT NOT NULL,
    unit TEXT NOT NULL,
    more_is_better BOOLEAN NOT NULL,
    formula TEXT NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    method TEXT NOT NULL,
    owner TEXT NOT NULL,
    rhythm TEXT NOT NULL CHECK (rhythm IN ('weekly', 'monthly', 'quarterly', 'half-yearly', 'yearly')),
    level TEXT NOT NULL CHECK (level IN ('usable', 'used', 'useful', 'impactful', 'efficient')),
    -- Where the figures come from: people, or counts of the platform's journal about a subject.
    origin TEXT NOT NULL CHECK (origin IN ('hand', 'sign-ins', 'calls', 'pieces-saved')),
    origin_subject UUID,
    baseline_value BIGINT,
    baseline_on TEXT COLLATE "C",
    target_value BIGINT,
    due_on TEXT COLLATE "C",
    threshold_value BIGINT,
    in_use BOOLEAN NOT NULL DEFAULT TRUE,
    version BIGINT NOT NULL DEFAULT 1,
    -- The observations and corrections that were recorded: the number of the last one.
    observations BIGINT NOT NULL DEFAULT 0,
    -- The latest figure and what it says of the promise, brought up to date in the transaction that
    -- records an observation: lists never read observations.
    latest_value BIGINT,
    latest_on TEXT COLLATE "C",
    latest_quality TEXT,
    latest_error BIGINT,
    -- Whether the figure reaches the target, or the threshold only.
    met TEXT NOT NULL DEFAULT 'neither' CHECK (met IN ('target', 'threshold', 'neither')),
    -- Whether it is worse than the expected path on its own date.
    behind BOOLEAN NOT NULL DEFAULT FALSE,
    -- The last day on which the figure is recent enough to say how the promise stands.
    fresh_until TEXT COLLATE "C",
    -- Missed once its date has passed; behind as long as it hasn't.
    owing BOOLEAN NOT NULL DEFAULT FALSE,
    lagging BOOLEAN NOT NULL DEFAULT FALSE,
    -- The last day up to which an automatic figure was made from counts.
    counted_until TEXT COLLATE "C",
    -- The last day of the first period whose automatic figure isn't made yet.
    figure_due_on TEXT COLLATE "C",
    created_at BIGINT NOT NULL
);
CREATE INDEX impact_indicator_by_sort ON impact_indicator (sort_key, id);
CREATE INDEX impact_indicator_by_product ON impact_indicator (product_id, sort_key, id);
CREATE INDEX impact_indicator_by_told ON impact_indicator (told_product_id);
CREATE INDEX impact_indicator_by_ministry ON impact_indicator (ministry_id, sort_key, id);
CREATE INDEX impact_indicator_by_level ON impact_indicator (level, sort_key, id);
CREATE INDEX impact_indicator_owing ON impact_indicator (due_on, id) WHERE owing;
CREATE INDEX impact_indicator_lagging ON impact_indicator (due_on, id, fresh_until) WHERE lagging;
CREATE INDEX impact_indicator_counted ON impact_indicator (figure_due_on, id)
    WHERE in_use AND origin <> 'hand';
CREATE INDEX impact_indicator_by_subject ON impact_indicator (origin_subject, origin)
    WHERE origin <> 'hand';

-- Append-only. Of the rows with the same indicator, date and source the one with the highest
-- revision counts; the others are what it corrects. Without a value it takes the figure away.
CREATE TABLE impact_observation (
    indicator_id UUID NOT NULL REFERENCES impact_indicator (id),
    as_of TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    -- Its number among those of the indicator, from 1.
    seq BIGINT NOT NULL,
    value BIGINT,
    standard_error BIGINT,
    quality TEXT NOT NULL CHECK (quality IN ('measured', 'estimated', 'declared')),
    -- The number of the row that it corrects, and why.
    corrects BIGINT,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (indicator_id, as_of, source, revision),
    UNIQUE (indicator_id, seq)
);
CREATE FUNCTION impact_observation_never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'observations never change'; END $$;
CREATE TRIGGER impact_observation_never_changes BEFORE UPDATE OR DELETE ON impact_observation
FOR EACH ROW EXECUTE FUNCTION impact_observation_never_changes();

-- What the platform counted by itself: per day (in Paris) and subject.
CREATE TABLE impact_count (
    origin TEXT NOT NULL,
    subject_id UUID NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (origin, subject_id, day)
);

-- Keys by which programs send figures of one indicator: their SHA-256, never themselves.
CREATE TABLE impact_key (
    hash BYTEA PRIMARY KEY,
    indicator_id UUID NOT NULL REFERENCES impact_indicator (id),
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX impact_key_indicator ON impact_key (indicator_id, created_at);
