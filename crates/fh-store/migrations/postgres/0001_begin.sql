-- Moments are microseconds since 1970 in UTC.
-- What a name such as `state` may be is written where the Rust type is.

CREATE TABLE tenants (
  -- Stands before every word of the search index.
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  retention_days BIGINT,
  is_enabled BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL
);

-- Numbers without a gap: who takes the next one holds the row until the transaction ends.
CREATE TABLE counters (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  -- `events`, `audit` or `rule_packs`.
  name TEXT NOT NULL,
  value BIGINT NOT NULL,
  -- Of `audit`: the hash of its last row.
  hash TEXT NOT NULL,
  PRIMARY KEY (tenant, name)
) WITH (fillfactor = 50);

CREATE TABLE calls (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  group_id UUID NOT NULL,
  batch UUID,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  metadata TEXT NOT NULL,
  file_name TEXT NOT NULL,
  staff_id TEXT,
  -- Out of `metadata`, for finding them.
  agent_id TEXT,
  agent_name_folded TEXT,
  customer_id TEXT,
  call_time BIGINT NOT NULL,
  upload_time BIGINT NOT NULL,
  state TEXT NOT NULL,
  detail TEXT,
  recording_digest TEXT,
  recording_blob TEXT,
  -- Of the inspection whose key is `inspection`.
  inspection TEXT,
  summary TEXT,
  duration_ms BIGINT,
  score_min BIGINT,
  inspected_at BIGINT,
  -- The state of the latest appeal.
  appeal TEXT,
  UNIQUE (tenant, id)
);
-- Lists are made from it, the newest first; what follows `id` lets them be counted without the rows.
CREATE INDEX calls_newest ON calls (tenant, upload_time DESC, id DESC, state, kind, call_time, duration_ms);
CREATE INDEX calls_by_call_time ON calls (tenant, call_time);
CREATE INDEX calls_unfinished ON calls (tenant, state, upload_time DESC, id DESC) WHERE state <> 'done';
CREATE INDEX calls_of_batch ON calls (tenant, batch, state) WHERE batch IS NOT NULL;
CREATE INDEX calls_of_staff ON calls (tenant, staff_id, upload_time DESC, id DESC) WHERE staff_id IS NOT NULL;
CREATE INDEX calls_of_agent ON calls (tenant, agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX calls_of_customer ON calls (tenant, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX calls_of_blob ON calls (tenant, recording_blob) WHERE recording_blob IS NOT NULL;

CREATE TABLE idempotency_keys (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  key TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  -- The identifiers of the calls, as JSON.
  calls TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE step_results (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant TEXT NOT NULL,
  call UUID NOT NULL,
  step TEXT NOT NULL,
  key TEXT NOT NULL,
  body BYTEA NOT NULL,
  UNIQUE (tenant, call, step, key),
  FOREIGN KEY (tenant, call) REFERENCES calls (tenant, id)
);

CREATE TABLE inspections (
  tenant TEXT NOT NULL,
  call UUID NOT NULL,
  key TEXT NOT NULL,
  body BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, call, key),
  FOREIGN KEY (tenant, call) REFERENCES calls (tenant, id)
);

-- What was said, for looking closely at what the index gives.
CREATE TABLE transcripts (
  call_number BIGINT PRIMARY KEY REFERENCES calls (number),
  body BYTEA NOT NULL
);

-- The words of the transcripts; `words` looks into `tokens` by its index.
CREATE TABLE words (
  call_number BIGINT PRIMARY KEY REFERENCES calls (number),
  tokens TSVECTOR NOT NULL
);
CREATE INDEX words_tokens ON words USING gin (tokens);

CREATE TABLE tombstones (
  tenant TEXT NOT NULL,
  call UUID NOT NULL,
  erased_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, call)
);

-- The places in the tenants' lines.
CREATE SEQUENCE job_places;

CREATE TABLE jobs (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id UUID NOT NULL UNIQUE,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  kind TEXT NOT NULL,
  call UUID,
  payload TEXT NOT NULL,
  priority BIGINT NOT NULL,
  max_attempts BIGINT NOT NULL,
  delay_us BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  token BIGINT NOT NULL,
  worker TEXT,
  lease_until BIGINT,
  run_at BIGINT NOT NULL,
  -- The place in the tenant's line; work that follows from a job keeps that job's.
  place BIGINT NOT NULL,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
);
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
);

