-- The rows of a course as they travel: which columns of which table, as JSON, and back. With the caller's rights, so the
-- policies decide.
set local role lectern_owner;
alter table lectern_auth.settings add column minimum_client_schema integer not null default 1;
alter table lectern_auth.settings add constraint settings_minimum_client_schema_range check (minimum_client_schema between 1 and 1000000);

set local role lectern_guard;
create function lectern_api.minimum_client_schema() returns integer
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (select l.minimum_client_schema from lectern_auth.settings l);
end $$;
comment on function lectern_api.minimum_client_schema() is 'The oldest shape of synced rows this server takes.';
grant execute on function lectern_api.minimum_client_schema() to lectern_app;

set local role lectern_owner;

create function lectern_api.synced(r lectern.sub_courses) returns jsonb language sql stable parallel safe
  return jsonb_build_object('title', r.title, 'description', r.description, 'position', r.position, 'published_at', r.published_at, 'archived_at', r.archived_at);
create function lectern_api.synced(r lectern.lessons) returns jsonb language sql stable parallel safe
  return jsonb_build_object('sub_course_id', r.sub_course_id, 'title', r.title, 'position', r.position, 'duration_minutes', r.duration_minutes, 'video', r.video,
      'revision_id', r.revision_id, 'published_at', r.published_at, 'published_revision_id', r.published_revision_id, 'archived_at', r.archived_at)
    || case when r.revision_id is null then jsonb_build_object('markdown', r.markdown) else '{}'::jsonb end;
create function lectern_api.synced(r lectern.quizzes) returns jsonb language sql stable parallel safe
  return jsonb_build_object('sub_course_id', r.sub_course_id, 'title', r.title, 'description', r.description, 'position', r.position, 'time_limit_minutes', r.time_limit_minutes,
    'max_attempts', r.max_attempts, 'passing_score', r.passing_score, 'published_at', r.published_at, 'archived_at', r.archived_at);
create function lectern_api.synced(r lectern.questions) returns jsonb language sql stable parallel safe
  return jsonb_build_object('quiz_id', r.quiz_id, 'kind', r.kind, 'prompt', r.prompt, 'points_hundredths', r.points_hundredths, 'explanation', r.explanation,
    'feedback', r.feedback, 'source', r.source, 'position', r.position, 'archived_at', r.archived_at);
create function lectern_api.synced(r lectern.question_options) returns jsonb language sql stable parallel safe
  return jsonb_build_object('question_id', r.question_id, 'label', r.label, 'feedback', r.feedback, 'position', r.position, 'archived_at', r.archived_at);
create function lectern_api.synced(r lectern.answer_keys) returns jsonb language sql stable parallel safe
  return jsonb_build_object('question_id', r.question_id, 'option_id', r.option_id, 'accepted_text', r.accepted_text, 'accepted_number', r.accepted_number,
    'tolerance', r.tolerance, 'weight_percent', r.weight_percent, 'archived_at', r.archived_at);
create function lectern_api.synced(r lectern.merge_cards) returns jsonb language sql stable parallel safe
  return jsonb_build_object('table_name', r.table_name, 'row_id', r.row_id, 'block_id', r.block_id, 'field', r.field, 'kind', r.kind, 'base', r.base, 'head', r.head,
    'local', r.local, 'stands', r.stands, 'resolution', r.resolution, 'resolved_at', r.resolved_at, 'device_id', r.device_id, 'person_id', r.person_id, 'created_at', r.created_at);

create function lectern_api.synced_by_seq(organization uuid, course uuid, after bigint, upto bigint) returns setof jsonb
  language plpgsql stable set search_path = pg_catalog, pg_temp set timezone = 'UTC' rows 100 as $$
begin
  return query
    select jsonb_build_object('table', x.t, 'id', x.id, 'version', x.version, 'seq', x.seq, 'fields', x.f)
      from (select 1 as n, 'sub_courses' as t, r.id, r.version, r.seq, lectern_api.synced(r) as f
              from lectern.sub_courses r where r.organization_id = organization and r.course_id = course and r.seq > after and r.seq <= upto
            union all
            select 2, 'lessons', r.id, r.version, r.seq, lectern_api.synced(r)
              from lectern.lessons r where r.organization_id = organization and r.course_id = course and r.seq > after and r.seq <= upto
            union all
            select 3, 'quizzes', r.id, r.version, r.seq, lectern_api.synced(r)
              from lectern.quizzes r where r.organization_id = organization and r.course_id = course and r.seq > after and r.seq <= upto
            union all
            select 4, 'questions', r.id, r.version, r.seq, lectern_api.synced(r)
              from lectern.questions r where r.organization_id = organization and r.course_id = course and r.seq > after and r.seq <= upto
            union all
            select 5, 'question_options', r.id, r.version, r.seq, lectern_api.synced(r)
              from lectern.question_options r where r.organization_id = organization and r.course_id = course and r.seq > after and r.seq <= upto
            union all
            select 6, 'answer_keys', r.id, r.version, r.seq, lectern_api.synced(r)
              from lectern.answer_keys r where r.organization_id = organization and r.course_id = course and r.seq > after and r.seq <= upto
            union all
            select 7, 'merge_cards', r.id, r.version, r.seq, lectern_api.synced(r)
              from lectern.merge_cards r where r.organization_id = organization and r.course_id = course and r.seq > after and r.seq <= upto) x
     order by x.seq, x.n, x.id;
