-- Cohorts, groups, enrollments and progress. lesson_progress is the large table: its key leads with the enrollment and
-- it has no index that no query names.
set local role lectern_owner;

create table lectern.cohorts (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  name            text not null,
  starts_on       date,
  ends_on         date,
  time_zone       text not null default 'UTC',
  capacity        integer,
  status          text not null default 'planned',
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  archived_at     timestamptz,
  version         uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint cohorts_course_key unique (organization_id, course_id, id),
  constraint cohorts_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint cohorts_name_key unique (organization_id, course_id, name),
  constraint cohorts_name_length check (length(btrim(name)) between 1 and 200),
  constraint cohorts_dates_order check (ends_on >= starts_on),
  constraint cohorts_time_zone_length check (length(time_zone) between 1 and 64),
  constraint cohorts_capacity_range check (capacity between 1 and 1000000),
  constraint cohorts_status_known check (status in ('planned', 'running', 'finished', 'cancelled'))
);
comment on table lectern.cohorts is 'A run of a course with dates and a capacity, counted under the cohort row''s lock.';

create table lectern.enrollments (
  organization_id  uuid not null,
  id               uuid not null,
  course_id        uuid not null,
  person_id        uuid not null,
  cohort_id        uuid,
  enrolled_at      timestamptz not null default now(),
  progress         smallint not null default 0,
  completed_at     timestamptz,
  last_accessed_at timestamptz,
  withdrawn_at     timestamptz,
  updated_at       timestamptz not null default now(),
  version          uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint enrollments_person_key unique (organization_id, course_id, person_id),
  constraint enrollments_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint enrollments_person_fkey foreign key (organization_id, person_id) references lectern.memberships (organization_id, person_id),
  constraint enrollments_cohort_fkey foreign key (organization_id, course_id, cohort_id) references lectern.cohorts (organization_id, course_id, id),
  constraint enrollments_progress_range check (progress between 0 and 100)
);
create index enrollments_by_enrolled on lectern.enrollments (organization_id, enrolled_at desc, id desc);
create index enrollments_person_id on lectern.enrollments (organization_id, person_id);
create index enrollments_cohort_id on lectern.enrollments (organization_id, cohort_id) where cohort_id is not null;
comment on table lectern.enrollments is 'A person in a course, once. Withdrawn is withdrawn_at; enrolling again clears it and keeps the progress.';
comment on column lectern.enrollments.progress is 'round(100 · completed published lessons / published lessons), 0 when there are none. Kept by triggers; design §5.';
comment on column lectern.enrollments.completed_at is 'Set once, when progress first reaches 100; a lesson added later lowers progress and keeps this date.';

create table lectern.course_groups (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  name            text not null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  archived_at     timestamptz,
  version         uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint course_groups_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint course_groups_name_key unique (organization_id, course_id, name),
  constraint course_groups_name_length check (length(btrim(name)) between 1 and 200)
);
comment on table lectern.course_groups is 'A group of people inside a course.';

create table lectern.course_group_members (
  organization_id uuid not null,
  group_id        uuid not null,
  enrollment_id   uuid not null,
  created_at      timestamptz not null default now(),
  archived_at     timestamptz,
  primary key (organization_id, group_id, enrollment_id),
  constraint course_group_members_group_fkey foreign key (organization_id, group_id) references lectern.course_groups (organization_id, id),
  constraint course_group_members_enrollment_fkey foreign key (organization_id, enrollment_id) references lectern.enrollments (organization_id, id)
);
create index course_group_members_enrollment_id on lectern.course_group_members (organization_id, enrollment_id);
comment on table lectern.course_group_members is 'Which enrollments a group holds.';

create table lectern.lesson_progress (
  organization_id uuid not null,
  enrollment_id   uuid not null,
  lesson_id       uuid not null,
  completed_at    timestamptz,
  minutes         integer not null default 0,
  primary key (organization_id, enrollment_id, lesson_id),
  constraint lesson_progress_enrollment_fkey foreign key (organization_id, enrollment_id) references lectern.enrollments (organization_id, id),
  constraint lesson_progress_lesson_fkey foreign key (organization_id, lesson_id) references lectern.lessons (organization_id, id),
  constraint lesson_progress_minutes_range check (minutes between 0 and 1000000)
);
comment on table lectern.lesson_progress is 'What one enrollment did with one lesson.';

create table lectern.course_counts (
  organization_id uuid not null,
  course_id       uuid not null,
  enrolled        integer not null default 0,
  withdrawn       integer not null default 0,
  completed       integer not null default 0,
  progress_sum    bigint not null default 0,
  primary key (organization_id, course_id),
  constraint course_counts_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id)
);
comment on table lectern.course_counts is 'Exact counts of a course''s enrollments, kept by statement triggers. completed and progress_sum count those not withdrawn.';
