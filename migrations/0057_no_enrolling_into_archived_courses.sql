-- Nobody is enrolled, or enrolled again, into an archived course, whoever asks and by whatever program. A course that is a
-- draft or disabled takes enrollments: people are prepared for what opens later. Closing enrollment is for
-- learners who would enroll themselves. Whoever owns the tables may bring old courses along as they were.
set local role lectern_guard;

create function lectern.refuse_archived_course() returns trigger
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    if exists (select from lectern.courses k
                where (k.organization_id, k.id) in (select n.organization_id, n.course_id from new_rows n) and k.archived_at is not null) then
      raise exception 'the course is archived' using errcode = '23514', constraint = 'enrollments_course_archived', table = 'enrollments';
    end if;
  elsif exists (select from lectern.courses k
                 where (k.organization_id, k.id) in
                       (select n.organization_id, n.course_id from new_rows n
                          join old_rows o on o.organization_id = n.organization_id and o.id = n.id
                         where o.withdrawn_at is not null and n.withdrawn_at is null)
                   and k.archived_at is not null) then
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
