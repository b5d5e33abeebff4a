-- Progress, the rule in one statement (design §5): completed published lessons of the course over its published lessons,
-- directly and through sub-courses, rounded, 0 when there are none. Archived lessons and those of an archived sub-course do
-- not count. Reaching 100 sets completed_at once; later changes keep it.
set local role lectern_owner;

grant update (progress, completed_at) on lectern.enrollments to lectern_guard;

set local role lectern_guard;

-- Locking comes first and counting in a statement of its own: two lessons completed in the same moment must each see the
-- other, and so must a lesson being published.
create function lectern.recompute_progress(organization uuid, courses uuid[], enrollments uuid[]) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  changed integer;
begin
  perform from lectern.enrollments e
    where e.organization_id = recompute_progress.organization
      and (e.course_id = any (recompute_progress.courses) or e.id = any (recompute_progress.enrollments))
    order by e.id for no key update;
  with wanted as materialized (
    select e.id, e.course_id from lectern.enrollments e
     where e.organization_id = recompute_progress.organization and e.course_id = any (recompute_progress.courses)
    union
    select e.id, e.course_id from lectern.enrollments e
     where e.organization_id = recompute_progress.organization and e.id = any (recompute_progress.enrollments)
  ), counted as materialized (
    select l.course_id, l.id
      from lectern.lessons l
      left join lectern.sub_courses s on s.organization_id = l.organization_id and s.course_id = l.course_id and s.id = l.sub_course_id
     where l.organization_id = recompute_progress.organization and l.course_id in (select w.course_id from wanted w)
       and l.published_at is not null and l.archived_at is null and (l.sub_course_id is null or s.archived_at is null)
  ), totals as (
    select c.course_id, count(*) as lessons from counted c group by c.course_id
  ), done as (
    select w.id, count(*) as lessons, max(p.completed_at) as last_at
      from wanted w
      join lectern.lesson_progress p on p.organization_id = recompute_progress.organization and p.enrollment_id = w.id
      join counted c on c.id = p.lesson_id and c.course_id = w.course_id
     where p.completed_at is not null
     group by w.id
  ), result as (
    select w.id, coalesce((200 * coalesce(d.lessons, 0) + t.lessons) / (2 * t.lessons), 0)::smallint as progress, d.last_at
      from wanted w
      left join totals t on t.course_id = w.course_id
      left join done d on d.id = w.id
  )
  update lectern.enrollments e
     set progress = r.progress,
         completed_at = case when r.progress = 100 then coalesce(e.completed_at, least(r.last_at, now())) else e.completed_at end
    from result r
   where e.organization_id = recompute_progress.organization and e.id = r.id
     and (e.progress <> r.progress or (r.progress = 100 and e.completed_at is null));
  get diagnostics changed = row_count;
  return changed;
end $$;
comment on function lectern.recompute_progress(uuid, uuid[], uuid[]) is 'Brings the progress of these courses'' enrollments and of these enrollments to the rule, writing only those that differ; answers how many. 200·c+n over 2·n is round(100·c/n), half up.';

create function lectern.follow_lesson_progress() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched record;
begin
  if tg_op <> 'DELETE' and exists (
    select from new_rows n
      join lectern.enrollments e on e.organization_id = n.organization_id and e.id = n.enrollment_id
      join lectern.lessons l on l.organization_id = n.organization_id and l.id = n.lesson_id
     where l.course_id <> e.course_id)
  then
    raise exception 'the lesson is of another course' using errcode = '23514', constraint = 'lesson_progress_lesson_of_course', table = 'lesson_progress';
  end if;
  if tg_op = 'INSERT' then
    for touched in select n.organization_id as o, array_agg(distinct n.enrollment_id) as e from new_rows n where n.completed_at is not null group by n.organization_id loop
      perform lectern.recompute_progress(touched.o, '{}', touched.e);
    end loop;
  elsif tg_op = 'UPDATE' then
    for touched in
      select n.organization_id as o, array_agg(distinct n.enrollment_id) as e
        from new_rows n
        join old_rows p on p.organization_id = n.organization_id and p.enrollment_id = n.enrollment_id and p.lesson_id = n.lesson_id
       where (n.completed_at is null) <> (p.completed_at is null)
       group by n.organization_id
    loop
      perform lectern.recompute_progress(touched.o, '{}', touched.e);
    end loop;
  else
    for touched in select p.organization_id as o, array_agg(distinct p.enrollment_id) as e from old_rows p where p.completed_at is not null group by p.organization_id loop
      perform lectern.recompute_progress(touched.o, '{}', touched.e);
    end loop;
  end if;
  return null;
end $$;

