-- A search of enrollments answers with its rows at once and is counted apart: the exact number of what a common word finds
-- takes longer than the page that shows the first of it. Words that many match are soon met by walking through all in their
-- order, whatever they match; words that few match are looked up and their enrollments gathered, or met by walking with the
-- people in hand.
set local role lectern_owner;

-- Wider, so that walking reads the index alone. The indexes of the completed and the withdrawn look at the same columns: what
-- was written in place still is.
drop index lectern.enrollments_by_enrolled;
create index enrollments_by_enrolled on lectern.enrollments (organization_id, enrolled_at desc, id desc) include (person_id, course_id, withdrawn_at, completed_at);

set local role lectern_guard;

-- A piece of SQL: which rows of enrollments e are in this state, of this course and person, and within what the asker may
-- see. $1 organization, $2 course, $3 archived courses, $4 and $5 the key to begin after, $6 how many, $7 person, $8 courses
-- taught, $9 the asker.
create function lectern.enrollment_filter(state text, has_course boolean, has_person boolean, sees_all boolean) returns text
  language sql immutable parallel safe
  return 'e.organization_id = $1 and ' || lectern.enrollment_state(state, '$3')
    || case when has_course then ' and e.course_id = $2' else '' end
    || case when has_person then ' and e.person_id = $7' else '' end
    || case when sees_all then '' else ' and (e.course_id = any ($8) or e.person_id = $9)' end;

create function lectern.archived_courses(o uuid) returns uuid[]
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return array(select k.id from lectern.courses k where k.organization_id = o and k.archived_at is not null);
end $$;

-- Whom the words mean, as find_enrollments tells (0035); people is null when they are more than most.
create function lectern.find_enrollments_up_to(o uuid, patterns text[], most bigint, out people uuid[], out courses uuid[], out pairs uuid[])
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  complete integer := (1 << cardinality(patterns)) - 1;
  part record;
  rest text[];
  some_people uuid[];
begin
  pairs := '{}';
  execute 'select coalesce(array_agg(x.person_id), ''{}'') from (select m.person_id from lectern.memberships m where m.organization_id = $1'
      || lectern.all_like('m.search_text', '$2', cardinality(patterns)) || ' limit $3) x'
    into people using o, patterns, most + 1;
  if cardinality(people) > most then
    people := null;
    return;
  end if;
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

create or replace function lectern.find_enrollments(o uuid, patterns text[], out people uuid[], out courses uuid[], out pairs uuid[])
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  select f.people, f.courses, f.pairs into people, courses, pairs from lectern.find_enrollments_up_to(o, patterns, null) f;
end $$;

-- Without a search, from the counts: of the organization, or of one course.
create function lectern.count_all_enrollments(o uuid, course uuid, state text, skipped uuid[]) returns bigint
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if state = 'atRisk' then
    return (select coalesce(sum(c.low_progress), 0) from lectern.course_counts c
             where c.organization_id = o and (course is null or c.course_id = course) and c.course_id <> all (skipped))
      - case when course is null then lectern.count_not_at_risk_yet(o) else (
          select count(*) from lectern.enrollments e
           where e.organization_id = o and e.course_id = course and e.course_id <> all (skipped)
             and e.enrolled_at >= lectern.at_risk_before() and e.withdrawn_at is null and e.completed_at is null and e.progress < 25) end;
  end if;
  return (select coalesce(sum(case state when 'enrolled' then c.enrolled when 'active' then c.enrolled - c.completed
                                         when 'completed' then c.completed when 'withdrawn' then c.withdrawn end), 0)
            from lectern.course_counts c
           where c.organization_id = o and (course is null or c.course_id = course));
end $$;

create function lectern_api.count_enrollments(organization uuid, search text, course uuid, person uuid, state text) returns bigint
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp set jit = off as $$
declare
  s record := lectern_auth.standing();
  sees_all boolean := s.rank >= 40;
  taught uuid[] := '{}';
  skipped uuid[] := '{}';
  filter text := lectern.enrollment_filter(count_enrollments.state, count_enrollments.course is not null, count_enrollments.person is not null, sees_all);
  words record;
  number bigint;
  more bigint;
