//! Where a file stands inside nested archives (specs: dumps 2.2).

use serde::{Deserialize, Serialize};

/// One member on the way from the outer object to a file: a nested archive, or the file itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Step {
    /// The normalised path of the member inside its tar.
    pub path: String,
    /// Offset in bytes of the member's first payload byte in the tar stream that holds it. Tells apart two
    /// members of one name.
    pub offset: u64,
    /// Payload size in bytes, as the tar header says.
    pub size: u64,
}

/// The way from the outer object to a file: nested archives from outside in, the file last.
///
/// The outer object's own name is not part of it; [`ChainPath::display`] puts it in front.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChainPath {
    /// The steps from outside in.
    pub steps: Vec<Step>,
}

impl ChainPath {
    /// The chain path as it is stored as provenance: all names joined with `!/`.
    pub fn display(&self, outer: &str) -> String {
        let mut out = outer.to_owned();
        for step in &self.steps {
            out.push_str("!/");
            out.push_str(&step.path);
        }
        out
    }

    /// All names joined with `!/`, without the outer object's name; empty for the outer object itself. This is
    /// the form a [`crate::Warning`] carries.
    pub fn joined(&self) -> String {
        let mut out = String::new();
        for step in &self.steps {
            if !out.is_empty() {
                out.push_str("!/");
            }
            out.push_str(&step.path);
        }
        out
    }

    /// The depth of the archive that directly holds the last step: 0 for the outer object.
    pub fn depth(&self) -> usize {
        self.steps.len().saturating_sub(1)
    }
}
