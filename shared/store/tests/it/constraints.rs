//! Every unique key of the specification (dumps 5; 9.3 test_constraints).

use landfall_store::StoreError;
use sqlx::{AssertSqlSafe, PgPool};

use crate::scene::{add_load, count, one_dump, run, texts};

/// Inserts twice; gives the key that refuses the second row.
async fn refused(pool: &PgPool, insert: &str) -> String {
    run(pool, insert).await;
    let again = sqlx::raw_sql(AssertSqlSafe(insert.to_owned())).execute(pool).await;
    match StoreError::from(again.unwrap_err()) {
        StoreError::Constraint { constraint, .. } => constraint,
        other => format!("{insert}: {other}"),
    }
}

/// Inserts into tables whose rows hang on a load; `{load}` stands for its id. Parts of keys that may be empty are.
const OF_A_LOAD: [&str; 13] = [
    "insert into dump.dump_node (load_id, plan_ne) values ({load}, '')",
    "insert into dump.plugin_ledger (load_id, plan_ne, plugin, priority, plan_id, plugin_version, state)
        values ({load}, '', 'lsp', 30, gen_random_uuid(), 1, 'PENDING')",
    "insert into dump.lsp_entry (load_id, ne_id, plugin, chain_path, from_node, to_node, label, state)
        values ({load}, 1, 'lsp', '', '', '', '', 'UP')",
    "insert into dump.alarm_state_entry (load_id, ne_id, plugin, chain_path, aid, condition, severity)
        values ({load}, 1, 'alarm_state', '', '', '', 'CR')",
    "insert into dump.dpr_entry (load_id, ne_id, plugin, chain_path, dpr_id, dpr_type, local_router_id, oper_state)
        values ({load}, 1, 'dpr_db', '', 18446744073709551615, '', '', '')",
    "insert into dump.nea_trace (load_id, ne_id, plugin, chain_path, ordinal, ts, severity, message)
        values ({load}, 1, 'nea_trace', '', 0, now(), '', '')",
    "insert into dump.nea_bucket_count (load_id, ne_id, plugin, chain_path, bucket_id, capacity, used, free)
        values ({load}, 1, 'nea_bucket_counts', '', 0, 0, 0, 0)",
    "insert into dump.ma_notif_bucket_count (load_id, ne_id, plugin, chain_path, bucket, received)
        values ({load}, 1, 'ma_notif_bucket_counts', '', '', 0)",
    "insert into dump.three_r_group (load_id, ne_id, plugin, chain_path, group_id, oper_state)
        values ({load}, 1, 'dpr_3r', '', 0, '')",
    "insert into dump.three_r_link (load_id, ne_id, group_id, member_id, aid, state) values ({load}, 1, 0, 0, '', '')",
    "insert into dump.dpr_link (load_id, ne_id, plugin, chain_path, src_node, dst_node, link_type, state)
        values ({load}, 1, 'dpr_links', '', '', '', '', '')",
    "insert into dump.dpr_router_map (load_id, ne_id, plugin, chain_path, router_id, ne_name, is_local)
        values ({load}, 1, 'dpr_router_map', '', '', '', false)",
    "insert into dump.dump_node (load_id, plan_ne, ne_id) values ({load}, gen_random_uuid()::text, 2)",
];

#[tokio::test]
async fn test_constraints() {
    let database = one_dump().await;
    let pool = database.pool();
    let of_all = [
        "insert into dump.customer (customer_key, name) values ('', '')",
        "insert into dump.network (customer_id, network_key) values (1, '')",
        "insert into dump.network_element (network_id, ne_key) values (1, '')",
        "insert into dump.network_element (network_id, ne_key, router_id) values (1, gen_random_uuid()::text, '10.0.0.1')",
        "insert into dump.archive_sha256 (sha256, dump_id, load_id) values (sha256('a'), 1, 1)",
        "insert into dump.dump_link (dump_id, ticket, hc_id, created_at) values (1, 'T-1', '', now())",
        "insert into dump.customer_alias (alias, customer_id) values ('', 1)",
        "insert into dump.capture_dump (customer_id, network_id, capture_ts, capture_precision, capture_ts_source,
            origin, snapshot_seq, sha256, source_bucket, source_key, source_version, status, created_at)
         values (1, 1, '2025-02-01Z', 'day', 'name', '', 1, '', '', '', '', 'RUNNING', now())",
    ];
    let mut keys = Vec::new();
    for insert in of_all {
        keys.push(refused(pool, insert).await);
    }
    for insert in OF_A_LOAD {
        keys.push(refused(pool, &insert.replace("{load}", "1")).await);
    }
    insta::assert_snapshot!(keys.join("\n"), @"
    customer_customer_key_key
    network_customer_id_network_key_key
    network_element_network_id_ne_key_key
    network_element_router
    archive_sha256_pkey
    dump_link_pkey
    customer_alias_pkey
    capture_dump_customer_id_network_id_capture_ts_origin_snaps_key
    dump_node_pkey
    plugin_ledger_pkey
    lsp_entry_pkey
    alarm_state_entry_pkey
    dpr_entry_pkey
    nea_trace_pkey
    nea_bucket_count_pkey
    ma_notif_bucket_count_pkey
    three_r_group_pkey
    three_r_link_pkey
    dpr_link_pkey
    dpr_router_map_pkey
    dump_node_ne
    ");
}

