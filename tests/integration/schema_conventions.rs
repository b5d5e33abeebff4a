//! What the schema promises, asked of the catalog: each question names the offenders, and there are none.

use sqlx::PgConnection;

use crate::harness;

async fn offenders(connection: &mut PgConnection, question: &'static str) -> Vec<String> {
    sqlx::query_scalar(question).fetch_all(connection).await.unwrap()
}

/// Runs each question on a migrated database.
async fn nobody_offends(questions: &[(&str, &'static str)]) {
    let fresh = harness::fresh().await;
    let mut owner = fresh.owner().await;
    for (rule, question) in questions {
        assert_eq!(offenders(&mut owner, question).await, Vec::<String>::new(), "{rule}");
    }
}

#[tokio::test]
async fn every_table_is_walled_explained_and_owned_by_the_one_who_migrates() {
    nobody_offends(&[
        (
            "row-level security is enabled and forced",
            "select oid::regclass::text from pg_class
              where relkind in ('r', 'p') and relnamespace in ('lectern'::regnamespace, 'lectern_auth'::regnamespace, 'lectern_audit'::regnamespace)
                and not (relrowsecurity and relforcerowsecurity)",
        ),
        (
            "a comment says what it is",
            "select oid::regclass::text from pg_class
              where relkind in ('r', 'p') and relnamespace in ('lectern'::regnamespace, 'lectern_auth'::regnamespace, 'lectern_audit'::regnamespace)
                and obj_description(oid, 'pg_class') is null",
        ),
        (
            "the owner owns it, and nobody else owns anything but functions",
            "select oid::regclass::text from pg_class
              where relnamespace in ('lectern'::regnamespace, 'lectern_auth'::regnamespace, 'lectern_audit'::regnamespace)
                and relowner <> 'lectern_owner'::regrole
             union all
             select oid::regclass::text from pg_class where relowner in ('lectern_guard'::regrole, 'lectern_app'::regrole)
             union all
             select oid::regnamespace::text from pg_namespace where nspname like 'lectern%' and nspname <> 'lectern_migrations' and nspowner <> 'lectern_owner'::regrole",
        ),
        (
            "no views, which would read with their owner's rights",
            "select oid::regclass::text from pg_class where relkind in ('v', 'm') and relnamespace::regnamespace::text like 'lectern%'",
        ),
    ])
    .await;
}

#[tokio::test]
async fn every_key_between_tenant_tables_carries_the_organization() {
    nobody_offends(&[
        (
            "it leads every primary key and unique index",
            "select i.indexrelid::regclass::text
               from pg_index i
               join pg_class c on c.oid = i.indrelid and c.relnamespace = 'lectern'::regnamespace
               join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'
              where i.indisunique and (i.indkey::int2[])[0] <> a.attnum",
        ),
        (
            "it is part of every foreign key between them, on both sides",
            "select k.conname::text
               from pg_constraint k
               join pg_attribute a on a.attrelid = k.conrelid and a.attname = 'organization_id'
               join pg_attribute b on b.attrelid = k.confrelid and b.attname = 'organization_id'
              where k.contype = 'f' and array_position(k.conkey, a.attnum) is distinct from array_position(k.confkey, b.attnum)
                 or k.contype = 'f' and array_position(k.conkey, a.attnum) is null",
        ),
        (
            "it never changes",
            "select a.attrelid::regclass::text from pg_attribute a
              where a.attname = 'organization_id' and has_column_privilege('lectern_app', a.attrelid, a.attnum, 'update')",
        ),
        (
            "every other *_id points somewhere",
            "select c.relname || '.' || a.attname
               from pg_class c
               join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and a.attname like '%\\_id'
              where c.relkind = 'r' and c.relnamespace in ('lectern'::regnamespace, 'lectern_auth'::regnamespace)
                and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey))
                -- Names of other systems' rows, of devices, and of rows whose table another column names.
                and (c.relname, a.attname) not in (('external_ids', 'external_id'), ('external_ids', 'internal_id'), ('change_set_rows', 'row_id'), ('revisions', 'device_id'),
                  ('merge_cards', 'row_id'), ('merge_cards', 'block_id'), ('merge_cards', 'device_id'), ('row_history', 'row_id'), ('pushes', 'push_id'), ('pushes', 'device_id'),
                  ('lesson_readers', 'window_id'))",
        ),
        (
            "nothing is deleted or changed through a foreign key",
            "select conname::text from pg_constraint where contype = 'f' and connamespace::regnamespace::text like 'lectern%' and (confdeltype <> 'a' or confupdtype <> 'a')",
        ),
    ])
    .await;
}

