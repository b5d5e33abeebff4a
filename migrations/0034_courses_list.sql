-- The list of courses, with the counts that triggers keep. Made as the list of people is (0033).
set local role lectern_owner;

create index courses_by_updated on lectern.courses (organization_id, updated_at, id);

create type lectern.course_row as (
  id uuid, title text, category text, level text, status text, published_at timestamptz, archived_at timestamptz,
  lessons integer, enrolled integer, completed integer, average_progress integer, lead text, updated_at timestamptz, version uuid);

set local role lectern_guard;

-- A piece of SQL: what the list tells about the course k of the organization $1. What a course counts is for its staff ($2
-- says for all, $3 for which); a learner is told the lessons that are there for them.
create function lectern.course_columns() returns text
  language sql immutable parallel safe
  return $q$ k.id, k.title, k.category, k.level, k.status, k.published_at, k.archived_at,
    case when $2 or k.id = any ($3) then coalesce(c.lessons, 0)
         else (select count(*)::integer from lectern.lessons l
                where l.organization_id = $1 and l.course_id = k.id and l.published_at is not null and l.archived_at is null) end,
    coalesce(c.enrolled, 0), coalesce(c.completed, 0), coalesce(round(c.progress_sum::numeric / nullif(c.enrolled, 0)), 0)::integer,
    (select m.name
       from lectern.course_staff f
       join lectern.memberships m on m.organization_id = f.organization_id and m.person_id = f.person_id
      where f.organization_id = $1 and f.course_id = k.id and f.duty = 'lead' and f.archived_at is null
      order by f.created_at, f.id limit 1),
    k.updated_at, k.version $q$;

do $$
declare
  x record;
begin
  for x in
    select o.name, o.key, d.direction, d.beyond
      from (values ('title', 'k.title_key', 'lower($5)'), ('updated', 'k.updated_at', '$6')) o(name, key, after),
           lateral (values ('asc', format('(%s, k.id) > (%s, $7)', o.key, o.after)), ('desc', format('(%s, k.id) < (%s, $7)', o.key, o.after))) d(direction, beyond)
  loop
    execute format($f$
      create function lectern.courses_by_%1$s_%2$s(o uuid, all_counted boolean, counting uuid[], archived boolean, after_title text, after_moment timestamptz, after_id uuid, row_limit integer)
        returns setof lectern.course_row
        language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $body$
      begin
        if after_id is null then
          return query
            select %5$s
              from (select * from lectern.courses k where k.organization_id = $1 and (k.archived_at is not null) = $4 order by %3$s %2$s, k.id %2$s limit $8) k
              left join lateral (select * from lectern.course_counts c where c.organization_id = $1 and c.course_id = k.id and ($2 or k.id = any ($3)) limit 1) c on true
             order by %3$s %2$s, k.id %2$s;
        else
          return query
            select %5$s
              from (select * from lectern.courses k where k.organization_id = $1 and (k.archived_at is not null) = $4 and %4$s order by %3$s %2$s, k.id %2$s limit $8) k
              left join lateral (select * from lectern.course_counts c where c.organization_id = $1 and c.course_id = k.id and ($2 or k.id = any ($3)) limit 1) c on true
             order by %3$s %2$s, k.id %2$s;
        end if;
      end $body$
    $f$, x.name, x.direction, x.key, x.beyond, lectern.course_columns());
  end loop;
end $$;

create function lectern_api.list_courses(organization uuid, search text, with_status text, archived boolean, sort text, descending boolean,
                                         after_title text, after_moment timestamptz, after_id uuid, row_limit integer, known_total bigint)
  returns table (total bigint, id uuid, title text, category text, level text, status text, published_at timestamptz, archived_at timestamptz,
                 lessons integer, enrolled integer, completed integer, average_progress integer, lead text, updated_at timestamptz, version uuid)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp set jit = off rows 50 as $$
#variable_conflict use_column
declare
  s record := lectern_auth.standing();
  patterns text[];
  sees_all boolean := s.rank >= 40;
  taught uuid[] := '{}';
  seen uuid[] := '{}';
  filter text;
  counted bigint := list_courses.known_total;
  sorted text := case list_courses.sort when 'title' then 'title' when 'updatedAt' then 'updated' end;
  direction text := case when list_courses.descending then 'desc' else 'asc' end;
begin
  if s.organization is null or s.organization is distinct from list_courses.organization then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if sorted is null then
    raise exception 'no such order' using errcode = '22023';
  end if;
  if sees_all and list_courses.search = '' and list_courses.with_status is null then
    if counted is null then
      select count(*) into counted from lectern.courses k where k.organization_id = s.organization and (k.archived_at is not null) = list_courses.archived;
    end if;
    return query execute format('select $9, p.* from lectern.courses_by_%s_%s($1, $2, $3, $4, $5, $6, $7, $8) p', sorted, direction)
      using s.organization, sees_all, taught, list_courses.archived, list_courses.after_title, list_courses.after_moment, list_courses.after_id,
            list_courses.row_limit, counted;
    return;
  end if;

  if not sees_all then
    taught := array(select t.c from lectern.taught('{lead,instructor,assistant,reviewer}') t);
    seen := taught || array(select n.c from lectern.enrolled() n);
  end if;
  patterns := lectern.search_patterns(list_courses.search);
  filter := 'k.organization_id = $1' || case when list_courses.archived then ' and k.archived_at is not null' else ' and k.archived_at is null' end
    || case when list_courses.with_status is not null then ' and k.status = $4' else '' end
    || case when sees_all then '' else ' and k.id = any ($9)' end
    || lectern.all_like('k.search_text', '$10', cardinality(patterns));
  if counted is null then
    execute 'select count(*) from lectern.courses k where ' || filter into counted
      using s.organization, sees_all, taught, list_courses.with_status, list_courses.after_title, list_courses.after_moment, list_courses.after_id,
            list_courses.row_limit, seen, patterns;
  end if;
  return query execute format($q$
    select $11, %5$s
      from (select * from lectern.courses k where %1$s%2$s order by %3$s %4$s, k.id %4$s limit $8) k
      left join lateral (select * from lectern.course_counts c where c.organization_id = $1 and c.course_id = k.id and ($2 or k.id = any ($3)) limit 1) c on true
     order by %3$s %4$s, k.id %4$s$q$,
    filter,
    case when list_courses.after_id is not null then format(' and (%s, k.id) %s (%s, $7)',
      case sorted when 'title' then 'k.title_key' else 'k.updated_at' end, case when list_courses.descending then '<' else '>' end,
      case sorted when 'title' then 'lower($5)' else '$6' end) else '' end,
    case sorted when 'title' then 'k.title_key' else 'k.updated_at' end, direction, lectern.course_columns())
    using s.organization, sees_all, taught, list_courses.with_status, list_courses.after_title, list_courses.after_moment, list_courses.after_id,
          list_courses.row_limit, seen, patterns, counted;
end $$;
comment on function lectern_api.list_courses(uuid, text, text, boolean, text, boolean, text, timestamptz, uuid, integer, bigint) is 'Courses of the chosen organization: all for owner and admin, those with a duty for staff, those learned in for learners. sort: title or updatedAt; after_*: the key of the last row seen. total is exact for the filter, counted when no known_total is given.';

grant execute on function lectern_api.list_courses(uuid, text, text, boolean, text, boolean, text, timestamptz, uuid, integer, bigint) to lectern_app;
