CREATE INDEX job_by_kind ON job (kind, created_at, id);