#[tokio::test]
async fn every_foreign_key_has_an_index_to_follow_it_back() {
    nobody_offends(&[(
        "an index begins with columns of the key and holds its last one",
        "select k.conname::text
           from pg_constraint k
          where k.contype = 'f' and k.connamespace::regnamespace::text like 'lectern%'
            -- The large table: lessons are archived, never deleted, so nobody goes from a lesson to its progress.
            and k.conname <> 'lesson_progress_lesson_fkey'
            and not exists (
              select from pg_index i,
                lateral (select array_agg(x.attnum) as leading
                           from (select (i.indkey::int2[])[n] as attnum, bool_and((i.indkey::int2[])[n] = any (k.conkey)) over (order by n) as is_leading
                                   from generate_series(0, i.indnkeyatts - 1) n) x
                          where x.is_leading) l
               where i.indrelid = k.conrelid and k.conkey[cardinality(k.conkey)] = any (l.leading))",
    )])
    .await;
}

#[tokio::test]
async fn names_types_and_limits_follow_the_house_rules() {
    nobody_offends(&[
        (
            "text has a limit or a list",
            "select c.relname || '.' || a.attname
               from pg_class c
               join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
              where c.relkind = 'r' and c.relnamespace in ('lectern'::regnamespace, 'lectern_auth'::regnamespace)
                and a.atttypid in ('text'::regtype, 'text[]'::regtype, 'varchar'::regtype)
                and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and a.attnum = any (k.conkey))
                -- Written by triggers and migrations alone.
                and (c.relname, a.attname) not in (('membership_counts', 'role'), ('secrets', 'name'))",
        ),
        (
            "moments are timestamptz named …at, …from or …until, days are dates named …on or day",
            "select c.relname || '.' || a.attname
               from pg_class c
               join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              where c.relkind = 'r' and c.relnamespace::regnamespace::text like 'lectern%'
                and (a.atttypid = 'timestamp'::regtype
                  or a.atttypid = 'timestamptz'::regtype and a.attname !~ '(^|_)(at|from|until)$'
                  or a.atttypid = 'date'::regtype and a.attname !~ '(_on|^day)$'
                  or a.attname ~ '_at$' and a.atttypid <> 'timestamptz'::regtype)",
        ),
        (
            "enumerations are text with a check; no money, no char(n)",
            "select c.relname || '.' || a.attname
               from pg_class c
               join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               join pg_type t on t.oid = a.atttypid
              where c.relkind = 'r' and c.relnamespace::regnamespace::text like 'lectern%' and (t.typtype = 'e' or t.typname in ('money', 'bpchar', 'json', 'serial'))",
        ),
        (
            "a constraint's name begins with its table's",
            "select k.conname::text
               from pg_constraint k
               join pg_class c on c.oid = k.conrelid
              where c.relnamespace::regnamespace::text like 'lectern%' and k.contype <> 'n' and k.conname not like replace(c.relname, '_', '\\_') || '\\_%'",
        ),
        (
            "no check goes by a made-up name",
            "select conname::text from pg_constraint where contype in ('c', 'x') and connamespace::regnamespace::text like 'lectern%' and conname ~ '_check[0-9]*$'",
        ),
        (
            "no serial ids: ids are made by the client",
            "select c.oid::regclass::text from pg_class c where c.relkind = 'S' and c.relnamespace = 'lectern'::regnamespace",
        ),
    ])
    .await;
}

#[tokio::test]
async fn functions_with_more_than_the_callers_rights_cannot_be_led_astray() {
    nobody_offends(&[
        (
            "security definer: the guard's, with a fixed search path",
            "select oid::regprocedure::text from pg_proc
              where pronamespace::regnamespace::text like 'lectern%' and prosecdef
                and (proowner <> 'lectern_guard'::regrole
                  or (proconfig @> array['search_path=pg_catalog, pg_temp']
                    and proconfig <@ array['search_path=pg_catalog, pg_temp', 'jit=off', 'plan_cache_mode=force_generic_plan']) is not true)",
        ),
        (
            "every other one too looks names up nowhere else, unless only the guard calls it",
            "select oid::regprocedure::text from pg_proc
              where pronamespace::regnamespace::text like 'lectern%' and not prosecdef and prolang <> (select oid from pg_language where lanname = 'sql')
                and (proconfig @> array['search_path=pg_catalog, pg_temp']
                  and proconfig <@ array['search_path=pg_catalog, pg_temp', 'jit=off', 'plan_cache_mode=force_generic_plan', 'TimeZone=UTC']) is not true
                and oid <> 'lectern_auth.standing()'::regprocedure",
        ),
        (
            "nobody executes one without a grant",
            "select oid::regprocedure::text from pg_proc
              where pronamespace::regnamespace::text like 'lectern%'
                and (proacl is null or exists (select from aclexplode(proacl) where grantee = 0))",
        ),
        (
            "the application executes helpers of policies, its own functions, and what checks and indexes of its rows ask",
            "select oid::regprocedure::text from pg_proc
              where pronamespace::regnamespace::text like 'lectern%' and has_function_privilege('lectern_app', oid, 'execute')
                and pronamespace not in ('lectern_api'::regnamespace)
                and proname not in ('person', 'organization_if', 'writable_if', 'me', 'acting', 'taught', 'taught_enrollments', 'taught_attachments', 'taught_lessons',
                                    'enrolled', 'learning', 'open_sub_courses', 'open_lessons', 'open_attachments', 'my_submissions', 'my_enrollments', 'is_email', 'named_attachments')",
        ),
        (
            "helpers of policies are plpgsql, stable, and take no row",
            "select distinct p.oid::regprocedure::text
               from pg_policy y
               join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = y.oid and d.refclassid = 'pg_proc'::regclass
               join pg_proc p on p.oid = d.refobjid and p.pronamespace::regnamespace::text like 'lectern%'
              where p.prolang <> (select oid from pg_language where lanname = 'plpgsql') or p.provolatile <> 's' or not p.prosecdef
                 or exists (select from unnest(p.proargtypes) t where t not in ('integer'::regtype, 'text[]'::regtype))",
        ),
        (
            "what the application calls says what it does",
            "select oid::regprocedure::text from pg_proc where pronamespace = 'lectern_api'::regnamespace and obj_description(oid, 'pg_proc') is null",
        ),
    ])
    .await;
}

