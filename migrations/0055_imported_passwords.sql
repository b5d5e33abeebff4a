-- Passwords that came from another system as bcrypt or scrypt: how they get in, and what an unknown address is shown beside
-- them. So far every address without a bcrypt password was shown cost 12, so one with another cost stood out.
set local role lectern_owner;

alter table lectern_auth.settings
  add column bcrypt_costs integer[] not null default '{12}',
  add constraint settings_bcrypt_costs_range check (cardinality(bcrypt_costs) between 1 and 16 and 10 <= all (bcrypt_costs) and 15 >= all (bcrypt_costs));
comment on column lectern_auth.settings.bcrypt_costs is 'The costs imported bcrypt passwords have. An address that has none is always shown the same one of them.';

grant update (legacy_sign_in, bcrypt_costs) on lectern_auth.settings to lectern_guard;

set local role lectern_guard;

create or replace function lectern_api.sign_in_begin(email text, client_nonce bytea) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  form text := lectern_auth.email_form(sign_in_begin.email);
  l lectern_auth.settings;
  c lectern_auth.credentials;
  known uuid;
  challenge uuid := gen_random_uuid();
  server_nonce bytea := ext.gen_random_bytes(32);
  argon_salt bytea;
  bcrypt_salt bytea;
  bcrypt_cost integer;
  scrypt_salt text;
begin
  if octet_length(sign_in_begin.client_nonce) is distinct from 32 or length(form) is null or length(form) not between 3 and 254
     or length(sign_in_begin.email) > 500 then
    raise exception 'an address and 32 bytes are needed' using errcode = '22023';
  end if;
  select * into l from lectern_auth.settings;
  select p.id into known from lectern.people p where lower(p.email) = form;
  select * into c from lectern_auth.credentials x where x.person_id = known;
  argon_salt := lectern_auth.salt(form);
  bcrypt_salt := substring(lectern_auth.derive('bcrypt', form) from 1 for 16);
  bcrypt_cost := l.bcrypt_costs[1 + get_byte(lectern_auth.derive('bcrypt cost', form), 0) % cardinality(l.bcrypt_costs)];
  scrypt_salt := encode(substring(lectern_auth.derive('scrypt', form) from 1 for 16), 'hex');
  insert into lectern_auth.attempts (id, account, person_id, email, client_nonce, server_nonce, client_addr)
    values (challenge, ext.hmac(convert_to(form, 'UTF8'), (select s.value from lectern_auth.secrets s where s.name = 'account'), 'sha256'),
            known, sign_in_begin.email, sign_in_begin.client_nonce, server_nonce, inet_client_addr());
  delete from lectern_auth.attempts a where a.id in
    (select o.id from lectern_auth.attempts o where o.created_at < clock_timestamp() - interval '1 day' limit 20 for update skip locked);
  return jsonb_build_object(
    'challenge', challenge, 'server_nonce', encode(server_nonce, 'hex'), 'minimum_client', l.minimum_client,
    'argon2id', jsonb_build_object('salt', encode(case when c.scheme = 'argon2id' then c.salt else argon_salt end, 'hex'),
                                   'memory_kib', coalesce(c.memory_kib, l.argon_memory_kib), 'passes', coalesce(c.passes, l.argon_passes), 'lanes', coalesce(c.lanes, l.argon_lanes)),
    'renewed', jsonb_build_object('salt', encode(argon_salt, 'hex'), 'memory_kib', l.argon_memory_kib, 'passes', l.argon_passes, 'lanes', l.argon_lanes),
    'bcrypt', case when l.legacy_sign_in then jsonb_build_object('salt', encode(case when c.scheme = 'bcrypt' then c.salt else bcrypt_salt end, 'hex'),
                                   'cost', case when c.scheme = 'bcrypt' then c.cost else bcrypt_cost end) end,
    'scrypt', case when l.legacy_sign_in then jsonb_build_object('salt', case when c.scheme = 'scrypt' then convert_from(c.salt, 'UTF8') else scrypt_salt end) end);
end $$;

create function lectern_auth.import_password(email text, scheme text, salt bytea, cost integer, stored_key bytea, server_key bytea) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  target uuid := (select p.id from lectern.people p where lower(p.email) = lectern_auth.email_form(import_password.email));
  is_new boolean;
begin
  if target is null then
    raise exception 'nobody has this address' using errcode = 'P0002', constraint = 'no_such_person';
  end if;
  -- The client would refuse anything else, and an unknown address could not be shown its like.
  if (case import_password.scheme
        when 'bcrypt' then octet_length(import_password.salt) = 16 and import_password.cost between 10 and 15
        when 'scrypt' then import_password.cost is null and encode(import_password.salt, 'escape') ~ '^[0-9a-f]{32}$'
      end) is not true then
    raise exception 'this password was not hashed as the other system did' using errcode = '22023';
  end if;
  insert into lectern_auth.credentials (person_id, scheme, salt, cost, stored_key, server_key)
    values (target, import_password.scheme, import_password.salt, import_password.cost, import_password.stored_key, import_password.server_key)
    on conflict (person_id) do nothing
    returning true into is_new;
  if is_new is not true then
    return false;
  end if;
  update lectern_auth.settings l
     set legacy_sign_in = true,
         bcrypt_costs = case when import_password.scheme <> 'bcrypt' or import_password.cost = any (l.bcrypt_costs) then l.bcrypt_costs
                             -- The first one takes the place of the default.
                             when exists (select from lectern_auth.credentials c where c.scheme = 'bcrypt' and c.person_id <> target) then l.bcrypt_costs || import_password.cost
                             else array[import_password.cost] end
   where not l.legacy_sign_in or (import_password.scheme = 'bcrypt' and import_password.cost <> all (l.bcrypt_costs));
  perform lectern_audit.note('import_password', 'people', target, null);
  return true;
end $$;
comment on function lectern_auth.import_password(text, text, bytea, integer, bytea, bytea) is 'Keeps a password another system hashed with bcrypt or scrypt, for its next and last sign-in, and lets such sign-ins in. The keys are SCRAM''s with that hash as the salted password; salt: bcrypt''s 16 bytes, or the text scrypt was given. False: the person has a password already, which stays.';

grant execute on function lectern_auth.import_password(text, text, bytea, integer, bytea, bytea) to lectern_owner;
