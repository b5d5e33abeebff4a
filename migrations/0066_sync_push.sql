-- Everything a device changed in a course, all or nothing, with the caller's rights: the policies decide on each row. What
-- it answers and in which order it asks is written down with the messages (sync-core, wire).
set local role lectern_owner;

create function lectern_api.course_access(organization uuid, course uuid) returns text
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from lectern.courses c where c.organization_id = organization and c.id = course) then
    return null;
  end if;
  return case
    when organization = lectern.writable_if(40) then 'write'
    when organization = lectern.writable_if(10) and (organization, course) in (select t.o, t.c from lectern.taught('{lead,instructor}') t) then 'write'
    when organization = lectern.organization_if(40) then 'read'
    when organization = lectern.organization_if(10) and (organization, course) in (select t.o, t.c from lectern.taught('{lead,instructor,assistant,reviewer}') t) then 'read'
  end;
end $$;
comment on function lectern_api.course_access(uuid, uuid) is 'write, read, or null for whoever is no staff of the course: learners too. Says what the policies would do; they do it.';

create function lectern_api.known_point(organization uuid, course uuid, point jsonb) returns boolean
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (point ->> 'seq')::bigint = 0
      or exists (select from lectern.pushes p
                  where p.organization_id = organization and p.course_id = course and p.seq = (point ->> 'seq')::bigint and encode(p.chain, 'hex') = point ->> 'chain');
end $$;
comment on function lectern_api.known_point(uuid, uuid, jsonb) is 'Whether this number with this chain is of the course''s history here.';

-- Rows of other versions, and the containers' rule: what is live must not stand in what is archived, at any level. Of every
-- row only what the rule asks for is carried along.
create function lectern_api.stale_rows(organization uuid, course uuid, changes jsonb) returns jsonb
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  places constant jsonb := '[["lessons", "sub_course_id", "sub_courses"], ["quizzes", "sub_course_id", "sub_courses"], ["questions", "quiz_id", "quizzes"],
    ["question_options", "question_id", "questions"], ["answer_keys", "question_id", "questions"], ["answer_keys", "option_id", "question_options"]]';
  line jsonb;
  more jsonb;
  tables text[];
  ids uuid[];
  stale jsonb;
  answer jsonb;
