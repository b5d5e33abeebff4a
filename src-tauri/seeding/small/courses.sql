-- Courses as people really make them: some with parts, some flat, one still a draft, one switched off, one archived.
create table lectern_seed.courses (
  number integer primary key, id uuid, organization integer, title text, description text, level text, category text,
  tags text[], price_cents bigint, status text, lead integer, also integer, archived boolean);
insert into lectern_seed.courses
select v.number, lectern_seed.id('course', v.number), v.organization, v.title, v.description, v.level, v.category,
       v.tags, v.price_cents, v.status, v.lead, v.also, v.archived
from (values
  (1,  1, 'Portuguese for newcomers', 'From the first bom dia to a conversation at the counter.', 'beginner', 'Languages', array['portuguese', 'a1'], 12000, 'active', 3, 5, false),
  (2,  1, 'Portuguese in the workplace', 'Letters, meetings and the telephone.', 'intermediate', 'Languages', array['portuguese', 'b1', 'work'], 18000, 'active', 3, null, false),
  (3,  1, 'العربية للمبتدئين', 'الحروف والأصوات والجمل الأولى.', 'beginner', 'Languages', array['arabic', 'a1'], 12000, 'active', 4, null, false),
  (4,  1, 'English pronunciation clinic', 'Six short sessions on the sounds that give people trouble.', 'advanced', 'Languages', array['english', 'c1'], 6000, 'active', 5, 3, false),
  (5,  1, 'Teaching adults', 'For our own instructors.', 'intermediate', 'Staff', array['internal'], 0, 'draft', 5, null, false),
  (6,  2, 'Welding I: safety and first beads', 'Required before anybody touches a torch.', 'beginner', 'Trades', array['welding', 'safety'], 45000, 'active', 23, 24, false),
  (7,  2, 'Forklift refresher', 'Yearly refresher with a written test.', 'intermediate', 'Safety', array['safety', 'yearly'], 9900, 'active', 24, null, false),
  (8,  2, 'Reading electrical drawings', 'Symbols, schedules and what is missing from them.', 'intermediate', 'Trades', array['electrical'], 22000, 'active', 25, 23, false),
  (9,  2, 'Blueprint basics (2019 edition)', 'Replaced by "Reading electrical drawings".', 'beginner', 'Trades', array['old'], 15000, 'disabled', 25, null, true),
  (10, 3, '書道入門', '筆の持ち方から半紙に名前を書くまで。', 'beginner', '文化', array['書道'], 8000, 'active', 43, null, false),
  (11, 3, '防災の基礎', '地震と台風に備える。', 'beginner', '安全', array['防災', '無料'], 0, 'active', 44, 43, false),
  (12, 3, 'Japanese for everyday life', 'For neighbours who have just arrived.', 'beginner', 'Languages', array['japanese', 'n5'], 0, 'active', 44, null, false)
) as v (number, organization, title, description, level, category, tags, price_cents, status, lead, also, archived);

insert into lectern.courses (organization_id, id, title, description, level, category, tags, price_cents, status, published_at, created_by, created_at, updated_at, archived_at)
select o.id, c.id, c.title, c.description, c.level, c.category, c.tags, c.price_cents, c.status,
       case when c.status <> 'draft' then now() - interval '1 day' * (270 + c.number) end, p.id,
       now() - interval '1 day' * (290 + c.number), now() - interval '1 day' * (20 + c.number),
       case when c.archived then now() - interval '40 days' end
from lectern_seed.courses c
join lectern_seed.organizations o on o.number = c.organization
join lectern_seed.people p on p.number = c.lead;

insert into lectern.course_staff (organization_id, id, course_id, person_id, duty, created_at, updated_at)
select o.id, lectern_seed.id('staff', s.number), c.id, p.id, s.duty, k.created_at, k.created_at
from (
  select number, number as course, lead as person, 'lead' as duty from lectern_seed.courses
  union all
  select 100 + number, number, also, 'instructor' from lectern_seed.courses where also is not null
  union all
  select 200 + number, number, case organization when 1 then 6 when 2 then 26 else 22 end, 'reviewer' from lectern_seed.courses where number in (1, 3, 6, 7, 11)
) s
join lectern_seed.courses c on c.number = s.course
join lectern_seed.organizations o on o.number = c.organization
join lectern_seed.people p on p.number = s.person
join lectern.courses k on k.organization_id = o.id and k.id = c.id;

