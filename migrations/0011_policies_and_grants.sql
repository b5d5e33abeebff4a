-- Who may see and change which row. Every policy begins with the tenant wall, and every branch compares the row's own keys
-- with the answer of one sub-select: asking "is my rank high enough" beside "is this my organization" would let
-- set_config swap the organization between the two questions. Policies name no application role (drop owned by would drop
-- them). The staff branch is a case, because the planner then expects it to hold.
-- Owner and admin: everything of their organization. Staff: the courses they have a duty in. Learners: themselves, and what
-- is published in the courses they are enrolled in.
set local role lectern_owner;

do $$
declare
  t regclass;
begin
  for t in select oid::regclass from pg_class
            where relkind = 'r' and relnamespace in ('lectern'::regnamespace, 'lectern_auth'::regnamespace, 'lectern_audit'::regnamespace) loop
    execute format('alter table %s enable row level security', t);
    execute format('alter table %s force row level security', t);
    execute format('create policy guard on %s to lectern_guard using (true) with check (true)', t);
  end loop;
end $$;

-- Organizations and people -------------------------------------------------------------------------------------------

create policy read on lectern.organizations for select using (id = (select lectern.organization_if(10)));
-- An admin changes an open organization; only an owner archives it or brings it back.
create policy edit on lectern.organizations for update
  using (id = (select lectern.organization_if(40)))
  with check (id = (select lectern.organization_if(50)) or (id = (select lectern.writable_if(40)) and archived_at is null));

create policy read on lectern.people for select using (id = (select lectern.person()));
create policy read on lectern.profiles for select using (person_id = (select lectern.person()));

create policy read on lectern.memberships for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(20)) then true end) is not null
    or (organization_id, person_id) = (select o, p from lectern.me())));
-- Strictly lower rank, before and after; never oneself.
create policy edit on lectern.memberships for update using (
  organization_id = (select lectern.writable_if(40))
  and person_id <> (select lectern.person())
  and (role in ('instructor', 'reviewer', 'learner')
    or (organization_id = (select lectern.writable_if(50)) and role = 'admin')
    or organization_id = (select lectern.writable_if(60))));

create policy read on lectern.invitations for select using (organization_id = (select lectern.organization_if(40)));

-- Courses and their content --------------------------------------------------------------------------------------------

create policy read on lectern.courses for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))
    or (organization_id, id) in (select o, c from lectern.enrolled())));
create policy add on lectern.courses for insert with check (
  organization_id = (select lectern.writable_if(30)) and created_by = (select lectern.person()));
create policy edit on lectern.courses for update using (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, id) in (select o, c from lectern.taught('{lead,instructor}'))));

create policy read on lectern.course_staff for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, person_id) = (select o, p from lectern.me())
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))
    or (organization_id, course_id) in (select o, c from lectern.enrolled())));
create policy add on lectern.course_staff for insert with check (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead}'))));
create policy edit on lectern.course_staff for update using (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead}'))));

create policy read on lectern.sub_courses for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))
    or (published_at is not null and (organization_id, id) in (select o, s from lectern.open_sub_courses()))));
create policy read on lectern.lessons for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))
    or (organization_id, id) in (select o, l from lectern.open_lessons())));
create policy read on lectern.quizzes for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))
    or (published_at is not null and archived_at is null
      and (organization_id, course_id) in (select o, c from lectern.learning())
      and (sub_course_id is null or (organization_id, sub_course_id) in (select o, s from lectern.open_sub_courses())))));

-- Questions, options and keys are for staff alone: explanation, feedback and source tell the answer as well as the key
-- does. Learners get what they may see of a question from a guarded function.
do $$
declare
  t text;
begin
  foreach t in array array['questions', 'question_options', 'answer_keys', 'course_groups', 'revisions', 'course_counts'] loop
    execute format($f$
      create policy read on lectern.%I for select using (
        organization_id = (select lectern.organization_if(10))
        and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
          or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))))$f$, t);
  end loop;
  foreach t in array array['sub_courses', 'lessons', 'quizzes', 'questions', 'question_options', 'answer_keys', 'cohorts', 'course_groups', 'enrollments'] loop
    execute format($f$
      create policy add on lectern.%I for insert with check (
        organization_id = (select lectern.writable_if(10))
        and (organization_id = (select lectern.organization_if(40))
          or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor}'))))$f$, t);
    execute format($f$
      create policy edit on lectern.%I for update using (
        organization_id = (select lectern.writable_if(10))
        and (organization_id = (select lectern.organization_if(40))
          or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor}'))))$f$, t);
  end loop;
end $$;
-- Nobody writes under another's name.
alter policy add on lectern.lessons with check (
  organization_id = (select lectern.writable_if(10))
  and (created_by is null or created_by = (select lectern.person()))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor}'))));

create policy read on lectern.attachments for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))
    or (organization_id, id) in (select o, a from lectern.open_attachments())));
