-- The first step of signing in as 0055 has it, costs of imported passwords and all, with the same work for every address as
-- 0090 has it.
set local role lectern_guard;

create or replace function lectern_api.sign_in_begin(email text, client_nonce bytea) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
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
  select * into c from lectern_auth.credentials x where x.person_id = coalesce(known, nobody);
  -- The attempt's foreign key looks a known person up once more.
  if known is null then
    perform from lectern.people p where p.id = nobody;
  end if;
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
