-- Courses, who teaches them, and what they consist of. Tables that instructors write offline carry seq, version and a
-- tombstone (archived_at) from the first day; courses.seq is the counter their change feed is numbered by.
set local role lectern_owner;

create table lectern.courses (
  organization_id uuid not null references lectern.organizations (id),
  id              uuid not null,
  title           text not null,
  description     text not null default '',
  level           text not null default 'beginner',
  category        text not null default '',
  tags            text[] not null default '{}',
  price_cents     bigint not null default 0,
  thumbnail       text,
  status          text not null default 'draft',
  enrollment_open boolean not null default true,
  available_from  timestamptz,
  available_until timestamptz,
  published_at    timestamptz,
  created_by      uuid references lectern.people (id),
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  archived_at     timestamptz,
  seq             bigint not null default 0,
  version         uuid not null default gen_random_uuid(),
  title_key       text collate lectern.names generated always as (lower(title)) stored,
  search_text     text generated always as (lower(title || ' ' || category)) stored,
  primary key (organization_id, id),
  constraint courses_title_length check (length(btrim(title)) between 1 and 200),
  constraint courses_description_length check (length(description) <= 2000),
  constraint courses_level_known check (level in ('beginner', 'intermediate', 'advanced')),
  constraint courses_category_length check (length(category) <= 100),
  constraint courses_tags_limits check (cardinality(tags) <= 20 and length(array_to_string(tags, ',', '')) <= 1000 and array_position(tags, null) is null),
  constraint courses_price_range check (price_cents between 0 and 100000000),
  constraint courses_thumbnail_length check (length(thumbnail) <= 2000),
  constraint courses_status_known check (status in ('draft', 'active', 'disabled')),
  constraint courses_available_order check (available_until > available_from)
);
create index courses_by_title on lectern.courses (organization_id, title_key, id);
create index courses_search on lectern.courses using gin (organization_id, search_text ext.gin_trgm_ops);
create index courses_created_by on lectern.courses (created_by);
comment on table lectern.courses is 'A course of an organization. Archived is archived_at, not a status.';
comment on column lectern.courses.seq is 'Counter of this course''s change feed, taken under the row''s lock by every writer of its content.';

create table lectern.course_staff (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  person_id       uuid not null,
  duty            text not null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  archived_at     timestamptz,
  version         uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint course_staff_person_key unique (organization_id, course_id, person_id),
  constraint course_staff_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint course_staff_person_fkey foreign key (organization_id, person_id) references lectern.memberships (organization_id, person_id),
  constraint course_staff_duty_known check (duty in ('lead', 'instructor', 'assistant', 'reviewer'))
);
create index course_staff_person_id on lectern.course_staff (organization_id, person_id);
comment on table lectern.course_staff is 'Who teaches or reviews a course.';

create table lectern.sub_courses (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  title           text not null,
  description     text not null default '',
  position        text collate "C" not null,
  published_at    timestamptz,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  archived_at     timestamptz,
  seq             bigint not null default 0,
  version         uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint sub_courses_course_key unique (organization_id, course_id, id),
  constraint sub_courses_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint sub_courses_title_length check (length(btrim(title)) between 1 and 200),
  constraint sub_courses_description_length check (length(description) <= 2000),
  constraint sub_courses_position_form check (position ~ '^[0-9A-Za-z]{1,200}$')
);
create index sub_courses_by_position on lectern.sub_courses (organization_id, course_id, position, id);
create index sub_courses_by_seq on lectern.sub_courses (organization_id, course_id, seq);
comment on table lectern.sub_courses is 'A part of a course that holds lessons and quizzes.';
comment on column lectern.sub_courses.position is 'Fractional key: two authors can insert at the same place without renumbering anything.';