create policy read on lectern.attachment_chunks for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, attachment_id) in (select o, a from lectern.taught_attachments('{lead,instructor,assistant,reviewer}'))
    or (organization_id, attachment_id) in (select o, a from lectern.open_attachments())));
create policy read on lectern.lesson_attachments for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, attachment_id) in (select o, a from lectern.taught_attachments('{lead,instructor,assistant,reviewer}'))
    or (archived_at is null and (organization_id, lesson_id) in (select o, l from lectern.open_lessons()))));

-- Enrollments and progress ---------------------------------------------------------------------------------------------

create policy read on lectern.cohorts for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))
    or (organization_id, course_id) in (select o, c from lectern.enrolled())));
create policy read on lectern.enrollments for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, person_id) = (select o, p from lectern.me())
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))));

create policy read on lectern.course_group_members for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, enrollment_id) in (select o, e from lectern.taught_enrollments('{lead,instructor,assistant,reviewer}'))));
create policy add on lectern.course_group_members for insert with check (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, enrollment_id) in (select o, e from lectern.taught_enrollments('{lead,instructor}'))));
create policy edit on lectern.course_group_members for update using (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, enrollment_id) in (select o, e from lectern.taught_enrollments('{lead,instructor}'))));

create policy read on lectern.lesson_progress for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, enrollment_id) in (select o, e from lectern.my_enrollments())
    or (organization_id, enrollment_id) in (select o, e from lectern.taught_enrollments('{lead,instructor,assistant,reviewer}'))));
create policy add on lectern.lesson_progress for insert with check (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, enrollment_id) in (select o, e from lectern.taught_enrollments('{lead,instructor,assistant}'))));
create policy edit on lectern.lesson_progress for update using (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, enrollment_id) in (select o, e from lectern.taught_enrollments('{lead,instructor,assistant}'))));

create policy read on lectern.submissions for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, person_id) = (select o, p from lectern.me())
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))));
create policy read on lectern.answers for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, submission_id) in (select o, s from lectern.my_submissions())
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))));

-- Bulk changes and history -----------------------------------------------------------------------------------------------

create policy read on lectern.external_ids for select using (organization_id = (select lectern.organization_if(40)));
create policy add on lectern.external_ids for insert with check (organization_id = (select lectern.writable_if(40)));
create policy read on lectern.change_sets for select using (organization_id = (select lectern.organization_if(40)));
create policy add on lectern.change_sets for insert with check (
  organization_id = (select lectern.writable_if(40)) and person_id = (select lectern.person()));
create policy edit on lectern.change_sets for update using (organization_id = (select lectern.writable_if(40)));
create policy read on lectern.change_set_rows for select using (organization_id = (select lectern.organization_if(40)));
create policy add on lectern.change_set_rows for insert with check (organization_id = (select lectern.writable_if(40)));
create policy edit on lectern.change_set_rows for update using (organization_id = (select lectern.writable_if(40)));
-- Also in an archived organization: bringing it back is an operation.
create policy read on lectern.operations for select using (
  organization_id = (select lectern.organization_if(10)) and (organization_id, person_id) = (select o, p from lectern.acting()));
create policy add on lectern.operations for insert with check (
  organization_id = (select lectern.organization_if(10)) and (organization_id, person_id) = (select o, p from lectern.acting()));
create policy edit on lectern.operations for update using (
  organization_id = (select lectern.organization_if(10)) and (organization_id, person_id) = (select o, p from lectern.acting()));

create policy read on lectern_audit.entries for select using (organization_id = (select lectern.organization_if(40)));

-- Grants: columns only. A table-level update or delete would also allow lock table in access exclusive mode; keys are never
-- granted for update, so no row changes its organization, course or person. version, updated_at, seq, progress and the
-- counts are written by triggers. Nobody deletes.
grant select on
  lectern.organizations, lectern.people, lectern.profiles, lectern.memberships, lectern.invitations,
  lectern.courses, lectern.course_staff, lectern.sub_courses, lectern.lessons, lectern.attachments, lectern.attachment_chunks, lectern.lesson_attachments,
  lectern.cohorts, lectern.enrollments, lectern.course_groups, lectern.course_group_members, lectern.lesson_progress, lectern.course_counts,
  lectern.quizzes, lectern.questions, lectern.question_options, lectern.answer_keys, lectern.submissions, lectern.answers,
  lectern.external_ids, lectern.change_sets, lectern.change_set_rows, lectern.revisions, lectern.operations to lectern_app;
grant select (id, at, organization_id, actor_id, verb, table_name, row_id, before, after) on lectern_audit.entries to lectern_app;

grant update (name, slug, description, branding, time_zone, locale, archived_at) on lectern.organizations to lectern_app;
grant update (name, role, is_active, archived_at) on lectern.memberships to lectern_app;