begin
  -- As the rows will be.
  select array_agg(distinct c ->> 'table'), array_agg(distinct (c ->> 'id')::uuid) into tables, ids from jsonb_array_elements(changes) c;
  with change as materialized (
    select x.c ->> 'table' as t, (x.c ->> 'id')::uuid as id, x.c ->> 'expect' as expect, x.n,
           (select coalesce(jsonb_object_agg(e.k, e.v), '{}') from jsonb_each(x.c -> 'fields') e(k, v)
             where e.k in ('archived_at', 'sub_course_id', 'quiz_id', 'question_id', 'option_id')) as f
      from jsonb_array_elements(changes) with ordinality x(c, n)
  ), sent as (
    select k.t, k.id, coalesce(jsonb_object_agg(e.k, e.v order by k.n) filter (where e.k is not null), '{}') as f
      from change k
      left join lateral jsonb_each(k.f) e(k, v) on true
     group by k.t, k.id
  ), here as materialized (
    select h.t, h.id, h.r ->> 'version' as version, h.r -> 'fields' as f from lectern_api.synced_by_id(organization, course, tables, ids) h
  )
  select jsonb_agg(jsonb_build_object('t', s.t, 'id', s.id, 'is_sent', true, 'is_here', h.id is not null, 'decides', s.f ? 'archived_at',
           'f', jsonb_build_object('archived_at', h.f -> 'archived_at', 'sub_course_id', h.f -> 'sub_course_id', 'quiz_id', h.f -> 'quiz_id',
                                   'question_id', h.f -> 'question_id', 'option_id', h.f -> 'option_id') || s.f)),
         (select jsonb_agg(jsonb_build_array(k.t, k.id)) from change k left join here b on b.t = k.t and b.id = k.id where b.version is distinct from k.expect)
    into line, stale
    from sent s
    left join here h on h.t = s.t and h.id = s.id;
  -- And what they stand in, up to the course.
  loop
    with row as materialized (select * from jsonb_to_recordset(line) as r(t text, id uuid, f jsonb))
    select array_agg(distinct p ->> 2), array_agg(distinct (r.f ->> (p ->> 1))::uuid) into tables, ids
      from row r
      join jsonb_array_elements(places) p on p ->> 0 = r.t
     where r.f ->> (p ->> 1) is not null and (p ->> 2, (r.f ->> (p ->> 1))::uuid) not in (select o.t, o.id from row o);
    exit when ids is null;
    select jsonb_agg(jsonb_build_object('t', h.t, 'id', h.id, 'f', jsonb_build_object('archived_at', h.r -> 'fields' -> 'archived_at', 'sub_course_id', h.r -> 'fields' -> 'sub_course_id',
             'quiz_id', h.r -> 'fields' -> 'quiz_id', 'question_id', h.r -> 'fields' -> 'question_id', 'option_id', h.r -> 'fields' -> 'option_id')))
      into more
      from lectern_api.synced_by_id(organization, course, tables, ids) h
     where (h.t, h.id) not in (select r.t, r.id from jsonb_to_recordset(line) as r(t text, id uuid));
    exit when more is null;
    line := line || more;
  end loop;

  with recursive row as materialized (
    select r.t, r.id, r.f, coalesce(r.is_sent, false) as is_sent, coalesce(r.is_here, true) as is_here, coalesce(r.decides, false) as decides, r.f ->> 'archived_at' is not null as is_archived
      from jsonb_to_recordset(line) as r(t text, id uuid, f jsonb, is_sent boolean, is_here boolean, decides boolean)
  ), stands as materialized (
    select r.t, r.id, p ->> 2 as above_t, (r.f ->> (p ->> 1))::uuid as above_id
      from row r
      join jsonb_array_elements(places) p on p ->> 0 = r.t
     where r.f ->> (p ->> 1) is not null
  ), above (t, id) as (
    select s.above_t, s.above_id from row r join stands s on s.t = r.t and s.id = r.id where r.is_sent and not r.is_archived
    union
    select s.above_t, s.above_id from above a join stands s on s.t = a.t and s.id = a.id
  ), buried as materialized (
    select r.t, r.id from row r where r.is_sent and r.decides and r.is_archived
  ), contents as (
    select 'lessons' as t, r.id from lectern.lessons r
     where r.organization_id = organization and r.course_id = course and r.archived_at is null
       and r.sub_course_id in (select b.id from buried b where b.t = 'sub_courses')
    union all
    select 'quizzes', r.id from lectern.quizzes r
     where r.organization_id = organization and r.course_id = course and r.archived_at is null
       and r.sub_course_id in (select b.id from buried b where b.t = 'sub_courses')
    union all
    select 'questions', r.id from lectern.questions r
     where r.organization_id = organization and r.course_id = course and r.archived_at is null
       and r.quiz_id in (select b.id from buried b where b.t = 'quizzes')
    union all
    select 'question_options', r.id from lectern.question_options r
     where r.organization_id = organization and r.course_id = course and r.archived_at is null
       and r.question_id in (select b.id from buried b where b.t = 'questions')
    union all
    select 'answer_keys', r.id from lectern.answer_keys r
     where r.organization_id = organization and r.course_id = course and r.archived_at is null
       and (r.question_id in (select b.id from buried b where b.t = 'questions') or r.option_id in (select b.id from buried b where b.t = 'question_options'))
  )
  select coalesce(stale, '[]') || coalesce(jsonb_agg(jsonb_build_array(x.t, x.id)), '[]') into stale
    from (select a.t, a.id from above a join row r on r.t = a.t and r.id = a.id where r.is_archived
          union all
          select s.t, s.id from row r join stands s on s.t = r.t and s.id = r.id join buried b on b.t = s.above_t and b.id = s.above_id
           where r.is_sent and r.is_here and not r.is_archived
          union all
          select c.t, c.id from contents c where (c.t, c.id) not in (select r.t, r.id from row r where r.is_sent)) x;

  select array_agg(distinct s ->> 0), array_agg(distinct (s ->> 1)::uuid) into tables, ids from jsonb_array_elements(stale) s;
  select jsonb_agg(jsonb_build_object('table', s.t, 'id', s.id, 'row', h.r)
                   order by array_position('{sub_courses,lessons,quizzes,questions,question_options,answer_keys,merge_cards}', s.t), s.id)
    into answer
    from (select distinct s ->> 0 as t, (s ->> 1)::uuid as id from jsonb_array_elements(stale) s) s
    left join lectern_api.synced_by_id(organization, course, tables, ids) h on h.t = s.t and h.id = s.id;
  return answer;
end $$;
comment on function lectern_api.stale_rows(uuid, uuid, jsonb) is 'The rows these changes were not made on, as they are here, or null: other versions, archived containers of what would be live, live rows in what would be archived.';

