-- Signing in: SCRAM (RFC 5802) in SQL with Argon2id on the client. begin hands out salt and parameters, prove commits the
-- attempt, finish answers only an attempt that another transaction has committed: a guess can not be rolled back out of
-- the count. Unknown, wrong and disabled look alike. The password never travels; the client makes the token and the server
-- keeps its SHA-256.
set local role lectern_owner;

alter table lectern_auth.attempts
  add column is_known_device boolean not null default false,
  add column waits_until timestamptz,
  add constraint attempts_email_length check (length(email) <= 500);
comment on column lectern_auth.attempts.waits_until is 'Decided as the proof came in: not to be looked at before. Null: it was looked at, and counts.';

-- A verifier keeps the parameters it was made with, so raising the setting breaks nobody's password: the next sign-in
-- replaces it.
alter table lectern_auth.credentials
  add column memory_kib integer,
  add column passes integer,
  add column lanes integer,
  add constraint credentials_argon_has_parameters check ((scheme = 'argon2id') = (num_nulls(memory_kib, passes, lanes) = 0));

grant insert, update on lectern_auth.credentials, lectern_auth.sessions, lectern_auth.attempts, lectern_auth.devices, lectern_auth.one_time_codes to lectern_guard;
grant delete on lectern_auth.attempts to lectern_guard;
grant update (is_only_row) on lectern_auth.settings to lectern_guard; -- to lock the row, once: two first owners at the same moment
grant insert on lectern.people, lectern.profiles, lectern.organizations, lectern.memberships to lectern_guard;
grant update (is_active, platform_role, name, email) on lectern.people to lectern_guard;

set local role lectern_guard;

create function lectern_auth.xor(a bytea, b bytea) returns bytea
  language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
  select int8send(substring(x from 1 for 64)::bit(64)::bigint) || int8send(substring(x from 65 for 64)::bit(64)::bigint)
      || int8send(substring(x from 129 for 64)::bit(64)::bigint) || int8send(substring(x from 193 for 64)::bit(64)::bigint)
    from (select ('x' || encode(a, 'hex'))::bit(256) # ('x' || encode(b, 'hex'))::bit(256) as x) q
$$;
comment on function lectern_auth.xor(bytea, bytea) is 'Of 32 bytes each.';

create function lectern_auth.email_form(email text) returns text
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp
  return lower(btrim(normalize(email, nfkc)));

create function lectern_auth.derive(kind text, email text) returns bytea
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return ext.hmac(convert_to(kind || ':' || lectern_auth.email_form(email), 'UTF8'), (select s.value from lectern_auth.secrets s where s.name = 'salt'), 'sha256');
end $$;
comment on function lectern_auth.derive(text, text) is 'Stable bytes for an address, so an unknown one has a salt too, and always the same.';

create function lectern_auth.salt(email text) returns bytea
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return substring(lectern_auth.derive('argon2id', email) from 1 for 16);
end $$;

-- 20 characters of Crockford's base32, 100 bits, in groups a person can read out.
create function lectern_auth.new_code() returns text
  language sql volatile set search_path = pg_catalog, pg_temp as $$
  select string_agg(case when i in (5, 10, 15) then '-' else '' end || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + (get_byte(b, i) & 31), 1), '' order by i)
    from (select ext.gen_random_bytes(20) as b) r, generate_series(0, 19) i
$$;
create function lectern_auth.code_hash(code text) returns bytea
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp
  return sha256(convert_to(translate(upper(regexp_replace(code, '[^0-9A-Za-z]', '', 'g')), 'OIL', '011'), 'UTF8'));

create function lectern_auth.set_credential(person uuid, email text, stored_key bytea, server_key bytea) returns void
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  if octet_length(set_credential.stored_key) is distinct from 32 or octet_length(set_credential.server_key) is distinct from 32 then
    raise exception 'keys are 32 bytes each' using errcode = '22023';
  end if;
  insert into lectern_auth.credentials as c (person_id, scheme, salt, memory_kib, passes, lanes, stored_key, server_key)
    select set_credential.person, 'argon2id', lectern_auth.salt(set_credential.email), l.argon_memory_kib, l.argon_passes, l.argon_lanes,
           set_credential.stored_key, set_credential.server_key
      from lectern_auth.settings l
    on conflict (person_id) do update set scheme = 'argon2id', salt = excluded.salt, cost = null,
      memory_kib = excluded.memory_kib, passes = excluded.passes, lanes = excluded.lanes, stored_key = excluded.stored_key, server_key = excluded.server_key, changed_at = clock_timestamp();
end $$;

