-- The rule of progress (0031), reading each enrollment's lessons once, and the lessons of no other course. The planner,
-- which does not know how many enrollments are meant, looked for every lesson of every enrollment instead.
set local role lectern_guard;

create or replace function lectern.recompute_progress(organization uuid, courses uuid[], enrollments uuid[]) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  concerned uuid[];
  changed integer;
begin
  perform from lectern.enrollments e
    where e.organization_id = recompute_progress.organization
      and (e.course_id = any (recompute_progress.courses) or e.id = any (recompute_progress.enrollments))
    order by e.id for no key update;
  concerned := array(
    select unnest(recompute_progress.courses)
    union
    select e.course_id from lectern.enrollments e
     where e.organization_id = recompute_progress.organization and e.id = any (recompute_progress.enrollments));
  with wanted as materialized (
    select e.id, e.course_id, e.progress, e.completed_at from lectern.enrollments e
     where e.organization_id = recompute_progress.organization and e.course_id = any (recompute_progress.courses)
    union
    select e.id, e.course_id, e.progress, e.completed_at from lectern.enrollments e
     where e.organization_id = recompute_progress.organization and e.id = any (recompute_progress.enrollments)
  ), counted as materialized (
    select l.course_id, l.id
      from lectern.lessons l
      left join lectern.sub_courses s on s.organization_id = l.organization_id and s.course_id = l.course_id and s.id = l.sub_course_id
     where l.organization_id = recompute_progress.organization and l.course_id = any (concerned)
       and l.published_at is not null and l.archived_at is null and (l.sub_course_id is null or s.archived_at is null)
  ), totals as (
    select c.course_id, count(*) as lessons from counted c group by c.course_id
  ), result as (
    select w.id, d.progress, d.last_at
      from wanted w
      left join totals t on t.course_id = w.course_id
      cross join lateral (
        select coalesce((200 * count(*) filter (where x.is_counted) + t.lessons) / (2 * t.lessons), 0)::smallint as progress,
               max(x.completed_at) filter (where x.is_counted) as last_at
          from (select p.completed_at, p.lesson_id in (select c.id from counted c) as is_counted
                  from lectern.lesson_progress p
                 where p.organization_id = recompute_progress.organization and p.enrollment_id = w.id and p.completed_at is not null) x) d
     where w.progress <> d.progress or (d.progress = 100 and w.completed_at is null)
  )
  update lectern.enrollments e
     set progress = r.progress,
         completed_at = case when r.progress = 100 then coalesce(e.completed_at, least(r.last_at, now())) else e.completed_at end
    from result r
   where e.organization_id = recompute_progress.organization and e.id = r.id;
  get diagnostics changed = row_count;
  return changed;
end $$;
