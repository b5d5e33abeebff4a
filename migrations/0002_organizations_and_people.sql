-- Organizations, people and what joins them. These are the small global tables; everything below them is walled.
set local role lectern_owner;

-- Names sort by the rules of Unicode, not by byte: "Ángel" stands beside "Angela", "Žofie" after "Zoe".
create collation lectern.names (provider = icu, locale = 'und');

create function lectern.is_email(value text) returns boolean
  language sql immutable parallel safe
  return value is null or (length(value) <= 254 and value ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$');
comment on function lectern.is_email(text) is 'Shape of an address, not a proof that it receives mail. Limit: RFC 5321 §4.5.3.1.3.';

create table lectern.organizations (
  id          uuid primary key,
  name        text not null,
  slug        text not null,
  description text not null default '',
  branding    jsonb not null default '{}',
  time_zone   text not null default 'UTC',
  locale      text not null default 'en',
  plan        text not null default 'free',
  status      text not null default 'active',
  owner_id    uuid,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  archived_at timestamptz,
  version     uuid not null default gen_random_uuid(),
  constraint organizations_name_length check (length(btrim(name)) between 1 and 200),
  constraint organizations_slug_form check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 100),
  constraint organizations_slug_key unique (slug),
  constraint organizations_description_length check (length(description) <= 2000),
  constraint organizations_branding_is_object check (jsonb_typeof(branding) = 'object' and pg_column_size(branding) <= 8192),
  constraint organizations_time_zone_length check (length(time_zone) between 1 and 64),
  constraint organizations_locale_form check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  constraint organizations_plan_known check (plan in ('free', 'standard', 'enterprise')),
  constraint organizations_status_known check (status in ('active', 'suspended'))
);
comment on table lectern.organizations is 'A teaching organization: the tenant. Global table, one row per organization.';

create table lectern.people (
  id            uuid primary key,
  email         text not null,
  name          text not null,
  platform_role text not null default 'student',
  is_active     boolean not null default true,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  version       uuid not null default gen_random_uuid(),
  constraint people_email_form check (lectern.is_email(email)),
  constraint people_name_length check (length(btrim(name)) between 1 and 200),
  constraint people_platform_role_known check (platform_role in ('business_owner', 'lecturer', 'student'))
);
create unique index people_email_key on lectern.people (lower(email));
comment on table lectern.people is 'A human being, once for the whole installation, whatever organizations they belong to.';
comment on column lectern.people.platform_role is 'business_owner may create and see all organizations of this installation; lecturer and student carry no right of their own.';

alter table lectern.organizations
  add constraint organizations_owner_fkey foreign key (owner_id) references lectern.people (id);
create index organizations_owner_id on lectern.organizations (owner_id);

create table lectern.profiles (
  person_id  uuid primary key references lectern.people (id),
  bio        text not null default '',
  avatar     text,
  phone      text,
  born_on    date,
  updated_at timestamptz not null default now(),
  version    uuid not null default gen_random_uuid(),
  constraint profiles_bio_length check (length(bio) <= 500),
  constraint profiles_avatar_length check (length(avatar) <= 2000),
  constraint profiles_phone_form check (phone ~ '^\+?[0-9 ()./-]{3,30}$'),
  constraint profiles_born_on_range check (born_on between date '1900-01-01' and date '2200-01-01')
);
comment on table lectern.profiles is 'What a person tells about themselves; one row per person at most.';

create table lectern.memberships (
  organization_id uuid not null references lectern.organizations (id),
  id              uuid not null,
  person_id       uuid not null references lectern.people (id),
  role            text not null,
  is_active       boolean not null default true,
  name            text not null,
  email           text not null,
  joined_at       timestamptz not null default now(),
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  archived_at     timestamptz,
  version         uuid not null default gen_random_uuid(),
  name_key        text collate lectern.names generated always as (lower(name)) stored,
  search_text     text generated always as (lower(name || ' ' || email)) stored,
  primary key (organization_id, id),
  constraint memberships_person_key unique (organization_id, person_id),
  constraint memberships_role_known check (role in ('owner', 'admin', 'instructor', 'reviewer', 'learner')),
  constraint memberships_name_length check (length(btrim(name)) between 1 and 200),
  constraint memberships_email_form check (lectern.is_email(email))
);
create index memberships_person_id on lectern.memberships (person_id);
create index memberships_by_name on lectern.memberships (organization_id, name_key, id);
create index memberships_search on lectern.memberships using gin (organization_id, search_text ext.gin_trgm_ops);
comment on table lectern.memberships is 'A person in an organization, with the role that carries every right there.';
comment on column lectern.memberships.name is 'The name as this organization writes it, so lists and search stay inside the tenant wall and no other organization''s spelling leaks.';
comment on column lectern.memberships.email is 'Copy of people.email, kept by a trigger, for the same reason.';

create table lectern.invitations (
  organization_id uuid not null references lectern.organizations (id),
  id              uuid not null,
  email           text not null,
  name            text not null default '',
  role            text not null,
  status          text not null default 'pending',
  invited_by      uuid references lectern.people (id),
  expires_at      timestamptz not null,
  decided_at      timestamptz,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  version         uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint invitations_email_form check (lectern.is_email(email)),
  constraint invitations_name_length check (length(name) <= 200),
  constraint invitations_role_known check (role in ('admin', 'instructor', 'reviewer', 'learner')),
  constraint invitations_status_known check (status in ('pending', 'accepted', 'declined', 'expired')),
  constraint invitations_decided_when_settled check ((status in ('accepted', 'declined')) = (decided_at is not null))
);
create unique index invitations_pending_key on lectern.invitations (organization_id, lower(email)) where status = 'pending';
create index invitations_invited_by on lectern.invitations (invited_by);
comment on table lectern.invitations is 'An offer of a membership to an address, until it is accepted, declined or expires.';
