//! `landfall dumps cat`.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use clap::Args;
use landfall_archive::{Flow, Group, GroupReader, Index, Member, MemberKind, PickSink, Wanted};
use landfall_dumps::plugins::Registry;
use plan_archive::Rules;
use serde_json::json;

use super::Context;
use super::archive;
use super::source::Source;
use crate::{Console, Exit, Failure, shown};

/// Names that a wrong one is answered with.
const SHOWN: usize = 10;
/// Bytes that are fetched at once.
const TURN: u64 = 4 << 20;

/// Print any member of an archive, however deeply it is nested.
///
/// A stored archive is not read: its index says which small range of it holds the member. Without an index, and for
/// a local file, the archive is read once to make one. The member's CRC is verified.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  landfall dumps cat 7 --list\n  \
    landfall dumps cat dumps/acme/core/CHG-1/DUMP.tgz 'NODE_1.tgz!/EC_ACT.tgz!/cli/CLI_Show_LSP.out' | less\n  \
    landfall dumps cat dump.tgz CLI_Show_LSP.out -o lsp.txt\n\n\
A member is named by its path with `!/` between the levels, or by any end of that path that no other member has.")]
pub(crate) struct CatMember {
    /// A local file, or an object.
    #[arg(value_name = "FILE|OBJECT")]
    archive: String,
    /// The member.
    #[arg(required_unless_present = "list")]
    member: Option<String>,
    /// List all members instead.
    #[arg(long, conflicts_with = "output")]
    list: bool,
    /// Write to a file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// With --list: print one JSON document.
    #[arg(long, requires = "list")]
    json: bool,
}

impl CatMember {
    pub async fn run(self, context: &Context, console: &mut Console) -> Result<Exit, Failure> {
        let mut source = Source::file_or_object(&self.archive, context).await?;
        let index = index_of(&mut source, context, console).await?;
        let members = index.members().collect::<Result<Vec<Member>, _>>().map_err(unusable)?;
        match &self.member {
            Some(name) if !self.list => {
                let member = find(&members, &source.outer, name)?;
                let mut sink = Output::open(self.output.as_deref(), console)?;
                print(&source, &index, member, &mut sink).await?;
                sink.close()
            }
            _ => list(console, &members, self.json),
        }
    }
}

/// The index that is kept for an object's content, else one that is made by reading the archive.
async fn index_of(source: &mut Source, context: &Context, console: &mut Console) -> Result<Index, Failure> {
    match source.kept_index(context).await {
        Ok(Some(file)) => match Index::parse(file) {
            Ok(index) => return Ok(index),
            Err(error) => console.say(format_args!("the archive is read: {error}")),
        },
        Ok(None) => {}
        Err(failure) => console.say(format_args!("the archive is read: {failure}")),
    }
    let rules = Rules::from_env(&context.env)?;
    let registry: Arc<Registry> = archive::registry()?;
    let passage = archive::pass(source, (&rules, &registry), console).await?;
    let file =
        passage.index.ok_or_else(|| Failure::new(Exit::Unexpected, "the archive has too large an index"))?;
    Index::parse(file).map_err(unusable)
}

fn unusable(error: landfall_archive::IndexError) -> Failure {
    Failure::of(Exit::Unexpected, error)
}

/// The member of that path, or the only one whose path ends so.
fn find<'m>(members: &'m [Member], outer: &str, name: &str) -> Result<&'m Member, Failure> {
    let name = name.strip_prefix(outer).and_then(|rest| rest.strip_prefix("!/")).unwrap_or(name);
    if let Some(member) = members.iter().rev().find(|member| member.chain.joined() == name) {
        return Ok(member);
    }
    let ends_so = |path: &str| path.strip_suffix(name).is_some_and(|before| before.ends_with('/'));
    let found: Vec<&Member> = members.iter().filter(|member| ends_so(&member.chain.joined())).collect();
    match found.as_slice() {
        [member] => Ok(member),
        [] => {
            let text = format!("the archive has no member {name:?}");
            Err(Failure::new(Exit::Arguments, text).advise("`--list` shows what it has"))
        }
        several => {
            let paths: Vec<String> =
                several.iter().take(SHOWN).map(|member| format!("  {}", member.chain.joined())).collect();
            let text = format!("{} members end in {name:?}:\n{}", several.len(), paths.join("\n"));
            Err(Failure::new(Exit::Arguments, text).advise("name one of them by its whole path"))
        }
    }
}

