-- Requests that were decided, and in how many days, are counted too.
ALTER TABLE impact_indicator DROP CONSTRAINT impact_indicator_origin_check;
ALTER TABLE impact_indicator ADD CONSTRAINT impact_indicator_origin_check
    CHECK (origin IN (
        'hand', 'sign-ins', 'calls', 'pieces-saved', 'files-decided', 'decision-days'
    ));