-- A lesson's title or place within its course is nobody's progress: only what makes it count or not is followed. Enrollments
-- come before counts, as for everybody who writes both: in one order nobody waits for each other.
create function lectern.follow_lessons() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched record;
begin
  if tg_op = 'INSERT' then
    for touched in select n.organization_id as o, array_agg(distinct n.course_id) as c from new_rows n where n.published_at is not null and n.archived_at is null group by n.organization_id loop
      perform lectern.recompute_progress(touched.o, touched.c, '{}');
    end loop;
    for touched in select n.organization_id as o, array_agg(distinct n.course_id) as c from new_rows n group by n.organization_id loop
      perform lectern.recount_lessons(touched.o, touched.c);
    end loop;
  elsif tg_op = 'UPDATE' then
    for touched in
      select n.organization_id as o, array_agg(distinct n.course_id) as c
        from new_rows n
        join old_rows p on p.organization_id = n.organization_id and p.id = n.id
       where (n.published_at is null) <> (p.published_at is null) or (n.archived_at is null) <> (p.archived_at is null)
          or n.sub_course_id is distinct from p.sub_course_id
       group by n.organization_id
    loop
      perform lectern.recompute_progress(touched.o, touched.c, '{}');
      perform lectern.recount_lessons(touched.o, touched.c);
    end loop;
  else
    for touched in select p.organization_id as o, array_agg(distinct p.course_id) as c from old_rows p group by p.organization_id loop
      perform lectern.recompute_progress(touched.o, touched.c, '{}');
      perform lectern.recount_lessons(touched.o, touched.c);
    end loop;
  end if;
  return null;
end $$;

create function lectern.follow_sub_courses() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched record;
begin
  for touched in
    select n.organization_id as o, array_agg(distinct n.course_id) as c
      from new_rows n
      join old_rows p on p.organization_id = n.organization_id and p.id = n.id
     where (n.archived_at is null) <> (p.archived_at is null)
     group by n.organization_id
  loop
    perform lectern.recompute_progress(touched.o, touched.c, '{}');
    perform lectern.recount_lessons(touched.o, touched.c);
  end loop;
  return null;
end $$;

set local role lectern_owner;
alter table lectern.course_counts add column lessons integer not null default 0;
comment on column lectern.course_counts.lessons is 'Lessons in use, published or not; those of archived sub-courses left out.';
grant insert, update on lectern.course_counts to lectern_guard;

set local role lectern_guard;
create function lectern.recount_lessons(organization uuid, courses uuid[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into lectern.course_counts as k (organization_id, course_id)
    select recount_lessons.organization, c from unnest(recount_lessons.courses) c order by c
    on conflict do nothing;
  perform from lectern.course_counts k
    where k.organization_id = recount_lessons.organization and k.course_id = any (recount_lessons.courses)
    order by k.course_id for no key update;
  update lectern.course_counts k set lessons = x.lessons
    from (select c.id, count(l.id) filter (where l.sub_course_id is null or s.archived_at is null) as lessons
            from unnest(recount_lessons.courses) c(id)
            left join lectern.lessons l on l.organization_id = recount_lessons.organization and l.course_id = c.id and l.archived_at is null
            left join lectern.sub_courses s on s.organization_id = l.organization_id and s.course_id = l.course_id and s.id = l.sub_course_id
           group by c.id) x
   where k.organization_id = recount_lessons.organization and k.course_id = x.id and k.lessons <> x.lessons;
end $$;

grant execute on function lectern.recompute_progress(uuid, uuid[], uuid[]), lectern.recount_lessons(uuid, uuid[]),
  lectern.follow_lesson_progress(), lectern.follow_lessons(), lectern.follow_sub_courses() to lectern_owner;

set local role lectern_owner;
create trigger follow_insert after insert on lectern.lesson_progress referencing new table as new_rows for each statement execute function lectern.follow_lesson_progress();
create trigger follow_update after update on lectern.lesson_progress referencing old table as old_rows new table as new_rows for each statement execute function lectern.follow_lesson_progress();
create trigger follow_delete after delete on lectern.lesson_progress referencing old table as old_rows for each statement execute function lectern.follow_lesson_progress();
create trigger follow_insert after insert on lectern.lessons referencing new table as new_rows for each statement execute function lectern.follow_lessons();
create trigger follow_update after update on lectern.lessons referencing old table as old_rows new table as new_rows for each statement execute function lectern.follow_lessons();
create trigger follow_delete after delete on lectern.lessons referencing old table as old_rows for each statement execute function lectern.follow_lessons();
create trigger follow_update after update on lectern.sub_courses referencing old table as old_rows new table as new_rows for each statement execute function lectern.follow_sub_courses();
