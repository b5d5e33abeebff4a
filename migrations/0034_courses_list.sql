-- The list of courses, with the counts that triggers keep.
set local role lectern_owner;

create index courses_by_updated on lectern.courses (organization_id, updated_at, id);

set local role lectern_guard;

create function lectern_api.list_courses(organization uuid, search text, with_status text, archived boolean, sort text, descending boolean,
                                         after_title text, after_moment timestamptz, after_id uuid, row_limit integer)
  returns table (total bigint, id uuid, title text, category text, level text, status text, published_at timestamptz, archived_at timestamptz,
                 lessons integer, enrolled integer, completed integer, average_progress integer, lead text, updated_at timestamptz, version uuid)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp rows 50 as $$
#variable_conflict use_column
declare
  s record := lectern_auth.standing();
  patterns text[] := lectern.search_patterns(list_courses.search);
  sees_all boolean := s.rank >= 40;
  taught uuid[] := '{}';
  seen uuid[] := '{}';
  filter text := 'k.organization_id = $1';
  keyset text := '';
  sorted text := case list_courses.sort when 'title' then 'k.title_key' when 'updatedAt' then 'k.updated_at' end;
  counted bigint;
begin
  if s.organization is null or s.organization is distinct from list_courses.organization then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if sorted is null then
    raise exception 'no such order' using errcode = '22023';
  end if;
  if not sees_all then
    taught := array(select t.c from lectern.taught('{lead,instructor,assistant,reviewer}') t);
    seen := taught || array(select n.c from lectern.enrolled() n);
  end if;
  filter := filter || case when list_courses.archived then ' and k.archived_at is not null' else ' and k.archived_at is null' end
    || case when list_courses.with_status is not null then ' and k.status = $2' else '' end
    || case when sees_all then '' else ' and k.id = any ($3)' end
    || (select coalesce(string_agg(format(' and k.search_text like $4[%s]', i), ''), '') from generate_series(1, cardinality(patterns)) i);
  execute 'select count(*) from lectern.courses k where ' || filter into counted using s.organization, list_courses.with_status, seen, patterns;
  if list_courses.after_id is not null then
    keyset := format(' and (%s, k.id) %s (%s, $7)', sorted, case when list_courses.descending then '<' else '>' end,
                     case list_courses.sort when 'title' then 'lower($5)' else '$6' end);
  end if;
  -- What a course counts is for its staff; a learner is told the lessons that are there for them.
  return query execute format($q$
    select $9, k.id, k.title, k.category, k.level, k.status, k.published_at, k.archived_at,
           case when $10 or k.id = any ($11) then coalesce(c.lessons, 0)
                else (select count(*)::integer from lectern.lessons l
                       where l.organization_id = $1 and l.course_id = k.id and l.published_at is not null and l.archived_at is null) end,
           coalesce(c.enrolled, 0), coalesce(c.completed, 0), coalesce(round(c.progress_sum::numeric / nullif(c.enrolled, 0)), 0)::integer,
           (select m.name
              from lectern.course_staff f
              join lectern.memberships m on m.organization_id = f.organization_id and m.person_id = f.person_id
             where f.organization_id = $1 and f.course_id = k.id and f.duty = 'lead' and f.archived_at is null
             order by f.created_at, f.id limit 1),
           k.updated_at, k.version
      from lectern.courses k
      left join lectern.course_counts c on c.organization_id = k.organization_id and c.course_id = k.id and ($10 or k.id = any ($11))
     where %s%s
     order by %s %s, k.id %4$s
     limit $8$q$, filter, keyset, sorted, case when list_courses.descending then 'desc' else 'asc' end)
    using s.organization, list_courses.with_status, seen, patterns, list_courses.after_title, list_courses.after_moment, list_courses.after_id,
          list_courses.row_limit, counted, sees_all, taught;
end $$;
comment on function lectern_api.list_courses(uuid, text, text, boolean, text, boolean, text, timestamptz, uuid, integer) is 'Courses of the chosen organization: all for owner and admin, those with a duty for staff, those learned in for learners. sort: title or updatedAt. total is exact for the filter.';

grant execute on function lectern_api.list_courses(uuid, text, text, boolean, text, boolean, text, timestamptz, uuid, integer) to lectern_app;
