//! The registry contract (specs: dumps 4, 9.1).

use landfall_dumps::plugins::{FileEnd, Plugin, Reading, Registry, RegistryBuilder, RegistryError};

/// A plugin that reads nothing, for the contract alone.
#[derive(Clone)]
pub struct Named {
    name: &'static str,
    version: u32,
    priority: u32,
    targets: Vec<&'static str>,
    overlaps: Vec<&'static str>,
    requires: Vec<&'static str>,
    yields_to: Vec<&'static str>,
}

impl Named {
    pub fn new(name: &'static str, priority: u32, target: &'static str) -> Self {
        Self {
            name,
            version: 1,
            priority,
            targets: vec![target],
            overlaps: Vec::new(),
            requires: Vec::new(),
            yields_to: Vec::new(),
        }
    }

    pub fn overlaps(mut self, other: &'static str) -> Self {
        self.overlaps.push(other);
        self
    }

    pub fn requires(mut self, other: &'static str) -> Self {
        self.requires.push(other);
        self
    }

    pub fn yields_to(mut self, other: &'static str) -> Self {
        self.yields_to.push(other);
        self
    }
}

impl Plugin for Named {
    fn name(&self) -> &'static str {
        self.name
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn priority(&self) -> u32 {
        self.priority
    }

    fn targets(&self) -> &[&'static str] {
        &self.targets
    }

    fn overlaps(&self) -> &[&'static str] {
        &self.overlaps
    }

    fn requires(&self) -> &[&'static str] {
        &self.requires
    }

    fn yields_to(&self) -> &[&'static str] {
        &self.yields_to
    }

    fn read(&self, _input: &[u8], _reading: Reading<'_>) -> FileEnd {
        FileEnd::missing()
    }
}

fn build(plugins: Vec<Named>) -> Result<Registry, RegistryError> {
    plugins.into_iter().fold(Registry::builder(), RegistryBuilder::register).build()
}

fn refusal(plugins: Vec<Named>) -> String {
    build(plugins).unwrap_err().to_string()
}

fn matches(registry: &Registry, basename: &str) -> Vec<&'static str> {
    registry.match_plugins(basename).iter().map(|plugin| plugin.name()).collect()
}

