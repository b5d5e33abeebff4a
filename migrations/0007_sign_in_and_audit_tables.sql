-- Credentials, sessions and attempts; and the audit log. No application role is granted anything here.
set local role lectern_owner;

create table lectern_auth.secrets (
  name  text primary key,
  value bytea not null,
  constraint secrets_value_length check (octet_length(value) between 16 and 64)
);
comment on table lectern_auth.secrets is 'Keys this database made for itself: false salts and account names in the attempt log derive from them.';

create table lectern_auth.settings (
  is_only_row      boolean primary key default true,
  legacy_sign_in   boolean not null default false,
  max_failures     integer not null default 10,
  max_address_failures integer not null default 200,
  failure_window   interval not null default '15 minutes',
  session_max      interval not null default '12 hours',
  session_idle_max interval not null default '1 hour',
  stay_signed_in_max interval not null default '30 days',
  argon_memory_kib integer not null default 65536,
  argon_passes     integer not null default 3,
  argon_lanes      integer not null default 1,
  minimum_client   text not null default '0.1.0',
  constraint settings_is_only_row check (is_only_row),
  constraint settings_max_failures_range check (max_failures between 3 and 100),
  constraint settings_argon_memory_range check (argon_memory_kib between 19456 and 1048576),
  constraint settings_argon_passes_range check (argon_passes between 2 and 10),
  constraint settings_argon_lanes_range check (argon_lanes between 1 and 8),
  constraint settings_minimum_client_form check (minimum_client ~ '^[0-9]+\.[0-9]+\.[0-9]+$')
);
comment on table lectern_auth.settings is 'The limits of signing in, one row. Only the owner''s connection changes them.';

create table lectern_auth.credentials (
  person_id  uuid primary key references lectern.people (id),
  scheme     text not null,
  salt       bytea not null,
  cost       integer,
  stored_key bytea not null,
  server_key bytea not null,
  changed_at timestamptz not null default now(),
  constraint credentials_scheme_known check (scheme in ('argon2id', 'bcrypt', 'scrypt')),
  constraint credentials_stored_key_length check (octet_length(stored_key) = 32),
  constraint credentials_server_key_length check (octet_length(server_key) = 32)
);
comment on table lectern_auth.credentials is 'What proves a person''s password without being it (SCRAM, RFC 5802 §3). Never readable by anybody but the guard.';

create table lectern_auth.sessions (
  token_hash   bytea primary key,
  id           uuid not null default gen_random_uuid(),
  person_id    uuid not null references lectern.people (id),
  is_long      boolean not null default false,
  created_at   timestamptz not null default clock_timestamp(),
  proved_at    timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz not null default clock_timestamp(),
  expires_at   timestamptz not null,
  revoked_at   timestamptz,
  client_addr  inet,
  constraint sessions_id_key unique (id),
  constraint sessions_token_hash_length check (octet_length(token_hash) = 32)
);
create index sessions_person_id on lectern_auth.sessions (person_id);
comment on table lectern_auth.sessions is 'A signed-in device. The token itself stays on the client; here is its SHA-256.';

create table lectern_auth.attempts (
  id           uuid primary key default gen_random_uuid(),
  account      bytea not null,
  person_id    uuid references lectern.people (id),
  email        text not null,
  client_nonce bytea not null,
  server_nonce bytea not null,
  created_at   timestamptz not null default clock_timestamp(),
  proved_at    timestamptz,
  proved_xid   xid8,
  proof        bytea,
  legacy_proofs bytea[],
  token_hash   bytea,
  device_hash  bytea,
  wants_long   boolean not null default false,
  upgrade      jsonb,
  outcome      text,
  client_addr  inet,
  constraint attempts_outcome_known check (outcome in ('ok', 'failed'))
);
create index attempts_account on lectern_auth.attempts (account, proved_at);
create index attempts_client_addr on lectern_auth.attempts (client_addr, proved_at);
create index attempts_created_at on lectern_auth.attempts (created_at);
create index attempts_person_id on lectern_auth.attempts (person_id);
comment on table lectern_auth.attempts is 'Each sign-in, from the challenge to the answer. Kept for a day.';

create table lectern_auth.devices (
  device_hash  bytea not null,
  person_id    uuid not null references lectern.people (id),
  last_used_at timestamptz not null default clock_timestamp(),
  primary key (device_hash, person_id)
);
create index devices_person_id on lectern_auth.devices (person_id);
comment on table lectern_auth.devices is 'Devices a person signed in from before: strangers'' failures do not lock these out.';

create table lectern_auth.one_time_codes (
  code_hash  bytea primary key,
  purpose    text not null,
  person_id  uuid references lectern.people (id),
  issued_by  uuid references lectern.people (id),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at    timestamptz,
  constraint one_time_codes_purpose_known check (purpose in ('bootstrap', 'reset')),
  constraint one_time_codes_reset_names_person check ((purpose = 'reset') = (person_id is not null))
);
create index one_time_codes_person_id on lectern_auth.one_time_codes (person_id);
create index one_time_codes_issued_by on lectern_auth.one_time_codes (issued_by);
comment on table lectern_auth.one_time_codes is 'Codes that let somebody set a password once: the first owner''s, and after a reset.';

create table lectern_audit.entries (
  id              bigint generated always as identity primary key,
  at              timestamptz not null default clock_timestamp(),
  xid             xid8 not null default pg_current_xact_id(),
  organization_id uuid,
  actor_id        uuid,
  session_id      uuid,
  database_user   text not null default session_user,
  client_addr     inet default inet_client_addr(),
  verb            text not null,
  table_name      text not null,
  row_id          uuid,
  before          jsonb,
  after           jsonb
);
create index entries_organization_id on lectern_audit.entries (organization_id, id desc);
create index entries_row_id on lectern_audit.entries (organization_id, row_id, id desc);
create index entries_xid on lectern_audit.entries (xid);
comment on table lectern_audit.entries is 'Who changed what: written by triggers only, append-only. Ids without foreign keys, so erasing a person never touches the record.';

create table lectern_audit.seals (
  number     bigint primary key,
  sealed_at  timestamptz not null default clock_timestamp(),
  from_xid   xid8 not null,
  to_xid     xid8 not null,
  row_count  bigint not null,
  batch_hash bytea not null,
  prev_hash  bytea not null,
  hash       bytea not null
);
comment on table lectern_audit.seals is 'Hash chain over batches of entries, computed afterwards so writers never wait for it.';

insert into lectern_auth.secrets values ('salt', ext.gen_random_bytes(32)), ('account', ext.gen_random_bytes(32));
insert into lectern_auth.settings default values;