end $$;
comment on function lectern_api.synced_by_seq(uuid, uuid, bigint, bigint) is 'A course''s rows numbered after one number and not after another, as sync sends them, in the order of their numbers. What the caller may not see is not there.';

create function lectern_api.synced_by_id(organization uuid, course uuid, tables text[], ids uuid[]) returns table (t text, id uuid, r jsonb)
  language plpgsql stable set search_path = pg_catalog, pg_temp set timezone = 'UTC' rows 100 as $$
begin
  return query
    select x.t, x.id, jsonb_build_object('table', x.t, 'id', x.id, 'version', x.version, 'seq', x.seq, 'fields', x.f)
      from (select 'sub_courses' as t, q.id, q.version, q.seq, lectern_api.synced(q) as f
              from lectern.sub_courses q where 'sub_courses' = any (tables) and q.organization_id = organization and q.id = any (ids) and q.course_id = course
            union all
            select 'lessons', q.id, q.version, q.seq, lectern_api.synced(q)
              from lectern.lessons q where 'lessons' = any (tables) and q.organization_id = organization and q.id = any (ids) and q.course_id = course
            union all
            select 'quizzes', q.id, q.version, q.seq, lectern_api.synced(q)
              from lectern.quizzes q where 'quizzes' = any (tables) and q.organization_id = organization and q.id = any (ids) and q.course_id = course
            union all
            select 'questions', q.id, q.version, q.seq, lectern_api.synced(q)
              from lectern.questions q where 'questions' = any (tables) and q.organization_id = organization and q.id = any (ids) and q.course_id = course
            union all
            select 'question_options', q.id, q.version, q.seq, lectern_api.synced(q)
              from lectern.question_options q where 'question_options' = any (tables) and q.organization_id = organization and q.id = any (ids) and q.course_id = course
            union all
            select 'answer_keys', q.id, q.version, q.seq, lectern_api.synced(q)
              from lectern.answer_keys q where 'answer_keys' = any (tables) and q.organization_id = organization and q.id = any (ids) and q.course_id = course
            union all
            select 'merge_cards', q.id, q.version, q.seq, lectern_api.synced(q)
              from lectern.merge_cards q where 'merge_cards' = any (tables) and q.organization_id = organization and q.id = any (ids) and q.course_id = course) x;
end $$;
comment on function lectern_api.synced_by_id(uuid, uuid, text[], uuid[]) is 'A course''s rows of these tables and ids, as sync sends them. What the caller may not see is not there.';

-- Column by column: a field that is absent keeps its value, or gives a new row its default. Rows of one table in one
-- statement: its triggers (audit, history, counts) run once for all of them.
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

-- What a client may say of a row. Fixed ones are written with the row, ignored ones are the server's to say.
create function lectern_api.unwritable_field(target text, is_new boolean, f jsonb, before jsonb) returns text
  language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  known text[];
  fixed text[] := '{}';
begin
  case target
    when 'sub_courses' then known := '{title,description,position,published_at,archived_at}';
    when 'lessons' then
      known := '{sub_course_id,title,position,duration_minutes,video,revision_id,published_at,published_revision_id,archived_at}';
      if f ->> 'published_revision_id' is not null then
        known := known || '{document,markdown,html,plain_text}'::text[];
        if not f ?& '{document,markdown,html,plain_text}' then
          return 'published_revision_id';
        end if;
      end if;
    when 'quizzes' then known := '{sub_course_id,title,description,position,time_limit_minutes,max_attempts,passing_score,published_at,archived_at}';
    when 'questions' then
      fixed := '{quiz_id,source}';
      known := '{kind,prompt,points_hundredths,explanation,feedback,position,archived_at}';
    when 'question_options' then
      fixed := '{question_id}';
      known := '{label,feedback,position,archived_at}';
    when 'answer_keys' then
      fixed := '{question_id}';
      known := '{option_id,accepted_text,accepted_number,tolerance,weight_percent,archived_at}';
    when 'merge_cards' then
      fixed := '{table_name,row_id,block_id,field,kind,base,head,local,stands}';
      known := '{resolution,resolved_at,device_id,person_id,created_at}';
    else return 'table';
  end case;
  return (select k from jsonb_object_keys(f) k
           where k <> all (known) and (k <> all (fixed) or (not is_new and before -> k is distinct from f -> k))
           order by k limit 1);
end $$;
comment on function lectern_api.unwritable_field(text, boolean, jsonb, jsonb) is 'The first field of a row that sync does not write, or null: unknown here, never changed once written, or a publication without its text.';

