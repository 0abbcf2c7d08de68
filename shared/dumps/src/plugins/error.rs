//! Why a set of plugins cannot be registered.

use thiserror::Error;

/// A broken rule of the registry contract (specs: dumps 4). A programming error: nothing at run time mends it.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// The name has other characters than lower-case letters, digits and `_`, or none.
    #[error("plugin name {name:?} is not of lower-case letters, digits and underscores")]
    BadName {
        /// The name as given.
        name: &'static str,
    },
    /// The version is 0.
    #[error("plugin {plugin} has version 0, versions start at 1")]
    BadVersion {
        /// The plugin.
        plugin: &'static str,
    },
    /// There is nothing it reads.
    #[error("plugin {plugin} has no targets")]
    NoTargets {
        /// The plugin.
        plugin: &'static str,
    },
    /// A target is no glob.
    #[error("plugin {plugin} has the target {target:?}, which is no glob")]
    BadGlob {
        /// The plugin.
        plugin: &'static str,
        /// The target as given.
        target: &'static str,
        /// What is wrong with it.
        #[source]
        source: globset::Error,
    },
    /// Two plugins have one name.
    #[error("plugin name {name} is taken")]
    DuplicateName {
        /// The name.
        name: &'static str,
    },
    /// Two plugins have one priority.
    #[error("plugins {first} and {second} have the same priority {priority}")]
    DuplicatePriority {
        /// The plugin with the lower name.
        first: &'static str,
        /// The other plugin.
        second: &'static str,
        /// Their priority.
        priority: u32,
    },
    /// A plugin needs one that runs after it.
    #[error("plugin {plugin} requires {required}, which does not run before it")]
    RequirementOrder {
        /// The plugin.
        plugin: &'static str,
        /// The plugin it needs.
        required: &'static str,
    },
    /// Two plugins match one file name without naming each other.
    #[error("E_OVERLAP: plugins {first} and {second} both match {} without naming each other", probes.join(", "))]
    Overlap {
        /// The plugin with the lower priority.
        first: &'static str,
        /// The other plugin.
        second: &'static str,
        /// The names or globs that both match.
        probes: Vec<String>,
    },
    /// All globs together cannot be compiled.
    #[error("the targets of all plugins together cannot be compiled")]
    Compile(#[source] globset::Error),
}