begin
  if s.organization is null or s.organization is distinct from count_enrollments.organization then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if filter is null then
    raise exception 'no such state' using errcode = '22023';
  end if;
  if not sees_all then
    taught := array(select t.c from lectern.taught('{lead,instructor,assistant,reviewer}') t);
  end if;
  if count_enrollments.state = 'atRisk' then
    skipped := lectern.archived_courses(s.organization);
  end if;

  if count_enrollments.search = '' then
    if count_enrollments.person is null and (sees_all or count_enrollments.course = any (taught)) then
      return lectern.count_all_enrollments(s.organization, count_enrollments.course, count_enrollments.state, skipped);
    end if;
    execute 'select count(*) from lectern.enrollments e where ' || filter into number
      using s.organization, count_enrollments.course, skipped, null::timestamptz, null::uuid, null::integer, count_enrollments.person, taught, s.person;
    return number;
  end if;

  words := lectern.find_enrollments(s.organization, lectern.search_patterns(count_enrollments.search));
  execute 'select count(*) from unnest($10) p(id) join lectern.enrollments e on e.person_id = p.id where '
      || case when cardinality(words.courses) > 0 then 'e.course_id not in (select unnest($11)) and ' else '' end || filter
    into number
    using s.organization, count_enrollments.course, skipped, null::timestamptz, null::uuid, null::integer, count_enrollments.person, taught, s.person,
          words.people, words.courses;
  if cardinality(words.courses) > 0 then
    if sees_all and count_enrollments.course is null and count_enrollments.person is null and count_enrollments.state <> 'atRisk' then
      select coalesce(sum(case count_enrollments.state
               when 'enrolled' then c.enrolled when 'active' then c.enrolled - c.completed when 'completed' then c.completed when 'withdrawn' then c.withdrawn end), 0)
        into more
        from lectern.course_counts c where c.organization_id = s.organization and c.course_id = any (words.courses);
    else
      execute 'select count(*) from unnest($10) c(id) join lectern.enrollments e on e.course_id = c.id where ' || filter into more
        using s.organization, count_enrollments.course, skipped, null::timestamptz, null::uuid, null::integer, count_enrollments.person, taught, s.person,
              words.courses;
    end if;
    number := number + more;
  end if;
  if cardinality(words.pairs) > 0 then
    execute 'select count(*) from unnest($10) p(id) join lectern.enrollments e on e.id = p.id where ' || filter into more
      using s.organization, count_enrollments.course, skipped, null::timestamptz, null::uuid, null::integer, count_enrollments.person, taught, s.person,
            words.pairs;
    number := number + more;
  end if;
  return number;
end $$;
comment on function lectern_api.count_enrollments(uuid, text, uuid, uuid, text) is 'How many rows list_enrollments has for the same search and filters, exactly.';

-- Of the next enrollments in their order: how many there were, and which of them every word is met in. One function per order,
-- whose plan is kept. seq keeps the planner from looking a course up in the index of titles, which it would read whole.
do $$
declare
  x record;
