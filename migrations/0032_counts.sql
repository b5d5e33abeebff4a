-- Counts kept exact by statement triggers: what is added counts once, what is taken away minus once, and rows whose sum is
-- nothing are not written. Rows are taken in the order of their keys, so two writers meet in one order.
set local role lectern_owner;

alter table lectern.course_counts add column low_progress integer not null default 0;
alter table lectern.course_counts set (fillfactor = 50);
comment on column lectern.course_counts.enrolled is 'Not withdrawn.';
comment on column lectern.course_counts.low_progress is 'Neither withdrawn nor completed, with progress below 25: at risk once two weeks have passed.';

create table lectern.enrollment_days (
  organization_id uuid not null references lectern.organizations (id),
  day             date not null,
  kind            text not null,
  number          integer not null default 0,
  primary key (organization_id, kind, day),
  constraint enrollment_days_kind_known check (kind in ('enrolled', 'completed', 'low_progress'))
) with (fillfactor = 50);
comment on table lectern.enrollment_days is 'How many enrollments were made and completed on each day in UTC, the withdrawn included, and of those made on it how many have low progress now (see course_counts). Kept by statement triggers, read by the overview. A row per kind: whoever enrolls many does not hold up whoever completes.';

create table lectern.membership_counts (
  organization_id uuid not null references lectern.organizations (id),
  role            text not null,
  is_active       boolean not null,
  is_archived     boolean not null,
  members         integer not null default 0,
  primary key (organization_id, role, is_active, is_archived)
) with (fillfactor = 50);
comment on table lectern.membership_counts is 'Exact counts of an organization''s memberships, kept by statement triggers.';

do $$
declare
  t text;
begin
  foreach t in array array['enrollment_days', 'membership_counts'] loop
    execute format('alter table lectern.%I enable row level security', t);
    execute format('alter table lectern.%I force row level security', t);
    execute format('create policy guard on lectern.%I to lectern_guard using (true) with check (true)', t);
    execute format('grant select, insert, update on lectern.%I to lectern_guard', t);
  end loop;
end $$;

set local role lectern_guard;

do $$
declare
  x record;
begin
  for x in select * from (values
    ('insert', 'select n.*, 1 as sign from new_rows n'),
    ('update', 'select n.*, 1 as sign from new_rows n union all select p.*, -1 from old_rows p'),
    ('delete', 'select p.*, -1 as sign from old_rows p')) as v(verb, changes)
  loop
    execute format($f$
      create function lectern.count_enrollments_%1$s() returns trigger
        language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $body$
      begin
        insert into lectern.course_counts as k (organization_id, course_id, enrolled, withdrawn, completed, progress_sum, low_progress)
          select d.organization_id, d.course_id, d.enrolled, d.withdrawn, d.completed, d.progress_sum, d.low_progress
            from (select c.organization_id, c.course_id,
                         coalesce(sum(c.sign) filter (where c.withdrawn_at is null), 0) as enrolled,
                         coalesce(sum(c.sign) filter (where c.withdrawn_at is not null), 0) as withdrawn,
                         coalesce(sum(c.sign) filter (where c.withdrawn_at is null and c.completed_at is not null), 0) as completed,
                         coalesce(sum(c.sign * c.progress) filter (where c.withdrawn_at is null), 0) as progress_sum,
                         coalesce(sum(c.sign) filter (where c.withdrawn_at is null and c.completed_at is null and c.progress < 25), 0) as low_progress
                    from (%2$s) c
                   group by c.organization_id, c.course_id) d
           where d.enrolled <> 0 or d.withdrawn <> 0 or d.completed <> 0 or d.progress_sum <> 0 or d.low_progress <> 0
           order by d.organization_id, d.course_id
          on conflict (organization_id, course_id) do update
            set enrolled = k.enrolled + excluded.enrolled, withdrawn = k.withdrawn + excluded.withdrawn, completed = k.completed + excluded.completed,
                progress_sum = k.progress_sum + excluded.progress_sum, low_progress = k.low_progress + excluded.low_progress;
        insert into lectern.enrollment_days as k (organization_id, day, kind, number)
          select d.organization_id, d.day, d.kind, d.number
            from (select c.organization_id, x.day, x.kind, sum(c.sign) as number
                    from (%2$s) c,
                         lateral (values ('enrolled', c.enrolled_at, true),
                                         ('completed', c.completed_at, c.completed_at is not null),
                                         ('low_progress', c.enrolled_at, c.withdrawn_at is null and c.completed_at is null and c.progress < 25)) v(kind, at, counts),
                         lateral (select v.kind, (v.at at time zone 'UTC')::date as day) x
                   where v.counts
                   group by c.organization_id, x.day, x.kind) d
           where d.number <> 0
           order by d.organization_id, d.kind, d.day
          on conflict (organization_id, kind, day) do update set number = k.number + excluded.number;
        return null;
      end $body$;
      create function lectern.count_memberships_%1$s() returns trigger
        language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $body$
      begin
        insert into lectern.membership_counts as k (organization_id, role, is_active, is_archived, members)
          select d.organization_id, d.role, d.is_active, d.is_archived, d.members
            from (select c.organization_id, c.role, c.is_active, c.archived_at is not null as is_archived, sum(c.sign) as members
                    from (%2$s) c
                   group by c.organization_id, c.role, c.is_active, c.archived_at is not null) d
           where d.members <> 0
           order by d.organization_id, d.role, d.is_active, d.is_archived
          on conflict (organization_id, role, is_active, is_archived) do update set members = k.members + excluded.members;
        return null;
      end $body$;
      grant execute on function lectern.count_enrollments_%1$s(), lectern.count_memberships_%1$s() to lectern_owner;
    $f$, x.verb, x.changes);
  end loop;
