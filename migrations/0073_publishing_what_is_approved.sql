-- Where the organization asks for it, learners read only what a reviewer approved, whoever publishes and however: a lesson's
-- published revision becomes only an approved one, and its text changes only together with it. What is published stays, is
-- taken back and brought back at will. The text itself is rendered by who publishes: of that the database only sees the
-- revision it is said to be.
set local role lectern_guard;

create function lectern.publish_approved() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  was lectern.lessons;
  is_refused boolean;
begin
  if not exists (select from lectern.organizations g where g.id = new.organization_id and g.approval_required) then
    return new;
  end if;
  if tg_op = 'UPDATE' then
    was := old;
  end if;
  is_refused := case
    when new.published_revision_id is distinct from was.published_revision_id and new.published_revision_id is not null then
      not exists (select from lectern.approvals a
                   where a.organization_id = new.organization_id and a.lesson_id = new.id and a.revision_id = new.published_revision_id and a.decision = 'approved')
    when new.published_revision_id is null and was.published_at is null then new.published_at is not null
    else (new.document, new.markdown, new.html, new.plain_text) is distinct from (was.document, was.markdown, was.html, was.plain_text)
  end;
  if is_refused then
    raise exception 'not approved' using errcode = '23514', constraint = 'lessons_approved', table = 'lessons', schema = 'lectern';
  end if;
  return new;
end $$;
grant execute on function lectern.publish_approved() to lectern_owner;

set local role lectern_owner;
create trigger publish_approved before insert or update on lectern.lessons for each row
  when (new.published_at is not null or new.published_revision_id is not null)
  execute function lectern.publish_approved();

create or replace function lectern_api.sync_refusal(constraint_name text, state text) returns text language sql immutable parallel safe
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
    when constraint_name = 'lessons_approved' then 'This revision is not approved yet. Ask a reviewer, then publish.'
    when constraint_name = 'revisions_name_length' then 'The name of a version has 1 to 200 characters.'
    when constraint_name in ('revisions_lesson_fkey', 'revisions_content_hash_length') then 'Its text cannot be kept: it belongs to no lesson of this course, or is damaged.'
    when state = '23505' then 'Something else has its place already.'
    when state = '23502' then 'Something that is needed is missing.'
    when state = '54000' then 'This is longer than the database takes.'
    when state like '22%' then 'A value has a form the database does not take.'
    else 'The database refuses this.'
  end;
