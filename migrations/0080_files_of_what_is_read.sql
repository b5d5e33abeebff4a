-- Learners may read exactly the files of what they read: the links from a lesson to its files follow the published document,
-- whoever writes it and however. What triggers derive is not audited; the publication that led to it is.
set local role lectern_owner;
grant insert (organization_id, lesson_id, attachment_id, position), update (position, archived_at) on lectern.lesson_attachments to lectern_guard;

set local role lectern_guard;

-- Its cost is said, so that a course is asked by the index below and not text by text.
create function lectern.named_attachments(document jsonb) returns bytea[]
  language plpgsql immutable strict parallel safe cost 10000 set search_path = pg_catalog, pg_temp as $$
begin
  return coalesce((
    select array_agg(decode(x.name, 'hex') order by x.n)
      from (select q.v #>> '{}' as name, min(q.n) as n
              from jsonb_path_query(document, 'strict $.**.attrs.attachment', '{}', true) with ordinality q(v, n)
             group by 1) x
     where x.name ~ '^[0-9a-f]{64}$'), '{}');
end $$;
comment on function lectern.named_attachments(jsonb) is 'The files the blocks of a document name, by the SHA-256 of their content, in the order of the text.';
grant execute on function lectern.named_attachments(jsonb) to lectern_owner, lectern_app;

create function lectern.hand_out_attachments(organization uuid, lessons uuid[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into lectern.lesson_attachments as x (organization_id, lesson_id, attachment_id, position)
    select l.organization_id, l.id, a.id, 'a' || lpad(d.n::text, 6, '0') || 'V'
      from lectern.lessons l
      cross join lateral unnest(lectern.named_attachments(l.document)) with ordinality d(sha256, n)
      join lectern.attachments a on a.organization_id = l.organization_id and a.course_id = l.course_id and a.sha256 = d.sha256
     where l.organization_id = hand_out_attachments.organization and l.id = any (hand_out_attachments.lessons)
     order by l.id, d.n
    on conflict (organization_id, lesson_id, attachment_id) do update set position = excluded.position, archived_at = null
     where x.position <> excluded.position or x.archived_at is not null;
  update lectern.lesson_attachments x set archived_at = now()
   where x.organization_id = hand_out_attachments.organization and x.lesson_id = any (hand_out_attachments.lessons) and x.archived_at is null
     and x.attachment_id not in (
       select a.id
         from lectern.lessons l
         cross join lateral unnest(lectern.named_attachments(l.document)) d(sha256)
         join lectern.attachments a on a.organization_id = l.organization_id and a.course_id = l.course_id and a.sha256 = d.sha256
        where l.organization_id = x.organization_id and l.id = x.lesson_id);
end $$;
comment on function lectern.hand_out_attachments(uuid, uuid[]) is 'Makes the files these lessons hand out those that their documents name, in that order.';

create function lectern.follow_documents() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched record;
begin
  if tg_op = 'INSERT' then
    for touched in select n.organization_id as o, array_agg(n.id) as l from new_rows n where n.document is not null group by n.organization_id loop
      perform lectern.hand_out_attachments(touched.o, touched.l);
    end loop;
  else
    for touched in
      select c.o, array_agg(c.l) as l
        from (select n.organization_id as o, n.id as l, n.course_id, n.document from new_rows n
              except
              select p.organization_id, p.id, p.course_id, p.document from old_rows p) c
       group by c.o
    loop
      perform lectern.hand_out_attachments(touched.o, touched.l);
    end loop;
  end if;
  return null;
end $$;

-- A file that begins to exist after the text that names it. Whoever writes the text holds the course's row; waiting for it
-- here, one of the two sees the other.
create function lectern.follow_attachments() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  touched record;
begin
  perform from lectern.courses c
    where (c.organization_id, c.id) in (select n.organization_id, n.course_id from new_rows n)
    order by c.organization_id, c.id
      for no key update;
  for touched in
    select l.organization_id as o, array_agg(distinct l.id) as l
      from new_rows n
      join lectern.lessons l on l.organization_id = n.organization_id and l.course_id = n.course_id
       and lectern.named_attachments(l.document) <> '{}' and lectern.named_attachments(l.document) @> array[n.sha256]
     group by l.organization_id
  loop
    perform lectern.hand_out_attachments(touched.o, touched.l);
  end loop;
  return null;
end $$;
grant execute on function lectern.follow_documents(), lectern.follow_attachments() to lectern_owner;

set local role lectern_owner;

create index lessons_named_attachments on lectern.lessons using gin (lectern.named_attachments(document))
  where lectern.named_attachments(document) <> '{}';

create trigger follow_documents_insert after insert on lectern.lessons referencing new table as new_rows
  for each statement execute function lectern.follow_documents();
create trigger follow_documents_update after update on lectern.lessons referencing old table as old_rows new table as new_rows
  for each statement execute function lectern.follow_documents();
create trigger follow_attachments after insert on lectern.attachments referencing new table as new_rows
  for each statement execute function lectern.follow_attachments();

drop trigger audit_insert on lectern.lesson_attachments;
create trigger audit_insert after insert on lectern.lesson_attachments referencing new table as new_rows
  for each statement when (pg_trigger_depth() = 0) execute function lectern_audit.record('lesson_id', 'attachment_id', '');
drop trigger audit_update on lectern.lesson_attachments;
create trigger audit_update after update on lectern.lesson_attachments referencing old table as old_rows new table as new_rows
  for each statement when (pg_trigger_depth() = 0) execute function lectern_audit.record('lesson_id', 'attachment_id', '');

-- What was published before this.
set local role lectern_guard;
do $$
declare
  touched record;
begin
  for touched in select l.organization_id as o, array_agg(l.id) as l from lectern.lessons l where lectern.named_attachments(l.document) <> '{}' group by l.organization_id loop
    perform lectern.hand_out_attachments(touched.o, touched.l);
  end loop;
end $$;
