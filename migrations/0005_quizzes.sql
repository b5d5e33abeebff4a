-- Quizzes and what people answered. Which answer is correct stands apart from the questions, so no policy on questions
-- can ever leak it.
set local role lectern_owner;

create table lectern.quizzes (
  organization_id    uuid not null,
  id                 uuid not null,
  course_id          uuid not null,
  sub_course_id      uuid,
  title              text not null,
  description        text not null default '',
  position           text collate "C" not null,
  time_limit_minutes integer,
  max_attempts       integer,
  passing_score      smallint not null default 70,
  published_at       timestamptz,
  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now(),
  archived_at        timestamptz,
  seq                bigint not null default 0,
  version            uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint quizzes_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint quizzes_sub_course_fkey foreign key (organization_id, course_id, sub_course_id) references lectern.sub_courses (organization_id, course_id, id),
  constraint quizzes_course_key unique (organization_id, course_id, id),
  constraint quizzes_title_length check (length(btrim(title)) between 1 and 200),
  constraint quizzes_description_length check (length(description) <= 2000),
  constraint quizzes_position_form check (position ~ '^[0-9A-Za-z]{1,200}$'),
  constraint quizzes_time_limit_range check (time_limit_minutes between 1 and 1440),
  constraint quizzes_max_attempts_range check (max_attempts between 1 and 10),
  constraint quizzes_passing_score_range check (passing_score between 0 and 100)
);
create index quizzes_by_position on lectern.quizzes (organization_id, course_id, position, id);
create index quizzes_sub_course_id on lectern.quizzes (organization_id, course_id, sub_course_id);
create index quizzes_by_seq on lectern.quizzes (organization_id, course_id, seq);
comment on table lectern.quizzes is 'A quiz of a course or one of its sub-courses.';
comment on column lectern.quizzes.max_attempts is 'Null is unlimited.';
comment on column lectern.quizzes.time_limit_minutes is 'Null is no limit.';

create table lectern.questions (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  quiz_id         uuid not null,
  kind            text not null,
  prompt          text not null,
  points_hundredths integer not null default 100,
  explanation     text not null default '',
  feedback        text not null default '',
  source          jsonb,
  position        text collate "C" not null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  archived_at     timestamptz,
  seq             bigint not null default 0,
  version         uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint questions_quiz_fkey foreign key (organization_id, course_id, quiz_id) references lectern.quizzes (organization_id, course_id, id),
  constraint questions_course_key unique (organization_id, course_id, id),
  constraint questions_kind_known check (kind in ('multiple_choice', 'multiple_response', 'true_false', 'short_answer', 'numeric', 'essay')),
  constraint questions_prompt_length check (length(btrim(prompt)) between 1 and 10000),
  constraint questions_points_range check (points_hundredths between 0 and 100000),
  constraint questions_explanation_length check (length(explanation) <= 10000),
  constraint questions_feedback_length check (length(feedback) <= 10000),
  constraint questions_position_form check (position ~ '^[0-9A-Za-z]{1,200}$')
);
create index questions_by_position on lectern.questions (organization_id, quiz_id, position, id);
create index questions_by_seq on lectern.questions (organization_id, course_id, seq);
comment on table lectern.questions is 'A question of a quiz. source keeps what an import held and Lectern cannot represent.';
comment on column lectern.questions.points_hundredths is 'Points times 100: 150 is one and a half points.';

create table lectern.question_options (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  question_id     uuid not null,
  label           text not null,
  feedback        text not null default '',
  position        text collate "C" not null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  archived_at     timestamptz,
  seq             bigint not null default 0,
  version         uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint question_options_question_fkey foreign key (organization_id, course_id, question_id) references lectern.questions (organization_id, course_id, id),
  constraint question_options_question_key unique (organization_id, question_id, id),
  constraint question_options_label_length check (length(btrim(label)) between 1 and 2000),
  constraint question_options_feedback_length check (length(feedback) <= 10000),
  constraint question_options_position_form check (position ~ '^[0-9A-Za-z]{1,200}$')
);
create index question_options_by_position on lectern.question_options (organization_id, question_id, position, id);
create index question_options_by_seq on lectern.question_options (organization_id, course_id, seq);
comment on table lectern.question_options is 'A choice of a question, with an id of its own so an answer survives rewording.';

