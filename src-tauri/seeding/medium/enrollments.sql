-- The enrollments of courses lectern_seed.first to last (settings). Who and when is spread by multiplying with a prime: cheap, even and always the same.
create table lectern_seed.enrollments as
select c.organization_id, c.id as course_id, c.number as course, c.lessons, e.number,
       lectern_seed.id('medium enrollment', e.number) as id,
       lectern_seed.id('medium person', c.people_before + 1 + (c.number_here::bigint * 7919 + k) % c.people) as person_id,
       now() - interval '1 second' * (e.number * 7919 % 20736000) as enrolled_at,
       -- A fifth got stuck early, a fifth finished, the others are anywhere between.
       case when e.fate < 20 then e.fate % 3 when e.fate >= 80 then c.lessons else 1 + (c.lessons - 1) * (e.fate - 20) / 60 end::integer as done
from lectern_seed.courses c
cross join lateral generate_series(0, c.enrollments - 1) k
cross join lateral (select c.enrollments_before + k as number, (c.enrollments_before + k) * 31 % 100 as fate) e
where c.number between current_setting('lectern_seed.first')::integer and current_setting('lectern_seed.last')::integer;

insert into lectern.enrollments (organization_id, id, course_id, person_id, enrolled_at, progress, completed_at, last_accessed_at, withdrawn_at, updated_at)
select organization_id, id, course_id, person_id, enrolled_at, round(100.0 * done / lessons),
       case when done = lessons then last end, last, case when number % 25 = 7 and done < lessons then last end, last
from lectern_seed.enrollments
cross join lateral (select enrolled_at + least(now() - enrolled_at, interval '1 day' * lessons) * done / (done + 1) as last) l;

-- One lesson a day. The lessons of a course are numbered as they were made.
insert into lectern.lesson_progress (organization_id, enrollment_id, lesson_id, completed_at, minutes)
select e.organization_id, e.id, l.id, e.enrolled_at + least(now() - e.enrolled_at, interval '1 day' * e.lessons) * l.number / (e.done + 1), 5 + (e.number + l.number) % 55
from lectern_seed.enrollments e
join (select c.number as course, k as number, lectern_seed.id('medium lesson', c.number::bigint * 100 + k) as id
      from lectern_seed.courses c cross join lateral generate_series(1, c.lessons) k where c.number between current_setting('lectern_seed.first')::integer and current_setting('lectern_seed.last')::integer) l
  on l.course = e.course and l.number <= e.done
order by e.organization_id, e.number;

insert into lectern.submissions (organization_id, id, course_id, quiz_id, enrollment_id, person_id, attempt, started_at, submitted_at, graded_at, points_hundredths, possible_points_hundredths, score, passed)
select organization_id, lectern_seed.id('medium submission', number), course_id, lectern_seed.id('medium quiz', course), id, person_id, 1,
       enrolled_at, enrolled_at, enrolled_at, number % 101 * 10, 1000, number % 101, number % 101 >= 60
from lectern_seed.enrollments where number % 2 = 0;

drop table lectern_seed.enrollments;