-- What each course consists of: parts in order, and lessons in them. A part without a title is the course itself.
create table lectern_seed.outline (course integer, part integer, title text, lessons text[]);
insert into lectern_seed.outline values
  (1, 0, null, array['How this course works']),
  (1, 1, 'Meeting people', array['Greetings', 'Names and where you are from', 'Numbers and time', 'Formal and informal']),
  (1, 2, 'Around town', array['At the café', 'Buying bread', 'Asking the way', 'The tram']),
  (1, 3, 'At home', array['Rooms and furniture', 'The neighbours', 'Paying a bill']),
  (2, 1, 'In writing', array['A short message', 'A letter of complaint', 'Minutes of a meeting']),
  (2, 2, 'Aloud', array['On the telephone', 'Disagreeing politely', 'A presentation', 'Small talk']),
  (3, 1, 'الحروف', array['من الألف إلى الخاء', 'من الدال إلى الضاد', 'من الطاء إلى الياء']),
  (3, 2, 'الجمل الأولى', array['التحية', 'العائلة', 'في السوق']),
  (4, 0, null, array['Thin and sin', 'Ship and sheep', 'Word stress', 'The schwa', 'Linking', 'Listening to yourself']),
  (5, 0, null, array['What adults bring with them', 'Planning an evening']),
  (6, 1, 'Safety', array['Eyes, hands, lungs', 'Gas cylinders', 'Fire watch', 'What to do when it goes wrong']),
  (6, 2, 'First beads', array['Striking an arc', 'Running a straight bead', 'Reading the puddle', 'Common faults']),
  (7, 0, null, array['Daily inspection', 'Loads and centers', 'Ramps', 'Pedestrians', 'Written test: how it works']),
  (8, 1, 'Symbols', array['Conductors and connections', 'Switches', 'Motors and starters']),
  (8, 2, 'Whole drawings', array['Panel schedules', 'One-line diagrams', 'What is missing', 'Marking up a drawing']),
  (9, 0, null, array['Lines', 'Scales', 'Title blocks']),
  (10, 1, '道具', array['筆', '墨と硯', '半紙']),
  (10, 2, '基本点画', array['横画', '縦画', '払い', 'はね', '永字八法']),
  (11, 0, null, array['地震が起きたら', '非常用持ち出し袋', '避難所での生活', '台風の進路を読む']),
  (12, 1, 'First days', array['Hiragana', 'Katakana', 'Introducing yourself', 'At the ward office']),
  (12, 2, 'Shopping', array['Counting things', 'Sizes and colours', 'At the register']);

insert into lectern.sub_courses (organization_id, id, course_id, title, position, published_at, created_at, updated_at)
select k.organization_id, lectern_seed.id('sub-course', n.course * 10 + n.part), k.id, n.title, lectern_seed.place(n.part), k.published_at, k.created_at, k.created_at
from lectern_seed.outline n
join lectern_seed.courses c on c.number = n.course
join lectern_seed.organizations o on o.number = c.organization
join lectern.courses k on k.organization_id = o.id and k.id = c.id
where n.part > 0;

insert into lectern.lessons (organization_id, id, course_id, sub_course_id, title, position, duration_minutes, markdown, html, plain_text, published_at, created_by, created_at, updated_at)
select k.organization_id, lectern_seed.id('lesson', n.course * 1000 + n.part * 100 + l.number), k.id,
       case when n.part > 0 then lectern_seed.id('sub-course', n.course * 10 + n.part) end,
       l.title, lectern_seed.place(l.number::integer), 10 + 5 * lectern_seed.dice('minutes ' || l.title, 10),
       '# ' || l.title || E'\n\n' || body.text, '<h1>' || l.title || '</h1><p>' || body.text || '</p>', l.title || E'\n\n' || body.text,
       -- The newest lesson of two courses is written but not yet published.
       case when not (n.course in (2, 12) and l.number = cardinality(n.lessons) and n.part = 2) then k.published_at end,
       k.created_by, k.created_at, k.updated_at
from lectern_seed.outline n
join lectern_seed.courses c on c.number = n.course
join lectern_seed.organizations o on o.number = c.organization
join lectern.courses k on k.organization_id = o.id and k.id = c.id
cross join lateral unnest(n.lessons) with ordinality as l (title, number)
cross join lateral (select case c.organization when 3 then 'この課では要点を学び、最後に短い練習をします。'
                                               else 'What to take away from this lesson, three examples, and a short exercise to finish with.' end as text) body;

insert into lectern.cohorts (organization_id, id, course_id, name, starts_on, ends_on, time_zone, capacity, status)
select o.id, lectern_seed.id('cohort', v.number), c.id, v.name, current_date + v.starts, current_date + v.ends, o.time_zone, v.capacity, v.status
from (values
  (1, 1, 'Spring evenings', -120, -40, 20, 'finished'),
  (2, 1, 'Autumn evenings', -30, 50, 20, 'running'),
  (3, 6, 'Shop floor, group A', -75, 10, 12, 'running'),
  (4, 6, 'Shop floor, group B', 14, 90, 12, 'planned')
) as v (number, course, name, starts, ends, capacity, status)
join lectern_seed.courses c on c.number = v.course
join lectern_seed.organizations o on o.number = c.organization;
