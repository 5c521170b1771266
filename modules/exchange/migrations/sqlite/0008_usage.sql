-- What the journal was told of the calls of an API on a day: the rest is told when it comes.
CREATE TABLE exchange_usage_told (
    day TEXT NOT NULL,
    api_id BLOB NOT NULL,
    calls INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    pieces_saved INTEGER NOT NULL,
    PRIMARY KEY (day, api_id)
);
