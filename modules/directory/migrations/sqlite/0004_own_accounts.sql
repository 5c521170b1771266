-- When a mail to the address was followed; none while nobody has shown that it is read.
ALTER TABLE person ADD COLUMN email_verified_at INTEGER;
-- Failures no longer rest an account for everybody: see sign_in_guard.
ALTER TABLE person DROP COLUMN failed_attempts;
ALTER TABLE person DROP COLUMN locked_until;

-- Links that show that a mailbox is read. The address becomes the account's when one is followed.
CREATE TABLE email_link (
    token_hash BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES person (id),
    email TEXT NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX email_link_person ON email_link (person_id);

-- Where and on what a session began: families of browsers and a network, never more.
ALTER TABLE session ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN network TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN device_hash BLOB;

-- Browsers in which a person has signed in, by the hash of their cookie.
CREATE TABLE device (
    token_hash BLOB NOT NULL,
    person_id BLOB NOT NULL REFERENCES person (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (token_hash, person_id)
);
CREATE INDEX device_person ON device (person_id);
CREATE INDEX device_seen ON device (seen_at);

-- Links of the mails about new devices: "it wasn't me".
CREATE TABLE session_alarm (
    token_hash BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES person (id),
    session_id BLOB NOT NULL,
    device_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL
);

-- Failures by account and place, both as hashes: an address that has no account is counted like
-- one that has.
CREATE TABLE sign_in_guard (
    account BLOB NOT NULL,
    place BLOB NOT NULL,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (account, place)
);
CREATE INDEX sign_in_guard_last ON sign_in_guard (last_at);

-- Sign-ins between a right password and a second factor.
CREATE TABLE sign_in_ticket (
    token_hash BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES person (id),
    tries_left INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);

-- One-time codes by an application (RFC 6238): one secret an account, unconfirmed at first.
CREATE TABLE totp (
    person_id BLOB PRIMARY KEY REFERENCES person (id),
    secret BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    last_step INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE recovery_code (
    code_hash BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES person (id)
);
CREATE INDEX recovery_code_person ON recovery_code (person_id);

CREATE TABLE passkey (
    id BLOB PRIMARY KEY,
    credential_id BLOB NOT NULL UNIQUE,
    person_id BLOB NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    public_key BLOB NOT NULL,
    sign_count INTEGER NOT NULL,
    is_synced BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    -- When its counter went back: there may be a copy of it.
    suspect_at INTEGER
);
CREATE INDEX passkey_person ON passkey (person_id, created_at);

-- Challenges that wait for a passkey, by the hash of the cookie of the browser that asked.
CREATE TABLE passkey_challenge (
    token_hash BLOB PRIMARY KEY,
    challenge BLOB NOT NULL,
    -- Who adds a passkey; none for a sign-in.
    person_id BLOB REFERENCES person (id),
    expires_at INTEGER NOT NULL
);
