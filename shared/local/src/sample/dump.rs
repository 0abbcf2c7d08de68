//! A whole dump: outer archive, one archive per node, one per EC (dump specification, 2.1).

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use flate2::Compression;

use super::compress::{self, corrupt, encoder, offset_at, truncate};
use super::tarball::{BLOCK, Tar, write_end, write_file};

/// The role of an EC at capture time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The EC that was in charge.
    Act,
    /// The EC that stood by.
    Stdby,
}

impl Role {
    fn tag(self) -> &'static str {
        match self {
            Self::Act => "ACT",
            Self::Stdby => "STDBY",
        }
    }
}

/// What is done to the archive of one EC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// One byte is flipped so that the archive cannot be read past the middle of this file, counted from 0.
    /// With `Ec::wrapped` it is the innermost archive that breaks.
    BreakIn(usize),
    /// One byte is flipped, so many thousandths into the finished archive. In most places this is found by
    /// the checksum only, after all files were read.
    FlipAt(u16),
    /// The finished archive ends after so many thousandths of its bytes.
    CutAt(u16),
}

impl Damage {
    fn apply(self, bytes: Vec<u8>) -> Vec<u8> {
        match self {
            // Done while the archive is made.
            Self::BreakIn(_) => bytes,
            Self::FlipAt(place) => {
                let offset = offset_at(&bytes, place);
                corrupt(bytes, offset)
            }
            Self::CutAt(place) => {
                let len = offset_at(&bytes, place);
                truncate(bytes, len)
            }
        }
    }
}

/// One EC: its shelf, slot and role, and the files in its directory.
#[derive(Debug, Clone)]
pub struct Ec {
    shelf: u16,
    slot: u16,
    role: Option<Role>,
    files: Vec<(String, Vec<u8>)>,
    wrapped: bool,
    damage: Option<Damage>,
}

impl Ec {
    /// An EC with a role, without files.
    pub fn new(shelf: u16, slot: u16, role: Role) -> Self {
        Self { role: Some(role), ..Self::without_role(shelf, slot) }
    }

    /// An EC whose names carry no role.
    pub fn without_role(shelf: u16, slot: u16) -> Self {
        Self { shelf, slot, role: None, files: Vec::new(), wrapped: false, damage: None }
    }

    /// Adds a file. The path is relative to the EC's directory, such as `cli/CLI_Show_Node.out`.
    pub fn file(mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.into(), bytes.into()));
        self
    }

    /// Puts the directory into one more archive, `gmre_dump.tgz` (level 3).
    pub fn wrapped(mut self) -> Self {
        self.wrapped = true;
        self
    }

    /// Damages the finished archive.
    pub fn damage(mut self, damage: Damage) -> Self {
        self.damage = Some(damage);
        self
    }

    /// The directory inside the archive, such as `EC1830-81-1-ACT`.
    pub fn directory(&self) -> String {
        let role = self.role.map(|role| format!("-{}", role.tag())).unwrap_or_default();
        format!("EC1830-{}-{}{role}", self.shelf, self.slot)
    }

    /// The archive's name, such as `HEL-CORE-01_ECS81-1_ACT_250118.tgz`.
    pub fn file_name(&self, ne: &str, capture: DateTime<Utc>) -> String {
        let role = self.role.map(|role| format!("_{}", role.tag())).unwrap_or_default();
        format!("{ne}_ECS{}-{}{role}_{}.tgz", self.shelf, self.slot, capture.format("%y%m%d"))
    }

    /// The archive's bytes.
    pub fn build(&self) -> Vec<u8> {
        let directory = self.directory();
        let mut tar = Tar::new().dir(&directory);
        let mut break_at = None;
        for (number, (path, bytes)) in self.files.iter().enumerate() {
            if self.damage == Some(Damage::BreakIn(number)) {
                break_at = Some(tar.written() + BLOCK + bytes.len() / 2);
            }
            tar = tar.file(&format!("{directory}/{path}"), bytes);
        }
        let tar = tar.build();
        let mut archive = break_at.map_or_else(|| compress::gzip(&tar), |at| compress::broken_gzip(&tar, at));
        if self.wrapped {
            archive = compress::gzip(&Tar::new().file("gmre_dump.tgz", &archive).build());
        }
        match self.damage {
            Some(damage) => damage.apply(archive),
            None => archive,
        }
    }
}

/// One network element: its ECs and any further files of its archive.
#[derive(Debug, Clone)]
pub struct Node {
    ne: String,
    ecs: Vec<Ec>,
    files: Vec<(String, Vec<u8>)>,
}

impl Node {
    /// A node without ECs, named as in archive names.
    pub fn new(ne: impl Into<String>) -> Self {
        Self { ne: ne.into(), ecs: Vec::new(), files: Vec::new() }
    }

    /// Adds an EC.
    pub fn ec(mut self, ec: Ec) -> Self {
        self.ecs.push(ec);
        self
    }

