-- The other names of a product.
CREATE INDEX product_merged ON product (merged_into) WHERE merged_into IS NOT NULL;
-- What a ministry's page begins with.
CREATE INDEX product_by_ministry_slip ON product (ministry_id, COALESCE(cost_slip, -9), id)
    WHERE merged_into IS NULL;
CREATE INDEX product_by_ministry_estimated ON product (ministry_id, COALESCE(estimated_on, ''), id)
    WHERE merged_into IS NULL;
-- Large projects that nobody can compare with anything.
CREATE INDEX product_without_baseline ON product (kind, baseline_cents, sort_title, id)
    WHERE merged_into IS NULL;
-- How many products there are: counting them at each page would read them all.
INSERT INTO portfolio_counter (name, value)
    SELECT 'product', COUNT(*) FROM product WHERE merged_into IS NULL;
