-- What a statement changed is found by grouping or subtracting the old and the new rows, never by joining them: a plan kept
-- from a statement of one row joined ten thousand of them pair by pair. The audit's own trigger follows in 0059.
set local role lectern_guard;

create or replace function lectern.follow_lesson_progress() returns trigger
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
      select c.o, array_agg(distinct c.e) as e
        from (select n.organization_id as o, n.enrollment_id as e, n.lesson_id, n.completed_at is null from new_rows n
              except
              select p.organization_id, p.enrollment_id, p.lesson_id, p.completed_at is null from old_rows p) c
       group by c.o
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

create or replace function lectern.follow_lessons() returns trigger
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
      select c.o, array_agg(distinct c.c) as c
        from (select n.organization_id as o, n.course_id as c, n.id, n.published_at is null, n.archived_at is null, n.sub_course_id from new_rows n
              except
              select p.organization_id, p.course_id, p.id, p.published_at is null, p.archived_at is null, p.sub_course_id from old_rows p) c
       group by c.o
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

create or replace function lectern.follow_sub_courses() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched record;
begin
  for touched in
    select c.o, array_agg(distinct c.c) as c
      from (select n.organization_id as o, n.course_id as c, n.id, n.archived_at is null from new_rows n
            except
            select p.organization_id, p.course_id, p.id, p.archived_at is null from old_rows p) c
     group by c.o
  loop
    perform lectern.recompute_progress(touched.o, touched.c, '{}');
    perform lectern.recount_lessons(touched.o, touched.c);
  end loop;
  return null;
end $$;