create function lectern_auth.end_sessions(person uuid, but_not bytea) returns void
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  update lectern_auth.sessions s set revoked_at = clock_timestamp()
   where s.person_id = end_sessions.person and s.revoked_at is null and s.token_hash is distinct from end_sessions.but_not;
end $$;

-- Same shape, same work and a stable salt for every address, known or not.
create function lectern_api.sign_in_begin(email text, client_nonce bytea) returns jsonb
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
                                   'cost', coalesce(case when c.scheme = 'bcrypt' then c.cost end, 12)) end,
    'scrypt', case when l.legacy_sign_in then jsonb_build_object('salt', case when c.scheme = 'scrypt' then convert_from(c.salt, 'UTF8') else scrypt_salt end) end);
end $$;
comment on function lectern_api.sign_in_begin(text, bytea) is 'First step: salt and parameters. client_nonce: 32 random bytes. Bytes in the answer are hex. renewed: what the upgrade of the second step is to be derived with; it differs from argon2id after the settings or the address changed.';

-- Everything that matters is signed, so nobody in between can swap the token, the device or the new verifier.
create function lectern_auth.signed_message(a lectern_auth.attempts) returns bytea
  language sql immutable set search_path = pg_catalog, pg_temp
  return convert_to('lectern-scram-1|' || a.id || '|' || a.email || '|' || case when a.wants_long then 'long' else 'short' end || '|', 'UTF8')
      || a.client_nonce || a.server_nonce || a.token_hash || a.device_hash
      || sha256(convert_to(coalesce(a.upgrade ->> 'stored_key', '') || coalesce(a.upgrade ->> 'server_key', ''), 'UTF8'));

create function lectern_api.sign_in_prove(challenge uuid, proof bytea, bcrypt_proof bytea, scrypt_proof bytea, token_hash bytea, device bytea, upgrade jsonb, wants_long boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
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
  known := exists (select from lectern_auth.devices d where d.device_hash = hashed and d.person_id = a.person_id);
  -- One proof of an account at a time until it is committed, so that guesses in parallel count each other. A known device
  -- counts by itself: strangers neither lock it out nor make it wait here.
  perform pg_advisory_xact_lock(hashtextextended(encode(a.account, 'hex') || case when known then encode(hashed, 'hex') else '' end, 0));
  select greatest(clock_timestamp() - interval '1 day', max(x.proved_at), (select c.changed_at from lectern_auth.credentials c where c.person_id = a.person_id))
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
comment on function lectern_api.sign_in_prove(uuid, bytea, bytea, bytea, bytea, bytea, jsonb, boolean) is 'Second step: hand in the proof. Tells nothing, and must be committed before the third step looks at it. Whether it will be looked at is decided here: after max_failures within a day each further guess waits, twice as long each time, at most two hours.';

create function lectern_api.sign_in_finish(challenge uuid) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  a lectern_auth.attempts;
  c lectern_auth.credentials;
  l lectern_auth.settings;
  active boolean;
  message bytea;
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
  select * into c from lectern_auth.credentials x where x.person_id = a.person_id;
  select p.is_active into active from lectern.people p where p.id = a.person_id;
  message := lectern_auth.signed_message(a);
  stored := coalesce(c.stored_key, lectern_auth.derive('no such account', a.email));
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
comment on function lectern_api.sign_in_finish(uuid) is 'Third step, once per challenge. {ok, person, server_signature, expires_in seconds} or {ok: false, reason: invalid | locked (retry_after seconds) | expired}.';

create function lectern_api.sign_out() returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller uuid := lectern.person();
begin
  if caller is not null then
    perform lectern_audit.note('sign_out', 'sessions', lectern_audit.current_session(), caller);
  end if;
  update lectern_auth.sessions s set revoked_at = clock_timestamp()
   where s.token_hash = sha256(convert_to(current_setting('lectern.session', true), 'UTF8')) and s.revoked_at is null;
end $$;

comment on function lectern_api.sign_out() is 'Ends the session of this transaction for good.';

create function lectern_api.touch_session() returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if lectern.person() is null then
    raise exception 'the session has ended' using errcode = '28000';
  end if;
  update lectern_auth.sessions s set last_seen_at = clock_timestamp()
   where s.token_hash = sha256(convert_to(current_setting('lectern.session', true), 'UTF8')) and s.last_seen_at < clock_timestamp() - interval '1 minute';
end $$;
comment on function lectern_api.touch_session() is 'Keeps a session from idling out; call it every few minutes of use, not with every request.';

create function lectern_api.new_password_salt(email text) returns jsonb
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select jsonb_build_object('salt', encode(lectern_auth.salt(new_password_salt.email), 'hex'),
                                    'memory_kib', l.argon_memory_kib, 'passes', l.argon_passes, 'lanes', l.argon_lanes) from lectern_auth.settings l);
