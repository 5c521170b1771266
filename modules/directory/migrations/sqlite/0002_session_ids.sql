-- A session's name, which services may be told; sessions begun before have none and end.
DELETE FROM session;
ALTER TABLE session ADD COLUMN id BLOB;
-- How the person proved who it is (RFC 8176), separated by blanks.
ALTER TABLE session ADD COLUMN methods TEXT NOT NULL DEFAULT 'pwd';
CREATE UNIQUE INDEX session_id ON session (id);
