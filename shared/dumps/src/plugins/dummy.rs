//! A plugin for tests of everything around plugins (specs: dumps 4.12).

use super::parsed::FileEnd;
use super::plugin::Plugin;
use super::reading::Reading;

/// Accepts any bytes and finds nothing in them. Never part of a production registry.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dummy;

impl Plugin for Dummy {
    fn name(&self) -> &'static str {
        "dummy"
    }

    fn version(&self) -> u32 {
        1
    }

    fn priority(&self) -> u32 {
        999
    }

    fn targets(&self) -> &[&'static str] {
        &["dummy_plugin.target"]
    }

    fn read(&self, _input: &[u8], _reading: Reading<'_>) -> FileEnd {
        FileEnd::empty()
    }
}
