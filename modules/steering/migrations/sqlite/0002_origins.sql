-- A recommendation may rest on something else than a review: `mission` or `conference`, and its id.
ALTER TABLE steering_recommendation ADD COLUMN origin_kind TEXT;
ALTER TABLE steering_recommendation ADD COLUMN origin_id BLOB;
CREATE INDEX steering_recommendation_origin ON steering_recommendation (origin_id, due_on, id)
    WHERE origin_id IS NOT NULL;
