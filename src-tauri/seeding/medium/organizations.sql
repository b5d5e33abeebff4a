insert into lectern.organizations (id, name, slug, description, time_zone, locale, plan, created_at, updated_at)
select id, initcap(place) || ' ' || kind, place || '-' || lower(kind) || '-' || number, 'Sample data for measuring.',
       (array['Europe/Vienna', 'America/Denver', 'Asia/Kolkata', 'Africa/Nairobi', 'Australia/Adelaide', 'America/Sao_Paulo', 'UTC'])[1 + number % 7],
       (array['de-AT', 'en-US', 'hi', 'sw', 'en-AU', 'pt-BR', 'en'])[1 + number % 7], 'enterprise', now() - interval '900 days', now() - interval '900 days'
from lectern_seed.organizations
cross join lateral (select (array['granite', 'willow', 'meridian', 'copper', 'juniper', 'harvest', 'lantern', 'orchard', 'summit', 'tidewater'])[1 + number % 10] as place,
                           (array['Academy', 'Institute', 'College', 'School'])[1 + number / 10 % 4] as kind) named;

create table lectern_seed.courses as
select (o.courses_before + k.number)::integer as number, o.number as organization, o.id as organization_id,
       lectern_seed.id('medium course', o.courses_before + k.number) as id,
       12 + ((o.courses_before + k.number) * 5 % 17)::integer as lessons,
       o.people, o.people_before, k.number as number_here,
       least(o.people, case when o.number = 1 and k.number = 1 then o.all_enrollments / 100
             when o.number = 1 then (o.enrollments - o.all_enrollments / 100) / greatest(1, o.courses - 1)
               + case when k.number = 2 then (o.enrollments - o.all_enrollments / 100) % greatest(1, o.courses - 1) else 0 end
             else o.enrollments / o.courses + case when k.number = 1 then o.enrollments % o.courses else 0 end end) as enrollments
from lectern_seed.organizations o cross join lateral generate_series(1, o.courses) as k (number);
alter table lectern_seed.courses add enrollments_before bigint;
update lectern_seed.courses c set enrollments_before = b.before
from (select number, sum(enrollments) over (order by number) - enrollments as before from lectern_seed.courses) b
where b.number = c.number;
