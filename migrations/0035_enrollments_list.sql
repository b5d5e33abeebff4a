-- The list of enrollments: the longest of all, paged by key in every filter. Made as the list of people is (0033).
set local role lectern_owner;

create index enrollments_by_course on lectern.enrollments (organization_id, course_id, enrolled_at desc, id desc);
-- Which of them holds a row changes at most a few times in its life, so progress is still written in place.
create index enrollments_completed on lectern.enrollments (organization_id, enrolled_at desc, id desc) where completed_at is not null and withdrawn_at is null;
create index enrollments_withdrawn on lectern.enrollments (organization_id, enrolled_at desc, id desc) where withdrawn_at is not null;

create type lectern.enrollment_row as (
  id uuid, course_id uuid, course_title text, person_id uuid, person_name text, person_email text, enrolled_at timestamptz, progress smallint,
  completed_at timestamptz, last_accessed_at timestamptz, withdrawn_at timestamptz, version uuid);

set local role lectern_guard;

create function lectern.at_risk_before() returns timestamptz
  language sql stable parallel safe set search_path = pg_catalog, pg_temp
  return (date_trunc('day', now() at time zone 'UTC') - interval '14 days') at time zone 'UTC';
comment on function lectern.at_risk_before() is 'Whoever was enrolled before this and has neither completed nor reached a quarter is at risk. The beginning of a day in UTC, so that days can be counted.';

-- Those with low progress who are not at risk yet. Counted by day for the whole organization, from which the few are taken
-- back that are in archived courses.
create function lectern.count_not_at_risk_yet(organization uuid) returns bigint
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (select coalesce(sum(d.number), 0)
            from lectern.enrollment_days d
           where d.organization_id = count_not_at_risk_yet.organization and d.kind = 'low_progress'
             and d.day >= (lectern.at_risk_before() at time zone 'UTC')::date)
       - (select coalesce(sum(x.number), 0)
            from lectern.courses k,
                 lateral (select count(*) as number
                            from lectern.enrollments e
                           where e.organization_id = k.organization_id and e.course_id = k.id and e.enrolled_at >= lectern.at_risk_before()
                             and e.withdrawn_at is null and e.completed_at is null and e.progress < 25) x
           where k.organization_id = count_not_at_risk_yet.organization and k.archived_at is not null);
end $$;

-- A piece of SQL: which rows of enrollments e are in this state; skipped names the parameter with the archived courses.
create function lectern.enrollment_state(state text, skipped text) returns text
  language sql immutable parallel safe
  return case state
    when 'enrolled' then 'e.withdrawn_at is null'
    when 'active' then 'e.withdrawn_at is null and e.completed_at is null'
    when 'completed' then 'e.withdrawn_at is null and e.completed_at is not null'
    when 'withdrawn' then 'e.withdrawn_at is not null'
    when 'atRisk' then format('e.withdrawn_at is null and e.completed_at is null and e.progress < 25 and e.enrolled_at < lectern.at_risk_before() and e.course_id <> all (%s)', skipped)
  end;

-- A piece of SQL: the rows of the list from the enrollments the given query finds. One look into each index per row, whatever
-- the planner believes about their number.
create function lectern.enrollment_rows(found text, direction text) returns text
  language sql immutable parallel safe
  return format($q$
    select e.id, e.course_id, k.title, e.person_id, m.name, m.email, e.enrolled_at, e.progress, e.completed_at, e.last_accessed_at, e.withdrawn_at, e.version
      from (%s) e
      left join lateral (select x.title from lectern.courses x where x.organization_id = $1 and x.id = e.course_id limit 1) k on true
      left join lateral (select x.name, x.email from lectern.memberships x where x.organization_id = $1 and x.person_id = e.person_id limit 1) m on true
     order by e.enrolled_at %s, e.id %2$s$q$, found, direction);

do $$
declare
  x record;
