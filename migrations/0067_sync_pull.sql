-- What changed in a course after a place in its history, and the revisions of its lessons. One snapshot (stable), with the
-- caller's rights; for the course's staff alone: what learners may read they read from the plain columns.
set local role lectern_owner;

create function lectern_api.sync_pull(request jsonb) returns jsonb
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
  select p.seq, encode(p.chain, 'hex') into upto, link
    from (select n.seq, n.chain from lectern.pushes n
           where n.organization_id = organization and n.course_id = course and n.seq > after
           order by n.seq limit least(greatest((request ->> 'pushes')::bigint, 1), 1000)) p
   order by p.seq desc limit 1;
  if upto is not null then
    select jsonb_agg(r) into changed from lectern_api.synced_by_seq(organization, course, after, upto) r;
  end if;
  return jsonb_build_object('status', 'page', 'rows', coalesce(changed, '[]'), 'seq', coalesce(upto, after), 'chain', coalesce(link, request -> 'cursor' ->> 'chain'),
    'head', jsonb_build_object('seq', coalesce(newest.seq, 0), 'chain', coalesce(newest.chain, '')), 'access', access);
end $$;
comment on function lectern_api.sync_pull(jsonb) is 'The rows of a course that changed after the cursor, whole pushes only. Answers page, fork, denied or upgrade.';

create function lectern_api.sync_bodies(request jsonb, out answer jsonb, out contents bytea[])
  language plpgsql stable set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
  organization constant uuid := request ->> 'organization_id';
  course constant uuid := request ->> 'course_id';
  known constant uuid[] := array(select jsonb_array_elements_text(request -> 'known')::uuid);
  wanted uuid;
  line uuid[];
  line_bytes bigint;
  chosen uuid[] := '{}';
  bytes bigint := 0;
begin
  contents := '{}';
  if lectern_api.course_access(organization, course) is null then
    answer := jsonb_build_object('status', 'denied');
    return;
  end if;
  for wanted in select w.id::uuid from jsonb_array_elements_text(request -> 'revisions') with ordinality w(id, n) order by w.n loop
    with recursive ancestors as (
      select r.id, r.parent_id, r.is_key_frame, octet_length(r.content) as bytes, 1 as depth
        from lectern.revisions r where r.organization_id = organization and r.course_id = course and r.id = wanted
      union all
      select r.id, r.parent_id, r.is_key_frame, octet_length(r.content), a.depth + 1
        from ancestors a
        join lectern.revisions r on r.organization_id = organization and r.course_id = course and r.id = a.parent_id
       where not a.is_key_frame and a.parent_id <> all (known) and a.depth < 10000
    )
    select array_agg(a.id order by a.depth desc), sum(a.bytes) into line, line_bytes from ancestors a where a.id <> all (chosen);
    if line is not null then
      exit when chosen <> '{}' and bytes + line_bytes > 4000000;
      chosen := chosen || line;
      bytes := bytes + line_bytes;
    end if;
  end loop;
  select jsonb_build_object('status', 'page', 'revisions', coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'lesson_id', r.lesson_id, 'parent_id', r.parent_id,
           'merged_id', r.merged_id, 'is_key_frame', r.is_key_frame, 'content_hash', encode(r.content_hash, 'hex'), 'name', r.name,
           'device_id', coalesce(r.device_id, '00000000-0000-0000-0000-000000000000'), 'person_id', r.person_id, 'created_at', r.created_at) order by c.n), '[]')),
         coalesce(array_agg(r.content order by c.n), '{}')
    into answer, contents
    from unnest(chosen) with ordinality c(id, n)
    join lectern.revisions r on r.organization_id = organization and r.course_id = course and r.id = c.id;
end $$;
comment on function lectern_api.sync_bodies(jsonb) is 'Revisions with what is needed to unpack them, as many as fit into 4,000,000 bytes, at least one; the n-th content is the n-th revision''s. Answers page or denied.';

grant execute on function lectern_api.sync_pull(jsonb), lectern_api.sync_bodies(jsonb) to lectern_app;
