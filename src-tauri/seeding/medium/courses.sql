insert into lectern.courses (organization_id, id, title, description, level, category, tags, price_cents, status, published_at, created_by, created_at, updated_at)
select c.organization_id, c.id,
       (array['Introduction to', 'Advanced', 'Practical', 'Applied', 'Foundations of'])[1 + c.number % 5] || ' ' || subject || ' ' || c.number_here,
       'Sample data for measuring.', (array['beginner', 'intermediate', 'advanced'])[1 + c.number % 3], subject, array[lower(subject)], c.number % 7 * 2500,
       case when c.number % 40 = 39 then 'disabled' else 'active' end, now() - interval '600 days',
       lectern_seed.id('medium person', c.people_before + 1), now() - interval '700 days', now() - interval '1 minute' * (c.number * 7919 % 800000)
from lectern_seed.courses c
cross join lateral (select (array['Bookkeeping', 'Carpentry', 'Nursing', 'Statistics', 'Ceramics', 'Logistics', 'Hydraulics', 'Statics', 'Rhetoric', 'Botany', 'Baking', 'Glazing'])[1 + c.number % 12] as subject) s;

-- An instructor of the organization leads each course.
insert into lectern.course_staff (organization_id, id, course_id, person_id, duty, created_at, updated_at)
select c.organization_id, lectern_seed.id('medium staff', c.number), c.id,
       lectern_seed.id('medium person', c.people_before + case when c.people < 54 then 1 else 4 + 50 * (c.number_here % (c.people / 54)) end),
       'lead', now() - interval '700 days', now() - interval '700 days'
from lectern_seed.courses c;

insert into lectern.sub_courses (organization_id, id, course_id, title, position, published_at, created_at, updated_at)
select c.organization_id, lectern_seed.id('medium sub-course', c.number::bigint * 10 + k), c.id, 'Part ' || k, lectern_seed.place(k), now() - interval '600 days', now() - interval '700 days', now() - interval '700 days'
from lectern_seed.courses c cross join lateral generate_series(1, 4) k;

insert into lectern.lessons (organization_id, id, course_id, sub_course_id, title, position, duration_minutes, markdown, html, plain_text, published_at, created_at, updated_at)
select c.organization_id, lectern_seed.id('medium lesson', c.number::bigint * 100 + k), c.id, lectern_seed.id('medium sub-course', c.number::bigint * 10 + 1 + (k - 1) * 4 / c.lessons),
       'Lesson ' || k, lectern_seed.place(k), 10 + k * 5 % 50, 'Sample data for measuring.', '<p>Sample data for measuring.</p>', 'Sample data for measuring.', now() - interval '600 days', now() - interval '700 days', now() - interval '700 days'
from lectern_seed.courses c cross join lateral generate_series(1, c.lessons) k;

insert into lectern.quizzes (organization_id, id, course_id, title, position, passing_score, published_at)
select c.organization_id, lectern_seed.id('medium quiz', c.number), c.id, 'Final test', 'z1', 60, now() - interval '600 days'
from lectern_seed.courses c;

analyze lectern_seed.courses;
