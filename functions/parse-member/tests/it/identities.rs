//! Whose rows they are (specs: dumps 3.5).

use landfall_testkit::TestStage;

use crate::scene::{KEY, NE, alarm_text, dump, node_text, parse, planned, worker};

const NODES: &str = "select concat_ws(' ', n.plan_ne, e.ne_key, e.router_id) from dump.dump_node n
     left join dump.network_element e using (ne_id) order by n.plan_ne";

#[tokio::test]
async fn without_a_node_file_the_path_is_the_identity() {
    let stage = TestStage::start().await;
    planned(&stage, dump(&[(NE, &[("alarm_state.out", alarm_text())])])).await;
    parse(&stage, &worker(&stage, "w")).await;
    assert_eq!(stage.texts(NODES).await, [format!("{NE} path:{NE}")]);
    assert!(stage.count("select count(*) from dump.alarm_state_entry_current").await > 0);
}

#[tokio::test]
async fn of_two_elements_with_one_name_the_second_keeps_its_path() {
    let stage = TestStage::start().await;
    let node = node_text(NE, 1);
    let files = [("CLI_Show_Node.out", node.as_bytes()), ("alarm_state.out", alarm_text())];
    planned(&stage, dump(&[(NE, &files), ("TMP-AGG-02", &files)])).await;
    parse(&stage, &worker(&stage, "w")).await;
    // Both are parsed at the same time: either may be the first.
    let first = ["HEL-CORE-01 name:HEL-CORE-01 10.20.0.1", "TMP-AGG-02 path:TMP-AGG-02"];
    let second = ["HEL-CORE-01 path:HEL-CORE-01", "TMP-AGG-02 name:HEL-CORE-01 10.20.0.1"];
    let nodes = stage.texts(NODES).await;
    assert!(nodes == first || nodes == second, "{nodes:?}");
    let path_named = "select count(*) from dump.parse_warning w join dump.dump_node n using (load_id, plan_ne)
         join dump.network_element e using (ne_id) where w.code = 'W_EXTRA_NODE' and e.ne_key = 'path:' || n.plan_ne";
    assert_eq!(stage.count(path_named).await, 1);
    let duplicate = "select count(*) from dump.parse_warning where code = 'W_ROUTER_ID_DUPLICATE'";
    assert_eq!(stage.count(duplicate).await, 1);
    assert_eq!(stage.count("select count(*) from dump.parse_warning where plugin = 'node'").await, 2);
}

#[tokio::test]
async fn the_same_element_in_the_next_dump_is_the_same_row() {
    let stage = TestStage::start().await;
    for (day, last) in [(18, 1), (20, 9)] {
        let node = node_text(NE, last);
        let body = dump(&[(NE, &[("CLI_Show_Node.out", node.as_bytes())])]);
        stage.land(&KEY.replace("20250118", &format!("202501{day}")), &[], body).await;
        stage.plan().await;
        parse(&stage, &worker(&stage, "w")).await;
    }
    let shown = stage.texts("select concat_ws(' ', ne_key, router_id) from dump.network_element").await;
    assert_eq!(shown, [format!("name:{NE} 10.20.0.9")]);
    let audited = "select concat_ws(' ', kind, detail->>'old', detail->>'new') from dump.audit_event";
    assert_eq!(stage.texts(audited).await, ["router_id_changed 10.20.0.1 10.20.0.9"]);
}
