-- Invented people. Addresses end in .example, which no mail ever reaches (RFC 2606 §2). Nobody has a password: the first
-- owner is made by whoever holds the owner's connection, everybody else sets one with a code.
create table lectern_seed.people (
  number integer primary key, id uuid, name text, mailbox text, platform_role text, born_on date, bio text,
  organization integer, role text, other_organization integer, other_role text);
insert into lectern_seed.people
select v.number, lectern_seed.id('person', v.number), v.name, v.mailbox,
       case when v.role in ('owner', 'admin', 'instructor') then 'lecturer' else 'student' end,
       date '1958-03-01' + lectern_seed.dice('born ' || v.number, 16500), v.bio, v.organization, v.role, v.other_organization, v.other_role
from (values
  (1,  'Beatriz Nogueira',            'beatriz.nogueira',   1, 'owner',      null, null, 'Founded the school in a former chandlery.'),
  (2,  'Tomás Quintela',              'tomas.quintela',     1, 'admin',      null, null, ''),
  (3,  'Inês Carvalhal',              'ines.carvalhal',     1, 'instructor', 2, 'learner', 'Teaches Portuguese; learns welding at weekends.'),
  (4,  'نادية بن سالم',                'nadia.bensalem',     1, 'instructor', null, null, 'أستاذة اللغة العربية.'),
  (5,  'Oisín Ó Ceallaigh',           'oisin.oceallaigh',   1, 'instructor', null, null, ''),
  (6,  'Κωνσταντίνα Παπαθανασοπούλου', 'konstantina.p',      1, 'reviewer',   null, null, ''),
  (7,  'João Furtado',                'joao.furtado',       1, 'learner',    null, null, ''),
  (8,  'Maëlle Le Goff',              'maelle.legoff',      1, 'learner',    null, null, ''),
  (9,  'Søren Ågaard',                'soren.aagaard',      1, 'learner',    null, null, ''),
  (10, 'Żaneta Łukaszewska',          'zaneta.lukaszewska', 1, 'learner',    null, null, ''),
  (11, 'Олександра Шевчук',           'oleksandra.shevchuk', 1, 'learner',   null, null, ''),
  (12, 'İpek Şahinoğlu',              'ipek.sahinoglu',     1, 'learner',    null, null, ''),
  (13, 'אביגיל רוזנטל',                'avigail.rosental',   1, 'learner',    null, null, ''),
  (14, 'Nguyễn Thị Bích Ngọc',        'bichngoc.nguyen',    1, 'learner',    null, null, ''),
  (15, 'Ana',                         'ana',                1, 'learner',    null, null, 'One name only.'),
  (16, 'Zoë van der Heijden-Brouwer', 'zoe.vanderheijden',  1, 'learner',    null, null, ''),
  (17, 'Thiago D''Ávila',             'thiago.davila',      1, 'learner',    null, null, ''),
  (18, 'ሰላም ወልደማርያም',                'selam.woldemariam',  1, 'learner',    null, null, ''),
  (19, 'Ingibjörg Þorsteinsdóttir',   'ingibjorg.th',       1, 'learner',    null, null, ''),
  (20, 'Amílcar Tavares',             'amilcar.tavares',    1, 'learner',    null, null, ''),
  (21, 'Ruth Abernathy',              'ruth.abernathy',     2, 'owner',      null, null, ''),
  (22, 'Amara Okonkwo',               'amara.okonkwo',      2, 'admin',      3, 'reviewer', 'Runs enrollment at Lakeside, reviews safety courses in Sakuramachi.'),
  (23, 'Walter Zielinski',            'walter.zielinski',   2, 'instructor', null, null, 'Thirty years a pipe fitter.'),
  (24, 'Guadalupe Ibarra Montes',     'guadalupe.ibarra',   2, 'instructor', null, null, ''),
  (25, 'Dmitri Волков',               'dmitri.volkov',      2, 'instructor', null, null, ''),
  (26, 'Chidi Nwachukwu',             'chidi.nwachukwu',    2, 'reviewer',   null, null, ''),
  (27, 'Molly O''Brien',              'molly.obrien',       2, 'learner',    null, null, ''),
  (28, 'DeShawn Whitfield',           'deshawn.whitfield',  2, 'learner',    null, null, ''),
  (29, 'Priya Raghunathan',           'priya.raghunathan',  2, 'learner',    null, null, ''),
  (30, 'अनुष्का त्रिवेदी',                'anushka.trivedi',    2, 'learner',    null, null, ''),
  (31, '한지우',                        'jiwoo.han',          2, 'learner',    null, null, ''),
  (32, 'Lars-Göran Nyström',          'larsgoran.nystrom',  2, 'learner',    null, null, ''),
  (33, 'Xiomara Peñaloza',            'xiomara.penaloza',   2, 'learner',    null, null, ''),
  (34, 'Tyler Benoit',                'tyler.benoit',       2, 'learner',    null, null, ''),
  (35, 'Kahurangi Te Rangi',          'kahurangi.terangi',  2, 'learner',    null, null, ''),
  (36, 'Wilhelmina Featherstonehaugh-Cholmondeley', 'mina.fc',            2, 'learner',    null, null, 'A long name, for narrow columns.'),
  (37, 'Bo Xu',                       'bo.xu',              2, 'learner',    null, null, ''),
  (38, 'Fatoumata Diarra',            'fatoumata.diarra',   2, 'learner',    null, null, ''),
  (39, 'Gus Pappas',                  'gus.pappas',         2, 'learner',    null, null, ''),
  (40, 'Marisol Quiñones',            'marisol.quinones',   2, 'learner',    null, null, ''),
  (41, '小野寺 綾香',                   'ayaka.onodera',      3, 'owner',      null, null, '書道家。'),
  (42, '渡辺 健太郎',                   'kentaro.watanabe',   3, 'admin',      null, null, ''),
  (43, '森下 さくら',                   'sakura.morishita',   3, 'instructor', null, null, ''),
  (44, '李 明軒',                      'mingxuan.li',        3, 'instructor', null, null, ''),
  (45, '髙橋 大輔',                     'daisuke.takahashi',  3, 'learner',    null, null, ''),
  (46, '吉田 ひかり',                   'hikari.yoshida',     3, 'learner',    null, null, ''),
  (47, 'สุภาพร ศรีสุวรรณ',               'supaporn.s',         3, 'learner',    null, null, ''),
  (48, 'Emily Carter',                'emily.carter',       3, 'learner',    null, null, ''),
  (49, '佐々木 蓮',                     'ren.sasaki',         3, 'learner',    null, null, ''),
  (50, '김서연',                        'seoyeon.kim',        3, 'learner',    null, null, ''),
  (51, '藤井 智子',                     'tomoko.fujii',       3, 'learner',    null, null, ''),
  (52, 'Бат-Эрдэнэ Ганзориг',         'baterdene.ganzorig', 3, 'learner',    null, null, '')
) as v (number, name, mailbox, organization, role, other_organization, other_role, bio);

