-- A stop that reaches one API of a producer alone.
ALTER TABLE exchange_stop ADD COLUMN api_id BLOB;
