//! The name under which a plan knows a network element (specs: dumps 2.3).

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::values::nename;

/// The plan-NE: the name of a network element as the path tells it, known without any file content. Compared
/// and ordered by bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanNe(String);

impl PlanNe {
    /// The text of the name that stands where no component of a path gives one.
    pub const UNKNOWN: &'static str = "UNKNOWN";

    /// The name that stands where no component of a path gives one.
    pub fn unknown() -> Self {
        Self(Self::UNKNOWN.to_owned())
    }

    /// Whether this is the name that stands for none.
    pub fn is_unknown(&self) -> bool {
        self.0 == Self::UNKNOWN
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlanNe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Borrow<str> for PlanNe {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A network element's name that holds nothing but blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a network element is blank")]
pub struct BlankName;

impl FromStr for PlanNe {
    type Err = BlankName;

    fn from_str(text: &str) -> Result<Self, BlankName> {
        nename(text).map(|name| Self(name.into())).ok_or(BlankName)
    }
}
