-- Takes away what signed-in people could disturb each other with. Optional: needs a superuser, once per database, after
-- `lectern migrate`; running it again changes nothing. No wall between organizations depends on it.
begin;

-- No do blocks, no functions of one's own. Functions that exist already run as before.
revoke usage on language plpgsql, sql from public;
grant usage on language plpgsql, sql to lectern_owner, lectern_guard;

-- Other people's sessions, statements and locks; large objects; waiting; reading the database as XML.
do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p
     where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype
       and (p.proname in ('pg_terminate_backend', 'pg_cancel_backend', 'pg_notify', 'pg_logical_emit_message', 'pg_export_snapshot', 'pg_lock_status',
              'pg_prepared_xact', 'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids', 'pg_isolation_test_session_is_blocked',
              'query_to_xml', 'query_to_xml_and_xmlschema', 'query_to_xmlschema', 'cursor_to_xml', 'cursor_to_xmlschema',
              'table_to_xml', 'table_to_xmlschema', 'table_to_xml_and_xmlschema', 'schema_to_xml', 'schema_to_xmlschema', 'schema_to_xml_and_xmlschema',
              'database_to_xml', 'database_to_xmlschema', 'database_to_xml_and_xmlschema',
              'pg_sleep', 'pg_sleep_for', 'pg_sleep_until', 'lowrite', 'loread')
         or p.proname like 'pg\_advisory%' or p.proname like 'pg\_try\_advisory%' or p.proname like 'lo\_%'
         or p.proname like 'pg\_stat\_get\_%' or p.proname like 'pg\_stat\_reset%')
  loop
    execute format('revoke execute on function %s from public', f);
  end loop;
end $$;
-- Sign-in queues the proofs of one account; migrating takes a lock of the session and tells who holds it.
grant execute on function pg_advisory_xact_lock(bigint) to lectern_guard;
grant execute on function pg_try_advisory_lock(bigint), pg_advisory_unlock(bigint), pg_advisory_xact_lock(bigint),
  pg_lock_status(), pg_stat_get_activity(integer) to lectern_owner;

-- No definitions at all by a desk's login: temporary objects, drop owned, default privileges. Roles themselves are out of
-- an event trigger's sight, which is why nobody logs in as the group they share.
create or replace function lectern_audit.refuse_definitions() returns event_trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if pg_has_role(session_user, 'lectern_app', 'member') and not pg_has_role(session_user, 'lectern_owner', 'member') then
    raise exception 'not allowed: %', tg_tag using errcode = '42501';
  end if;
end $$;
grant execute on function lectern_audit.refuse_definitions() to public;
drop event trigger if exists lectern_refuse_definitions;
create event trigger lectern_refuse_definitions on ddl_command_start execute function lectern_audit.refuse_definitions();

-- Limits that a login cannot lift for itself, and no bound values in the server's log.
do $$
declare
  login name;
begin
  for login in
    select r.rolname from pg_roles r
     where r.rolcanlogin and not r.rolsuper and pg_has_role(r.oid, 'lectern_app', 'member') and not pg_has_role(r.oid, 'lectern_owner', 'member')
  loop
    execute format('alter role %I set temp_file_limit = %L', login, '512MB');
    execute format('alter role %I set log_parameter_max_length = 0', login);
    execute format('alter role %I set log_parameter_max_length_on_error = 0', login);
    execute format('alter role %I set statement_timeout = %L', login, '30s');
    execute format('alter role %I set lock_timeout = %L', login, '5s');
    execute format('alter role %I set idle_in_transaction_session_timeout = %L', login, '60s');
  end loop;
end $$;

commit;
