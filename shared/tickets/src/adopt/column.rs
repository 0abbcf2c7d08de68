//! What a column of a table to take over holds.

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, ours.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub role: Role,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number from 0 on.
    Count,
    /// Yes or no.
    Flag,
    /// An instant: a time with its offset.
    Time,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// A number.
    Number,
    /// A JSON value.
    Json,
    /// A JSON array.
    List,
}

/// Whether a column must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It must be there, and no cell of it may be empty.
    Needed,
    /// It is taken over where it is there. Without a value it is this, or null.
    Taken(Option<&'static str>),
    /// The source may lack it; where it has it, no cell of it may be empty.
    Filled,
    /// It is made again of `raw`; what the source had made of it is only compared.
    Compared,
}

impl Column {
    pub(super) const fn needed(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, role: Role::Needed }
    }

    pub(super) const fn taken(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, role: Role::Taken(None) }
    }

    pub(super) const fn or(name: &'static str, kind: Kind, default: &'static str) -> Self {
        Self { name, kind, role: Role::Taken(Some(default)) }
    }

    pub(super) const fn filled(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, role: Role::Filled }
    }

    pub(super) const fn compared(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, role: Role::Compared }
    }
}
