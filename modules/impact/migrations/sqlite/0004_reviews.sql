-- Reviews of procedures, and how satisfied they say that people are, are counted too. A check can't be changed in place:
-- the column is made again.
DROP INDEX impact_indicator_counted;
DROP INDEX impact_indicator_by_subject;
ALTER TABLE impact_indicator RENAME COLUMN origin TO origin_before;
ALTER TABLE impact_indicator ADD COLUMN origin TEXT NOT NULL DEFAULT 'hand'
    CHECK (origin IN (
        'hand', 'sign-ins', 'calls', 'pieces-saved', 'files-decided', 'decision-days',
        'reviews', 'satisfaction'
    ));
UPDATE impact_indicator SET origin = origin_before;
ALTER TABLE impact_indicator DROP COLUMN origin_before;
CREATE INDEX impact_indicator_counted ON impact_indicator (figure_due_on, id)
    WHERE in_use AND origin <> 'hand';
CREATE INDEX impact_indicator_by_subject ON impact_indicator (origin_subject, origin)
    WHERE origin <> 'hand';
