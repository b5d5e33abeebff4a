-- The organization at a glance, from the counts that triggers keep: each number is the total of the list behind it.
set local role lectern_guard;

-- What an audit entry is about, in the words of its organization.
create function lectern_audit.label(organization uuid, table_name text, row_id uuid) returns text
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  o uuid := label.organization;
  r uuid := label.row_id;
begin
  return case label.table_name
    when 'organizations' then (select g.name from lectern.organizations g where g.id = r and g.id = o)
    when 'memberships' then (select m.name from lectern.memberships m where m.organization_id = o and m.id = r)
    when 'people' then (select m.name from lectern.memberships m where m.organization_id = o and m.person_id = r)
    when 'profiles' then (select m.name from lectern.memberships m where m.organization_id = o and m.person_id = r)
    when 'courses' then (select k.title from lectern.courses k where k.organization_id = o and k.id = r)
    when 'sub_courses' then (select x.title from lectern.sub_courses x where x.organization_id = o and x.id = r)
    when 'lessons' then (select x.title from lectern.lessons x where x.organization_id = o and x.id = r)
    when 'quizzes' then (select x.title from lectern.quizzes x where x.organization_id = o and x.id = r)
    when 'cohorts' then (select x.name from lectern.cohorts x where x.organization_id = o and x.id = r)
    when 'course_groups' then (select x.name from lectern.course_groups x where x.organization_id = o and x.id = r)
    when 'change_sets' then (select x.summary from lectern.change_sets x where x.organization_id = o and x.id = r)
    when 'course_staff' then (
      select m.name || ' · ' || k.title
        from lectern.course_staff f
        join lectern.memberships m on m.organization_id = o and m.person_id = f.person_id
        join lectern.courses k on k.organization_id = o and k.id = f.course_id
       where f.organization_id = o and f.id = r)
    when 'enrollments' then (
      select m.name || ' · ' || k.title
        from lectern.enrollments e
        join lectern.memberships m on m.organization_id = o and m.person_id = e.person_id
        join lectern.courses k on k.organization_id = o and k.id = e.course_id
       where e.organization_id = o and e.id = r)
    when 'lesson_progress' then (
      select m.name || ' · ' || k.title
        from lectern.enrollments e
        join lectern.memberships m on m.organization_id = o and m.person_id = e.person_id
        join lectern.courses k on k.organization_id = o and k.id = e.course_id
       where e.organization_id = o and e.id = r)
  end;
end $$;

create function lectern_api.read_overview(organization uuid) returns jsonb
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record := lectern_auth.standing();
  o uuid := s.organization;
  sees_all boolean := s.rank >= 40;
  mine uuid[];
  first_week date := date_trunc('week', now() at time zone 'UTC')::date - 77;
  people jsonb;
  counts jsonb;
  weeks jsonb;
  recent jsonb := '[]';
begin
  if o is null or o is distinct from read_overview.organization or s.rank < 20 then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if not sees_all then
    mine := array(select t.c from lectern.taught('{lead,instructor,assistant,reviewer}') t);
  end if;

  select jsonb_build_object('people', coalesce(sum(c.members), 0), 'learners', coalesce(sum(c.members) filter (where c.role = 'learner'), 0),
                            'staff', coalesce(sum(c.members) filter (where c.role <> 'learner'), 0))
    into people
    from lectern.membership_counts c where c.organization_id = o and not c.is_archived;

  select jsonb_build_object(
           'courses', count(k.id) filter (where k.archived_at is null),
           'activeCourses', count(k.id) filter (where k.archived_at is null and k.status = 'active'),
           'enrollments', coalesce(sum(c.enrolled), 0), 'completed', coalesce(sum(c.completed), 0), 'withdrawn', coalesce(sum(c.withdrawn), 0),
           'averageProgress', coalesce(round(sum(c.progress_sum) / nullif(sum(c.enrolled), 0)), 0),
           'atRisk', coalesce(sum(c.low_progress) filter (where k.archived_at is null), 0) - case when sees_all then lectern.count_not_at_risk_yet(o) else (
              select count(*)
                from lectern.enrollments e
                join lectern.courses x on x.organization_id = o and x.id = e.course_id and x.archived_at is null
               where e.organization_id = o and e.course_id = any (mine) and e.enrolled_at >= lectern.at_risk_before()
                 and e.withdrawn_at is null and e.completed_at is null and e.progress < 25) end)
    into counts
    from lectern.courses k
    left join lectern.course_counts c on c.organization_id = o and c.course_id = k.id
   where k.organization_id = o and (sees_all or k.id = any (mine));

  if sees_all then
    select jsonb_agg(jsonb_build_object('week', w.monday, 'enrolled', coalesce(d.enrolled, 0), 'completed', coalesce(d.completed, 0)) order by w.monday)
      into weeks
      from (select first_week + 7 * n as monday from generate_series(0, 11) n) w
      left join (select date_trunc('week', x.day)::date as monday, sum(x.number) filter (where x.kind = 'enrolled') as enrolled,
                        sum(x.number) filter (where x.kind = 'completed') as completed
                   from lectern.enrollment_days x
                  where x.organization_id = o and x.kind in ('enrolled', 'completed') and x.day >= first_week group by 1) d on d.monday = w.monday;
    select coalesce(jsonb_agg(jsonb_build_object(
             'at', a.at, 'verb', a.verb, 'tableName', a.table_name, 'rowId', a.row_id, 'label', lectern_audit.label(o, a.table_name, a.row_id),
             'actorName', (select m.name from lectern.memberships m where m.organization_id = o and m.person_id = a.actor_id)) order by a.id desc), '[]')
      into recent
      from (select * from lectern_audit.entries x where x.organization_id = o order by x.id desc limit 10) a;
  else
    select jsonb_agg(jsonb_build_object('week', w.monday, 'enrolled', coalesce(d.enrolled, 0), 'completed', coalesce(d.completed, 0)) order by w.monday)
      into weeks
      from (select first_week + 7 * n as monday from generate_series(0, 11) n) w
      left join (select date_trunc('week', x.day)::date as monday, sum(x.enrolled) as enrolled, sum(x.completed) as completed
                   from (select (e.enrolled_at at time zone 'UTC')::date as day, 1 as enrolled, 0 as completed
                           from lectern.enrollments e where e.organization_id = o and e.course_id = any (mine)
                         union all
                         select (e.completed_at at time zone 'UTC')::date, 0, 1
                           from lectern.enrollments e where e.organization_id = o and e.course_id = any (mine)) x
                  where x.day >= first_week group by 1) d on d.monday = w.monday;
  end if;
  return people || counts || jsonb_build_object('enrolledByWeek', weeks, 'recent', recent);
end $$;
comment on function lectern_api.read_overview(uuid) is 'For the staff of the chosen organization; whoever is no admin sees the numbers of the courses they have a duty in, and no audit.';

grant execute on function lectern_api.read_overview(uuid) to lectern_app;
