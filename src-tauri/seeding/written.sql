-- What this run wrote, per table, in the order it was written.
create table lectern_seed.written as
with mine as (select id from lectern_seed.organizations)
select 1 as place, 'organizations' as what, count(*) as rows from mine
union all select 2, 'people', count(distinct person_id) from lectern.memberships where organization_id in (select id from mine)
union all select 3, 'memberships', count(*) from lectern.memberships where organization_id in (select id from mine)
union all select 4, 'courses', count(*) from lectern.courses where organization_id in (select id from mine)
union all select 5, 'course_staff', count(*) from lectern.course_staff where organization_id in (select id from mine)
union all select 6, 'sub_courses', count(*) from lectern.sub_courses where organization_id in (select id from mine)
union all select 7, 'lessons', count(*) from lectern.lessons where organization_id in (select id from mine)
union all select 8, 'quizzes', count(*) from lectern.quizzes where organization_id in (select id from mine)
union all select 9, 'enrollments', count(*) from lectern.enrollments where organization_id in (select id from mine)
union all select 10, 'lesson_progress', count(*) from lectern.lesson_progress where organization_id in (select id from mine)
union all select 11, 'submissions', count(*) from lectern.submissions where organization_id in (select id from mine);
