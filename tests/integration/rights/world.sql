-- Two organizations of the same shape with different people in the same places, and a third that is archived.
-- An id is 00000000-0000-7000-8000-OOKKNNNNNNNN: organization (aa North, bb South, cc Attic, 00 people), kind, number.
create function pg_temp.i(organization text, kind text, number integer) returns uuid language sql as $$
  select ('00000000-0000-7000-8000-'
    || case organization when 'N' then 'aa' when 'S' then 'bb' when 'A' then 'cc' else '00' end
    || lpad(array_position(array['organization', 'person', 'membership', 'course', 'staff', 'sub_course', 'lesson', 'attachment', 'cohort', 'group',
         'enrollment', 'quiz', 'question', 'option', 'key', 'submission', 'answer', 'change_set', 'revision', 'operation', 'invitation', 'new', 'card', 'push', 'approval'], kind)::text, 2, '0')
    || lpad(number::text, 8, '0'))::uuid
$$;
create function pg_temp.p(name text) returns uuid language sql as $$
  select pg_temp.i('p', 'person', array_position(array['business', 'owner', 'admin', 'lead', 'instructor', 'assistant', 'reviewer', 'idle', 'second', 'learner',
    'peer', 'demoted', 'disabled', 'gone', 'off', 'south_owner', 'south_lead', 'nobody', 'both', 'chief'], name))
$$;

insert into lectern.people (id, email, name, platform_role, is_active)
  select pg_temp.p(n), n || '@example.org', initcap(n), case when n in ('business', 'chief') then 'business_owner' else 'student' end, n <> 'off'
    from unnest(array['business', 'owner', 'admin', 'lead', 'instructor', 'assistant', 'reviewer', 'idle', 'second', 'learner',
                      'peer', 'demoted', 'disabled', 'gone', 'off', 'south_owner', 'south_lead', 'nobody', 'both', 'chief']) n;
insert into lectern.profiles (person_id, phone) select id, '+49 30 1000' from lectern.people;
insert into lectern_auth.sessions (token_hash, person_id, expires_at)
  select sha256(convert_to(encode(sha256(convert_to('token of ' || lower(name), 'UTF8')), 'hex'), 'UTF8')), id, now() + interval '1 hour' from lectern.people;
insert into lectern_auth.credentials (person_id, scheme, salt, memory_kib, passes, lanes, stored_key, server_key)
  select id, 'argon2id', lectern_auth.salt(email), 65536, 3, 1, sha256(ext.hmac('Client Key', convert_to('salted ' || lower(name), 'UTF8'), 'sha256')),
         ext.hmac('Server Key', convert_to('salted ' || lower(name), 'UTF8'), 'sha256') from lectern.people;

create procedure pg_temp.furnish(g text, slug text, lead text, learner text, peer text, author text) language plpgsql as $$
declare
  o uuid := pg_temp.i(g, 'organization', 1);
  n integer;
