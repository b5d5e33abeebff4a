-- A page of changes is as large as a push may be: many long rows come in several, each of whole pushes, at least one.
set local role lectern_owner;

create or replace function lectern_api.sync_pull(request jsonb) returns jsonb
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  organization constant uuid := request ->> 'organization_id';
  course constant uuid := request ->> 'course_id';
  after constant bigint := request -> 'cursor' ->> 'seq';
  minimum constant integer := lectern_api.minimum_client_schema();
  access text := lectern_api.course_access(organization, course);
  newest record;
  upto bigint;
  link text;
  changed jsonb;
  most_bytes constant integer := 4000000;
begin
  if access is null then
    return jsonb_build_object('status', 'denied');
  elsif (request ->> 'client_schema')::integer < minimum then
    return jsonb_build_object('status', 'upgrade', 'minimum', minimum);
  elsif not lectern_api.known_point(organization, course, request -> 'cursor') or not lectern_api.known_point(organization, course, request -> 'horizon') then
    return jsonb_build_object('status', 'fork');
  end if;
  if exists (select from lectern.courses c where c.organization_id = organization and c.id = course and c.archived_at is not null) then
    access := 'archived';
  end if;
  select p.seq, encode(p.chain, 'hex') as chain into newest from lectern.pushes p where p.organization_id = organization and p.course_id = course order by p.seq desc limit 1;
  select max(p.seq) into upto
    from (select n.seq from lectern.pushes n
           where n.organization_id = organization and n.course_id = course and n.seq > after
           order by n.seq limit least(greatest((request ->> 'pushes')::bigint, 1), 1000)) p;
  if upto is not null then
    with here as materialized (
      select x.r, x.n, (x.r ->> 'seq')::bigint as seq from lectern_api.synced_by_seq(organization, course, after, upto) with ordinality x(r, n)
    ), sized as (
      select h.seq, sum(sum(octet_length(h.r::text) + 1)) over (order by h.seq) as bytes from here h group by h.seq
    ), page as (
      -- Up to the last push before the row that does not fit; numbers from before there was a chain stand in one push.
      select coalesce(max(p.seq) filter (where f.beyond is null or p.seq < f.beyond), min(p.seq)) as last
        from (select min(s.seq) as beyond from sized s where s.bytes > most_bytes) f
        join lectern.pushes p on p.organization_id = organization and p.course_id = course and p.seq > after and p.seq <= upto
    )
    select g.last, (select jsonb_agg(h.r order by h.n) from here h where h.seq <= g.last) into upto, changed from page g;
    select encode(p.chain, 'hex') into link from lectern.pushes p where p.organization_id = organization and p.course_id = course and p.seq = upto;
  end if;
  return jsonb_build_object('status', 'page', 'rows', coalesce(changed, '[]'), 'seq', coalesce(upto, after), 'chain', coalesce(link, request -> 'cursor' ->> 'chain'),
    'head', jsonb_build_object('seq', coalesce(newest.seq, 0), 'chain', coalesce(newest.chain, '')), 'access', access);
end $$;
comment on function lectern_api.sync_pull(jsonb) is 'The rows of a course that changed after the cursor, whole pushes only, as many as fit into 4,000,000 bytes, at least one. Answers page, fork, denied or upgrade.';
