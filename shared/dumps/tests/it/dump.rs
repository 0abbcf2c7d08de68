//! Builds what a planning pass would see of an archive, event by event.
#![expect(clippy::unwrap_used, reason = "tests")]

use chrono::{DateTime, Utc};
use landfall_archive::{ChainPath, FileHeader, Interest, Step, Visitor, Warning, WarningCode};
use landfall_domain::PlanId;
use landfall_dumps::capture_time::Window;
use landfall_dumps::catalogue::{Catalogue, Contents, PluginRef, Targets};
use landfall_dumps::chain::ActiveFilter;
use landfall_dumps::plan::{OuterEnd, Plan, PlanError, PlanInput, PlanOptions, PluginDescriptor};
use uuid::Uuid;

/// A few plugins with whole names as targets.
pub struct FewTargets;

impl Targets for FewTargets {
    fn plugins_for(&self, basename: &str) -> Vec<PluginRef> {
        let plugins: &[&'static str] = match basename {
            "node.out" => &["node"],
            "dpr_db.out" => &["dpr_db", "dpr_3r"],
            "lsp.out" => &["lsp"],
            "nea_trace.log" => &["nea_trace"],
            "alarm_state.out" => &["alarm_state"],
            "alarm_state" => &["alarm_state_legacy"],
            "dummy_plugin.target" => &["dummy"],
            _ => &[],
        };
        plugins.iter().copied().map(PluginRef::from).collect()
    }
}

/// Descriptors of these plugins, the dummy left out.
pub fn plugins() -> Vec<PluginDescriptor> {
    let names = ["node", "dpr_db", "lsp", "nea_trace", "alarm_state", "dpr_3r", "alarm_state_legacy"];
    let priorities = [10, 20, 30, 40, 70, 80, 110];
    let one = |(name, priority): (&'static str, u32)| PluginDescriptor {
        name: name.into(),
        version: 1,
        priority,
        yields_to: if name == "alarm_state_legacy" { vec!["alarm_state".into()] } else { Vec::new() },
    };
    names.into_iter().zip(priorities).map(one).collect()
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn chain(path: &str, size: u64) -> ChainPath {
    let steps = path.split("!/").map(|name| Step { path: name.to_owned(), offset: 512, size });
    ChainPath { steps: steps.collect() }
}

/// An archive as a walk reports it.
pub struct Dump {
    outer: &'static str,
    catalogue: Catalogue<FewTargets>,
    pub plugins: Vec<PluginDescriptor>,
    pub options: PlanOptions,
    pub meta_capture_ts: Option<DateTime<Utc>>,
    pub end: OuterEnd,
}

impl Dump {
    pub fn named(outer: &'static str) -> Self {
        let window = Window::of_upload(at("2025-01-20T12:00:00Z"));
        Self {
            outer,
            catalogue: Catalogue::new(FewTargets, window),
            plugins: plugins(),
            options: PlanOptions::default(),
            meta_capture_ts: None,
            end: OuterEnd::Whole,
        }
    }

    /// A whole file at a path below the outer name, archives joined with `!/`; the CRC is its length.
    pub fn file(self, path: &str, text: &str) -> Self {
        let size = u64::try_from(text.len()).unwrap();
        self.sized_file(path, text, size)
    }

    /// Several whole files, empty.
    pub fn files(self, paths: &[&str]) -> Self {
        paths.iter().fold(self, |dump, path| dump.file(path, ""))
    }

    pub fn sized_file(mut self, path: &str, text: &str, size: u64) -> Self {
        if self.begin(path, size) == Interest::Read {
            self.catalogue.data(text.as_bytes());
        }
        self.catalogue.file_end(u32::try_from(text.len()).unwrap());
        self
    }

    pub fn broken_file(mut self, path: &str) -> Self {
        self.begin(path, 9);
        self.catalogue.file_broken();
        self
    }

    pub fn warning(mut self, code: WarningCode, path: &str, text: &str) -> Self {
        let (chain_path, text) = (path.to_owned(), text.to_owned());
        self.catalogue.warning(Warning { code, chain_path, offset: 7, text });
        self
    }

    pub fn active(mut self, active: ActiveFilter) -> Self {
        self.options.active = active;
        self
    }

    pub fn broken(mut self, text: &str) -> Self {
        self.end = OuterEnd::Broken { text: text.to_owned() };
        self
    }

    pub fn contents(self) -> Contents {
        self.catalogue.finish()
    }

    pub fn plan(self) -> Result<Plan, PlanError> {
        let contents = self.catalogue.finish();
        Plan::build(&PlanInput {
            plan_id: PlanId(Uuid::nil()),
            outer: self.outer,
            meta_capture_ts: self.meta_capture_ts,
            options: self.options,
            plugins: &self.plugins,
            contents: &contents,
            end: self.end,
        })
    }

    fn begin(&mut self, path: &str, size: u64) -> Interest {
        let chain = chain(path, size);
        self.catalogue.file(FileHeader { chain: &chain })
    }
}
