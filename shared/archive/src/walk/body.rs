//! The tar of one archive and what is done with its members.

use std::mem;

use crc32fast::Hasher;

use super::level::Level;
use super::run::{Halt, Run};
use crate::damage::Damage;
use crate::tar::{Event, Kind, Member, MemberLimits, TarParser};
use crate::{Interest, Step, WarningCode, basename, is_archive_name, normalise, unopened_name};

/// What ends the work on a block early.
pub(super) enum Trouble {
    Halt(Halt),
    Damage(Damage),
}

impl From<Halt> for Trouble {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

/// The member at hand.
#[derive(Debug)]
enum Open {
    Nothing,
    File {
        interest: Interest,
        crc: Hasher,
    },
    /// A file that is not announced; only the index knows it.
    Unread {
        crc: Hasher,
    },
    /// A nested archive; its CRC is taken for the index.
    Archive {
        crc: Option<Hasher>,
    },
}

/// A tar with the level below it.
#[derive(Debug)]
pub(super) struct Body {
    depth: usize,
    limits: MemberLimits,
    tar: TarParser,
    open: Open,
    /// Made when the first nested archive is met, kept for all that follow.
    child: Option<Box<Level>>,
}

impl Body {
    pub(super) fn new(depth: usize, limits: MemberLimits) -> Self {
        Self { depth, limits, tar: TarParser::new(limits), open: Open::Nothing, child: None }
    }

    pub(super) fn restart(&mut self) {
        self.tar.restart();
        self.open = Open::Nothing;
    }

    /// Bytes of the tar taken so far.
    pub(super) fn position(&self) -> u64 {
        self.tar.position()
    }

    /// Takes the next bytes of the tar; `whole` is the CRC of all of them, if it is known.
    pub(super) fn feed(
        &mut self,
        mut bytes: &[u8],
        whole: Option<&Hasher>,
        run: &mut Run<'_>,
    ) -> Result<(), Trouble> {
        let length = bytes.len();
        loop {
            match self.tar.advance(&mut bytes).map_err(Trouble::Damage)? {
                Event::Hungry => return Ok(()),
                Event::Member(member) => self.begin(member, run)?,
                // Of a large member most pieces are all that there is: their CRC is not taken again.
                Event::Data(data) => self.data(data, whole.filter(|_| data.len() == length), run)?,
                Event::End => self.end(run)?,
            }
        }
    }

    pub(super) fn finish(&self) -> Result<(), Damage> {
        self.tar.finish()
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.tar.held() + self.child.as_ref().map_or(0, |child| child.held())
    }

    fn begin(&mut self, member: Member, run: &mut Run<'_>) -> Result<(), Halt> {
        run.count_entry(member.offset)?;
        let Ok(path) = normalise(self.tar.name()) else {
            let text = format!("`..` in {:?}", String::from_utf8_lossy(self.tar.name()));
            run.warn(WarningCode::WUnsafePath, member.offset, text);
            return Ok(());
        };
        if member.kind == Kind::Directory {
            return Ok(());
        }
        run.enter(Step { path, offset: member.offset, size: member.size });
        self.open = self.open(member, run);
        if matches!(self.open, Open::Nothing) {
            run.leave();
        }
        Ok(())
    }

    /// Decides on the member entered last.
    fn open(&mut self, member: Member, run: &mut Run<'_>) -> Open {
        let path = run.book.chain.steps.last().map(|step| step.path.as_str()).unwrap_or_default();
        if let Kind::Special(what) = member.kind {
            run.warn(WarningCode::WSpecialMember, member.offset, what.to_owned());
        } else if path.is_empty() {
            run.warn(WarningCode::WUnsafePath, member.offset, "a file without a name".to_owned());
        } else if is_archive_name(path) {
            return self.open_archive(member, run);
        } else if let Some(stem) = unopened_name(path) {
            if run.visitor.is_target(&basename(stem)) {
                let text = "a target under a compression that is not opened".to_owned();
                run.warn(WarningCode::WUnsupportedCompression, member.offset, text);
            }
            return Self::unread(run);
        } else {
            return Open::File { interest: run.file(self.depth), crc: Hasher::new() };
        }
        Open::Nothing
    }

    /// A file that is passed over; with an index it can still be read later.
    fn unread(run: &Run<'_>) -> Open {
        match &run.book.recorder {
            Some(_) => Open::Unread { crc: Hasher::new() },
            None => Open::Nothing,
        }
    }

    fn open_archive(&mut self, member: Member, run: &mut Run<'_>) -> Open {
        let depth = self.depth.saturating_add(1);
        if depth > run.limits.max_depth {
            let text = format!("archive at depth {depth}, limit {}", run.limits.max_depth);
            run.warn(WarningCode::WMaxDepth, member.offset, text);
            return Self::unread(run);
        }
        if run.archive_interest() == Interest::Skip {
            return Self::unread(run);
        }
        run.streams_closed(depth);
        run.count_archive(depth);
        match &mut self.child {
            Some(child) => child.restart(),
            None => self.child = Some(Box::new(Level::new(depth, self.limits))),
        }
        Open::Archive { crc: run.book.recorder.is_some().then(Hasher::new) }
    }

    fn data(&mut self, data: &[u8], known: Option<&Hasher>, run: &mut Run<'_>) -> Result<(), Halt> {
        match &mut self.open {
            Open::Nothing => {}
            Open::File { interest, crc } => {
                take_crc(crc, data, known);
                if *interest == Interest::Read {
                    run.visitor.data(data);
                }
            }
            Open::Unread { crc } => take_crc(crc, data, known),
            Open::Archive { crc } => {
                if let Some(crc) = crc {
                    take_crc(crc, data, known);
                }
                if let Some(child) = &mut self.child {
                    child.feed(data, run)?;
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, run: &mut Run<'_>) -> Result<(), Halt> {
        match mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing => return Ok(()),
            Open::File { crc, .. } => {
                let crc32 = crc.finalize();
                run.member_read(self.depth, crc32, false);
                run.file_end(crc32)?;
            }
            Open::Unread { crc } => run.member_read(self.depth, crc.finalize(), false),
            Open::Archive { crc } => {
                if let Some(child) = &mut self.child {
                    child.finish(run)?;
                }
                if let Some(crc) = crc {
                    run.member_read(self.depth, crc.finalize(), true);
                }
            }
        }
        run.leave();
        Ok(())
    }
}

/// Adds a piece to a CRC; `known` is the CRC of the piece alone.
fn take_crc(crc: &mut Hasher, data: &[u8], known: Option<&Hasher>) {
    match known {
        Some(known) => crc.combine(known),
        None => crc.update(data),
    }
}