create function lectern_api.sync_push(push jsonb, contents bytea[]) returns jsonb
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  organization constant uuid := push ->> 'organization_id';
  course constant uuid := push ->> 'course_id';
  named constant uuid := push ->> 'push_id';
  device constant uuid := push ->> 'device_id';
  minimum constant integer := lectern_api.minimum_client_schema();
  me constant record := lectern.acting();
  found_before record;
  archived_at timestamptz;
  number bigint;
  link bytea;
  stale jsonb;
  x record;
  is_together boolean;
  field text;
  at_table text;
  at_id uuid;
  broken text;
  versions jsonb;
begin
  select p.seq, p.chain, p.receipt into found_before from lectern.pushes p
   where p.organization_id = organization and p.course_id = course and p.push_id = named and p.person_id = me.p and p.receipt is not null;
  if not found then
    if lectern_api.course_access(organization, course) is distinct from 'write' then
      return jsonb_build_object('status', 'denied');
    elsif (push ->> 'client_schema')::integer < minimum then
      return jsonb_build_object('status', 'upgrade', 'minimum', minimum);
    -- Printed, the message has a blank after each name: a quarter more than it is measured as where it was written.
    elsif jsonb_array_length(push -> 'rows') > 200 or coalesce(array_length(contents, 1), 0) <> jsonb_array_length(push -> 'revisions')
       or octet_length(push::text) + (select coalesce(sum(octet_length(c)), 0) from unnest(contents) c) > 5000000 then
      return jsonb_build_object('status', 'too_large');
    end if;
    select c.archived_at into archived_at from lectern.courses c where c.organization_id = organization and c.id = course for no key update;
    if not found then
      return jsonb_build_object('status', 'denied');
    end if;
    select p.seq, p.chain, p.receipt into found_before from lectern.pushes p
     where p.organization_id = organization and p.course_id = course and p.push_id = named and p.person_id = me.p and p.receipt is not null;
  end if;
  if found then
    return jsonb_build_object('status', 'ok', 'seq', found_before.seq, 'chain', encode(found_before.chain, 'hex'), 'versions', found_before.receipt, 'repeated', true);
  elsif archived_at is not null then
    return jsonb_build_object('status', 'archived');
  elsif not lectern_api.known_point(organization, course, push -> 'horizon') then
    return jsonb_build_object('status', 'fork');
  end if;
  stale := lectern_api.stale_rows(organization, course, push -> 'rows');
  if stale is not null then
    select p.seq, p.chain into number, link from lectern.pushes p where p.organization_id = organization and p.course_id = course order by p.seq desc limit 1;
    return jsonb_build_object('status', 'stale', 'rows', stale, 'head', jsonb_build_object('seq', coalesce(number, 0), 'chain', coalesce(encode(link, 'hex'), '')));
  end if;

  -- Neighbours of one kind in one statement each, so triggers run once for all of them; if anything is refused, once more
  -- row by row, to tell at which.
  foreach is_together in array array[true, false] loop
    begin
      at_id := null;
      select b.seq, b.chain into number, link from lectern_api.begin_push(organization, course, named, device) b;
      set constraints lectern.lessons_revision_fkey, lectern.lessons_published_revision_fkey deferred;
      for x in
        with change as (
          select c.n, c.c ->> 'table' as t, (c.c ->> 'id')::uuid as id, c.c ->> 'expect' is null as is_new, c.c -> 'fields' as f
            from jsonb_array_elements(push -> 'rows') with ordinality c(c, n)
        ), here as (
          select h.t, h.id, h.r
            from (select array_agg(distinct k.t) as tables, array_agg(distinct k.id) as ids from change k where not k.is_new) a,
                 lateral lectern_api.synced_by_id(organization, course, a.tables, a.ids) h
        ), told as (
          select k.*, lectern_api.unwritable_field(k.t, k.is_new, k.f, h.r -> 'fields') as unwritable,
                 not is_together or lag(k.t) over (order by k.n) is distinct from k.t or lag(k.is_new) over (order by k.n) is distinct from k.is_new as begins
            from change k
            left join here h on h.t = k.t and h.id = k.id
        ), run as (
          select k.*, count(*) filter (where k.begins) over (order by k.n) as run from told k
        )
        select r.t, r.is_new, array_agg(r.id order by r.n) as ids, array_agg(r.f order by r.n) as fs, min(r.unwritable) as unwritable
          from run r
         group by r.run, r.t, r.is_new
         order by r.run
      loop
        at_table := x.t;
        at_id := x.ids[1];
        field := x.unwritable;
        if field is not null then
          raise exception 'unwritable' using errcode = '22000', constraint = 'unwritable';
        end if;
        perform lectern_api.write_synced(organization, course, x.t, x.ids, x.is_new, x.fs, device);
      end loop;
      for x in
        select min(r.n) as n, array_agg(r.r order by r.n) as rs, array_agg(contents[r.n] order by r.n) as contents
          from jsonb_array_elements(push -> 'revisions') with ordinality r(r, n)
         group by case when not is_together then r.n end
         order by 1
      loop
        at_table := 'lessons';
        at_id := x.rs[1] ->> 'lesson_id';
        insert into lectern.revisions (organization_id, id, course_id, lesson_id, parent_id, merged_id, name, is_key_frame, content, content_hash, device_id)
          select organization, (r.r ->> 'id')::uuid, course, (r.r ->> 'lesson_id')::uuid, (r.r ->> 'parent_id')::uuid, (r.r ->> 'merged_id')::uuid, r.r ->> 'name',
                 (r.r ->> 'is_key_frame')::boolean, r.content, decode(r.r ->> 'content_hash', 'hex'), (r.r ->> 'device_id')::uuid
            from unnest(x.rs, x.contents) with ordinality r(r, content, n)
           where not exists (select from lectern.revisions v where v.organization_id = organization and v.course_id = course and v.id = (r.r ->> 'id')::uuid)
           order by r.n;
      end loop;
      select l.id into at_id
        from jsonb_array_elements(push -> 'rows') with ordinality c(c, n)
        join lectern.lessons l on l.organization_id = organization and l.id = (c.c ->> 'id')::uuid
        cross join lateral (values (l.revision_id), (l.published_revision_id)) v(id)
       where c.c ->> 'table' = 'lessons' and v.id is not null
         and not exists (select from lectern.revisions r where r.organization_id = organization and r.lesson_id = l.id and r.id = v.id)
       order by c.n limit 1;
      if found then
        at_table := 'lessons';
        raise exception 'no such revision' using errcode = '23503', constraint = 'lessons_revision_fkey';
      end if;
      set constraints lectern.lessons_revision_fkey, lectern.lessons_published_revision_fkey immediate;
      exit;
    exception
      when insufficient_privilege then
        if not is_together then
          return jsonb_build_object('status', 'denied');
        end if;
      when integrity_constraint_violation or data_exception or program_limit_exceeded then
        if not is_together then
          get stacked diagnostics broken = constraint_name;
          if at_id is null then
            raise;
          end if;
          return jsonb_build_object('status', 'invalid', 'table', at_table, 'id', at_id, 'reason',
            case when broken <> 'unwritable' then lectern_api.sync_refusal(broken, sqlstate)
                 when field = 'table' then 'This server does not know this kind of row. It needs a newer version of the database.'
                 when field = 'published_revision_id' then 'What learners shall read did not come along. Publish the lesson once more.'
                 else format('This server does not take its field %s. It needs a newer version of the database.', left(field, 60)) end);
        end if;
    end;
  end loop;

  select coalesce(jsonb_agg(jsonb_build_array(c.c ->> 'table', c.c ->> 'id', v.version) order by c.n), '[]') into versions
    from jsonb_array_elements(push -> 'rows') with ordinality c(c, n)
    left join (
      select 'sub_courses' as t, r.id, r.version from lectern.sub_courses r where r.organization_id = organization and r.course_id = course and r.seq = number
      union all
      select 'lessons', r.id, r.version from lectern.lessons r where r.organization_id = organization and r.course_id = course and r.seq = number
      union all
      select 'quizzes', r.id, r.version from lectern.quizzes r where r.organization_id = organization and r.course_id = course and r.seq = number
      union all
      select 'questions', r.id, r.version from lectern.questions r where r.organization_id = organization and r.course_id = course and r.seq = number
      union all
      select 'question_options', r.id, r.version from lectern.question_options r where r.organization_id = organization and r.course_id = course and r.seq = number
      union all
      select 'answer_keys', r.id, r.version from lectern.answer_keys r where r.organization_id = organization and r.course_id = course and r.seq = number
      union all
      select 'merge_cards', r.id, r.version from lectern.merge_cards r where r.organization_id = organization and r.course_id = course and r.seq = number) v
      on v.t = c.c ->> 'table' and v.id = (c.c ->> 'id')::uuid;
  perform lectern_api.keep_receipt(organization, course, number, versions);
  return jsonb_build_object('status', 'ok', 'seq', number, 'chain', encode(link, 'hex'), 'versions', versions, 'repeated', false);
end $$;
comment on function lectern_api.sync_push(jsonb, bytea[]) is 'Writes what a device changed in a course, all or nothing, once. Answers ok, stale, fork, denied, archived, upgrade, invalid or too_large; nothing is written but with ok. One push a transaction.';

grant execute on function lectern_api.course_access(uuid, uuid), lectern_api.known_point(uuid, uuid, jsonb), lectern_api.stale_rows(uuid, uuid, jsonb),
  lectern_api.sync_push(jsonb, bytea[]) to lectern_app;