-- One row per accepted answer: an option (choice kinds), a text (short answer, true/false as 'true' or 'false') or a
-- number with its tolerance.
create table lectern.answer_keys (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  question_id     uuid not null,
  option_id       uuid,
  accepted_text   text,
  accepted_number double precision,
  tolerance       double precision,
  weight_percent  smallint not null default 100,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  archived_at     timestamptz,
  seq             bigint not null default 0,
  version         uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint answer_keys_question_fkey foreign key (organization_id, course_id, question_id) references lectern.questions (organization_id, course_id, id),
  constraint answer_keys_option_fkey foreign key (organization_id, question_id, option_id) references lectern.question_options (organization_id, question_id, id),
  constraint answer_keys_one_form check (num_nonnulls(option_id, accepted_text, accepted_number) = 1),
  constraint answer_keys_text_length check (length(btrim(accepted_text)) between 1 and 2000),
  constraint answer_keys_number_finite check (accepted_number > '-infinity' and accepted_number < 'infinity'),
  constraint answer_keys_tolerance_range check (tolerance is null or (tolerance >= 0 and tolerance < 'infinity' and accepted_number is not null)),
  constraint answer_keys_weight_range check (weight_percent between -100 and 100)
);
create index answer_keys_question_id on lectern.answer_keys (organization_id, question_id);
create unique index answer_keys_option_key on lectern.answer_keys (organization_id, question_id, option_id) where option_id is not null and archived_at is null;
create index answer_keys_by_seq on lectern.answer_keys (organization_id, course_id, seq);
comment on table lectern.answer_keys is 'What counts as correct. Readable by the course''s staff and the organization''s admins, never by learners.';

create table lectern.submissions (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  quiz_id         uuid not null,
  enrollment_id   uuid not null,
  person_id       uuid not null,
  attempt         integer not null,
  started_at      timestamptz not null default now(),
  submitted_at    timestamptz,
  graded_at       timestamptz,
  points_hundredths          integer,
  possible_points_hundredths integer,
  score           smallint,
  passed          boolean,
  primary key (organization_id, id),
  constraint submissions_attempt_key unique (organization_id, quiz_id, person_id, attempt),
  constraint submissions_quiz_fkey foreign key (organization_id, course_id, quiz_id) references lectern.quizzes (organization_id, course_id, id),
  constraint submissions_enrollment_fkey foreign key (organization_id, enrollment_id) references lectern.enrollments (organization_id, id),
  constraint submissions_person_fkey foreign key (organization_id, person_id) references lectern.memberships (organization_id, person_id),
  constraint submissions_attempt_range check (attempt between 1 and 1000000),
  constraint submissions_score_range check (score between 0 and 100),
  constraint submissions_points_range check (points_hundredths >= 0 and possible_points_hundredths >= 0),
  constraint submissions_times_order check (submitted_at >= started_at and graded_at >= submitted_at),
  constraint submissions_graded_complete check ((graded_at is null) = (score is null) and (score is null) = (passed is null))
);
create index submissions_person_id on lectern.submissions (organization_id, person_id);
create index submissions_enrollment_id on lectern.submissions (organization_id, enrollment_id);
create index submissions_waiting on lectern.submissions (organization_id, submitted_at) where graded_at is null;
comment on table lectern.submissions is 'One attempt of one person at a quiz. Scores are written by the grading function, never by a client.';

create table lectern.answers (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  submission_id   uuid not null,
  question_id     uuid not null,
  option_ids      uuid[] not null default '{}',
  response        text not null default '',
  points_hundredths integer,
  feedback        text not null default '',
  graded_by       uuid references lectern.people (id),
  graded_at       timestamptz,
  primary key (organization_id, id),
  constraint answers_question_key unique (organization_id, submission_id, question_id),
  constraint answers_submission_fkey foreign key (organization_id, submission_id) references lectern.submissions (organization_id, id),
  constraint answers_question_fkey foreign key (organization_id, course_id, question_id) references lectern.questions (organization_id, course_id, id),
  constraint answers_option_ids_limit check (cardinality(option_ids) <= 100),
  constraint answers_response_length check (length(response) <= 100000),
  constraint answers_points_range check (points_hundredths >= 0),
  constraint answers_feedback_length check (length(feedback) <= 10000)
);
create index answers_question_id on lectern.answers (organization_id, question_id);
create index answers_graded_by on lectern.answers (graded_by);
comment on table lectern.answers is 'What one submission says to one question.';