create function lectern_api.sync_refusal(constraint_name text, state text) returns text language sql immutable parallel safe
  return case
    when constraint_name like '%\_title\_length' then 'A title has 1 to 200 characters.'
    when constraint_name like '%\_description\_length' then 'A description has at most 2,000 characters.'
    when constraint_name like '%\_position\_form' then 'Its place in the order cannot be read. Move it once more.'
    when constraint_name = 'lessons_duration_range' then 'A lesson takes 0 to 10,000 minutes.'
    when constraint_name = 'lessons_video_length' then 'The address of a video has at most 2,000 characters.'
    when constraint_name in ('lessons_markdown_length', 'lessons_html_length', 'lessons_plain_text_length') then 'A lesson has at most 2,000,000 characters. Split it into two lessons.'
    when constraint_name in ('lessons_sub_course_fkey', 'quizzes_sub_course_fkey') then 'The sub-course it stands in is not there. Move it to another place.'
    when constraint_name = 'questions_quiz_fkey' then 'The quiz it stands in is not there.'
    when constraint_name in ('question_options_question_fkey', 'answer_keys_question_fkey') then 'The question it belongs to is not there.'
    when constraint_name = 'answer_keys_option_fkey' then 'The option it marks is not there.'
    when constraint_name = 'answer_keys_option_key' then 'This option is marked already.'
    when constraint_name = 'answer_keys_one_form' then 'A correct answer is an option, a text or a number: one of them.'
    when constraint_name = 'answer_keys_text_length' then 'An accepted answer has 1 to 2,000 characters.'
    when constraint_name in ('answer_keys_number_finite', 'answer_keys_tolerance_range') then 'An accepted number and its tolerance are numbers, and the tolerance is not below zero.'
    when constraint_name = 'answer_keys_weight_range' then 'A weight is between -100 and 100 percent.'
    when constraint_name = 'quizzes_time_limit_range' then 'A time limit is 1 to 1,440 minutes, or none.'
    when constraint_name = 'quizzes_max_attempts_range' then 'Attempts are 1 to 10, or without limit.'
    when constraint_name = 'quizzes_passing_score_range' then 'A passing score is between 0 and 100 percent.'
    when constraint_name = 'questions_kind_known' then 'This server does not know this kind of question. It needs a newer version of the database.'
    when constraint_name = 'questions_prompt_length' then 'A question has 1 to 10,000 characters.'
    when constraint_name = 'questions_points_range' then 'Points are between 0 and 1,000.'
    when constraint_name in ('questions_explanation_length', 'questions_feedback_length', 'question_options_feedback_length') then 'This text has at most 10,000 characters.'
    when constraint_name = 'question_options_label_length' then 'An option has 1 to 2,000 characters.'
    when constraint_name in ('lessons_revision_fkey', 'lessons_published_revision_fkey') then 'Its text is not on the server. Change the lesson once more.'
    when constraint_name in ('revisions_parent_fkey', 'revisions_merged_fkey', 'revisions_key_frame_has_no_parent') then 'What its text was written on is not on the server.'
    when constraint_name = 'revisions_name_length' then 'The name of a version has 1 to 200 characters.'
    when constraint_name in ('revisions_lesson_fkey', 'revisions_content_hash_length') then 'Its text cannot be kept: it belongs to no lesson of this course, or is damaged.'
    when state = '23505' then 'Something else has its place already.'
    when state = '23502' then 'Something that is needed is missing.'
    when state = '54000' then 'This is longer than the database takes.'
    when state like '22%' then 'A value has a form the database does not take.'
    else 'The database refuses this.'
  end;

grant execute on function lectern_api.synced(lectern.sub_courses), lectern_api.synced(lectern.lessons), lectern_api.synced(lectern.quizzes), lectern_api.synced(lectern.questions),
  lectern_api.synced(lectern.question_options), lectern_api.synced(lectern.answer_keys), lectern_api.synced(lectern.merge_cards),
  lectern_api.synced_by_seq(uuid, uuid, bigint, bigint), lectern_api.synced_by_id(uuid, uuid, text[], uuid[]), lectern_api.sync_refusal(text, text),
  lectern_api.write_synced(uuid, uuid, text, uuid[], boolean, jsonb[], uuid), lectern_api.unwritable_field(text, boolean, jsonb, jsonb) to lectern_app;
comment on function lectern_api.sync_refusal(text, text) is 'What an author is told when a constraint (or this SQLSTATE) refuses a row. Never a value.';
comment on function lectern_api.synced(lectern.sub_courses) is 'The synced columns of a sub-course.';
comment on function lectern_api.synced(lectern.lessons) is 'The synced columns of a lesson; its markdown while it has no document.';
comment on function lectern_api.synced(lectern.quizzes) is 'The synced columns of a quiz.';
comment on function lectern_api.synced(lectern.questions) is 'The synced columns of a question.';
comment on function lectern_api.synced(lectern.question_options) is 'The synced columns of an option.';
comment on function lectern_api.synced(lectern.answer_keys) is 'The synced columns of an answer key.';
comment on function lectern_api.synced(lectern.merge_cards) is 'The synced columns of a merge card.';
