-- How large everything is at the scale set as lectern_seed.scale. 1 is size M of the design: 50 organizations, 2,000
-- courses, 100,000 people and 1,000,000 enrollments. As in life one organization is far larger than the others: it has two
-- fifths of everything, and its first course a hundredth of all enrollments.
create table lectern_seed.organizations as
with whole as (
  select greatest(2, round(50 * current_setting('lectern_seed.scale')::float8))::integer as organizations,
         greatest(100, round(100000 * current_setting('lectern_seed.scale')::float8))::integer as people,
         greatest(60, round(2000 * current_setting('lectern_seed.scale')::float8))::integer as courses,
         greatest(400, round(1000000 * current_setting('lectern_seed.scale')::float8))::integer as enrollments
), share as (
  select n as number, w.enrollments as all_enrollments,
         case when n = 1 then w.people * 2 / 5 else w.people * 3 / 5 / (w.organizations - 1) end
           + case when n = 2 then w.people * 3 / 5 % (w.organizations - 1) else 0 end as people,
         greatest(1, case when n = 1 then w.courses * 2 / 5 else w.courses * 3 / 5 / (w.organizations - 1) end
           + case when n = 2 then w.courses * 3 / 5 % (w.organizations - 1) else 0 end) as courses,
         case when n = 1 then w.enrollments * 2 / 5 else w.enrollments * 3 / 5 / (w.organizations - 1) end
           + case when n = 2 then w.enrollments * 3 / 5 % (w.organizations - 1) else 0 end as enrollments
  from whole w cross join lateral generate_series(1, w.organizations) n
)
select number, lectern_seed.id('medium organization', number) as id, people, courses, enrollments, all_enrollments,
       sum(people) over (order by number) - people as people_before,
       sum(courses) over (order by number) - courses as courses_before
from share;
