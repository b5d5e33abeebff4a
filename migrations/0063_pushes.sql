-- The chain: each number a course's content took has one row here, sync's own pushes with their receipt, everybody else's
-- made by the trigger. chain = sha256(chain of the row before, push id), so a number and its chain name one history and a
-- server that went back in time is known by it.
set local role lectern_owner;

create table lectern.pushes (
  organization_id uuid not null,
  course_id       uuid not null,
  seq             bigint not null,
  push_id         uuid not null,
  chain           bytea not null,
  person_id       uuid references lectern.people (id),
  device_id       uuid,
  receipt         jsonb,
  created_at      timestamptz not null default now(),
  primary key (organization_id, course_id, seq),
  -- With the person: nobody can take away another's push by using its id first.
  constraint pushes_push_key unique (organization_id, course_id, push_id, person_id),
  constraint pushes_course_fkey foreign key (organization_id, course_id) references lectern.courses (organization_id, id),
  constraint pushes_chain_length check (octet_length(chain) = 32),
  constraint pushes_receipt_size check (pg_column_size(receipt) <= 65536)
);
create index pushes_person_id on lectern.pushes (person_id);
comment on table lectern.pushes is 'What changed a course''s content, in order: one row per number of its change feed. receipt is what a push was answered: the versions of its rows, in its order.';

alter table lectern.pushes enable row level security;
alter table lectern.pushes force row level security;
create policy guard on lectern.pushes to lectern_guard using (true) with check (true);
-- One's own receipts also after one stopped teaching there: an answer that got lost must still be had.
create policy read on lectern.pushes for select using (
  organization_id = (select lectern.organization_if(10))
  and ((case when organization_id = (select lectern.organization_if(40)) then true end) is not null
    or (organization_id, person_id) = (select o, p from lectern.acting())
    or (organization_id, course_id) in (select o, c from lectern.taught('{lead,instructor,assistant,reviewer}'))));
grant select on lectern.pushes to lectern_app, lectern_guard;
grant insert, update (receipt) on lectern.pushes to lectern_guard;

-- Numbers taken before there was a chain stand as one push; the same on every copy of this database.
set local role lectern_guard;
insert into lectern.pushes (organization_id, course_id, seq, push_id, chain)
  select c.organization_id, c.id, c.seq, x.push_id, sha256(decode(repeat('00', 32), 'hex') || uuid_send(x.push_id))
    from lectern.courses c
    cross join lateral (select md5(c.organization_id::text || c.id::text || c.seq::text)::uuid as push_id) x
   where c.seq > 0;

create function lectern.link_push(organization uuid, course uuid, number bigint, push uuid, device uuid) returns bytea
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  link bytea;
begin
  select p.chain into link from lectern.pushes p
   where p.organization_id = link_push.organization and p.course_id = link_push.course
   order by p.seq desc limit 1;
  link := sha256(coalesce(link, decode(repeat('00', 32), 'hex')) || uuid_send(push));
  insert into lectern.pushes (organization_id, course_id, seq, push_id, chain, person_id, device_id)
    values (link_push.organization, link_push.course, link_push.number, link_push.push, link, lectern.person(), link_push.device);
  return link;
end $$;
comment on function lectern.link_push(uuid, uuid, bigint, uuid, uuid) is 'Adds a number to its course''s chain; whoever took it holds the course''s row, so nobody else does.';

create or replace function lectern.take_seq() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' then
    new.updated_at := now();
    new.version := gen_random_uuid();
  end if;
  update lectern.courses c set seq = c.seq + 1, seq_xid = pg_current_xact_id(), updated_at = now()
   where c.organization_id = new.organization_id and c.id = new.course_id
     and (c.seq_xid is distinct from pg_current_xact_id() or c.updated_at <> now())
  returning c.seq into new.seq;
  if found then
    perform lectern.link_push(new.organization_id, new.course_id, new.seq, gen_random_uuid(), null);
  else
    select c.seq into new.seq from lectern.courses c where c.organization_id = new.organization_id and c.id = new.course_id;
  end if;
  new.seq := coalesce(new.seq, 0); -- no such course: the foreign key says so
  return new;
end $$;

create function lectern_api.begin_push(organization uuid, course uuid, push uuid, device uuid, out seq bigint, out chain bytea)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if (organization = lectern.writable_if(40)
      or (organization = lectern.writable_if(10) and (organization, course) in (select t.o, t.c from lectern.taught('{lead,instructor}') t))) is not true then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  update lectern.courses c set seq = c.seq + 1, seq_xid = pg_current_xact_id(), updated_at = now()
   where c.organization_id = begin_push.organization and c.id = begin_push.course
     and (c.seq_xid is distinct from pg_current_xact_id() or c.updated_at <> now())
  returning c.seq into begin_push.seq;
  if not found then
    raise exception 'a transaction writes a course once' using errcode = '55000';
  end if;
  begin_push.chain := lectern.link_push(organization, course, begin_push.seq, push, device);
end $$;
comment on function lectern_api.begin_push(uuid, uuid, uuid, uuid) is 'Takes the course''s next number for a push of the caller''s; every row this transaction writes in the course has it. 42501: may not write there. 55000: this transaction took one before.';

create function lectern_api.keep_receipt(organization uuid, course uuid, number bigint, receipt jsonb) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  acting record := lectern.acting();
begin
  update lectern.pushes p set receipt = keep_receipt.receipt
    from lectern.courses c
   where p.organization_id = acting.o and p.organization_id = keep_receipt.organization and p.course_id = keep_receipt.course
     and p.seq = keep_receipt.number and p.person_id = acting.p and p.receipt is null
     and c.organization_id = p.organization_id and c.id = p.course_id and c.seq = p.seq and c.seq_xid = pg_current_xact_id();
  if not found then
    raise exception 'not allowed' using errcode = '42501';
  end if;
end $$;
comment on function lectern_api.keep_receipt(uuid, uuid, bigint, jsonb) is 'Keeps what a push of this very transaction is answered, once. 42501: not of this transaction, or not the caller''s.';

grant execute on function lectern_api.begin_push(uuid, uuid, uuid, uuid), lectern_api.keep_receipt(uuid, uuid, bigint, jsonb) to lectern_app;
