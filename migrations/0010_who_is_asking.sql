-- Who is asking: every right rests on these functions. They resolve the token of this transaction to today's person,
-- membership and duties, so a variable set by hand gains nothing and a revocation counts from the next statement.
-- plpgsql, because its plan is kept: SQL functions are planned again for every query and cost ten times as much.
-- They answer nothing outside read committed: an old snapshot would outlive a revocation.
set local role lectern_owner;

grant execute on function lectern.is_email(text) to lectern_guard, lectern_app;
grant select on all tables in schema lectern, lectern_auth, lectern_audit to lectern_guard;

set local role lectern_guard;

create function lectern_auth.role_rank(role text) returns integer
  language sql immutable parallel safe
  return case role when 'owner' then 50 when 'admin' then 40 when 'instructor' then 30 when 'reviewer' then 20 when 'learner' then 10 else 0 end;
comment on function lectern_auth.role_rank(text) is 'Roles in order; 60 is the business owner''s, who needs no membership.';

-- Not a definer itself: only the guard may call it, from functions whose search_path is fixed.
create function lectern_auth.standing(out organization uuid, out person uuid, out member_rank integer, out rank integer, out is_open boolean)
  language plpgsql stable parallel safe as $$
declare
  token text := current_setting('lectern.session', true);
  chosen text := current_setting('lectern.organization', true);
begin
  if length(token) is distinct from 64 or length(chosen) is distinct from 36
     or chosen !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
     or current_setting('transaction_isolation') <> 'read committed' then
    return;
  end if;
  select g.id, p.id, coalesce(lectern_auth.role_rank(m.role), 0),
         case when p.platform_role = 'business_owner' then 60 else coalesce(lectern_auth.role_rank(m.role), 0) end,
         g.archived_at is null and g.status = 'active'
    into organization, person, member_rank, rank, is_open
    from lectern_auth.sessions s
    join lectern.people p on p.id = s.person_id
    join lectern.organizations g on g.id = chosen::uuid
    left join lectern.memberships m on m.organization_id = g.id and m.person_id = p.id and m.is_active and m.archived_at is null
   where s.token_hash = sha256(convert_to(token, 'UTF8')) and s.revoked_at is null and p.is_active
     and s.expires_at > clock_timestamp() -- not now(), which stands still inside a transaction
     and (s.is_long or s.last_seen_at > clock_timestamp() - (select l.session_idle_max from lectern_auth.settings l))
     and (p.platform_role = 'business_owner' or (m.id is not null and g.status = 'active' and (g.archived_at is null or m.role = 'owner')));
end $$;
comment on function lectern_auth.standing() is 'The chosen organization and the person of the live token there; nothing when they have no standing. An archived organization is left to its owners and the business owner, a suspended one to the business owner.';

create function lectern.person() returns uuid
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare
  token text := current_setting('lectern.session', true);
  answer uuid;
begin
  if length(token) is distinct from 64 or current_setting('transaction_isolation') <> 'read committed' then
    return null;
  end if;
  select p.id into answer
    from lectern_auth.sessions s
    join lectern.people p on p.id = s.person_id
   where s.token_hash = sha256(convert_to(token, 'UTF8')) and s.revoked_at is null and p.is_active
     and s.expires_at > clock_timestamp()
     and (s.is_long or s.last_seen_at > clock_timestamp() - (select l.session_idle_max from lectern_auth.settings l));
  return answer;
end $$;
comment on function lectern.person() is 'The person of this transaction''s live token, else null.';

create function lectern.organization_if(min_rank integer) returns uuid
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record := lectern_auth.standing();
begin
  return case when s.rank >= min_rank then s.organization end;
end $$;
comment on function lectern.organization_if(integer) is 'The chosen organization if the caller''s rank there is at least this, else null. For reading.';

create function lectern.writable_if(min_rank integer) returns uuid
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record := lectern_auth.standing();
begin
  return case when s.rank >= min_rank and s.is_open then s.organization end;
end $$;
comment on function lectern.writable_if(integer) is 'As organization_if, but null in an archived or suspended organization. For writing.';

