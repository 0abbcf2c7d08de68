//! What network elements show: of the newest visible dump, router ids unique (specs: dumps 3.5).

use landfall_domain::LoadId;
use landfall_store::PgPool;
use landfall_store::dump::{self, IdentityClash};

use crate::scene::{add_load, now, one_dump, run, texts};

const SHOWN: &str = "select concat_ws(' ', ne_key, coalesce(router_id, '-'), coalesce(version, '-'), dump_id)
     from dump.network_element order by ne_id";

/// Adds a dump of a day whose load found these (element, router id), and ends it.
async fn publish(pool: &PgPool, day: u32, nodes: &[(i64, &str)]) {
    let dump_id = i64::from(day);
    add_load(pool, dump_id, day).await;
    let load: i64 = sqlx::query_scalar("select max(load_id) from dump.load").fetch_one(pool).await.unwrap();
    for (ne_id, router_id) in nodes {
        run(
            pool,
            format!(
                "insert into dump.dump_node (load_id, plan_ne, ne_id, ne_key, ne_name, router_id, version)
                 values ({load}, 'ne{ne_id}', {ne_id}, 'name:x', 'N{ne_id}', nullif('{router_id}', ''), 'v{day}');
                 insert into dump.plugin_ledger (load_id, plan_ne, plugin, priority, plan_id, plugin_version, state, outcome)
                 values ({load}, 'ne{ne_id}', 'node', 10, gen_random_uuid(), 1, 'DONE', 'ok')"
            ),
        )
        .await;
    }
    let mut tx = pool.begin().await.unwrap();
    let load = dump::load_in(&mut tx, LoadId(load)).await.unwrap();
    dump::units_ended(&mut tx, &load, 0, now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_newest_dump_wins_whatever_the_order_in_which_they_come() {
    let database = one_dump().await;
    publish(database.pool(), 20, &[(1, "10.0.0.1")]).await;
    publish(database.pool(), 19, &[(1, "10.0.0.9"), (2, "10.0.0.2")]).await;
    assert_eq!(texts(database.pool(), SHOWN).await, ["name:A 10.0.0.1 v20 20", "name:B 10.0.0.2 v19 19"]);
    publish(database.pool(), 21, &[(1, "10.0.0.1")]).await;
    assert_eq!(texts(database.pool(), SHOWN).await, ["name:A 10.0.0.1 v21 21", "name:B 10.0.0.2 v19 19"]);
    assert!(texts(database.pool(), "select kind from dump.audit_event").await.is_empty());
}

#[tokio::test]
async fn a_router_id_that_another_element_holds_is_not_shown_and_warned_of() {
    let database = one_dump().await;
    publish(database.pool(), 20, &[(1, "10.0.0.1"), (2, "10.0.0.1")]).await;
    assert_eq!(texts(database.pool(), SHOWN).await, ["name:A 10.0.0.1 v20 20", "name:B - v20 20"]);
    let warned = "select concat_ws(' ', plan_ne, plugin, code, line, text) from dump.parse_warning";
    insta::assert_snapshot!(texts(database.pool(), warned).await.join("\n"), @"ne2 node W_ROUTER_ID_DUPLICATE 0 router id 10.0.0.1 is held by network element 1");
}

#[tokio::test]
async fn a_changed_router_id_is_audited_and_a_lost_one_is_not_a_change() {
    let database = one_dump().await;
    publish(database.pool(), 20, &[(1, "10.0.0.1")]).await;
    publish(database.pool(), 21, &[(1, "10.0.0.2")]).await;
    publish(database.pool(), 22, &[(1, "")]).await;
    publish(database.pool(), 23, &[(1, "10.0.0.2")]).await;
    let audited = "select concat_ws(' ', kind, dump_id, detail->>'old', detail->>'new') from dump.audit_event order by audit_id";
    assert_eq!(texts(database.pool(), audited).await, ["router_id_changed 21 10.0.0.1 10.0.0.2"]);
}

#[tokio::test]
async fn an_identity_that_is_taken_in_the_load_leaves_the_path() {
    let database = one_dump().await;
    run(database.pool(), "insert into dump.dump_node (load_id, plan_ne) values (1, 'X'), (1, 'Y'), (2, 'Y')")
        .await;
    let mut conn = database.pool().acquire().await.unwrap();
    let mut resolve = async |load: i64, ne: &str| {
        let (id, clash) = dump::resolve_ne(&mut conn, 1, (LoadId(load), ne), "name:A").await.unwrap();
        (id, clash == IdentityClash::Yes)
    };
    assert_eq!(resolve(1, "X").await, (1, false));
    assert_eq!(resolve(1, "X").await, (1, false), "its own identity is not taken");
    let (path, clash) = resolve(1, "Y").await;
    assert!(clash && path > 2);
    assert_eq!(resolve(2, "Y").await, (1, false), "another load of the dump is another matter");
    let keys = texts(database.pool(), "select ne_key from dump.network_element order by ne_id").await;
    assert_eq!(keys, ["name:A", "name:B", "path:Y"]);
}