insert into lectern.people (id, email, name, platform_role, created_at, updated_at)
select p.id, p.mailbox || '@' || o.slug || '.example', p.name, p.platform_role, joined.at, joined.at
from lectern_seed.people p
join lectern_seed.organizations o on o.number = p.organization
cross join lateral (select now() - interval '1 day' * (300 + lectern_seed.dice('joined ' || p.number, 190)) as at) joined;

insert into lectern.profiles (person_id, bio, phone, born_on)
select id, bio, case when lectern_seed.dice('phone ' || number, 3) = 0 then '+351 555 ' || lpad(number::text, 4, '0') end, born_on
from lectern_seed.people;

insert into lectern.memberships (organization_id, id, person_id, role, name, email, joined_at, created_at, updated_at)
select o.id, lectern_seed.id('membership', m.number), p.id, m.role, p.name, people.email,
       people.created_at + m.later, people.created_at + m.later, people.created_at + m.later
from (
  select number, number as person, organization, role, interval '0' as later from lectern_seed.people
  union all
  select 1000 + number, number, other_organization, other_role, interval '90 days' from lectern_seed.people where other_organization is not null
) m
join lectern_seed.people p on p.number = m.person
join lectern.people on people.id = p.id
join lectern_seed.organizations o on o.number = m.organization;

update lectern.organizations o set owner_id = p.id
from lectern_seed.people p join lectern_seed.organizations s on s.number = p.organization
where p.role = 'owner' and o.id = s.id;
