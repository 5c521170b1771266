-- The head holds the last number given: taking it is what makes numbers follow commits.
CREATE TABLE journal_head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL);
INSERT INTO journal_head (one, seq) VALUES (1, 0);

CREATE TABLE journal_entry (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB,
    actor_name TEXT NOT NULL,
    on_behalf_of BLOB,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    organisation_id BLOB,
    public BOOLEAN NOT NULL,
    before TEXT,
    after TEXT,
    request_id TEXT
);
CREATE INDEX journal_entry_subject ON journal_entry (subject_kind, subject_id, seq);
CREATE INDEX journal_entry_action ON journal_entry (action, seq);
CREATE INDEX journal_entry_actor ON journal_entry (actor_id, seq);

CREATE TRIGGER journal_entry_never_changes BEFORE UPDATE ON journal_entry
BEGIN SELECT RAISE(ABORT, 'entries of the journal never change'); END;
CREATE TRIGGER journal_entry_never_goes BEFORE DELETE ON journal_entry
BEGIN SELECT RAISE(ABORT, 'entries of the journal never change'); END;

CREATE TABLE journal_cursor (subscriber TEXT PRIMARY KEY, seq INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0, problem TEXT);
