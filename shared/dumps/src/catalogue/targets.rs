//! Which files are wanted.

use std::borrow::{Borrow, Cow};
use std::fmt;

use serde::{Deserialize, Serialize};

/// Names a parser plugin.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PluginRef(Cow<'static, str>);

impl PluginRef {
    /// The plugin's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for PluginRef {
    fn from(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

impl From<String> for PluginRef {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl Borrow<str> for PluginRef {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PluginRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Tells the target files from the rest (specs: dumps 4).
pub trait Targets {
    /// The plugins with a glob that matches this basename (lower-cased), by rising priority.
    fn plugins_for(&self, basename: &str) -> Vec<PluginRef>;

    /// Whether any plugin wants a file of this basename (lower-cased).
    fn is_target(&self, basename: &str) -> bool {
        !self.plugins_for(basename).is_empty()
    }
}

impl<T: Targets + ?Sized> Targets for &T {
    fn plugins_for(&self, basename: &str) -> Vec<PluginRef> {
        (**self).plugins_for(basename)
    }

    fn is_target(&self, basename: &str) -> bool {
        (**self).is_target(basename)
    }
}

impl<T: Targets + ?Sized> Targets for std::sync::Arc<T> {
    fn plugins_for(&self, basename: &str) -> Vec<PluginRef> {
        (**self).plugins_for(basename)
    }

    fn is_target(&self, basename: &str) -> bool {
        (**self).is_target(basename)
    }
}
