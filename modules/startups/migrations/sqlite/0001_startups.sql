-- Start-ups: the list by due review, reviews, decisions, investments, national impact, priorities.

-- Products as the portfolio told them last: start-ups, and what serves a priority.
CREATE TABLE startups_product (
    product_id BLOB PRIMARY KEY,
    ministry_id BLOB,
    incubator_id BLOB,
    title TEXT NOT NULL,
    is_startup BOOLEAN NOT NULL,
    is_live BOOLEAN NOT NULL,
    phase TEXT,
    phase_since TEXT,
    -- Since when its reviews are followed here.
    known_on TEXT,
    priority_key TEXT NOT NULL,
    accessibility TEXT NOT NULL,
    repository TEXT NOT NULL,
    last_review_on TEXT,
    -- When the next review is due: of live start-ups.
    due_on TEXT,
    level TEXT,
    invested_cents INTEGER NOT NULL DEFAULT 0,
    spent_cents INTEGER NOT NULL DEFAULT 0,
    -- The due day of which the team was told, and that it has passed.
    announced_due TEXT,
    overdue_told TEXT
);
CREATE INDEX startups_product_due ON startups_product (due_on, product_id) WHERE due_on IS NOT NULL;
CREATE INDEX startups_product_ministry ON startups_product (ministry_id, due_on, product_id)
    WHERE due_on IS NOT NULL;
CREATE INDEX startups_product_incubator ON startups_product (incubator_id, due_on, product_id)
    WHERE due_on IS NOT NULL;
CREATE INDEX startups_product_priority ON startups_product (priority_key, product_id)
    WHERE priority_key <> '';

-- How far the portfolio was followed.
CREATE TABLE startups_mark (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
);
INSERT INTO startups_mark (name, value) VALUES ('portfolio', 0);

-- Reviews: at most one is open for a product.
CREATE TABLE startups_review (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL REFERENCES startups_product (product_id),
    due_on TEXT NOT NULL,
    state TEXT NOT NULL,
    prepared TEXT NOT NULL,
    figures TEXT,
    opened_on TEXT NOT NULL,
    submitted_on TEXT,
    decided_on TEXT,
    spent_cents INTEGER,
    row_version INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX startups_review_open ON startups_review (product_id) WHERE state <> 'decided';
CREATE INDEX startups_review_list ON startups_review (due_on, id);
CREATE INDEX startups_review_state ON startups_review (state, due_on, id);
CREATE INDEX startups_review_product ON startups_review (product_id, due_on, id);

-- Decisions: they never change but in what is published of them and in what became of them.
CREATE TABLE startups_decision (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL REFERENCES startups_product (product_id),
    review_id BLOB NOT NULL UNIQUE REFERENCES startups_review (id),
    kind TEXT NOT NULL,
    decided_on TEXT NOT NULL,
    phase_before TEXT NOT NULL,
    phase_after TEXT NOT NULL,
    committee TEXT NOT NULL,
    reasons TEXT NOT NULL,
    conditions TEXT NOT NULL,
    next TEXT NOT NULL,
    next_by TEXT,
    receiver TEXT NOT NULL,
    avoided_cents INTEGER,
    kept_assets TEXT NOT NULL,
    figures TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    done_on TEXT,
    outcome TEXT NOT NULL DEFAULT '',
    public_on TEXT NOT NULL,
    publication TEXT NOT NULL,
    row_version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX startups_decision_list ON startups_decision (decided_on, id);
CREATE INDEX startups_decision_kind ON startups_decision (kind, decided_on, id);
CREATE INDEX startups_decision_product ON startups_decision (product_id, decided_on, id);
CREATE INDEX startups_decision_public ON startups_decision (public_on, id);
CREATE INDEX startups_decision_next ON startups_decision (next_by, id)
    WHERE next_by IS NOT NULL AND done_on IS NULL;
CREATE TRIGGER startups_decision_never_changes BEFORE UPDATE OF product_id, review_id, kind, decided_on,
    phase_before, phase_after, committee, reasons, conditions, next, next_by, receiver, avoided_cents,
    kept_assets, figures, recorded_by, recorded_at ON startups_decision
BEGIN SELECT RAISE(ABORT, 'decisions never change'); END;
CREATE TRIGGER startups_decision_never_goes BEFORE DELETE ON startups_decision
BEGIN SELECT RAISE(ABORT, 'decisions never change'); END;

-- Investments: one is withdrawn, never changed.
CREATE TABLE startups_investment (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL REFERENCES startups_product (product_id),
    decision_id BLOB NOT NULL REFERENCES startups_decision (id),
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    from_on TEXT NOT NULL,
    to_on TEXT NOT NULL,
    fund TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    withdrawn_on TEXT,
    withdrawn_why TEXT NOT NULL DEFAULT ''
);
CREATE INDEX startups_investment_product ON startups_investment (product_id, from_on, id);
CREATE TRIGGER startups_investment_never_changes BEFORE UPDATE OF product_id, decision_id, amount_cents,
    from_on, to_on, fund, recorded_by, recorded_at ON startups_investment
BEGIN SELECT RAISE(ABORT, 'investments never change'); END;
CREATE TRIGGER startups_investment_never_goes BEFORE DELETE ON startups_investment
BEGIN SELECT RAISE(ABORT, 'investments never change'); END;

-- National impact: answers with their evidence and the directorate's check; the threshold.
CREATE TABLE startups_criterion (
    product_id BLOB NOT NULL REFERENCES startups_product (product_id),
    criterion TEXT NOT NULL,
    is_met BOOLEAN NOT NULL,
    evidence TEXT NOT NULL,
    link TEXT NOT NULL,
    answered_on TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    verdict TEXT,
    checked_on TEXT,
    checked_by TEXT,
    comment TEXT,
    row_version INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (product_id, criterion)
);
CREATE TABLE startups_threshold (
    product_id BLOB PRIMARY KEY REFERENCES startups_product (product_id),
    indicator_id BLOB NOT NULL,
    value REAL NOT NULL,
    reason TEXT NOT NULL,
    set_on TEXT NOT NULL,
    set_by TEXT NOT NULL,
    row_version INTEGER NOT NULL DEFAULT 1
);

-- Priorities of the Government, and the products that somebody says serve them.
CREATE TABLE startups_priority (
    id BLOB PRIMARY KEY,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    ministry_id BLOB,
    from_on TEXT NOT NULL,
    to_on TEXT,
    row_version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX startups_priority_list ON startups_priority (from_on, id);
CREATE TABLE startups_serving (
    priority_id BLOB NOT NULL REFERENCES startups_priority (id),
    product_id BLOB NOT NULL REFERENCES startups_product (product_id),
    PRIMARY KEY (priority_id, product_id)
);
CREATE INDEX startups_serving_product ON startups_serving (product_id, priority_id);

-- All that happened, once and for good. `position` is the place among the events of a subject.
CREATE TABLE startups_event (
    id BLOB PRIMARY KEY,
    product_id BLOB,
    subject_kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    act TEXT NOT NULL,
    on_day TEXT NOT NULL,
    at INTEGER NOT NULL,
    by_id BLOB,
    by_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (subject_id, position)
);
CREATE INDEX startups_event_product ON startups_event (product_id, on_day, at, id);
CREATE TRIGGER startups_event_never_changes BEFORE UPDATE ON startups_event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER startups_event_never_goes BEFORE DELETE ON startups_event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
