-- A search for a part of a name, by the groups of three letters that it holds. The extension comes with
-- PostgreSQL, and the owner of a database may create it; where it is not installed, or not allowed, a
-- search reads every name: slower, and never wrong.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX product_by_words ON product USING gin (sort_title gin_trgm_ops)
        WHERE merged_into IS NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'a search of products reads every name, without pg_trgm: %', SQLERRM;
END
$$;
