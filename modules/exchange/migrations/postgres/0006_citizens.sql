-- What stands behind the parameters that name a person: for each list of parameters by which an
-- operation named people, now or formerly, which fact of the civil register each of them is. Both are
-- JSON lists of one length; a fact is null where the parameter is none.
CREATE TABLE exchange_subject_form (
    operation_id UUID NOT NULL REFERENCES exchange_operation (id),
    number BIGINT NOT NULL,
    subject TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (operation_id, number)
);

-- For how many days the person isn't shown a call, and why: a call can betray somebody else's act.
ALTER TABLE exchange_operation ADD COLUMN hidden_days BIGINT NOT NULL DEFAULT 0;
ALTER TABLE exchange_operation ADD COLUMN hidden_reason TEXT NOT NULL DEFAULT '';

-- What people contest: the call by its place in its log, what they say, what was answered. The address
-- is the one that the person gave, and goes when the answer is sent.
CREATE TABLE exchange_contest (
    id UUID PRIMARY KEY,
    citizen_id UUID NOT NULL,
    log TEXT COLLATE "C" NOT NULL,
    log_index BIGINT NOT NULL,
    producer_id UUID NOT NULL,
    api_id UUID NOT NULL,
    operation_id UUID NOT NULL,
    requester TEXT NOT NULL,
    purpose TEXT NOT NULL,
    called_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    mail TEXT NOT NULL,
    state TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '',
    answered_by TEXT NOT NULL DEFAULT '',
    answered_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (citizen_id, log, log_index)
);
CREATE INDEX exchange_contest_producer ON exchange_contest (producer_id, created_at, id);
CREATE INDEX exchange_contest_age ON exchange_contest (created_at, id);