begin
  for x in
    select c.name as scope, c.condition, d.direction, d.comparison
      from (values ('organization', ''), ('course', ' and e.course_id = course')) c(name, condition),
           (values ('asc', '>'), ('desc', '<')) d(direction, comparison)
  loop
    execute format($f$
      create function lectern.walk_enrollments_of_%1$s_%2$s(o uuid, course uuid, state text, skipped uuid[], moment timestamptz, last uuid, row_limit bigint,
                                                            patterns text[], sees_all boolean, taught uuid[], asker uuid, out seen bigint, out ids uuid[])
        language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $body$
      begin
        select count(*), coalesce(array_agg(w.id) filter (where w.found), '{}')
          into seen, ids
          from (select e.id,
                       not exists (select from unnest(patterns) p(pattern)
                                    where not coalesce(m.search_text like p.pattern or k.title_key collate "C" like p.pattern, false)) as found
                  from (select e.id, e.person_id, e.course_id, e.enrolled_at
                          from lectern.enrollments e
                         where e.organization_id = o%3$s and (e.enrolled_at, e.id) %4$s (moment, last)
                           and case state
                                 when 'enrolled' then e.withdrawn_at is null
                                 when 'active' then e.withdrawn_at is null and e.completed_at is null
                                 when 'completed' then e.withdrawn_at is null and e.completed_at is not null
                                 when 'withdrawn' then e.withdrawn_at is not null
                                 else %5$s
                               end
                           and (sees_all or e.course_id = any (taught) or e.person_id = asker)
                         order by e.enrolled_at %2$s, e.id %2$s limit row_limit) e
                  left join lateral (select x.title_key from lectern.courses x where x.organization_id = o and x.id = e.course_id and x.seq >= 0 limit 1) k on true
                  left join lateral (select x.search_text from lectern.memberships x where x.organization_id = o and x.person_id = e.person_id limit 1) m on true
                 order by e.enrolled_at %2$s, e.id %2$s) w;
      end $body$
    $f$, x.scope, x.direction, x.condition, x.comparison, lectern.enrollment_state('atRisk', 'skipped'));
  end loop;
end $$;

