-- The audit: written by statement triggers (row triggers cost twice as much), actor from the token, append-only, sealed
-- afterwards in batches. Never a secret, never a body: of a body the record keeps how long it was.
-- Not audited: operations, change_set_rows and revisions, which are records themselves, written once; course_counts, which
-- triggers derive; attachment_chunks, whose content the attachment's SHA-256 names. lesson_progress is the large table:
-- one entry per statement and enrollment, so an import of ten million completions does not double itself.
set local role lectern_owner;

-- A seal covers the entries first_id to last_id. Ids are drawn before commit and become visible out of order, so a seal
-- reaches only up to a mark (mark_id) set while every writer below it was known (mark_xid) and all of them have ended since.
-- Ranges of ids instead of transaction ids, because a dump restored elsewhere keeps the ids and starts the others anew.
alter table lectern_audit.seals
  drop column from_xid,
  drop column to_xid,
  add column first_id bigint not null,
  add column last_id bigint not null,
  add column mark_id bigint not null,
  add column mark_xid xid8 not null;
comment on column lectern_audit.seals.mark_id is 'How far the next seal may reach once every transaction before mark_xid has ended.';

create index entries_at on lectern_audit.entries (organization_id, at desc);

grant insert on lectern_audit.entries, lectern_audit.seals to lectern_guard;

set local role lectern_guard;

create function lectern_audit.current_session() returns uuid
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (select s.id from lectern_auth.sessions s where s.token_hash = sha256(convert_to(current_setting('lectern.session', true), 'UTF8')));
end $$;

-- For what functions do beyond changing rows: signing in, codes, passwords.
create function lectern_audit.note(verb text, table_name text, row_id uuid, actor uuid, organization uuid default null) returns void
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_current_xact_id(); -- before the id is drawn: sealing counts on it
  insert into lectern_audit.entries (organization_id, actor_id, session_id, verb, table_name, row_id)
    values (note.organization, note.actor, lectern_audit.current_session(), note.verb, note.table_name, note.row_id);
end $$;

