-- Lists go through one function each: the caller's standing is asked once, then the trigram index can be used (like is not
-- leakproof, so under policies it could not) and totals come from counts. The wall is that of the policies on the same
-- tables. Plain pages are read by functions made here, one per order, whose plans are kept: planning would cost more than
-- reading. Searches and filters are planned anew, for the planner must see what is asked. SQL is put together from fixed pieces
-- and nothing else; every value is a parameter.
set local role lectern_owner;

create index memberships_by_joined on lectern.memberships (organization_id, joined_at, id);
create index memberships_staff on lectern.memberships (organization_id, role, name_key, id) where role <> 'learner';
-- Wider than the foreign key needs, so that a person's enrollments are counted in the index alone.
drop index lectern.enrollments_person_id;
create index enrollments_person_id on lectern.enrollments (organization_id, person_id) include (course_id, withdrawn_at);

create type lectern.person_row as (
  person_id uuid, membership_id uuid, name text, email text, role text, is_active boolean, joined_at timestamptz, archived_at timestamptz,
  enrollments bigint, version uuid);

set local role lectern_guard;

create function lectern.search_patterns(search text) returns text[]
  language sql immutable parallel safe
  return (select coalesce(array_agg('%' || replace(replace(replace(w.word, '\', '\\'), '%', '\%'), '_', '\_') || '%' order by w.number), '{}')
            from regexp_split_to_table(lower(btrim(left(search, 200))), '\s+') with ordinality w(word, number)
           where w.word <> '' and w.number <= 6);
comment on function lectern.search_patterns(text) is 'A like pattern per word of a search, six at most. All of them must be found, in any order.';

create function lectern.all_like(subject text, name text, words integer) returns text
  language sql immutable parallel safe
  return (select coalesce(string_agg(format(' and %s like %s[%s]', subject, name, i), ''), '') from generate_series(1, words) i);
comment on function lectern.all_like(text, text, integer) is 'A piece of SQL: the subject holds every pattern of the array called name.';

do $$
declare
  x record;
begin
  for x in
    select o.name, o.key, d.direction, d.beyond
      from (values ('name', 'm.name_key', 'lower(after_name)'), ('joined', 'm.joined_at', 'after_moment')) o(name, key, after),
           lateral (values ('asc', format('(%s, m.id) > (%s, after_id)', o.key, o.after)), ('desc', format('(%s, m.id) < (%s, after_id)', o.key, o.after))) d(direction, beyond)
  loop
    -- The first page has no key to begin after: it is a statement of its own, so that both use the index.
    execute format($f$
      create function lectern.people_by_%1$s_%2$s(o uuid, archived boolean, after_name text, after_moment timestamptz, after_id uuid, row_limit integer)
        returns setof lectern.person_row
        language plpgsql stable rows 50 set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $body$
      begin
        if after_id is null then
          return query
            select m.person_id, m.id, m.name, m.email, m.role, m.is_active, m.joined_at, m.archived_at,
                   (select count(*) from lectern.enrollments e where e.organization_id = o and e.person_id = m.person_id and e.withdrawn_at is null), m.version
              from lectern.memberships m
             where m.organization_id = o and (m.archived_at is not null) = archived
             order by %3$s %2$s, m.id %2$s limit row_limit;
        else
          return query
            select m.person_id, m.id, m.name, m.email, m.role, m.is_active, m.joined_at, m.archived_at,
                   (select count(*) from lectern.enrollments e where e.organization_id = o and e.person_id = m.person_id and e.withdrawn_at is null), m.version
              from lectern.memberships m
             where m.organization_id = o and (m.archived_at is not null) = archived and %4$s
             order by %3$s %2$s, m.id %2$s limit row_limit;
        end if;
      end $body$
    $f$, x.name, x.direction, x.key, x.beyond);
  end loop;
end $$;

create function lectern_api.list_people(organization uuid, search text, with_role text, active boolean, archived boolean, sort text, descending boolean,
                                        after_name text, after_moment timestamptz, after_id uuid, row_limit integer, known_total bigint)
  returns table (total bigint, person_id uuid, membership_id uuid, name text, email text, role text, is_active boolean, joined_at timestamptz,
                 archived_at timestamptz, enrollments bigint, version uuid)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp set jit = off rows 50 as $$
#variable_conflict use_column
declare
  s record := lectern_auth.standing();
  patterns text[];
  filter text;
  counted bigint := list_people.known_total;
  sorted text := case list_people.sort when 'name' then 'name' when 'joinedAt' then 'joined' end;
  direction text := case when list_people.descending then 'desc' else 'asc' end;
begin
  if s.organization is null or s.organization is distinct from list_people.organization then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if sorted is null then
    raise exception 'no such order' using errcode = '22023';
  end if;
  if counted is null and list_people.search = '' and s.rank >= 20 then
    select coalesce(sum(k.members), 0) into counted
      from lectern.membership_counts k
     where k.organization_id = s.organization and k.is_archived = list_people.archived
       and (list_people.with_role is null or k.role = list_people.with_role) and (list_people.active is null or k.is_active = list_people.active);
  end if;
  if list_people.search = '' and s.rank >= 20 and list_people.with_role is null and list_people.active is null then
    return query execute format('select $7, p.* from lectern.people_by_%s_%s($1, $2, $3, $4, $5, $6) p', sorted, direction)
      using s.organization, list_people.archived, list_people.after_name, list_people.after_moment, list_people.after_id, list_people.row_limit, counted;
    return;
  end if;

  patterns := lectern.search_patterns(list_people.search);
  filter := 'm.organization_id = $1' || case when list_people.archived then ' and m.archived_at is not null' else ' and m.archived_at is null' end
    || case when list_people.with_role is not null then ' and m.role = $2' else '' end
    || case list_people.active when true then ' and m.is_active' when false then ' and not m.is_active' else '' end
    || case when s.rank < 20 then ' and m.person_id = $3' else '' end
    || lectern.all_like('m.search_text', '$4', cardinality(patterns));
  if counted is null then
    execute 'select count(*) from lectern.memberships m where ' || filter into counted
      using s.organization, list_people.with_role, s.person, patterns;
  end if;
  return query execute format($q$
    select $9, m.person_id, m.id, m.name, m.email, m.role, m.is_active, m.joined_at, m.archived_at,
           (select count(*) from lectern.enrollments e where e.organization_id = $1 and e.person_id = m.person_id and e.withdrawn_at is null), m.version
      from lectern.memberships m
     where %s%s
     order by %s %s, m.id %4$s
     limit $8$q$,
    filter,
    case when list_people.after_id is not null then format(' and (%s, m.id) %s (%s, $7)',
      case sorted when 'name' then 'm.name_key' else 'm.joined_at' end, case when list_people.descending then '<' else '>' end,
      case sorted when 'name' then 'lower($5)' else '$6' end) else '' end,
    case sorted when 'name' then 'm.name_key' else 'm.joined_at' end, direction)
    using s.organization, list_people.with_role, s.person, patterns, list_people.after_name, list_people.after_moment, list_people.after_id,
          list_people.row_limit, counted;
end $$;
comment on function lectern_api.list_people(uuid, text, text, boolean, boolean, text, boolean, text, timestamptz, uuid, integer, bigint) is 'Memberships of the chosen organization for its staff, one''s own for a learner. sort: name or joinedAt; after_*: the key of the last row seen. total is exact for the filter, counted when no known_total is given.';

grant execute on function lectern_api.list_people(uuid, text, text, boolean, boolean, text, boolean, text, timestamptz, uuid, integer, bigint) to lectern_app;