-- A lesson is in exactly one place: sub_course_id null means directly in the course, else in that sub-course, which must
-- be of the same course. Neither parent and two parents cannot be written down at all.
create table lectern.lessons (
  organization_id  uuid not null,
  id               uuid not null,
  course_id        uuid not null,
  sub_course_id    uuid,
  title            text not null,
  position         text collate "C" not null,
  duration_minutes integer not null default 0,
  video            text,
  document         jsonb,
  markdown         text not null default '',
  html             text not null default '',
  plain_text       text not null default '',
  published_at     timestamptz,
  published_revision_id uuid,
  created_by       uuid references lectern.people (id),
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  archived_at      timestamptz,
  seq              bigint not null default 0,
  version          uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint lessons_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint lessons_sub_course_fkey foreign key (organization_id, course_id, sub_course_id) references lectern.sub_courses (organization_id, course_id, id),
  constraint lessons_title_length check (length(btrim(title)) between 1 and 200),
  constraint lessons_position_form check (position ~ '^[0-9A-Za-z]{1,200}$'),
  constraint lessons_duration_range check (duration_minutes between 0 and 10000),
  constraint lessons_video_length check (length(video) <= 2000),
  constraint lessons_markdown_length check (length(markdown) <= 2000000),
  constraint lessons_html_length check (length(html) <= 4000000),
  constraint lessons_plain_text_length check (length(plain_text) <= 2000000),
  constraint lessons_document_is_object check (jsonb_typeof(document) = 'object')
);
create index lessons_by_position on lectern.lessons (organization_id, course_id, position, id);
create index lessons_sub_course_id on lectern.lessons (organization_id, course_id, sub_course_id);
create index lessons_by_seq on lectern.lessons (organization_id, course_id, seq);
create index lessons_created_by on lectern.lessons (created_by);
comment on table lectern.lessons is 'A lesson of a course, directly or in one of its sub-courses. Learners read the plain columns; document is the truth the editor keeps.';

create table lectern.attachments (
  organization_id uuid not null references lectern.organizations (id),
  id              uuid not null,
  course_id       uuid not null,
  sha256          bytea not null,
  file_name       text not null,
  media_type      text not null,
  byte_size       bigint not null,
  created_by      uuid references lectern.people (id),
  created_at      timestamptz not null default now(),
  completed_at    timestamptz,
  primary key (organization_id, id),
  constraint attachments_content_key unique (organization_id, course_id, sha256),
  constraint attachments_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint attachments_sha256_length check (octet_length(sha256) = 32),
  constraint attachments_file_name_length check (length(btrim(file_name)) between 1 and 255),
  constraint attachments_media_type_form check (media_type ~ '^[a-z0-9.+-]+/[a-z0-9.+-]+$' and length(media_type) <= 127),
  constraint attachments_byte_size_range check (byte_size between 0 and 2147483648)
);
create index attachments_created_by on lectern.attachments (created_by);
comment on table lectern.attachments is 'A file of a course, named by the SHA-256 of its content. completed_at is set once every chunk is there.';

create table lectern.attachment_chunks (
  organization_id uuid not null,
  attachment_id   uuid not null,
  number          integer not null,
  content         bytea not null,
  primary key (organization_id, attachment_id, number),
  constraint attachment_chunks_attachment_fkey foreign key (organization_id, attachment_id) references lectern.attachments (organization_id, id),
  constraint attachment_chunks_number_range check (number between 0 and 8191),
  constraint attachment_chunks_content_size check (octet_length(content) between 1 and 262144)
);
alter table lectern.attachment_chunks alter column content set storage external;
comment on table lectern.attachment_chunks is 'The content of an attachment in pieces of at most 256 KiB, so an upload resumes by asking which are present.';

create table lectern.lesson_attachments (
  organization_id uuid not null,
  lesson_id       uuid not null,
  attachment_id   uuid not null,
  position        text collate "C" not null,
  created_at      timestamptz not null default now(),
  archived_at     timestamptz,
  primary key (organization_id, lesson_id, attachment_id),
  constraint lesson_attachments_lesson_fkey foreign key (organization_id, lesson_id) references lectern.lessons (organization_id, id),
  constraint lesson_attachments_attachment_fkey foreign key (organization_id, attachment_id) references lectern.attachments (organization_id, id),
  constraint lesson_attachments_position_form check (position ~ '^[0-9A-Za-z]{1,200}$')
);
create index lesson_attachments_attachment_id on lectern.lesson_attachments (organization_id, attachment_id);
comment on table lectern.lesson_attachments is 'Which files a lesson hands out, in order.';
