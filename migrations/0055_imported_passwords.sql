-- Passwords that came from another system as bcrypt or scrypt: how they get in, and what an unknown address is shown beside
-- them. So far every address without a bcrypt password was shown cost 12, so one with another cost stood out.
set local role lectern_owner;

alter table lectern_auth.settings
  add column bcrypt_costs integer[] not null default '{12}',
  add constraint settings_bcrypt_costs_range check (cardinality(bcrypt_costs) between 1 and 16 and 10 <= all (bcrypt_costs) and 15 >= all (bcrypt_costs));
comment on column lectern_auth.settings.bcrypt_costs is 'The costs imported bcrypt passwords have. An address that has none is always shown the same one of them.';

grant update (legacy_sign_in, bcrypt_costs) on lectern_auth.settings to lectern_guard;

set local role lectern_guard;

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
