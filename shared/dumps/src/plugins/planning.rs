//! What planning knows of the registered plugins.

use super::Registry;
use crate::catalogue::{PluginRef, Targets};
use crate::plan::PluginDescriptor;

impl Targets for Registry {
    fn plugins_for(&self, basename: &str) -> Vec<PluginRef> {
        self.match_plugins(basename).into_iter().map(|plugin| PluginRef::from(plugin.name())).collect()
    }

    fn is_target(&self, basename: &str) -> bool {
        Self::is_target(self, basename)
    }
}

impl Registry {
    /// What a plugin requires, by name; nothing for one that is not registered.
    pub fn requirements(&self, plugin: &str) -> Vec<String> {
        let requires = self.plugin(plugin).map(super::Plugin::requires);
        requires.unwrap_or_default().iter().map(|name| (*name).to_owned()).collect()
    }

    /// The plugins that get ledger rows, by rising priority.
    pub fn descriptors(&self) -> Vec<PluginDescriptor> {
        let describe = |plugin: &dyn super::Plugin| PluginDescriptor {
            name: PluginRef::from(plugin.name()),
            version: plugin.version(),
            priority: plugin.priority(),
            yields_to: plugin.yields_to().iter().copied().map(PluginRef::from).collect(),
        };
        self.plugins().map(describe).collect()
    }
}
