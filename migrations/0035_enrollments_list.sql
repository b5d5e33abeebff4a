-- The list of enrollments: the longest of all, paged by key in every filter.
set local role lectern_owner;

create index enrollments_by_course on lectern.enrollments (organization_id, course_id, enrolled_at desc, id desc);
-- Which of them holds a row changes at most a few times in its life, so progress is still written in place.
create index enrollments_completed on lectern.enrollments (organization_id, enrolled_at desc, id desc) where completed_at is not null and withdrawn_at is null;
create index enrollments_withdrawn on lectern.enrollments (organization_id, enrolled_at desc, id desc) where withdrawn_at is not null;

set local role lectern_guard;

create function lectern.at_risk_before() returns timestamptz
  language sql stable parallel safe set search_path = pg_catalog, pg_temp
  return (date_trunc('day', now() at time zone 'UTC') - interval '14 days') at time zone 'UTC';
comment on function lectern.at_risk_before() is 'Whoever was enrolled before this and has neither completed nor reached a quarter is at risk. The beginning of a day in UTC, so that days can be counted.';

-- All with low progress in courses that are not archived, without those of the last days. These are counted by day for the
-- whole organization, from which the few are taken back that are in archived courses.
create function lectern.count_at_risk(organization uuid) returns bigint
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (select coalesce(sum(c.low_progress), 0)
            from lectern.course_counts c
            join lectern.courses k on k.organization_id = c.organization_id and k.id = c.course_id and k.archived_at is null
           where c.organization_id = count_at_risk.organization)
       - (select coalesce(sum(d.low_progress), 0)
            from lectern.enrollment_days d
           where d.organization_id = count_at_risk.organization and d.day >= (lectern.at_risk_before() at time zone 'UTC')::date)
       + (select coalesce(sum(x.low_progress), 0)
            from lectern.courses k,
                 lateral (select count(*) as low_progress
                            from lectern.enrollments e
                           where e.organization_id = k.organization_id and e.course_id = k.id and e.enrolled_at >= lectern.at_risk_before()
                             and e.withdrawn_at is null and e.completed_at is null and e.progress < 25) x
           where k.organization_id = count_at_risk.organization and k.archived_at is not null);
end $$;

create function lectern_api.list_enrollments(organization uuid, search text, course uuid, person uuid, state text, descending boolean,
                                             after_moment timestamptz, after_id uuid, row_limit integer)
  returns table (total bigint, id uuid, course_id uuid, course_title text, person_id uuid, person_name text, person_email text, enrolled_at timestamptz,
                 progress smallint, completed_at timestamptz, last_accessed_at timestamptz, withdrawn_at timestamptz, version uuid)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp rows 50 as $$
#variable_conflict use_column
declare
  s record := lectern_auth.standing();
  patterns text[] := lectern.search_patterns(list_enrollments.search);
  sees_all boolean := s.rank >= 40;
  taught uuid[] := '{}';
  archived_courses uuid[] := '{}';
  found_people uuid[];
  found_courses uuid[];
  found_pairs uuid[] := '{}';
  filter text := 'e.organization_id = $1';
  keyset text := '';
  counted bigint;
