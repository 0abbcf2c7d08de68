//! The dispatcher: what the event source mapping is on Lambda. It takes messages under a lease, hands them to the
//! same batch handlers, acknowledges what went well, and gives back or buries the rest.

mod batch;
mod stage_loop;

pub use batch::{BatchHandler, DeliveryError, InProcess};
pub use stage_loop::{Dispatcher, DispatcherSettings};
