-- What is kept for how long: overwritten values for 180 days, as the bin has it; an upload nobody finished for 30. No device
-- merges against history (it has its own base), and the chain of pushes is never shortened: a device's place in it may be
-- any number. Cleared by the owner, a batch a transaction, so nobody waits.
set local role lectern_owner;
grant delete on lectern.row_history, lectern.attachments to lectern_guard;

set local role lectern_guard;
create function lectern.abandoned_uploads() returns table (o uuid, a uuid)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- One that a lesson hands out stays as a name, without what came of its content.
  return query select f.organization_id, f.id
    from lectern.attachments f
   where f.completed_at is null and f.created_at < now() - interval '30 days'
     and (not exists (select from lectern.lesson_attachments x where x.organization_id = f.organization_id and x.attachment_id = f.id)
       or exists (select from lectern.attachment_chunks k where k.organization_id = f.organization_id and k.attachment_id = f.id));
end $$;
comment on function lectern.abandoned_uploads() is 'Uploads begun 30 days ago and not complete, that something would be cleared of.';

create function lectern.count_old(out history bigint, out uploads bigint)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  history := (select count(*) from lectern.row_history h where h.created_at < now() - interval '180 days');
  uploads := (select count(*) from lectern.abandoned_uploads());
end $$;
comment on function lectern.count_old() is 'What clear_old would clear in all.';

create function lectern.clear_old(most integer, out history bigint, out uploads bigint)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_uploads uuid[];
begin
  with gone as (
    delete from lectern.row_history h
     where (h.organization_id, h.table_name, h.row_id, h.version) in (
             select x.organization_id, x.table_name, x.row_id, x.version from lectern.row_history x
              where x.created_at < now() - interval '180 days' limit most)
    returning 1
  )
  select count(*) into history from gone;
  -- One that is being completed holds its row, and is left alone.
  select array_agg(x.id) into found_uploads
    from (select f.id from lectern.attachments f
           where (f.organization_id, f.id) in (select u.o, u.a from lectern.abandoned_uploads() u) and f.completed_at is null
           order by f.organization_id, f.id limit greatest(most / 100, 1)
             for update skip locked) x;
  delete from lectern.attachment_chunks k
   where (k.organization_id, k.attachment_id) in (select f.organization_id, f.id from lectern.attachments f where f.id = any (found_uploads));
  delete from lectern.attachments f
   where f.id = any (found_uploads) and f.completed_at is null
     and not exists (select from lectern.lesson_attachments x where x.organization_id = f.organization_id and x.attachment_id = f.id);
  delete from lectern.lesson_readers r where r.seen_at < now() - interval '1 hour';
  uploads := coalesce(cardinality(found_uploads), 0);
end $$;
comment on function lectern.clear_old(integer) is 'Clears at most so many overwritten values that are 180 days old, and abandoned uploads (a hundredth of that) with their chunks; tells how many. Nothing more when both are 0.';
grant execute on function lectern.count_old(), lectern.clear_old(integer) to lectern_owner;
