-- An entry knows its course, so "who changed this course?" is one range of an index however long the audit and however many
-- people are enrolled. It is no part of what is sealed: it only repeats what the row named, so seals made before still hold.
set local role lectern_owner;

alter table lectern_audit.entries add column course_id uuid;
comment on column lectern_audit.entries.course_id is 'The course the changed row belongs to, or is; none for what stands above courses. Not sealed.';

grant update (course_id) on lectern_audit.entries to lectern_guard;
alter table lectern_audit.entries disable trigger append_only;

set local role lectern_guard;
update lectern_audit.entries a
   set course_id = r.course_id
  from (select '{courses}'::text[] as names, organization_id, id, id as course_id from lectern.courses
        union all
        select '{sub_courses}', organization_id, id, course_id from lectern.sub_courses
        union all
        select '{lessons,lesson_attachments}', organization_id, id, course_id from lectern.lessons
        union all
        select '{course_staff}', organization_id, id, course_id from lectern.course_staff
        union all
        select '{attachments}', organization_id, id, course_id from lectern.attachments
        union all
        select '{cohorts}', organization_id, id, course_id from lectern.cohorts
        union all
        select '{enrollments,lesson_progress}', organization_id, id, course_id from lectern.enrollments
        union all
        select '{course_groups,course_group_members}', organization_id, id, course_id from lectern.course_groups
        union all
        select '{quizzes}', organization_id, id, course_id from lectern.quizzes
        union all
        select '{questions}', organization_id, id, course_id from lectern.questions
        union all
        select '{question_options}', organization_id, id, course_id from lectern.question_options
        union all
        select '{answer_keys}', organization_id, id, course_id from lectern.answer_keys
        union all
        select '{submissions}', organization_id, id, course_id from lectern.submissions
        union all
        select '{answers}', organization_id, id, course_id from lectern.answers) r
 where a.organization_id = r.organization_id and a.row_id = r.id and a.table_name = any (r.names);

set local role lectern_owner;
alter table lectern_audit.entries enable always trigger append_only;
revoke update (course_id) on lectern_audit.entries from lectern_guard;

create index entries_course_id on lectern_audit.entries (organization_id, course_id, id desc) where course_id is not null;
grant select (course_id) on lectern_audit.entries to lectern_app;

set local role lectern_guard;

-- The course of a row that joins two others and names none itself.
create function lectern_audit.course_of(table_name text, organization uuid, j jsonb) returns uuid
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return case course_of.table_name
    when 'lesson_attachments' then (
      select l.course_id from lectern.lessons l where l.organization_id = course_of.organization and l.id = (j ->> 'lesson_id')::uuid)
    when 'course_group_members' then (
      select g.course_id from lectern.course_groups g where g.organization_id = course_of.organization and g.id = (j ->> 'group_id')::uuid)
  end;
end $$;

create or replace function lectern_audit.record() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  acting record := lectern.acting();
  actor uuid := coalesce(acting.p, lectern.person());
  session uuid := lectern_audit.current_session();
  key_1 text := tg_argv[0];
  key_2 text := coalesce(tg_argv[1], '');
  has_bodies boolean := coalesce(tg_argv[2], '') = 'bodies';
  joins boolean := tg_table_name in ('lesson_attachments', 'course_group_members');
  course text := case when tg_table_name = 'courses' then 'id' else 'course_id' end;
  noise text[] := array['organization_id', 'version', 'updated_at', 'seq', 'name_key', 'title_key', 'search_text'];
  own text := case when tg_table_name = 'organizations' then 'id' else 'organization_id' end;
begin
  if tg_op = 'UPDATE' then
    insert into lectern_audit.entries (organization_id, actor_id, session_id, verb, table_name, row_id, course_id, before, after)
      select coalesce((x.jn ->> own)::uuid, acting.o), actor, session, 'update', tg_table_name, (x.jn ->> key_1)::uuid,
             case when joins then lectern_audit.course_of(tg_table_name, (x.jn ->> own)::uuid, x.jn) else (x.jn ->> course)::uuid end,
             case when has_bodies then lectern_audit.without_bodies(d.before) else d.before end,
             case when has_bodies then lectern_audit.without_bodies(d.after) else d.after end
        from (select (array_agg(s.j) filter (where s.is_old))[1] as jo, (array_agg(s.j) filter (where not s.is_old))[1] as jn
                from (select to_jsonb(o) as j, true as is_old from old_rows o
                      union all
                      select to_jsonb(n), false from new_rows n) s
               group by s.j ->> own, s.j ->> key_1, s.j ->> key_2) x,
             lateral (select jsonb_object_agg(e.k, x.jo -> e.k) as before, jsonb_object_agg(e.k, e.v) as after
                        from jsonb_each(x.jn - noise) e(k, v) where x.jo -> e.k is distinct from e.v) d
       where d.after is not null;
  elsif tg_op = 'INSERT' then
    insert into lectern_audit.entries (organization_id, actor_id, session_id, verb, table_name, row_id, course_id, after)
      select coalesce((x.j ->> own)::uuid, acting.o), actor, session, 'insert', tg_table_name, (x.j ->> key_1)::uuid,
             case when joins then lectern_audit.course_of(tg_table_name, (x.j ->> own)::uuid, x.j) else (x.j ->> course)::uuid end,
             case when has_bodies then lectern_audit.without_bodies(x.j - noise) else x.j - noise end
        from (select to_jsonb(n) as j from new_rows n offset 0) x;
  else
    insert into lectern_audit.entries (organization_id, actor_id, session_id, verb, table_name, row_id, course_id, before)
      select coalesce((x.j ->> own)::uuid, acting.o), actor, session, 'delete', tg_table_name, (x.j ->> key_1)::uuid,
             case when joins then lectern_audit.course_of(tg_table_name, (x.j ->> own)::uuid, x.j) else (x.j ->> course)::uuid end,
             case when has_bodies then lectern_audit.without_bodies(x.j - noise) else x.j - noise end
        from (select to_jsonb(o) as j from old_rows o offset 0) x;
  end if;
  return null;
end $$;

create or replace function lectern_audit.record_progress() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into lectern_audit.entries (organization_id, actor_id, session_id, verb, table_name, row_id, course_id, after)
    select x.organization_id, lectern.person(), lectern_audit.current_session(), lower(tg_op), tg_table_name, x.enrollment_id,
           (select e.course_id from lectern.enrollments e where e.organization_id = x.organization_id and e.id = x.enrollment_id), x.told
      from (select n.organization_id, n.enrollment_id,
                   jsonb_build_object('lessons', count(*), 'completed', count(n.completed_at),
                                      'lesson_id', case when count(*) = 1 then min(n.lesson_id::text) end) as told
              from new_rows n
             group by n.organization_id, n.enrollment_id) x;
  return null;
end $$;