begin
  insert into lectern.invitations (organization_id, id, email, role, expires_at) values (o, pg_temp.i(g, 'invitation', 1), 'guest@example.org', 'learner', now() + interval '7 days');
  for n in 1..3 loop
    insert into lectern.courses (organization_id, id, title, status, published_at)
      values (o, pg_temp.i(g, 'course', n), slug || ' secret course ' || n, case when n = 3 then 'draft' else 'active' end, case when n = 3 then null else now() end);
    insert into lectern.course_counts (organization_id, course_id) values (o, pg_temp.i(g, 'course', n)) on conflict do nothing;
  end loop;
  insert into lectern.course_staff (organization_id, id, course_id, person_id, duty) values (o, pg_temp.i(g, 'staff', 1), pg_temp.i(g, 'course', 1), pg_temp.p(lead), 'lead');
  insert into lectern.sub_courses (organization_id, id, course_id, title, position, published_at) values
    (o, pg_temp.i(g, 'sub_course', 1), pg_temp.i(g, 'course', 1), slug || ' secret part', 'a', now()),
    (o, pg_temp.i(g, 'sub_course', 2), pg_temp.i(g, 'course', 1), slug || ' secret unpublished part', 'b', null),
    (o, pg_temp.i(g, 'sub_course', 3), pg_temp.i(g, 'course', 2), slug || ' secret part', 'a', now()),
    (o, pg_temp.i(g, 'sub_course', 4), pg_temp.i(g, 'course', 1), slug || ' secret archived part', 'c', now());
  update lectern.sub_courses set archived_at = now() where organization_id = o and id = pg_temp.i(g, 'sub_course', 4);
  -- Open ones are 1, 3 and 4 of course 1, and 6 of course 2.
  insert into lectern.lessons (organization_id, id, course_id, sub_course_id, title, position, markdown, published_at, archived_at) values
    (o, pg_temp.i(g, 'lesson', 1), pg_temp.i(g, 'course', 1), null, slug || ' secret lesson', 'a', slug || ' secret text', now(), null),
    (o, pg_temp.i(g, 'lesson', 2), pg_temp.i(g, 'course', 1), null, slug || ' secret unpublished', 'b', '', null, null),
    (o, pg_temp.i(g, 'lesson', 3), pg_temp.i(g, 'course', 1), pg_temp.i(g, 'sub_course', 1), slug || ' secret lesson', 'a', '', now(), null),
    (o, pg_temp.i(g, 'lesson', 4), pg_temp.i(g, 'course', 1), pg_temp.i(g, 'sub_course', 2), slug || ' secret lesson', 'a', '', now(), null),
    (o, pg_temp.i(g, 'lesson', 5), pg_temp.i(g, 'course', 1), null, slug || ' secret archived', 'c', '', now(), now()),
    (o, pg_temp.i(g, 'lesson', 6), pg_temp.i(g, 'course', 2), null, slug || ' secret lesson', 'a', '', now(), null),
    (o, pg_temp.i(g, 'lesson', 7), pg_temp.i(g, 'course', 3), null, slug || ' secret in draft', 'a', '', now(), null),
    (o, pg_temp.i(g, 'lesson', 8), pg_temp.i(g, 'course', 1), pg_temp.i(g, 'sub_course', 4), slug || ' secret in archived part', 'a', '', now(), null);
  for n in 1..3 loop
    insert into lectern.attachments (organization_id, id, course_id, sha256, file_name, media_type, byte_size)
      values (o, pg_temp.i(g, 'attachment', n), pg_temp.i(g, 'course', case n when 3 then 2 else 1 end), sha256(convert_to(n::text, 'UTF8')), slug || ' secret.pdf', 'application/pdf', 6);
    insert into lectern.attachment_chunks (organization_id, attachment_id, number, content) values (o, pg_temp.i(g, 'attachment', n), 0, 'secret');
    insert into lectern.lesson_attachments (organization_id, lesson_id, attachment_id, position)
      values (o, pg_temp.i(g, 'lesson', case n when 3 then 6 else n end), pg_temp.i(g, 'attachment', n), 'a');
  end loop;
  update lectern.attachments set completed_at = now() where organization_id = o;
  -- Two are still on their way.
  insert into lectern.attachments (organization_id, id, course_id, sha256, file_name, media_type, byte_size)
    values (o, pg_temp.i(g, 'attachment', 4), pg_temp.i(g, 'course', 1), sha256('4'), slug || ' secret on its way.pdf', 'application/pdf', 6),
           (o, pg_temp.i(g, 'attachment', 5), pg_temp.i(g, 'course', 2), sha256('5'), slug || ' secret on its way.pdf', 'application/pdf', 6);
  insert into lectern.lesson_attachments (organization_id, lesson_id, attachment_id, position, archived_at)
    values (o, pg_temp.i(g, 'lesson', 1), pg_temp.i(g, 'attachment', 2), 'b', now());
  for n in 1..2 loop
    insert into lectern.cohorts (organization_id, id, course_id, name) values (o, pg_temp.i(g, 'cohort', n), pg_temp.i(g, 'course', n), slug || ' secret cohort');
    insert into lectern.course_groups (organization_id, id, course_id, name) values (o, pg_temp.i(g, 'group', n), pg_temp.i(g, 'course', n), slug || ' secret group');
  end loop;
  insert into lectern.enrollments (organization_id, id, course_id, person_id, withdrawn_at) values
    (o, pg_temp.i(g, 'enrollment', 1), pg_temp.i(g, 'course', 1), pg_temp.p(learner), null),
    (o, pg_temp.i(g, 'enrollment', 2), pg_temp.i(g, 'course', 1), pg_temp.p(peer), null),
    (o, pg_temp.i(g, 'enrollment', 3), pg_temp.i(g, 'course', 2), pg_temp.p(peer), null),
    (o, pg_temp.i(g, 'enrollment', 4), pg_temp.i(g, 'course', 2), pg_temp.p(learner), now()),
    (o, pg_temp.i(g, 'enrollment', 5), pg_temp.i(g, 'course', 3), pg_temp.p(learner), null);
  insert into lectern.course_group_members (organization_id, group_id, enrollment_id) values
    (o, pg_temp.i(g, 'group', 1), pg_temp.i(g, 'enrollment', 1)), (o, pg_temp.i(g, 'group', 2), pg_temp.i(g, 'enrollment', 3));
  insert into lectern.lesson_progress (organization_id, enrollment_id, lesson_id, completed_at) values
    (o, pg_temp.i(g, 'enrollment', 1), pg_temp.i(g, 'lesson', 1), now()), (o, pg_temp.i(g, 'enrollment', 2), pg_temp.i(g, 'lesson', 1), now()),
    (o, pg_temp.i(g, 'enrollment', 3), pg_temp.i(g, 'lesson', 6), now());
  insert into lectern.quizzes (organization_id, id, course_id, sub_course_id, title, position, published_at) values
    (o, pg_temp.i(g, 'quiz', 1), pg_temp.i(g, 'course', 1), null, slug || ' secret quiz', 'a', now()),
    (o, pg_temp.i(g, 'quiz', 2), pg_temp.i(g, 'course', 1), null, slug || ' secret quiz unpublished', 'b', null),
    (o, pg_temp.i(g, 'quiz', 3), pg_temp.i(g, 'course', 2), null, slug || ' secret quiz', 'a', now()),
    (o, pg_temp.i(g, 'quiz', 4), pg_temp.i(g, 'course', 1), pg_temp.i(g, 'sub_course', 2), slug || ' secret quiz', 'a', now()),
    (o, pg_temp.i(g, 'quiz', 5), pg_temp.i(g, 'course', 1), null, slug || ' secret archived quiz', 'c', now()),
    (o, pg_temp.i(g, 'quiz', 6), pg_temp.i(g, 'course', 3), null, slug || ' secret quiz in draft', 'a', now()),
    (o, pg_temp.i(g, 'quiz', 7), pg_temp.i(g, 'course', 1), pg_temp.i(g, 'sub_course', 4), slug || ' secret quiz in archived part', 'a', now());
  update lectern.quizzes set archived_at = now() where organization_id = o and id = pg_temp.i(g, 'quiz', 5);
  for n in 1..2 loop
    insert into lectern.questions (organization_id, id, course_id, quiz_id, kind, prompt, explanation, position)
      values (o, pg_temp.i(g, 'question', n), pg_temp.i(g, 'course', n), pg_temp.i(g, 'quiz', n * 2 - 1), 'multiple_choice', slug || ' secret question', 'the first, because', 'a');
    insert into lectern.question_options (organization_id, id, course_id, question_id, label, position) values
      (o, pg_temp.i(g, 'option', n * 2 - 1), pg_temp.i(g, 'course', n), pg_temp.i(g, 'question', n), 'first', 'a'),
      (o, pg_temp.i(g, 'option', n * 2), pg_temp.i(g, 'course', n), pg_temp.i(g, 'question', n), 'second', 'b');
    insert into lectern.answer_keys (organization_id, id, course_id, question_id, option_id)
      values (o, pg_temp.i(g, 'key', n), pg_temp.i(g, 'course', n), pg_temp.i(g, 'question', n), pg_temp.i(g, 'option', n * 2 - 1));
  end loop;
  insert into lectern.submissions (organization_id, id, course_id, quiz_id, enrollment_id, person_id, attempt) values
    (o, pg_temp.i(g, 'submission', 1), pg_temp.i(g, 'course', 1), pg_temp.i(g, 'quiz', 1), pg_temp.i(g, 'enrollment', 1), pg_temp.p(learner), 1),
    (o, pg_temp.i(g, 'submission', 2), pg_temp.i(g, 'course', 1), pg_temp.i(g, 'quiz', 1), pg_temp.i(g, 'enrollment', 2), pg_temp.p(peer), 1),
    (o, pg_temp.i(g, 'submission', 3), pg_temp.i(g, 'course', 2), pg_temp.i(g, 'quiz', 3), pg_temp.i(g, 'enrollment', 3), pg_temp.p(peer), 1);
  for n in 1..3 loop
    insert into lectern.answers (organization_id, id, course_id, submission_id, question_id, response)
      values (o, pg_temp.i(g, 'answer', n), pg_temp.i(g, 'course', case n when 3 then 2 else 1 end), pg_temp.i(g, 'submission', n), pg_temp.i(g, 'question', case n when 3 then 2 else 1 end), slug || ' secret answer');
  end loop;
  insert into lectern.external_ids (organization_id, source, kind, external_id, internal_id) values (o, 'old', 'course', slug || ' secret id', pg_temp.i(g, 'course', 1));
  insert into lectern.change_sets (organization_id, id, kind, summary, person_id) values (o, pg_temp.i(g, 'change_set', 1), 'import', slug || ' secret import', pg_temp.p(author));
  insert into lectern.change_set_rows (organization_id, change_set_id, number, verb, table_name, row_id) values (o, pg_temp.i(g, 'change_set', 1), 1, 'create', 'courses', pg_temp.i(g, 'course', 1));
  for n in 1..2 loop
    insert into lectern.revisions (organization_id, id, course_id, lesson_id, is_key_frame, content, content_hash, seq)
      values (o, pg_temp.i(g, 'revision', n), pg_temp.i(g, 'course', n), pg_temp.i(g, 'lesson', case n when 1 then 1 else 6 end), true, 'secret', sha256('secret'), 1);
  end loop;
  for n in 1..2 loop
    insert into lectern.merge_cards (organization_id, id, course_id, table_name, row_id, field, kind, head, local)
      values (o, pg_temp.i(g, 'card', n), pg_temp.i(g, 'course', n), 'lessons', pg_temp.i(g, 'lesson', 1), 'title', 'field', '"secret title"', '"secret other"');
  end loop;
  insert into lectern.approvals (organization_id, id, course_id, lesson_id, revision_id, note, asked_by) values
    (o, pg_temp.i(g, 'approval', 1), pg_temp.i(g, 'course', 1), pg_temp.i(g, 'lesson', 1), pg_temp.i(g, 'revision', 1), slug || ' secret note', pg_temp.p(lead)),
    (o, pg_temp.i(g, 'approval', 2), pg_temp.i(g, 'course', 2), pg_temp.i(g, 'lesson', 6), pg_temp.i(g, 'revision', 2), slug || ' secret note', pg_temp.p(author));
  update lectern.quizzes set title = slug || ' secret new name' where organization_id = o and id in (pg_temp.i(g, 'quiz', 1), pg_temp.i(g, 'quiz', 3));
  -- Somebody who teaches there no longer has their receipts.
  insert into lectern.pushes (organization_id, course_id, seq, push_id, chain, person_id, receipt)
    values (o, pg_temp.i(g, 'course', 3), 90, pg_temp.i(g, 'push', 1), sha256('secret'), pg_temp.p(lead), '["secret"]');
  insert into lectern.operations (organization_id, id, person_id, result) values
    (o, pg_temp.i(g, 'operation', 1), pg_temp.p(author), '{"secret": true}'), (o, pg_temp.i(g, 'operation', 2), pg_temp.p(lead), '{"secret": true}'),
    (o, pg_temp.i(g, 'operation', 3), pg_temp.p(learner), '{"secret": true}');