#[tokio::test]
async fn the_application_is_granted_columns_never_tables() {
    nobody_offends(&[
        (
            "no table-level right but select",
            "select c.oid::regclass || ' ' || a.privilege_type
               from pg_class c, aclexplode(c.relacl) a
              where c.relnamespace::regnamespace::text like 'lectern%' and a.grantee in (0, 'lectern_app'::regrole) and a.privilege_type <> 'SELECT'",
        ),
        (
            "no column that triggers write",
            "select c.relname || '.' || a.attname
               from pg_class c
               join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              where c.relkind = 'r' and c.relnamespace = 'lectern'::regnamespace
                and a.attname in ('version', 'updated_at', 'created_at', 'seq', 'seq_xid', 'progress', 'platform_role', 'owner_id', 'plan', 'score', 'passed', 'graded_at')
                and (has_column_privilege('lectern_app', c.oid, a.attnum, 'update') or has_column_privilege('lectern_app', c.oid, a.attnum, 'insert'))",
        ),
        (
            "no key for update",
            "select c.relname || '.' || a.attname
               from pg_class c
               join pg_index i on i.indrelid = c.oid and i.indisprimary
               join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey::int2[])
              where c.relnamespace = 'lectern'::regnamespace and has_column_privilege('lectern_app', c.oid, a.attnum, 'update')",
        ),
        (
            "nothing at all in the schema of credentials, and nothing created anywhere",
            "select nspname::text from pg_namespace
              where nspname = 'lectern_auth' and has_schema_privilege('lectern_app', oid, 'usage')
                 or has_schema_privilege('lectern_app', oid, 'create')
             union all
             select datname::text from pg_database where datname = current_database() and has_database_privilege('lectern_app', oid, 'create, temporary')",
        ),
        (
            "no role of the application inherits another's",
            "select roleid::regrole::text from pg_auth_members where member = 'lectern_app'::regrole",
        ),
    ])
    .await;
}

#[tokio::test]
async fn every_write_leaves_a_trace_and_needs_a_live_session() {
    nobody_offends(&[
        (
            "whatever the application writes ends with a look at the session",
            "select c.relname::text from pg_class c
              where c.relkind = 'r' and c.relnamespace::regnamespace::text like 'lectern%'
                and (has_any_column_privilege('lectern_app', c.oid, 'insert') or has_any_column_privilege('lectern_app', c.oid, 'update'))
                and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'require_session' and t.tgenabled <> 'D' and t.tgtype = 28)",
        ),
        (
            "every table is audited but those that are a record themselves or derived",
            "select c.relname::text from pg_class c
              where c.relkind = 'r' and c.relnamespace = 'lectern'::regnamespace
                and c.relname not in ('operations', 'change_set_rows', 'revisions', 'attachment_chunks', 'course_counts', 'enrollment_days', 'membership_counts', 'pushes', 'row_history',
                                      'lesson_readers')
                and (select count(*) from pg_trigger t where t.tgrelid = c.oid and t.tgname in ('audit_insert', 'audit_update')) <> 2",
        ),
        (
            "the audit refuses to be changed, whoever tries",
            "select c.relname::text from pg_class c
              where c.relkind = 'r' and c.relnamespace = 'lectern_audit'::regnamespace
                and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'append_only' and t.tgenabled = 'A')",
        ),
    ])
    .await;
}