create function lectern_audit.without_bodies(j jsonb) returns jsonb
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp
  return (select jsonb_object_agg(k, case when k in ('document', 'markdown', 'html', 'plain_text', 'response', 'source') and jsonb_typeof(v) <> 'null'
                                          then to_jsonb(length(v #>> '{}') || ' characters') else v end)
            from jsonb_each(j) e(k, v));

-- Arguments: the key columns beside organization_id, then 'bodies' where the table has any.
create function lectern_audit.record() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  acting record := lectern.acting();
  actor uuid := coalesce(acting.p, lectern.person());
  session uuid := lectern_audit.current_session();
  key_1 text := tg_argv[0];
  key_2 text := coalesce(tg_argv[1], '');
  has_bodies boolean := coalesce(tg_argv[2], '') = 'bodies';
  noise text[] := array['organization_id', 'version', 'updated_at', 'seq', 'name_key', 'title_key', 'search_text'];
  own text := case when tg_table_name = 'organizations' then 'id' else 'organization_id' end;
begin
  if tg_op = 'UPDATE' then
    insert into lectern_audit.entries (organization_id, actor_id, session_id, verb, table_name, row_id, before, after)
      select coalesce((x.jn ->> own)::uuid, acting.o), actor, session, 'update', tg_table_name, (x.jn ->> key_1)::uuid,
             case when has_bodies then lectern_audit.without_bodies(d.before) else d.before end,
             case when has_bodies then lectern_audit.without_bodies(d.after) else d.after end
        from (select a.j as jo, b.j as jn
                from (select to_jsonb(o) as j from old_rows o offset 0) a
                join (select to_jsonb(n) as j from new_rows n offset 0) b
                  on concat_ws('/', a.j ->> own, a.j ->> key_1, a.j ->> key_2) = concat_ws('/', b.j ->> own, b.j ->> key_1, b.j ->> key_2)) x,
             lateral (select jsonb_object_agg(e.k, x.jo -> e.k) as before, jsonb_object_agg(e.k, e.v) as after
                        from jsonb_each(x.jn - noise) e(k, v) where x.jo -> e.k is distinct from e.v) d
       where d.after is not null;
  elsif tg_op = 'INSERT' then
    insert into lectern_audit.entries (organization_id, actor_id, session_id, verb, table_name, row_id, after)
      select coalesce((x.j ->> own)::uuid, acting.o), actor, session, 'insert', tg_table_name, (x.j ->> key_1)::uuid,
             case when has_bodies then lectern_audit.without_bodies(x.j - noise) else x.j - noise end
        from (select to_jsonb(n) as j from new_rows n offset 0) x;
  else
    insert into lectern_audit.entries (organization_id, actor_id, session_id, verb, table_name, row_id, before)
      select coalesce((x.j ->> own)::uuid, acting.o), actor, session, 'delete', tg_table_name, (x.j ->> key_1)::uuid,
             case when has_bodies then lectern_audit.without_bodies(x.j - noise) else x.j - noise end
        from (select to_jsonb(o) as j from old_rows o offset 0) x;
  end if;
  return null;
end $$;

create function lectern_audit.record_progress() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into lectern_audit.entries (organization_id, actor_id, session_id, verb, table_name, row_id, after)
    select n.organization_id, lectern.person(), lectern_audit.current_session(), lower(tg_op), tg_table_name, n.enrollment_id,
           jsonb_build_object('lessons', count(*), 'completed', count(n.completed_at),
                              'lesson_id', case when count(*) = 1 then min(n.lesson_id::text) end)
      from new_rows n
     group by n.organization_id, n.enrollment_id;
  return null;
end $$;

create function lectern_audit.refuse_change() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'the audit is append-only' using errcode = '42501';
end $$;

-- A client's write needs a live session at the end of the statement too: revoked meanwhile, or the variable cleared in the
-- middle of the statement to stay nameless, and nothing is written.
create function lectern_audit.require_session() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  acting record := lectern.acting();
begin
  if acting.p is null then
    raise exception 'the session has ended' using errcode = '28000';
  end if;
  return null;
end $$;

create function lectern_audit.batch_hash(first_id bigint, last_id bigint) returns bytea
  language sql stable set search_path = pg_catalog, pg_temp as $$
  select sha256(coalesce(string_agg(sha256(convert_to(jsonb_build_array(e.id, extract(epoch from e.at), e.xid::text, e.organization_id, e.actor_id,
           e.session_id, e.database_user, e.client_addr::text, e.verb, e.table_name, e.row_id, e.before, e.after)::text, 'UTF8')), null order by e.id), ''))
    from lectern_audit.entries e where e.id between first_id and last_id
$$;

create function lectern_audit.seal() returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  now_running pg_snapshot := pg_current_snapshot();
  newest bigint := coalesce((select max(e.id) from lectern_audit.entries e), 0);
  previous lectern_audit.seals;
  reach bigint;
  entries bigint;
  batch bytea;
begin
  select * into previous from lectern_audit.seals s order by s.number desc limit 1;
  reach := case
    when pg_snapshot_xmin(now_running) = pg_snapshot_xmax(now_running) then newest -- nobody else is writing
    when previous.mark_xid <= pg_snapshot_xmin(now_running) then previous.mark_id
    when previous.mark_xid > pg_snapshot_xmax(now_running) then previous.mark_id  -- restored on another server: all of them have ended
    else previous.last_id
  end;
  reach := greatest(coalesce(reach, 0), coalesce(previous.last_id, 0));
  if reach = coalesce(previous.last_id, 0) and newest = coalesce(previous.mark_id, 0) then
    return 0;
  end if;
  select count(*) into entries from lectern_audit.entries e where e.id > coalesce(previous.last_id, 0) and e.id <= reach;
  batch := lectern_audit.batch_hash(coalesce(previous.last_id, 0) + 1, reach);
  insert into lectern_audit.seals (number, first_id, last_id, mark_id, mark_xid, row_count, batch_hash, prev_hash, hash)
    values (coalesce(previous.number, 0) + 1, coalesce(previous.last_id, 0) + 1, reach, newest, pg_snapshot_xmax(now_running), entries, batch,
            coalesce(previous.hash, '\x00'), sha256(coalesce(previous.hash, '\x00') || batch
              || convert_to(concat_ws('|', coalesce(previous.number, 0) + 1, coalesce(previous.last_id, 0) + 1, reach, entries), 'UTF8')))
    on conflict (number) do nothing; -- another sealed in the same moment
  return entries;
end $$;
comment on function lectern_audit.seal() is 'Seals what has settled; answers the number of entries. Under other writers it may set a mark only, and the next call seals up to it.';

create function lectern_audit.verify() returns table (number bigint, is_good boolean)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select s.number,
         s.batch_hash = lectern_audit.batch_hash(s.first_id, s.last_id)
         and s.prev_hash = coalesce(lag(s.hash) over (order by s.number), '\x00')
         and s.first_id = coalesce(lag(s.last_id) over (order by s.number), 0) + 1
         and s.number = row_number() over (order by s.number)
         and s.hash = sha256(s.prev_hash || s.batch_hash || convert_to(concat_ws('|', s.number, s.first_id, s.last_id, s.row_count), 'UTF8'))
    from lectern_audit.seals s
   order by s.number
$$;
comment on function lectern_audit.verify() is 'One row per seal; a false one says that an entry it covers was changed, added or taken away.';

create function lectern_api.seal_audit() returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if lectern.person() is null then
    raise exception 'the session has ended' using errcode = '28000';
  end if;
  return lectern_audit.seal();
end $$;
comment on function lectern_api.seal_audit() is 'Anybody signed in may seal; sealing takes nothing away.';

create function lectern_api.audit_head(out number bigint, out hash bytea)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if lectern.person() is not null then
    select s.number, s.hash into audit_head.number, audit_head.hash from lectern_audit.seals s order by s.number desc limit 1;
  end if;
end $$;
comment on function lectern_api.audit_head() is 'The newest seal, for clients to remember outside: a chain cut off or rewritten no longer holds it.';

grant execute on function lectern_api.seal_audit(), lectern_api.audit_head() to lectern_app;
grant execute on function lectern_audit.record(), lectern_audit.record_progress(), lectern_audit.refuse_change(), lectern_audit.require_session(),
  lectern_audit.seal(), lectern_audit.verify() to lectern_owner;

set local role lectern_owner;
do $$
declare
  t record;
begin
  for t in
    select * from (values
      ('organizations', 'id', '', ''), ('people', 'id', '', ''), ('profiles', 'person_id', '', ''), ('memberships', 'id', '', ''), ('invitations', 'id', '', ''),
      ('courses', 'id', '', ''), ('course_staff', 'id', '', ''), ('sub_courses', 'id', '', ''), ('lessons', 'id', '', 'bodies'),
      ('attachments', 'id', '', ''), ('lesson_attachments', 'lesson_id', 'attachment_id', ''),
      ('cohorts', 'id', '', ''), ('enrollments', 'id', '', ''), ('course_groups', 'id', '', ''), ('course_group_members', 'group_id', 'enrollment_id', ''),
      ('quizzes', 'id', '', ''), ('questions', 'id', '', 'bodies'), ('question_options', 'id', '', ''), ('answer_keys', 'id', '', ''),
      ('submissions', 'id', '', ''), ('answers', 'id', '', 'bodies'), ('external_ids', 'internal_id', 'external_id', ''), ('change_sets', 'id', '', '')
    ) as x(name, key_1, key_2, bodies)
  loop
    execute format('create trigger audit_insert after insert on lectern.%I referencing new table as new_rows for each statement execute function lectern_audit.record(%L, %L, %L)', t.name, t.key_1, t.key_2, t.bodies);
    execute format('create trigger audit_update after update on lectern.%I referencing old table as old_rows new table as new_rows for each statement execute function lectern_audit.record(%L, %L, %L)', t.name, t.key_1, t.key_2, t.bodies);
    execute format('create trigger audit_delete after delete on lectern.%I referencing old table as old_rows for each statement execute function lectern_audit.record(%L, %L, %L)', t.name, t.key_1, t.key_2, t.bodies);
  end loop;
  for t in select c.relname as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'lectern'::regnamespace loop
    execute format($f$create trigger require_session after insert or update or delete on lectern.%I for each statement
      when (pg_has_role(current_user, 'lectern_app', 'usage') and not pg_has_role(current_user, 'lectern_owner', 'usage'))
      execute function lectern_audit.require_session()$f$, t.name);
  end loop;
  for t in select c.relname as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'lectern_audit'::regnamespace loop
    execute format('create trigger append_only before update or delete or truncate on lectern_audit.%I for each statement execute function lectern_audit.refuse_change()', t.name);
    execute format('alter table lectern_audit.%I enable always trigger append_only', t.name);
  end loop;
end $$;
create trigger audit_insert after insert on lectern.lesson_progress referencing new table as new_rows for each statement execute function lectern_audit.record_progress();
create trigger audit_update after update on lectern.lesson_progress referencing new table as new_rows for each statement execute function lectern_audit.record_progress();