end $$;
comment on function lectern_api.new_password_salt(text) is 'What to derive a new password''s keys with. The same for known and unknown addresses.';

create function lectern_api.set_password(stored_key bytea, server_key bytea) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller uuid := lectern.person();
  current bytea := sha256(convert_to(current_setting('lectern.session', true), 'UTF8'));
begin
  if caller is null or not exists (select from lectern_auth.sessions s where s.token_hash = current and s.proved_at > clock_timestamp() - interval '5 minutes') then
    raise exception 'prove the current password first' using errcode = '28000';
  end if;
  perform lectern_auth.set_credential(caller, (select p.email from lectern.people p where p.id = caller), set_password.stored_key, set_password.server_key);
  perform lectern_auth.end_sessions(caller, current);
  update lectern_auth.one_time_codes o set used_at = clock_timestamp() where o.person_id = caller and o.used_at is null;
  perform lectern_audit.note('set_password', 'people', caller, caller);
end $$;
comment on function lectern_api.set_password(bytea, bytea) is 'One''s own, within five minutes of proving the current one. Ends every other session and voids open codes.';

-- A reset by an admin must not open the door of another organization, nor of somebody of equal rank.
create function lectern_api.may_reset(person uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record := lectern_auth.standing();
begin
  return s.rank >= 40 and s.is_open and may_reset.person <> s.person and exists (
    select from lectern.memberships m
      join lectern.people p on p.id = m.person_id
     where m.organization_id = s.organization and m.person_id = may_reset.person
       and p.platform_role <> 'business_owner' and lectern_auth.role_rank(m.role) < s.rank
       and (s.rank = 60 or not exists (select from lectern.memberships x where x.person_id = m.person_id and x.organization_id <> m.organization_id)));
end $$;
comment on function lectern_api.may_reset(uuid) is 'Whether issue_reset_code would be allowed.';

create function lectern_api.issue_reset_code(person uuid, out code text, out expires_at timestamptz)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record := lectern_auth.standing();
begin
  if lectern_api.may_reset(issue_reset_code.person) is not true then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  issue_reset_code.code := lectern_auth.new_code();
  issue_reset_code.expires_at := clock_timestamp() + interval '1 day';
  insert into lectern_auth.one_time_codes (code_hash, purpose, person_id, issued_by, expires_at)
    values (lectern_auth.code_hash(issue_reset_code.code), 'reset', issue_reset_code.person, s.person, issue_reset_code.expires_at);
  perform lectern_auth.end_sessions(issue_reset_code.person, null);
  perform lectern_audit.note('issue_reset_code', 'people', issue_reset_code.person, s.person, s.organization);
end $$;
comment on function lectern_api.issue_reset_code(uuid) is 'A code good for one new password, for a person of strictly lower rank who belongs to no other organization (the business owner: any). Ends their sessions.';

create function lectern_api.redeem_code(code text, email text, stored_key bytea, server_key bytea) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  k lectern_auth.one_time_codes;
begin
  update lectern_auth.one_time_codes o set used_at = clock_timestamp()
    from lectern.people p
   where o.code_hash = lectern_auth.code_hash(redeem_code.code) and o.purpose = 'reset' and o.used_at is null and o.expires_at > clock_timestamp()
     and p.id = o.person_id and lower(p.email) = lectern_auth.email_form(redeem_code.email) and p.is_active
  returning o.* into k;
  if k.person_id is null then
    return false;
  end if;
  perform lectern_auth.set_credential(k.person_id, redeem_code.email, redeem_code.stored_key, redeem_code.server_key);
  perform lectern_auth.end_sessions(k.person_id, null);
  update lectern_auth.one_time_codes o set used_at = clock_timestamp() where o.person_id = k.person_id and o.used_at is null;
  perform lectern_audit.note('redeem_code', 'people', k.person_id, k.person_id);
  return true;
end $$;
comment on function lectern_api.redeem_code(text, text, bytea, bytea) is 'Sets a password by a code. False: no such code for this address, or used, or expired.';

create function lectern_api.needs_first_owner() returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return not exists (select from lectern_auth.credentials);
end $$;

comment on function lectern_api.needs_first_owner() is 'Whether nobody can sign in here yet.';

create function lectern_api.minimum_client() returns text
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select l.minimum_client from lectern_auth.settings l);
end $$;
comment on function lectern_api.minimum_client() is 'The oldest version of the application that may sign in here, so nobody is talked back to a vulnerable one.';

create function lectern_api.bootstrap(code text, person uuid, email text, name text, organization uuid, organization_name text, organization_slug text, stored_key bytea, server_key bytea) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  owner uuid;
  address text := btrim(normalize(bootstrap.email, nfkc));
