//! The inputs of the model: benches/model.json, each figure with its unit and its source.

use serde::{Deserialize, Serialize};

/// All inputs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// What benches have measured.
    pub measured: Measured,
    /// What nobody has measured yet, and what follows from the template.
    pub assumed: Assumed,
    /// Where it ends.
    pub limits: Limits,
    /// List prices.
    pub prices: Prices,
    /// Kinds of objects.
    pub mixes: Vec<Mix>,
    /// How many of them.
    pub objects_a_day: Vec<f64>,
}

/// A number with what it is and where it comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced {
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Who says so.
    pub source: String,
}

/// A struct of sourced numbers, and a list of them by name.
macro_rules! sourced {
    ($(#[$about:meta])* $name:ident { $($extra:ident: String,)* ; $($field:ident),* $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(pub $extra: String,)*
            $(pub $field: Sourced,)*
        }

        impl $name {
            /// The numbers by name.
            pub fn all(&self) -> Vec<(&'static str, &Sourced)> {
                vec![$((stringify!($field), &self.$field)),*]
            }
        }
    };
}

sourced!(
    /// What benches have measured. *Small* and *full* are the two dumps between and beyond which the model draws a line.
    Measured { ;
        front_rate, front_database_cores, front_own_cores, front_statements, front_commits,
        small_statements, small_commits, small_database_ms, small_own_ms, small_files,
        full_statements, full_commits, full_ms, full_database_share, full_files, full_rows,
        insert_rate, insert_database_cores, insert_own_cores, planning_rate, member_requests,
    }
);

sourced!(
    /// What nobody has measured yet, and what follows from the template.
    Assumed { ;
        peak, database_round_trip_ms, s3_first_byte_ms, row_bytes, book_bytes, book_rows, kept_days, log_bytes,
        pollers, mappings, poll_seconds, instance_connections, other_instances,
    }
);

sourced!(
    /// Where it ends.
    Limits { ; database_cores, connections, functions, s3_puts, s3_gets, database_tb }
);

sourced!(
    /// List prices in US dollars.
    Prices { region: String, as_of: String, ;
        lambda_request, lambda_gb_second, sqs_request, sqs_group, s3_put, s3_get, s3_gb_month, database_core_hour,
        database_gb_month, log_gb,
    }
);

/// A kind of objects.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// What it is called in the tables.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Bytes of one object.
    pub bytes: f64,
    /// Network elements of one object; 0 where it is no dump.
    pub elements: f64,
    /// Parsed files of one network element.
    pub files: f64,
    /// Rows of one parsed file.
    pub rows: f64,
}

impl Inputs {
    /// Reads the inputs.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        Ok(serde_json::from_str(text)?)
    }

    /// The inputs that come with the program.
    pub fn ours() -> anyhow::Result<Self> {
        Self::read(include_str!("../../model.json"))
    }
}