create or replace function lectern_api.list_enrollments(organization uuid, search text, course uuid, person uuid, state text, descending boolean,
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
  filter text := lectern.enrollment_filter(list_enrollments.state, list_enrollments.course is not null, list_enrollments.person is not null, sees_all);
  beyond text := format(' and (e.enrolled_at, e.id) %s ($4, $5)', case when list_enrollments.descending then '<' else '>' end);
  in_order text := format(' order by e.enrolled_at %s, e.id %1$s limit ', direction);
  patterns text[];
  words record;
  are_found boolean := false;
  of_other_courses text := '';
  ids uuid[];
  seen bigint;
  window_rows bigint := 40;
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
    skipped := lectern.archived_courses(s.organization);
  end if;

  if list_enrollments.search = '' and list_enrollments.person is null and (sees_all or list_enrollments.course = any (taught)) then
    if counted is null then
      counted := lectern.count_all_enrollments(s.organization, list_enrollments.course, list_enrollments.state, skipped);
    end if;
    -- The list everybody opens first is asked for by name: its plan is kept, the others' calls are planned.
    if list_enrollments.course is null and list_enrollments.state = 'enrolled' and list_enrollments.descending then
      return query select counted, p.* from lectern.enrollments_of_organization_enrolled_desc(s.organization, null, skipped, moment, last, list_enrollments.row_limit) p;
    elsif list_enrollments.course is null and list_enrollments.state = 'enrolled' then
      return query select counted, p.* from lectern.enrollments_of_organization_enrolled_asc(s.organization, null, skipped, moment, last, list_enrollments.row_limit) p;
    else
      return query execute format('select $7, p.* from lectern.enrollments_of_%s_%s_%s($1, $2, $3, $4, $5, $6) p',
          case when list_enrollments.course is null then 'organization' else 'course' end, lower(list_enrollments.state), direction)
        using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, counted;
    end if;
    return;
  end if;

  if counted is null then
    counted := lectern_api.count_enrollments(s.organization, list_enrollments.search, list_enrollments.course, list_enrollments.person, list_enrollments.state);
  end if;
  if list_enrollments.search = '' then
    return query execute 'select $10, p.* from (' || lectern.enrollment_rows('select * from lectern.enrollments e where ' || filter || beyond || in_order || '$6', direction) || ') p'
      using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, list_enrollments.person, taught, s.person, counted;
    return;
  end if;

  -- Words the index knows (three letters and more) may mean few. Else the first of all in their order tell how often the words
  -- are met: often, and walking on finds a page; seldom, and they are looked up.
  patterns := lectern.search_patterns(list_enrollments.search);
  if not exists (select from unnest(patterns) p(pattern) where length(p.pattern) < 5) then
    words := lectern.find_enrollments_up_to(s.organization, patterns, 1000);
    are_found := words.people is not null;
  end if;
  if list_enrollments.person is null and not are_found then
    for round in 1..2 loop
      if list_enrollments.course is not null then
        execute format('select w.seen, w.ids from lectern.walk_enrollments_of_course_%s($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) w', direction)
          into seen, ids
          using s.organization, list_enrollments.course, list_enrollments.state, skipped, moment, last, window_rows, patterns, sees_all, taught, s.person;
      elsif list_enrollments.descending then
        select w.seen, w.ids into seen, ids
          from lectern.walk_enrollments_of_organization_desc(s.organization, null, list_enrollments.state, skipped, moment, last, window_rows, patterns, sees_all, taught, s.person) w;
      else
        select w.seen, w.ids into seen, ids
          from lectern.walk_enrollments_of_organization_asc(s.organization, null, list_enrollments.state, skipped, moment, last, window_rows, patterns, sees_all, taught, s.person) w;
      end if;
      exit when seen < window_rows or cardinality(ids) >= list_enrollments.row_limit;
      if round = 2 or cardinality(ids) < 3 then
        ids := null;
        exit;
      end if;
      window_rows := 3 * window_rows * list_enrollments.row_limit / (2 * cardinality(ids));
    end loop;
  end if;

  if ids is null then
    if not are_found then
      words := lectern.find_enrollments(s.organization, patterns);
    end if;
    if cardinality(words.courses) > 0 then
      of_other_courses := 'e.course_id <> all ($11) and ';
    end if;
    if cardinality(words.people) > 400 or cardinality(words.courses) > 20 then
      execute 'select array_agg(x.id) from (select e.id from (select e.id, e.person_id, e.course_id, e.enrolled_at from lectern.enrollments e where ' || filter || beyond
          || in_order || '20000) e where e.person_id = any ($10) or e.course_id = any ($11) or e.id = any ($12)' || in_order || '$6) x'
        into ids
        using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, list_enrollments.person, taught, s.person,
              words.people, words.courses, words.pairs;
    end if;
    if ids is null or cardinality(ids) < list_enrollments.row_limit then
      execute 'select array_agg(x.id) from (select e.id from ('
          || '(select e.id, e.enrolled_at from unnest($10) p(id) join lectern.enrollments e on e.person_id = p.id where ' || of_other_courses || filter || beyond || in_order || '$6)'
          || case when cardinality(words.courses) > 0 then ' union all (select e.id, e.enrolled_at from unnest($11) c(id) cross join lateral (select e.id, e.enrolled_at from lectern.enrollments e where e.course_id = c.id and '
               || filter || beyond || in_order || '$6) e' || in_order || '$6)' else '' end
          || case when cardinality(words.pairs) > 0 then ' union all (select e.id, e.enrolled_at from unnest($12) p(id) join lectern.enrollments e on e.id = p.id where ' || filter || beyond || in_order || '$6)' else '' end
          || ') e' || in_order || '$6) x'
        into ids
        using s.organization, list_enrollments.course, skipped, moment, last, list_enrollments.row_limit, list_enrollments.person, taught, s.person,
              words.people, words.courses, words.pairs;
    end if;
  end if;
  if list_enrollments.descending then
    return query select counted, p.* from lectern.enrollments_by_id_desc(s.organization, ids[1:list_enrollments.row_limit]) p;
  else
    return query select counted, p.* from lectern.enrollments_by_id_asc(s.organization, ids[1:list_enrollments.row_limit]) p;
  end if;
end $$;
comment on function lectern_api.list_enrollments(uuid, text, uuid, uuid, text, boolean, timestamptz, uuid, integer, bigint) is 'Enrollments of the chosen organization: all for owner and admin, those of their courses for staff, and one''s own. state: enrolled (not withdrawn), active, completed, withdrawn or atRisk; after_*: the key of the last row seen. Every word of the search is in the person''s name or e-mail or in the course''s title. total is known_total, or exact for the filter when that is null.';

grant execute on function lectern_api.count_enrollments(uuid, text, uuid, uuid, text) to lectern_app;
