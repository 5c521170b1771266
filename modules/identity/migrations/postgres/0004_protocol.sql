-- What few services need, beside what each one has.
-- Its own address as a resource: tokens for it are worth something there and nowhere else.
ALTER TABLE oidc_client ADD COLUMN resource TEXT COLLATE "C";
CREATE UNIQUE INDEX oidc_client_resource ON oidc_client (resource);
-- The resources for which it may ask tokens, one a line.
ALTER TABLE oidc_client ADD COLUMN reaches TEXT NOT NULL DEFAULT '';
ALTER TABLE oidc_client ADD COLUMN jwks_uri TEXT;
ALTER TABLE oidc_client ADD COLUMN sector_identifier_uri TEXT;
ALTER TABLE oidc_client ADD COLUMN certificate_name TEXT;
ALTER TABLE oidc_client ADD COLUMN id_token_encryption TEXT;
ALTER TABLE oidc_client ADD COLUMN userinfo_encryption TEXT;
ALTER TABLE oidc_client ADD COLUMN demands TEXT NOT NULL DEFAULT '';

-- The resources that a sign-in, and then each of its tokens, is for, one a line; none: the services
-- that have no address as a resource, and ours.
ALTER TABLE oidc_authorization ADD COLUMN resources TEXT NOT NULL DEFAULT '';
ALTER TABLE oidc_token ADD COLUMN resources TEXT NOT NULL DEFAULT '';
-- The certificate that a token is bound to (RFC 8705), and how it was exchanged (RFC 8693).
ALTER TABLE oidc_token ADD COLUMN certificate TEXT;
ALTER TABLE oidc_token ADD COLUMN exchange TEXT;

-- Devices without a browser that wait for a person (RFC 8628). Both codes are kept as hashes.
CREATE TABLE oidc_device (
    hash BYTEA PRIMARY KEY,
    user_hash BYTEA NOT NULL UNIQUE,
    client UUID NOT NULL REFERENCES oidc_client (id),
    scopes TEXT NOT NULL,
    resources TEXT NOT NULL,
    state TEXT NOT NULL,
    authorization_id UUID,
    pause_seconds BIGINT NOT NULL,
    polled_at BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX oidc_device_expiry ON oidc_device (expires_at);
CREATE INDEX oidc_device_client ON oidc_device (client, expires_at);
