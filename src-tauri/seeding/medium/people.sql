-- The people of organizations lectern_seed.first to last (settings). Names repeat as they do in life; one in ten thousand is a Quillfeather, for
-- looking up something rare. The first of an organization owns it, the next two are admins, one in fifty teaches.
create table lectern_seed.people as
select o.id as organization_id, (o.people_before + k.number)::bigint as number, lectern_seed.id('medium person', o.people_before + k.number) as id,
       case when k.number = 1 then 'owner' when k.number <= 3 then 'admin' when k.number % 50 = 4 then 'instructor' when k.number % 500 = 5 then 'reviewer' else 'learner' end as role,
       g.names[1 + (o.people_before + k.number) * 7 % 60] || ' '
         || case when (o.people_before + k.number) % 10000 = 77 then 'Quillfeather' else f.names[1 + ((o.people_before + k.number) * 11 + k.number / 60) % 80] end as name,
       'p' || lpad((o.people_before + k.number)::text, 8, '0') || '@medium.example' as email,
       now() - interval '1 minute' * (400000 + (o.people_before + k.number) * 7919 % 800000) as at
from lectern_seed.organizations o
cross join lateral generate_series(1, o.people) as k (number)
cross join (select string_to_array('Amina Bruno Chiara Dmytro Elif Farid Greta Hiroshi Ingrid Jamal Katya Liam Mei Nils Olga Pablo Qiang Rosa Samir Tereza Umar Vera Wanjiru Xavier Yara Zoltan Anaïs Björn Çelik Đorđe Émile Frøya Günther Håkon Íris Jürgen Łucja Márton Noémi Øystein Pía Renée Siân Tāne Ünal Věra Ángel Žofie Αλέξης Борис Галина Δήμητρα अर्जुन 明子 健一 서준 นภา ליאור سامي ማርታ', ' ') as names) g
cross join (select string_to_array('Abara Bauer Castro Dubois Eklund Ferrari Gupta Hansen Ivanov Jansen Kim Larsson Moreau Novak Okafor Petrov Quinn Rossi Silva Tanaka Ueda Varga Weber Xu Yılmaz Zhang Almeida Bianchi Chen Dąbrowski Eriksen Fischer García Horváth Ito Johansson Kowalski Lopez Müller Nguyen Ortiz Pereira Rahman Schmidt Torres Usman Vega Wagner Yamamoto Ziegler Andersen Baptiste Costa Diallo Espinoza Fofana Gruber Haddad Iyer Jensen Kariuki Lindqvist Mbeki Nakamura Oduya Park Rivera Suzuki Traoré Volkova Wójcik Yusuf Zimmermann Παππάς Коваленко कुमार 山本 박 כהן حسن', ' ') as names) f
where o.number between current_setting('lectern_seed.first')::integer and current_setting('lectern_seed.last')::integer;

insert into lectern.people (id, email, name, platform_role, created_at, updated_at)
select id, email, name, case role when 'learner' then 'student' else 'lecturer' end, at, at from lectern_seed.people;

insert into lectern.memberships (organization_id, id, person_id, role, name, email, joined_at, created_at, updated_at)
select organization_id, lectern_seed.id('medium membership', number), id, role, name, email, at, at, at from lectern_seed.people;

update lectern.organizations o set owner_id = p.id from lectern_seed.people p where p.organization_id = o.id and p.role = 'owner';

drop table lectern_seed.people;