#[tokio::test]
async fn two_loads_of_one_dump_may_hold_the_same_keys() {
    let database = one_dump().await;
    for load in ["1", "2"] {
        for insert in OF_A_LOAD {
            run(database.pool(), insert.replace("{load}", load)).await;
        }
    }
    assert_eq!(count(database.pool(), "select count(*) from dump.lsp_entry").await, 2);
}

#[tokio::test]
async fn test_constraints_links_and_3r() {
    let database = one_dump().await;
    let pool = database.pool();
    for insert in OF_A_LOAD {
        run(pool, insert.replace("{load}", "1")).await;
    }
    let orphan = "insert into dump.three_r_link (load_id, ne_id, group_id, member_id, aid, state) values (1, 1, 9, 0, '', '')";
    let refused = sqlx::query(orphan).execute(pool).await.map_err(StoreError::from).unwrap_err();
    assert!(refused.violates("three_r_link_load_id_ne_id_group_id_fkey"), "{refused:?}");
    run(pool, "delete from dump.three_r_group").await;
    assert_eq!(count(pool, "select count(*) from dump.three_r_link").await, 0, "members go with their group");
    // The same ticket with and without a health check are two links; keys compare by bytes.
    run(
        pool,
        "insert into dump.dump_link (dump_id, ticket, hc_id, created_at) values
        (1, 'T-1', '', now()), (1, 'T-1', 'HC-1', now()), (1, 't-1', '', now())",
    )
    .await;
    assert_eq!(count(pool, "select count(*) from dump.dump_link").await, 3);
}

#[tokio::test]
async fn what_a_load_brought_goes_with_it_and_elements_stay() {
    let database = one_dump().await;
    let pool = database.pool();
    for load in ["1", "2"] {
        for insert in OF_A_LOAD {
            run(pool, insert.replace("{load}", load)).await;
        }
    }
    run(pool, "delete from dump.load where load_id = 1").await;
    let left = "select count(*) from (select load_id from dump.lsp_entry union all select load_id from dump.dump_node
         union all select load_id from dump.plugin_ledger union all select load_id from dump.three_r_link
         union all select load_id from dump.nea_trace) as r where load_id = 1";
    assert_eq!(count(pool, left).await, 0);
    assert_eq!(count(pool, "select count(*) from dump.lsp_entry where load_id = 2").await, 1);
    assert_eq!(count(pool, "select count(*) from dump.network_element").await, 2);
    run(pool, "delete from dump.capture_dump").await;
    assert_eq!(count(pool, "select count(*) from dump.load").await, 0, "a load goes with its dump");
}

#[tokio::test]
async fn readers_see_the_visible_load_only() {
    let database = one_dump().await;
    let pool = database.pool();
    add_load(pool, 1, 18).await;
    for load in ["1", "2", "3"] {
        run(pool, OF_A_LOAD[2].replace("{load}", load)).await;
    }
    let seen = "select load_id::text from dump.lsp_entry_current";
    assert!(texts(pool, seen).await.is_empty(), "no load is visible yet");
    for load in ["2", "3"] {
        run(pool, format!("update dump.capture_dump set load_id = {load}")).await;
        assert_eq!(texts(pool, seen).await, [load]);
    }
}

#[tokio::test]
async fn the_ledger_does_not_hold_a_fourth_try_nor_a_load_less_than_no_open_unit() {
    let database = one_dump().await;
    run(database.pool(), OF_A_LOAD[1].replace("{load}", "1")).await;
    for (sql, key) in [
        ("update dump.plugin_ledger set attempts = 4", "plugin_ledger_attempts_check"),
        ("update dump.load set open_units = -1", "load_open_units_check"),
    ] {
        let refused = sqlx::query(sql).execute(database.pool()).await.map_err(StoreError::from).unwrap_err();
        assert!(refused.violates(key), "{refused:?}");
    }
}
