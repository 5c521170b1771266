-- What the journal was told of the calls of an API on a day: the rest is told when it comes.
CREATE TABLE exchange_usage_told (
    day TEXT COLLATE "C" NOT NULL,
    api_id UUID NOT NULL,
    calls BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    pieces_saved BIGINT NOT NULL,
    PRIMARY KEY (day, api_id)
);