#[test]
fn test_registry_contract() {
    let production = Registry::production().unwrap();
    let names: Vec<&str> = production.plugins().map(Plugin::name).collect();
    assert_eq!(
        names,
        [
            "node",
            "dpr_db",
            "lsp",
            "nea_trace",
            "nea_bucket_counts",
            "ma_notif_bucket_counts",
            "alarm_state",
            "dpr_3r",
            "dpr_links",
            "dpr_router_map",
            "alarm_state_legacy",
        ]
    );
    let with_test_plugins = Registry::with_test_plugins().unwrap();
    assert_eq!(with_test_plugins.plugins().map(Plugin::name).last(), Some("dummy"));
    assert_eq!(with_test_plugins.plugins().len(), 12);
    assert!(production.plugin("dummy").is_none());

    insta::assert_snapshot!(refusal(vec![Named::new("a-b", 1, "x")]), @r#"plugin name "a-b" is not of lower-case letters, digits and underscores"#);
    insta::assert_snapshot!(refusal(vec![Named::new("a", 1, "x"), Named::new("a", 2, "y")]), @"plugin name a is taken");
    insta::assert_snapshot!(refusal(vec![Named::new("a", 1, "x"), Named::new("b", 1, "y")]), @"plugins a and b have the same priority 1");
    insta::assert_snapshot!(refusal(vec![Named { targets: vec![], ..Named::new("a", 1, "x") }]), @"plugin a has no targets");
    insta::assert_snapshot!(refusal(vec![Named { version: 0, ..Named::new("a", 1, "x") }]), @"plugin a has version 0, versions start at 1");
    insta::assert_snapshot!(refusal(vec![Named::new("a", 1, "x[")]), @r#"plugin a has the target "x[", which is no glob"#);
    insta::assert_snapshot!(refusal(vec![Named::new("a", 1, "x").requires("b"), Named::new("b", 2, "y")]), @"plugin a requires b, which does not run before it");
}

#[test]
fn the_plan_is_told_every_plugin_that_one_yields_to() {
    let plugins = ["a", "b"].into_iter().zip([1, 2]).map(|(name, priority)| Named::new(name, priority, name));
    let legacy = Named::new("legacy", 3, "l").yields_to("a").yields_to("b");
    let registry = build(plugins.chain([legacy]).collect()).unwrap();
    let told: Vec<_> = registry.descriptors().into_iter().map(|plugin| plugin.yields_to.len()).collect();
    assert_eq!(told, [0, 0, 2]);
}

#[test]
fn test_registry_match_order() {
    let plugins = [
        Named::new("late", 30, "x.out").overlaps("early").overlaps("middle"),
        Named::new("early", 10, "*.out").overlaps("late").overlaps("middle"),
        Named::new("middle", 20, "x*.out").overlaps("late").overlaps("early"),
    ];
    for turn in 0..3 {
        let mut turned = plugins.to_vec();
        turned.rotate_left(turn);
        assert_eq!(matches(&build(turned).unwrap(), "X.OUT"), ["early", "middle", "late"]);
    }
}

#[test]
fn test_registry_multi_match() {
    let registry = Registry::production().unwrap();
    assert_eq!(matches(&registry, "CLI_Show_DPR_DB.out"), ["dpr_db", "dpr_3r"]);
    assert_eq!(matches(&registry, "cli_show_dpr_db.OUT"), ["dpr_db", "dpr_3r"]);
}

#[test]
fn test_multi_plugin_same_file_order_required_and_equal_priorities_refused() {
    let registry = Registry::production().unwrap();
    let order: Vec<&str> = registry.plugins().map(Plugin::name).collect();
    let place = |name: &str| order.iter().position(|other| *other == name).unwrap();
    assert!(place("node") < place("dpr_db") && place("dpr_db") < place("dpr_3r"));
    let (a, b) = (Named::new("a", 1, "x.out").overlaps("b"), Named::new("b", 1, "x.out").overlaps("a"));
    assert_eq!(refusal(vec![a, b]), "plugins a and b have the same priority 1");
}

#[test]
fn test_registry_single_match() {
    let registry = Registry::production().unwrap();
    for (name, plugin) in [
        ("CLI_Show_Node.out", "node"),
        ("cli_show_NODE.OUT", "node"),
        ("CLI_Show_LSP.out", "lsp"),
        ("alarm_state.out", "alarm_state"),
        ("Alarm_State_2025.out", "alarm_state"),
        ("CLI_Show_Alarm.out", "alarm_state"),
        ("CLI_Show_Alarms.out", "alarm_state"),
        ("nea_trace.log", "nea_trace"),
        ("NEA_trace_2.log.17", "nea_trace"),
        ("nea_trace_old.txt", "nea_trace"),
        ("nea.trc", "nea_trace"),
        ("nea_1.trc.0", "nea_trace"),
        ("nea_bucket.out", "nea_bucket_counts"),
        ("nea_buckets.txt", "nea_bucket_counts"),
        ("ma_notif.out", "ma_notif_bucket_counts"),
        ("ma_notif_1.txt", "ma_notif_bucket_counts"),
        ("DPR_3R.out", "dpr_3r"),
        ("CLI_Show_DPR_3R.out", "dpr_3r"),
        ("DPR_Links.out", "dpr_links"),
        ("DPR_Link.txt", "dpr_links"),
        ("CLI_Show_DPR_Link.out", "dpr_links"),
        ("CLI_Show_DPR_Links.out", "dpr_links"),
        ("DPR_Router_Map.out", "dpr_router_map"),
        ("DPR_Router_Map_1.txt", "dpr_router_map"),
        ("CLI_Show_DPR_Router_Map.out", "dpr_router_map"),
        ("alarm_state", "alarm_state_legacy"),
        ("ALARM_STATE.TXT", "alarm_state_legacy"),
    ] {
        assert_eq!(matches(&registry, name), [plugin], "{name}");
        assert!(registry.is_target(name));
    }
    for name in [
        "HEL_CLI_Show_Node.out",
        "CLI_Show_Node.out.gz",
        "alarm_state_1",
        "nea_trace.log.x",
        "dummy_plugin.target",
        "",
        "cli/CLI_Show_Node.out",
    ] {
        assert!(!registry.is_target(name), "{name}");
        assert!(matches(&registry, name).is_empty(), "{name}");
    }
}

#[test]
fn test_plugin_meta_and_overlap_contract() {
    let (a, b) = (Named::new("a", 1, "x*.out"), Named::new("b", 2, "x1.out"));
    insta::assert_snapshot!(refusal(vec![a.clone(), b.clone()]), @"E_OVERLAP: plugins a and b both match x1.out without naming each other");
    let one_sided = refusal(vec![a.clone().overlaps("b"), b.clone()]);
    assert!(one_sided.starts_with("E_OVERLAP"), "{one_sided}");
    assert!(build(vec![a.overlaps("b"), b.overlaps("a")]).is_ok());
    // The same glob overlaps with itself, even where no probe shows it.
    let same = refusal(vec![Named::new("a", 1, "[!a]x"), Named::new("b", 2, "[!A]X")]);
    assert!(same.starts_with("E_OVERLAP"), "{same}");
    // A class is probed with a name it matches.
    let class = refusal(vec![Named::new("a", 1, "t.[0-9]*"), Named::new("b", 2, "t.*")]);
    assert!(class.starts_with("E_OVERLAP"), "{class}");
}
