-- What needs more than the caller's rights: creating an organization, bringing a person in, changing what belongs to the
-- person and not to the membership. Each checks the caller first, and is audited by the triggers of what it writes.
set local role lectern_owner;

grant update (name, email, version) on lectern.memberships to lectern_guard;
grant update (bio, avatar, phone, born_on, version) on lectern.profiles to lectern_guard;

set local role lectern_guard;

create function lectern_auth.copy_email() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  update lectern.memberships m set email = n.email from new_rows n where m.person_id = n.id and m.email <> n.email;
  return null;
end $$;
comment on function lectern_auth.copy_email() is 'Keeps memberships.email the copy of people.email, in every organization of the person.';

create function lectern_api.who_am_i() returns jsonb
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller uuid := lectern.person();
  me lectern.people;
  mine jsonb;
begin
  select * into me from lectern.people p where p.id = caller;
  if me.id is null then
    return null;
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'slug', g.slug, 'role', m.role, 'time_zone', g.time_zone, 'locale', g.locale, 'archived_at', g.archived_at)
                            order by g.archived_at is not null, lower(g.name) collate lectern.names, g.id), '[]')
    into mine
    from lectern.organizations g
    left join lectern.memberships m on m.organization_id = g.id and m.person_id = caller and m.is_active and m.archived_at is null
   where me.platform_role = 'business_owner' or (m.id is not null and g.status = 'active' and (g.archived_at is null or m.role = 'owner'));
  return jsonb_build_object('person_id', me.id, 'name', me.name, 'email', me.email, 'is_business_owner', me.platform_role = 'business_owner', 'organizations', mine,
    'proved_at', (select s.proved_at from lectern_auth.sessions s where s.token_hash = sha256(convert_to(current_setting('lectern.session', true), 'UTF8'))));
end $$;
comment on function lectern_api.who_am_i() is 'The signed-in person and every organization they have standing in, the archived last; null when nobody is. A null role: seen as business owner.';

