-- A ministry's digital conference. `day` and `hour` are told in Paris; one ordinary conference of a
-- ministry and a year. An adopted one never changes but in what is published of it.
CREATE TABLE steering_conference (
    id UUID PRIMARY KEY,
    ministry_id UUID NOT NULL,
    ministry_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    reason TEXT NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    hour TEXT NOT NULL,
    place TEXT NOT NULL,
    participants TEXT NOT NULL,
    state TEXT NOT NULL,
    frozen_on TEXT COLLATE "C",
    directorate_adoption TEXT,
    ministry_adoption TEXT,
    closed_on TEXT COLLATE "C",
    public_on TEXT COLLATE "C",
    publication TEXT,
    row_version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX steering_conference_once ON steering_conference (ministry_id, year)
    WHERE kind = 'ordinary' AND state <> 'cancelled';
CREATE INDEX steering_conference_list ON steering_conference (day, id);
CREATE INDEX steering_conference_state ON steering_conference (state, day, id);
CREATE INDEX steering_conference_ministry ON steering_conference (ministry_id, day, id);
CREATE INDEX steering_conference_public ON steering_conference (public_on, id) WHERE public_on IS NOT NULL;
CREATE FUNCTION steering_conference_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'adopted minutes, frozen files and steps never change'; END $$;
CREATE TRIGGER steering_conference_is_closed BEFORE UPDATE OF ministry_id, ministry_name, kind, year,
    reason, day, hour, place, participants, state, frozen_on, directorate_adoption, ministry_adoption,
    closed_on, created_at ON steering_conference FOR EACH ROW WHEN (OLD.state = 'closed')
EXECUTE FUNCTION steering_conference_refuses();
CREATE TRIGGER steering_conference_never_goes BEFORE DELETE ON steering_conference
FOR EACH ROW EXECUTE FUNCTION steering_conference_refuses();

-- What a conference speaks of: a product, why, its file as it stood, the minutes. A product that was
-- proposed and dropped keeps its row with the reason.
CREATE TABLE steering_conference_point (
    id UUID PRIMARY KEY,
    conference_id UUID NOT NULL REFERENCES steering_conference (id),
    product_id UUID NOT NULL,
    position BIGINT NOT NULL,
    is_proposed BOOLEAN NOT NULL,
    why TEXT NOT NULL,
    note TEXT NOT NULL,
    dropped_on TEXT COLLATE "C",
    dropped_reason TEXT NOT NULL DEFAULT '',
    file TEXT,
    discussion TEXT NOT NULL DEFAULT '',
    undecided TEXT NOT NULL DEFAULT '',
    written_by TEXT NOT NULL DEFAULT '',
    decision_id UUID REFERENCES steering_decision (id),
    brigade_id UUID,
    row_version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (conference_id, product_id)
);
CREATE INDEX steering_conference_point_product ON steering_conference_point (product_id, conference_id);
CREATE INDEX steering_conference_point_decision ON steering_conference_point (decision_id)
    WHERE decision_id IS NOT NULL;
CREATE TRIGGER steering_conference_file_never_changes BEFORE UPDATE OF file, why, product_id, conference_id
    ON steering_conference_point FOR EACH ROW WHEN (OLD.file IS NOT NULL)
EXECUTE FUNCTION steering_conference_refuses();
CREATE FUNCTION steering_conference_point_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF (SELECT state FROM steering_conference WHERE id = OLD.conference_id) IN ('closed', 'cancelled') THEN
        RAISE EXCEPTION 'adopted minutes never change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER steering_conference_point_is_closed BEFORE UPDATE ON steering_conference_point
FOR EACH ROW EXECUTE FUNCTION steering_conference_point_refuses();
CREATE TRIGGER steering_conference_point_never_goes BEFORE DELETE ON steering_conference_point
FOR EACH ROW EXECUTE FUNCTION steering_conference_refuses();

-- What happened to a conference, and what was added to its minutes after they were adopted.
CREATE TABLE steering_conference_step (
    id UUID PRIMARY KEY,
    conference_id UUID NOT NULL REFERENCES steering_conference (id),
    position BIGINT NOT NULL,
    act TEXT NOT NULL,
    on_day TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    by_id UUID,
    by_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (conference_id, position)
);
CREATE TRIGGER steering_conference_step_never_changes BEFORE UPDATE OR DELETE ON steering_conference_step
FOR EACH ROW EXECUTE FUNCTION steering_conference_refuses();

-- A ministry's products, alerts and recommendations are read together.
CREATE INDEX steering_product_ministry ON steering_product (ministry_id, product_id);
CREATE INDEX steering_product_ministry_risk ON steering_product (ministry_id, at_risk_cents, product_id);

INSERT INTO steering_rule (name, value) VALUES ('conference-weight-impact', 5),
    ('conference-weight-opinion', 4), ('conference-weight-cost', 3), ('conference-weight-duration', 2),
    ('conference-weight-risk', 2), ('conference-weight-overdue', 3), ('conference-weight-alerts', 2),
    ('conference-weight-promise', 1), ('conference-weight-agenda', 6), ('conference-risk-millions', 10),
    ('conference-points', 12);