async fn print(
    source: &Source,
    index: &Index,
    member: &Member,
    sink: &mut Output<'_>,
) -> Result<(), Failure> {
    let wanted = Wanted { chain: member.chain.clone(), crc32: member.crc32 };
    let recipe = index.recipe(&[wanted]).map_err(unusable)?;
    for group in &recipe.groups {
        read(source, group, sink).await?;
    }
    Ok(())
}

async fn read(source: &Source, group: &Group, sink: &mut Output<'_>) -> Result<(), Failure> {
    let bad = |error: landfall_archive::SeekError| {
        Failure::of(Exit::Archive, error)
            .while_doing("the member could not be read; what was printed of it is not to be trusted")
    };
    let mut reader = GroupReader::new(group).map_err(bad)?;
    let mut at = group.range.start;
    while at < group.range.end {
        let end = group.range.end.min(at.saturating_add(TURN));
        let block: Bytes = source.read_at(at..end).await?;
        at = end;
        let flow = reader.push(&block, sink).map_err(bad)?;
        sink.check()?;
        if flow == Flow::Stop {
            break;
        }
    }
    reader.finish(sink).map_err(bad)?;
    sink.check()
}

fn list(console: &mut Console, members: &[Member], as_json: bool) -> Result<Exit, Failure> {
    let kind = |member: &Member| match member.kind {
        MemberKind::File => "file",
        MemberKind::Archive => "archive",
    };
    let size = |member: &Member| member.chain.steps.last().map_or(0, |step| step.size);
    if as_json {
        let members = members.iter().map(|member| {
            json!({ "path": member.chain.joined(), "kind": kind(member), "size": size(member),
                "crc32": format!("{:08x}", member.crc32) })
        });
        console.json(&json!({ "members": members.collect::<Vec<_>>() }))?;
        return Ok(Exit::Ok);
    }
    let mut table = console.table(["SIZE", "CRC", "KIND", "MEMBER"]);
    for member in members {
        let crc = format!("{:08x}", member.crc32);
        table.add_row(vec![
            shown::number(size(member)),
            crc.into(),
            kind(member).into(),
            member.chain.joined().into(),
        ]);
    }
    console.show(&table)?;
    Ok(Exit::Ok)
}

/// Where the member goes; the first failure to write ends the reading.
struct Output<'c> {
    file: Option<(PathBuf, std::fs::File)>,
    console: &'c mut Console,
    failed: Option<Failure>,
}

impl<'c> Output<'c> {
    fn open(path: Option<&std::path::Path>, console: &'c mut Console) -> Result<Self, Failure> {
        let create = |path: &std::path::Path| {
            let file = std::fs::File::create(path).map_err(|error| unwritable(path, error))?;
            Ok::<_, Failure>((path.to_owned(), file))
        };
        Ok(Self { file: path.map(create).transpose()?, console, failed: None })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        use std::io::Write;

        match &mut self.file {
            Some((path, file)) => file.write_all(bytes).map_err(|error| unwritable(path, error)),
            None => self.console.bytes(bytes),
        }
    }

    fn check(&mut self) -> Result<(), Failure> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn close(mut self) -> Result<Exit, Failure> {
        self.check()?;
        Ok(Exit::Ok)
    }
}

impl PickSink for Output<'_> {
    fn start(&mut self, _: usize) {}

    fn data(&mut self, _: usize, bytes: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.write(bytes).err();
        }
    }

    fn end(&mut self, _: usize) {}
}

fn unwritable(path: &std::path::Path, error: std::io::Error) -> Failure {
    Failure::of(Exit::Arguments, error).while_doing(format!("cannot write {}", path.display()))
}