end $$;

insert into lectern.organizations (id, name, slug) values
  (pg_temp.i('N', 'organization', 1), 'North', 'north'), (pg_temp.i('S', 'organization', 1), 'South', 'south'), (pg_temp.i('A', 'organization', 1), 'Attic', 'attic');

insert into lectern.memberships (organization_id, id, person_id, role, is_active, archived_at, name, email)
  select pg_temp.i(g, 'organization', 1), pg_temp.i(g, 'membership', row_number() over (order by g, n)::integer), pg_temp.p(n), r, n <> 'disabled', case n when 'gone' then now() end,
         initcap(n) || ' of ' || g, n || '@example.org'
    from (values ('N', 'owner', 'owner'), ('N', 'admin', 'admin'), ('N', 'lead', 'instructor'), ('N', 'instructor', 'instructor'), ('N', 'assistant', 'reviewer'),
                 ('N', 'reviewer', 'reviewer'), ('N', 'idle', 'instructor'), ('N', 'second', 'instructor'), ('N', 'learner', 'learner'), ('N', 'peer', 'learner'),
                 ('N', 'demoted', 'learner'), ('N', 'disabled', 'admin'), ('N', 'gone', 'admin'), ('N', 'off', 'admin'), ('N', 'both', 'learner'), ('N', 'chief', 'learner'),
                 ('S', 'south_owner', 'owner'), ('S', 'south_lead', 'instructor'), ('S', 'admin', 'learner'), ('S', 'lead', 'learner'), ('S', 'both', 'learner'),
                 ('A', 'owner', 'owner'), ('A', 'admin', 'admin'), ('A', 'lead', 'instructor'), ('A', 'learner', 'learner')) m(g, n, r);

