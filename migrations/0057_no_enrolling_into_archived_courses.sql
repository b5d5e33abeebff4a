-- Nobody is enrolled, or enrolled again, into an archived course, whoever asks and by whatever program. A course that is a
-- draft or disabled takes enrollments: people are prepared for what opens later. Closing enrollment is for
-- learners who would enroll themselves. Whoever owns the tables may bring old courses along as they were.
set local role lectern_guard;

-- Rows before and after are compared as sets: a join of the two, planned while one row changed, is quadratic for thousands.
create function lectern.refuse_archived_course() returns trigger
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  refused boolean;
begin
  if tg_op = 'INSERT' then
    refused := exists (select from (select distinct n.organization_id, n.course_id from new_rows n) x
                         join lectern.courses k on k.organization_id = x.organization_id and k.id = x.course_id
                        where k.archived_at is not null);
  else
    refused := exists (select from (select distinct y.organization_id, y.course_id
                                      from (select n.organization_id, n.id, n.course_id from new_rows n where n.withdrawn_at is null
                                            except
                                            select o.organization_id, o.id, o.course_id from old_rows o where o.withdrawn_at is null) y) x
                         join lectern.courses k on k.organization_id = x.organization_id and k.id = x.course_id
                        where k.archived_at is not null);
  end if;
  if refused then
    raise exception 'the course is archived' using errcode = '23514', constraint = 'enrollments_course_archived', table = 'enrollments';
  end if;
  return null;
end $$;
grant execute on function lectern.refuse_archived_course() to lectern_owner;

set local role lectern_owner;
create trigger refuse_archived_course_insert after insert on lectern.enrollments referencing new table as new_rows for each statement
  when (pg_has_role(current_user, 'lectern_app', 'usage') and not pg_has_role(current_user, 'lectern_owner', 'usage'))
  execute function lectern.refuse_archived_course();
create trigger refuse_archived_course_update after update on lectern.enrollments referencing old table as old_rows new table as new_rows for each statement
  when (pg_has_role(current_user, 'lectern_app', 'usage') and not pg_has_role(current_user, 'lectern_owner', 'usage'))
  execute function lectern.refuse_archived_course();

comment on column lectern.courses.enrollment_open is 'Whether learners may enroll themselves. Those who manage or teach the course may enroll others either way.';
