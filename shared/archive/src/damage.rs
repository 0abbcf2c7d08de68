//! What broke an archive, and where.

use std::borrow::Cow;
use std::fmt;

/// The stream an offset counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// The archive's own bytes.
    Gzip,
    /// The tar, after gunzip.
    Tar,
}

/// The kind of a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// All bytes were read, gzip or tar is unfinished.
    Truncated,
    /// Neither gzip nor tar, or gzip of something else.
    NotArchive,
    /// Anything else.
    Bad,
}

/// A break in one archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Damage {
    pub(crate) cause: Cause,
    pub(crate) layer: Layer,
    pub(crate) offset: u64,
    pub(crate) what: Cow<'static, str>,
}

impl Damage {
    pub(crate) fn gzip(offset: u64, what: impl Into<Cow<'static, str>>) -> Self {
        Self { cause: Cause::Bad, layer: Layer::Gzip, offset, what: what.into() }
    }

    pub(crate) fn tar(offset: u64, what: impl Into<Cow<'static, str>>) -> Self {
        Self { cause: Cause::Bad, layer: Layer::Tar, offset, what: what.into() }
    }

    pub(crate) fn truncated(layer: Layer, offset: u64) -> Self {
        let what = match layer {
            Layer::Gzip => "truncated: gzip stream unfinished",
            Layer::Tar => "truncated: tar unfinished",
        };
        Self { cause: Cause::Truncated, layer, offset, what: what.into() }
    }

    pub(crate) fn not_archive(what: impl Into<Cow<'static, str>>) -> Self {
        Self { cause: Cause::NotArchive, layer: Layer::Gzip, offset: 0, what: what.into() }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layer = match (&self.cause, self.layer) {
            (Cause::NotArchive, _) => return f.write_str(&self.what),
            (_, Layer::Gzip) => "gzip stream",
            (_, Layer::Tar) => "tar",
        };
        write!(f, "{}, at byte {} of the {layer}", self.what, self.offset)
    }
}
