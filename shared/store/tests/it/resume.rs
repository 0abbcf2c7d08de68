//! Which rows a RESUME opens (specs: dumps 7.2).

use landfall_domain::{LoadId, ObjectId, Pin, PlanId, Run};
use landfall_dumps::guard::ResumeScope;
use landfall_store::dump::{self, OpenUnits, Source};
use landfall_store::object;
use uuid::Uuid;

use crate::scene::{landing, now, one_dump, run, texts};

const ROWS: &str =
    "insert into dump.plugin_ledger (plan_ne, plugin, state, attempts, error_code, lease_owner, lease_until,
        next_attempt_at, load_id, priority, plan_id, plugin_version)
     select ne, plugin, state, attempts, code, owner, until::timestamptz, next::timestamptz, 1,
        case plugin when 'node' then 10 when 'lsp' then 30 else 70 end, gen_random_uuid(), 1
     from (values
        ('done', 'node', 'DONE', 1, null, null, null, null),
        ('open', 'node', 'PENDING', 0, null, null, null, null),
        ('held', 'node', 'RUNNING', 2, null, 'w', '2030-01-01Z', null),
        ('later', 'node', 'FAILED', 1, 'member_crc', null, null, '2030-01-01Z'),
        ('lost', 'node', 'FAILED', 3, 'E_SOURCE_MISSING', null, null, null),
        ('lost', 'lsp', 'FAILED', 3, 'E_DEPENDENCY', null, null, null),
        ('bad', 'node', 'FAILED', 3, 'E_NO_HEADER', null, null, null),
        ('bad', 'lsp', 'FAILED', 3, 'E_DEPENDENCY', null, null, null),
        ('bad', 'alarm_state', 'FAILED', 3, 'E_SOURCE_CHANGED', null, null, null),
        ('large', 'node', 'FAILED', 3, 'E_SPOOL_LIMIT', null, null, null)
     ) as v(ne, plugin, state, attempts, code, owner, until, next);
     update dump.load set open_units = 3 where load_id = 1";

/// Resumes; gives the open units, and each row with whether it has the new plan.
async fn resumed(scope: ResumeScope) -> (Vec<OpenUnits>, String) {
    let database = one_dump().await;
    let pool = database.pool();
    object::register(&mut pool.acquire().await.unwrap(), &[landing("k", "1", now())], now()).await.unwrap();
    run(pool, ROWS).await;
    let pin = Pin::version("v9");
    let source = Source { bucket: "landing".into(), key: "again".into(), version: "v9".into(), pin, size: 9 };
    let mut tx = pool.begin().await.unwrap();
    let to = (&source, ObjectId(1), Run(1));
    let open = dump::resume_load(&mut tx, LoadId(1), to, (PlanId(Uuid::nil()), scope)).await.unwrap();
    tx.commit().await.unwrap();
    let rows = "select concat_ws(' ', plan_ne, plugin, state, attempts, error_code,
            case when plan_id = '00000000-0000-0000-0000-000000000000' then 'new plan' end,
            case when lease_until is not null then 'held' end, next_attempt_at)
         from dump.plugin_ledger order by plan_ne, priority";
    let load = "select concat_ws(' ', status, open_units, source_key, source_version_id, source_size) from dump.load where load_id = 1";
    let mut lines = texts(pool, rows).await;
    lines.extend(texts(pool, load).await);
    (open, lines.join("\n"))
}

fn names(open: &[OpenUnits]) -> Vec<String> {
    open.iter().map(|unit| format!("{} {}", unit.ne, unit.plugins.join(","))).collect()
}

#[tokio::test]
async fn an_unfinished_load_goes_on_with_its_open_rows_and_those_that_lost_their_source() {
    let (open, rows) = resumed(ResumeScope::Unfinished).await;
    assert_eq!(names(&open), ["bad alarm_state", "held node", "later node", "lost node,lsp", "open node"]);
    insta::assert_snapshot!(rows, @"
    bad node FAILED 3 E_NO_HEADER
    bad lsp FAILED 3 E_DEPENDENCY
    bad alarm_state PENDING 0 new plan
    done node DONE 1
    held node PENDING 1 new plan
    large node FAILED 3 E_SPOOL_LIMIT
    later node FAILED 1 member_crc new plan
    lost node PENDING 0 new plan
    lost lsp PENDING 0 new plan
    open node PENDING 0 new plan
    RUNNING 6 again v9 9
    ");
}

#[tokio::test]
async fn of_a_failed_dump_all_rows_are_opened_but_files_that_are_too_large() {
    let (open, rows) = resumed(ResumeScope::All).await;
    assert_eq!(
        names(&open),
        ["bad node,lsp,alarm_state", "held node", "later node", "lost node,lsp", "open node"]
    );
    insta::assert_snapshot!(rows, @"
    bad node PENDING 0 new plan
    bad lsp PENDING 0 new plan
    bad alarm_state PENDING 0 new plan
    done node DONE 1
    held node PENDING 1 new plan
    large node FAILED 3 E_SPOOL_LIMIT
    later node FAILED 1 member_crc new plan
    lost node PENDING 0 new plan
    lost lsp PENDING 0 new plan
    open node PENDING 0 new plan
    RUNNING 8 again v9 9
    ");
}
