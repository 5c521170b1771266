-- Requests that a program inside another network makes for us. A row lives some seconds; what it holds
-- must be sent, so it is readable meanwhile.
CREATE TABLE oidc_relay_call (
    id BLOB PRIMARY KEY,
    request BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    taken_at INTEGER,
    answer BLOB
);
CREATE INDEX oidc_relay_call_waiting ON oidc_relay_call (created_at, id) WHERE taken_at IS NULL;
CREATE INDEX oidc_relay_call_expiry ON oidc_relay_call (expires_at);
