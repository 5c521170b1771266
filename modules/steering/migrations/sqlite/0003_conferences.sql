-- A ministry's digital conference. `day` and `hour` are told in Paris; one ordinary conference of a
-- ministry and a year. An adopted one never changes but in what is published of it.
CREATE TABLE steering_conference (
    id BLOB PRIMARY KEY,
    ministry_id BLOB NOT NULL,
    ministry_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    reason TEXT NOT NULL,
    day TEXT NOT NULL,
    hour TEXT NOT NULL,
    place TEXT NOT NULL,
    participants TEXT NOT NULL,
    state TEXT NOT NULL,
    frozen_on TEXT,
    directorate_adoption TEXT,
    ministry_adoption TEXT,
    closed_on TEXT,
    public_on TEXT,
    publication TEXT,
    row_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX steering_conference_once ON steering_conference (ministry_id, year)
    WHERE kind = 'ordinary' AND state <> 'cancelled';
CREATE INDEX steering_conference_list ON steering_conference (day, id);
CREATE INDEX steering_conference_state ON steering_conference (state, day, id);
CREATE INDEX steering_conference_ministry ON steering_conference (ministry_id, day, id);
CREATE INDEX steering_conference_public ON steering_conference (public_on, id) WHERE public_on IS NOT NULL;
CREATE TRIGGER steering_conference_is_closed BEFORE UPDATE OF ministry_id, ministry_name, kind, year,
    reason, day, hour, place, participants, state, frozen_on, directorate_adoption, ministry_adoption,
    closed_on, created_at ON steering_conference WHEN OLD.state = 'closed'
BEGIN SELECT RAISE(ABORT, 'adopted minutes never change'); END;
CREATE TRIGGER steering_conference_never_goes BEFORE DELETE ON steering_conference
BEGIN SELECT RAISE(ABORT, 'conferences never go'); END;

-- What a conference speaks of: a product, why, its file as it stood, the minutes. A product that was
-- proposed and dropped keeps its row with the reason.
CREATE TABLE steering_conference_point (
    id BLOB PRIMARY KEY,
    conference_id BLOB NOT NULL REFERENCES steering_conference (id),
    product_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    is_proposed BOOLEAN NOT NULL,
    why TEXT NOT NULL,
    note TEXT NOT NULL,
    dropped_on TEXT,
    dropped_reason TEXT NOT NULL DEFAULT '',
    file TEXT,
    discussion TEXT NOT NULL DEFAULT '',
    undecided TEXT NOT NULL DEFAULT '',
    written_by TEXT NOT NULL DEFAULT '',
    decision_id BLOB REFERENCES steering_decision (id),
    brigade_id BLOB,
    row_version INTEGER NOT NULL DEFAULT 1,
    UNIQUE (conference_id, product_id)
);
CREATE INDEX steering_conference_point_product ON steering_conference_point (product_id, conference_id);
CREATE INDEX steering_conference_point_decision ON steering_conference_point (decision_id)
    WHERE decision_id IS NOT NULL;
CREATE TRIGGER steering_conference_file_never_changes BEFORE UPDATE OF file, why, product_id, conference_id
    ON steering_conference_point WHEN OLD.file IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a frozen file never changes'); END;
CREATE TRIGGER steering_conference_point_is_closed BEFORE UPDATE ON steering_conference_point
    WHEN (SELECT state FROM steering_conference WHERE id = OLD.conference_id) IN ('closed', 'cancelled')
BEGIN SELECT RAISE(ABORT, 'adopted minutes never change'); END;
CREATE TRIGGER steering_conference_point_never_goes BEFORE DELETE ON steering_conference_point
BEGIN SELECT RAISE(ABORT, 'points never go'); END;

-- What happened to a conference, and what was added to its minutes after they were adopted.
CREATE TABLE steering_conference_step (
    id BLOB PRIMARY KEY,
    conference_id BLOB NOT NULL REFERENCES steering_conference (id),
    position INTEGER NOT NULL,
    act TEXT NOT NULL,
    on_day TEXT NOT NULL,
    at INTEGER NOT NULL,
    by_id BLOB,
    by_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (conference_id, position)
);
CREATE TRIGGER steering_conference_step_never_changes BEFORE UPDATE ON steering_conference_step
BEGIN SELECT RAISE(ABORT, 'steps never change'); END;
CREATE TRIGGER steering_conference_step_never_goes BEFORE DELETE ON steering_conference_step
BEGIN SELECT RAISE(ABORT, 'steps never change'); END;

-- A ministry's products, alerts and recommendations are read together.
CREATE INDEX steering_product_ministry ON steering_product (ministry_id, product_id);
CREATE INDEX steering_product_ministry_risk ON steering_product (ministry_id, at_risk_cents, product_id);

INSERT INTO steering_rule (name, value) VALUES ('conference-weight-impact', 5),
    ('conference-weight-opinion', 4), ('conference-weight-cost', 3), ('conference-weight-duration', 2),
    ('conference-weight-risk', 2), ('conference-weight-overdue', 3), ('conference-weight-alerts', 2),
    ('conference-weight-promise', 1), ('conference-weight-agenda', 6), ('conference-risk-millions', 10),
    ('conference-points', 12);
