-- Two versions of one thing of which one stands and the other waits for a person. A card travels like any row of a course.
set local role lectern_owner;

create table lectern.merge_cards (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  table_name      text not null,
  row_id          uuid not null,
  block_id        text,
  field           text,
  kind            text not null,
  base            jsonb,
  head            jsonb,
  local           jsonb,
  stands          text not null default 'head',
  resolution      text,
  resolved_at     timestamptz,
  device_id       uuid,
  person_id       uuid default lectern.person() references lectern.people (id),
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  seq             bigint not null default 0,
  version         uuid not null default gen_random_uuid(),
  primary key (organization_id, id),
  constraint merge_cards_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint merge_cards_table_name_known check (table_name in ('sub_courses', 'lessons', 'quizzes', 'questions', 'question_options', 'answer_keys')),
  constraint merge_cards_block_id_length check (length(block_id) between 1 and 200),
  constraint merge_cards_field_length check (length(field) between 1 and 200),
  constraint merge_cards_kind_length check (length(kind) between 1 and 100),
  constraint merge_cards_stands_known check (stands in ('head', 'local')),
  constraint merge_cards_resolution_known check (resolution in ('keep', 'use_other', 'keep_both'))
);
create index merge_cards_by_seq on lectern.merge_cards (organization_id, course_id, seq);
create index merge_cards_person_id on lectern.merge_cards (person_id);
comment on table lectern.merge_cards is 'Two versions of one thing of which one stands (head or local) and the other waits for a person. Decided once for all; never deleted.';

alter table lectern.merge_cards enable row level security;
alter table lectern.merge_cards force row level security;
create policy guard on lectern.merge_cards to lectern_guard using (true) with check (true);
create policy read on lectern.merge_cards for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))));
create policy add on lectern.merge_cards for insert with check (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor}'))));
create policy edit on lectern.merge_cards for update using (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor}'))));

grant select on lectern.merge_cards to lectern_app, lectern_guard;
grant insert (organization_id, id, course_id, table_name, row_id, block_id, field, kind, base, head, local, stands, resolution, resolved_at, device_id),
      update (resolution, resolved_at)
   on lectern.merge_cards to lectern_app;

create trigger take_seq before insert or update on lectern.merge_cards for each row execute function lectern.take_seq();
create trigger require_session after insert or update or delete on lectern.merge_cards for each statement
  when (pg_has_role(current_user, 'lectern_app', 'usage') and not pg_has_role(current_user, 'lectern_owner', 'usage'))
  execute function lectern_audit.require_session();

-- The versions on a card are bodies like the others.
set local role lectern_guard;
create or replace function lectern_audit.without_bodies(j jsonb) returns jsonb
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp
  return (select jsonb_object_agg(k, case when k in ('document', 'markdown', 'html', 'plain_text', 'response', 'source', 'base', 'head', 'local') and jsonb_typeof(v) <> 'null'
                                          then to_jsonb(length(v #>> '{}') || ' characters') else v end)
            from jsonb_each(j) e(k, v));
set local role lectern_owner;
create trigger audit_insert after insert on lectern.merge_cards referencing new table as new_rows
  for each statement execute function lectern_audit.record('id', '', 'bodies');
create trigger audit_update after update on lectern.merge_cards referencing old table as old_rows new table as new_rows
  for each statement execute function lectern_audit.record('id', '', 'bodies');
create trigger audit_delete after delete on lectern.merge_cards referencing old table as old_rows
  for each statement execute function lectern_audit.record('id', '', 'bodies');
