//! Taking over what the system before knew: rows of five tables, checked as an upload's values are, and compared
//! with what is stored (specs: dumps 10). Nothing stored is ever changed.

mod archive;
mod cells;
mod compare;
mod conflict;
mod customer;
mod element;
mod link;
mod network;
mod table;

pub use archive::{ArchiveRow, DumpKey, StoredArchive, StoredArchives, plan_archives, read_archives};
pub use conflict::{Conflict, Planned, Read};
pub use customer::{plan_customers, read_customers};
pub use element::{ElementRow, InNetwork, StoredElement, StoredElements, plan_elements, read_elements};
pub use link::{LinkRow, StoredLinks, plan_links, read_links};
pub use network::{NetworkRow, StoredNetworks, plan_networks, read_networks};
pub use table::{Header, HeaderError, RawRow, Table};
