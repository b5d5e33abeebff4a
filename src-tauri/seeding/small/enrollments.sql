-- Who learns what, spread over the last eight months: some finished, most on the way, some stuck, a few gone.
create table lectern_seed.enrollments as
select row_number() over (order by c.number, p.number)::integer as number, o.id as organization_id, c.id as course_id, c.number as course,
       p.id as person_id,
       now() - interval '1 day' * days.ago - interval '1 minute' * lectern_seed.dice('minute ' || c.number || ' ' || p.number, 600) as enrolled_at,
       lessons.count as lessons,
       -- Newcomers have begun at most; of the others a fifth got stuck early and two fifths finished.
       case when days.ago < 10 then lectern_seed.dice('progress ' || c.number || ' ' || p.number, 3)
            when lectern_seed.dice('fate ' || c.number || ' ' || p.number, 5) = 0 then lectern_seed.dice('progress ' || c.number || ' ' || p.number, 2)
            when lectern_seed.dice('fate ' || c.number || ' ' || p.number, 5) <= 2 then lessons.count
            else 1 + lectern_seed.dice('progress ' || c.number || ' ' || p.number, lessons.count - 1) end as done,
       lectern_seed.dice('withdrawn ' || c.number || ' ' || p.number, 14) = 0 as withdrawn
from lectern_seed.courses c
join lectern_seed.organizations o on o.number = c.organization
join lectern.memberships m on m.organization_id = o.id and m.role = 'learner'
join lectern_seed.people p on p.id = m.person_id
cross join lateral (select count(*)::integer as count from lectern.lessons l where l.organization_id = o.id and l.course_id = c.id and l.published_at is not null) lessons
cross join lateral (select lectern_seed.dice('enrolled ' || c.number || ' ' || p.number, case when c.number = 9 then 60 else 240 end) + case when c.number = 9 then 180 else 0 end as ago) days
where c.status <> 'draft' and lectern_seed.dice('enroll ' || c.number || ' ' || p.number, 10) < 7;

-- A lesson every few days from the day they enrolled; nothing lies in the future.
create table lectern_seed.lesson_progress as
select e.number, e.organization_id, l.id as lesson_id,
       e.enrolled_at + (least(now() - e.enrolled_at, interval '3 days' * e.lessons) * l.number) / (e.done + 1) as completed_at,
       greatest(5, l.duration_minutes - 8 + lectern_seed.dice('took ' || e.number || ' ' || l.number, 25)) as minutes
from lectern_seed.enrollments e
join (
  select l.organization_id, l.course_id, l.id, l.duration_minutes,
         row_number() over (partition by l.organization_id, l.course_id order by s.position nulls first, l.position, l.id) as number
  from lectern.lessons l
  left join lectern.sub_courses s on s.organization_id = l.organization_id and s.id = l.sub_course_id
  where l.published_at is not null
) l on l.organization_id = e.organization_id and l.course_id = e.course_id and l.number <= e.done;

insert into lectern.enrollments (organization_id, id, course_id, person_id, cohort_id, enrolled_at, progress, completed_at, last_accessed_at, withdrawn_at, updated_at)
select e.organization_id, lectern_seed.id('enrollment', e.number), e.course_id, e.person_id,
       case when e.course = 1 and e.enrolled_at > now() - interval '30 days' then lectern_seed.id('cohort', 2)
            when e.course = 1 and e.enrolled_at > now() - interval '120 days' then lectern_seed.id('cohort', 1)
            when e.course = 6 and e.enrolled_at > now() - interval '75 days' then lectern_seed.id('cohort', 3) end,
       e.enrolled_at, round(100.0 * e.done / e.lessons), case when e.done = e.lessons then last.at end, last.at,
       case when e.withdrawn and e.done < e.lessons then least(now(), coalesce(last.at, e.enrolled_at) + interval '9 days') end,
       coalesce(last.at, e.enrolled_at)
from lectern_seed.enrollments e
left join lateral (select max(completed_at) as at from lectern_seed.lesson_progress p where p.number = e.number) last on true;

insert into lectern.lesson_progress (organization_id, enrollment_id, lesson_id, completed_at, minutes)
select organization_id, lectern_seed.id('enrollment', number), lesson_id, completed_at, minutes from lectern_seed.lesson_progress;

insert into lectern.invitations (organization_id, id, email, name, role, invited_by, expires_at)
select o.id, lectern_seed.id('invitation', o.number), 'new.instructor@' || o.slug || '.example', '', 'instructor', p.id, now() + interval '6 days'
from lectern_seed.organizations o
join lectern_seed.people p on p.organization = o.number and p.role = 'owner';