grant insert (organization_id, id, title, description, level, category, tags, price_cents, thumbnail, status, enrollment_open, available_from, available_until, published_at, created_by),
      update (title, description, level, category, tags, price_cents, thumbnail, status, enrollment_open, available_from, available_until, published_at, archived_at)
   on lectern.courses to lectern_app;
grant insert (organization_id, id, course_id, person_id, duty), update (duty, archived_at) on lectern.course_staff to lectern_app;
grant insert (organization_id, id, course_id, title, description, position, published_at), update (title, description, position, published_at, archived_at) on lectern.sub_courses to lectern_app;
grant insert (organization_id, id, course_id, sub_course_id, title, position, duration_minutes, video, document, markdown, html, plain_text, published_at, created_by),
      update (sub_course_id, title, position, duration_minutes, video, document, markdown, html, plain_text, published_at, published_revision_id, archived_at)
   on lectern.lessons to lectern_app;
grant insert (organization_id, id, course_id, sub_course_id, title, description, position, time_limit_minutes, max_attempts, passing_score, published_at),
      update (sub_course_id, title, description, position, time_limit_minutes, max_attempts, passing_score, published_at, archived_at)
   on lectern.quizzes to lectern_app;
grant insert (organization_id, id, course_id, quiz_id, kind, prompt, points_hundredths, explanation, feedback, source, position),
      update (kind, prompt, points_hundredths, explanation, feedback, position, archived_at)
   on lectern.questions to lectern_app;
grant insert (organization_id, id, course_id, question_id, label, feedback, position), update (label, feedback, position, archived_at) on lectern.question_options to lectern_app;
grant insert (organization_id, id, course_id, question_id, option_id, accepted_text, accepted_number, tolerance, weight_percent),
      update (option_id, accepted_text, accepted_number, tolerance, weight_percent, archived_at)
   on lectern.answer_keys to lectern_app;

grant insert (organization_id, id, course_id, name, starts_on, ends_on, time_zone, capacity, status), update (name, starts_on, ends_on, time_zone, capacity, status, archived_at) on lectern.cohorts to lectern_app;
grant insert (organization_id, id, course_id, person_id, cohort_id, enrolled_at), update (cohort_id, withdrawn_at) on lectern.enrollments to lectern_app;
grant insert (organization_id, id, course_id, name), update (name, archived_at) on lectern.course_groups to lectern_app;
grant insert (organization_id, group_id, enrollment_id), update (archived_at) on lectern.course_group_members to lectern_app;
grant insert (organization_id, enrollment_id, lesson_id, completed_at, minutes), update (completed_at, minutes) on lectern.lesson_progress to lectern_app;

grant insert (organization_id, source, kind, external_id, internal_id) on lectern.external_ids to lectern_app;
grant insert (organization_id, id, kind, summary, counts, person_id), update (undone_at) on lectern.change_sets to lectern_app;
grant insert (organization_id, change_set_id, number, verb, table_name, row_id, before, after, reason), update (undone) on lectern.change_set_rows to lectern_app;
grant insert (organization_id, id, person_id, result), update (result) on lectern.operations to lectern_app;

alter table lectern.change_set_rows add constraint change_set_rows_table_name_length check (length(table_name) between 1 and 63);

-- Whoever writes without saying so writes as themselves.
alter table lectern.courses alter column created_by set default lectern.person();
alter table lectern.lessons alter column created_by set default lectern.person();
alter table lectern.change_sets alter column person_id set default lectern.person();
alter table lectern.operations alter column person_id set default lectern.person();

-- An instructor who creates a course leads it, from the same statement on. Until then no policy shows it to them, so their
-- insert must not ask for returning.
grant insert on lectern.course_staff to lectern_guard;
set local role lectern_guard;
create function lectern_auth.lead_own_course() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  mine record := lectern.me();
begin
  if lectern.writable_if(40) is null then
    insert into lectern.course_staff (organization_id, id, course_id, person_id, duty)
      select n.organization_id, gen_random_uuid(), n.id, mine.p, 'lead'
        from new_rows n
       where n.organization_id = mine.o and n.created_by = mine.p;
  end if;
  return null;
end $$;
grant execute on function lectern_auth.lead_own_course() to lectern_owner;
set local role lectern_owner;
grant usage on schema lectern_auth to lectern_owner;
create trigger lead_own_course after insert on lectern.courses referencing new table as new_rows
  for each statement execute function lectern_auth.lead_own_course();

-- No writes in an archived organization, its own row included: bringing it back comes first.
create function lectern.refuse_archived() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'the organization is archived' using errcode = '42501', constraint = 'organization_is_archived';
end $$;
create trigger refuse_archived before update on lectern.organizations for each row
  when (old.archived_at is not null and new.archived_at is not null and pg_has_role(current_user, 'lectern_app', 'usage') and not pg_has_role(current_user, 'lectern_owner', 'usage'))
  execute function lectern.refuse_archived();