create function lectern.me(out o uuid, out p uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record := lectern_auth.standing();
begin
  if s.member_rank > 0 then
    o := s.organization;
    p := s.person;
  end if;
end $$;
comment on function lectern.me() is 'Organization and person of the caller''s active membership.';

create function lectern.acting(out o uuid, out p uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare
  s record := lectern_auth.standing();
begin
  o := s.organization;
  p := s.person;
end $$;
comment on function lectern.acting() is 'As me(), and also the business owner''s who acts without a membership.';

create function lectern.taught(duties text[]) returns table (o uuid, c uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 20 as $$
declare
  s record := lectern_auth.standing();
begin
  return query select k.organization_id, k.course_id
    from lectern.course_staff k
   where k.organization_id = s.organization and k.person_id = s.person and k.archived_at is null and k.duty = any (duties)
     and s.member_rank >= case when k.duty in ('lead', 'instructor') then 30 else 20 end;
end $$;
comment on function lectern.taught(text[]) is 'Courses the caller has one of these duties in. The membership carries the right: lead and instructor need an instructor''s, the others a reviewer''s.';

create function lectern.taught_enrollments(duties text[]) returns table (o uuid, e uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 1000 as $$
begin
  return query select n.organization_id, n.id
    from lectern.taught(duties) t
    join lectern.enrollments n on n.organization_id = t.o and n.course_id = t.c;
end $$;
comment on function lectern.taught_enrollments(text[]) is 'Enrollments in those courses, for tables that know only the enrollment.';

create function lectern.taught_attachments(duties text[]) returns table (o uuid, a uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 100 as $$
begin
  return query select f.organization_id, f.id
    from lectern.taught(duties) t
    join lectern.attachments f on f.organization_id = t.o and f.course_id = t.c;
end $$;
comment on function lectern.taught_attachments(text[]) is 'Attachments of those courses, for tables that know only the attachment.';

create function lectern.enrolled() returns table (o uuid, c uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 20 as $$
declare
  mine record := lectern.me();
begin
  return query select n.organization_id, n.course_id
    from lectern.enrollments n
    join lectern.courses k on k.organization_id = n.organization_id and k.id = n.course_id
   where n.organization_id = mine.o and n.person_id = mine.p and n.withdrawn_at is null
     and k.status = 'active' and k.published_at is not null and k.archived_at is null;
end $$;
comment on function lectern.enrolled() is 'Active, published courses the caller is enrolled in and not withdrawn from.';

create function lectern.learning() returns table (o uuid, c uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 20 as $$
begin
  return query select n.o, n.c
    from lectern.enrolled() n
    join lectern.courses k on k.organization_id = n.o and k.id = n.c
   where coalesce(k.available_from <= clock_timestamp(), true) and coalesce(k.available_until > clock_timestamp(), true);
end $$;
comment on function lectern.learning() is 'The enrolled courses whose content is available today.';

create function lectern.open_sub_courses() returns table (o uuid, s uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 100 as $$
begin
  return query select p.organization_id, p.id
    from lectern.learning() n
    join lectern.sub_courses p on p.organization_id = n.o and p.course_id = n.c
   where p.archived_at is null;
end $$;
comment on function lectern.open_sub_courses() is 'Sub-courses the caller learns from, published or not: a lesson or quiz is published by itself.';

create function lectern.open_lessons() returns table (o uuid, l uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 100 as $$
begin
  return query select x.organization_id, x.id
    from lectern.learning() n
    join lectern.lessons x on x.organization_id = n.o and x.course_id = n.c
    left join lectern.sub_courses p on p.organization_id = x.organization_id and p.id = x.sub_course_id
   where x.published_at is not null and x.archived_at is null
     and (x.sub_course_id is null or p.archived_at is null);
end $$;
comment on function lectern.open_lessons() is 'Published lessons the caller learns from, the same that progress counts: an archived sub-course takes its lessons along.';

create function lectern.open_attachments() returns table (o uuid, a uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 100 as $$
begin
  return query select distinct f.organization_id, f.attachment_id
    from lectern.open_lessons() x
    join lectern.lesson_attachments f on f.organization_id = x.o and f.lesson_id = x.l and f.archived_at is null;
end $$;
comment on function lectern.open_attachments() is 'Files that those lessons hand out.';

create function lectern.my_submissions() returns table (o uuid, s uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 20 as $$
declare
  mine record := lectern.me();
begin
  return query select b.organization_id, b.id from lectern.submissions b where b.organization_id = mine.o and b.person_id = mine.p;
end $$;
comment on function lectern.my_submissions() is 'The caller''s own attempts at quizzes.';

create function lectern.my_enrollments() returns table (o uuid, e uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 20 as $$
declare
  mine record := lectern.me();
begin
  return query select n.organization_id, n.id from lectern.enrollments n where n.organization_id = mine.o and n.person_id = mine.p;
end $$;
comment on function lectern.my_enrollments() is 'The caller''s own enrollments, withdrawn ones included.';

-- The token is a bound parameter and lives as long as the transaction: others on the same login can read SQL text.
create function lectern_api.open_session(token text, organization uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a session opens in a read committed transaction only' using errcode = '25001';
  end if;
  perform set_config('lectern.session', coalesce(token, ''), true),
          set_config('lectern.organization', coalesce(organization::text, ''), true);
  if lectern.person() is null then
    raise exception 'the session has ended' using errcode = '28000';
  end if;
  if organization is not null and lectern.organization_if(10) is null then
    raise exception 'no standing in this organization' using errcode = '42501';
  end if;
end $$;
comment on function lectern_api.open_session(text, uuid) is 'Opens every transaction. 28000: the token is not live. 42501: no active membership in this organization, or none such. A null organization is for what belongs to no organization.';

grant execute on function lectern.person(), lectern.organization_if(integer), lectern.writable_if(integer), lectern.me(), lectern.acting(),
  lectern.taught(text[]), lectern.taught_enrollments(text[]), lectern.taught_attachments(text[]), lectern.enrolled(), lectern.learning(),
  lectern.open_sub_courses(), lectern.open_lessons(), lectern.open_attachments(), lectern.my_submissions(), lectern.my_enrollments(),
  lectern_api.open_session(text, uuid) to lectern_app;
grant execute on function lectern.person(), lectern.me(), lectern.acting() to lectern_owner;
