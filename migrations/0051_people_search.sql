-- A search of people is counted apart from its page, as a search of enrollments is (0050).
set local role lectern_guard;

create function lectern_api.count_people(organization uuid, search text, with_role text, active boolean, archived boolean) returns bigint
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp set jit = off as $$
declare
  s record := lectern_auth.standing();
  patterns text[] := lectern.search_patterns(count_people.search);
  number bigint;
begin
  if s.organization is null or s.organization is distinct from count_people.organization then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if count_people.search = '' and s.rank >= 20 then
    return (select coalesce(sum(k.members), 0) from lectern.membership_counts k
             where k.organization_id = s.organization and k.is_archived = count_people.archived
               and (count_people.with_role is null or k.role = count_people.with_role)
               and (count_people.active is null or k.is_active = count_people.active));
  end if;
  execute 'select count(*) from lectern.memberships m where m.organization_id = $1'
      || case when count_people.archived then ' and m.archived_at is not null' else ' and m.archived_at is null' end
      || case when count_people.with_role is not null then ' and m.role = $2' else '' end
      || case count_people.active when true then ' and m.is_active' when false then ' and not m.is_active' else '' end
      || case when s.rank < 20 then ' and m.person_id = $3' else '' end
      || lectern.all_like('m.search_text', '$4', cardinality(patterns))
    into number using s.organization, count_people.with_role, s.person, patterns;
  return number;
end $$;
comment on function lectern_api.count_people(uuid, text, text, boolean, boolean) is 'How many rows list_people has for the same search and filters, exactly.';

grant execute on function lectern_api.count_people(uuid, text, text, boolean, boolean) to lectern_app;
