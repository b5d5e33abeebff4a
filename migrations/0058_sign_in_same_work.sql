-- The same work for every address, counted in calls and scans: a comparison with null reads no index at all, so nobody's
-- rows are looked for under an id nobody has, and the key that stands in for a missing one is always derived.
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

create or replace function lectern_api.sign_in_prove(challenge uuid, proof bytea, bcrypt_proof bytea, scrypt_proof bytea, token_hash bytea, device bytea, upgrade jsonb, wants_long boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  a lectern_auth.attempts;
  l lectern_auth.settings;
  hashed bytea := sha256(sign_in_prove.device);
  known boolean;
  since timestamptz;
  failures integer;
  last_failure timestamptz;
  from_address integer;
  waits timestamptz;
begin
  if octet_length(sign_in_prove.proof) is distinct from 32 or octet_length(sign_in_prove.token_hash) is distinct from 32
     or octet_length(sign_in_prove.device) is distinct from 32
     or octet_length(coalesce(sign_in_prove.bcrypt_proof, ''::bytea)) not in (0, 32) or octet_length(coalesce(sign_in_prove.scrypt_proof, ''::bytea)) not in (0, 32)
     or length(sign_in_prove.upgrade ->> 'stored_key') is distinct from 64 or length(sign_in_prove.upgrade ->> 'server_key') is distinct from 64
     or (sign_in_prove.upgrade ->> 'stored_key') || (sign_in_prove.upgrade ->> 'server_key') !~ '^[0-9a-f]+$'
     or sign_in_prove.wants_long is null then
    raise exception 'the proof has not the agreed form' using errcode = '22023';
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'sign-in works in read committed only' using errcode = '25001';
  end if;
  select * into a from lectern_auth.attempts x where x.id = sign_in_prove.challenge;
  select * into l from lectern_auth.settings;
  known := exists (select from lectern_auth.devices d where d.device_hash = hashed and d.person_id = coalesce(a.person_id, nobody));
  -- One proof of an account at a time until it is committed, so that guesses in parallel count each other. A known device
  -- counts by itself: strangers neither lock it out nor make it wait here.
  perform pg_advisory_xact_lock(hashtextextended(encode(a.account, 'hex') || case when known then encode(hashed, 'hex') else '' end, 0));
  select greatest(clock_timestamp() - interval '1 day', max(x.proved_at), (select c.changed_at from lectern_auth.credentials c where c.person_id = coalesce(a.person_id, nobody)))
    into since
    from lectern_auth.attempts x
   where x.account = a.account and x.outcome = 'ok' and x.is_known_device = known and (not known or x.device_hash = hashed);
  select count(*), max(x.proved_at) into failures, last_failure
    from lectern_auth.attempts x
   where x.account = a.account and x.proved_at > since and x.waits_until is null and x.outcome is distinct from 'ok'
     and x.is_known_device = known and (not known or x.device_hash = hashed);
  select count(*) into from_address
    from lectern_auth.attempts x
   where x.client_addr = a.client_addr and x.proved_at > clock_timestamp() - l.failure_window and x.waits_until is null
     and x.outcome is distinct from 'ok' and not x.is_known_device;
  if failures >= l.max_failures then
    waits := last_failure + least(l.failure_window * power(2, least(failures - l.max_failures, 10)), interval '2 hours');
  end if;
  if from_address >= l.max_address_failures and not known then
    waits := greatest(waits, clock_timestamp() + l.failure_window);
  end if;
  update lectern_auth.attempts x
     set proof = sign_in_prove.proof, legacy_proofs = array[sign_in_prove.bcrypt_proof, sign_in_prove.scrypt_proof],
         token_hash = sign_in_prove.token_hash, device_hash = hashed, upgrade = sign_in_prove.upgrade, wants_long = sign_in_prove.wants_long,
         is_known_device = known, waits_until = case when waits > clock_timestamp() then waits end,
         proved_at = clock_timestamp(), proved_xid = pg_current_xact_id()
   where x.id = sign_in_prove.challenge and x.proved_at is null and x.created_at > clock_timestamp() - interval '3 minutes';
end $$;

create or replace function lectern_api.sign_in_finish(challenge uuid) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  a lectern_auth.attempts;
  c lectern_auth.credentials;
  l lectern_auth.settings;
  active boolean;
  message bytea;
  stands_in bytea;
  stored bytea;
  given bytea;
  client_key bytea;
  good boolean;
  session uuid;
  ends timestamptz;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'sign-in works in read committed only' using errcode = '25001';
  end if;
  select * into a from lectern_auth.attempts x where x.id = sign_in_finish.challenge for update;
  if a.proved_xid is null or a.proved_xid = pg_current_xact_id() or a.outcome is not null or a.proved_at < clock_timestamp() - interval '1 minute' then
    return jsonb_build_object('ok', false, 'reason', 'expired');
  end if;
  if a.waits_until is not null then
    return jsonb_build_object('ok', false, 'reason', 'locked', 'retry_after', greatest(1, ceil(extract(epoch from a.waits_until - clock_timestamp())))::integer);
  end if;
  select * into l from lectern_auth.settings;
  select * into c from lectern_auth.credentials x where x.person_id = coalesce(a.person_id, nobody);
  select p.is_active into active from lectern.people p where p.id = coalesce(a.person_id, nobody);
  message := lectern_auth.signed_message(a);
  stands_in := lectern_auth.derive('no such account', a.email);
  stored := coalesce(c.stored_key, stands_in);
  given := case c.scheme when 'bcrypt' then a.legacy_proofs[1] when 'scrypt' then a.legacy_proofs[2] else a.proof end;
  client_key := lectern_auth.xor(coalesce(given, a.proof), ext.hmac(message, stored, 'sha256'));
  -- Compared under a key nobody can foresee, so the time it takes tells nothing.
  good := ext.hmac(sha256(client_key), a.server_nonce, 'sha256') = ext.hmac(stored, a.server_nonce, 'sha256')
    and given is not null and c.person_id is not null and coalesce(active, false) and (c.scheme = 'argon2id' or l.legacy_sign_in);
  if good is not true then
    update lectern_auth.attempts x set outcome = 'failed' where x.id = a.id;
    return jsonb_build_object('ok', false, 'reason', 'invalid');
  end if;
  update lectern_auth.attempts x set outcome = 'ok' where x.id = a.id;
  -- The same token again is a person proving themselves anew, not a longer session.
  insert into lectern_auth.sessions as s (token_hash, person_id, is_long, expires_at, client_addr)
    values (a.token_hash, a.person_id, a.wants_long, clock_timestamp() + case when a.wants_long then l.stay_signed_in_max else l.session_max end, inet_client_addr())
    on conflict (token_hash) do update set proved_at = clock_timestamp(), last_seen_at = clock_timestamp()
      where s.person_id = excluded.person_id and s.revoked_at is null and s.expires_at > clock_timestamp()
    returning s.id, s.expires_at into session, ends;
  if session is null then
    return jsonb_build_object('ok', false, 'reason', 'expired');
  end if;
  if c.scheme <> 'argon2id' or c.salt <> lectern_auth.salt(a.email)
     or (c.memory_kib, c.passes, c.lanes) <> (l.argon_memory_kib, l.argon_passes, l.argon_lanes) then
    perform lectern_auth.set_credential(a.person_id, a.email, decode(a.upgrade ->> 'stored_key', 'hex'), decode(a.upgrade ->> 'server_key', 'hex'));
  end if;
  insert into lectern_auth.devices (device_hash, person_id) values (a.device_hash, a.person_id)
    on conflict (device_hash, person_id) do update set last_used_at = clock_timestamp();
  perform lectern_audit.note('sign_in', 'sessions', session, a.person_id);
  return jsonb_build_object('ok', true, 'person', a.person_id, 'server_signature', encode(ext.hmac(message, c.server_key, 'sha256'), 'hex'),
                            'expires_in', floor(extract(epoch from ends - clock_timestamp()))::bigint);
end $$;
