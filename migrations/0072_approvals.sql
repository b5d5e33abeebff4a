-- An author asks somebody else to look at a revision; a reviewer of the course, or an admin, says yes or what to change, once.
-- The author may take the question back while it is open.
set local role lectern_owner;

create table lectern.approvals (
  organization_id uuid not null,
  id              uuid not null,
  course_id       uuid not null,
  lesson_id       uuid not null,
  revision_id     uuid not null,
  note            text not null default '',
  asked_by        uuid not null default lectern.person() references lectern.people (id),
  asked_at        timestamptz not null default now(),
  decision        text,
  comment         text not null default '',
  decided_by      uuid references lectern.people (id),
  decided_at      timestamptz,
  withdrawn_at    timestamptz,
  primary key (organization_id, id),
  constraint approvals_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint approvals_lesson_fkey foreign key (organization_id, course_id, lesson_id) references lectern.lessons (organization_id, course_id, id),
  constraint approvals_revision_fkey foreign key (organization_id, lesson_id, revision_id) references lectern.revisions (organization_id, lesson_id, id),
  constraint approvals_note_length check (length(note) <= 2000),
  constraint approvals_comment_length check (length(comment) <= 2000),
  constraint approvals_decision_known check (decision in ('approved', 'changes_wanted')),
  constraint approvals_decided_or_withdrawn check ((decision is null) = (decided_at is null) and (decision is null or withdrawn_at is null))
);
create unique index approvals_open_key on lectern.approvals (organization_id, lesson_id, revision_id) where decision is null and withdrawn_at is null;
create index approvals_revision_id on lectern.approvals (organization_id, lesson_id, revision_id);
create index approvals_course_id on lectern.approvals (organization_id, course_id, lesson_id);
create index approvals_asked_by on lectern.approvals (asked_by);
create index approvals_decided_by on lectern.approvals (decided_by);
comment on table lectern.approvals is 'Whether a revision of a lesson may be published: asked by its author, decided once by a reviewer of the course or an admin who did not ask.';

alter table lectern.approvals enable row level security;
alter table lectern.approvals force row level security;
create policy guard on lectern.approvals to lectern_guard using (true) with check (true);
create policy read on lectern.approvals for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))));
create policy add on lectern.approvals for insert with check (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor}'))));
create policy decide on lectern.approvals for update using (
  organization_id = (select lectern.writable_if(10))
  and asked_by <> (select lectern.person())
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, course_id) in (select o, c from lectern.taught('{reviewer}'))));

grant select on lectern.approvals to lectern_app, lectern_guard;
grant insert (organization_id, id, course_id, lesson_id, revision_id, note), update (decision, comment) on lectern.approvals to lectern_app;
grant update (withdrawn_at) on lectern.approvals to lectern_guard;

create function lectern.decide_once() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if old.decision is not null or old.withdrawn_at is not null then
    raise exception 'decided or withdrawn before' using errcode = '23514', constraint = 'approvals_open', table = 'approvals', schema = 'lectern';
  end if;
  if new.decision is not null then
    new.decided_by := lectern.person();
    new.decided_at := now();
  end if;
  return new;
end $$;
create trigger decide_once before update on lectern.approvals for each row execute function lectern.decide_once();
create trigger require_session after insert or update or delete on lectern.approvals for each statement
  when (pg_has_role(current_user, 'lectern_app', 'usage') and not pg_has_role(current_user, 'lectern_owner', 'usage'))
  execute function lectern_audit.require_session();
create trigger audit_insert after insert on lectern.approvals referencing new table as new_rows
  for each statement execute function lectern_audit.record('id', '', '');
create trigger audit_update after update on lectern.approvals referencing old table as old_rows new table as new_rows
  for each statement execute function lectern_audit.record('id', '', '');
create trigger audit_delete after delete on lectern.approvals referencing old table as old_rows
  for each statement execute function lectern_audit.record('id', '', '');

set local role lectern_guard;
create function lectern_api.withdraw_approval(organization uuid, approval uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  me record := lectern.acting();
begin
  update lectern.approvals a set withdrawn_at = now()
   where a.organization_id = lectern.writable_if(10) and a.organization_id = withdraw_approval.organization and a.id = withdraw_approval.approval and a.asked_by = me.p;
  if not found then
    raise exception 'not allowed' using errcode = '42501';
  end if;
end $$;
comment on function lectern_api.withdraw_approval(uuid, uuid) is 'Takes back a question that nobody has decided; only by who asked it. 42501: not theirs. approvals_open: decided or withdrawn before.';
grant execute on function lectern_api.withdraw_approval(uuid, uuid) to lectern_app;

