//! The live schema is the declared one (specs: dumps 9.3 test_schema_contract).

use landfall_testkit::database::TestDatabase;

use crate::scene::texts;

/// Columns, then keys and checks, then indexes and views; partitions of single months are left out.
const SCHEMA: &str = "
    select line from (
        select format('%s.%s %s %s%s%s', table_schema, table_name, column_name, data_type,
            case when collation_name is not null then ' ' || collation_name else '' end,
            case when is_nullable = 'NO' then ' not null' else '' end) as line, 1 as part
        from information_schema.columns join information_schema.tables using (table_schema, table_name)
        where table_schema in ('ingest', 'ops', 'dump', 'tickets', 'reporting') and table_type = 'BASE TABLE'
        union all
        select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)), 2
        from pg_constraint where connamespace in ('ingest'::regnamespace, 'ops'::regnamespace, 'dump'::regnamespace,
                'tickets'::regnamespace) and contype <> 'n'
        union all
        select indexdef, 3 from pg_indexes where schemaname in ('ingest', 'ops', 'dump', 'tickets', 'reporting')
        union all
        select format('view %s.%s', schemaname, viewname), 4 from pg_views where schemaname in ('ingest', 'ops', 'dump', 'tickets', 'reporting')
    ) as lines
    where line !~ '_[0-9]{6}( |_)' order by part, line collate \"C\"";

#[tokio::test]
async fn test_schema_contract() {
    let database = TestDatabase::create().await;
    insta::assert_snapshot!(texts(database.pool(), SCHEMA).await.join("\n"));
}
