-- Attacks as the application's login, each with what must come of it:
--   #  who@where  outcome  what is tried
-- who@where: the person whose token and organization are set (raw: nothing set, no transaction, statement by statement).
-- Outcomes: nothing (no row seen or touched), refused (a policy), denied (no privilege), forbidden (a guarded function), or
-- the SQLSTATE of the refusal, a/b where servers differ. Anything else fails the test,
-- and so does a word of another's data in an error. Where an attack got through nothing at all may be different afterwards.

---- Swapping the organization inside one statement: admin is an admin in North and a learner in South.
#  admin@S  nothing  reads South with North's rank: in the where
select 1 from lectern.enrollments where set_config('lectern.organization', {N.organization.1}, true) is not null and organization_id = {S.organization.1} and person_id <> {p.admin}
#  admin@S  nothing  … beside it
with swapped as materialized (select set_config('lectern.organization', {N.organization.1}, true)) select 1 from swapped, lectern.enrollments where organization_id = {S.organization.1} and person_id <> {p.admin}
#  admin@S  nothing  … in a sub-select
select 1 from lectern.enrollments where (select set_config('lectern.organization', {N.organization.1}, true)) is not null and organization_id = {S.organization.1} and person_id <> {p.admin}
#  admin@S  nothing  … in the columns of a sub-query
select 1 from (select organization_id, person_id, set_config('lectern.organization', {N.organization.1}, true) from lectern.memberships offset 0) x where organization_id = {S.organization.1} and person_id <> {p.admin}
#  admin@S  nothing  … laterally
select 1 from (select set_config('lectern.organization', {N.organization.1}, true) as s offset 0) x, lateral (select * from lectern.memberships where x.s is not null) y where y.organization_id = {S.organization.1} and y.person_id <> {p.admin}
#  admin@S  nothing  … in order by
select 1 from (select * from lectern.memberships order by set_config('lectern.organization', {N.organization.1}, true), id offset 0) y where y.organization_id = {S.organization.1} and y.person_id <> {p.admin}
#  admin@S  nothing  … in limit
select 1 from (select * from lectern.memberships limit (select length(set_config('lectern.organization', {N.organization.1}, true)))) y where y.organization_id = {S.organization.1} and y.person_id <> {p.admin}
#  admin@S  nothing  … back and forth at each row
select 1 from lectern.lessons where set_config('lectern.organization', case when random() < 0.5 then {N.organization.1} else {S.organization.1} end, true) is not null and organization_id = {S.organization.1} and published_at is null
#  admin@S  nothing  … back and forth in a recursion
with recursive r(n, s) as (select 1, '' union all select n + 1, set_config('lectern.organization', case n % 2 when 0 then {N.organization.1} else {S.organization.1} end, true) from r where n < 20) select 1 from r, lateral (select * from lectern.enrollments where r.n > 0) e where e.organization_id = {S.organization.1} and e.person_id <> {p.admin}
#  admin@S  nothing  … by opening the session again
select 1 from lectern.enrollments, lectern_api.open_session({token.admin}, {N.organization.1}) where organization_id = {S.organization.1} and person_id <> {p.admin}
#  admin@S  nothing  … between two scans of one statement
select 1 from lectern.courses a cross join lateral (select set_config('lectern.organization', {N.organization.1}, true)) s(x) cross join lateral (select c.* from lectern.course_staff c where s.x is not null) c where c.organization_id = {S.organization.1} and c.course_id = {S.course.2}
#  admin@N  nothing  reads South while standing in North
select 1 from lectern.enrollments where organization_id = {S.organization.1}
#  admin@N  nothing  … and swapping to South
select 1 from lectern.enrollments where set_config('lectern.organization', {S.organization.1}, true) is not null and organization_id = {S.organization.1} and person_id <> {p.admin}
#  admin@N  nothing  reads South's keys while swapping
select 1 from lectern.answer_keys where set_config('lectern.organization', {S.organization.1}, true) is not null and organization_id = {S.organization.1}
#  admin@N  nothing  runs a statement prepared in North in South
prepare attack as select 1 from lectern.enrollments where person_id <> {p.admin}; select set_config('lectern.organization', {S.organization.1}, true); execute attack
#  admin@N  nothing  … with a plan that is kept
set local plan_cache_mode = force_generic_plan; prepare kept as select 1 from lectern.memberships where person_id <> {p.admin}; execute kept; select set_config('lectern.organization', {S.organization.1}, true); execute kept
#  admin@S  nothing  … through a cursor opened in South
declare attack cursor for select 1 from lectern.enrollments where person_id <> {p.admin}; select set_config('lectern.organization', {N.organization.1}, true); select 1 where false; move 0 in attack; select set_config('lectern.organization', {S.organization.1}, true); fetch all from attack
#  admin@S  nothing  … in parallel workers
set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0; set local min_parallel_table_scan_size = 0; select 1 from lectern.lessons where published_at is null
#  admin@S  refused  adds a course to South with North's rank
insert into lectern.courses (organization_id, id, title) select {S.organization.1}, {S.new.1}, 'x' || length(set_config('lectern.organization', {N.organization.1}, true))
#  admin@N  refused  … the other way round
insert into lectern.courses (organization_id, id, title) select {S.organization.1}, {S.new.1}, 'x' || length(set_config('lectern.organization', {S.organization.1}, true))
#  admin@S  refused  … by a default that swaps first
insert into lectern.external_ids (organization_id, source, kind, external_id, internal_id) values ({S.organization.1}, set_config('lectern.organization', {N.organization.1}, true), 'course', 'x', {S.course.1})
#  admin@S  nothing  withdraws a fellow learner in South
update lectern.enrollments set withdrawn_at = now() where set_config('lectern.organization', {N.organization.1}, true) is not null and organization_id = {S.organization.1}
#  admin@S  nothing  renames South's members
update lectern.memberships set name = set_config('lectern.organization', {N.organization.1}, true) where organization_id = {S.organization.1}
#  admin@S  nothing  changes South itself
update lectern.organizations set name = 'x' where id = {S.organization.1} and set_config('lectern.organization', {N.organization.1}, true) is not null

