-- Sessions that an identity provider opened: what the sign-in proved, through whom, and when the
-- person proved it there. Empty for local accounts.
ALTER TABLE session ADD COLUMN level TEXT;
ALTER TABLE session ADD COLUMN provider TEXT;
ALTER TABLE session ADD COLUMN proved_at BIGINT;