-- How much of the workers each tenant had: the one with the least is next.
CREATE TABLE shares (
  tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
  virtual_time BIGINT NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE events (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  sequence BIGINT NOT NULL,
  at BIGINT NOT NULL,
  name TEXT NOT NULL,
  call UUID,
  batch UUID,
  payload TEXT NOT NULL,
  PRIMARY KEY (tenant, sequence)
);
CREATE INDEX events_of_call ON events (tenant, call, sequence) WHERE call IS NOT NULL;
CREATE INDEX events_by_age ON events (at);

CREATE TABLE audit (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  sequence BIGINT NOT NULL,
  at BIGINT NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  from_address TEXT,
  hash TEXT NOT NULL,
  PRIMARY KEY (tenant, sequence)
);

CREATE TABLE rule_packs (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  digest TEXT NOT NULL,
  files BYTEA NOT NULL,
  author TEXT NOT NULL,
  is_active BOOLEAN NOT NULL,
  uploaded_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, name, version),
  UNIQUE (tenant, name, digest)
);
CREATE UNIQUE INDEX rule_packs_active ON rule_packs (tenant) WHERE is_active;

CREATE TABLE webhooks (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  -- The names of the events, as JSON.
  events TEXT NOT NULL,
  is_enabled BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);

CREATE TABLE deliveries (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant TEXT NOT NULL,
  webhook UUID NOT NULL,
  event BIGINT NOT NULL,
  attempt BIGINT NOT NULL,
  state TEXT NOT NULL,
  status BIGINT,
  error TEXT,
  at BIGINT NOT NULL,
  FOREIGN KEY (tenant, webhook) REFERENCES webhooks (tenant, id)
);
CREATE INDEX deliveries_of_webhook ON deliveries (tenant, webhook, number);
CREATE INDEX deliveries_of_event ON deliveries (tenant, webhook, event);
CREATE INDEX deliveries_by_age ON deliveries (at);

CREATE TABLE appeals (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant TEXT NOT NULL,
  id UUID NOT NULL,
  call UUID NOT NULL,
  reason TEXT NOT NULL,
  author TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  reviewer_role TEXT NOT NULL,
  -- Pairs of scenario and finding, as JSON.
  findings TEXT NOT NULL,
  state TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  UNIQUE (tenant, id),
  FOREIGN KEY (tenant, call) REFERENCES calls (tenant, id)
);
CREATE INDEX appeals_of_call ON appeals (tenant, call, number);
-- One at a time for each call.
CREATE UNIQUE INDEX appeals_open ON appeals (tenant, call) WHERE state <> 'completed';

CREATE TABLE revisions (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant TEXT NOT NULL,
  call UUID NOT NULL,
  scenario TEXT NOT NULL,
  finding TEXT NOT NULL,
  complies BOOLEAN NOT NULL,
  remark TEXT NOT NULL,
  author TEXT NOT NULL,
  at BIGINT NOT NULL,
  FOREIGN KEY (tenant, call) REFERENCES calls (tenant, id)
);
CREATE INDEX revisions_of_call ON revisions (tenant, call, number);

CREATE TABLE users (
  tenant TEXT NOT NULL REFERENCES tenants (id),
  id UUID NOT NULL,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  staff_id TEXT,
  is_enabled BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, id),
  UNIQUE (tenant, name_folded)
);

CREATE TABLE api_keys (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  secret TEXT NOT NULL,
  label TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX api_keys_of_tenant ON api_keys (tenant, number);

-- A token stands for a person or a key and goes with it.
CREATE TABLE tokens (
  hash TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL REFERENCES tenants (id),
  user_id UUID,
  api_key TEXT REFERENCES api_keys (key),
  expires_at BIGINT NOT NULL,
  FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id),
  CHECK ((user_id IS NULL) <> (api_key IS NULL))
);
CREATE INDEX tokens_of_user ON tokens (tenant, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX tokens_of_api_key ON tokens (api_key) WHERE api_key IS NOT NULL;
CREATE INDEX tokens_by_age ON tokens (expires_at);

CREATE TABLE sign_in_failures (
  account TEXT NOT NULL,
  address TEXT NOT NULL,
  failures BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (account, address)
);
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (last_at);

CREATE TABLE nonces (
  realm TEXT NOT NULL,
  nonce TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (realm, nonce)
);
CREATE INDEX nonces_by_age ON nonces (expires_at);