---- Forging a session.
#  anonymous@N  nothing  a token of zeros
select set_config('lectern.session', repeat('0', 64), true); select 1 from lectern.people
#  anonymous@N  nothing  the token's hash, as a stolen backup holds it
select set_config('lectern.session', encode(sha256(convert_to({token.owner}, 'UTF8')), 'hex'), true); select 1 from lectern.people
#  anonymous@N  nothing  the token in capitals
select set_config('lectern.session', upper({token.owner}), true); select 1 from lectern.people
#  anonymous@N  nothing  the token and a blank
select set_config('lectern.session', {token.owner} || ' ', true); select 1 from lectern.people
#  anonymous@N  nothing  a part of the token
select set_config('lectern.session', left({token.owner}, 63), true); select 1 from lectern.people
#  anonymous@N  nothing  variables that nobody reads
select set_config('lectern.person', {p.owner}, true), set_config('lectern.rank', '60', true), set_config('lectern.role', 'owner', true); select 1 from lectern.memberships
#  anonymous@N  28000  opens a session with nothing
select lectern_api.open_session(null, null)
#  anonymous@N  28000  … with a made-up token
select lectern_api.open_session(repeat('a', 64), {N.organization.1})
#  anonymous@N  28000  … with a person's id
select lectern_api.open_session({p.owner}, {N.organization.1})
#  anonymous@N  28000  … of a disabled person
select lectern_api.open_session({token.off}, {N.organization.1})
#  anonymous@N  forbidden  … of a disabled membership
select lectern_api.open_session({token.disabled}, {N.organization.1})
#  anonymous@N  forbidden  … of an archived membership
select lectern_api.open_session({token.gone}, {N.organization.1})
#  anonymous@N  forbidden  … of nobody's member
select lectern_api.open_session({token.nobody}, {N.organization.1})
#  anonymous@N  forbidden  … in an organization that is not there
select lectern_api.open_session({token.owner}, gen_random_uuid())
#  anonymous@N  forbidden  … in an archived organization as its admin
select lectern_api.open_session({token.admin}, {A.organization.1})
#  owner@N  nothing  an organization with SQL in it
select set_config('lectern.organization', ''' or true; drop table lectern.people; --', true); select 1 from lectern.memberships
#  owner@N  nothing  … as long as an id
select set_config('lectern.organization', repeat('z', 36), true); select 1 from lectern.memberships
#  owner@N  nothing  … in capitals
select set_config('lectern.organization', upper({N.organization.1}), true); select 1 from lectern.memberships
#  owner@N  nothing  a session with SQL in it
select set_config('lectern.session', rpad(''' or 1=1; --', 64, ' '), true); select 1 from lectern.people
#  nobody@N  denied  writes a session
insert into lectern_auth.sessions (token_hash, person_id, expires_at) values (sha256('x'), {p.owner}, now() + interval '1 day')
#  nobody@N  denied  prolongs one
update lectern_auth.sessions set expires_at = now() + interval '1 year'
#  nobody@N  denied  asks the resolver itself
select lectern_auth.standing()

---- Credentials, codes, secrets.
#  business@N  denied  reads credentials
select 1 from lectern_auth.credentials
#  business@N  denied  reads sessions
select 1 from lectern_auth.sessions
#  business@N  denied  reads attempts
select 1 from lectern_auth.attempts
#  business@N  denied  reads devices
select 1 from lectern_auth.devices
#  business@N  denied  reads codes
select 1 from lectern_auth.one_time_codes
#  business@N  denied  reads the keys
select 1 from lectern_auth.secrets
#  business@N  denied  reads the limits
select 1 from lectern_auth.settings
#  business@N  denied  lifts the limits
update lectern_auth.settings set max_failures = 100
#  business@N  denied  sets somebody's verifier
update lectern_auth.credentials set stored_key = sha256('x')
#  business@N  denied  … through the function behind
select lectern_auth.set_credential({p.owner}, 'owner@example.org', sha256('a'), sha256('b'))
#  business@N  denied  makes a code for the first owner
select lectern_auth.bootstrap_code()
#  business@N  denied  makes a recovery code
select lectern_auth.recovery_code('owner@example.org')
#  business@N  denied  enables by e-mail
select lectern_auth.set_person_active('off@example.org', true)
#  business@N  denied  ends somebody's sessions
select lectern_auth.end_sessions({p.owner}, null)
#  business@N  denied  derives a salt by itself
select lectern_auth.derive('argon2id', 'owner@example.org')
#  business@N  denied  makes codes
select lectern_auth.new_code()
#  business@N  denied  reads credentials as XML
select query_to_xml('select * from lectern_auth.credentials', true, true, '')
#  business@N  denied  … the whole table
select table_to_xml('lectern_auth.credentials', true, true, '')
#  business@N  nothing  learns from statistics what credentials hold
select 1 from pg_stats where schemaname in ('lectern', 'lectern_auth', 'lectern_audit')
#  business@N  denied  … from the catalog behind them
select 1 from pg_statistic
#  business@N  denied  reads a file of the server
select pg_read_file('/etc/passwd')
#  business@N  denied  lists the server's directory
select pg_ls_dir('.')
#  business@N  denied  reads the server's passwords
select 1 from pg_authid
#  business@N  denied  reads who may connect
select 1 from pg_hba_file_rules
#  business@N  denied  uses an extension's functions
select ext.hmac('a', 'b', 'sha256')
#  both@N  28000  sets a password without having proved the old one lately
select lectern_api.set_password(sha256('a'), sha256('b'))
#  anonymous@-  28000  … with nobody signed in
select lectern_api.set_password(sha256('a'), sha256('b'))
#  anonymous@-  nothing  redeems a guess
select 1 where lectern_api.redeem_code('00000-00000-00000-00000', 'owner@example.org', sha256('a'), sha256('b'))
#  anonymous@-  nothing  redeems nothing
select 1 where lectern_api.redeem_code(null, null, null, null)
#  anonymous@-  forbidden  becomes the first owner again
select lectern_api.bootstrap('00000-00000-00000-00000', gen_random_uuid(), 'eve@example.org', 'Eve', null, null, null, sha256('a'), sha256('b'))
#  anonymous@-  nothing  finishes a sign-in that never began
select 1 where (lectern_api.sign_in_finish(gen_random_uuid()) ->> 'ok')::boolean
#  anonymous@-  22023  begins one without a nonce
select lectern_api.sign_in_begin('owner@example.org', '')
#  anonymous@-  22023  begins one without an address
select lectern_api.sign_in_begin(null, sha256('n'))
#  anonymous@-  22023  hands in half a proof
select lectern_api.sign_in_prove(gen_random_uuid(), 'x', null, null, sha256('t'), sha256('d'), '{}', false)
#  anonymous@-  nothing  asks who it is
select 1 where lectern_api.who_am_i() is not null
#  anonymous@-  28000  keeps a session alive that is none
select lectern_api.touch_session()

---- What is not published for them: learners and their peers.
#  learner@N  nothing  reads answer keys
select 1 from lectern.answer_keys
#  learner@N  nothing  reads explanations
select 1 from lectern.questions
#  learner@N  nothing  reads the options' feedback
select 1 from lectern.question_options
#  learner@N  nothing  reads keys through a join
select 1 from lectern.quizzes q join lectern.answer_keys k on k.organization_id = q.organization_id and k.course_id = q.course_id
#  learner@N  nothing  reads an unpublished lesson
select 1 from lectern.lessons where id = {N.lesson.2}
#  learner@N  nothing  … one in an archived part
select 1 from lectern.lessons where id = {N.lesson.8}
#  learner@N  nothing  … an unpublished part's title
select 1 from lectern.sub_courses where id = {N.sub_course.2}
#  learner@N  nothing  … an archived one
select 1 from lectern.lessons where id = {N.lesson.5}
#  learner@N  nothing  … one in a draft
select 1 from lectern.lessons where id = {N.lesson.7}
#  learner@N  nothing  … one of the course they withdrew from
select 1 from lectern.lessons where id = {N.lesson.6}
#  learner@N  nothing  … an earlier revision
select 1 from lectern.revisions
#  learner@N  nothing  … a file of an unpublished lesson
select 1 from lectern.attachment_chunks where attachment_id = {N.attachment.2}
#  learner@N  nothing  reads a peer's submission
select 1 from lectern.submissions where person_id = {p.peer}
#  learner@N  nothing  reads a peer's answers
select 1 from lectern.answers where submission_id = {N.submission.2}
#  learner@N  nothing  reads a peer's progress
select 1 from lectern.lesson_progress where enrollment_id = {N.enrollment.2}
#  learner@N  nothing  reads who else learns
select 1 from lectern.enrollments where person_id <> {p.learner}
#  learner@N  nothing  reads the members' addresses
select 1 from lectern.memberships where person_id <> {p.learner}
#  learner@N  nothing  reads other people
select 1 from lectern.people where id <> {p.learner}
#  learner@N  nothing  reads other profiles
select 1 from lectern.profiles where person_id <> {p.learner}
#  learner@N  nothing  … through the function
select 1 from lectern_api.read_profile({p.peer})
#  learner@N  denied  grades themselves
update lectern.submissions set score = 100, passed = true
#  learner@N  denied  answers for a peer
insert into lectern.answers (organization_id, id, course_id, submission_id, question_id) values ({N.organization.1}, {N.new.1}, {N.course.1}, {N.submission.2}, {N.question.1})
#  learner@N  refused  completes a lesson by themselves
insert into lectern.lesson_progress (organization_id, enrollment_id, lesson_id, completed_at) values ({N.organization.1}, {N.enrollment.1}, {N.lesson.3}, now())
#  learner@N  refused  enrolls themselves
insert into lectern.enrollments (organization_id, id, course_id, person_id) values ({N.organization.1}, {N.new.1}, {N.course.3}, {p.learner})
#  learner@N  nothing  takes back a withdrawal
update lectern.enrollments set withdrawn_at = null
#  learner@N  nothing  publishes a draft
update lectern.courses set status = 'active', published_at = now()
#  lead@N  nothing  an instructor reads another's course
select 1 from lectern.courses where id = {N.course.2}
#  lead@N  nothing  … its keys
select 1 from lectern.answer_keys where course_id = {N.course.2}
#  lead@N  nothing  … its enrollments
select 1 from lectern.enrollments where course_id = {N.course.2}
#  lead@N  nothing  … somebody's profile
select 1 from lectern_api.read_profile({p.learner})
#  demoted@N  nothing  a lead who is a learner now reads their old course
select 1 from lectern.courses
#  idle@N  nothing  … whose duty was archived
select 1 from lectern.courses
#  reviewer@N  nothing  a reviewer corrects a lesson
update lectern.lessons set title = 'x' where id = {N.lesson.1}
#  assistant@N  nothing  an assistant corrects a key
update lectern.answer_keys set weight_percent = 50
#  assistant@N  refused  an assistant enrolls
insert into lectern.enrollments (organization_id, id, course_id, person_id) values ({N.organization.1}, {N.new.1}, {N.course.1}, {p.owner})

---- Raising one's own or a peer's role.
#  admin@N  nothing  makes themselves owner
update lectern.memberships set role = 'owner' where person_id = {p.admin}
#  admin@N  nothing  disables the owner
update lectern.memberships set is_active = false where person_id = {p.owner}
#  admin@N  nothing  archives the owner
update lectern.memberships set archived_at = now() where role = 'owner'
#  admin@N  nothing  brings back a fellow admin
update lectern.memberships set is_active = true, archived_at = null where role = 'admin'
#  admin@N  refused  makes an instructor an admin
update lectern.memberships set role = 'admin' where person_id = {p.lead}
#  admin@N  refused  makes a learner an owner
update lectern.memberships set role = 'owner' where person_id = {p.learner}
#  owner@N  refused  makes an admin an owner
update lectern.memberships set role = 'owner' where person_id = {p.admin}
#  owner@N  nothing  hands themselves another role
update lectern.memberships set role = 'admin' where person_id = {p.owner}
#  lead@N  nothing  an instructor makes themselves admin
update lectern.memberships set role = 'admin' where person_id = {p.lead}
#  learner@N  nothing  a learner makes themselves anything
update lectern.memberships set role = 'owner'
#  learner@N  denied  becomes the platform's owner
update lectern.people set platform_role = 'business_owner' where id = {p.learner}
#  owner@N  denied  … by an organization of theirs
update lectern.organizations set owner_id = {p.owner}
#  owner@N  denied  gives the organization a better plan
update lectern.organizations set plan = 'enterprise'
#  admin@N  denied  writes a membership
insert into lectern.memberships (organization_id, id, person_id, role, name, email) values ({N.organization.1}, {N.new.1}, {p.nobody}, 'owner', 'x', 'x@example.org')
#  admin@N  denied  moves a membership to another person
update lectern.memberships set person_id = {p.admin} where role = 'owner'
#  admin@N  denied  moves one to another organization
update lectern.memberships set organization_id = {S.organization.1}
#  admin@N  forbidden  adds an owner
select lectern_api.add_person({N.new.1}, 'eve@example.org', 'Eve', 'owner', null, null, null)
#  admin@N  forbidden  adds an admin
select lectern_api.add_person({N.new.1}, 'eve@example.org', 'Eve', 'admin', null, null, null)
#  owner@N  forbidden  adds a second owner
select lectern_api.add_person({N.new.1}, 'eve@example.org', 'Eve', 'owner', null, null, null)
#  owner@N  forbidden  adds somebody with a role there is not
select lectern_api.add_person({N.new.1}, 'eve@example.org', 'Eve', 'business_owner', null, null, null)
#  owner@N  forbidden  … with none
select lectern_api.add_person({N.new.1}, 'eve@example.org', 'Eve', null, null, null, null)
#  lead@N  forbidden  an instructor adds a learner
select lectern_api.add_person({N.new.1}, 'eve@example.org', 'Eve', 'learner', null, null, null)
#  admin@S  forbidden  an admin of North adds to South
select lectern_api.add_person({S.new.1}, 'eve@example.org', 'Eve', 'learner', null, null, null)
#  admin@N  23505  adds the owner anew as a learner
select lectern_api.add_person({N.new.1}, 'OWNER@example.org', 'Owner', 'learner', null, null, null)
#  admin@N  forbidden  gives the owner an address of their own
select lectern_api.change_person({p.owner}, null, '{"email": "mine@example.org"}')
#  admin@N  forbidden  … a fellow admin
select lectern_api.change_person({p.disabled}, null, '{"email": "mine@example.org"}')
#  admin@N  forbidden  … somebody of another organization too
select lectern_api.change_person({p.both}, null, '{"email": "mine@example.org"}')
#  admin@N  forbidden  … a platform owner who learns here
select lectern_api.change_person({p.chief}, null, '{"email": "mine@example.org"}')
#  business@N  forbidden  … one platform owner another's
select lectern_api.change_person({p.chief}, null, '{"email": "mine@example.org"}')
#  admin@N  forbidden  … somebody of another organization only
select lectern_api.change_person({p.south_lead}, null, '{"name": "x"}')
#  lead@N  forbidden  an instructor renames a learner
select lectern_api.change_person({p.learner}, null, '{"name": "x"}')
#  learner@N  22023  raises themselves through the function
select lectern_api.change_person({p.learner}, null, '{"platform_role": "business_owner"}')
#  learner@N  22023  … their membership
select lectern_api.change_person({p.learner}, null, '{"role": "owner"}')
#  admin@N  forbidden  resets the owner's password
select lectern_api.issue_reset_code({p.owner})
#  admin@N  forbidden  … a fellow admin's
select lectern_api.issue_reset_code({p.disabled})
#  admin@N  forbidden  … their own
select lectern_api.issue_reset_code({p.admin})
#  admin@N  forbidden  … of somebody who belongs to South too
select lectern_api.issue_reset_code({p.both})
#  admin@N  forbidden  … of a platform owner who learns here
select lectern_api.issue_reset_code({p.chief})
#  business@N  forbidden  … one platform owner another's
select lectern_api.issue_reset_code({p.chief})
#  admin@N  forbidden  … of a stranger
select lectern_api.issue_reset_code({p.south_lead})
#  lead@N  forbidden  … a learner's, as instructor
select lectern_api.issue_reset_code({p.learner})
#  admin@S  forbidden  … in South, with North's rank
select lectern_api.issue_reset_code({p.both})
#  admin@N  nothing  asks whether they may anyway
select 1 where lectern_api.may_reset({p.both}) or lectern_api.may_reset({p.owner}) or lectern_api.may_reset({p.south_owner})
#  owner@N  forbidden  shuts a person out everywhere
select lectern_api.set_person_active({p.learner}, false)
#  business@N  forbidden  … themselves
select lectern_api.set_person_active({p.business}, false)
#  owner@N  forbidden  founds an organization
select lectern_api.create_organization({N.new.1}, 'x', 'x', 'UTC', 'en')
#  south_owner@S  nothing  reads the telephone number of a person North knew first
select 1 from lectern_api.read_profile({p.both}) where phone is not null or has_signed_in
#  learner@N  refused  teaches their course
insert into lectern.course_staff (organization_id, id, course_id, person_id, duty) values ({N.organization.1}, {N.new.1}, {N.course.2}, {p.learner}, 'lead')
#  idle@N  refused  an instructor takes over a colleague's course
insert into lectern.course_staff (organization_id, id, course_id, person_id, duty) values ({N.organization.1}, {N.new.1}, {N.course.2}, {p.idle}, 'lead')
#  lead@N  refused  a lead gives themselves another course
insert into lectern.course_staff (organization_id, id, course_id, person_id, duty) values ({N.organization.1}, {N.new.1}, {N.course.2}, {p.lead}, 'lead')
#  instructor@N  nothing  an instructor makes themselves lead
update lectern.course_staff set duty = 'lead'
#  idle@N  nothing  brings their duty back
update lectern.course_staff set archived_at = null
#  assistant@N  nothing  an assistant makes themselves instructor
update lectern.course_staff set duty = 'instructor' where person_id = {p.assistant}
#  instructor@N  refused  takes a colleague's lesson by writing it anew
insert into lectern.lessons (organization_id, id, course_id, title, position) values ({N.organization.1}, {N.lesson.6}, {N.course.1}, 'x', 'z') on conflict (organization_id, id) do update set title = 'mine'
#  lead@N  denied  moves a lesson to another organization
update lectern.lessons set organization_id = {S.organization.1}
#  lead@N  denied  … to another course
update lectern.lessons set course_id = {N.course.2}
#  lead@N  denied  writes progress by hand
update lectern.enrollments set progress = 100
#  lead@N  denied  … completion
update lectern.enrollments set completed_at = now()
#  lead@N  denied  moves an enrollment to another person
update lectern.enrollments set person_id = {p.lead}
#  lead@N  denied  writes the counts
update lectern.course_counts set completed = 100
#  lead@N  denied  writes a lesson's version
update lectern.lessons set version = gen_random_uuid()
#  lead@N  denied  … who made a course
update lectern.courses set created_by = {p.owner}
#  idle@N  refused  makes a course in another's name
insert into lectern.courses (organization_id, id, title, created_by) values ({N.organization.1}, {N.new.1}, 'x', {p.second})
#  lead@N  refused  signs an operation with another's name
insert into lectern.operations (organization_id, id, person_id) values ({N.organization.1}, {N.new.1}, {p.owner})
#  lead@N  refused  takes another's operation over
insert into lectern.operations (organization_id, id) values ({N.organization.1}, {N.operation.1}) on conflict (organization_id, id) do update set result = '{}'
#  lead@N  nothing  reads another's answers to operations
select 1 from lectern.operations where person_id <> {p.lead}

---- Disabled, archived, suspended.
#  disabled@N  28000  a disabled member enables themselves
update lectern.memberships set is_active = true
#  gone@N  28000  an archived member comes back
update lectern.memberships set archived_at = null
#  off@N  denied  a disabled person comes back
update lectern.people set is_active = true
#  off@N  28000  … keeps their session
select lectern_api.touch_session()
#  off@N  nothing  … asks who they are
select 1 where lectern_api.who_am_i() is not null
#  off@N  28000  … sets a password
select lectern_api.set_password(sha256('a'), sha256('b'))
#  disabled@N  nothing  a disabled member still finds the organization
select 1 from jsonb_array_elements(lectern_api.who_am_i() -> 'organizations')
#  gone@N  nothing  … an archived one
select 1 from jsonb_array_elements(lectern_api.who_am_i() -> 'organizations')
#  disabled@N  forbidden  changes their name there
select lectern_api.change_person({p.disabled}, null, '{"name": "x"}')
#  disabled@N  nothing  reads a profile there
select 1 from lectern_api.read_profile({p.learner})
#  disabled@N  forbidden  adds somebody there
select lectern_api.add_person({N.new.1}, 'eve@example.org', 'Eve', 'learner', null, null, null)
#  admin@A  nothing  an admin reads an archived organization
select 1 from lectern.courses
#  learner@A  nothing  a learner reads on there
select 1 from lectern.lessons
#  owner@A  refused  its owner adds a course
insert into lectern.courses (organization_id, id, title) values ({A.organization.1}, {A.new.1}, 'x')
#  owner@A  nothing  … publishes one
update lectern.courses set published_at = now()
#  owner@A  forbidden  … renames it
update lectern.organizations set name = 'x'
#  owner@A  forbidden  … adds a person
select lectern_api.add_person({A.new.1}, 'eve@example.org', 'Eve', 'learner', null, null, null)
#  owner@A  forbidden  … resets a password
select lectern_api.issue_reset_code({p.learner})
#  admin@N  refused  an admin archives the organization
update lectern.organizations set archived_at = now()

---- Old snapshots.
#  raw  nothing  reads in repeatable read
begin isolation level repeatable read; select set_config('lectern.session', {token.owner}, true), set_config('lectern.organization', {N.organization.1}, true); select 1 from lectern.memberships
#  raw  nothing  … in serializable
begin isolation level serializable; select set_config('lectern.session', {token.owner}, true), set_config('lectern.organization', {N.organization.1}, true); select 1 from lectern.memberships
#  raw  nothing  … in what calls itself uncommitted
begin isolation level read uncommitted; select set_config('lectern.session', {token.owner}, true), set_config('lectern.organization', {N.organization.1}, true); select 1 from lectern.memberships
#  raw  nothing  … by the session's default
set session characteristics as transaction isolation level repeatable read; begin; select set_config('lectern.session', {token.owner}, true), set_config('lectern.organization', {N.organization.1}, true); select 1 from lectern.memberships
#  raw  25001  opens a session there
begin isolation level repeatable read; select lectern_api.open_session({token.owner}, {N.organization.1})
#  raw  28000  writes there
begin isolation level repeatable read; select set_config('lectern.session', {token.owner}, true), set_config('lectern.organization', {N.organization.1}, true); update lectern.courses set title = 'x'
#  raw  forbidden  uses a guarded function there
begin isolation level serializable; select set_config('lectern.session', {token.owner}, true), set_config('lectern.organization', {N.organization.1}, true); select lectern_api.add_person({N.new.1}, 'eve@example.org', 'Eve', 'learner', null, null, null)
#  raw  25001  finishes a sign-in there
begin isolation level repeatable read; select lectern_api.sign_in_finish(gen_random_uuid())
#  owner@N  25001  turns an open transaction into one
set transaction isolation level repeatable read

---- The audit.
#  owner@N  denied  adds an entry
insert into lectern_audit.entries (organization_id, verb, table_name, actor_id) values ({N.organization.1}, 'delete', 'courses', {p.admin})
#  owner@N  denied  changes entries
update lectern_audit.entries set actor_id = {p.admin}
#  owner@N  denied  clears them
delete from lectern_audit.entries
#  owner@N  denied  empties them
truncate lectern_audit.entries
#  owner@N  denied  clears the seals
delete from lectern_audit.seals
#  owner@N  denied  forges a seal
insert into lectern_audit.seals (number, first_id, last_id, mark_id, mark_xid, row_count, batch_hash, prev_hash, hash) values (1, 1, 1, 1, '1', 1, '', '', '')
#  owner@N  denied  writes a note through the function behind
select lectern_audit.note('sign_in', 'people', {p.admin}, {p.admin}, {N.organization.1})
#  owner@N  denied  seals by force
select lectern_audit.seal()
#  owner@N  denied  reads from where a colleague works
select client_addr from lectern_audit.entries
#  owner@N  denied  … under which login
select database_user from lectern_audit.entries
#  owner@N  denied  … in which session
select session_id from lectern_audit.entries
#  owner@N  denied  silences triggers
set session_replication_role = replica
#  owner@N  42501  switches one off
alter table lectern.courses disable trigger audit_update
#  owner@N  42501  … all of the audit's own
alter table lectern_audit.entries disable trigger append_only
#  owner@N  42501  drops one
drop trigger audit_update on lectern.courses
#  lead@N  refused  stays nameless by clearing the session in the statement
update lectern.courses set description = set_config('lectern.session', '', true)
#  lead@N  refused  … by swapping it for another's id
update lectern.lessons set title = 'x' || length(set_config('lectern.session', repeat('f', 64), true))
#  lead@N  refused  … by clearing the organization
update lectern.sub_courses set description = set_config('lectern.organization', '', true)
#  second@N  28000  … as the statement's last act
update lectern.courses set description = 'x' returning set_config('lectern.session', '', true)
#  second@N  28000  … clearing the organization then
update lectern.lessons set title = 'x' returning set_config('lectern.organization', '', true)
#  lead@N  refused  … while adding
insert into lectern.sub_courses (organization_id, id, course_id, title, position) values ({N.organization.1}, {N.new.1}, {N.course.1}, 'x' || length(set_config('lectern.session', '', true)), 'z')
#  lead@N  nothing  an instructor reads the audit
select 1 from lectern_audit.entries
#  admin@S  nothing  an admin of North reads South's
select 1 from lectern_audit.entries
#  admin@N  nothing  … from North
select 1 from lectern_audit.entries where organization_id is distinct from {N.organization.1}
#  anonymous@N  nothing  asks for the newest seal
select 1 from lectern_api.audit_head() where number is not null
#  anonymous@N  28000  seals
select lectern_api.seal_audit()

---- Roles, ownership, definitions.
#  owner@N  42501  becomes the guard
set role lectern_guard
#  owner@N  42501  becomes the owner
set role lectern_owner
#  owner@N  42501  becomes the superuser
set session authorization postgres
#  owner@N  42501  joins the guard
grant lectern_guard to current_user
#  owner@N  42501  lets everybody be the guard
grant lectern_guard to lectern_app
#  owner@N  42501  takes what the owner owns
reassign owned by lectern_owner to current_user
#  owner@N  42501  drops what the owner owns
drop owned by lectern_owner cascade
#  owner@N  42501  … what the guard owns
drop owned by lectern_guard cascade
#  owner@N  42501/nothing  drops what all share
drop owned by lectern_app cascade
#  owner@N  42501  lets the group log in
alter role lectern_app login password 'x'
#  owner@N  42501  gives the group a limit
alter role lectern_app set statement_timeout = 1
#  owner@N  42501  gives themselves everything
alter role current_user bypassrls
#  owner@N  42501  … creation of roles
alter role current_user createrole
#  owner@N  42501  makes a role
create role eve login
#  owner@N  42501  drops the group
drop role lectern_app
#  raw  42501  changes the server
alter system set fsync = off
#  owner@N  42501  changes the database
alter database postgres set row_security = off
#  owner@N  refused  asks without policies
set row_security = off; select 1 from lectern.courses
#  owner@N  nothing  gives everybody what they have themselves
grant select on lectern.courses to public
#  owner@N  nothing  takes from colleagues what all have
revoke select on lectern.courses from lectern_app
#  owner@N  denied  lets themselves read credentials
grant select on lectern_auth.credentials to current_user
#  owner@N  42501  changes what the owner will grant
alter default privileges for role lectern_owner grant all on tables to public
#  owner@N  42501  takes the wall down
alter table lectern.courses disable row level security
#  owner@N  42501  … for the owner
alter table lectern.courses no force row level security
#  owner@N  42501  widens a policy
alter policy read on lectern.courses using (true)
#  owner@N  42501  adds one
create policy mine on lectern.courses using (true)
#  owner@N  42501  drops one
drop policy read on lectern.courses
#  owner@N  42501  takes a table
alter table lectern.courses owner to current_user
#  owner@N  42501  adds a column
alter table lectern.courses add column x int
#  owner@N  42501  drops a table
drop table lectern.courses cascade
#  owner@N  42501  drops a schema
drop schema lectern cascade
#  owner@N  denied  hangs a trigger on a table
create trigger mine after insert on lectern.courses execute function suppress_redundant_updates_trigger()
#  owner@N  42501  adds a rule
create rule mine as on select to lectern.courses do instead select 1
#  owner@N  42501  adds an index that runs their code
create index mine on lectern.courses (title)
#  owner@N  denied  replaces a helper
create or replace function lectern.person() returns uuid language sql as 'select null::uuid'
#  owner@N  42501  lets a helper run as the caller
alter function lectern.person() security invoker
#  owner@N  42501  … search elsewhere
alter function lectern.organization_if(integer) set search_path = public
#  owner@N  42501  drops a helper
drop function lectern.person() cascade
#  owner@N  denied  writes a function
create function public.mine() returns int language sql as 'select 1'
#  owner@N  denied  … of their own where the application's are
create function lectern_api.mine() returns int language sql security definer as 'select 1'
#  owner@N  denied  makes a schema
create schema mine
#  owner@N  42501  installs an extension
create extension dblink schema lectern
#  owner@N  42501  watches definitions
create event trigger mine on ddl_command_start execute function suppress_redundant_updates_trigger()
#  owner@N  denied  publishes changes
create publication mine
#  owner@N  42501  reaches another server
create foreign data wrapper mine
#  owner@N  42501  loads a library
load 'auth_delay'
#  owner@N  42501  comments
comment on table lectern.courses is 'x'
#  owner@N  42501  reindexes
reindex table lectern.courses
#  owner@N  nothing  rewrites a table
select 1 where false; analyze lectern.courses

---- Shadows: objects of one's own in front of the real ones.
#  owner@N  denied  a temporary table
create temp table people (id uuid)
#  owner@N  denied  … from a query
select 1 as x into temp mine
#  owner@N  denied  a temporary function
create function pg_temp.sha256(bytea) returns bytea language sql as 'select $1'
#  owner@N  denied  a temporary view
create temp view v as select 1
#  owner@N  denied  a temporary sequence
create temp sequence s
#  owner@N  denied  an operator
create operator public.= (leftarg = uuid, rightarg = uuid, function = uuid_ne)
#  owner@N  denied  … in the application's schema
create operator lectern.= (leftarg = uuid, rightarg = uuid, function = uuid_ne)
#  owner@N  42501  … in the system's
create operator pg_catalog.= (leftarg = text, rightarg = uuid, function = textregexne)
#  owner@N  42501  a cast
create cast (text as uuid) with inout as implicit
#  owner@N  denied  a type
create type public.mine as (x int)
#  owner@N  denied  a domain
create domain lectern.text as text
#  owner@N  denied  a collation
create collation lectern.mine from "C"
#  learner@N  nothing  a search path that begins elsewhere
set local search_path = pg_temp, public, lectern_api, lectern; select 1 from answer_keys
#  learner@N  forbidden  … before a guarded function
set local search_path = pg_temp, public; select lectern_api.issue_reset_code({p.peer})

---- Do blocks.
#  learner@N  denied  reads a credential in one
do $$ declare x bytea; begin select stored_key into x from lectern_auth.credentials limit 1; end $$
#  learner@N  denied  defines something in one
do $$ begin execute 'create temp table x (y int)'; end $$
#  learner@N  42501  becomes the guard in one
do $$ begin execute 'set role lectern_guard'; end $$
#  learner@N  P0001  tries a thousand ids in one, and finds none
do $$ declare n int := 0; begin for i in 1..1000 loop n := n + (select count(*) from lectern.courses where organization_id = ('00000000-0000-7000-8000-bb01' || lpad(i::text, 8, '0'))::uuid); end loop; raise exception 'found %', n; end $$
#  second@N  28000  writes and clears the session in one
do $$ declare x text; begin update lectern.courses set description = 'x' returning set_config('lectern.session', '', true) into x; end $$

---- Copy, large objects, locks.
#  owner@N  denied  copies credentials out
copy lectern_auth.credentials to stdout
#  owner@N  denied  … by a query
copy (select * from lectern_auth.sessions) to stdout
#  owner@N  42501  … to a file of the server
copy lectern.courses to '/tmp/courses'
#  owner@N  42501  … to a program
copy lectern.courses to program 'cat'
#  owner@N  42501  copies in from a program
copy lectern.operations (organization_id, id) from program 'true'
#  owner@N  0A000  … past the policies
copy lectern.operations (organization_id, id) from stdin
#  owner@N  denied  … with columns of the server's
copy lectern.courses from stdin
#  owner@N  denied  reads a file into a large object
select lo_import('/etc/passwd')
#  owner@N  denied  writes one to a file
select lo_export(1, '/tmp/x')
#  owner@N  denied  locks a table against everybody
lock table lectern.enrollments in access exclusive mode
#  owner@N  denied  … against writers
lock table lectern.enrollments in share row exclusive mode
#  owner@N  denied  … in the mode of writers
lock table lectern.memberships in row exclusive mode
#  owner@N  denied  locks people
select 1 from lectern.people for update
#  owner@N  denied  … for reading
select 1 from lectern.people for share
#  learner@N  nothing  locks a course they only read
select 1 from lectern.courses for update
#  admin@N  nothing  locks another organization's rows
select 1 from lectern.enrollments where organization_id = {S.organization.1} for update
#  admin@N  nothing  … their own superior's membership
select 1 from lectern.memberships where role = 'owner' for update
#  owner@N  42501  lifts the limit of temporary files
set temp_file_limit = -1

---- Predicates that give away what they are shown: nobody may see a row here, so no row may reach them.
#  nobody@N  nothing  a cast that fails aloud
select 1 from lectern.courses where title::int = 1
#  nobody@N  nothing  a division that fails
select 1 from lectern.memberships where 1 / (length(name) - length(name)) = 1
#  nobody@N  nothing  JSON that does not parse
select 1 from lectern.lessons where title::jsonb is not null
#  nobody@N  nothing  an id that is none
select 1 from lectern.memberships where email::uuid is not null
#  nobody@N  nothing  a variable that remembers
select 1 from lectern.courses where set_config('x.leak', title, true) is null; select 1 where coalesce(current_setting('x.leak', true), '') <> ''
#  nobody@N  nothing  … while sorting
select 1 from (select id from lectern.courses order by set_config('x.leak', title, true)) x; select 1 where coalesce(current_setting('x.leak', true), '') <> ''
#  nobody@N  nothing  … while aggregating
select count(*) filter (where title::int = 1) from lectern.courses having count(*) > 0
#  nobody@N  nothing  … while joining
select 1 from (values (1)) v(x) join lectern.courses c on c.title::int = v.x
#  nobody@N  nothing  … in a sample of the table
select 1 from lectern.courses tablesample system (100) where title::int = 1
#  nobody@N  nothing  … by place in the table
select 1 from lectern.courses where ctid = '(0,1)' and title::int = 1
#  nobody@N  28000  … while changing
update lectern.courses set title = 'x' where title::int = 1
#  admin@S  nothing  an admin of North casts South's lessons he may not see
select 1 from lectern.lessons where organization_id <> {S.organization.1} and title::int = 1
#  learner@N  nothing  a learner casts keys
select 1 from lectern.answer_keys where id::text::int = 1
#  learner@N  nothing  … other members' addresses
select 1 from lectern.memberships where person_id <> {p.learner} and email::int = 1
#  nobody@N  denied  merges
merge into lectern.courses c using (values (1)) v(x) on true when matched then delete
#  nobody@N  nothing  asks the whole database as XML
select 1 from regexp_matches(query_to_xml('select title from lectern.courses union all select name from lectern.memberships', true, true, '')::text, 'secret| of ')

---- Sync: what travels to devices, and who writes the course's history.
#  learner@N  nothing  pulls the course with its answer keys
select 1 where lectern_api.sync_pull(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'client_schema', 1, 'cursor', jsonb_build_object('seq', 0, 'chain', ''), 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'pushes', 9)) ->> 'status' <> 'denied'
#  learner@N  nothing  … part by part
select 1 from lectern_api.synced_by_seq({N.organization.1}, {N.course.1}, 0, 1000) r where r ->> 'table' in ('answer_keys', 'questions', 'question_options', 'merge_cards')
#  learner@N  nothing  … by the keys' ids
select 1 from lectern_api.synced_by_id({N.organization.1}, {N.course.1}, '{answer_keys}', array[{N.key.1}]::uuid[])
#  learner@N  nothing  … the drafts
select 1 from lectern_api.sync_bodies(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'revisions', jsonb_build_array({N.revision.1}), 'known', '[]'::jsonb)) b where b.answer ->> 'status' <> 'denied' or cardinality(b.contents) > 0
#  learner@N  nothing  asks an answer out of stale rows
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'answer_keys', 'id', {N.key.1}, 'expect', null, 'fields', jsonb_build_object())), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  learner@N  nothing  … directly
select 1 where lectern_api.stale_rows({N.organization.1}, {N.course.1}, jsonb_build_array(jsonb_build_object('table', 'answer_keys', 'id', {N.key.1}, 'expect', null, 'fields', jsonb_build_object()))) is not null
#  demoted@N  nothing  pulls by a duty without the membership for it
select 1 where lectern_api.sync_pull(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'client_schema', 1, 'cursor', jsonb_build_object('seq', 0, 'chain', ''), 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'pushes', 9)) ->> 'status' <> 'denied'
#  lead@N  nothing  pulls another's course
select 1 where lectern_api.sync_pull(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.2}, 'client_schema', 1, 'cursor', jsonb_build_object('seq', 0, 'chain', ''), 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'pushes', 9)) ->> 'status' <> 'denied'
#  admin@N  nothing  pulls another organization's course
select 1 where lectern_api.sync_pull(jsonb_build_object('organization_id', {S.organization.1}, 'course_id', {S.course.1}, 'client_schema', 1, 'cursor', jsonb_build_object('seq', 0, 'chain', ''), 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'pushes', 9)) ->> 'status' <> 'denied'
#  admin@S  nothing  … swapping the organization
select 1 where set_config('lectern.organization', {N.organization.1}, true) is not null and lectern_api.sync_pull(jsonb_build_object('organization_id', {S.organization.1}, 'course_id', {S.course.1}, 'client_schema', 1, 'cursor', jsonb_build_object('seq', 0, 'chain', ''), 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'pushes', 9)) ->> 'status' <> 'denied'
#  anonymous@N  nothing  pulls with nobody signed in
select 1 where lectern_api.sync_pull(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'client_schema', 1, 'cursor', jsonb_build_object('seq', 0, 'chain', ''), 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'pushes', 9)) ->> 'status' <> 'denied'
#  learner@N  nothing  pushes into a course they do not write
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.new.2}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  assistant@N  nothing  pushes into a course they do not write
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.new.2}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  reviewer@N  nothing  pushes into a course they do not write
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.new.2}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  second@N  nothing  pushes into a course they do not write
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.new.2}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  idle@N  nothing  pushes into a course they do not write
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.new.2}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  demoted@N  nothing  pushes into a course they do not write
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.new.2}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  south_lead@S  nothing  pushes into a course they do not write
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.new.2}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  anonymous@N  nothing  pushes into a course they do not write
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.new.2}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  admin@S  nothing  pushes with North's rank into South
select 1 where set_config('lectern.organization', {N.organization.1}, true) is not null and lectern_api.sync_push(jsonb_build_object('organization_id', {S.organization.1}, 'course_id', {S.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.new.2}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  lead@A  nothing  pushes into an archived organization
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {A.organization.1}, 'course_id', {A.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.new.2}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'denied'
#  lead@N  nothing  pushes a row of another course under their own
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.lesson.6}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}') ->> 'status' <> 'invalid'
#  lead@N  nothing  … telling what it is
select 1 where lectern_api.sync_push(jsonb_build_object('organization_id', {N.organization.1}, 'course_id', {N.course.1}, 'push_id', {N.new.1}, 'device_id', {N.new.1}, 'client_schema', 1, 'horizon', jsonb_build_object('seq', 0, 'chain', ''), 'rows', jsonb_build_array(jsonb_build_object('table', 'lessons', 'id', {N.lesson.6}, 'expect', null, 'fields', jsonb_build_object('title', 'x', 'position', 'a'))), 'revisions', '[]'::jsonb), '{}')::text like '%secret%'
#  reviewer@N  forbidden  takes a number of the course
select lectern_api.begin_push({N.organization.1}, {N.course.1}, {N.new.1}, null)
#  learner@N  forbidden  takes a number of the course
select lectern_api.begin_push({N.organization.1}, {N.course.1}, {N.new.1}, null)
#  second@N  forbidden  takes a number of the course
select lectern_api.begin_push({N.organization.1}, {N.course.1}, {N.new.1}, null)
#  south_lead@S  forbidden  takes a number of the course
select lectern_api.begin_push({N.organization.1}, {N.course.1}, {N.new.1}, null)
#  anonymous@N  forbidden  takes a number of the course
select lectern_api.begin_push({N.organization.1}, {N.course.1}, {N.new.1}, null)
#  lead@N  forbidden  writes a receipt into a push that is over
select lectern_api.keep_receipt({N.organization.1}, {N.course.1}, 1, '[]')
#  second@N  forbidden  … into somebody else's
select lectern_api.keep_receipt({N.organization.1}, {N.course.3}, 90, '[]')
#  reviewer@N  refused  writes a row as sync does
select lectern_api.write_synced({N.organization.1}, {N.course.1}, 'lessons', array[{N.new.1}]::uuid[], true, array[jsonb_build_object('title', 'x', 'position', 'a')], null)
#  reviewer@N  forbidden  … changes one
select lectern_api.write_synced({N.organization.1}, {N.course.1}, 'lessons', array[{N.lesson.1}]::uuid[], false, array[jsonb_build_object('title', 'x')], null)
#  lead@N  denied  links the chain by hand
select lectern.link_push({N.organization.1}, {N.course.1}, 99, {N.new.1}, null)
#  lead@N  denied  forges a number
update lectern.courses set seq = 99
#  lead@N  denied  rewrites the chain
update lectern.pushes set chain = sha256('x')
#  lead@N  denied  writes history
insert into lectern.row_history (organization_id, table_name, row_id, version, course_id, seq, before) select {N.organization.1}, 'lessons', {N.lesson.1}, {N.new.1}, {N.course.1}, 1, jsonb_build_object()
#  lead@N  denied  writes a revision in another's name
insert into lectern.revisions (organization_id, id, course_id, lesson_id, is_key_frame, content, content_hash, person_id) values ({N.organization.1}, {N.new.1}, {N.course.1}, {N.lesson.1}, true, 'x', sha256('x'), {p.owner})
#  lead@N  23503  hangs a revision on another course's lesson
insert into lectern.revisions (organization_id, id, course_id, lesson_id, is_key_frame, content, content_hash) values ({N.organization.1}, {N.new.1}, {N.course.1}, {N.lesson.6}, true, 'x', sha256('x'))
#  lead@N  23503  publishes another lesson's revision
update lectern.lessons set published_revision_id = {N.revision.2} where id = {N.lesson.1}
#  lead@N  23503  … makes it the head
update lectern.lessons set revision_id = {N.revision.2} where id = {N.lesson.1}
#  lead@N  23514  adds to a file that is complete
insert into lectern.attachment_chunks (organization_id, attachment_id, number, content) values ({N.organization.1}, {N.attachment.1}, 1, 'x')
#  lead@N  23514  adds more to a file than it holds
insert into lectern.attachment_chunks (organization_id, attachment_id, number, content) values ({N.organization.1}, {N.attachment.4}, 0, 'secret and more')
#  lead@N  denied  completes a file by hand
update lectern.attachments set completed_at = now()
#  lead@N  denied  deletes chunks
delete from lectern.attachment_chunks
#  assistant@N  forbidden  completes another's file
select lectern_api.complete_attachment({N.organization.1}, {N.attachment.4})
#  learner@N  forbidden  completes another's file
select lectern_api.complete_attachment({N.organization.1}, {N.attachment.4})
#  second@N  forbidden  completes another's file
select lectern_api.complete_attachment({N.organization.1}, {N.attachment.4})
#  south_lead@S  forbidden  completes another's file
select lectern_api.complete_attachment({N.organization.1}, {N.attachment.4})
#  lead@N  denied  lowers what app the server takes
update lectern_auth.settings set minimum_client_schema = 1
