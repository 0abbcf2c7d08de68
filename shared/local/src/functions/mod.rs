//! Functions that run elsewhere, under `cargo lambda watch`: called over HTTP as Lambda is, instead of in this process.

mod call;
mod remote;
mod url;
mod variables;

pub use call::CallError;
pub use remote::{RemoteFunction, RemoteSettings, scheduled_event};
pub use url::{FunctionsUrl, FunctionsUrlError};
pub(crate) use variables::variables;
