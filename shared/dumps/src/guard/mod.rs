//! What becomes of an upload, given what is stored: new, known, resumed, linked, replacing or refused
//! (specs: dumps 7.1 to 7.5).

mod ended;
mod facts;
mod health_check;
mod nearness;
mod outcome;
mod same_content;
mod time;
mod verdict;

pub use ended::{UnknownVerdict, VerdictName, exit_code, is_metadata_code};
pub use facts::{DumpId, DumpStatus, Facts, Link, OwnerSource, ShaOwner, StoredDump, Upload};
pub use outcome::{ExitCode, LoadEnd, load_end};
pub use verdict::{GuardWarning, Judgement, LinkChange, RejectCode, ResumeScope, Row, Verdict, judge};
