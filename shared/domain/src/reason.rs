//! Why an object is in the state it is in.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A stable code and, where it helps an operator, a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// Short and stable: counted, queried, alarmed on. `complete`, `meta_missing:ticket`, `E_BOMB`.
    pub code: Cow<'static, str>,
    /// What exactly happened to this object, with names, numbers and places.
    pub text: Option<String>,
}

impl Reason {
    /// A reason that needs no text.
    pub fn new(code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), text: None }
    }

    /// The same reason with a text.
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if let Some(text) = &self.text {
            write!(f, ": {text}")?;
        }
        Ok(())
    }
}