end $$;

-- Counting anew: first every row there should be exists and is locked, then a statement of its own counts. Whoever wrote
-- before has committed by then, whoever comes later adds their difference afterwards.
create function lectern.recount(organization uuid) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  changed integer := 0;
  mended integer;
  courses uuid[];
  days text[];
begin
  insert into lectern.course_counts (organization_id, course_id)
    select c.organization_id, c.id from lectern.courses c where c.organization_id = recount.organization order by c.id
    on conflict do nothing;
  select array_agg(k.course_id) into courses
    from (select x.course_id from lectern.course_counts x where x.organization_id = recount.organization order by x.course_id for no key update) k;
  update lectern.course_counts k
     set enrolled = x.enrolled, withdrawn = x.withdrawn, completed = x.completed, progress_sum = x.progress_sum, low_progress = x.low_progress, lessons = x.lessons
    from (select c.id, coalesce(e.enrolled, 0) as enrolled, coalesce(e.withdrawn, 0) as withdrawn, coalesce(e.completed, 0) as completed,
                 coalesce(e.progress_sum, 0) as progress_sum, coalesce(e.low_progress, 0) as low_progress, coalesce(l.lessons, 0) as lessons
            from unnest(courses) c(id)
            left join (select n.course_id, count(*) filter (where n.withdrawn_at is null) as enrolled, count(*) filter (where n.withdrawn_at is not null) as withdrawn,
                              count(*) filter (where n.withdrawn_at is null and n.completed_at is not null) as completed,
                              sum(n.progress) filter (where n.withdrawn_at is null) as progress_sum,
                              count(*) filter (where n.withdrawn_at is null and n.completed_at is null and n.progress < 25) as low_progress
                         from lectern.enrollments n where n.organization_id = recount.organization group by n.course_id) e on e.course_id = c.id
            left join (select n.course_id, count(*) as lessons
                         from lectern.lessons n
                         left join lectern.sub_courses s on s.organization_id = n.organization_id and s.course_id = n.course_id and s.id = n.sub_course_id
                        where n.organization_id = recount.organization and n.archived_at is null and (n.sub_course_id is null or s.archived_at is null)
                        group by n.course_id) l on l.course_id = c.id) x
   where k.organization_id = recount.organization and k.course_id = x.id
     and (k.enrolled, k.withdrawn, k.completed, k.progress_sum, k.low_progress, k.lessons)
         <> (x.enrolled, x.withdrawn, x.completed, x.progress_sum, x.low_progress, x.lessons);
  get diagnostics mended = row_count;
  changed := changed + mended;

  insert into lectern.enrollment_days (organization_id, day, kind)
    select distinct n.organization_id, (v.at at time zone 'UTC')::date, k.kind
      from lectern.enrollments n, lateral (values (n.enrolled_at), (n.completed_at)) v(at), unnest(array['enrolled', 'completed', 'low_progress']) k(kind)
     where n.organization_id = recount.organization and v.at is not null
     order by 3, 2
    on conflict do nothing;
  select array_agg(k.kind || k.day) into days
    from (select x.kind, x.day from lectern.enrollment_days x where x.organization_id = recount.organization order by x.kind, x.day for no key update) k;
  update lectern.enrollment_days k set number = x.number
    from (select d.day, d.kind, count(v.day) as number
            from lectern.enrollment_days d
            left join (select (n.enrolled_at at time zone 'UTC')::date as day, 'enrolled' as kind
                         from lectern.enrollments n where n.organization_id = recount.organization
                       union all
                       select (n.completed_at at time zone 'UTC')::date, 'completed'
                         from lectern.enrollments n where n.organization_id = recount.organization and n.completed_at is not null
                       union all
                       select (n.enrolled_at at time zone 'UTC')::date, 'low_progress'
                         from lectern.enrollments n
                        where n.organization_id = recount.organization and n.withdrawn_at is null and n.completed_at is null and n.progress < 25) v
              on v.day = d.day and v.kind = d.kind
           where d.organization_id = recount.organization
           group by d.day, d.kind) x
   where k.organization_id = recount.organization and k.day = x.day and k.kind = x.kind and k.number <> x.number
     and k.kind || k.day = any (days);
  get diagnostics mended = row_count;
  changed := changed + mended;

  insert into lectern.membership_counts (organization_id, role, is_active, is_archived)
    select recount.organization, r.role, a.is_active, x.is_archived
      from unnest(array['owner', 'admin', 'instructor', 'reviewer', 'learner']) r(role), (values (true), (false)) a(is_active), (values (true), (false)) x(is_archived)
     order by 2, 3, 4
    on conflict do nothing;
  perform from lectern.membership_counts k where k.organization_id = recount.organization order by k.role, k.is_active, k.is_archived for no key update;
  update lectern.membership_counts k set members = x.members
    from (select d.role, d.is_active, d.is_archived, count(m.id) as members
            from lectern.membership_counts d
            left join lectern.memberships m on m.organization_id = d.organization_id and m.role = d.role and m.is_active = d.is_active
                                           and (m.archived_at is not null) = d.is_archived
           where d.organization_id = recount.organization
           group by d.role, d.is_active, d.is_archived) x
   where k.organization_id = recount.organization and (k.role, k.is_active, k.is_archived) = (x.role, x.is_active, x.is_archived) and k.members <> x.members;
  get diagnostics mended = row_count;
  return changed + mended;
