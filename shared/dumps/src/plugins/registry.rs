//! Which plugins there are, and which of them read a file (specs: dumps 4, registry contract).

use std::collections::BTreeSet;

use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

use super::error::RegistryError;
use super::plugin::Plugin;
use super::probes::probes;
use super::{
    AlarmState, AlarmStateLegacy, DprDb, DprLinks, DprRouterMap, DprThreeR, Dummy, LspPlugin,
    MaNotifBucketCounts, NeaBucketCounts, NeaTrace, NodePlugin,
};

/// The registered plugins, by rising priority.
pub struct Registry {
    plugins: Vec<Box<dyn Plugin>>,
    globs: GlobSet,
    /// For each glob of the set the plugin that has it.
    owners: Vec<usize>,
}

impl Registry {
    /// Starts an empty registry.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder { plugins: Vec::new() }
    }

    /// The registry of a production system.
    pub fn production() -> Result<Self, RegistryError> {
        production().build()
    }

    /// The registry of a test system (`enable_test_plugins`): also with the plugin for tests.
    pub fn with_test_plugins() -> Result<Self, RegistryError> {
        production().register(Dummy).build()
    }

    /// All plugins, by rising priority.
    pub fn plugins(&self) -> impl ExactSizeIterator<Item = &dyn Plugin> {
        self.plugins.iter().map(AsRef::as_ref)
    }

    /// The plugin with this name.
    pub fn plugin(&self, name: &str) -> Option<&dyn Plugin> {
        self.plugins().find(|plugin| plugin.name() == name)
    }

    /// The plugins that read a file with this basename, by rising priority.
    pub fn match_plugins(&self, basename: &str) -> Vec<&dyn Plugin> {
        let globs = self.globs.matches(basename);
        let owners: BTreeSet<usize> =
            globs.into_iter().filter_map(|glob| self.owners.get(glob).copied()).collect();
        owners.into_iter().filter_map(|owner| self.plugins.get(owner)).map(AsRef::as_ref).collect()
    }

    /// Whether any plugin reads a file with this basename. Case does not matter.
    pub fn is_target(&self, basename: &str) -> bool {
        self.globs.is_match(basename)
    }
}

/// The plugins of a production system. A new plugin is one more line here.
fn production() -> RegistryBuilder {
    Registry::builder()
        .register(NodePlugin::default())
        .register(DprDb::default())
        .register(LspPlugin::default())
        .register(NeaTrace::default())
        .register(NeaBucketCounts::default())
        .register(MaNotifBucketCounts::default())
        .register(AlarmState::default())
        .register(DprThreeR::default())
        .register(DprLinks::default())
        .register(DprRouterMap::default())
        .register(AlarmStateLegacy::default())
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.plugins().map(Plugin::name)).finish()
    }
}

/// Collects plugins and checks the contract at the end.
pub struct RegistryBuilder {
    plugins: Vec<Box<dyn Plugin>>,
}

impl RegistryBuilder {
    /// Adds a plugin. The order of the calls does not matter.
    pub fn register(mut self, plugin: impl Plugin + 'static) -> Self {
        self.plugins.push(Box::new(plugin));
        self
    }

    /// Checks the contract and builds the registry.
    pub fn build(self) -> Result<Registry, RegistryError> {
        let mut plugins = self.plugins;
        plugins.sort_by_key(|plugin| (plugin.priority(), plugin.name()));
        check_each(&plugins)?;
        check_unique(&plugins)?;
        check_requirements(&plugins)?;
        let matchers =
            plugins.iter().map(|plugin| compile(plugin.as_ref())).collect::<Result<Vec<_>, _>>()?;
        check_overlaps(&plugins, &matchers)?;
        let mut set = GlobSetBuilder::new();
        let mut owners = Vec::new();
        for (owner, globs) in matchers.into_iter().enumerate() {
            for glob in globs {
                set.add(glob.glob().clone());
                owners.push(owner);
            }
        }
        let globs = set.build().map_err(RegistryError::Compile)?;
        Ok(Registry { plugins, globs, owners })
    }
}

