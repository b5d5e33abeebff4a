-- A push writes neighbouring rows of one table in one statement: triggers of a statement (audit, history, counts) then run
-- once for all of them instead of once for each.
set local role lectern_owner;

drop function lectern_api.write_synced(uuid, uuid, text, uuid, boolean, jsonb, uuid);

create function lectern_api.write_synced(organization uuid, course uuid, target text, ids uuid[], is_new boolean, fs jsonb[], device uuid) returns void
  language plpgsql volatile set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
  written integer;
begin
  case target
    when 'sub_courses' then
      if is_new then
        insert into lectern.sub_courses (organization_id, id, course_id, title, description, position, published_at, archived_at)
          select organization, x.id, course, x.f ->> 'title', coalesce(x.f ->> 'description', ''), x.f ->> 'position', (x.f ->> 'published_at')::timestamptz, (x.f ->> 'archived_at')::timestamptz
            from unnest(ids, fs) with ordinality x(id, f, n) order by x.n;
      else
        update lectern.sub_courses r
           set title = case when x.f ? 'title' then x.f ->> 'title' else r.title end,
               description = case when x.f ? 'description' then x.f ->> 'description' else r.description end,
               position = case when x.f ? 'position' then x.f ->> 'position' else r.position end,
               published_at = case when x.f ? 'published_at' then (x.f ->> 'published_at')::timestamptz else r.published_at end,
               archived_at = case when x.f ? 'archived_at' then (x.f ->> 'archived_at')::timestamptz else r.archived_at end
          from unnest(ids, fs) x(id, f)
         where r.organization_id = organization and r.id = x.id and r.course_id = course;
      end if;
    when 'lessons' then
      if is_new then
        insert into lectern.lessons (organization_id, id, course_id, sub_course_id, title, position, duration_minutes, video, revision_id,
                                     published_at, published_revision_id, archived_at, document, markdown, html, plain_text)
          select organization, x.id, course, (x.f ->> 'sub_course_id')::uuid, x.f ->> 'title', x.f ->> 'position', coalesce((x.f ->> 'duration_minutes')::integer, 0), x.f ->> 'video', (x.f ->> 'revision_id')::uuid,
                  (x.f ->> 'published_at')::timestamptz, (x.f ->> 'published_revision_id')::uuid, (x.f ->> 'archived_at')::timestamptz,
                  nullif(x.f -> 'document', 'null'), coalesce(x.f ->> 'markdown', ''), coalesce(x.f ->> 'html', ''), coalesce(x.f ->> 'plain_text', '')
            from unnest(ids, fs) with ordinality x(id, f, n) order by x.n;
      else
        update lectern.lessons r
           set sub_course_id = case when x.f ? 'sub_course_id' then (x.f ->> 'sub_course_id')::uuid else r.sub_course_id end,
               title = case when x.f ? 'title' then x.f ->> 'title' else r.title end,
               position = case when x.f ? 'position' then x.f ->> 'position' else r.position end,
               duration_minutes = case when x.f ? 'duration_minutes' then (x.f ->> 'duration_minutes')::integer else r.duration_minutes end,
               video = case when x.f ? 'video' then x.f ->> 'video' else r.video end,
               revision_id = case when x.f ? 'revision_id' then (x.f ->> 'revision_id')::uuid else r.revision_id end,
               published_at = case when x.f ? 'published_at' then (x.f ->> 'published_at')::timestamptz else r.published_at end,
               published_revision_id = case when x.f ? 'published_revision_id' then (x.f ->> 'published_revision_id')::uuid else r.published_revision_id end,
               archived_at = case when x.f ? 'archived_at' then (x.f ->> 'archived_at')::timestamptz else r.archived_at end,
               document = case when x.f ? 'document' then nullif(x.f -> 'document', 'null') else r.document end,
               markdown = case when x.f ? 'markdown' then x.f ->> 'markdown' else r.markdown end,
               html = case when x.f ? 'html' then x.f ->> 'html' else r.html end,
               plain_text = case when x.f ? 'plain_text' then x.f ->> 'plain_text' else r.plain_text end
          from unnest(ids, fs) x(id, f)
         where r.organization_id = organization and r.id = x.id and r.course_id = course;
      end if;
    when 'quizzes' then
      if is_new then
        insert into lectern.quizzes (organization_id, id, course_id, sub_course_id, title, description, position, time_limit_minutes, max_attempts, passing_score, published_at, archived_at)
          select organization, x.id, course, (x.f ->> 'sub_course_id')::uuid, x.f ->> 'title', coalesce(x.f ->> 'description', ''), x.f ->> 'position', (x.f ->> 'time_limit_minutes')::integer,
                  (x.f ->> 'max_attempts')::integer, coalesce((x.f ->> 'passing_score')::smallint, 70::smallint), (x.f ->> 'published_at')::timestamptz, (x.f ->> 'archived_at')::timestamptz
            from unnest(ids, fs) with ordinality x(id, f, n) order by x.n;
      else
        update lectern.quizzes r
           set sub_course_id = case when x.f ? 'sub_course_id' then (x.f ->> 'sub_course_id')::uuid else r.sub_course_id end,
               title = case when x.f ? 'title' then x.f ->> 'title' else r.title end,
               description = case when x.f ? 'description' then x.f ->> 'description' else r.description end,
               position = case when x.f ? 'position' then x.f ->> 'position' else r.position end,
               time_limit_minutes = case when x.f ? 'time_limit_minutes' then (x.f ->> 'time_limit_minutes')::integer else r.time_limit_minutes end,
               max_attempts = case when x.f ? 'max_attempts' then (x.f ->> 'max_attempts')::integer else r.max_attempts end,
               passing_score = case when x.f ? 'passing_score' then (x.f ->> 'passing_score')::smallint else r.passing_score end,
               published_at = case when x.f ? 'published_at' then (x.f ->> 'published_at')::timestamptz else r.published_at end,
               archived_at = case when x.f ? 'archived_at' then (x.f ->> 'archived_at')::timestamptz else r.archived_at end
          from unnest(ids, fs) x(id, f)
         where r.organization_id = organization and r.id = x.id and r.course_id = course;
      end if;
    when 'questions' then
      if is_new then
        insert into lectern.questions (organization_id, id, course_id, quiz_id, kind, prompt, points_hundredths, explanation, feedback, source, position, archived_at)
          select organization, x.id, course, (x.f ->> 'quiz_id')::uuid, x.f ->> 'kind', x.f ->> 'prompt', coalesce((x.f ->> 'points_hundredths')::integer, 100), coalesce(x.f ->> 'explanation', ''),
                  coalesce(x.f ->> 'feedback', ''), nullif(x.f -> 'source', 'null'), x.f ->> 'position', (x.f ->> 'archived_at')::timestamptz
            from unnest(ids, fs) with ordinality x(id, f, n) order by x.n;
      else
        update lectern.questions r
           set kind = case when x.f ? 'kind' then x.f ->> 'kind' else r.kind end,
               prompt = case when x.f ? 'prompt' then x.f ->> 'prompt' else r.prompt end,
               points_hundredths = case when x.f ? 'points_hundredths' then (x.f ->> 'points_hundredths')::integer else r.points_hundredths end,
               explanation = case when x.f ? 'explanation' then x.f ->> 'explanation' else r.explanation end,
               feedback = case when x.f ? 'feedback' then x.f ->> 'feedback' else r.feedback end,
               position = case when x.f ? 'position' then x.f ->> 'position' else r.position end,
               archived_at = case when x.f ? 'archived_at' then (x.f ->> 'archived_at')::timestamptz else r.archived_at end
          from unnest(ids, fs) x(id, f)
         where r.organization_id = organization and r.id = x.id and r.course_id = course;
      end if;
    when 'question_options' then
      if is_new then
        insert into lectern.question_options (organization_id, id, course_id, question_id, label, feedback, position, archived_at)
          select organization, x.id, course, (x.f ->> 'question_id')::uuid, x.f ->> 'label', coalesce(x.f ->> 'feedback', ''), x.f ->> 'position', (x.f ->> 'archived_at')::timestamptz
            from unnest(ids, fs) with ordinality x(id, f, n) order by x.n;
      else
        update lectern.question_options r
           set label = case when x.f ? 'label' then x.f ->> 'label' else r.label end,
               feedback = case when x.f ? 'feedback' then x.f ->> 'feedback' else r.feedback end,
               position = case when x.f ? 'position' then x.f ->> 'position' else r.position end,
               archived_at = case when x.f ? 'archived_at' then (x.f ->> 'archived_at')::timestamptz else r.archived_at end
          from unnest(ids, fs) x(id, f)
         where r.organization_id = organization and r.id = x.id and r.course_id = course;
      end if;
    when 'answer_keys' then
      if is_new then
        insert into lectern.answer_keys (organization_id, id, course_id, question_id, option_id, accepted_text, accepted_number, tolerance, weight_percent, archived_at)
          select organization, x.id, course, (x.f ->> 'question_id')::uuid, (x.f ->> 'option_id')::uuid, x.f ->> 'accepted_text', (x.f ->> 'accepted_number')::double precision,
                  (x.f ->> 'tolerance')::double precision, coalesce((x.f ->> 'weight_percent')::smallint, 100::smallint), (x.f ->> 'archived_at')::timestamptz
            from unnest(ids, fs) with ordinality x(id, f, n) order by x.n;
      else
        update lectern.answer_keys r
           set option_id = case when x.f ? 'option_id' then (x.f ->> 'option_id')::uuid else r.option_id end,
               accepted_text = case when x.f ? 'accepted_text' then x.f ->> 'accepted_text' else r.accepted_text end,
               accepted_number = case when x.f ? 'accepted_number' then (x.f ->> 'accepted_number')::double precision else r.accepted_number end,
               tolerance = case when x.f ? 'tolerance' then (x.f ->> 'tolerance')::double precision else r.tolerance end,
               weight_percent = case when x.f ? 'weight_percent' then (x.f ->> 'weight_percent')::smallint else r.weight_percent end,
               archived_at = case when x.f ? 'archived_at' then (x.f ->> 'archived_at')::timestamptz else r.archived_at end
          from unnest(ids, fs) x(id, f)
         where r.organization_id = organization and r.id = x.id and r.course_id = course;
      end if;
    when 'merge_cards' then
      if is_new then
        insert into lectern.merge_cards (organization_id, id, course_id, table_name, row_id, block_id, field, kind, base, head, local, stands, resolution, resolved_at, device_id)
          select organization, x.id, course, x.f ->> 'table_name', (x.f ->> 'row_id')::uuid, x.f ->> 'block_id', x.f ->> 'field', x.f ->> 'kind', nullif(x.f -> 'base', 'null'),
                  nullif(x.f -> 'head', 'null'), nullif(x.f -> 'local', 'null'), coalesce(x.f ->> 'stands', 'head'), x.f ->> 'resolution', (x.f ->> 'resolved_at')::timestamptz, device
            from unnest(ids, fs) with ordinality x(id, f, n) order by x.n;
      else
        update lectern.merge_cards r
           set resolution = case when x.f ? 'resolution' then x.f ->> 'resolution' else r.resolution end,
               resolved_at = case when x.f ? 'resolved_at' then (x.f ->> 'resolved_at')::timestamptz else r.resolved_at end
          from unnest(ids, fs) x(id, f)
         where r.organization_id = organization and r.id = x.id and r.course_id = course;
      end if;
  end case;
  get diagnostics written = row_count;
  if written <> cardinality(ids) then
    raise exception 'not allowed' using errcode = '42501';
  end if;
end $$;
comment on function lectern_api.write_synced(uuid, uuid, text, uuid[], boolean, jsonb[], uuid) is 'Writes rows of one table of a course from the fields sync sends, with the caller''s rights. 42501: may not, at least one of them.';
grant execute on function lectern_api.write_synced(uuid, uuid, text, uuid[], boolean, jsonb[], uuid) to lectern_app;

create or replace function lectern_api.sync_push(push jsonb, contents bytea[]) returns jsonb
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
