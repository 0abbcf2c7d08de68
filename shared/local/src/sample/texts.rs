//! The sample texts of the specification, embedded: one or two per plugin.

/// One sample text with the plain target name under which archives hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleText {
    /// The plugin that reads it.
    pub plugin: &'static str,
    /// The basename inside an archive, such as `CLI_Show_Node.out`.
    pub name: &'static str,
    /// The content.
    pub bytes: &'static [u8],
}

/// A sample from the folder of its plugin, under the name it has behind the node's.
macro_rules! sample {
    ($plugin:literal, $ne:literal, $name:literal) => {
        SampleText {
            plugin: $plugin,
            name: $name,
            bytes: include_bytes!(concat!("../../samples/", $plugin, "/", $ne, "_", $name)),
        }
    };
}

impl SampleText {
    /// All samples of the network element `HEL-CORE-01`, by rising plugin priority.
    pub const HEL_CORE_01: [Self; 12] = [
        sample!("node", "HEL-CORE-01", "CLI_Show_Node.out"),
        sample!("dpr_db", "HEL-CORE-01", "CLI_Show_DPR_DB.out"),
        sample!("lsp", "HEL-CORE-01", "CLI_Show_LSP.out"),
        sample!("nea_trace", "HEL-CORE-01", "nea_trace.log"),
        sample!("nea_bucket_counts", "HEL-CORE-01", "nea_bucket.out"),
        sample!("ma_notif_bucket_counts", "HEL-CORE-01", "ma_notif.out"),
        sample!("alarm_state", "HEL-CORE-01", "alarm_state.out"),
        sample!("dpr_3r", "HEL-CORE-01", "DPR_3R.out"),
        sample!("dpr_links", "HEL-CORE-01", "DPR_Links.out"),
        sample!("dpr_router_map", "HEL-CORE-01", "DPR_Router_Map.out"),
        sample!("alarm_state_legacy", "HEL-CORE-01", "alarm_state"),
        sample!("dummy", "HEL-CORE-01", "dummy_plugin.target"),
    ];

    /// All samples of the network element `TMP-AGG-02`, by rising plugin priority.
    pub const TMP_AGG_02: [Self; 12] = [
        sample!("node", "TMP-AGG-02", "CLI_Show_Node.out"),
        sample!("dpr_db", "TMP-AGG-02", "CLI_Show_DPR_DB.out"),
        sample!("lsp", "TMP-AGG-02", "CLI_Show_LSP.out"),
        sample!("nea_trace", "TMP-AGG-02", "nea_trace.log.1"),
        sample!("nea_bucket_counts", "TMP-AGG-02", "nea_bucket.out"),
        sample!("ma_notif_bucket_counts", "TMP-AGG-02", "ma_notif.out"),
        sample!("alarm_state", "TMP-AGG-02", "alarm_state.out"),
        sample!("dpr_3r", "TMP-AGG-02", "CLI_Show_DPR_3R.out"),
        sample!("dpr_links", "TMP-AGG-02", "DPR_Links.txt"),
        sample!("dpr_router_map", "TMP-AGG-02", "DPR_Router_Map.txt"),
        sample!("alarm_state_legacy", "TMP-AGG-02", "alarm_state.txt"),
        sample!("dummy", "TMP-AGG-02", "dummy_plugin.target"),
    ];

    /// Where a collector puts it below the directory of an EC: by kind of file.
    pub fn path(&self) -> String {
        let dir = match self.plugin {
            "node" | "lsp" | "dpr_db" => "cli",
            "nea_trace" | "nea_bucket_counts" => "nea",
            "alarm_state" => "alarm",
            // The legacy file lies at the root.
            "alarm_state_legacy" => return self.name.to_owned(),
            _ => "misc",
        };
        format!("{dir}/{}", self.name)
    }
}