end $$;
comment on function lectern.recount(uuid) is 'Counts an organization anew and mends what differs; answers how many counts were wrong.';

-- Finding drift is mending it and, without repair, taking it back: one rule, not two that could disagree.
create function lectern.check_progress(organization uuid, repair boolean, out enrollments integer, out counts integer)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  begin
    enrollments := lectern.recompute_progress(check_progress.organization,
      array(select c.id from lectern.courses c where c.organization_id = check_progress.organization), '{}');
    counts := lectern.recount(check_progress.organization);
    if not check_progress.repair then
      raise exception using errcode = 'LE001';
    end if;
  exception when sqlstate 'LE001' then
    null;
  end;
end $$;
comment on function lectern.check_progress(uuid, boolean) is 'How many enrollments and counts of the organization do not say what its lessons say; with repair they do afterwards.';

create function lectern_api.check_progress(repair boolean, out enrollments integer, out counts integer)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  organization uuid := case when check_progress.repair then lectern.writable_if(40) else lectern.organization_if(40) end;
begin
  if organization is null then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  select x.enrollments, x.counts into check_progress.enrollments, check_progress.counts from lectern.check_progress(organization, check_progress.repair) x;
end $$;
comment on function lectern_api.check_progress(boolean) is 'The same for the chosen organization, by its owner or admin.';

grant execute on function lectern.recount(uuid), lectern.check_progress(uuid, boolean) to lectern_owner;
grant execute on function lectern_api.check_progress(boolean) to lectern_app;

set local role lectern_owner;
do $$
declare
  t text;
begin
  foreach t in array array['enrollments', 'memberships'] loop
    execute format('create trigger count_insert after insert on lectern.%I referencing new table as new_rows for each statement execute function lectern.count_%I()', t, t || '_insert');
    execute format('create trigger count_update after update on lectern.%I referencing old table as old_rows new table as new_rows for each statement execute function lectern.count_%I()', t, t || '_update');
    execute format('create trigger count_delete after delete on lectern.%I referencing old table as old_rows for each statement execute function lectern.count_%I()', t, t || '_delete');
  end loop;
end $$;
