-- One quiz per kind of question, so every screen that shows a quiz has something to show.
create table lectern_seed.questions (quiz integer, course integer, number integer, kind text, prompt text, options text[], correct integer[], accepted text, accepted_number double precision);
insert into lectern_seed.questions values
  (1, 1, 1, 'multiple_choice', 'You enter a bakery at nine in the morning. What do you say?', array['Boa noite', 'Bom dia', 'Até logo'], array[2], null, null),
  (1, 1, 2, 'short_answer', 'Write "thank you" as a woman says it.', null, null, 'obrigada', null),
  (2, 7, 1, 'true_false', 'A daily inspection may be skipped when the truck was used the day before.', null, null, 'false', null),
  (2, 7, 2, 'multiple_response', 'Which of these belong to the daily inspection?', array['Tyres', 'Horn', 'Paint', 'Forks'], array[1, 2, 4], null, null),
  (2, 7, 3, 'numeric', 'How many feet of clearance does a pedestrian need at least?', null, null, null, 3),
  (2, 7, 4, 'essay', 'Describe a near miss you have seen and what you changed afterwards.', null, null, null, null);

insert into lectern.quizzes (organization_id, id, course_id, title, position, time_limit_minutes, max_attempts, passing_score, published_at)
select k.organization_id, lectern_seed.id('quiz', v.quiz), k.id, v.title, lectern_seed.place(90), v.minutes, v.attempts, v.score, k.published_at
from (values (1, 1, 'Have you met everybody?', null::integer, null::integer, 60), (2, 7, 'Written test', 20, 3, 80)) as v (quiz, course, title, minutes, attempts, score)
join lectern_seed.courses c on c.number = v.course
join lectern_seed.organizations o on o.number = c.organization
join lectern.courses k on k.organization_id = o.id and k.id = c.id;

insert into lectern.questions (organization_id, id, course_id, quiz_id, kind, prompt, points_hundredths, position)
select z.organization_id, lectern_seed.id('question', q.quiz * 10 + q.number), z.course_id, z.id, q.kind, q.prompt, 100, lectern_seed.place(q.number)
from lectern_seed.questions q join lectern.quizzes z on z.id = lectern_seed.id('quiz', q.quiz);

insert into lectern.question_options (organization_id, id, course_id, question_id, label, position)
select z.organization_id, lectern_seed.id('option', q.quiz * 100 + q.number * 10 + o.number), z.course_id, lectern_seed.id('question', q.quiz * 10 + q.number), o.label, lectern_seed.place(o.number::integer)
from lectern_seed.questions q
join lectern.quizzes z on z.id = lectern_seed.id('quiz', q.quiz)
cross join lateral unnest(q.options) with ordinality as o (label, number);

insert into lectern.answer_keys (organization_id, id, course_id, question_id, option_id, accepted_text, accepted_number, tolerance)
select z.organization_id, lectern_seed.id('answer key', q.quiz * 100 + q.number * 10 + coalesce(k.correct, 0)), z.course_id, lectern_seed.id('question', q.quiz * 10 + q.number),
       case when k.correct is not null then lectern_seed.id('option', q.quiz * 100 + q.number * 10 + k.correct) end,
       q.accepted, q.accepted_number, case when q.accepted_number is not null then 0 end
from lectern_seed.questions q
join lectern.quizzes z on z.id = lectern_seed.id('quiz', q.quiz)
left join lateral unnest(q.correct) as k (correct) on true
where q.kind <> 'essay';
