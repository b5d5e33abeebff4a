-- Lists go through one function each: the caller's standing is asked once, then the trigram index can be used (ilike is not
-- leakproof, so under policies it could not) and the total comes from counts. SQL is put together from the fixed pieces
-- here and nothing else; every value is a parameter. The wall is that of the policies on the same tables.
set local role lectern_owner;

create index memberships_by_joined on lectern.memberships (organization_id, joined_at, id);

set local role lectern_guard;

create function lectern.search_patterns(search text) returns text[]
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg('%' || replace(replace(replace(w.word, '\', '\\'), '%', '\%'), '_', '\_') || '%' order by w.number), '{}')
    from regexp_split_to_table(lower(btrim(left(search, 200))), '\s+') with ordinality w(word, number)
   where w.word <> '' and w.number <= 6
$$;
comment on function lectern.search_patterns(text) is 'A like pattern per word of a search, six at most. All of them must be found, in any order.';

create function lectern_api.list_people(organization uuid, search text, with_role text, active boolean, archived boolean, sort text, descending boolean,
                                        after_name text, after_moment timestamptz, after_id uuid, row_limit integer)
  returns table (total bigint, person_id uuid, membership_id uuid, name text, email text, role text, is_active boolean, joined_at timestamptz,
                 archived_at timestamptz, enrollments bigint, version uuid)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp rows 50 as $$
#variable_conflict use_column
declare
  s record := lectern_auth.standing();
  patterns text[] := lectern.search_patterns(list_people.search);
  filter text := 'm.organization_id = $1';
  keyset text := '';
  sorted text := case list_people.sort when 'name' then 'm.name_key' when 'joinedAt' then 'm.joined_at' end;
  counted bigint;
begin
  if s.organization is null or s.organization is distinct from list_people.organization then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if sorted is null then
    raise exception 'no such order' using errcode = '22023';
  end if;
  filter := filter || case when list_people.archived then ' and m.archived_at is not null' else ' and m.archived_at is null' end
    || case when list_people.with_role is not null then ' and m.role = $2' else '' end
    || case list_people.active when true then ' and m.is_active' when false then ' and not m.is_active' else '' end
    || case when s.rank < 20 then ' and m.person_id = $3' else '' end
    || (select coalesce(string_agg(format(' and m.search_text like $4[%s]', i), ''), '') from generate_series(1, cardinality(patterns)) i);
  if cardinality(patterns) = 0 and s.rank >= 20 then
    select coalesce(sum(k.members), 0) into counted
      from lectern.membership_counts k
     where k.organization_id = s.organization and k.is_archived = list_people.archived
       and (list_people.with_role is null or k.role = list_people.with_role) and (list_people.active is null or k.is_active = list_people.active);
  else
    execute 'select count(*) from lectern.memberships m where ' || filter into counted
      using s.organization, list_people.with_role, s.person, patterns;
  end if;
  if list_people.after_id is not null then
    keyset := format(' and (%s, m.id) %s (%s, $7)', sorted, case when list_people.descending then '<' else '>' end,
                     case list_people.sort when 'name' then 'lower($5)' else '$6' end);
  end if;
  return query execute format($q$
    select $9, m.person_id, m.id, m.name, m.email, m.role, m.is_active, m.joined_at, m.archived_at,
           (select count(*) from lectern.enrollments e where e.organization_id = $1 and e.person_id = m.person_id and e.withdrawn_at is null),
           m.version
      from lectern.memberships m
     where %s%s
     order by %s %s, m.id %4$s
     limit $8$q$, filter, keyset, sorted, case when list_people.descending then 'desc' else 'asc' end)
    using s.organization, list_people.with_role, s.person, patterns, list_people.after_name, list_people.after_moment, list_people.after_id,
          list_people.row_limit, counted;
end $$;
comment on function lectern_api.list_people(uuid, text, text, boolean, boolean, text, boolean, text, timestamptz, uuid, integer) is 'Memberships of the chosen organization for its staff, one''s own for a learner. sort: name or joinedAt; after_*: the key of the last row seen. total is exact for the filter.';

grant execute on function lectern_api.list_people(uuid, text, text, boolean, boolean, text, boolean, text, timestamptz, uuid, integer) to lectern_app;
