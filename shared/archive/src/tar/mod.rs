//! The tar state machine, push-style: v7, ustar, GNU and PAX (POSIX.1-2017 pax, GNU tar manual).

mod header;
mod metadata;
mod number;
mod parser;

pub(crate) use header::Kind;
pub(crate) use parser::{Event, Member, MemberLimits, TarParser};
