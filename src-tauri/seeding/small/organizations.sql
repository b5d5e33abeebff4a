-- Three organizations on three continents, so that time zones, languages and scripts are never an afterthought.
create table lectern_seed.organizations (number integer primary key, id uuid, name text, slug text, description text, time_zone text, locale text, plan text);
insert into lectern_seed.organizations
select v.number, lectern_seed.id('organization', v.number), v.name, v.slug, v.description, v.time_zone, v.locale, v.plan
from (values
  (1, 'Harbour Language School', 'harbour-language-school', 'Evening classes in Portuguese, Arabic and English beside the old harbour of Lisbon.', 'Europe/Lisbon', 'pt-PT', 'standard'),
  (2, 'Lakeside Technical College', 'lakeside-technical-college', 'Trades and safety training for people who already work.', 'America/Chicago', 'en-US', 'enterprise'),
  (3, '桜町学習センター', 'sakuramachi-learning-center', '地域の人々のための夜間講座。', 'Asia/Tokyo', 'ja', 'free')
) as v (number, name, slug, description, time_zone, locale, plan);

insert into lectern.organizations (id, name, slug, description, time_zone, locale, plan, created_at, updated_at)
select id, name, slug, description, time_zone, locale, plan, now() - interval '500 days', now() - interval '500 days'
from lectern_seed.organizations;
