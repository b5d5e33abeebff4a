-- A lesson names the revision that holds its newest draft, authors add revisions, and a revision belongs to one lesson of
-- one course in every reference, so nobody hangs a text on another course's lesson.
set local role lectern_owner;

-- Rows that are there are checked against the new keys by a query of the owner's, which sees them only unforced.
alter table lectern.lessons no force row level security;
alter table lectern.revisions no force row level security;

alter table lectern.lessons add constraint lessons_course_key unique (organization_id, course_id, id);

alter table lectern.revisions
  add column merged_id uuid,
  alter column person_id set default lectern.person(),
  drop constraint revisions_lesson_fkey,
  drop constraint revisions_parent_fkey,
  add constraint revisions_lesson_key unique (organization_id, lesson_id, id),
  add constraint revisions_lesson_fkey foreign key (organization_id, course_id, lesson_id) references lectern.lessons (organization_id, course_id, id),
  add constraint revisions_parent_fkey foreign key (organization_id, lesson_id, parent_id) references lectern.revisions (organization_id, lesson_id, id),
  add constraint revisions_merged_fkey foreign key (organization_id, lesson_id, merged_id) references lectern.revisions (organization_id, lesson_id, id);
create index revisions_merged_id on lectern.revisions (organization_id, merged_id) where merged_id is not null;
comment on column lectern.revisions.merged_id is 'The other version that was merged into it.';

-- Deferrable: a push writes rows before the revisions that hang on them.
alter table lectern.lessons
  add column revision_id uuid,
  drop constraint lessons_published_revision_fkey,
  add constraint lessons_revision_fkey foreign key (organization_id, id, revision_id)
    references lectern.revisions (organization_id, lesson_id, id) deferrable initially immediate,
  add constraint lessons_published_revision_fkey foreign key (organization_id, id, published_revision_id)
    references lectern.revisions (organization_id, lesson_id, id) deferrable initially immediate;
create index lessons_revision_id on lectern.lessons (organization_id, revision_id) where revision_id is not null;
alter table lectern.lessons force row level security;
alter table lectern.revisions force row level security;
comment on column lectern.lessons.revision_id is 'The head: the revision that holds the newest draft. Null: a text from before there were documents, which stands in markdown.';

create trigger take_seq before insert on lectern.revisions for each row execute function lectern.take_seq();

create policy add on lectern.revisions for insert with check (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor}'))));

grant insert (organization_id, id, course_id, lesson_id, parent_id, merged_id, name, is_key_frame, content, content_hash, device_id) on lectern.revisions to lectern_app;
-- What was made and put aside without a network arrives archived.
grant insert (revision_id, published_revision_id, archived_at), update (revision_id) on lectern.lessons to lectern_app;
grant insert (archived_at) on lectern.sub_courses, lectern.quizzes, lectern.questions, lectern.question_options, lectern.answer_keys to lectern_app;