call pg_temp.furnish('N', 'north', 'lead', 'learner', 'peer', 'admin');
call pg_temp.furnish('S', 'south', 'south_lead', 'admin', 'lead', 'south_owner');
call pg_temp.furnish('A', 'attic', 'lead', 'learner', 'admin', 'owner');

insert into lectern.course_staff (organization_id, id, course_id, person_id, duty, archived_at) values
  (pg_temp.i('N', 'organization', 1), pg_temp.i('N', 'staff', 2), pg_temp.i('N', 'course', 1), pg_temp.p('instructor'), 'instructor', null),
  (pg_temp.i('N', 'organization', 1), pg_temp.i('N', 'staff', 3), pg_temp.i('N', 'course', 1), pg_temp.p('assistant'), 'assistant', null),
  (pg_temp.i('N', 'organization', 1), pg_temp.i('N', 'staff', 4), pg_temp.i('N', 'course', 1), pg_temp.p('reviewer'), 'reviewer', null),
  (pg_temp.i('N', 'organization', 1), pg_temp.i('N', 'staff', 5), pg_temp.i('N', 'course', 1), pg_temp.p('demoted'), 'lead', null),
  (pg_temp.i('N', 'organization', 1), pg_temp.i('N', 'staff', 6), pg_temp.i('N', 'course', 2), pg_temp.p('second'), 'lead', null),
  (pg_temp.i('N', 'organization', 1), pg_temp.i('N', 'staff', 7), pg_temp.i('N', 'course', 1), pg_temp.p('idle'), 'lead', now());

update lectern.organizations set archived_at = now() where slug = 'attic';
update lectern_auth.sessions set proved_at = now() - interval '1 hour' where person_id = pg_temp.p('both');
insert into lectern_audit.entries (organization_id, verb, table_name, row_id) select id, 'insert', 'organizations', id from lectern.organizations;
analyze;
