-- Files are uploaded in chunks by whoever writes the course, in any order and as often as it takes; a file is complete only
-- once its content has its name, the SHA-256, and from then on nothing is added to it.
set local role lectern_owner;

-- Verified in one piece, so at most 256 MiB.
alter table lectern.attachments
  alter column created_by set default lectern.person(),
  drop constraint attachments_byte_size_range,
  add constraint attachments_byte_size_range check (byte_size between 0 and 268435456);

create policy add on lectern.attachments for insert with check (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor}'))));
create policy add on lectern.attachment_chunks for insert with check (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, attachment_id) in (select o, a from lectern.taught_attachments('{lead,instructor}'))));

grant insert (organization_id, id, course_id, sha256, file_name, media_type, byte_size) on lectern.attachments to lectern_app;
grant insert (organization_id, attachment_id, number, content) on lectern.attachment_chunks to lectern_app;
grant update (completed_at) on lectern.attachments to lectern_guard;
grant delete on lectern.attachment_chunks to lectern_guard;

set local role lectern_guard;

-- Volatile, so it sees what the foreign key waited for: completing holds the file's row.
create function lectern.fit_chunks() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select from new_rows n
      join lectern.attachments a on a.organization_id = n.organization_id and a.id = n.attachment_id
     where a.completed_at is not null
        or octet_length(n.content) <> least(262144, a.byte_size - n.number::bigint * 262144)) then
    raise exception 'the chunk is no part of the file' using errcode = '23514', constraint = 'attachment_chunks_fit', table = 'attachment_chunks', schema = 'lectern';
  end if;
  return null;
end $$;

create function lectern_api.complete_attachment(organization uuid, attachment uuid) returns text
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  file lectern.attachments;
  present bigint;
  digest bytea;
begin
  select * into file from lectern.attachments a
   where a.organization_id = complete_attachment.organization and a.id = complete_attachment.attachment
     and (a.organization_id = lectern.writable_if(40)
       or (a.organization_id = lectern.writable_if(10) and (a.organization_id, a.course_id) in (select t.o, t.c from lectern.taught('{lead,instructor}') t)))
     for update;
  if file.id is null then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  if file.completed_at is not null then
    return 'complete';
  end if;
  select count(*), sha256(coalesce(string_agg(k.content, null order by k.number), ''::bytea)) into present, digest
    from lectern.attachment_chunks k where k.organization_id = file.organization_id and k.attachment_id = file.id;
  if present < (file.byte_size + 262143) / 262144 then
    return 'incomplete';
  end if;
  if digest <> file.sha256 then
    delete from lectern.attachment_chunks k where k.organization_id = file.organization_id and k.attachment_id = file.id;
    return 'damaged';
  end if;
  update lectern.attachments a set completed_at = now() where a.organization_id = file.organization_id and a.id = file.id;
  return 'complete';
end $$;
comment on function lectern_api.complete_attachment(uuid, uuid) is 'By whoever writes the course: complete (content and name agree, or did before), incomplete (chunks are missing) or damaged (the content was not what the name says and is gone: it is uploaded anew). 42501: may not write there.';
grant execute on function lectern.fit_chunks() to lectern_owner;
grant execute on function lectern_api.complete_attachment(uuid, uuid) to lectern_app;

-- Which files a lesson hands out is written by those who write the lesson.
create function lectern.taught_lessons(duties text[]) returns table (o uuid, l uuid)
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp rows 1000 as $$
begin
  return query select x.organization_id, x.id
    from lectern.taught(duties) t
    join lectern.lessons x on x.organization_id = t.o and x.course_id = t.c;
end $$;
comment on function lectern.taught_lessons(text[]) is 'Lessons of those courses, for tables that know only the lesson.';
grant execute on function lectern.taught_lessons(text[]) to lectern_app;

set local role lectern_owner;
create trigger fit_chunks after insert on lectern.attachment_chunks referencing new table as new_rows
  for each statement execute function lectern.fit_chunks();

create policy add on lectern.lesson_attachments for insert with check (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or ((organization_id, attachment_id) in (select o, a from lectern.taught_attachments('{lead,instructor}'))
      and (organization_id, lesson_id) in (select o, l from lectern.taught_lessons('{lead,instructor}')))));
create policy edit on lectern.lesson_attachments for update using (
  organization_id = (select lectern.writable_if(10))
  and (organization_id = (select lectern.organization_if(40))
    or (organization_id, lesson_id) in (select o, l from lectern.taught_lessons('{lead,instructor}'))));
grant insert (organization_id, lesson_id, attachment_id, position), update (position, archived_at) on lectern.lesson_attachments to lectern_app;
