-- A product as steering sees it: kept up to date by acts and by the watch, for lists and totals.
CREATE TABLE steering_product (
    product_id BLOB PRIMARY KEY,
    ministry_id BLOB,
    title TEXT NOT NULL,
    cost_cents INTEGER NOT NULL,
    open_alerts INTEGER NOT NULL DEFAULT 0,
    unfavourable_review_id BLOB,
    own_rating TEXT,
    own_on TEXT,
    independent_rating TEXT,
    independent_on TEXT,
    held_since TEXT,
    held_reason TEXT,
    at_risk_cents INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX steering_product_at_risk ON steering_product (at_risk_cents, product_id) WHERE at_risk_cents > 0;
CREATE INDEX steering_product_held ON steering_product (held_since, product_id) WHERE held_since IS NOT NULL;
CREATE INDEX steering_product_disagrees ON steering_product (product_id)
    WHERE own_rating <> independent_rating;

-- Ministries of which steering knows a product: what a director's lists run through.
CREATE TABLE steering_ministry (
    ministry_id BLOB PRIMARY KEY
);

-- Reviews: where each stands. What happened to it is in steering_event.
CREATE TABLE steering_review (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL,
    ministry_id BLOB,
    kind TEXT NOT NULL,
    is_binding BOOLEAN NOT NULL,
    foreseen_cents INTEGER,
    asked_by TEXT NOT NULL,
    state TEXT NOT NULL,
    opinion TEXT,
    announced_on TEXT NOT NULL,
    received_on TEXT,
    due_on TEXT,
    ended_on TEXT,
    file TEXT NOT NULL,
    verdict TEXT,
    public_on TEXT,
    publication TEXT,
    recommendations INTEGER NOT NULL DEFAULT 0,
    row_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX steering_review_list ON steering_review (announced_on, id);
CREATE INDEX steering_review_state ON steering_review (state, announced_on, id);
CREATE INDEX steering_review_ministry ON steering_review (ministry_id, announced_on, id);
CREATE INDEX steering_review_product ON steering_review (product_id, announced_on, id);
CREATE INDEX steering_review_due ON steering_review (due_on, id) WHERE due_on IS NOT NULL;
CREATE INDEX steering_review_public ON steering_review (public_on, id) WHERE public_on IS NOT NULL;
CREATE INDEX steering_review_bare ON steering_review (ended_on, id)
    WHERE state = 'given' AND recommendations = 0 AND opinion <> 'favourable';

-- Recommendations. `waits_until` is the last day before the next step of their escalation.
CREATE TABLE steering_recommendation (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL,
    ministry_id BLOB,
    review_id BLOB REFERENCES steering_review (id),
    text TEXT NOT NULL,
    axis TEXT NOT NULL,
    owner TEXT NOT NULL,
    owner_id BLOB,
    due_on TEXT NOT NULL,
    status TEXT NOT NULL,
    step TEXT,
    is_overdue BOOLEAN NOT NULL DEFAULT FALSE,
    waits_until TEXT,
    evidence TEXT NOT NULL,
    link TEXT NOT NULL,
    claimed_by BLOB,
    reoriented TEXT,
    reoriented_how TEXT NOT NULL,
    public_on TEXT,
    row_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX steering_recommendation_due ON steering_recommendation (due_on, id);
CREATE INDEX steering_recommendation_status ON steering_recommendation (status, due_on, id);
CREATE INDEX steering_recommendation_axis ON steering_recommendation (axis, due_on, id);
CREATE INDEX steering_recommendation_ministry ON steering_recommendation (ministry_id, due_on, id);
CREATE INDEX steering_recommendation_ministry_status
    ON steering_recommendation (ministry_id, status, due_on, id);
CREATE INDEX steering_recommendation_product ON steering_recommendation (product_id, due_on, id);
CREATE INDEX steering_recommendation_review ON steering_recommendation (review_id, due_on, id);
CREATE INDEX steering_recommendation_overdue ON steering_recommendation (due_on, id)
    WHERE is_overdue = TRUE;
CREATE INDEX steering_recommendation_overdue_ministry
    ON steering_recommendation (ministry_id, due_on, id) WHERE is_overdue = TRUE;
CREATE INDEX steering_recommendation_waits ON steering_recommendation (waits_until, id)
    WHERE waits_until IS NOT NULL;

-- Each step of an escalation, once for each day that was agreed.
CREATE TABLE steering_escalation (
    recommendation_id BLOB NOT NULL REFERENCES steering_recommendation (id),
    due_on TEXT NOT NULL,
    step TEXT NOT NULL,
    taken_on TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (recommendation_id, due_on, step)
);

-- Decisions: they never change but in what is published of them and in what became of them.
CREATE TABLE steering_decision (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL,
    ministry_id BLOB,
    review_id BLOB REFERENCES steering_review (id),
    kind TEXT NOT NULL,
    decided_on TEXT NOT NULL,
    reasons TEXT NOT NULL,
    next TEXT NOT NULL,
    next_by TEXT,
    avoided_cents INTEGER,
    kept_assets TEXT NOT NULL,
    figures TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    done_on TEXT,
    outcome TEXT NOT NULL DEFAULT '',
    public_on TEXT,
    publication TEXT,
    row_version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX steering_decision_list ON steering_decision (decided_on, id);
CREATE INDEX steering_decision_ministry ON steering_decision (ministry_id, decided_on, id);
CREATE INDEX steering_decision_product ON steering_decision (product_id, decided_on, id);
CREATE INDEX steering_decision_next ON steering_decision (next_by, id)
    WHERE next_by IS NOT NULL AND done_on IS NULL;
CREATE INDEX steering_decision_public ON steering_decision (public_on, id) WHERE public_on IS NOT NULL;
CREATE TRIGGER steering_decision_never_changes BEFORE UPDATE OF product_id, review_id, kind, decided_on,
    reasons, next, next_by, avoided_cents, kept_assets, figures, decided_by, decided_at
    ON steering_decision
BEGIN SELECT RAISE(ABORT, 'decisions never change'); END;
CREATE TRIGGER steering_decision_never_goes BEFORE DELETE ON steering_decision
BEGIN SELECT RAISE(ABORT, 'decisions never change'); END;

-- What the watch found: one open alert of a product and a rule.
CREATE TABLE steering_alert (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL,
    ministry_id BLOB,
    rule TEXT NOT NULL,
    finding TEXT NOT NULL,
    cost_cents INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    asked_on TEXT,
    explain_by TEXT,
    explanation TEXT NOT NULL DEFAULT '',
    explained_on TEXT,
    closed_on TEXT,
    closing TEXT,
    close_reason TEXT NOT NULL DEFAULT '',
    row_version INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX steering_alert_once ON steering_alert (product_id, rule) WHERE closed_on IS NULL;
CREATE INDEX steering_alert_open ON steering_alert (cost_cents, id) WHERE closed_on IS NULL;
CREATE INDEX steering_alert_open_rule ON steering_alert (rule, cost_cents, id) WHERE closed_on IS NULL;
CREATE INDEX steering_alert_open_ministry ON steering_alert (ministry_id, cost_cents, id)
    WHERE closed_on IS NULL;
CREATE INDEX steering_alert_product ON steering_alert (product_id, rule, opened_at, id);
CREATE INDEX steering_alert_explain ON steering_alert (explain_by, id)
    WHERE explain_by IS NOT NULL AND explained_on IS NULL AND closed_on IS NULL;

-- What a ministry's conference will speak of.
CREATE TABLE steering_agenda (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL,
    ministry_id BLOB,
    subject_kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    reason TEXT NOT NULL,
    added_on TEXT NOT NULL,
    added_by TEXT NOT NULL,
    closed_on TEXT,
    outcome TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX steering_agenda_once ON steering_agenda (subject_kind, subject_id)
    WHERE closed_on IS NULL;
CREATE INDEX steering_agenda_open ON steering_agenda (added_on, id) WHERE closed_on IS NULL;
CREATE INDEX steering_agenda_open_ministry ON steering_agenda (ministry_id, added_on, id)
    WHERE closed_on IS NULL;

-- All that happened, once and for good. `position` is the place among the events of a subject: two
-- writers never take the same one.
CREATE TABLE steering_event (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL,
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
CREATE INDEX steering_event_product ON steering_event (product_id, at, id);
CREATE TRIGGER steering_event_never_changes BEFORE UPDATE ON steering_event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER steering_event_never_goes BEFORE DELETE ON steering_event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;

-- Totals that pages show, brought up to date with what they count.
CREATE TABLE steering_total (
    name TEXT PRIMARY KEY,
    total INTEGER NOT NULL
);
INSERT INTO steering_total (name, total) VALUES ('recommendations-owed', 0),
    ('recommendations-overdue', 0), ('recommendations-claimed', 0), ('alerts-open', 0),
    ('reviews-open', 0), ('cents-at-risk', 0), ('products-at-risk', 0);

-- The numbers of the rules, which officers may change.
CREATE TABLE steering_rule (
    name TEXT PRIMARY KEY,
    value REAL NOT NULL
);
INSERT INTO steering_rule (name, value) VALUES ('escalate-owner-days', 0), ('escalate-ministry-days', 15),
    ('escalate-conference-days', 45), ('escalate-funding-days', 90), ('watch-cost-rate', 0.2),
    ('watch-duration-rate', 0.2), ('watch-stale-days', 365), ('watch-worse-rate', 0.1),
    ('watch-quiet-days', 180), ('explanation-days', 15);

-- When the watch looked last: one process takes each round.
CREATE TABLE steering_round (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL
);
INSERT INTO steering_round (name, at) VALUES ('watch', 0);
