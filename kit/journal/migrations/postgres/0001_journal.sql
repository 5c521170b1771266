-- The head holds the last number given: taking it is what makes numbers follow commits.
CREATE TABLE journal_head (one BIGINT PRIMARY KEY CHECK (one = 1), seq BIGINT NOT NULL);
INSERT INTO journal_head (one, seq) VALUES (1, 0);

CREATE TABLE journal_entry (
    seq BIGINT PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    actor_name TEXT NOT NULL,
    on_behalf_of UUID,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    organisation_id UUID,
    public BOOLEAN NOT NULL,
    before TEXT,
    after TEXT,
    request_id TEXT
);
CREATE INDEX journal_entry_subject ON journal_entry (subject_kind, subject_id, seq);
CREATE INDEX journal_entry_action ON journal_entry (action, seq);
CREATE INDEX journal_entry_actor ON journal_entry (actor_id, seq);

CREATE FUNCTION journal_entry_never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'entries of the journal never change'; END $$;
CREATE TRIGGER journal_entry_never_changes BEFORE UPDATE OR DELETE ON journal_entry
FOR EACH ROW EXECUTE FUNCTION journal_entry_never_changes();

CREATE TABLE journal_cursor (subscriber TEXT PRIMARY KEY, seq BIGINT NOT NULL, failures BIGINT NOT NULL DEFAULT 0, problem TEXT);
