-- Whether a call was made on behalf of a citizen who signed in to the requester's service.
ALTER TABLE exchange_trace ADD COLUMN on_behalf BOOLEAN NOT NULL DEFAULT FALSE;