begin
  for x in
    select c.name as scope, c.condition, t.name as state, d.direction, d.comparison
      from (values ('organization', ''), ('course', ' and e.course_id = $2')) c(name, condition),
           (values ('enrolled'), ('active'), ('completed'), ('withdrawn'), ('atRisk')) t(name),
           (values ('asc', '>'), ('desc', '<')) d(direction, comparison)
  loop
    execute format($f$
      create function lectern.enrollments_of_%1$s_%2$s_%3$s(o uuid, course uuid, skipped uuid[], moment timestamptz, last uuid, row_limit integer)
        returns setof lectern.enrollment_row
        language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $body$
      begin
        return query %4$s;
      end $body$
    $f$,
      x.scope, lower(x.state), x.direction,
      lectern.enrollment_rows(format('select * from lectern.enrollments e where e.organization_id = $1%s and %s and (e.enrolled_at, e.id) %s ($4, $5) order by e.enrolled_at %s, e.id %4$s limit $6',
        x.condition, lectern.enrollment_state(x.state, '$3'), x.comparison, x.direction), x.direction));
  end loop;
end $$;

do $$
declare
  direction text;
begin
  foreach direction in array array['asc', 'desc'] loop
    execute format($f$
      create function lectern.enrollments_by_id_%1$s(o uuid, ids uuid[]) returns setof lectern.enrollment_row
        language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $body$
      begin
        return query %2$s;
      end $body$
    $f$, direction,
      lectern.enrollment_rows('select e.* from unnest($2) i(id) join lateral (select * from lectern.enrollments x where x.organization_id = $1 and x.id = i.id limit 1) e on true', direction));
  end loop;
end $$;

-- Whom the words mean: people in whose name or e-mail all of them are, courses in whose title all of them are, and
-- enrollments whose person has some of them and whose course has the others.
create function lectern.find_enrollments(o uuid, patterns text[], out people uuid[], out courses uuid[], out pairs uuid[])
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  complete integer := (1 << cardinality(patterns)) - 1;
  part record;
  rest text[];
  some_people uuid[];
begin
  pairs := '{}';
  execute 'select coalesce(array_agg(m.person_id), ''{}'') from lectern.memberships m where m.organization_id = $1' || lectern.all_like('m.search_text', '$2', cardinality(patterns))
    into people using o, patterns;
  courses := '{}';
  for part in
    select b.bits, array_agg(k.id) as courses
      from (select x.id, x.title_key collate "C" as title from lectern.courses x where x.organization_id = o and x.title_key collate "C" like any (patterns)) k,
           lateral (select sum(1 << (p.number::integer - 1))::integer as bits from unnest(patterns) with ordinality p(pattern, number) where k.title like p.pattern) b
     group by b.bits
  loop
    if part.bits = complete then
      courses := part.courses;
      continue;
    end if;
    rest := array(select p.pattern from unnest(patterns) with ordinality p(pattern, number) where part.bits & (1 << (p.number::integer - 1)) = 0);
    execute 'select coalesce(array_agg(m.person_id), ''{}'') from lectern.memberships m where m.organization_id = $1' || lectern.all_like('m.search_text', '$2', cardinality(rest))
      into some_people using o, rest;
    execute 'select $1 || coalesce(array_agg(e.id), ''{}'')
               from (select unnest($2) except select unnest($3)) p(id)
               join lectern.enrollments e on e.organization_id = $5 and e.person_id = p.id and e.course_id = any ($4)'
      into pairs using pairs, some_people, people, part.courses, o;
  end loop;
end $$;

create function lectern_api.list_enrollments(organization uuid, search text, course uuid, person uuid, state text, descending boolean,
                                             after_moment timestamptz, after_id uuid, row_limit integer, known_total bigint)
  returns table (total bigint, id uuid, course_id uuid, course_title text, person_id uuid, person_name text, person_email text, enrolled_at timestamptz,
                 progress smallint, completed_at timestamptz, last_accessed_at timestamptz, withdrawn_at timestamptz, version uuid)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp set jit = off rows 50 as $$
