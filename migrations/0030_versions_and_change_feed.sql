-- Every change of an editable row renews its version and the moment of its change; content of a course also takes the next
-- number of the course's change feed.
set local role lectern_owner;

alter table lectern.courses add column seq_xid xid8;
comment on column lectern.courses.seq_xid is 'The transaction that took seq: all rows it writes in this course share the number, so readers see them together or not at all.';

grant update (seq, seq_xid, updated_at) on lectern.courses to lectern_guard;

set local role lectern_guard;

create function lectern.touch() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  new.updated_at := now();
  new.version := gen_random_uuid();
  return new;
end $$;

-- The course's row is locked by taking its number, so numbers become visible in their order, whoever writes. The moment is
-- compared too: transaction ids start anew on a server this database is restored to.
create function lectern.take_seq() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' then
    new.updated_at := now();
    new.version := gen_random_uuid();
  end if;
  update lectern.courses c set seq = c.seq + 1, seq_xid = pg_current_xact_id(), updated_at = now()
   where c.organization_id = new.organization_id and c.id = new.course_id
     and (c.seq_xid is distinct from pg_current_xact_id() or c.updated_at <> now())
  returning c.seq into new.seq;
  if new.seq is null then
    select c.seq into new.seq from lectern.courses c where c.organization_id = new.organization_id and c.id = new.course_id;
  end if;
  new.seq := coalesce(new.seq, 0); -- no such course: the foreign key says so
  return new;
end $$;

grant execute on function lectern.touch(), lectern.take_seq() to lectern_owner;

set local role lectern_owner;

do $$
declare
  t text;
begin
  foreach t in array array['organizations', 'people', 'memberships', 'invitations', 'course_staff', 'cohorts', 'course_groups', 'profiles'] loop
    execute format('create trigger touch before update on lectern.%I for each row execute function lectern.touch()', t);
  end loop;
  foreach t in array array['sub_courses', 'lessons', 'quizzes', 'questions', 'question_options', 'answer_keys'] loop
    execute format('create trigger take_seq before insert or update on lectern.%I for each row execute function lectern.take_seq()', t);
  end loop;
end $$;

-- A course keeps its version while its content is written, an enrollment while its person learns: whoever has either open
-- to change it is not told that somebody else did.
create trigger touch before update on lectern.courses for each row when (old.seq = new.seq) execute function lectern.touch();
create trigger touch before update on lectern.enrollments for each row
  when (old.withdrawn_at is distinct from new.withdrawn_at or old.cohort_id is distinct from new.cohort_id or old.enrolled_at <> new.enrolled_at)
  execute function lectern.touch();

-- What triggers derive (a course's number, an enrollment's progress) is not audited; the write that led to it is.
drop trigger audit_update on lectern.courses;
create trigger audit_update after update on lectern.courses referencing old table as old_rows new table as new_rows
  for each statement when (pg_trigger_depth() = 0) execute function lectern_audit.record('id', '', '');
drop trigger audit_update on lectern.enrollments;
create trigger audit_update after update on lectern.enrollments referencing old table as old_rows new table as new_rows
  for each statement when (pg_trigger_depth() = 0) execute function lectern_audit.record('id', '', '');
