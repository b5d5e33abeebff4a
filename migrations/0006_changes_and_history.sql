-- What bulk changes, imports, offline authors and retries leave behind.
set local role lectern_owner;

create table lectern.external_ids (
  organization_id uuid not null references lectern.organizations (id),
  source          text not null,
  kind            text not null,
  external_id     text not null,
  internal_id     uuid not null,
  created_at      timestamptz not null default now(),
  primary key (organization_id, source, kind, external_id),
  constraint external_ids_source_length check (length(source) between 1 and 100),
  constraint external_ids_kind_known check (kind in ('organization', 'person', 'membership', 'course', 'sub_course', 'lesson', 'cohort', 'enrollment', 'quiz', 'question', 'submission')),
  constraint external_ids_external_id_length check (length(external_id) between 1 and 400)
);
create index external_ids_internal_id on lectern.external_ids (organization_id, kind, internal_id);
comment on table lectern.external_ids is 'The name another system gives a row: Mongo ids, OneRoster sourcedIds, LMS ids. Every importer matches through it. internal_id points to the table kind names.';

create table lectern.change_sets (
  organization_id uuid not null references lectern.organizations (id),
  id              uuid not null,
  kind            text not null,
  summary         text not null,
  counts          jsonb not null default '{}',
  person_id       uuid references lectern.people (id),
  applied_at      timestamptz not null default now(),
  undone_at       timestamptz,
  primary key (organization_id, id),
  constraint change_sets_kind_length check (length(kind) between 1 and 100),
  constraint change_sets_summary_length check (length(summary) between 1 and 1000),
  constraint change_sets_counts_is_object check (jsonb_typeof(counts) = 'object')
);
create index change_sets_by_applied on lectern.change_sets (organization_id, applied_at desc);
create index change_sets_person_id on lectern.change_sets (person_id);
comment on table lectern.change_sets is 'An applied plan: one bulk change, which can be undone.';

create table lectern.change_set_rows (
  organization_id uuid not null,
  change_set_id   uuid not null,
  number          integer not null,
  verb            text not null,
  table_name      text not null,
  row_id          uuid not null,
  before          jsonb,
  after           jsonb,
  reason          text not null default '',
  undone          text,
  primary key (organization_id, change_set_id, number),
  constraint change_set_rows_change_set_fkey foreign key (organization_id, change_set_id) references lectern.change_sets (organization_id, id),
  constraint change_set_rows_verb_known check (verb in ('create', 'update', 'skip', 'withdraw', 'conflict')),
  constraint change_set_rows_undone_known check (undone in ('reversed', 'kept', 'refused')),
  constraint change_set_rows_reason_length check (length(reason) <= 1000)
);
comment on table lectern.change_set_rows is 'What a change set did to each row, with its values before and after.';

create table lectern.revisions (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  lesson_id       uuid not null,
  parent_id       uuid,
  name            text,
  is_key_frame    boolean not null,
  content         bytea not null,
  content_hash    bytea not null,
  person_id       uuid references lectern.people (id),
  device_id       uuid,
  seq             bigint not null,
  created_at      timestamptz not null default now(),
  primary key (organization_id, id),
  constraint revisions_lesson_fkey foreign key (organization_id, lesson_id) references lectern.lessons (organization_id, id),
  constraint revisions_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint revisions_parent_fkey foreign key (organization_id, parent_id) references lectern.revisions (organization_id, id),
  constraint revisions_key_frame_has_no_parent check (is_key_frame or parent_id is not null),
  constraint revisions_name_length check (length(btrim(name)) between 1 and 200),
  constraint revisions_content_hash_length check (octet_length(content_hash) = 32)
);
create index revisions_lesson_id on lectern.revisions (organization_id, lesson_id, seq);
create index revisions_parent_id on lectern.revisions (organization_id, parent_id);
create index revisions_course_id on lectern.revisions (organization_id, course_id, seq);
create index revisions_person_id on lectern.revisions (person_id);
comment on table lectern.revisions is 'An immutable saved version of a lesson''s document: a key frame, or the difference to its parent.';

alter table lectern.lessons add constraint lessons_published_revision_fkey
  foreign key (organization_id, published_revision_id) references lectern.revisions (organization_id, id);
create index lessons_published_revision_id on lectern.lessons (organization_id, published_revision_id);

create table lectern.operations (
  organization_id uuid not null references lectern.organizations (id),
  id              uuid not null,
  person_id       uuid not null references lectern.people (id),
  result          jsonb,
  created_at      timestamptz not null default now(),
  primary key (organization_id, id),
  constraint operations_result_size check (pg_column_size(result) <= 65536)
);
create index operations_person_id on lectern.operations (person_id);
create index operations_created_at on lectern.operations (created_at);
comment on table lectern.operations is 'Every write transaction''s id and answer: a retry after an unclear commit finds it and returns the stored result instead of doing the work twice.';
