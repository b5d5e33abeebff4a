-- A million audit entries that say "sample data" would help nobody and double the time: the triggers that write them
-- pause, inside this transaction only, and one entry per table says what happened instead. The one that recomputes
-- progress pauses too, since the enrollments are written with the progress their lessons give.
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
    execute format('alter table %s disable trigger %I', t.table_name, t.tgname);
  end loop;
end $$;
