//! Dumps of any size, written as a stream.
//!
//! A tar header names the size of what follows, so each inner archive must be complete before it is
//! written. A node is therefore spread over several archives of at most `PART_BYTES`; memory holds one of
//! them, one archive of an EC and one file, whatever the total.

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};

use super::compress::{encoder, in_memory};
use super::dump::{Dump, Ec, Node, Role, stamp};
use super::filler::{filler, noise};
use super::tarball::{write_end, write_file};

/// The most bytes that filler brings into one node archive. Only a node's own files can make it larger.
/// The archive of a filler EC has a quarter of that, one filler file an eighth.
pub const PART_BYTES: usize = 8 << 20;
/// For archives of archives: any level would end in stored blocks, this one gets there at once.
const PACKED_ALREADY: Compression = Compression::none();
/// For the files: the fastest level with codes made for its input. Level 1 has fixed ones and makes noise
/// larger.
const LOGS: Compression = Compression::new(2);
/// No file and no archive is begun for less than this.
const SMALLEST: usize = 4 << 10;

/// What `write_large` wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LargeSummary {
    /// Bytes of the outer archive.
    pub bytes: u64,
    /// Node archives in it.
    pub parts: u32,
}

/// Writes `dump` with so much filler in its nodes that the outer archive has about `total_bytes`.
///
/// Each node gets an equal share, its own files first. More archives of the same node, with names that end
/// in `_p02` and so on, hold filler only. A total below the size of the dump's own files adds nothing; a
/// dump without nodes takes no filler.
///
/// # Errors
/// Those of `out`.
pub fn write_large(dump: &Dump, total_bytes: u64, out: &mut impl Write) -> io::Result<LargeSummary> {
    Filling { dump, part_bytes: PART_BYTES, parts: 0 }.write(total_bytes, out)
}

/// A large dump in the making.
struct Filling<'a> {
    dump: &'a Dump,
    /// The bound of one node archive.
    part_bytes: usize,
    /// Node archives so far. Their number seeds the filler.
    parts: u32,
}

impl Filling<'_> {
    fn write(mut self, total_bytes: u64, out: &mut impl Write) -> io::Result<LargeSummary> {
        let mut outer = encoder(Counted { out, bytes: 0 }, PACKED_ALREADY);
        for (path, bytes) in &self.dump.files {
            write_file(&mut outer, path, bytes)?;
        }
        let shares = u64::try_from(self.dump.nodes.len()).unwrap_or(u64::MAX);
        for (node, share) in self.dump.nodes.iter().zip(1_u64..) {
            let goal = u128::from(total_bytes) * u128::from(share) / u128::from(shares);
            self.write_node(node, u64::try_from(goal).unwrap_or(u64::MAX), &mut outer)?;
        }
        write_end(&mut outer)?;
        let mut counted = outer.finish()?;
        counted.flush()?;
        Ok(LargeSummary { bytes: counted.bytes, parts: self.parts })
    }

    /// Writes the archives of one node until the outer archive has `goal` bytes.
    fn write_node<W: Write>(
        &mut self,
        node: &Node,
        goal: u64,
        outer: &mut GzEncoder<Counted<W>>,
    ) -> io::Result<()> {
        for number in 1_u32.. {
            outer.flush()?;
            let left = goal.saturating_sub(outer.get_ref().bytes);
            let room = usize::try_from(left).unwrap_or(usize::MAX).min(self.part_bytes);
            if number > 1 && room < SMALLEST {
                break;
            }
            self.parts += 1;
            let suffix = if number == 1 { String::new() } else { format!("_p{number:02}") };
            let name = format!("{}_{}{suffix}.tgz", node.ne(), stamp(self.dump.capture));
            let own = (number == 1).then_some(node);
            write_file(outer, &name, &self.part(node.ne(), own, room))?;
        }
        Ok(())
    }

    /// One node archive: the node's own entries if given, then filler ECs up to `room` bytes.
    fn part(&self, ne: &str, own: Option<&Node>, room: usize) -> Vec<u8> {
        let capture = self.dump.capture;
        in_memory(PACKED_ALREADY, |out| {
            if let Some(node) = own {
                node.write_entries(capture, out)?;
            }
            for number in 0_u16.. {
                out.flush()?;
                let left = room.saturating_sub(out.get_ref().len());
                if left < SMALLEST {
                    break;
                }
                // Slave shelves, both slots each; the master shelf 81 is left to the node's own ECs.
                let (slot, role) = if number % 2 == 0 { (1, Role::Act) } else { (18, Role::Stdby) };
                let ec = Ec::new(2 + number / 2 % 70, slot, role);
                let seed = u64::from(self.parts) << 16 | u64::from(number);
                let bytes = self.filler_ec(&ec.directory(), left.min(self.part_bytes / 4), seed);
                write_file(out, &ec.file_name(ne, capture), &bytes)?;
            }
            write_end(out)
        })
    }

    /// The archive of an EC that holds logs and core images, of about `room` bytes.
    ///
    /// A file is never larger than the room left, and its compressed form is smaller still: the archive
    /// closes in on its size without passing it by more than headers.
    fn filler_ec(&self, directory: &str, room: usize, seed: u64) -> Vec<u8> {
        in_memory(LOGS, |out| {
            for number in 0_u64.. {
                out.flush()?;
                let left = room.saturating_sub(out.get_ref().len());
                if left < SMALLEST {
                    break;
                }
                let (size, seed) = (left.min(self.part_bytes / 8), seed << 16 | number);
                // Three logs to one image: together they compress about three times.
                if number % 4 == 3 {
                    write_file(out, &format!("{directory}/core/image.{number}"), &noise(size, seed))?;
                } else {
                    write_file(out, &format!("{directory}/log/messages.{number}"), &filler(size, seed))?;
                }
            }
            write_end(out)
        })
    }
}

