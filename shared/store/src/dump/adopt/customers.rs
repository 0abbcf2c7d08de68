//! Customers of the system before.

use landfall_dumps::adopt::{RawRow, Table, plan_customers, read_customers};
use landfall_dumps::customers::{CustomerSheet, StoredCustomers, plan_sync};

use super::Adoption;
use crate::StoreError;
use crate::dump::customer::{store_changes, stored_customers};

impl Adoption {
    pub(super) async fn take_customers(&mut self, rows: &[RawRow]) -> Result<(), StoreError> {
        let read = read_customers(rows);
        let stored = stored_customers(&mut self.tx, &read.rows).await?;
        let mut planned = plan_customers(read.rows, &stored);
        self.count(Table::Customers, (read.bad, read.conflicts), &mut planned);
        let refused = read.refused.iter().chain(&planned.refused);
        self.refused.customers.extend(refused.map(|row| row.key.to_string()));
        // New customers that clash with nothing: a sync would make the same of them.
        let new = CustomerSheet { rows: planned.inserts, problems: Vec::new() };
        let plan = plan_sync(&new, &StoredCustomers::default());
        store_changes(&mut self.tx, &plan.changes).await
    }
}