begin
  perform from lectern_auth.settings for update;
  update lectern_auth.one_time_codes o set used_at = clock_timestamp()
   where o.code_hash = lectern_auth.code_hash(bootstrap.code) and o.purpose = 'bootstrap' and o.used_at is null and o.expires_at > clock_timestamp()
     and not exists (select from lectern_auth.credentials);
  if not found then
    raise exception 'no such code' using errcode = '42501', constraint = 'bootstrap_code';
  end if;
  -- People may have been imported before anybody could sign in; then the address is there already.
  update lectern.people p set platform_role = 'business_owner', is_active = true where lower(p.email) = lectern_auth.email_form(address) returning p.id into owner;
  if owner is null then
    owner := bootstrap.person;
    insert into lectern.people (id, email, name, platform_role) values (owner, address, bootstrap.name, 'business_owner');
    insert into lectern.profiles (person_id) values (owner);
  end if;
  if bootstrap.organization is not null then
    insert into lectern.organizations (id, name, slug, owner_id) values (bootstrap.organization, bootstrap.organization_name, bootstrap.organization_slug, owner);
    insert into lectern.memberships (organization_id, id, person_id, role, name, email)
      values (bootstrap.organization, gen_random_uuid(), owner, 'owner', bootstrap.name, address);
  end if;
  perform lectern_auth.set_credential(owner, address, bootstrap.stored_key, bootstrap.server_key);
  perform lectern_audit.note('bootstrap', 'people', owner, owner, bootstrap.organization);
  return owner;
end $$;
comment on function lectern_api.bootstrap(text, uuid, text, text, uuid, text, text, bytea, bytea) is 'The first owner, by the code that the owner''s connection made; works only while nobody can sign in. A null organization makes none. Answers the person''s id: another than given if the address was known.';

-- For whoever holds the owner's connection: IT, the command line, the private local server.
create function lectern_auth.bootstrap_code() returns text
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  code text := lectern_auth.new_code();
begin
  if exists (select from lectern_auth.credentials) then
    raise exception 'there is an owner already; use recovery_code' using errcode = '55000', constraint = 'bootstrap_done';
  end if;
  insert into lectern_auth.one_time_codes (code_hash, purpose, expires_at) values (lectern_auth.code_hash(code), 'bootstrap', clock_timestamp() + interval '1 day');
  return code;
end $$;
comment on function lectern_auth.bootstrap_code() is 'A code for the first owner, good for a day.';

create function lectern_auth.recovery_code(email text) returns text
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  code text := lectern_auth.new_code();
  target uuid := (select p.id from lectern.people p where lower(p.email) = lectern_auth.email_form(recovery_code.email));
begin
  if target is null then
    raise exception 'nobody has this address' using errcode = 'P0002', constraint = 'no_such_person';
  end if;
  insert into lectern_auth.one_time_codes (code_hash, purpose, person_id, expires_at) values (lectern_auth.code_hash(code), 'reset', target, clock_timestamp() + interval '1 hour');
  perform lectern_auth.end_sessions(target, null);
  perform lectern_audit.note('recovery_code', 'people', target, null);
  return code;
end $$;
comment on function lectern_auth.recovery_code(text) is 'A reset code for anybody, good for an hour; the last resort when no owner can sign in.';

create function lectern_auth.set_person_active(email text, active boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  target uuid;
begin
  update lectern.people p set is_active = set_person_active.active where lower(p.email) = lectern_auth.email_form(set_person_active.email) returning p.id into target;
  if target is null then
    raise exception 'nobody has this address' using errcode = 'P0002', constraint = 'no_such_person';
  end if;
  if not set_person_active.active then
    perform lectern_auth.end_sessions(target, null);
  end if;
end $$;
comment on function lectern_auth.set_person_active(text, boolean) is 'Shuts a person out of, or lets them back into, the whole installation, at once.';

grant execute on function lectern_api.sign_in_begin(text, bytea), lectern_api.sign_in_prove(uuid, bytea, bytea, bytea, bytea, bytea, jsonb, boolean),
  lectern_api.sign_in_finish(uuid), lectern_api.sign_out(), lectern_api.touch_session(), lectern_api.new_password_salt(text),
  lectern_api.set_password(bytea, bytea), lectern_api.may_reset(uuid), lectern_api.issue_reset_code(uuid), lectern_api.redeem_code(text, text, bytea, bytea),
  lectern_api.needs_first_owner(), lectern_api.minimum_client(), lectern_api.bootstrap(text, uuid, text, text, uuid, text, text, bytea, bytea) to lectern_app;
grant execute on function lectern_auth.bootstrap_code(), lectern_auth.recovery_code(text), lectern_auth.set_person_active(text, boolean) to lectern_owner;