#variable_conflict use_column
declare
  s record := lectern_auth.standing();
  sees_all boolean := s.rank >= 40;
  taught uuid[] := '{}';
  skipped uuid[] := '{}';
  direction text := case when list_enrollments.descending then 'desc' else 'asc' end;
  -- Before every row: so the first page asks as every other does.
  moment timestamptz := coalesce(list_enrollments.after_moment, case when list_enrollments.descending then timestamptz 'infinity' else timestamptz '-infinity' end);
  last uuid := coalesce(list_enrollments.after_id, case when list_enrollments.descending then uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff' else uuid '00000000-0000-0000-0000-000000000000' end);
  counted bigint := list_enrollments.known_total;
  filter text := lectern.enrollment_state(list_enrollments.state, '$3');
  words record;
  beyond text := format(' and (e.enrolled_at, e.id) %s ($4, $5)', case when list_enrollments.descending then '<' else '>' end);
  in_order text := format(' order by e.enrolled_at %s, e.id %1$s limit $6', direction);
  more bigint;
  of_other_courses text := '';
  ids uuid[];
begin
  if s.organization is null or s.organization is distinct from list_enrollments.organization then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if filter is null then
    raise exception 'no such state' using errcode = '22023';
  end if;
  if not sees_all then
    taught := array(select t.c from lectern.taught('{lead,instructor,assistant,reviewer}') t);
  end if;
  if list_enrollments.state = 'atRisk' then
    skipped := array(select k.id from lectern.courses k where k.organization_id = s.organization and k.archived_at is not null);
  end if;

  if list_enrollments.search = '' and list_enrollments.person is null and (sees_all or list_enrollments.course = any (taught)) then
    if counted is null and list_enrollments.state = 'atRisk' then
      counted := (select coalesce(sum(c.low_progress), 0) from lectern.course_counts c
                   where c.organization_id = s.organization and (list_enrollments.course is null or c.course_id = list_enrollments.course)
                     and c.course_id not in (select unnest(skipped)))
        - case when list_enrollments.course is null then lectern.count_not_at_risk_yet(s.organization) else (
            select count(*) from lectern.enrollments e
             where e.organization_id = s.organization and e.course_id = list_enrollments.course and e.course_id <> all (skipped)
               and e.enrolled_at >= lectern.at_risk_before() and e.withdrawn_at is null and e.completed_at is null and e.progress < 25) end;
    elsif counted is null then
      select coalesce(sum(case list_enrollments.state
               when 'enrolled' then c.enrolled when 'active' then c.enrolled - c.completed when 'completed' then c.completed when 'withdrawn' then c.withdrawn end), 0)
        into counted
        from lectern.course_counts c
       where c.organization_id = s.organization and (list_enrollments.course is null or c.course_id = list_enrollments.course);
    end if;
    return query execute format('select $7, p.* from lectern.enrollments_of_%s_%s_%s($1, $2, $3, $4, $5, $6) p',
        case when list_enrollments.course is null then 'organization' else 'course' end, lower(list_enrollments.state), direction)
      using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, counted;
    return;
  end if;

  filter := 'e.organization_id = $1 and ' || filter
    || case when list_enrollments.course is not null then ' and e.course_id = $2' else '' end
    || case when list_enrollments.person is not null then ' and e.person_id = $7' else '' end
    || case when sees_all then '' else ' and (e.course_id = any ($8) or e.person_id = $9)' end;
  if list_enrollments.search = '' then
    if counted is null then
      execute 'select count(*) from lectern.enrollments e where ' || filter into counted
        using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, list_enrollments.person, taught, s.person;
    end if;
    return query execute 'select $10, p.* from (' || lectern.enrollment_rows('select * from lectern.enrollments e where ' || filter || beyond || in_order, direction) || ') p'
      using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, list_enrollments.person, taught, s.person, counted;
    return;
  end if;

  words := lectern.find_enrollments(s.organization, lectern.search_patterns(list_enrollments.search));
  if cardinality(words.courses) > 0 then
    of_other_courses := 'e.course_id not in (select unnest($11)) and ';
  end if;
  if counted is null then
    execute 'select count(*) from unnest($10) p(id) join lectern.enrollments e on e.person_id = p.id where ' || of_other_courses || filter into counted
      using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, list_enrollments.person, taught, s.person, words.people, words.courses;
    if sees_all and list_enrollments.course is null and list_enrollments.person is null and list_enrollments.state <> 'atRisk' then
      select coalesce(sum(case list_enrollments.state
               when 'enrolled' then c.enrolled when 'active' then c.enrolled - c.completed when 'completed' then c.completed when 'withdrawn' then c.withdrawn end), 0)
        into more
        from lectern.course_counts c where c.organization_id = s.organization and c.course_id = any (words.courses);
    else
      execute 'select count(*) from unnest($10) c(id) join lectern.enrollments e on e.course_id = c.id where ' || filter into more
        using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, list_enrollments.person, taught, s.person, words.courses;
    end if;
    counted := counted + more;
    if cardinality(words.pairs) > 0 then
      execute 'select count(*) from unnest($10) p(id) join lectern.enrollments e on e.id = p.id where ' || filter into more
        using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, list_enrollments.person, taught, s.person, words.pairs;
      counted := counted + more;
    end if;
  end if;

  -- Many are soon met by walking through all in their order, though not without end; few are gathered and sorted.
  if counted > 3000 and (cardinality(words.people) > 0 or cardinality(words.courses) > 20) then
    execute 'select array_agg(x.id) from (select e.id from (select e.* from lectern.enrollments e where ' || filter || beyond
        || format(' order by e.enrolled_at %s, e.id %1$s limit 20000) e', direction)
        || ' where e.person_id in (select unnest($10)) or e.course_id in (select unnest($11)) or e.id in (select unnest($12))' || in_order || ') x'
      into ids
      using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, list_enrollments.person, taught, s.person,
            words.people, words.courses, words.pairs;
  end if;
  if ids is null or cardinality(ids) < list_enrollments.row_limit then
    execute 'select array_agg(x.id) from (select e.id from ('
        || '(select e.* from unnest($10) p(id) join lectern.enrollments e on e.person_id = p.id where ' || of_other_courses || filter || beyond || in_order || ')'
        || case when cardinality(words.courses) > 0 then ' union all (select e.* from unnest($11) c(id) cross join lateral (select e.* from lectern.enrollments e where e.course_id = c.id and '
             || filter || beyond || in_order || ') e' || in_order || ')' else '' end
        || case when cardinality(words.pairs) > 0 then ' union all (select e.* from unnest($12) p(id) join lectern.enrollments e on e.id = p.id where ' || filter || beyond || in_order || ')' else '' end
        || ') e' || in_order || ') x'
      into ids
      using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, list_enrollments.person, taught, s.person,
            words.people, words.courses, words.pairs;
  end if;
  return query execute format('select $3, p.* from lectern.enrollments_by_id_%s($1, $2) p', direction) using s.organization, ids, counted;
end $$;
comment on function lectern_api.list_enrollments(uuid, text, uuid, uuid, text, boolean, timestamptz, uuid, integer, bigint) is 'Enrollments of the chosen organization: all for owner and admin, those of their courses for staff, and one''s own. state: enrolled (not withdrawn), active, completed, withdrawn or atRisk; after_*: the key of the last row seen. Every word of the search is in the person''s name or e-mail or in the course''s title. total is exact for the filter, counted when no known_total is given.';

grant execute on function lectern_api.list_enrollments(uuid, text, uuid, uuid, text, boolean, timestamptz, uuid, integer, bigint) to lectern_app;
