-- Looking for drift reads, and holds nobody up: so far it mended everything and took that back, with every enrollment of the
-- organization locked meanwhile. One statement sees one moment, in which triggers have kept every count.
set local role lectern_guard;

create function lectern.progress_drift(organization uuid, out enrollments integer, out counts integer)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  with counted as materialized (
    select l.course_id, l.id, l.published_at is not null as is_published
      from lectern.lessons l
      left join lectern.sub_courses s on s.organization_id = l.organization_id and s.course_id = l.course_id and s.id = l.sub_course_id
     where l.organization_id = progress_drift.organization and l.archived_at is null and (l.sub_course_id is null or s.archived_at is null)
  ), totals as (
    select c.course_id, count(*) as lessons, count(*) filter (where c.is_published) as published from counted c group by c.course_id
  ), done as (
    select p.enrollment_id as id, count(*) as lessons
      from lectern.lesson_progress p
      join lectern.enrollments e on e.organization_id = p.organization_id and e.id = p.enrollment_id
      join counted c on c.id = p.lesson_id and c.course_id = e.course_id
     where p.organization_id = progress_drift.organization and p.completed_at is not null and c.is_published
     group by p.enrollment_id
  ), off_enrollments as (
    select count(*) as number
      from (select e.progress, e.completed_at, coalesce((200 * coalesce(d.lessons, 0) + t.published) / (2 * nullif(t.published, 0)), 0) as due
              from lectern.enrollments e
              left join totals t on t.course_id = e.course_id
              left join done d on d.id = e.id
             where e.organization_id = progress_drift.organization) x
     where x.progress <> x.due or (x.due = 100 and x.completed_at is null)
  ), off_courses as (
    select count(*) as number
      from lectern.courses c
      left join lectern.course_counts k on k.organization_id = c.organization_id and k.course_id = c.id
      left join totals t on t.course_id = c.id
      left join (select n.course_id, count(*) filter (where n.withdrawn_at is null) as enrolled, count(*) filter (where n.withdrawn_at is not null) as withdrawn,
                        count(*) filter (where n.withdrawn_at is null and n.completed_at is not null) as completed,
                        sum(n.progress) filter (where n.withdrawn_at is null) as progress_sum,
                        count(*) filter (where n.withdrawn_at is null and n.completed_at is null and n.progress < 25) as low_progress
                   from lectern.enrollments n where n.organization_id = progress_drift.organization group by n.course_id) e on e.course_id = c.id
     where c.organization_id = progress_drift.organization
       and (coalesce(k.enrolled, 0), coalesce(k.withdrawn, 0), coalesce(k.completed, 0), coalesce(k.progress_sum, 0), coalesce(k.low_progress, 0), coalesce(k.lessons, 0))
           <> (coalesce(e.enrolled, 0), coalesce(e.withdrawn, 0), coalesce(e.completed, 0), coalesce(e.progress_sum, 0), coalesce(e.low_progress, 0), coalesce(t.lessons, 0))
  ), off_days as (
    select count(*) as number
      from (select v.day, v.kind, count(*) as number
              from lectern.enrollments n,
                   lateral (values ((n.enrolled_at at time zone 'UTC')::date, 'enrolled', true),
                                   ((n.completed_at at time zone 'UTC')::date, 'completed', n.completed_at is not null),
                                   ((n.enrolled_at at time zone 'UTC')::date, 'low_progress', n.withdrawn_at is null and n.completed_at is null and n.progress < 25)) v(day, kind, counts)
             where n.organization_id = progress_drift.organization and v.counts
             group by v.day, v.kind) x
      full join (select d.day, d.kind, d.number from lectern.enrollment_days d where d.organization_id = progress_drift.organization) k on k.day = x.day and k.kind = x.kind
     where coalesce(k.number, 0) <> coalesce(x.number, 0)
  ), off_memberships as (
    select count(*) as number
      from (select m.role, m.is_active, m.archived_at is not null as is_archived, count(*) as members
              from lectern.memberships m where m.organization_id = progress_drift.organization group by 1, 2, 3) x
      full join (select c.role, c.is_active, c.is_archived, c.members from lectern.membership_counts c where c.organization_id = progress_drift.organization) k
        on (k.role, k.is_active, k.is_archived) = (x.role, x.is_active, x.is_archived)
     where coalesce(k.members, 0) <> coalesce(x.members, 0)
  )
  select e.number, c.number + d.number + m.number into progress_drift.enrollments, progress_drift.counts
    from off_enrollments e, off_courses c, off_days d, off_memberships m;
end $$;
comment on function lectern.progress_drift(uuid) is 'How many enrollments and counts of the organization do not say what its lessons say: what recompute_progress and recount would write.';

create or replace function lectern.check_progress(organization uuid, repair boolean, out enrollments integer, out counts integer)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if check_progress.repair then
    enrollments := lectern.recompute_progress(check_progress.organization,
      array(select c.id from lectern.courses c where c.organization_id = check_progress.organization), '{}');
    counts := lectern.recount(check_progress.organization);
  else
    select x.enrollments, x.counts into check_progress.enrollments, check_progress.counts from lectern.progress_drift(check_progress.organization) x;
  end if;
end $$;
