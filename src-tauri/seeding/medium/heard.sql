do $$
declare
  t record;
begin
  for t in select g.tgrelid::regclass as table_name, g.tgname
             from pg_trigger g
             join pg_class c on c.oid = g.tgrelid
             join pg_proc p on p.oid = g.tgfoid
            where not g.tgisinternal and c.relnamespace = 'lectern'::regnamespace
              and (p.pronamespace, p.proname) in (('lectern_audit'::regnamespace, 'record'), ('lectern_audit'::regnamespace, 'record_progress'),
                                                  ('lectern'::regnamespace, 'follow_lesson_progress')) loop
    execute format('alter table %s enable trigger %I', t.table_name, t.tgname);
  end loop;
end $$;

insert into lectern_audit.entries (verb, table_name, after)
select 'seed', 'lectern.' || c.what, jsonb_build_object('rows', c.rows) from lectern_seed.written c;
