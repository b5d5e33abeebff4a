-- The three group roles every policy and grant rests on, and the schemas. Runs without a superuser: as a role with
-- createrole that owns the database. Roles belong to the whole server, so a second Lectern database finds them there.
do $$
declare
  name text;
begin
  foreach name in array array['lectern_owner', 'lectern_guard', 'lectern_app'] loop
    if not exists (select from pg_roles where rolname = name) then
      begin
        execute format('create role %I nologin', name);
      exception when duplicate_object or unique_violation then
        null; -- another database of this server was migrated in the same moment
      end;
    end if;
  end loop;
  -- A superuser already may; since PostgreSQL 16 a creator needs the grant to act as the role.
  execute format('grant lectern_owner, lectern_guard to %I', current_user);
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to lectern_app', current_database());
  execute format('grant create on database %I to lectern_owner', current_database());
end $$;

revoke all on schema public from public;

create schema ext;
create extension pgcrypto schema ext;
create extension pg_trgm schema ext;
create extension btree_gin schema ext;
grant usage on schema ext to lectern_owner, lectern_guard;

set local role lectern_owner;

create schema lectern;
create schema lectern_auth;
create schema lectern_api;
create schema lectern_audit;
comment on schema lectern is 'The organization''s data: one table per concept, walled by organization.';
comment on schema lectern_auth is 'Credentials, sessions and attempts. No application role may read here.';
comment on schema lectern_api is 'The few functions that need more than the caller''s rights. Each checks the caller first.';
comment on schema lectern_audit is 'Who changed what and when: append-only, sealed in batches.';

grant usage on schema lectern, lectern_api, lectern_audit to lectern_app;
grant usage, create on schema lectern, lectern_auth, lectern_api, lectern_audit to lectern_guard;

alter default privileges for role lectern_owner revoke execute on functions from public;

set local role lectern_guard;
alter default privileges for role lectern_guard revoke execute on functions from public;
