//! Configuration: read once at cold start; every error names the variable.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A variable that is missing or does not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is needed and not set.
    #[error("environment variable {name} is not set: {purpose}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it is for.
        purpose: &'static str,
    },
    /// It is set to something that does not read.
    #[error("environment variable {name} does not read: {problem}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What is wrong with it; never the value of a secret.
        problem: String,
    },
}

/// The variables, as they were at the start.
#[derive(Clone, Default)]
pub struct Env {
    variables: BTreeMap<String, String>,
}

impl fmt::Debug for Env {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl Env {
    /// The variables of this process. Names and values that are no UTF-8 are left out.
    pub fn of_process() -> Self {
        let text =
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Self { variables: text.collect() }
    }

    /// Variables given one by one.
    pub fn of<K: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        Self { variables: variables.into_iter().map(|(k, v)| (k.into(), v.into())).collect() }
    }

    /// The value of a variable; a blank one counts as not set.
    pub fn get(&self, name: &'static str) -> Option<&str> {
        self.variables.get(name).map(|v| v.trim()).filter(|v| !v.is_empty())
    }

    /// The value of a variable that must be set.
    pub fn required(&self, name: &'static str, purpose: &'static str) -> Result<&str, ConfigError> {
        self.get(name).ok_or(ConfigError::Missing { name, purpose })
    }

    /// The parsed value of a variable, or the default where it is not set.
    pub fn parsed<T>(&self, name: &'static str, default: T) -> Result<T, ConfigError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        match self.get(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|e: T::Err| ConfigError::Invalid { name, problem: format!("{text:?}: {e}") }),
        }
    }
}

/// A value that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_variable() {
        let env = Env::of([("LANDFALL_LIMIT", "many")]);
        insta::assert_snapshot!(
            env.required("DATABASE_URL", "the Postgres database").unwrap_err(),
            @"environment variable DATABASE_URL is not set: the Postgres database"
        );
        insta::assert_snapshot!(
            env.parsed::<u32>("LANDFALL_LIMIT", 1).unwrap_err(),
            @r#"environment variable LANDFALL_LIMIT does not read: "many": invalid digit found in string"#
        );
    }

    #[test]
    fn neither_secrets_nor_values_are_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(..)");
        assert_eq!(format!("{:?}", Env::of([("A", "hunter2")])), r#"{"A"}"#);
    }

    #[test]
    fn a_blank_value_counts_as_not_set() {
        assert_eq!(Env::of([("A", "  ")]).parsed("A", 7), Ok(7));
    }
}
