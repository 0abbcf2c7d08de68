//! Customers from a workbook: the rows of its sheet, checked, and what they change in what is stored
//! (specs: dumps 6.2).

mod changes;
mod columns;
mod row;
mod sheet;
mod stored;
mod values;

pub use changes::{ChangeKind, CustomerChange, SyncCounts, SyncPlan, plan_sync};
pub use row::{Alias, CustomerRow, RowProblem};
pub use sheet::{CustomerSheet, NoHeader, SheetCell, SheetRow, read_sheet};
pub use stored::{StoredCustomer, StoredCustomers};
pub(crate) use values::{active, items, words};
