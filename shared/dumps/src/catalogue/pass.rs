//! Listens to a walk and keeps the target files.

use std::collections::BTreeMap;

use landfall_archive::{ChainPath, FileHeader, Flow, Interest, Visitor, Warning};

use super::{Contents, Counts, PluginRef, TargetFile, Targets, WarningLog};
use crate::capture_time::{FirstLines, Window};
use crate::names::base_name;

/// The visitor of the planning pass. Its memory depends on the target files alone, and per warning code on at
/// most 1,000 warnings.
#[derive(Debug)]
pub struct Catalogue<T> {
    targets: T,
    contents: Contents,
    current: Option<Pending>,
    next_order: u64,
}

/// A target file that is being read.
#[derive(Debug)]
struct Pending {
    chain: ChainPath,
    plugins: Vec<PluginRef>,
    scan: FirstLines,
    order: u64,
}

impl<T: Targets> Catalogue<T> {
    /// An empty catalogue. The window decides which time stamps of logs are noted.
    pub fn new(targets: T, window: Window) -> Self {
        let contents = Contents {
            window,
            files: BTreeMap::new(),
            warnings: WarningLog::default(),
            counts: Counts::default(),
        };
        Self { targets, contents, current: None, next_order: 0 }
    }

    /// Notes a file that an index knows, as a walk over the archive would; its first lines are not known.
    pub fn note(&mut self, chain: &ChainPath, crc32: u32) {
        let _ = self.file(FileHeader { chain });
        let _ = self.file_end(crc32);
    }

    /// What the walk met. A file that has not ended is not part of it.
    pub fn finish(self) -> Contents {
        self.contents
    }
}

impl<T: Targets> Visitor for Catalogue<T> {
    fn is_target(&self, basename: &str) -> bool {
        self.targets.is_target(basename)
    }

    fn file(&mut self, header: FileHeader<'_>) -> Interest {
        let order = self.next_order;
        self.next_order = order.saturating_add(1);
        self.contents.counts.files = self.next_order;
        let path = header.chain.steps.last().map_or("", |step| step.path.as_str());
        let plugins = self.targets.plugins_for(&base_name(path).to_lowercase());
        if plugins.is_empty() {
            self.current = None;
            return Interest::Skip;
        }
        let scan = FirstLines::new(self.contents.window);
        self.current = Some(Pending { chain: header.chain.clone(), plugins, scan, order });
        Interest::Read
    }

    fn data(&mut self, bytes: &[u8]) {
        if let Some(pending) = &mut self.current {
            pending.scan.push(bytes);
        }
    }

    fn file_end(&mut self, crc32: u32) -> Flow {
        let Some(Pending { chain, plugins, scan, order }) = self.current.take() else {
            return Flow::Continue;
        };
        let name = below_outer(&chain);
        let file = TargetFile { chain, crc32, plugins, log_time: scan.finish(), order };
        if self.contents.files.insert(name, file).is_some() {
            let counts = &mut self.contents.counts;
            counts.replaced_targets = counts.replaced_targets.saturating_add(1);
        }
        Flow::Continue
    }

    fn file_broken(&mut self) {
        if self.current.take().is_some() {
            let counts = &mut self.contents.counts;
            counts.broken_targets = counts.broken_targets.saturating_add(1);
        }
    }

    fn warning(&mut self, warning: Warning) {
        self.contents.warnings.push(warning.code, warning);
    }
}

/// The chain path without the outer name.
fn below_outer(chain: &ChainPath) -> String {
    let names: Vec<&str> = chain.steps.iter().map(|step| step.path.as_str()).collect();
    names.join("!/")
}
