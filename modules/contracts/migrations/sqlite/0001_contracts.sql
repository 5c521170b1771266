-- A product as contracts see it: kept up to date by acts, for lists. Its row is what acts on one
-- product wait for.
CREATE TABLE contracts_product (
    product_id BLOB PRIMARY KEY,
    ministry_id BLOB,
    title TEXT NOT NULL
);

-- Ministries of which contracts know a product: what a director's lists run through.
CREATE TABLE contracts_ministry (
    ministry_id BLOB PRIMARY KEY
);

-- Funds. What is committed never passes the envelope, what is paid never passes what is committed.
CREATE TABLE contracts_fund (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    envelope_cents INTEGER NOT NULL CHECK (envelope_cents > 0),
    committed_cents INTEGER NOT NULL DEFAULT 0 CHECK (committed_cents <= envelope_cents),
    paid_cents INTEGER NOT NULL DEFAULT 0 CHECK (paid_cents >= 0 AND paid_cents <= committed_cents),
    opened_on TEXT NOT NULL,
    row_version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX contracts_fund_list ON contracts_fund (opened_on, id);

-- Calls of a fund.
CREATE TABLE contracts_call (
    id BLOB PRIMARY KEY,
    fund_id BLOB NOT NULL REFERENCES contracts_fund (id),
    title TEXT NOT NULL,
    criteria TEXT NOT NULL,
    opens_on TEXT NOT NULL,
    closes_on TEXT NOT NULL
);
CREATE INDEX contracts_call_fund ON contracts_call (fund_id, opens_on, id);

-- Applications to a call: one that is alive for each product.
CREATE TABLE contracts_application (
    id BLOB PRIMARY KEY,
    call_id BLOB NOT NULL REFERENCES contracts_call (id),
    fund_id BLOB NOT NULL REFERENCES contracts_fund (id),
    product_id BLOB NOT NULL,
    ministry_id BLOB,
    state TEXT NOT NULL,
    asked_cents INTEGER NOT NULL,
    contribution TEXT NOT NULL,
    indicator_id BLOB NOT NULL,
    indicator TEXT NOT NULL,
    applied_on TEXT NOT NULL,
    applied_by TEXT NOT NULL,
    granted_cents INTEGER NOT NULL DEFAULT 0,
    committed_cents INTEGER NOT NULL DEFAULT 0,
    paid_cents INTEGER NOT NULL DEFAULT 0 CHECK (paid_cents <= committed_cents),
    decided_on TEXT,
    decided_by TEXT NOT NULL DEFAULT '',
    reasons TEXT NOT NULL DEFAULT '',
    contract_id BLOB,
    row_version INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX contracts_application_once ON contracts_application (call_id, product_id)
    WHERE state IN ('submitted', 'selected');
CREATE INDEX contracts_application_list ON contracts_application (applied_on, id);
CREATE INDEX contracts_application_ministry ON contracts_application (ministry_id, applied_on, id);
CREATE INDEX contracts_application_fund ON contracts_application (fund_id, applied_on, id);
CREATE INDEX contracts_application_call ON contracts_application (call_id, applied_on, id);
CREATE INDEX contracts_application_product ON contracts_application (product_id, applied_on, id);

-- Contracts: where each stands. What it says is in contracts_version.
CREATE TABLE contracts_contract (
    id BLOB PRIMARY KEY,
    product_id BLOB NOT NULL,
    ministry_id BLOB,
    application_id BLOB REFERENCES contracts_application (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    latest_version INTEGER NOT NULL,
    in_force_version INTEGER,
    amount_cents INTEGER NOT NULL,
    opened_on TEXT NOT NULL,
    starts_on TEXT,
    ends_on TEXT,
    ended_on TEXT,
    next_review_on TEXT,
    review_told_on TEXT,
    public_on TEXT,
    publication TEXT,
    comments INTEGER NOT NULL DEFAULT 0,
    row_version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX contracts_contract_list ON contracts_contract (opened_on, id);
CREATE INDEX contracts_contract_state ON contracts_contract (state, opened_on, id);
CREATE INDEX contracts_contract_kind ON contracts_contract (kind, opened_on, id);
CREATE INDEX contracts_contract_ministry ON contracts_contract (ministry_id, opened_on, id);
CREATE INDEX contracts_contract_product ON contracts_contract (product_id, opened_on, id);
CREATE INDEX contracts_contract_review ON contracts_contract (next_review_on, id)
    WHERE next_review_on IS NOT NULL;
CREATE INDEX contracts_contract_public ON contracts_contract (public_on, id) WHERE public_on IS NOT NULL;

-- What a contract says, version after version. A version never changes: signatures name its hash.
CREATE TABLE contracts_version (
    contract_id BLOB NOT NULL REFERENCES contracts_contract (id),
    number INTEGER NOT NULL,
    terms TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    note TEXT NOT NULL,
    by_id BLOB,
    by_name TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (contract_id, number)
);
CREATE TRIGGER contracts_version_never_changes BEFORE UPDATE ON contracts_version
BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;
CREATE TRIGGER contracts_version_never_goes BEFORE DELETE ON contracts_version
BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;

-- Comments on a version: they never change.
CREATE TABLE contracts_comment (
    id BLOB PRIMARY KEY,
    contract_id BLOB NOT NULL REFERENCES contracts_contract (id),
    version_number INTEGER NOT NULL,
    text TEXT NOT NULL,
    by_id BLOB,
    by_name TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX contracts_comment_contract ON contracts_comment (contract_id, at, id);
CREATE TRIGGER contracts_comment_never_changes BEFORE UPDATE ON contracts_comment
BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;
CREATE TRIGGER contracts_comment_never_goes BEFORE DELETE ON contracts_comment
BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;

-- Signatures. One that a change of text voids stays, with why: of a version and a side one stands.
CREATE TABLE contracts_signature (
    id BLOB PRIMARY KEY,
    contract_id BLOB NOT NULL REFERENCES contracts_contract (id),
    version_number INTEGER NOT NULL,
    side TEXT NOT NULL,
    person_id BLOB NOT NULL,
    person_name TEXT NOT NULL,
    role TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    at INTEGER NOT NULL,
    voided_on TEXT,
    void_reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX contracts_signature_once ON contracts_signature (contract_id, version_number, side)
    WHERE voided_on IS NULL;
CREATE UNIQUE INDEX contracts_signature_two_people
    ON contracts_signature (contract_id, version_number, person_id) WHERE voided_on IS NULL;
CREATE INDEX contracts_signature_contract ON contracts_signature (contract_id, at, id);
CREATE TRIGGER contracts_signature_never_changes BEFORE UPDATE OF id, contract_id, version_number, side,
    person_id, person_name, role, sha256, at ON contracts_signature
BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;
CREATE TRIGGER contracts_signature_never_goes BEFORE DELETE ON contracts_signature
BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;

-- Tranches of the version in force. `met_on` is when the watch first found the condition met.
CREATE TABLE contracts_tranche (
    contract_id BLOB NOT NULL REFERENCES contracts_contract (id),
    number INTEGER NOT NULL,
    product_id BLOB NOT NULL,
    ministry_id BLOB,
    label TEXT NOT NULL,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    condition TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    met_on TEXT,
    released_on TEXT,
    released_by TEXT NOT NULL DEFAULT '',
    basis TEXT,
    paid_on TEXT,
    payment_reference TEXT NOT NULL DEFAULT '',
    row_version INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (contract_id, number)
);
CREATE INDEX contracts_tranche_product ON contracts_tranche (product_id, contract_id, number);
CREATE INDEX contracts_tranche_waits ON contracts_tranche (contract_id, number) WHERE state = 'planned';
CREATE INDEX contracts_tranche_met ON contracts_tranche (met_on, contract_id, number)
    WHERE state = 'planned' AND met_on IS NOT NULL;
CREATE UNIQUE INDEX contracts_tranche_payment ON contracts_tranche (payment_reference)
    WHERE payment_reference <> '';

-- Where each doctrine clause of a contract stands. How it came there is in contracts_event.
CREATE TABLE contracts_check (
    contract_id BLOB NOT NULL REFERENCES contracts_contract (id),
    doctrine TEXT NOT NULL,
    state TEXT NOT NULL,
    evidence TEXT NOT NULL,
    by_name TEXT NOT NULL,
    checked_on TEXT NOT NULL,
    row_version INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (contract_id, doctrine)
);

-- Reviews of a contract, with the figures as they stood: they never change.
CREATE TABLE contracts_review (
    id BLOB PRIMARY KEY,
    contract_id BLOB NOT NULL REFERENCES contracts_contract (id),
    product_id BLOB NOT NULL,
    version_number INTEGER NOT NULL,
    reviewed_on TEXT NOT NULL,
    outcome TEXT NOT NULL,
    findings TEXT NOT NULL,
    figures TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX contracts_review_contract ON contracts_review (contract_id, reviewed_on, id);
CREATE TRIGGER contracts_review_never_changes BEFORE UPDATE ON contracts_review
BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;
CREATE TRIGGER contracts_review_never_goes BEFORE DELETE ON contracts_review
BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;

-- All that happened, once and for good. `position` is the place among the events of a subject: two
-- writers never take the same one.
CREATE TABLE contracts_event (
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
CREATE INDEX contracts_event_product ON contracts_event (product_id, on_day, at, id);
CREATE TRIGGER contracts_event_never_changes BEFORE UPDATE ON contracts_event
BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;
CREATE TRIGGER contracts_event_never_goes BEFORE DELETE ON contracts_event
BEGIN SELECT RAISE(ABORT, 'what was kept never changes'); END;

-- When the watch looked last: one process takes each round.
CREATE TABLE contracts_round (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL
);
INSERT INTO contracts_round (name, at) VALUES ('watch', 0);
