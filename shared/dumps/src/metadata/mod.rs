//! What an upload says about itself: ticket, customer, network and the rest (specs: dumps 6.1).

mod error;
mod field;
mod fields;
mod key;
mod origin;
mod raw;
mod resolve;
mod values;

pub use error::MetadataError;
pub use field::{Field, MetaSource};
pub use key::classify_key;
pub use landfall_domain::KeyKind;
pub use raw::RawMetadata;
pub use resolve::{CountryChoice, MetaConflict, MetadataSources, UploadMetadata, choose_country};
pub use values::{Country, CustomerKey, CustomerName, HcId, InvalidValue, NetworkKey, Origin, Ticket};
