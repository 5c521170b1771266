-- Trades that can be asked for; officers add to them.
CREATE TABLE brigade_expertise (
    code TEXT PRIMARY KEY,
    name_fr TEXT NOT NULL,
    name_en TEXT NOT NULL,
    position INTEGER NOT NULL,
    in_use BOOLEAN NOT NULL DEFAULT TRUE
);
INSERT INTO brigade_expertise (code, name_fr, name_en, position) VALUES
    ('accessibility', 'Accessibilité', 'Accessibility', 1),
    ('cloud', 'Cloud', 'Cloud', 2),
    ('ux', 'Expérience des usagers', 'User experience', 3),
    ('devops', 'DevOps', 'DevOps', 4),
    ('eco-design', 'Écoconception', 'Eco-design', 5),
    ('security', 'Sécurité', 'Security', 6),
    ('data', 'Données', 'Data', 7),
    ('agile-coaching', 'Accompagnement agile', 'Agile coaching', 8);

-- People of the brigade. `half_days_week` is what they give it in a usual week. `held` grows while a
-- transaction books them: two of them wait for each other there.
CREATE TABLE brigade_expert (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    person_id BLOB,
    employer TEXT NOT NULL,
    lender TEXT NOT NULL,
    half_days_week INTEGER NOT NULL,
    from_day TEXT,
    until_day TEXT,
    in_use BOOLEAN NOT NULL DEFAULT TRUE,
    held INTEGER NOT NULL DEFAULT 0,
    row_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX brigade_expert_email ON brigade_expert (email);
CREATE UNIQUE INDEX brigade_expert_person ON brigade_expert (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX brigade_expert_name ON brigade_expert (name, id);

CREATE TABLE brigade_skill (
    expert_id BLOB NOT NULL REFERENCES brigade_expert (id),
    expertise TEXT NOT NULL REFERENCES brigade_expertise (code),
    level TEXT NOT NULL,
    PRIMARY KEY (expert_id, expertise)
);
CREATE INDEX brigade_skill_expertise ON brigade_skill (expertise, expert_id);

-- Absences (0 half days a week) and part time. Nothing tells why.
CREATE TABLE brigade_period (
    id BLOB PRIMARY KEY,
    expert_id BLOB NOT NULL REFERENCES brigade_expert (id),
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    half_days_week INTEGER NOT NULL
);
CREATE INDEX brigade_period_expert ON brigade_period (expert_id, from_day, id);

-- Products as the brigade sees them.
CREATE TABLE brigade_product (
    product_id BLOB PRIMARY KEY,
    ministry_id BLOB,
    title TEXT NOT NULL
);
CREATE INDEX brigade_product_ministry ON brigade_product (ministry_id);

-- What asked, once: two calls for the same alert are one request.
CREATE TABLE brigade_request (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL REFERENCES brigade_product (product_id),
    origin_kind TEXT NOT NULL,
    origin_id BLOB,
    need TEXT NOT NULL,
    from_day TEXT,
    to_day TEXT,
    contribution TEXT NOT NULL,
    impact TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_on TEXT NOT NULL,
    asked_by BLOB,
    asked_by_name TEXT NOT NULL,
    answered_on TEXT,
    answer TEXT NOT NULL DEFAULT '',
    put_off_until TEXT,
    is_told BOOLEAN NOT NULL,
    row_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX brigade_request_origin ON brigade_request (origin_kind, origin_id);
CREATE INDEX brigade_request_asked ON brigade_request (asked_on, id);
CREATE INDEX brigade_request_state ON brigade_request (state, asked_on, id);
CREATE INDEX brigade_request_product ON brigade_request (product_id, asked_on, id);
CREATE INDEX brigade_request_put_off ON brigade_request (put_off_until, id) WHERE state = 'put-off';
CREATE INDEX brigade_request_untold ON brigade_request (id) WHERE is_told = FALSE;

CREATE TABLE brigade_wanted (
    request_id BLOB NOT NULL REFERENCES brigade_request (id),
    expertise TEXT NOT NULL REFERENCES brigade_expertise (code),
    half_days INTEGER NOT NULL,
    PRIMARY KEY (request_id, expertise)
);

CREATE TABLE brigade_mission (
    id BLOB PRIMARY KEY,
    request_id BLOB NOT NULL REFERENCES brigade_request (id),
    product_id BLOB NOT NULL REFERENCES brigade_product (product_id),
    title TEXT NOT NULL,
    objective TEXT NOT NULL,
    criterion TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed_on TEXT NOT NULL,
    agreed_on TEXT,
    agreed_by TEXT NOT NULL DEFAULT '',
    ended_on TEXT,
    end_reason TEXT NOT NULL DEFAULT '',
    findings TEXT NOT NULL DEFAULT '',
    changes TEXT NOT NULL DEFAULT '',
    link TEXT NOT NULL DEFAULT '',
    file_key TEXT NOT NULL DEFAULT '',
    file_name TEXT NOT NULL DEFAULT '',
    late_told_on TEXT,
    row_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX brigade_mission_from ON brigade_mission (from_day, id);
CREATE INDEX brigade_mission_state ON brigade_mission (state, from_day, id);
CREATE INDEX brigade_mission_product ON brigade_mission (product_id, from_day, id);
CREATE INDEX brigade_mission_request ON brigade_mission (request_id);
CREATE INDEX brigade_mission_late ON brigade_mission (to_day, id) WHERE state = 'running';

CREATE TABLE brigade_assignment (
    mission_id BLOB NOT NULL REFERENCES brigade_mission (id),
    expert_id BLOB NOT NULL REFERENCES brigade_expert (id),
    expertise TEXT NOT NULL REFERENCES brigade_expertise (code),
    half_days INTEGER NOT NULL,
    PRIMARY KEY (mission_id, expert_id)
);
CREATE INDEX brigade_assignment_expert ON brigade_assignment (expert_id, mission_id);

-- Half days that a mission takes of an expert in a week, which its Monday names.
CREATE TABLE brigade_plan (
    expert_id BLOB NOT NULL REFERENCES brigade_expert (id),
    week TEXT NOT NULL,
    mission_id BLOB NOT NULL REFERENCES brigade_mission (id),
    half_days INTEGER NOT NULL,
    PRIMARY KEY (expert_id, week, mission_id)
);
CREATE INDEX brigade_plan_week ON brigade_plan (week, expert_id);
CREATE INDEX brigade_plan_mission ON brigade_plan (mission_id);

-- Days that were spent.
CREATE TABLE brigade_day (
    mission_id BLOB NOT NULL REFERENCES brigade_mission (id),
    expert_id BLOB NOT NULL REFERENCES brigade_expert (id),
    on_day TEXT NOT NULL,
    half_days INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (mission_id, expert_id, on_day)
);
CREATE INDEX brigade_day_expert ON brigade_day (expert_id, on_day);

-- More days or a later end, which the ministry agrees to. A mission has one that waits at most.
CREATE TABLE brigade_extension (
    id BLOB PRIMARY KEY,
    mission_id BLOB NOT NULL REFERENCES brigade_mission (id),
    expert_id BLOB NOT NULL REFERENCES brigade_expert (id),
    half_days INTEGER NOT NULL,
    to_day TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed_on TEXT NOT NULL,
    answered_on TEXT,
    is_agreed BOOLEAN
);
CREATE UNIQUE INDEX brigade_extension_waits ON brigade_extension (mission_id) WHERE answered_on IS NULL;
CREATE INDEX brigade_extension_mission ON brigade_extension (mission_id, id);

-- Addresses by which calendar programs read: only their hashes. One at a time for each subject.
CREATE TABLE brigade_calendar (
    hash BLOB PRIMARY KEY,
    subject_kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX brigade_calendar_subject ON brigade_calendar (subject_kind, subject_id);

-- All that happened, once and for good.
CREATE TABLE brigade_event (
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
CREATE INDEX brigade_event_product ON brigade_event (product_id, on_day, at, position, id);
CREATE TRIGGER brigade_event_never_changes BEFORE UPDATE ON brigade_event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER brigade_event_never_goes BEFORE DELETE ON brigade_event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