fn check_each(plugins: &[Box<dyn Plugin>]) -> Result<(), RegistryError> {
    for plugin in plugins {
        let name = plugin.name();
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty() || !name.bytes().all(fits) {
            return Err(RegistryError::BadName { name });
        }
        if plugin.version() == 0 {
            return Err(RegistryError::BadVersion { plugin: name });
        }
        if plugin.targets().is_empty() {
            return Err(RegistryError::NoTargets { plugin: name });
        }
    }
    Ok(())
}

fn check_unique(plugins: &[Box<dyn Plugin>]) -> Result<(), RegistryError> {
    let mut names = BTreeSet::new();
    if let Some(plugin) = plugins.iter().find(|plugin| !names.insert(plugin.name())) {
        return Err(RegistryError::DuplicateName { name: plugin.name() });
    }
    // Sorted by priority, so equal ones are neighbours.
    for (first, second) in plugins.iter().zip(plugins.iter().skip(1)) {
        if first.priority() == second.priority() {
            let (first, second, priority) = (first.name(), second.name(), first.priority());
            return Err(RegistryError::DuplicatePriority { first, second, priority });
        }
    }
    Ok(())
}

/// A requirement must run before the plugin that has it, else it could never start.
fn check_requirements(plugins: &[Box<dyn Plugin>]) -> Result<(), RegistryError> {
    for plugin in plugins {
        let late = |required: &&&'static str| {
            plugins.iter().any(|other| other.name() == **required && other.priority() >= plugin.priority())
        };
        if let Some(required) = plugin.requires().iter().find(late) {
            return Err(RegistryError::RequirementOrder { plugin: plugin.name(), required });
        }
    }
    Ok(())
}

fn compile(plugin: &dyn Plugin) -> Result<Vec<GlobMatcher>, RegistryError> {
    let compile = |target: &&'static str| {
        let glob: Result<Glob, globset::Error> =
            GlobBuilder::new(target).case_insensitive(true).literal_separator(true).build();
        glob.map(|glob| glob.compile_matcher()).map_err(|source| RegistryError::BadGlob {
            plugin: plugin.name(),
            target,
            source,
        })
    };
    plugin.targets().iter().map(compile).collect()
}

/// Every two plugins that can match one file must name each other.
fn check_overlaps(plugins: &[Box<dyn Plugin>], matchers: &[Vec<GlobMatcher>]) -> Result<(), RegistryError> {
    let globs = plugins.iter().flat_map(|plugin| plugin.targets());
    let names: BTreeSet<String> = globs.flat_map(|glob| probes(glob)).collect();
    let all: Vec<(&dyn Plugin, &Vec<GlobMatcher>)> =
        plugins.iter().map(AsRef::as_ref).zip(matchers).collect();
    for (index, (first, left)) in all.iter().enumerate() {
        for (second, right) in all.iter().skip(index.saturating_add(1)) {
            let declared =
                first.overlaps().contains(&second.name()) && second.overlaps().contains(&first.name());
            let probes = if declared { Vec::new() } else { shared(left, right, &names) };
            if !probes.is_empty() {
                let (first, second) = (first.name(), second.name());
                return Err(RegistryError::Overlap { first, second, probes });
            }
        }
    }
    Ok(())
}

/// What both plugins match: globs of the same text, and names of the probe list.
fn shared(left: &[GlobMatcher], right: &[GlobMatcher], names: &BTreeSet<String>) -> Vec<String> {
    let text = |matcher: &GlobMatcher| matcher.glob().glob().to_ascii_lowercase();
    let same = left.iter().filter(|l| right.iter().any(|r| text(l) == text(r))).map(|l| l.glob().to_string());
    let any = |matchers: &[GlobMatcher], name: &str| matchers.iter().any(|matcher| matcher.is_match(name));
    let both = names.iter().filter(|name| any(left, name) && any(right, name)).cloned();
    let found: BTreeSet<String> = same.chain(both).collect();
    found.into_iter().collect()
}