create function lectern_api.create_organization(organization uuid, name text, slug text, time_zone text, locale text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  me lectern.people;
begin
  select * into me from lectern.people p where p.id = lectern.person() and p.platform_role = 'business_owner';
  if me.id is null then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  insert into lectern.organizations (id, name, slug, time_zone, locale, owner_id)
    values (create_organization.organization, create_organization.name, create_organization.slug, create_organization.time_zone, create_organization.locale, me.id);
  insert into lectern.memberships (organization_id, id, person_id, role, name, email)
    values (create_organization.organization, gen_random_uuid(), me.id, 'owner', me.name, me.email);
end $$;
comment on function lectern_api.create_organization(uuid, text, text, text, text) is 'By the business owner, who becomes its owner. Open the session again with the new organization to work in it.';

-- The new person's id is always the server's: a client's own id coming back or not would tell whether another organization
-- knows the address.
create function lectern_api.add_person(membership uuid, email text, name text, role text, phone text, born_on date, bio text) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record := lectern_auth.standing();
  address text := btrim(normalize(add_person.email, nfkc));
  target uuid;
begin
  if (s.rank >= 40 and s.is_open and lectern_auth.role_rank(add_person.role) between 1 and s.rank - 1) is not true then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  insert into lectern.people (id, email, name) values (gen_random_uuid(), address, add_person.name)
    on conflict do nothing
    returning id into target;
  if target is not null then
    insert into lectern.profiles (person_id, phone, born_on, bio) values (target, add_person.phone, add_person.born_on, coalesce(add_person.bio, ''));
  else
    select p.id, p.email into target, address from lectern.people p where lower(p.email) = lectern_auth.email_form(address);
  end if;
  insert into lectern.memberships (organization_id, id, person_id, role, name, email)
    values (s.organization, add_person.membership, target, add_person.role, add_person.name, address);
  return target;
end $$;
comment on function lectern_api.add_person(uuid, text, text, text, text, date, text) is 'By owner or admin, with a role strictly below one''s own. A known address joins its person, whose own name and profile stay. Answers the person''s id. 23505 memberships_person_key: is a member already, perhaps an archived one.';

create function lectern_auth.belongs_elsewhere(person uuid, organization uuid) returns boolean
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return exists (select from lectern.memberships m where m.person_id = belongs_elsewhere.person and m.organization_id <> belongs_elsewhere.organization);
end $$;

create function lectern_api.change_person(person uuid, expected uuid, change jsonb) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record := lectern_auth.standing();
  m lectern.memberships;
  target lectern.people;
  is_oneself boolean;
  may_change_all boolean;
  next_version uuid := gen_random_uuid();
begin
  select * into m from lectern.memberships x where x.organization_id = s.organization and x.person_id = change_person.person for update;
  select * into target from lectern.people p where p.id = m.person_id;
  is_oneself := m.person_id = s.person;
  if (m.id is not null and s.is_open and (is_oneself or (s.rank >= 40 and lectern_auth.role_rank(m.role) < s.rank))) is not true then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if exists (select from jsonb_object_keys(change_person.change) k where k not in ('name', 'email', 'phone', 'born_on', 'bio', 'avatar')) then
    raise exception 'unknown field' using errcode = '22023';
  end if;
  may_change_all := is_oneself or (target.platform_role <> 'business_owner'
    and (s.rank = 60 or not lectern_auth.belongs_elsewhere(m.person_id, m.organization_id)));
  if not may_change_all and change_person.change ?| array['email', 'phone', 'born_on', 'bio', 'avatar'] then
    raise exception 'this belongs to the person, who is not of this organization alone' using errcode = '42501', constraint = 'person_belongs_elsewhere';
  end if;
  if m.version is distinct from change_person.expected and change_person.expected is not null then
    return false;
  end if;
  if may_change_all then
    if change_person.change ?| array['name', 'email'] then
      update lectern.people p
         set name = case when change_person.change ? 'name' then change_person.change ->> 'name' else p.name end,
             email = case when change_person.change ? 'email' then btrim(normalize(change_person.change ->> 'email', nfkc)) else p.email end
       where p.id = m.person_id;
    end if;
    if change_person.change ?| array['phone', 'born_on', 'bio', 'avatar'] then
      insert into lectern.profiles (person_id) values (m.person_id) on conflict (person_id) do nothing;
      update lectern.profiles f
         set phone = case when change_person.change ? 'phone' then change_person.change ->> 'phone' else f.phone end,
             born_on = case when change_person.change ? 'born_on' then (change_person.change ->> 'born_on')::date else f.born_on end,
             bio = case when change_person.change ? 'bio' then coalesce(change_person.change ->> 'bio', '') else f.bio end,
             avatar = case when change_person.change ? 'avatar' then change_person.change ->> 'avatar' else f.avatar end,
             version = next_version
       where f.person_id = m.person_id;
    end if;
  end if;
  update lectern.memberships x
     set name = case when change_person.change ? 'name' then change_person.change ->> 'name' else x.name end, version = next_version
   where x.organization_id = m.organization_id and x.id = m.id;
  return true;
end $$;
comment on function lectern_api.change_person(uuid, uuid, jsonb) is 'change: any of name, email, phone, born_on, bio, avatar. By oneself, or by owner or admin for a strictly lower role. The name is always this organization''s; everything else belongs to the person and is refused (person_belongs_elsewhere) when they are of another organization too. expected: the membership''s version, or null. False: somebody changed it meanwhile.';

-- The profile is shown to the organization that knew the person first, so adding an address opens nobody's telephone number.
create function lectern_api.read_profile(person uuid)
  returns table (bio text, avatar text, phone text, born_on date, has_signed_in boolean, may_change boolean, may_reset boolean)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record := lectern_auth.standing();
begin
  return query
    select case when v.is_shown then coalesce(f.bio, '') else '' end, case when v.is_shown then f.avatar end, case when v.is_shown then f.phone end,
           case when v.is_shown then f.born_on end,
           v.is_shown and exists (select from lectern_auth.credentials c where c.person_id = m.person_id),
           s.is_open and (m.person_id = s.person
             or (lectern_auth.role_rank(m.role) < s.rank and p.platform_role <> 'business_owner'
               and (s.rank = 60 or not lectern_auth.belongs_elsewhere(m.person_id, m.organization_id)))),
           coalesce(lectern_api.may_reset(m.person_id), false)
      from lectern.memberships m
      join lectern.people p on p.id = m.person_id
      left join lectern.profiles f on f.person_id = m.person_id,
           lateral (select m.person_id = s.person or s.rank = 60
                        or m.id = (select x.id from lectern.memberships x where x.person_id = m.person_id order by x.created_at, x.id limit 1) as is_shown) v
     where m.organization_id = s.organization and m.person_id = read_profile.person and (m.person_id = s.person or s.rank >= 40);
end $$;
comment on function lectern_api.read_profile(uuid) is 'For owner, admin and oneself; no row for anybody else. Empty when the person joined another organization first. may_change: e-mail and profile, not only the name here.';

create function lectern_api.set_person_active(person uuid, active boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller uuid := lectern.person();
begin
  if set_person_active.person = caller or not exists (select from lectern.people p where p.id = caller and p.platform_role = 'business_owner') then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  update lectern.people p set is_active = set_person_active.active where p.id = set_person_active.person;
  if not set_person_active.active then
    perform lectern_auth.end_sessions(set_person_active.person, null);
  end if;
end $$;
comment on function lectern_api.set_person_active(uuid, boolean) is 'The business owner shuts a person out of the whole installation, at once, or lets them back in. One organization disables the membership instead.';

grant execute on function lectern_auth.copy_email() to lectern_owner;
grant execute on function lectern_api.who_am_i(), lectern_api.create_organization(uuid, text, text, text, text),
  lectern_api.add_person(uuid, text, text, text, text, date, text), lectern_api.change_person(uuid, uuid, jsonb), lectern_api.read_profile(uuid),
  lectern_api.set_person_active(uuid, boolean) to lectern_app;

set local role lectern_owner;
create trigger copy_email after update on lectern.people referencing new table as new_rows
  for each statement execute function lectern_auth.copy_email();
