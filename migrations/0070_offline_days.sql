-- How long drafts open on a computer without asking the server is the organization's to say, and whoever signs in is told,
-- since a computer without the server cannot ask.
set local role lectern_owner;

alter table lectern.organizations
  add column offline_days smallint not null default 14,
  add constraint organizations_offline_days_range check (offline_days between 0 and 365);
comment on column lectern.organizations.offline_days is 'For so many days after the server was last reached, drafts open on a computer without it. 0: never.';
grant update (offline_days) on lectern.organizations to lectern_app;

set local role lectern_guard;
create or replace function lectern_api.who_am_i() returns jsonb
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
  select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'slug', g.slug, 'role', m.role, 'time_zone', g.time_zone, 'locale', g.locale, 'archived_at', g.archived_at,
                                               'offline_days', g.offline_days)
                            order by g.archived_at is not null, lower(g.name) collate lectern.names, g.id), '[]')
    into mine
    from lectern.organizations g
    left join lectern.memberships m on m.organization_id = g.id and m.person_id = caller and m.is_active and m.archived_at is null
   where me.platform_role = 'business_owner' or (m.id is not null and g.status = 'active' and (g.archived_at is null or m.role = 'owner'));
  return jsonb_build_object('person_id', me.id, 'name', me.name, 'email', me.email, 'is_business_owner', me.platform_role = 'business_owner', 'organizations', mine,
    'proved_at', (select s.proved_at from lectern_auth.sessions s where s.token_hash = sha256(convert_to(current_setting('lectern.session', true), 'UTF8'))));
end $$;
