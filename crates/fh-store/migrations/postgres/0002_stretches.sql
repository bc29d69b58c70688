-- All transcripts are gone through: that takes longer than a request may.
SET LOCAL statement_timeout = 0;

-- The search index is cut into stretches of 8,192 calls by their numbers, so that a search goes through
-- the newest first. Which stretches the calls of a day are in; a day is a whole number of days since
-- 1970 in UTC. Rows stay when calls go: they only say where calls may be.
CREATE TABLE stretches (
  tenant TEXT NOT NULL,
  day BIGINT NOT NULL,
  stretch BIGINT NOT NULL,
  PRIMARY KEY (tenant, day, stretch)
);
CREATE FUNCTION calls_come() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stretches (tenant, day, stretch)
  VALUES (NEW.tenant, NEW.upload_time / 86400000000, NEW.number >> 13)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER calls_come AFTER INSERT ON calls FOR EACH ROW EXECUTE FUNCTION calls_come();
INSERT INTO stretches (tenant, day, stretch)
SELECT DISTINCT tenant, upload_time / 86400000000, number >> 13 FROM calls;

-- A token was its tenant's number and itself; now the stretch stands between them.
DROP INDEX words_tokens;
UPDATE words SET tokens = array_to_tsvector(ARRAY(
  SELECT regexp_replace(token, '^([0-9]+)_', '\1_' || (call_number >> 13) || '_')
  FROM unnest(tsvector_to_array(tokens)) AS token
));
-- What waits to be put in order is gone through by every search: a megabyte of it at most.
CREATE INDEX words_tokens ON words USING gin (tokens) WITH (gin_pending_list_limit = 1024);
