-- Reviews of procedures, and how satisfied they say that people are, are counted too.
ALTER TABLE impact_indicator DROP CONSTRAINT impact_indicator_origin_check;
ALTER TABLE impact_indicator ADD CONSTRAINT impact_indicator_origin_check
    CHECK (origin IN (
        'hand', 'sign-ins', 'calls', 'pieces-saved', 'files-decided', 'decision-days',
        'reviews', 'satisfaction'
    ));
