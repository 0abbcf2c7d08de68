//! What a store really does: a few requests that write only probe objects, and a judgement over what they showed.

mod facts;
mod judge;
mod notify;
mod observe;
mod writes;

pub use facts::{Attempt, Miss, Seen, StoreFacts, WriteFacts};
pub use judge::judge;
pub use notify::{NotificationTarget, Told};
pub use observe::StoreProbe;

#[cfg(test)]
mod tests;