begin
  if s.organization is null or s.organization is distinct from list_enrollments.organization then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if not sees_all then
    taught := array(select t.c from lectern.taught('{lead,instructor,assistant,reviewer}') t);
    filter := filter || ' and (e.course_id = any ($4) or e.person_id = $5)';
  end if;
  if list_enrollments.course is not null then
    filter := filter || ' and e.course_id = $2';
  end if;
  if list_enrollments.person is not null then
    filter := filter || ' and e.person_id = $3';
  end if;
  filter := filter || case list_enrollments.state
    when 'enrolled' then ' and e.withdrawn_at is null'
    when 'active' then ' and e.withdrawn_at is null and e.completed_at is null'
    when 'completed' then ' and e.withdrawn_at is null and e.completed_at is not null'
    when 'withdrawn' then ' and e.withdrawn_at is not null'
    when 'atRisk' then ' and e.withdrawn_at is null and e.completed_at is null and e.progress < 25 and e.enrolled_at < lectern.at_risk_before() and e.course_id <> all ($6)'
  end;
  if filter is null then
    raise exception 'no such state' using errcode = '22023';
  end if;
  if list_enrollments.state = 'atRisk' then
    archived_courses := array(select k.id from lectern.courses k where k.organization_id = s.organization and k.archived_at is not null);
  end if;

  if cardinality(patterns) > 0 then
    -- Each word is in the person's name or e-mail, or in the course's title. Those found by all words in one of them are
    -- sets; pairs found by some words in each are few and looked up.
    with pattern as materialized (
      select p.pattern, 1 << (p.number::integer - 1) as bit from unnest(patterns) with ordinality p(pattern, number)
    ), people as materialized (
      select m.person_id, bit_or(p.bit) as bits
        from pattern p join lectern.memberships m on m.organization_id = s.organization and m.search_text like p.pattern
       group by m.person_id
    ), courses as materialized (
      select k.id, bit_or(p.bit) as bits
        from pattern p join lectern.courses k on k.organization_id = s.organization and lower(k.title) like p.pattern
       group by k.id
    ), complete as (
      select (1 << cardinality(patterns)) - 1 as bits
    )
    select coalesce((select array_agg(p.person_id) from people p, complete a where p.bits = a.bits), '{}'),
           coalesce((select array_agg(k.id) from courses k, complete a where k.bits = a.bits), '{}'),
           case when cardinality(patterns) = 1 then '{}' else
             coalesce((select array_agg(e.id)
                         from complete a
                         join people p on p.bits <> a.bits
                         join courses k on k.bits <> a.bits and k.bits | p.bits = a.bits
                         join lectern.enrollments e on e.organization_id = s.organization and e.course_id = k.id and e.person_id = p.person_id), '{}') end
      into found_people, found_courses, found_pairs;
    filter := filter || ' and (e.person_id = any ($7) or e.course_id = any ($8)'
      || case when cardinality(found_pairs) > 0 then ' or e.id = any ($9)' else '' end || ')';
  end if;

  if cardinality(patterns) = 0 and list_enrollments.person is null and (sees_all or list_enrollments.course = any (taught)) then
    if list_enrollments.state = 'atRisk' and list_enrollments.course is null then
      counted := lectern.count_at_risk(s.organization);
    else
      select coalesce(sum(case list_enrollments.state
               when 'enrolled' then c.enrolled when 'active' then c.enrolled - c.completed when 'completed' then c.completed
               when 'withdrawn' then c.withdrawn when 'atRisk' then c.low_progress end), 0)
        into counted
        from lectern.course_counts c
       where c.organization_id = s.organization and (list_enrollments.course is null or c.course_id = list_enrollments.course)
         and c.course_id <> all (archived_courses);
      if list_enrollments.state = 'atRisk' then
        counted := counted - (
          select count(*) from lectern.enrollments e
           where e.organization_id = s.organization and e.course_id = list_enrollments.course and e.course_id <> all (archived_courses)
             and e.enrolled_at >= lectern.at_risk_before() and e.withdrawn_at is null and e.completed_at is null and e.progress < 25);
      end if;
    end if;
  else
    execute 'select count(*) from lectern.enrollments e where ' || filter into counted
      using s.organization, list_enrollments.course, list_enrollments.person, taught, s.person, archived_courses, found_people, found_courses, found_pairs;
  end if;

  if list_enrollments.after_id is not null then
    keyset := case when list_enrollments.descending then ' and (e.enrolled_at, e.id) < ($10, $11)' else ' and (e.enrolled_at, e.id) > ($10, $11)' end;
  end if;
  return query execute format($q$
    select $13, x.id, x.course_id, k.title, x.person_id, m.name, m.email, x.enrolled_at, x.progress, x.completed_at, x.last_accessed_at, x.withdrawn_at, x.version
      from (select e.* from lectern.enrollments e where %s%s order by e.enrolled_at %s, e.id %3$s limit $12) x
      join lectern.courses k on k.organization_id = $1 and k.id = x.course_id
      join lectern.memberships m on m.organization_id = $1 and m.person_id = x.person_id
     order by x.enrolled_at %3$s, x.id %3$s$q$, filter, keyset, case when list_enrollments.descending then 'desc' else 'asc' end)
    using s.organization, list_enrollments.course, list_enrollments.person, taught, s.person, archived_courses, found_people, found_courses, found_pairs,
          list_enrollments.after_moment, list_enrollments.after_id, list_enrollments.row_limit, counted;
end $$;
comment on function lectern_api.list_enrollments(uuid, text, uuid, uuid, text, boolean, timestamptz, uuid, integer) is 'Enrollments of the chosen organization: all for owner and admin, those of their courses for staff, and one''s own. state: enrolled (not withdrawn), active, completed, withdrawn or atRisk. total is exact for the filter.';

grant execute on function lectern_api.list_enrollments(uuid, text, uuid, uuid, text, boolean, timestamptz, uuid, integer) to lectern_app;