    /// Adds a file of the node's archive itself; it follows the ECs.
    pub fn file(mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.into(), bytes.into()));
        self
    }

    /// The name of the element.
    pub fn ne(&self) -> &str {
        &self.ne
    }

    /// The archive's name, such as `HEL-CORE-01_20250118-031500.tgz`.
    pub fn file_name(&self, capture: DateTime<Utc>) -> String {
        format!("{}_{}.tgz", self.ne, stamp(capture))
    }

    /// The archive's bytes.
    pub fn build(&self, capture: DateTime<Utc>) -> Vec<u8> {
        compress::in_memory(Compression::default(), |out| {
            self.write_entries(capture, out)?;
            write_end(out)
        })
    }

    /// Writes all entries of the archive, without its end.
    pub(super) fn write_entries(&self, capture: DateTime<Utc>, out: &mut impl Write) -> io::Result<()> {
        for ec in &self.ecs {
            write_file(out, &ec.file_name(&self.ne, capture), &ec.build())?;
        }
        self.files.iter().try_for_each(|(path, bytes)| write_file(out, path, bytes))
    }
}

/// A dump of one network at one time.
#[derive(Debug, Clone)]
pub struct Dump {
    network: String,
    pub(super) capture: DateTime<Utc>,
    pub(super) nodes: Vec<Node>,
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl Dump {
    /// A dump without nodes. The network's name and the time go into its file name.
    pub fn new(network: impl Into<String>, capture: DateTime<Utc>) -> Self {
        Self { network: network.into(), capture, nodes: Vec::new(), files: Vec::new() }
    }

    /// Adds a node.
    pub fn node(mut self, node: Node) -> Self {
        self.nodes.push(node);
        self
    }

    /// Adds a file of the outer archive itself; it precedes the nodes.
    pub fn file(mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.into(), bytes.into()));
        self
    }

    /// The name of the outer archive, such as `GMRE_DUMP_CORE_20250118-031500.tgz`.
    pub fn file_name(&self) -> String {
        format!("GMRE_DUMP_{}_{}.tgz", self.network.to_uppercase(), stamp(self.capture))
    }

    /// The bytes of the outer archive.
    pub fn build(&self) -> Vec<u8> {
        compress::in_memory(Compression::default(), |out| self.write_tar(out))
    }

    /// Writes the outer archive; at most one node's archive is in memory at a time.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        let mut packed = encoder(out, Compression::default());
        self.write_tar(&mut packed)?;
        packed.finish()?.flush()
    }

    fn write_tar(&self, out: &mut impl Write) -> io::Result<()> {
        for (path, bytes) in &self.files {
            write_file(out, path, bytes)?;
        }
        for node in &self.nodes {
            write_file(out, &node.file_name(self.capture), &node.build(self.capture))?;
        }
        write_end(out)
    }
}

/// A time as names carry it: `20250118-031500` (form F1 of the dump specification, 2.7).
pub(super) fn stamp(capture: DateTime<Utc>) -> String {
    capture.format("%Y%m%d-%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::MultiGzDecoder;

    use super::{Damage, Dump, Ec, Node, Role};
    use crate::sample::fixtures::capture_on;

    fn small() -> Dump {
        let ec = Ec::new(81, 1, Role::Act).file("cli/CLI_Show_Node.out", "Node Name : A\n");
        let twin = Ec::without_role(2, 18).file("log/x", "x").wrapped();
        Dump::new("core", capture_on(0)).file("README", "r").node(Node::new("HEL-CORE-01").ec(ec).ec(twin))
    }

    /// All chain paths of an archive, opened as far as they are gzip.
    fn paths(prefix: &str, bytes: &[u8], found: &mut Vec<String>) {
        let mut archive = tar::Archive::new(MultiGzDecoder::new(bytes));
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = format!("{prefix}{}", String::from_utf8(entry.path_bytes().into_owned()).unwrap());
            let mut body = Vec::new();
            entry.read_to_end(&mut body).unwrap();
            if body.starts_with(&[0x1f, 0x8b]) {
                paths(&format!("{path}!/"), &body, found);
            } else {
                found.push(path);
            }
        }
    }

    #[test]
    fn levels_and_names_follow_the_layout() {
        let dump = small();
        let mut found = Vec::new();
        paths(&format!("{}!/", dump.file_name()), &dump.build(), &mut found);
        insta::assert_snapshot!(found.join("\n"), @"
        GMRE_DUMP_CORE_20250118-031500.tgz!/README
        GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250118.tgz!/EC1830-81-1-ACT/
        GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_20250118-031500.tgz!/HEL-CORE-01_ECS81-1_ACT_250118.tgz!/EC1830-81-1-ACT/cli/CLI_Show_Node.out
        GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_20250118-031500.tgz!/HEL-CORE-01_ECS2-18_250118.tgz!/gmre_dump.tgz!/EC1830-2-18/
        GMRE_DUMP_CORE_20250118-031500.tgz!/HEL-CORE-01_20250118-031500.tgz!/HEL-CORE-01_ECS2-18_250118.tgz!/gmre_dump.tgz!/EC1830-2-18/log/x
        ");
    }

    #[test]
    fn writing_to_a_stream_gives_the_same_bytes() {
        let mut streamed = Vec::new();
        small().write_to(&mut streamed).unwrap();
        assert_eq!(streamed, small().build());
    }

    #[test]
    fn damage_changes_the_archive_of_its_ec() {
        let ec = Ec::new(81, 1, Role::Act).file("a", "abc");
        let whole = ec.build();
        let cut = ec.clone().damage(Damage::CutAt(500)).build();
        assert_eq!(cut, whole[..whole.len() / 2]);
        let flipped = ec.damage(Damage::FlipAt(500)).build();
        let changed: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != flipped[*at]).collect();
        assert_eq!(changed, [whole.len() / 2]);
    }
}
