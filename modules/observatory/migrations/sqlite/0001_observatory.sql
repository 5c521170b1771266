-- Procedures and services of products, as their users know them.
CREATE TABLE observatory_procedure (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL,
    -- The product's name and ministry, kept beside so that a list reads one table.
    product_title TEXT NOT NULL,
    ministry_id BLOB,
    sort_key TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    users BIGINT,
    opens_aid BOOLEAN NOT NULL,
    -- Whether the observatory publishes it: kept beside so that an index finds them.
    in_scope BOOLEAN NOT NULL,
    -- Whether its users can give a review.
    is_open BOOLEAN NOT NULL DEFAULT TRUE,
    row_version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL
);
CREATE INDEX observatory_procedure_by_sort ON observatory_procedure (sort_key, id);
CREATE INDEX observatory_procedure_by_ministry ON observatory_procedure (ministry_id, sort_key, id);
CREATE INDEX observatory_procedure_by_product ON observatory_procedure (product_id, sort_key, id);
CREATE INDEX observatory_procedure_in_scope ON observatory_procedure (id) WHERE in_scope AND is_open;

-- Reviews. Who gave one is not known to anybody; what is said never changes, except that a comment
-- is taken away after its time or because it names somebody.
CREATE TABLE observatory_review (
    id BLOB PRIMARY KEY,
    procedure_id BLOB NOT NULL REFERENCES observatory_procedure (id),
    given_at BIGINT NOT NULL,
    on_day TEXT NOT NULL,
    satisfaction TEXT NOT NULL,
    -- Whether the person said more, once.
    is_detailed BOOLEAN NOT NULL DEFAULT FALSE,
    ease BIGINT,
    help TEXT,
    help_ease BIGINT,
    comment TEXT NOT NULL DEFAULT '',
    is_masked BOOLEAN NOT NULL DEFAULT FALSE,
    erased_on TEXT
);
CREATE INDEX observatory_review_by_procedure ON observatory_review (procedure_id, given_at, id);
CREATE INDEX observatory_review_said ON observatory_review (procedure_id, given_at, id)
    WHERE comment <> '';
CREATE INDEX observatory_review_old ON observatory_review (on_day, id) WHERE comment <> '';

-- Answers counted by day, in the transaction that keeps them.
CREATE TABLE observatory_day (
    procedure_id BLOB NOT NULL REFERENCES observatory_procedure (id),
    on_day TEXT NOT NULL,
    good BIGINT NOT NULL DEFAULT 0,
    medium BIGINT NOT NULL DEFAULT 0,
    bad BIGINT NOT NULL DEFAULT 0,
    ease_number BIGINT NOT NULL DEFAULT 0,
    ease_sum BIGINT NOT NULL DEFAULT 0,
    help_reached BIGINT NOT NULL DEFAULT 0,
    help_not_reached BIGINT NOT NULL DEFAULT 0,
    help_number BIGINT NOT NULL DEFAULT 0,
    help_sum BIGINT NOT NULL DEFAULT 0,
    -- How many of its reviews, and of their points, the journal was told of.
    told_reviews BIGINT NOT NULL DEFAULT 0,
    told_points BIGINT NOT NULL DEFAULT 0,
    is_told BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (procedure_id, on_day)
);
CREATE INDEX observatory_day_untold ON observatory_day (on_day, procedure_id) WHERE NOT is_told;

-- What teams declare, once and for good: the latest of its kind counts.
CREATE TABLE observatory_declaration (
    id BLOB PRIMARY KEY,
    procedure_id BLOB NOT NULL REFERENCES observatory_procedure (id),
    declared TEXT NOT NULL,
    value BIGINT NOT NULL,
    as_of TEXT NOT NULL,
    valid_until TEXT,
    evidence TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX observatory_declaration_latest
    ON observatory_declaration (procedure_id, declared, as_of, at, id);
CREATE TRIGGER observatory_declaration_never_changes BEFORE UPDATE ON observatory_declaration
BEGIN SELECT RAISE(ABORT, 'declarations never change'); END;
CREATE TRIGGER observatory_declaration_never_goes BEFORE DELETE ON observatory_declaration
BEGIN SELECT RAISE(ABORT, 'declarations never change'); END;

-- The latest of each kind: what grows old is found along its last day.
CREATE TABLE observatory_standing (
    procedure_id BLOB NOT NULL REFERENCES observatory_procedure (id),
    declared TEXT NOT NULL,
    declaration_id BLOB NOT NULL REFERENCES observatory_declaration (id),
    as_of TEXT NOT NULL,
    valid_until TEXT,
    PRIMARY KEY (procedure_id, declared)
);
CREATE INDEX observatory_standing_ages ON observatory_standing (valid_until, procedure_id, declared)
    WHERE valid_until IS NOT NULL;

-- Editions: the figures of a quarter as they were published, which never change.
CREATE TABLE observatory_edition (
    quarter TEXT PRIMARY KEY,
    -- Its name in the journal.
    id BLOB NOT NULL UNIQUE,
    made_at BIGINT NOT NULL,
    procedures BIGINT NOT NULL
);
CREATE TABLE observatory_edition_row (
    quarter TEXT NOT NULL REFERENCES observatory_edition (quarter),
    procedure_id BLOB NOT NULL REFERENCES observatory_procedure (id),
    sort_key TEXT NOT NULL,
    name TEXT NOT NULL,
    product_id BLOB NOT NULL,
    product_title TEXT NOT NULL,
    ministry_id BLOB,
    figures TEXT NOT NULL,
    PRIMARY KEY (quarter, procedure_id)
);
CREATE INDEX observatory_edition_by_sort
    ON observatory_edition_row (quarter, sort_key, procedure_id);
CREATE INDEX observatory_edition_by_ministry
    ON observatory_edition_row (quarter, ministry_id, sort_key, procedure_id);
CREATE INDEX observatory_edition_by_procedure ON observatory_edition_row (procedure_id, quarter);
CREATE TRIGGER observatory_edition_row_never_changes BEFORE UPDATE ON observatory_edition_row
BEGIN SELECT RAISE(ABORT, 'editions never change'); END;
CREATE TRIGGER observatory_edition_row_never_goes BEFORE DELETE ON observatory_edition_row
BEGIN SELECT RAISE(ABORT, 'editions never change'); END;
-- How many procedures of an edition stand where, by what is told.
CREATE TABLE observatory_edition_level (
    quarter TEXT NOT NULL REFERENCES observatory_edition (quarter),
    criterion TEXT NOT NULL,
    green BIGINT NOT NULL,
    yellow BIGINT NOT NULL,
    red BIGINT NOT NULL,
    grey BIGINT NOT NULL,
    PRIMARY KEY (quarter, criterion)
);

-- All that happened, once and for good. `position` is the place among the events of a subject.
CREATE TABLE observatory_event (
    id BLOB PRIMARY KEY,
    product_id BLOB,
    subject_kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    act TEXT NOT NULL,
    on_day TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_id BLOB,
    by_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (subject_id, position)
);
CREATE INDEX observatory_event_product ON observatory_event (product_id, on_day, at, id);
CREATE TRIGGER observatory_event_never_changes BEFORE UPDATE ON observatory_event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER observatory_event_never_goes BEFORE DELETE ON observatory_event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
