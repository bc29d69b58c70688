-- Moments are microseconds since 1970 in UTC. Identifiers are the 16 bytes of a UUID.
-- What a name such as `state` may be is written where the Rust type is.

CREATE TABLE tenants (
  -- Stands before every word of the search index.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  retention_days INTEGER,
  is_enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- Numbers without a gap: who takes the next one holds the row until the transaction ends.
CREATE TABLE counters (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  -- `events`, `audit` or `rule_packs`.
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  -- Of `audit`: the hash of its last row.
  hash TEXT NOT NULL,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  id BLOB NOT NULL,
  group_id BLOB NOT NULL,
  batch BLOB,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  metadata TEXT NOT NULL,
  file_name TEXT NOT NULL,
  staff_id TEXT,
  -- Out of `metadata`, for finding them.
  agent_id TEXT,
  agent_name_folded TEXT,
  customer_id TEXT,
  call_time INTEGER NOT NULL,
  upload_time INTEGER NOT NULL,
  state TEXT NOT NULL,
  detail TEXT,
  recording_digest TEXT,
  recording_blob TEXT,
  -- Of the inspection whose key is `inspection`.
  inspection TEXT,
  summary TEXT,
  duration_ms INTEGER,
  score_min INTEGER,
  inspected_at INTEGER,
  -- The state of the latest appeal.
  appeal TEXT,
  UNIQUE (tenant, id)
) STRICT;
-- Lists are made from it, the newest first; what follows `id` lets them be counted without the rows.
CREATE INDEX calls_newest ON calls (tenant, upload_time DESC, id DESC, state, kind, call_time, duration_ms);
CREATE INDEX calls_by_call_time ON calls (tenant, call_time);
CREATE INDEX calls_unfinished ON calls (tenant, state, upload_time DESC, id DESC) WHERE state <> 'done';
CREATE INDEX calls_of_batch ON calls (tenant, batch, state) WHERE batch IS NOT NULL;
CREATE INDEX calls_of_staff ON calls (tenant, staff_id, upload_time DESC, id DESC) WHERE staff_id IS NOT NULL;
CREATE INDEX calls_of_agent ON calls (tenant, agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX calls_of_customer ON calls (tenant, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX calls_of_blob ON calls (tenant, recording_blob) WHERE recording_blob IS NOT NULL;

-- How many calls a day has and which numbers they have, so that a search for some days goes through
-- their part of the index only, and by the index only where that is less than all their calls. A day
-- is a whole number of days since 1970 in UTC.
CREATE TABLE days (
  tenant TEXT NOT NULL,
  day INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  first_call INTEGER NOT NULL,
  last_call INTEGER NOT NULL,
  PRIMARY KEY (tenant, day)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER calls_come AFTER INSERT ON calls BEGIN
  INSERT INTO days (tenant, day, calls, first_call, last_call)
  VALUES (new.tenant, new.upload_time / 86400000000, 1, new.number, new.number)
  ON CONFLICT (tenant, day) DO UPDATE
  SET calls = calls + 1, first_call = min(first_call, new.number),
    last_call = max(last_call, new.number);
END;
CREATE TRIGGER calls_go AFTER DELETE ON calls BEGIN
  UPDATE days SET calls = calls - 1
  WHERE tenant = old.tenant AND day = old.upload_time / 86400000000;
END;

CREATE TABLE idempotency_keys (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  key TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  -- The identifiers of the calls, as JSON.
  calls TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE step_results (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  call BLOB NOT NULL,
  step TEXT NOT NULL,
  key TEXT NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (tenant, call, step, key),
  FOREIGN KEY (tenant, call) REFERENCES calls (tenant, id)
) STRICT;

CREATE TABLE inspections (
  tenant TEXT NOT NULL,
  call BLOB NOT NULL,
  key TEXT NOT NULL,
  body BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, call, key),
  FOREIGN KEY (tenant, call) REFERENCES calls (tenant, id)
) STRICT;

-- What was said, for looking closely at what the index gives.
CREATE TABLE transcripts (
  call_number INTEGER PRIMARY KEY REFERENCES calls (number),
  body BLOB NOT NULL
) STRICT;

-- The words of the transcripts; the row identifier is the call's number. The index keeps no text: to
-- take a call out of it, its words are made again from `transcripts`.
CREATE VIRTUAL TABLE words USING fts5 (
  tokens, content = '', columnsize = 0, detail = none, tokenize = "ascii tokenchars '_'"
);
-- What is taken out is gone from the file, not only marked as gone.
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);

CREATE TABLE tombstones (
  tenant TEXT NOT NULL,
  call BLOB NOT NULL,
  erased_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, call)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  kind TEXT NOT NULL,
  call BLOB,
  payload TEXT NOT NULL,
  priority INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  delay_us INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  token INTEGER NOT NULL,
  worker TEXT,
  lease_until INTEGER,
  run_at INTEGER NOT NULL,
  -- The place in the tenant's line; work that follows from a job keeps that job's.
  place INTEGER NOT NULL,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX jobs_next ON jobs (tenant, kind, priority DESC, place, run_at) WHERE state = 'waiting';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'leased';
CREATE INDEX jobs_dead ON jobs (tenant, number) WHERE state = 'dead';
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX jobs_of_call ON jobs (tenant, call) WHERE call IS NOT NULL;
CREATE INDEX jobs_of_tenant ON jobs (tenant, number);

-- Where work may wait: which kinds of jobs each tenant ever had.
CREATE TABLE lanes (
  kind TEXT NOT NULL,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  PRIMARY KEY (kind, tenant)
) STRICT, WITHOUT ROWID;

-- How much of the workers each tenant had: the one with the least is next.
CREATE TABLE shares (
  tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
  virtual_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  name TEXT NOT NULL,
  call BLOB,
  batch BLOB,
  payload TEXT NOT NULL,
  PRIMARY KEY (tenant, sequence)
) STRICT;
CREATE INDEX events_of_call ON events (tenant, call, sequence) WHERE call IS NOT NULL;
CREATE INDEX events_by_age ON events (at);

CREATE TABLE audit (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  from_address TEXT,
  hash TEXT NOT NULL,
  PRIMARY KEY (tenant, sequence)
) STRICT;

CREATE TABLE rule_packs (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  digest TEXT NOT NULL,
  files BLOB NOT NULL,
  author TEXT NOT NULL,
  is_active INTEGER NOT NULL,
  uploaded_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, name, version),
  UNIQUE (tenant, name, digest)
) STRICT;
CREATE UNIQUE INDEX rule_packs_active ON rule_packs (tenant) WHERE is_active = TRUE;

CREATE TABLE webhooks (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  id BLOB NOT NULL,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  -- The names of the events, as JSON.
  events TEXT NOT NULL,
  is_enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE deliveries (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  webhook BLOB NOT NULL,
  event INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL,
  status INTEGER,
  error TEXT,
  at INTEGER NOT NULL,
  FOREIGN KEY (tenant, webhook) REFERENCES webhooks (tenant, id)
) STRICT;
CREATE INDEX deliveries_of_webhook ON deliveries (tenant, webhook, number);
CREATE INDEX deliveries_of_event ON deliveries (tenant, webhook, event);
CREATE INDEX deliveries_by_age ON deliveries (at);

CREATE TABLE appeals (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  id BLOB NOT NULL,
  call BLOB NOT NULL,
  reason TEXT NOT NULL,
  author TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  reviewer_role TEXT NOT NULL,
  -- Pairs of scenario and finding, as JSON.
  findings TEXT NOT NULL,
  state TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  UNIQUE (tenant, id),
  FOREIGN KEY (tenant, call) REFERENCES calls (tenant, id)
) STRICT;
CREATE INDEX appeals_of_call ON appeals (tenant, call, number);
-- One at a time for each call.
CREATE UNIQUE INDEX appeals_open ON appeals (tenant, call) WHERE state <> 'completed';

CREATE TABLE revisions (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  call BLOB NOT NULL,
  scenario TEXT NOT NULL,
  finding TEXT NOT NULL,
  complies INTEGER NOT NULL,
  remark TEXT NOT NULL,
  author TEXT NOT NULL,
  at INTEGER NOT NULL,
  FOREIGN KEY (tenant, call) REFERENCES calls (tenant, id)
) STRICT;
CREATE INDEX revisions_of_call ON revisions (tenant, call, number);

CREATE TABLE users (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  id BLOB NOT NULL,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  staff_id TEXT,
  is_enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, id),
  UNIQUE (tenant, name_folded)
) STRICT;

CREATE TABLE api_keys (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  secret TEXT NOT NULL,
  label TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX api_keys_of_tenant ON api_keys (tenant, number);

-- A token stands for a person or a key and goes with it.
CREATE TABLE tokens (
  hash TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  user_id BLOB,
  api_key TEXT REFERENCES api_keys (key),
  expires_at INTEGER NOT NULL,
  FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id),
  CHECK ((user_id IS NULL) <> (api_key IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_of_user ON tokens (tenant, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX tokens_of_api_key ON tokens (api_key) WHERE api_key IS NOT NULL;
CREATE INDEX tokens_by_age ON tokens (expires_at);

CREATE TABLE sign_in_failures (
  account TEXT NOT NULL,
  address TEXT NOT NULL,
  failures INTEGER NOT NULL,
  locked_until INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (account, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (last_at);

CREATE TABLE nonces (
  realm TEXT NOT NULL,
  nonce TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (realm, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonces_by_age ON nonces (expires_at);
