//! The SQL of a table: what is stored, and how it compares with what is given.

use chrono::{DateTime, Utc};
use landfall_domain::eat_wall_clock;
use landfall_tickets::adopt::{Role, Table};

/// Statements of one table at one time.
pub(super) struct Target {
    table: Table,
    now: DateTime<Utc>,
}

impl Target {
    pub(super) fn of(table: Table, now: DateTime<Utc>) -> Self {
        Self { table, now }
    }

    /// A statement with the names of this table.
    pub(super) fn fill(&self, statement: &str) -> String {
        let key = self.table.key();
        let join = |parts: Vec<String>, by: &str| parts.join(by);
        let same = key.iter().map(|column| format!("s.{column} = t.{column}")).collect();
        statement
            .replace("{table}", self.table.name())
            .replace("{stage}", &format!("adopt_{}", self.table))
            .replace("{stored}", &self.stored())
            .replace("{held}", &self.held())
            .replace("{key}", &key.join(", "))
            .replace("{stored_key}", &join(key.iter().map(|column| format!("t.{column}")).collect(), ", "))
            .replace("{same_key}", &join(same, " and "))
            .replace("{pairs}", &self.pairs())
            .replace("{columns}", &self.columns().join(", "))
    }

    /// The rows that must be as the source has them. Today's snapshot may be: it is captured again anyway.
    fn stored(&self) -> String {
        match self.table {
            Table::IncDailySnapshot | Table::CrqDailySnapshot => {
                let today = eat_wall_clock(self.now).date();
                format!("(select * from tickets.{} where snapshot_date <> '{today}')", self.table)
            }
            _ => self.held(),
        }
    }

    /// The rows that keep a row of the source out.
    fn held(&self) -> String {
        match self.table {
            Table::ImportMeta => "(select dataset, metadata ->> 'source_max_key' as source_max_key, \
                (metadata ->> 'content_max_ts')::timestamptz as content_max_ts \
                from tickets.import_meta where metadata ->> 'source_max_key' is not null)"
                .to_owned(),
            Table::GeoBudget => {
                format!("(select * from tickets.geo_budget where day = '{}')", self.now.date_naive())
            }
            table => format!("tickets.{table}"),
        }
    }

    /// All columns that are written.
    fn columns(&self) -> Vec<&'static str> {
        let taken = self.table.columns().iter().filter(|column| column.role != Role::Compared);
        let places = if self.table.dataset_of_tickets().is_some() { self.table.computed() } else { &[] };
        let written = taken.map(|column| column.name).filter(|name| *name != "metadata");
        written.chain(places.iter().copied()).collect()
    }

    /// Name and both values of each column outside the key.
    fn pairs(&self) -> String {
        let columns = self.columns().into_iter().filter(|column| !self.table.key().contains(column));
        let pair =
            |(nth, column): (usize, &str)| format!("({nth}, '{column}', s.{column}::text, t.{column}::text)");
        columns.enumerate().map(pair).collect::<Vec<_>>().join(", ")
    }
}
