-- Who has which lesson open just now. Said again every few seconds and worth nothing after a minute: unlogged, unaudited, and
-- no change of the course's content. Nobody but the function below reads or writes it.
set local role lectern_owner;

create unlogged table lectern.lesson_readers (
  organization_id uuid not null,
  course_id       uuid not null,
  lesson_id       uuid not null,
  person_id       uuid not null references lectern.people (id),
  window_id       uuid not null,
  opened_at       timestamptz not null default now(),
  seen_at         timestamptz not null default now(),
  primary key (organization_id, course_id, lesson_id, person_id, window_id),
  constraint lesson_readers_lesson_fkey foreign key (organization_id, course_id, lesson_id) references lectern.lessons (organization_id, course_id, id)
);
create index lesson_readers_person_id on lectern.lesson_readers (person_id);
comment on table lectern.lesson_readers is 'Lessons that staff has open in a window (window_id, made by the window), as last seen. Rows a minute old mean nothing and go.';

alter table lectern.lesson_readers enable row level security;
alter table lectern.lesson_readers force row level security;
create policy guard on lectern.lesson_readers to lectern_guard using (true) with check (true);
grant select, insert, update (seen_at), delete on lectern.lesson_readers to lectern_guard;

set local role lectern_guard;
create function lectern_api.keep_open(organization uuid, course uuid, lessons uuid[], window_id uuid) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  me record := lectern.acting();
  too_old constant timestamptz := now() - interval '60 seconds';
begin
  if (organization = lectern.organization_if(40)
      or (organization = lectern.organization_if(10) and (organization, course) in (select t.o, t.c from lectern.taught('{lead,instructor,assistant,reviewer}') t))) is not true then
    return null;
  end if;
  if organization = lectern.writable_if(10) then
    -- Two that clear up at once leave each other's rows alone instead of waiting.
    delete from lectern.lesson_readers r
     where (r.lesson_id, r.person_id, r.window_id) in (
             select x.lesson_id, x.person_id, x.window_id from lectern.lesson_readers x
              where x.organization_id = keep_open.organization and x.course_id = keep_open.course
                and (x.seen_at <= too_old or (x.person_id = me.p and x.window_id = keep_open.window_id and x.lesson_id <> all (lessons)))
                for update skip locked)
       and r.organization_id = keep_open.organization and r.course_id = keep_open.course;
    insert into lectern.lesson_readers (organization_id, course_id, lesson_id, person_id, window_id)
      select l.organization_id, l.course_id, l.id, me.p, keep_open.window_id
        from lectern.lessons l
       where l.organization_id = keep_open.organization and l.course_id = keep_open.course and l.id = any (lessons[1:100])
       order by l.id
      on conflict on constraint lesson_readers_pkey do update set seen_at = excluded.seen_at;
  end if;
  return (select jsonb_build_object('seq', c.seq, 'readers', coalesce(
                   (select jsonb_agg(jsonb_build_object('lesson_id', r.lesson_id, 'person_id', r.person_id, 'name', p.name, 'window', r.window_id)
                                     order by r.opened_at, r.person_id, r.window_id, r.lesson_id)
                      from lectern.lesson_readers r
                      join lectern.people p on p.id = r.person_id
                     where r.organization_id = c.organization_id and r.course_id = c.id and r.seen_at > too_old), '[]'))
            from lectern.courses c where c.organization_id = keep_open.organization and c.id = keep_open.course);
end $$;
comment on function lectern_api.keep_open(uuid, uuid, uuid[], uuid) is 'Says which lessons of a course this window has open (at most 100), and answers the course''s number with all that its staff has open. Null for whoever is no staff of the course.';
grant execute on function lectern_api.keep_open(uuid, uuid, uuid[], uuid) to lectern_app;