/// A writer that counts what passes.
struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buf)?;
        self.bytes += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read, Write};

    use flate2::read::MultiGzDecoder;

    use super::{Filling, LargeSummary, write_large};
    use crate::sample::fixtures::capture_on;
    use crate::sample::{Dump, Ec, Node, Role};

    fn two_nodes() -> Dump {
        let node = |ne: &str| {
            Node::new(ne).ec(Ec::new(81, 1, Role::Act).file("cli/CLI_Show_Node.out", "Node Name : A\n"))
        };
        Dump::new("core", capture_on(0)).node(node("HEL-CORE-01")).node(node("TMP-AGG-02"))
    }

    fn written(total: u64) -> (Vec<u8>, LargeSummary) {
        let mut bytes = Vec::new();
        let summary = write_large(&two_nodes(), total, &mut bytes).unwrap();
        assert_eq!(summary.bytes, bytes.len() as u64);
        (bytes, summary)
    }

    fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut archive = tar::Archive::new(MultiGzDecoder::new(bytes));
        let entries = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut body = Vec::new();
            entry.read_to_end(&mut body).unwrap();
            (entry.path().unwrap().display().to_string(), body)
        });
        entries.collect()
    }

    #[test]
    fn the_archive_is_within_five_per_cent_of_the_wanted_size() {
        for total in [300_000_u64, 6_000_000] {
            let (_, summary) = written(total);
            assert!(summary.bytes.abs_diff(total) * 20 <= total, "{summary:?} for {total}");
        }
    }

    #[test]
    fn no_part_outgrows_its_bound_so_memory_does_not_follow_the_total() {
        let (total, part_bytes) = (1_300_000_u64, 512 << 10);
        let mut bytes = Vec::new();
        let filling = Filling { dump: &two_nodes(), part_bytes, parts: 0 };
        let summary = filling.write(total, &mut bytes).unwrap();
        assert!(summary.bytes.abs_diff(total) * 20 <= total, "{summary:?}");
        let parts = entries(&bytes);
        let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "HEL-CORE-01_20250118-031500.tgz",
                "HEL-CORE-01_20250118-031500_p02.tgz",
                "TMP-AGG-02_20250118-031500.tgz",
                "TMP-AGG-02_20250118-031500_p02.tgz"
            ]
        );
        for (name, body) in &parts {
            assert!(body.len() <= part_bytes + part_bytes / 50, "{name} {}", body.len());
        }
    }

    #[test]
    fn the_nodes_own_files_come_first_and_equal_calls_give_equal_bytes() {
        let (bytes, _) = written(300_000);
        assert_eq!(bytes, written(300_000).0);
        let (_, first_node) = entries(&bytes).remove(0);
        let (name, first_ec) = entries(&first_node).remove(0);
        assert_eq!(name, "HEL-CORE-01_ECS81-1_ACT_250118.tgz");
        assert_eq!(entries(&first_ec)[1].1, b"Node Name : A\n");
    }

    #[test]
    fn a_total_below_the_own_files_adds_nothing() {
        let (bytes, summary) = written(0);
        assert_eq!(summary.parts, 2);
        assert_eq!(entries(&entries(&bytes).remove(0).1).len(), 1);
    }

    #[test]
    fn an_error_of_the_target_is_handed_on() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = write_large(&two_nodes(), 100_000, &mut Full).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
