-- Calls on behalf of citizens who signed in: which operations take them, from which level on, and which
-- scopes tell the producer who it is.
ALTER TABLE exchange_operation ADD COLUMN on_behalf TEXT NOT NULL DEFAULT 'closed';
ALTER TABLE exchange_operation ADD COLUMN level_min INTEGER NOT NULL DEFAULT 0;
ALTER TABLE exchange_scope ADD COLUMN tells_identity BOOLEAN NOT NULL DEFAULT FALSE;

-- The key by which citizens are sealed in tokens and named to producers: 32 bytes, drawn once. Producers
-- know people by names made from it, so it never changes.
ALTER TABLE exchange_head ADD COLUMN behalf_key BLOB;

-- Sign-ins to services from which tokens were made that may not have run out yet. Gateways are told of
-- those that ended.
CREATE TABLE exchange_behalf (
    sign_in_id BLOB PRIMARY KEY,
    session_id BLOB NOT NULL,
    citizen_id BLOB NOT NULL,
    service_id BLOB NOT NULL,
    until INTEGER NOT NULL,
    ended_at INTEGER
);
CREATE INDEX exchange_behalf_session ON exchange_behalf (session_id);
CREATE INDEX exchange_behalf_citizen ON exchange_behalf (citizen_id, service_id);
CREATE INDEX exchange_behalf_until ON exchange_behalf (until);
