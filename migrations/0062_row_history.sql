-- What was overwritten in a course's content, whoever wrote: authors read it, and nothing they said is ever only in the
-- audit, which is the admins'. Written by one statement trigger; a published text's projections stay in their revision.
set local role lectern_owner;

create table lectern.row_history (
  organization_id uuid not null,
  table_name      text not null,
  row_id          uuid not null,
  version         uuid not null,
  course_id       uuid not null,
  seq             bigint not null,
  person_id       uuid references lectern.people (id),
  before          jsonb not null,
  created_at      timestamptz not null default now(),
  primary key (organization_id, table_name, row_id, version),
  constraint row_history_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint row_history_table_name_known check (table_name in ('sub_courses', 'lessons', 'quizzes', 'questions', 'question_options', 'answer_keys'))
);
create index row_history_course_id on lectern.row_history (organization_id, course_id, seq);
create index row_history_person_id on lectern.row_history (person_id);
comment on table lectern.row_history is 'Values of a course''s content that were overwritten: those of version, by person_id, in the change numbered seq.';

alter table lectern.row_history enable row level security;
alter table lectern.row_history force row level security;
create policy guard on lectern.row_history to lectern_guard using (true) with check (true);
create policy read on lectern.row_history for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))));
grant select on lectern.row_history to lectern_app, lectern_guard;
grant insert on lectern.row_history to lectern_guard;

set local role lectern_guard;
-- Old and new rows are grouped, not joined, as in 0053.
create function lectern.keep_history() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  person uuid := lectern.person();
  noise text[] := array['organization_id', 'version', 'updated_at', 'seq', 'document', 'html', 'plain_text'];
begin
  insert into lectern.row_history (organization_id, table_name, row_id, version, course_id, seq, person_id, before)
    select x.organization_id, tg_table_name, x.id, (x.jo ->> 'version')::uuid, (x.jn ->> 'course_id')::uuid, (x.jn ->> 'seq')::bigint, person, d.before
      from (select s.organization_id, s.id, (array_agg(s.j) filter (where s.is_old))[1] as jo, (array_agg(s.j) filter (where not s.is_old))[1] as jn
              from (select o.organization_id, o.id, to_jsonb(o) as j, true as is_old from old_rows o
                    union all
                    select n.organization_id, n.id, to_jsonb(n), false from new_rows n) s
             group by s.organization_id, s.id) x,
           lateral (select jsonb_object_agg(e.k, e.v) as before
                      from jsonb_each(x.jo - noise) e(k, v)
                     where x.jn -> e.k is distinct from e.v
                       and not (e.k = 'markdown' and x.jo ->> 'published_revision_id' is not null
                                and x.jo -> 'published_revision_id' is distinct from x.jn -> 'published_revision_id')) d
     where d.before is not null;
  return null;
end $$;
grant execute on function lectern.keep_history() to lectern_owner;

set local role lectern_owner;
do $$
declare
  t text;
begin
  foreach t in array array['sub_courses', 'lessons', 'quizzes', 'questions', 'question_options', 'answer_keys'] loop
    execute format('create trigger keep_history after update on lectern.%I referencing old table as old_rows new table as new_rows
      for each statement execute function lectern.keep_history()', t);
  end loop;
end $$;
